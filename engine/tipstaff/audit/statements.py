"""Statements: what the sources say of each partnership, value by value, with the cells that say it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import narwhals as nw
import polars as pl

from tipstaff.audit.audit import Audit
from tipstaff.audit.columns import Columns, column_of, floor_of
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.english import cited, labels, listed, show_value
from tipstaff.policy.expressions import Compare, Constant, FactRef, Law, Node, facts_of
from tipstaff.policy.pack import JOINT, Aggregate, FactInfo, Repeats, walk_facts

MOST_TWINS = 5
"""How many other entries are shown as evidence where an entry is repeated."""

UNKNOWN = "not known"

Value = int | date | str | bool | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact that an outcome rests on: its value as an officer reads it, and the cell that states it, if one does."""

    fact: str
    label: str
    value: str
    cell: str | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that would settle an outcome: where it belongs, and the question to ask.

    ``cell`` is the blank cell where the register has one; ``table`` the table that holds the fact; ``position`` the
    partnership that lacks it, another than the outcome's where the outcome turns on another entry of the register.
    """

    fact: str
    label: str
    table: str
    question: str
    cell: str | None
    position: int


class Statements:
    """What is stated of a set of partnerships, given by their positions in the register."""

    def __init__(self, audit: Audit, positions: list[int]) -> None:
        self.audit = audit
        self.pack = audit.pack
        self._at = {position: index for index, position in enumerate(positions)}
        self._frame = audit.facts.frame[positions]
        self._councils = {council.key: council.name for council in self.pack.vocabulary.councils}
        self._label = labels({name: info.label for name, info in self.pack.facts.items()})
        self._deciding_days: dict[Node, list[tuple[Any, ...]]] = {}
        self._columns: dict[str, list[Any]] = {}
        self._facts_below: dict[int, tuple[FactInfo, ...]] = {}
        self._entries: dict[str, dict[int, list[int]]] = {}
        self._stated: dict[tuple[str, int], tuple[Evidence, ...]] = {}
        self._asked: dict[tuple[str, int], Missing] = {}
        self._evidence: dict[tuple[int, int], tuple[Evidence, ...]] = {}
        self._missing: dict[tuple[int, int], tuple[Missing, ...]] = {}

    def column(self, name: str) -> list[Any]:
        """A physical column of the facts, for the partnerships in question."""
        if name not in self._columns:
            self._columns[name] = self._frame[name].to_list()
        return self._columns[name]

    def text(self, fact: str, position: int) -> str:
        """A text of a partnership, empty where it is not known."""
        return self.column(fact)[self._at[position]] or ""

    def labelled(self, fact: str, position: int) -> str:
        """A fact by its label, with its value where that tells more than the answer it was given."""
        info = self.pack.facts[fact]
        if info.kind is Kind.YES_NO or (info.table is not None and info.kind is Kind.TEXT):
            return info.label
        shown = self.shown(info, position)
        return info.label if shown == UNKNOWN else f"{info.label} ({shown})"

    def cited(self, law: Law, position: int) -> str:
        """A figure of the law with what it may be on the date that decides, the days and the instrument of each."""
        if law.at not in self._deciding_days:
            ends = Columns(dict(self.audit.facts.moments)).ends(law.at)
            frame = nw.from_native(self._frame.lazy()).with_columns(_lo=column_of(ends.lo), _hi=column_of(ends.hi))
            days: pl.DataFrame = frame.select("_lo", "_hi").collect().to_native()
            self._deciding_days[law.at] = days.rows()
        segments = law.series.within(*self._deciding_days[law.at][self._at[position]])
        return f"{self._label(law)} ({cited(law.series, segments)})"

    def shown(self, info: FactInfo, position: int) -> str:
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

    # Evidence and what is missing

    def facts_below(self, atom: Node) -> tuple[FactInfo, ...]:
        """The stated facts that a question rests on, each once."""
        key = id(atom)
        if key not in self._facts_below:
            self._facts_below[key] = tuple(walk_facts(self.pack, facts_of(atom)))
        return self._facts_below[key]

    def evidence(self, atom: Node, position: int) -> tuple[Evidence, ...]:
        """What the sources state of the facts that a question rests on, with the cells."""
        key = id(atom), position
        if key not in self._evidence:
            facts = self.facts_below(atom)
            places = (position, *self._twins(atom, position))
            self._evidence[key] = tuple(one for place in places for info in facts for one in self.stated(info, place))
        return self._evidence[key]

    def missing(self, atom: Node, position: int) -> tuple[Missing, ...]:
        """The facts not known that could change the answer to a question."""
        key = id(atom), position
        if key not in self._missing:
            facts = self.facts_below(atom)
            asked = [self._asked_for(info, position) for info in facts if self._open(info, atom, position)]
            for twin in [] if asked else self._twins(atom, position):
                blank = [info for info in facts if self.stated(info, twin)[0].value == UNKNOWN]
                asked += [self._asked_for(info, twin) for info in blank]
            self._missing[key] = tuple(asked) or tuple(self._asked_for(info, position) for info in facts)
        return self._missing[key]

    def lines_not_known(self, fact: str, position: int) -> tuple[str, ...]:
        """The lines of a fact by council and year that are not known: councils by their keys, and JOINT."""
        info, index = self.pack.facts[fact], self._at[position]
        return tuple(line for line in (*self._councils, JOINT) if not self._known(info, f"{fact}#{line}", index))

    def stated(self, info: FactInfo, position: int) -> tuple[Evidence, ...]:
        """The values of a stated fact with their cells; where it is blank, the blank cell."""
        key = info.name, position
        if key not in self._stated:
            nothing = (Evidence(info.name, info.label, UNKNOWN, None),)
            self._stated[key] = tuple(self._read(info, position)) or nothing
        return self._stated[key]

    def _read(self, info: FactInfo, position: int) -> Iterator[Evidence]:
        assert info.table is not None
        rows = self.audit.register.tables[info.table]
        by_council = rows.table.shape is Shape.COUNCIL_YEAR
        for index in self._rows_of(info, position):
            value = self._value(rows.columns, info, index)
            if by_council:
                if value == UNKNOWN:
                    continue
                council = rows.council[index]
                value = f"{value} ({self._councils[council] if council else 'not tied to one council'})"
            yield Evidence(info.name, info.label, value, self._cell(info, index, blank=value == UNKNOWN))

    def _asked_for(self, info: FactInfo, position: int) -> Missing:
        key = info.name, position
        if key not in self._asked:
            assert info.table is not None
            rows = self._rows_of(info, position)
            cell = self._cell(info, rows[0], blank=True) if len(rows) == 1 else None
            self._asked[key] = Missing(info.name, info.label, info.table, info.question, cell, position)
        return self._asked[key]

    def _twins(self, atom: Node, position: int) -> list[int]:
        """The other entries that a question about repeated entries found."""
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
        """The cell that states a fact, or the blank one that could; None where the source has no such cell."""
        assert info.table is not None
        rows = self.audit.register.tables[info.table]
        has_column = (rows.sheet[index], info.name) in rows.letters and rows.letter[index] is None
        if (index, info.name) in rows.cells or has_column or not (blank and rows.letters):
            return rows.cell(index, info.name)
        return None

    def _value(self, columns: Mapping[str, list[Any]], info: FactInfo, index: int) -> str:
        if info.kind.bounded:
            return show_bounds(
                info.kind, columns[f"{info.name}_lo"][index], columns[f"{info.name}_hi"][index], info.unit
            )
        if info.kind is Kind.COUNCILS:
            return _show_councils({key: columns[f"{info.name}_{key}"][index] for key in self._councils}, self._councils)
        return show_value(info.kind, columns[info.name][index])

    def _rows_of(self, info: FactInfo, position: int) -> list[int]:
        """The rows of a fact's table that speak for a partnership."""
        assert info.table is not None
        rows = self.audit.register.tables[info.table]
        if rows.table.shape is Shape.REGISTER:
            return [position]
        mine = self._children[info.table].get(position, [])
        if rows.table.shape is Shape.COUNCIL_YEAR and info.kind.bounded:
            return _not_replaced(mine, rows.columns[f"{info.name}_lo"], rows.columns[f"{info.name}_hi"], rows)
        return mine

    @cached_property
    def _children(self) -> Mapping[str, Mapping[int, list[int]]]:
        """The rows of each child table by partnership: those that may be current, and those that count in the year."""
        found: dict[str, dict[int, list[int]]] = {}
        for name, rows in self.audit.register.tables.items():
            if name in self.audit.facts.rows:
                frame = self.audit.facts.rows[name]
                if "possible" in frame.columns:
                    frame = frame.filter(pl.col("possible"))
                pairs: Iterable[tuple[int, int]] = frame.select("partnership", "index").iter_rows()
            else:
                pairs = zip(rows.partnership, range(len(rows)), strict=True)
            grouped: dict[int, list[int]] = {}
            for partnership, index in pairs:
                if partnership in self._at:
                    grouped.setdefault(partnership, []).append(index)
            found[name] = grouped
        return found

    def _open(self, info: FactInfo, atom: Node, position: int) -> bool:
        """Whether a stated fact is not known, and could change the answer to an atom."""
        assert info.table is not None
        index = self._at[position]
        if self.audit.register.tables[info.table].table.shape is not Shape.COUNCIL_YEAR:
            return not self._known(info, info.name, index)
        return any(self._line_matters(atom, line, index) for line in self.lines_not_known(info.name, position))

    def _known(self, info: FactInfo, base: str, index: int) -> bool:
        if info.kind.bounded:
            lo, hi = self.column(f"{base}_lo")[index], self.column(f"{base}_hi")[index]
            return bool(lo == hi)
        if info.kind is Kind.COUNCILS:
            return all(self.column(f"{base}_{key}")[index] is not None for key in self._councils)
        return self.column(base)[index] is not None

    def _line_matters(self, atom: Node, line: str, index: int) -> bool:
        """Whether a council's unknown share could take a greatest amount across what it is compared with."""
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
        """The upper bound of a sum of facts for one council; None where nothing limits it."""
        total = 0
        for fact in facts_of(node):
            most = self.column(f"{fact}@{line}_hi")[index]
            if most is None:
                return None
            total += most
        return total


