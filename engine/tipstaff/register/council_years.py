"""The keys of rows by council and financial year, and of rows by cycle."""

from collections.abc import Iterator
from dataclasses import dataclass

from tipstaff.facts.periods import read_financial_year
from tipstaff.facts.vocabulary import Vocabulary, normal
from tipstaff.register.cells import Misfit, Reading, councils_named, plain_text
from tipstaff.register.problems import Problems
from tipstaff.register.sheet import Raw
from tipstaff.register.tables import Block, report
from tipstaff.register.words import is_unknown


@dataclass(frozen=True, slots=True)
class Line:
    """A council's line of a year. None is what is not tied to one council, and a yearly rate of no certain year."""

    council: str | None = None
    """The council's key."""
    year: int | None = None
    """The start of the financial year."""


NO_LINE = Line()
"""The line of what is not held by council and year."""


def lines_of(block: Block, vocabulary: Vocabulary, problems: Problems) -> Iterator[Line | None]:
    """The line of each row of a block, as it is asked for; None, with a problem, where one is not certain."""
    councils: dict[str | None, tuple[str | None, Misfit | None]] = {}
    for index, (council_cell, year_cell) in enumerate(zip(block.values("council"), block.values("year"), strict=True)):
        text = plain_text(council_cell)
        if text not in councils:
            councils[text] = council_of(text, vocabulary)
        council, council_misfit = councils[text]
        year, year_misfit = year_of(year_cell)
        report(problems, block.spot(index, "council"), Reading((), council_misfit))
        report(problems, block.spot(index, "year"), Reading((), year_misfit))
        certain = year_misfit is None and (council_misfit is None or not council_misfit.serious)
        yield Line(council, year) if certain else None


def cycles_of(block: Block, problems: Problems) -> Iterator[int | None]:
    """The cycle of each row of a block, by the start of its year; None, with a problem, where it is not certain."""
    for index, cell in enumerate(block.values("cycle")):
        year, misfit = year_of(cell)
        if year is None and misfit is None:
            misfit = Misfit("", "a cycle such as 2016/17; the row is not used")
        report(problems, block.spot(index, "cycle"), Reading((), misfit))
        yield year


def council_of(text: str | None, vocabulary: Vocabulary) -> tuple[str | None, Misfit | None]:
    """The key of the council a cell names; None where it is blank or names all. Another name is a serious misfit."""
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
    """The start of the financial year a cell names; None where it is blank.

    A plain "2016" may mean either of two financial years, and is a misfit as any other text is.
    """
    text = plain_text(raw)
    if text == "":
        return None, None
    year = read_financial_year(text) if isinstance(raw, str) and text else None
    if year is None:
        return None, Misfit(raw if text is None else text, "a financial year such as 2016/17; the row is not used")
    return year.start, None
