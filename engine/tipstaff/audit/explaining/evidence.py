"""Evidence: the values that the sources state for each partnership, with their cells, and what is missing."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import polars as pl

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.deciding_days import CitedLaw, DecidingDays
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.audit.explaining.values import UNKNOWN, prefetch_rows, show_bounds
from tipstaff.audit.gathering.facts import in_cycle
from tipstaff.facts.periods import financial_year_of
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.language.english import cited, labels, listed, show_value
from tipstaff.policy.language.nodes import Compare, Constant, FactRef, Law, Node, facts_of
from tipstaff.policy.pack.model import JOINT, Aggregate, FactInfo, Ledger, Repeats, law_below, walk_facts
from tipstaff.register.tables.model import Closed, Rows

MOST_TWINS = 5
"""The most other entries shown as evidence of a repeated entry."""

MOST_SUMS = 50
"""The most sums of an organisation shown as evidence, beginning with those of the partnership itself."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact that an outcome rests on, with its value as an officer reads it and its cell, if it has one.

    The values of stated facts go into fingerprints, so a change to their wording ends waivers.
    """

    fact: str
    label: str
    value: str
    cell: str | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that would settle an outcome, with the question to ask.

    ``table`` is the table that holds the fact, and ``cell`` its blank cell, if the register has one. ``position`` is
    the partnership that lacks the fact; it differs from the outcome's if the outcome depends on another entry of the
    register. ``year`` is the year of the cycle for a fact of the cycle.
    """

    fact: str
    label: str
    table: str
    question: str
    cell: str | None
    position: int
    year: str = ""


