"""Answers: a table in long form, of which each row states one fact of one partnership."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tipstaff.facts.vocabulary import Fact, Shape, Table, Vocabulary, normal
from tipstaff.register.cells import CellReader, plain_text
from tipstaff.register.council_years import read_council, read_year
from tipstaff.register.headings import JOIN_FACTS, close_spelling
from tipstaff.register.keys import Partnerships
from tipstaff.register.model import Rows
from tipstaff.register.problems import Problems
from tipstaff.register.sheet import place
from tipstaff.register.tables import Block, Spot, append_row, report, state, stated
from tipstaff.register.words import is_unknown

_NOT_ASKED = frozenset({*JOIN_FACTS, "tab", "council", "year"})
"""Keys and what follows from the place of a row: no answer can change them."""


@dataclass(slots=True)
class Answers:
    """Applies answers to the tables of a register, and remembers the place of those that now state its facts."""

    tables: dict[str, Rows]
    vocabulary: Vocabulary
    partnerships: Partnerships
    references: Sequence[str]
    problems: Problems
    spots: dict[tuple[int, str], Spot] = field(default_factory=dict)
    """The places of answers by partnership and fact of the register."""
    _given: dict[tuple[str, int, str], Spot] = field(default_factory=dict)
    _readers: dict[str, CellReader] = field(default_factory=dict)

    def apply(self, block: Block) -> None:
        """Apply every answer of a sheet."""
        known = _spellings(self.vocabulary)
        columns = [block.values(name) for name in ("ref", "name", "fact", "value", "council", "year")]
        for index, (ref, name, fact, value, council, year) in enumerate(zip(*columns, strict=True)):
            spot = block.spot(index, "value")
            if is_unknown(plain_text(value) or ""):
                if isinstance(value, list | dict):
                    report_at = block.spot(index, "value")
                    self._problem(report_at, value, "a plain value, not a list or an object")
                continue
            match = self.partnerships.find(_key(ref), _key(name))
            if match.partnership is None:
                key = "ref" if _key(ref) else "name"
                self._problem(block.spot(index, key), _key(ref) or _key(name), match.why)
                continue
            named = self._named(block.spot(index, "fact"), plain_text(fact) or "", known)
            if named is None:
                continue
            table, asked = named
            reader = self._readers.setdefault(asked.name, CellReader(asked, self.vocabulary))
            reading = reader(value)
            report(self.problems, spot, reading)
            if all(part is None for part in reading.values):
                continue
            rows = self.tables[table.name]
            row = self._row(rows, match.partnership, block, index, council, year)
            if row is not None:
                self._state(rows, row, asked, reading.values, spot)

    def _named(
        self, spot: Spot, text: str, known: dict[str, tuple[Table, Fact] | None]
    ) -> tuple[Table, Fact] | None:
        """The fact that a text names; None with a problem where it names none, or several."""
        spelling = normal(text)
        if spelling not in known:
            near = close_spelling(spelling, {each: each for each in known}) if spelling else None
            if near is None or known[near] is None:
                self._problem(spot, text, "the name or the heading of a fact: the answer is not used")
                return None
            spelling = near
            found = known[near]
            assert found is not None
            self.problems.at(
                spot.title, spot.number, spot.letter, text, f'read as "{found[1].label}"', serious=False
            )
        found = known[spelling]
        if found is None:
            self._problem(spot, text, "the name of one fact; this heading belongs to several: the answer is not used")
        return found

    def _row(
        self, rows: Rows, partnership: int, block: Block, index: int, council: object, year: object
    ) -> int | None:
        """The row of a table that an answer fills, made where there is none; None with a problem."""
        shape, spot = rows.table.shape, block.spot(index, "value")
        if shape is Shape.REGISTER:
            return partnership
        key: str | None = None
        start: int | None = None
        if shape is Shape.COUNCIL_YEAR:
            key, misfit = read_council(council, self.vocabulary)
            if misfit is None:
                start, misfit = read_year(year)
                if misfit is not None:
                    self._problem(block.spot(index, "year"), misfit.value, misfit.expected)
                    return None
            else:
                self._problem(block.spot(index, "council"), misfit.value, misfit.expected)
                return None
        own = [
            row
            for row, owner in enumerate(rows.partnership)
            if owner == partnership and (shape is not Shape.COUNCIL_YEAR or (rows.council[row], rows.year[row]) == (key, start))
        ]
        if len(own) > 1:
            self._problem(
                spot, "", f"an answer that fits one row; {len(own)} on sheet {rows.table.sheet} do: fill in that sheet instead"
            )
            return None
        return own[0] if own else append_row(rows, partnership, spot, None, key, start)

    def _state(self, rows: Rows, row: int, fact: Fact, values: tuple[object, ...], spot: Spot) -> None:
        before = stated(rows, row, fact, self.vocabulary)
        given = self._given.get((rows.table.name, row, fact.name))
        cell = place(spot.title, spot.number, spot.letter)
        if given is not None and before != values:
            other = place(given.title, given.number, given.letter)
            self._problem(spot, "", f"the same answer as at {other}: as they disagree, {fact.label} counts as unknown")
            state(rows, row, fact, [None] * len(values), self.vocabulary)
            return
        if before is not None and before != values:
            self.problems.at(
                spot.title, spot.number, spot.letter, "", f"corrects {fact.label} at {rows.cell(row, fact.name)}", serious=False
            )
        state(rows, row, fact, values, self.vocabulary)
        rows.cells[row, fact.name] = cell
        self._given[rows.table.name, row, fact.name] = spot
        if rows.table.shape is Shape.REGISTER:
            self.spots[row, fact.name] = spot

    def _problem(self, spot: Spot, value: object, expected: str) -> None:
        self.problems.at(spot.title, spot.number, spot.letter, value, expected)
