"""Headings: which row of a sheet heads its columns, and which column states which fact."""

import re
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Fact, Shape, Table, Term, Vocabulary
from tipstaff.register.files.sheet import Raw, Sheet, is_blank
from tipstaff.register.tables.problems import Problems

JOIN_FACTS = ("ref", "name")
"""The facts of the register by which the rows of other tables name their partnership."""

BESIDE_ANSWERS = ("Question no.", "Severity", "Lead officer", "Question in plain words", "Allowed answers", "Why asked")
"""The columns of a sheet of answers that are there for people to read."""

_BESIDE_ANSWERS = frozenset(map(normal, BESIDE_ANSWERS))

_CLOSE = 88
_DIGITS = re.compile(r"[0-9]+")
_LONGEST_HEADING = 100
_ROWS_SEARCHED = 30
_MOST_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class Header:
    """The heading row of a sheet: its position, and the position of the column of each fact."""

    row: int
    columns: Mapping[str, int]


def close_spelling(text: str, spellings: Mapping[str, str]) -> str | None:
    """Return the meaning of the closest known spelling, or None if there is none or it is ambiguous.

    ``text`` and the keys of ``spellings`` are spelt as ``normal`` spells them.
    """
    extracted = process.extract(text, spellings.keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE, limit=None)
    close = [(spelling, score) for spelling, score, _ in extracted if _may_mean(text, spelling)]
    best = {spellings[spelling] for spelling, score in close if score == close[0][1]}
    return best.pop() if len(best) == 1 else None


def _may_mean(text: str, spelling: str) -> bool:
    """Whether a slip may turn one into the other: another first letter (insignificant) or number is another word."""
    return text[0] == spelling[0] and _DIGITS.findall(text) == _DIGITS.findall(spelling)


def spellings_of(terms: Iterable[Term]) -> dict[str, str]:
    """The names of terms by their ``normal`` spellings."""
    return {normal(spelling): term.name for term in reversed(tuple(terms)) for spelling in term.spellings}


def heading_spellings(table: Table, vocabulary: Vocabulary) -> dict[str, str]:
    """The names of the facts that a sheet of ``table`` may state, by the ``normal`` spellings of their headings.

    Sheets other than the register's also name their partnership. Headings precede aliases where spellings meet.
    """
    facts = [fact for fact in table.facts.values() if fact.heading]
    register = vocabulary.table_of_shape(Shape.REGISTER)
    if register is not None and table is not register:
        facts += [register.facts[name] for name in JOIN_FACTS if name in register.facts and name not in table.facts]
    return fact_spellings(facts)


def fact_spellings(facts: Iterable[Fact]) -> dict[str, str]:
    """The names of facts by the ``normal`` spellings of their headings; headings precede aliases."""
    stated = tuple(facts)
    found: dict[str, str] = {}
    for spell in (lambda fact: (fact.heading, fact.name), lambda fact: fact.aliases):
        for fact in stated:
            for spelling in spell(fact):
                found.setdefault(normal(spelling), fact.name)
    return found


def find_header(sheet: Sheet, table: Table, vocabulary: Vocabulary) -> Header | None:
    """The row among the first that states most facts of ``table``; None if no row could head such a table.

    A heading row names the partnership, by name or reference, and states at least one other fact.
    """
    return header_among(sheet, heading_spellings(table, vocabulary), _heads_partnerships)


def header_among(
    sheet: Sheet, spellings: Mapping[str, str], recognised: Callable[[Set[str]], bool], *, close: bool = True
) -> Header | None:
    """The row among the first that states most facts, of those whose facts are ``recognised`` as a heading row's.

    ``close``: whether a heading may also be spelt closely.
    """
    best: Header | None = None
    for row in range(min(_ROWS_SEARCHED, len(sheet.rows))):
        claims = _claims(sheet.rows[row], spellings, close=close)
        columns = {fact: claimants[0] for fact, claimants in claims.items()}
        if recognised(columns.keys()) and (best is None or len(columns) > len(best.columns)):
            best = Header(row, columns)
    return best