class EvidenceReader:
    """Reads the evidence for some partnerships, given by their positions in the register."""

    def __init__(self, audit: Audit, positions: list[int], ledgers: LedgerEntries) -> None:
        self.audit = audit
        self.pack = audit.pack
        self._positions = positions
        self._at = {position: index for index, position in enumerate(positions)}
        self._frame = audit.facts.frame[positions]
        self._councils = {council.key: council.name for council in self.pack.vocabulary.councils}
        self._tables: dict[str, Rows] = {}
        self._label = labels({name: info.label for name, info in self.pack.facts.items()})
        self._deciding_days = DecidingDays(audit, positions)
        self._remembered: dict[int, Node] = {}
        self._law_below: dict[int, tuple[Law, ...]] = {}
        self._columns: dict[str, list[Any]] = {}
        self._ledgers: dict[int, Ledger | None] = {}
        self._facts_below: dict[int, tuple[FactInfo, ...]] = {}
        self._entries: dict[str, dict[int, list[int]]] = {}
        self._rows: dict[str, Mapping[int, list[int]]] = {}
        self._stated: dict[tuple[str, int], tuple[Evidence, ...]] = {}
        self._asked: dict[tuple[str, int], Missing] = {}
        self._evidence: dict[tuple[int, int], tuple[Evidence, ...]] = {}
        self._missing: dict[tuple[int, int], tuple[Missing, ...]] = {}
        self._blanks: dict[tuple[str, int, str], list[int]] = {}
        self._sums_found: dict[tuple[str, int, int | None], tuple[Evidence, ...]] = {}
        self.ledgers = ledgers

    @cached_property
    def _by_line(self) -> frozenset[str]:
        """The facts that the frame also holds by council and year."""
        return frozenset(name.partition("#")[0] for name in self._frame.columns if "#" in name)

    def column(self, name: str) -> list[Any]:
        """A physical column of the facts, for these partnerships."""
        if name not in self._columns:
            self._columns[name] = self._frame[name].to_list()
        return self._columns[name]

    def text(self, fact: str, position: int) -> str:
        """A text of a partnership; empty if it is not known."""
        return self.column(fact)[self._at[position]] or ""

    def label_with_value(self, fact: str, position: int) -> str:
        """The label of a fact, with its value if that adds to the answer."""
        info = self.pack.facts[fact]
        if info.kind is Kind.YES_NO or (info.table is not None and info.kind is Kind.TEXT):
            return info.label
        value = self.show(info, position)
        return info.label if value == UNKNOWN else f"{info.label} ({value})"

    def cite(self, law: Law, position: int) -> str:
        """A figure of the law with its possible values on the decisive date, and the days and instrument of each."""
        found = self._deciding_days.cite(law, position)
        return f"{self._label(law)} ({cited(found.series, found.segments)})"

    def law_below(self, atom: Node) -> tuple[Law, ...]:
        """The law that a question rests on, including that behind derived facts."""
        key = self._key(atom)
        if key not in self._law_below:
            self._law_below[key] = law_below(self.pack, [atom])
        return self._law_below[key]

    def law(self, atom: Node, position: int) -> tuple[CitedLaw, ...]:
        """The law that a question rests on, on the decisive days."""
        return tuple(self._deciding_days.cite(law, position) for law in self.law_below(atom))

    def show(self, info: FactInfo, position: int) -> str:
        """A fact of a partnership, stated or derived, as an officer reads it."""
        index = self._at[position]
        if info.kind.bounded:
            return show_bounds(
                info.kind, self.column(f"{info.name}_lo")[index], self.column(f"{info.name}_hi")[index], info.unit
            )
        if info.kind is Kind.COUNCILS:
            truths = {key: self.column(f"{info.name}_{key}")[index] for key in self._councils}
            return _show_councils(truths, self._councils)
        return show_value(info.kind, self.column(info.name)[index])

    # Evidence and missing facts

    def _key(self, atom: Node) -> int:
        """Return a key for a question, and keep the question so that its id is not reused."""
        self._remembered[id(atom)] = atom
        return id(atom)

    def facts_below(self, atom: Node) -> tuple[FactInfo, ...]:
        """The stated facts that a question rests on, without repeats."""
        key = self._key(atom)
        if key not in self._facts_below:
            self._facts_below[key] = tuple(walk_facts(self.pack, facts_of(atom)))
        return self._facts_below[key]

    def of_question(self, atom: Node, position: int) -> tuple[Evidence, ...]:
        """The stated values, with cells, of the facts that a question rests on."""
        key = self._key(atom), position
        if key not in self._evidence and (ledger := self._ledger_of(atom)) is not None:
            self._evidence[key] = tuple(dict.fromkeys(self._ledger_evidence(ledger, atom, position)))
        if key not in self._evidence:
            facts = self.facts_below(atom)
            places = (position, *self._twins(atom, position))
            self._evidence[key] = tuple(one for place in places for info in facts for one in self.of_fact(info, place))
        return self._evidence[key]

    def missing(self, atom: Node, position: int) -> tuple[Missing, ...]:
        """The unknown facts that could change the answer to a question; empty if it is the law that is unknown."""
        key = self._key(atom), position
        if key not in self._missing and (ledger := self._ledger_of(atom)) is not None:
            self._missing[key] = tuple(dict.fromkeys(self._missing_from_ledger(ledger, atom, position)))
        if key not in self._missing:
            facts = self.facts_below(atom)
            asked = [self._missing_fact(info, position) for info in facts if self._is_open(info, atom, position)]
            for twin in [] if asked else self._twins(atom, position):
                blank = [info for info in facts if self.of_fact(info, twin)[0].value == UNKNOWN]
                asked += [self._missing_fact(info, twin) for info in blank]
            if not asked and not self.law(atom, position):
                asked = [self._missing_fact(info, position) for info in facts]
            self._missing[key] = tuple(asked)
        return self._missing[key]

    def unknown_lines(self, fact: str, position: int) -> tuple[str, ...]:
        """The unknown lines of a fact by council and year: councils by their keys, and JOINT."""
        info, index = self.pack.facts[fact], self._at[position]
        if fact not in self._by_line:
            return tuple(self._councils)
        return tuple(line for line in (*self._councils, JOINT) if not self._is_known(info, f"{fact}#{line}", index))

    def of_fact(self, info: FactInfo, position: int) -> tuple[Evidence, ...]:
        """The values of a stated fact with their cells, or its blank cell."""
        key = info.name, position
        if key not in self._stated:
            blank = (Evidence(info.name, info.label, UNKNOWN, None),)
            self._stated[key] = tuple(self._read(info, position)) or blank
        return self._stated[key]

    def has_own_row(self, table: str, position: int) -> bool:
        """Whether a child table has a row for a partnership on its own sheet."""
        letters = self.audit.register.tables[table].letter
        return any(letters[index] is None for index in self._of(table).get(position, ()))

    def _read(self, info: FactInfo, position: int) -> Iterator[Evidence]:
        for index in self._rows_of(info, position):
            value = self._value(info, index)
            rows = self._table(info)
            if rows.table.shape is Shape.COUNCIL_YEAR and value == UNKNOWN:
                continue
            if note := self._note(info, index):
                value = f"{value} ({note})"
            yield Evidence(info.name, info.label, value, self._cell(info, index, blank=value == UNKNOWN))
        for council in self._nil_councils(info, position):
            value = f"nil ({self._councils[council]}): not in the list, which has all there is"
            yield Evidence(info.name, info.label, value, None)

    def _nil_councils(self, info: FactInfo, position: int) -> list[str]:
        """The councils whose complete list of a fact has no row for a partnership."""
        closed = self.audit.register.closed
        if not closed or self._table(info).table.shape is not Shape.COUNCIL_YEAR:
            return []
        year = self.audit.cycle.start if info.of_cycle else financial_year_of(self.audit.as_of).start
        with_row = {self._table(info).council[index] for index in self._counting(info, position)}
        return [
            council
            for council in self._councils
            if Closed(info.of_cycle or info.name, council, year) in closed and council not in with_row
        ]

    def _note(self, info: FactInfo, index: int) -> str:
        """The council or organisation that distinguishes one row of a partnership from another."""
        rows = self._table(info)
        if rows.table.shape is Shape.COUNCIL_YEAR:
            council = self._councils.get(rows.council[index] or "", "not tied to one council")
            return f"{council}, {self.audit.cycle}" if info.of_cycle else council
        if rows.table.shape is Shape.MANY:
            texts = (fact.name for fact in rows.table.facts.values() if fact.kind is Kind.TEXT)
            return next((rows.columns[fact][index] for fact in texts if rows.columns[fact][index]), "")
        return ""

    def _missing_fact(self, info: FactInfo, position: int) -> Missing:
        key = info.name, position
        if key not in self._asked:
            rows = self._rows_of(info, position)
            cell = self._cell(info, rows[0], blank=True) if len(rows) == 1 else None
            self._asked[key] = self._make_missing(info, cell, position)
        return self._asked[key]

    def _make_missing(self, info: FactInfo, cell: str | None, position: int) -> Missing:
        of_cycle = info.of_cycle or self._table(info).table.shape is Shape.CYCLE
        year = str(self.audit.cycle) if of_cycle else ""
        return Missing(info.column, info.label, self._table(info).table.name, info.question, cell, position, year)

    def _table(self, info: FactInfo) -> Rows:
        """The table of a fact, with the rows of these partnerships read into lists."""
        assert info.table is not None
        if info.table not in self._tables:
            rows = self.audit.register.tables[info.table]
            registered = rows.table.shape is Shape.REGISTER
            mine = self._positions if registered else [row for few in self._of(info.table).values() for row in few]
            self._tables[info.table] = prefetch_rows(rows, mine)
        return self._tables[info.table]

    # Ledgers

    def _ledger_of(self, atom: Node) -> Ledger | None:
        """The ledger that a question rests on, if any."""
        key = self._key(atom)
        if key not in self._ledgers:
            derived = (self.pack.facts[name].derived for name in facts_of(atom))
            tables = (one.formula.table for one in derived if one and isinstance(one.formula, Aggregate))
            self._ledgers[key] = self.pack.ledgers.get(next(tables, ""))
        return self._ledgers[key]

    def _ledger_evidence(self, ledger: Ledger, atom: Node, position: int) -> Iterator[Evidence]:
        """The sums that a ledger adds up for the beneficiaries of a partnership, and facts about these."""
        infos = self.facts_below(atom)
        for beneficiary in self.ledgers.of_partnership(ledger.name, position):
            yield from self._sums(ledger, beneficiary, position)
            rows = self.ledgers.organisation_rows(ledger.name, beneficiary)
            for info in infos:
                if info.table != ledger.to.table:
                    continue
                shown = rows if len(rows) <= MOST_SUMS else _intersect(rows, self._rows_of(info, position))
                for index in shown:
                    value = self._value(info, index)
                    yield Evidence(info.name, info.label, value, self._cell(info, index, blank=value == UNKNOWN))
                if more := len(rows) - len(shown):
                    rest = f"and {more:,} more entries of {self.ledgers.name(ledger.name, beneficiary)}"
                    yield Evidence(info.name, info.label, rest, None)
        for info in infos:
            if info.table not in (ledger.table, ledger.to.table):
                yield from self.of_fact(info, position)

    def _sums(self, ledger: Ledger, beneficiary: int, position: int) -> tuple[Evidence, ...]:
        """The sums of a beneficiary; of more than MOST_SUMS, the first and the number of others."""
        count = self.ledgers.count(ledger.name, beneficiary)
        first = position if count > MOST_SUMS else None
        key = ledger.name, beneficiary, first
        if key not in self._sums_found:
            amount = self.pack.facts[ledger.amount]
            found = []
            for entry in islice(self.ledgers.entries(ledger.name, beneficiary, first), MOST_SUMS):
                notes = (entry.council, entry.year, self.audit.register.refs[entry.partnership])
                value = f"{entry.amount} ({', '.join(note for note in notes if note)})"
                found.append(Evidence(amount.name, amount.label, value, entry.cell))
            if count > MOST_SUMS:
                more = f"and {count - MOST_SUMS:,} more sums of {self.ledgers.name(ledger.name, beneficiary)}"
                found.append(Evidence(amount.name, amount.label, more, None))
            self._sums_found[key] = tuple(found)
        return self._sums_found[key]

    def _missing_from_ledger(self, ledger: Ledger, atom: Node, position: int) -> Iterator[Missing]:
        """The unknown facts of the organisations of a partnership, otherwise its sums."""
        is_certain = self.ledgers.is_certain(ledger.name, position)
        infos = [
            info
            for info in self.facts_below(atom)
            if info.table == ledger.to.table and not (is_certain and info.name == ledger.to.receives)
        ]
        asked = False
        for beneficiary in self.ledgers.of_partnership(ledger.name, position):
            rows = self.ledgers.organisation_rows(ledger.name, beneficiary)
            for info in infos:
                blank = self._blank(ledger, beneficiary, info)
                if blank or not rows:
                    asked = True
                    cell = self._cell(info, blank[0], blank=True) if len(blank) == 1 else None
                    owner = self._table(info).partnership[blank[0]] if blank else position
                    yield self._make_missing(info, cell, owner)
        if not asked:
            yield self._make_missing(self.pack.facts[ledger.amount], None, position)

    def _blank(self, ledger: Ledger, beneficiary: int, info: FactInfo) -> list[int]:
        """The rows that name a beneficiary without stating a fact of it."""
        key = ledger.name, beneficiary, info.name
        if key not in self._blanks:
            rows = self.ledgers.organisation_rows(ledger.name, beneficiary)
            self._blanks[key] = [index for index in rows if self._value(info, index) == UNKNOWN]
        return self._blanks[key]

    def _twins(self, atom: Node, position: int) -> list[int]:
        """The other entries found by a question about repeated entries."""
        derived = self.pack.facts[atom.name].derived if isinstance(atom, FactRef) else None
        if derived is None or not isinstance(derived.formula, Repeats):
            return []
        if derived.name not in self._entries:
            columns = [self.audit.facts.frame[f"{key}_key"].to_list() for key in derived.formula.keys]
            entries: dict[tuple[Any, ...], list[int]] = {}
            for other, keys in enumerate(zip(*columns, strict=True)):
                if None not in keys:
                    entries.setdefault(keys, []).append(other)
            self._entries[derived.name] = {twin: group for group in entries.values() for twin in group}
        group = self._entries[derived.name].get(position, [])
        return [twin for twin in group[: MOST_TWINS + 1] if twin != position]

    def _cell(self, info: FactInfo, index: int, *, blank: bool) -> str | None:
        """The cell that states a fact, or the blank cell that could; None if the source has no such cell."""
        rows = self._table(info)
        has_column = (rows.sheet[index], info.column) in rows.letters and rows.letter[index] is None
        if (index, info.column) in rows.cells or has_column or not (blank and rows.letters):
            return rows.cell(index, info.column)
        return None

    def _value(self, info: FactInfo, index: int) -> str:
        columns, name = self._table(info).columns, info.column
        if info.kind.bounded:
            return show_bounds(info.kind, columns[f"{name}_lo"][index], columns[f"{name}_hi"][index], info.unit)
        if info.kind is Kind.COUNCILS:
            return _show_councils({key: columns[f"{name}_{key}"][index] for key in self._councils}, self._councils)
        return show_value(info.kind, columns[name][index])

    def _rows_of(self, info: FactInfo, position: int) -> list[int]:
        """The rows of a fact's table that decide its value for a partnership."""
        rows = self._table(info)
        if rows.table.shape is Shape.REGISTER:
            return [position]
        mine = self._counting(info, position)
        if rows.table.shape is Shape.COUNCIL_YEAR and info.kind.bounded:
            return _not_replaced(mine, rows.columns[f"{info.column}_lo"], rows.columns[f"{info.column}_hi"], rows)
        return mine

    def _counting(self, info: FactInfo, position: int) -> list[int]:
        """The rows of a fact's table that count for a partnership, including replaced ones."""
        name = self._table(info).table.name
        return self._children[in_cycle(name) if info.of_cycle else name].get(position, [])

    @cached_property
    def _children(self) -> Mapping[str, Mapping[int, list[int]]]:
        """The rows of each child table by partnership: those that may be current, or that count in the year."""
        tables = self.audit.register.tables
        of_cycle = [name for table in tables if (name := in_cycle(table)) in self.audit.facts.rows]
        return {name: self._counted(name) for name in (*tables, *of_cycle)}

    def _counted(self, name: str) -> Mapping[int, list[int]]:
        if name not in self.audit.facts.rows:
            return self._of(name)
        frame = self.audit.facts.rows[name]
        return self._grouped(frame.filter(pl.col("possible")) if "possible" in frame.columns else frame)

    def _of(self, table: str) -> Mapping[int, list[int]]:
        """All rows of a child table by partnership."""
        if table not in self._rows:
            partnership = pl.Series("partnership", self.audit.register.tables[table].partnership)
            self._rows[table] = self._grouped(partnership.to_frame().with_row_index("index"))
        return self._rows[table]

    def _grouped(self, rows: pl.DataFrame) -> dict[int, list[int]]:
        mine = rows.select("partnership", "index").filter(pl.col("partnership").is_in(self._positions))
        grouped: dict[int, list[int]] = {}
        for partnership, index in mine.iter_rows():
            grouped.setdefault(partnership, []).append(index)
        return grouped

    def _is_open(self, info: FactInfo, atom: Node, position: int) -> bool:
        """Whether a stated fact is unknown and could change the answer to an atom."""
        index, shape = self._at[position], self._table(info).table.shape
        if shape is Shape.MANY:
            rows = self._rows_of(info, position)
            return not rows or any(self._value(info, row) == UNKNOWN for row in rows)
        if shape is not Shape.COUNCIL_YEAR:
            return not self._is_known(info, info.name, index)
        return any(self._line_matters(atom, line, index) for line in self.unknown_lines(info.name, position))

    def _is_known(self, info: FactInfo, base: str, index: int) -> bool:
        if info.kind.bounded:
            lo, hi = self.column(f"{base}_lo")[index], self.column(f"{base}_hi")[index]
            return bool(lo == hi)
        if info.kind is Kind.COUNCILS:
            return all(self.column(f"{base}_{key}")[index] is not None for key in self._councils)
        return self.column(base)[index] is not None

    def _line_matters(self, atom: Node, line: str, index: int) -> bool:
        """Whether the unknown share of one council could change the outcome of comparing a greatest amount."""
        if not (isinstance(atom, Compare) and isinstance(atom.left, FactRef) and isinstance(atom.right, Constant)):
            return True
        derived = self.pack.facts[atom.left.name].derived
        limit = atom.right.value
        if derived is None or not isinstance(derived.formula, Aggregate) or derived.formula.function != "greatest":
            return True
        if line == JOINT or not isinstance(limit, int):
            return True
        most = self._greatest_of_line(derived.formula.over, line, index)
        return most is None or most >= limit

    def _greatest_of_line(self, node: Node, line: str, index: int) -> int | None:
        """The upper bound of a sum of facts for one council; None if it is unlimited."""
        total = 0
        for fact in facts_of(node):
            most = self.column(f"{fact}@{line}_hi")[index]
            if most is None:
                return None
            total += most
        return total


def _not_replaced(indices: list[int], lo: list[Any], hi: list[Any], rows: Any) -> list[int]:
    """The rows that state a measure, without texts that a figure of the sheet replaces."""
    stated = [index for index in indices if hi[index] is not None or lo[index]]
    figures = {rows.council[index] for index in stated if rows.letter[index] is None}
    if not figures:
        return stated
    return [
        index
        for index in stated
        if rows.letter[index] is None or not ({rows.council[index], None} & figures or rows.council[index] is None)
    ]


def _intersect(rows: Sequence[int], indices: Iterable[int]) -> list[int]:
    """The indices that are among the sorted ``rows``."""
    places = ((index, bisect_left(rows, index)) for index in indices)
    return [index for index, place in places if place < len(rows) and rows[place] == index]


def _show_councils(truths: Mapping[str, bool | None], names: Mapping[str, str]) -> str:
    if None in truths.values():
        return UNKNOWN
    return listed([names[key] for key, truth in truths.items() if truth], "and") or "none of the councils"
