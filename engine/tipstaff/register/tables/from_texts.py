"""Texts of the register that state facts of other tables: agreement dates and financial arrangements.

A figure on a sheet of its own precedes a reading of text, and where the two contradict each other both cells are named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tipstaff.facts.bounds import Bounds
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Fact, Kind, Shape, Vocabulary
from tipstaff.register.tables.cells import physical_columns
from tipstaff.register.tables.headings import spellings_of
from tipstaff.register.tables.model import Rows
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.rows import Spot, put_in_lists, rows_by_partnership, state, stated
from tipstaff.register.texts.agreement_dates import AgreementDates, AgreementDatesReader
from tipstaff.register.texts.financial_arrangements import Contribution, FinancialArrangementsReader

Values = tuple[Any, ...]

_FIGURES = dict.fromkeys(("direct_funding", "officer_days", "officer_cost")).keys()


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts that a fact of the register states, by partnership, and their places."""

    fact: Fact
    texts: Mapping[int, str]
    titles: Sequence[str]
    numbers: Sequence[int]
    letters: Sequence[str]

    def spot(self, partnership: int) -> Spot:
        return Spot(self.titles[partnership], self.numbers[partnership], self.letters[partnership])

    def unread(self, problems: Problems, partnership: int, unread: str, expected: str) -> None:
        """Say that part of a text is not read."""
        self.say(problems, partnership, unread, f"{expected}: this part is not read, and counts as unknown")

    def say(self, problems: Problems, partnership: int, text: str, expected: str, *, serious: bool = True) -> None:
        """Add a problem at the cell of a text."""
        at = self.spot(partnership)
        problems.at(at.title, at.number, at.letter, text, expected, serious=serious)

    def append(self, rows: Rows, partnerships: Sequence[int], columns: Mapping[str, Sequence[Any]]) -> None:
        """Append rows that rest on the cells of these partnerships' texts; a fact that no column states is unknown."""
        for name, values in rows.columns.items():
            values.extend(columns[name] if name in columns else [None] * len(partnerships))
        rows.partnership.extend(partnerships)
        rows.sheet.extend(map(self.titles.__getitem__, partnerships))
        rows.row.extend(map(self.numbers.__getitem__, partnerships))
        rows.letter.extend(map(self.letters.__getitem__, partnerships))


def read_texts(
    tables: Mapping[str, Rows],
    vocabulary: Vocabulary,
    answered: Mapping[tuple[int, str], Spot],
    problems: Problems,
    *,
    answers_alone: bool = False,
) -> None:
    """Fill the tables from the texts of the register, or, at wish, from those alone that answers state.

    ``answered`` has the places of these.
    """
    readers = {
        "agreement dates": (Shape.CURRENT, _agreements),
        "financial arrangements": (Shape.COUNCIL_YEAR, _finances),
    }
    for rows in list(tables.values()):
        for fact in rows.table.facts.values():
            if not fact.reads or rows.table.shape is not Shape.REGISTER:
                continue
            shape, read = readers[fact.reads]
            table = vocabulary.table_of_shape(shape)
            if answers_alone:
                texts = {row: rows.columns[fact.name][row] for row, name in sorted(answered) if name == fact.name}
            else:
                texts = dict(enumerate(rows.columns[fact.name]))
            texts = {row: text for row, text in texts.items() if text is not None}
            if table is not None and texts:
                put_in_lists(tables[table.name])
                read(_located(texts, rows, fact, answered), tables[table.name], vocabulary, problems)


def _located(texts: Mapping[int, str], register: Rows, fact: Fact, answered: Mapping[tuple[int, str], Spot]) -> _Texts:
    titles, numbers = list(register.sheet), list(register.row)
    letter_of = {title: register.letters.get((title, fact.name), "") for title in dict.fromkeys(titles)}
    letters = list(map(letter_of.__getitem__, titles))
    for (row, name), spot in answered.items():
        if name == fact.name:
            titles[row], numbers[row], letters[row] = spot.title, spot.number, spot.letter
    return _Texts(fact, texts, titles, numbers, letters)


def _agreements(texts: _Texts, rows: Rows, vocabulary: Vocabulary, problems: Problems) -> None:
    form = rows.table.facts.get("form")
    reader = AgreementDatesReader(spellings_of(form.choices) if form is not None else {})
    readings = {text: reader.read(text) for text in dict.fromkeys(texts.texts.values())}
    said_by = {
        text: {name: values for name, values in _agreement_facts(reading).items() if name in rows.table.facts}
        for text, reading in readings.items()
    }
    on_sheet = rows_by_partnership(rows)
    alone: list[int] = []
    for partnership, text in texts.texts.items():
        if unread := readings[text].unread:
            texts.unread(problems, partnership, unread, f"{texts.fact.label} such as 1 April 2014 to 31 March 2017")
        said = said_by[text]
        own = on_sheet.get(partnership, [])
        if not said:
            continue
        if not own:
            alone.append(partnership)
            continue
        contradicted = [_contradicted(rows, index, said, vocabulary) for index in own]
        if all(contradicted):
            cell = rows.cell(own[0], contradicted[0])
            label = rows.table.facts[contradicted[0]].label
            texts.say(problems, partnership, text, f"the {label} at {cell}, which is followed", serious=False)
        elif len(own) == 1:
            for name in _fill(rows, own[0], said, vocabulary):
                rows.cells[own[0], name] = texts.spot(partnership).place
    written = list(map(texts.texts.__getitem__, alone))
    columns: dict[str, list[Any]] = {}
    for name in dict.fromkeys(name for said in said_by.values() for name in said):
        physical = physical_columns(rows.table.facts[name], vocabulary)
        blank: Values = (None,) * len(physical)
        for place, column in enumerate(physical):
            value_of = {text: said.get(name, blank)[place] for text, said in said_by.items()}
            columns[column] = list(map(value_of.__getitem__, written))
    texts.append(rows, alone, columns)