def _not_replaced(indices: list[int], lo: list[Any], hi: list[Any], rows: Any) -> list[int]:
    """The rows that state a measure, less texts that a figure of the sheet replaces."""
    stated = [index for index in indices if hi[index] is not None or lo[index]]
    figures = {rows.council[index] for index in stated if rows.letter[index] is None}
    if not figures:
        return stated
    return [
        index
        for index in stated
        if rows.letter[index] is None or not ({rows.council[index], None} & figures or rows.council[index] is None)
    ]


def show_bounds(kind: Kind, lo: Value, hi: Value, unit: str | None = None) -> str:
    """Bounds as an officer reads them: ``£12,000``, ``£12,000 or more``, ``up to £5,000``, ``not known``."""
    floor = floor_of(kind)
    if lo is not None and lo == hi:
        return show_value(kind, lo, unit)
    if hi is None:
        if lo is None or lo == floor:
            return UNKNOWN
        return f"{show_value(kind, lo, unit)} or {'later' if kind is Kind.DATE else 'more'}"
    most = show_value(kind, hi, unit)
    if lo is None or lo == floor:
        return f"{most} or earlier" if kind is Kind.DATE else f"up to {most}"
    return f"{show_value(kind, lo)} to {most}"


def _show_councils(truths: Mapping[str, bool | None], names: Mapping[str, str]) -> str:
    if None in truths.values():
        return UNKNOWN
    return listed([names[key] for key, truth in truths.items() if truth], "and") or "none of the councils"
