"""The keys of rows by council and financial year, and of rows by cycle."""

from dataclasses import dataclass

from tipstaff.facts.periods import read_financial_year
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Vocabulary
from tipstaff.register.files.sheet import Raw
from tipstaff.register.tables.cells import Misfit, Reading, councils_named, plain_text
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.rows import Block, report
from tipstaff.register.texts.answer_words import is_unknown


@dataclass(frozen=True, slots=True)
class Line:
    """A council's line of a year. None is what is not tied to one council, and a yearly rate of no certain year."""

    council: str | None = None
    """The council's key."""
    year: int | None = None
    """The start of the financial year."""


NO_LINE = Line()
"""The line of what is not held by council and year."""


def lines_of(block: Block, vocabulary: Vocabulary, problems: Problems) -> list[Line | None]:
    """The line of each row of a block; None, with a problem, where one is not certain."""
    council_cells, year_cells = block.cells("council"), block.cells("year")
    councils = [council_of(plain_text(cell), vocabulary) for cell in council_cells.values]
    years = list(map(year_of, year_cells.values))
    pairs = list(zip(council_cells.codes, year_cells.codes, strict=True))
    lines: dict[tuple[int, int], Line | None] = {}
    misfits: dict[tuple[int, int], tuple[Misfit | None, Misfit | None]] = {}
    for pair in dict.fromkeys(pairs):
        (council, council_misfit), (year, year_misfit) = councils[pair[0]], years[pair[1]]
        certain = year_misfit is None and (council_misfit is None or not council_misfit.serious)
        lines[pair] = Line(council, year) if certain else None
        if council_misfit is not None or year_misfit is not None:
            misfits[pair] = council_misfit, year_misfit
    if misfits:
        for index, pair in enumerate(pairs):
            for fact, misfit in zip(("council", "year"), misfits.get(pair, ()), strict=False):
                report(problems, block.spot(index, fact), Reading((), misfit))
    return list(map(lines.__getitem__, pairs))


def cycles_of(block: Block, problems: Problems) -> list[int | None]:
    """The cycle of each row of a block, by the start of its year; None, with a problem, if it is not certain."""
    cells = block.cells("cycle")
    years = list(map(year_of, cells.values))
    blank = Misfit("", "a cycle such as 2016/17; the row is not used")
    misfits = {code: misfit or blank for code, (year, misfit) in enumerate(years) if year is None}
    if misfits:
        for index, code in enumerate(cells.codes):
            if code in misfits:
                report(problems, block.spot(index, "cycle"), Reading((), misfits[code]))
    return [years[code][0] for code in cells.codes]


def council_of(text: str | None, vocabulary: Vocabulary) -> tuple[str | None, Misfit | None]:
    """The key of the council a cell names; None if it is blank or names all. Another name is a serious misfit."""
    if text is not None and (is_unknown(text) or normal(text) in map(normal, vocabulary.both)):
        return None, None
    named = councils_named(text or "", vocabulary)
    if len(named) == 1:
        council = next(council for council in vocabulary.councils if council.key in named)
        exact = normal(text or "") in map(normal, council.spellings)
        return council.key, None if exact else Misfit(text, f"council: read as {council.name}", serious=False)
    if named and len(named) == len(vocabulary.councils):
        return None, None
    names = ", ".join(council.name for council in vocabulary.councils)
    return None, Misfit(text, f"council: one of {names}; the row is not used")


def year_of(raw: Raw) -> tuple[int | None, Misfit | None]:
    """The start of the financial year a cell names; None if it is blank.

    A plain "2016" may mean either of two financial years, and is a misfit as any other text is.
    """
    text = plain_text(raw)
    if text == "":
        return None, None
    year = read_financial_year(text) if isinstance(raw, str) and text else None
    if year is None:
        return None, Misfit(raw if text is None else text, "a financial year such as 2016/17; the row is not used")
    return year.start, None