def _agreement_facts(reading: AgreementDates) -> dict[str, Values]:
    """The values that a reading states, by the names of the facts."""
    values: dict[str, Any] = {
        "agreement_recorded": reading.recorded,
        "agreement_start": reading.start,
        "agreement_end": reading.end,
        "end_date_stated": reading.end_stated,
        "form": reading.form,
    }
    return {name: _physical(value) for name, value in values.items() if value is not None}


def _contradicted(rows: Rows, index: int, said: Mapping[str, Values], vocabulary: Vocabulary) -> str:
    """The name of the first fact of a row that contradicts what a text says; empty where none does."""
    names = {*said, "agreement_start", "agreement_end", "form"} & rows.table.facts.keys()
    known = {name: stated(rows, index, rows.table.facts[name], vocabulary) for name in names}
    for name, values in said.items():
        fact, own = rows.table.facts[name], known[name]
        if own is not None and (_apart(values, own) if fact.kind is Kind.DATE else values != own):
            return name
    start = known.get("agreement_start") or said.get("agreement_start")
    end = known.get("agreement_end") or said.get("agreement_end")
    if start and end and end[1] < start[0]:
        return "agreement_end" if known.get("agreement_end") else "agreement_start"
    if said.get("agreement_recorded") == (False,):
        return next((name for name in ("agreement_start", "agreement_end", "form") if known.get(name)), "")
    return ""


def _apart(one: tuple[date, date], other: tuple[date, date]) -> bool:
    return one[1] < other[0] or other[1] < one[0]


def _fill(rows: Rows, index: int, said: Mapping[str, Values], vocabulary: Vocabulary) -> list[str]:
    """State in a row what it leaves blank, and return the names of the facts stated."""
    filled = [name for name in said if stated(rows, index, rows.table.facts[name], vocabulary) is None]
    for name in filled:
        state(rows, index, rows.table.facts[name], said[name], vocabulary)
    return filled


def _finances(texts: _Texts, rows: Rows, vocabulary: Vocabulary, problems: Problems) -> None:
    reader = FinancialArrangementsReader(vocabulary.councils, vocabulary.both)
    readings = {text: reader.read(text) for text in dict.fromkeys(texts.texts.values())}
    on_sheet = rows_by_partnership(rows)
    appended: list[int] = []
    entries: list[Contribution] = []
    for partnership, text in texts.texts.items():
        reading = readings[text]
        if reading.unread:
            expected = f"{texts.fact.label} such as £12,000 pa + officer time 2 days/month"
            texts.unread(problems, partnership, reading.unread, expected)
        appended += [partnership] * len(reading.entries)
        entries += reading.entries
        if partnership in on_sheet:
            for expected in _contradicting(rows, on_sheet[partnership], reading.entries):
                texts.say(problems, partnership, text, expected, serious=False)
    councils, *all_figures, years = zip(*entries, strict=True) if entries else [()] * len(Contribution._fields)
    names = {None: None} | {council.key: council.name for council in vocabulary.councils}
    called = {year: None if year is None else str(FinancialYear(year)) for year in {*years}}
    columns = {"council": list(map(names.get, councils)), "year": list(map(called.get, years))}
    for name, figures in zip(_FIGURES, all_figures, strict=True):
        if not any(figures):
            continue
        columns[f"{name}_lo"] = [None if figure is None else figure.lo for figure in figures]
        columns[f"{name}_hi"] = [None if figure is None else figure.hi for figure in figures]
    texts.append(rows, appended, columns)
    rows.council.extend(councils)
    rows.year.extend(years)


def _contradicting(rows: Rows, figures: Sequence[int], entries: Iterable[Contribution]) -> list[str]:
    """The place to follow instead of a text, if these rows of the sheet state another figure."""
    followed: dict[str, None] = {}
    for entry in entries:
        for name in _FIGURES & rows.table.facts.keys():
            value: Bounds[int] | None = getattr(entry, name)
            if value is None:
                continue
            least, most = rows.columns[f"{name}_lo"], rows.columns[f"{name}_hi"]
            for row in figures:
                own = least[row], most[row]
                concerned = None in (rows.council[row], entry.council) or rows.council[row] == entry.council
                if concerned and own != (None, None) and own != (value.lo, value.hi):
                    label = rows.table.facts[name].label
                    followed[f"the {label} at {rows.cell(row, name)}, which is followed for its year"] = None
    return list(followed)


def _physical(value: Any) -> Values:
    return (value.lo, value.hi) if isinstance(value, Bounds) else (value,)
