"""Answers: a table in long form, of which each row states one fact of one partnership."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Fact, Shape, Table, Vocabulary
from tipstaff.register.files.sheet import Raw
from tipstaff.register.tables.cells import CellReader, plain_text
from tipstaff.register.tables.headings import JOIN_FACTS, close_spelling
from tipstaff.register.tables.model import Rows
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.references import Partnerships
from tipstaff.register.tables.row_keys import Line, cycles_of, lines_of
from tipstaff.register.tables.rows import Block, Spot, append_row, join, put_in_lists, report, state, stated
from tipstaff.register.texts.answer_words import is_unknown

_NOT_ASKED = frozenset({*JOIN_FACTS, "tab"})
"""Facts that no answer changes: keys, and those that follow from a row's place."""


class Answers:
    """Applies answers to the tables of a register, sheet by sheet."""

    def __init__(
        self, tables: Mapping[str, Rows], vocabulary: Vocabulary, partnerships: Partnerships, problems: Problems
    ) -> None:
        self._tables = tables
        self._vocabulary = vocabulary
        self._partnerships = partnerships
        self._problems = problems
        self._facts = facts_by_spelling(vocabulary)
        self._readers: dict[tuple[str, str], CellReader] = {}
        self._rows: dict[str, dict[tuple[int, Line], list[int]]] = {}
        self._given: dict[tuple[str, int, str], Spot] = {}

    @property
    def register_spots(self) -> dict[tuple[int, str], Spot]:
        """The places of the answers that state facts of the register itself, by partnership and fact."""
        shapes = {name: rows.table.shape for name, rows in self._tables.items()}
        return {
            (row, fact): spot for (table, row, fact), spot in self._given.items() if shapes[table] is Shape.REGISTER
        }

    def apply(self, block: Block) -> None:
        """Apply every answer of a sheet. A row without a value is a question still open."""
        facts, values = block.cells("fact"), block.cells("value")
        for index, partnership in enumerate(join(block, self._partnerships, self._problems)):
            text = plain_text(values[index])
            if partnership is None or (text is not None and is_unknown(text)):
                continue
            found = self._fact(facts[index], block.spot(index, "fact"))
            if found is None:
                continue
            table, fact = found
            reading = self._reader(table, fact)(values[index])
            report(self._problems, block.spot(index, "value"), reading)
            rows = self._tables[table.name]
            put_in_lists(rows)
            if all(part is None for part in reading.values):
                continue
            row = self._row(rows, partnership, block.only([index]))
            if row is not None:
                shown = f"({fact.label} withheld)" if fact.personal else text
                self._state(rows, row, fact, reading.values, block.spot(index, "value"), shown)

    def _fact(self, raw: Raw, spot: Spot) -> tuple[Table, Fact] | None:
        """The fact that a cell names by name, label or heading; None, with a problem, if it is none or several."""
        text = plain_text(raw) or ""
        spelling = normal(text)
        if spelling not in self._facts and spelling:
            spelling = close_spelling(spelling, {known: known for known in self._facts}) or ""
            if spelling and len(self._facts[spelling]) == 1:
                label = self._facts[spelling][0][1].label
                self._say(spot, text, f'the name of a fact: read as "{label}"', serious=False)
        found = self._facts.get(spelling, [])
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(fact.name for _, fact in found)
            self._say(spot, text, f"the name of one fact ({names}): the answer is not used")
        else:
            self._say(spot, text, "the name of a fact, or the heading of its column: the answer is not used")
        return None

    def _reader(self, table: Table, fact: Fact) -> CellReader:
        key = (table.name, fact.name)
        if key not in self._readers:
            self._readers[key] = CellReader(fact, self._vocabulary)
        return self._readers[key]

    def _row(self, rows: Rows, partnership: int, answer: Block) -> int | None:
        """The row an answer fills, made if there is none; None, with a problem, if it is not certain."""
        if rows.table.shape is Shape.REGISTER:
            return partnership
        line: Line | None = Line()
        if rows.table.shape is Shape.COUNCIL_YEAR:
            (line,) = lines_of(answer, self._vocabulary, self._problems)
        elif rows.table.shape is Shape.CYCLE:
            (cycle,) = cycles_of(answer, self._problems)
            line = None if cycle is None else Line(year=cycle)
        if line is None:
            return None
        if rows.table.name not in self._rows:
            self._rows[rows.table.name] = _by_line(rows)
        found = self._rows[rows.table.name][partnership, line]
        spot = answer.spot(0, "value")
        if not found:
            found.append(append_row(rows, partnership, spot, None, line.council, line.year))
        if len(found) > 1:
            expected = (
                f"an answer that fits one row of {rows.table.sheet}; it fits {len(found)}: fill in that sheet instead"
            )
            self._say(spot, "", expected)
            return None
        return found[0]

    def _state(self, rows: Rows, row: int, fact: Fact, values: tuple[Any, ...], spot: Spot, shown: str | None) -> None:
        before = stated(rows, row, fact, self._vocabulary)
        key = (rows.table.name, row, fact.name)
        if before is not None and before != values:
            other = rows.cell(row, fact.name)
            if key in self._given:
                self._say(spot, shown, f"the answer given at {other}: they disagree, so {fact.label} counts as unknown")
                values = (None,) * len(values)
            else:
                self._say(spot, shown, f"what {other} says of {fact.label}: the answer replaces it", serious=False)
        elif key in self._given and before is None:
            return  # answers that disagreed, and one more
        state(rows, row, fact, values, self._vocabulary)
        rows.cells[row, fact.name] = spot.place
        self._given[key] = spot

    def _say(self, spot: Spot, value: object, expected: str, *, serious: bool = True) -> None:
        self._problems.at(spot.title, spot.number, spot.letter, value, expected, serious=serious)


def facts_by_spelling(vocabulary: Vocabulary) -> dict[str, list[tuple[Table, Fact]]]:
    """The facts that answers may state, by every spelling. What a fact is called precedes other headings of columns."""
    askable = [
        (table, fact)
        for table in vocabulary.tables.values()
        if table.shape is not Shape.LONG
        for fact in table.facts.values()
        if fact.name not in _NOT_ASKED and fact.name not in table.keys
    ]
    found: dict[str, list[tuple[Table, Fact]]] = {}
    for spellings in (_names, _headings, _aliases):
        level: dict[str, list[tuple[Table, Fact]]] = defaultdict(list)
        for table, fact in askable:
            for spelling in {normal(spelling) for spelling in spellings(fact)} - {""}:
                level[spelling].append((table, fact))
        found = level | found
    return found


def _names(fact: Fact) -> Sequence[str]:
    return fact.name, fact.label


def _headings(fact: Fact) -> Sequence[str]:
    return fact.heading, fact.question


def _aliases(fact: Fact) -> Sequence[str]:
    return fact.aliases


def _by_line(rows: Rows) -> dict[tuple[int, Line], list[int]]:
    """The rows of a table by partnership and line."""
    found: dict[tuple[int, Line], list[int]] = defaultdict(list)
    for row, partnership in enumerate(rows.partnership):
        council = rows.council[row] if len(rows.council) else None
        found[partnership, Line(council, rows.year[row] if len(rows.year) else None)].append(row)
    return found