def _heads_partnerships(facts: Set[str]) -> bool:
    return not facts.isdisjoint(JOIN_FACTS) and not facts <= set(JOIN_FACTS)


def report_headings(sheet: Sheet, header: Header, table: Table, vocabulary: Vocabulary, problems: Problems) -> None:
    """Say which headings were matched by close spelling, which columns were not read, and why.

    Columns that are shown beside answers for people to read are not reported as unread.
    """
    facts: dict[str, Fact] = {}
    for each in (vocabulary.table_of_shape(Shape.REGISTER), table):
        facts |= each.facts if each is not None else {}
    for column, heading in report_matched(sheet, header, heading_spellings(table, vocabulary), facts, problems):
        if table.shape is Shape.LONG and _spelling(heading) in _BESIDE_ANSWERS:
            continue
        expected = "a heading that is known: this column is not read"
        problems.at(sheet.title, sheet.first + header.row, sheet.letter(column), heading, expected, serious=False)


def report_matched(
    sheet: Sheet,
    header: Header,
    spellings: Mapping[str, str],
    facts: Mapping[str, Fact],
    problems: Problems,
    *,
    close: bool = True,
) -> list[tuple[int, Raw]]:
    """Say which headings were matched by close spelling, and which columns no heading or another column left unread.

    Returns the columns whose headings are not known, by position, with the headings.
    """
    number, cells = sheet.first + header.row, sheet.rows[header.row]
    fact_of = {column: fact for fact, column in header.columns.items()}
    rivals = {
        column: fact for fact, columns in _claims(cells, spellings, close=close).items() for column in columns[1:]
    }
    width = sheet.width(header.row)
    unknown: list[tuple[int, Raw]] = []
    if width > _MOST_COLUMNS:
        expected = f"no more than {_MOST_COLUMNS:,} columns: those beyond are not read"
        problems.at(sheet.title, number, sheet.letter(_MOST_COLUMNS), f"{width:,} columns", expected)
    for column in range(min(width, _MOST_COLUMNS)):
        heading = cells[column] if column < len(cells) else ""
        letter = sheet.letter(column)
        if column in rivals:
            fact = facts[rivals[column]]
            other = sheet.place(header.row, header.columns[fact.name])
            problems.at(
                sheet.title, number, letter, heading,
                f"one column for {fact.label}: the one at {other} is read, this one is not",
            )  # fmt: skip
        elif column in fact_of:
            if _spelling(heading) not in spellings:
                meant = facts[fact_of[column]].heading
                problems.at(sheet.title, number, letter, heading, f'read as the heading "{meant}"', serious=False)
        elif not is_blank(heading):
            unknown.append((column, heading))
        elif any(not is_blank(cell) for cell in sheet.column(column).under(header.row)):
            problems.at(
                sheet.title, number, letter, "", "a heading: this column holds values, and is not read", serious=False
            )
    return unknown


def _claims(cells: list[Raw], spellings: Mapping[str, str], *, close: bool) -> dict[str, list[int]]:
    """The columns that claim each fact: those spelt exactly, then, at wish, those spelt closely."""
    exact: dict[str, list[int]] = {}
    near: dict[str, list[int]] = {}
    for column, cell in enumerate(cells[:_MOST_COLUMNS]):
        spelling = _spelling(cell)
        if not spelling:
            continue
        if spelling in spellings:
            exact.setdefault(spellings[spelling], []).append(column)
        elif close and (fact := close_spelling(spelling, spellings)) is not None:
            near.setdefault(fact, []).append(column)
    return {fact: exact.get(fact, []) + near.get(fact, []) for fact in {**exact, **near}}


def _spelling(cell: Raw) -> str:
    """The ``normal`` spelling of what may be a heading, else nothing."""
    return normal(cell) if isinstance(cell, str) and len(cell) <= _LONGEST_HEADING else ""
