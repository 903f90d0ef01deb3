"""What texts of the register say for other tables: agreement dates and financial arrangements.

A figure on a sheet of its own precedes a reading of text, and where the two contradict each other both cells are named.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from tipstaff.facts.bounds import Bounds
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Fact, Kind, Shape, Vocabulary
from tipstaff.register.agreement_dates import AgreementDates, AgreementDatesReader
from tipstaff.register.financial_arrangements import FinancialArrangementsReader
from tipstaff.register.headings import spellings_of
from tipstaff.register.model import Rows
from tipstaff.register.problems import Problems
from tipstaff.register.tables import Spot, append_row, rows_by_partnership, state, stated

Values = tuple[Any, ...]


def read_texts(
    tables: Mapping[str, Rows], vocabulary: Vocabulary, spot: Callable[[int, str], Spot], problems: Problems
) -> None:
    """Fill the tables from the texts of the register. ``spot`` gives the place of a partnership's fact."""
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
            if table is not None:
                texts = {row: text for row, text in enumerate(rows.columns[fact.name]) if text is not None}
                read(texts, fact, tables[table.name], vocabulary, spot, problems)


def _agreements(
    texts: Mapping[int, str],
    fact: Fact,
    rows: Rows,
    vocabulary: Vocabulary,
    spot: Callable[[int, str], Spot],
    problems: Problems,
) -> None:
    form = rows.table.facts.get("form")
    forms = spellings_of(form.choices) if form is not None else {}
    on_sheet = rows_by_partnership(rows)
    reader = AgreementDatesReader(forms)
    read = {text: reader.read(text) for text in dict.fromkeys(texts.values())}
    for partnership, text in texts.items():
        reading, at = read[text], spot(partnership, fact.name)
        if reading.unread:
            _unread(problems, at, reading.unread, f"{fact.label} such as 1 April 2014 to 31 March 2017")
        said = {name: values for name, values in _agreement_facts(reading).items() if name in rows.table.facts}
        own = on_sheet.get(partnership, [])
        if not said:
            continue
        if not own:
            own = [append_row(rows, partnership, at, at.letter)]
            _fill(rows, own[0], said, vocabulary)
            continue
        contradicted = [_contradicted(rows, index, said, vocabulary) for index in own]
        if all(contradicted):
            cell = rows.cell(own[0], contradicted[0])
            label = rows.table.facts[contradicted[0]].label
            problems.at(
                at.title, at.number, at.letter, text, f"the {label} at {cell}, which is followed", serious=False
            )
        elif len(own) == 1:
            for name in _fill(rows, own[0], said, vocabulary):
                rows.cells[own[0], name] = at.place


def _agreement_facts(reading: AgreementDates) -> dict[str, Values]:
    """What a reading states, by the names of the facts."""
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


def _finances(
    texts: Mapping[int, str],
    fact: Fact,
    rows: Rows,
    vocabulary: Vocabulary,
    spot: Callable[[int, str], Spot],
    problems: Problems,
) -> None:
    names = {council.key: council.name for council in vocabulary.councils}
    on_sheet = rows_by_partnership(rows)
    reader = FinancialArrangementsReader(vocabulary.councils, vocabulary.both)
    read = {text: reader.read(text) for text in dict.fromkeys(texts.values())}
    for partnership, text in texts.items():
        reading, at = read[text], spot(partnership, fact.name)
        if reading.unread:
            _unread(problems, at, reading.unread, f"{fact.label} such as £12,000 pa + officer time 2 days/month")
        followed: dict[str, None] = {}
        for entry in reading.entries:
            index = append_row(rows, partnership, at, at.letter, entry.council, entry.year)
            said: dict[str, Any] = {
                "council": names[entry.council] if entry.council is not None else None,
                "year": str(FinancialYear(entry.year)) if entry.year is not None else None,
                "direct_funding": entry.direct_funding,
                "officer_days": entry.officer_days,
                "officer_cost": entry.officer_cost,
            }
            for name, value in said.items():
                if value is None or name not in rows.table.facts:
                    continue
                state(rows, index, rows.table.facts[name], _physical(value), vocabulary)
                if isinstance(value, Bounds):
                    figures = [
                        row
                        for row in on_sheet.get(partnership, [])
                        if None in (rows.council[row], entry.council) or rows.council[row] == entry.council
                    ]
                    for cell in _contradicting(rows, figures, rows.table.facts[name], value, vocabulary):
                        followed[f"the {rows.table.facts[name].label} at {cell}, which is followed for its year"] = None
        for expected in followed:
            problems.at(at.title, at.number, at.letter, text, expected, serious=False)


def _contradicting(
    rows: Rows, figures: Sequence[int], fact: Fact, value: Bounds[int], vocabulary: Vocabulary
) -> list[str]:
    """The cells of the sheet that state another figure than a text does."""
    known = {row: stated(rows, row, fact, vocabulary) for row in figures}
    return [rows.cell(row, fact.name) for row, own in known.items() if own is not None and own != _physical(value)]


def _physical(value: Any) -> Values:
    return (value.lo, value.hi) if isinstance(value, Bounds) else (value,)


def _unread(problems: Problems, at: Spot, unread: str, expected: str) -> None:
    problems.at(at.title, at.number, at.letter, unread, f"{expected}: this part is not read, and counts as unknown")
