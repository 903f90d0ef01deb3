"""Findings: what is said of an outcome, down to the cells it rests on. Made only for outcomes that are asked for."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import narwhals as nw
import polars as pl

from tipstaff.audit.audit import Audit, Outcome
from tipstaff.audit.columns import Columns, floor_of
from tipstaff.audit.facts import JOINT
from tipstaff.audit.inference import FALSE, TRUE, UNKNOWN
from tipstaff.audit.reasons import Literal, answer_of, atoms_of, deciding_inputs, justify, unsettled
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.english import answer, listed, show_value
from tipstaff.policy.expressions import Compare, Constant, Every, FactRef, Node, facts_of
from tipstaff.policy.pack import MESSAGE_FIELD, Aggregate, FactInfo, Repeats, Rule, walk_facts

MOST_TWINS = 5
"""How many other entries are shown as evidence where an entry is repeated."""

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

    ``cell`` is the blank cell where the register has one; ``table`` the table that holds the fact.
    """

    fact: str
    label: str
    table: str
    question: str
    cell: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """An outcome that is reported: a finding, or an undetermined outcome.

    ``conclusions`` names the undetermined conclusions that hold an undetermined outcome up. ``fingerprint`` identifies
    the facts it rests on, without cells, message or parameters; ``rule_sha256`` the rule.
    """

    rule: Rule
    position: int
    """The position of the partnership in the register."""
    ref: str
    name: str
    lead_officer: str
    outcome: Outcome
    message: str
    because: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    missing: tuple[Missing, ...]
    conclusions: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rule, a conclusion or a criterion came out as it did for a partnership."""

    because: tuple[str, ...]
    change: tuple[str, ...]
    """What would have to be otherwise, clause by clause."""
    evidence: tuple[Evidence, ...]
    missing: tuple[Missing, ...]
    conclusions: tuple[str, ...]


class Explainer:
    """Explains outcomes of an audit for a set of partnerships, given by their positions in the register."""

    def __init__(self, audit: Audit, positions: Iterable[int]) -> None:
        self.audit = audit
        self.pack = audit.pack
        self.positions = sorted(set(positions))
        self._at = {position: index for index, position in enumerate(self.positions)}
        self._frame = audit.facts.frame[self.positions]
        self._answers = audit.answers[self.positions]
        self._columns: dict[str, list[Any]] = {}
        self._answered: dict[str, list[Any]] = {}
        self._facts_of_atoms: dict[tuple[Node, ...], tuple[FactInfo, ...]] = {}
        self._atoms_of_rule: dict[str, tuple[Node, ...]] = {}
        self._entries: dict[str, dict[int, list[int]]] = {}
        self._councils = {council.key: council.name for council in self.pack.vocabulary.councils}

    def findings(self, outcomes: Iterable[Outcome] = (Outcome.FINDING, Outcome.UNDETERMINED)) -> Iterator[Finding]:
        """The outcomes asked for, partnership by partnership, rule by rule in the order of the pack."""
        wanted = {int(outcome) for outcome in outcomes}
        columns = [(rule, self._answers[rule.id].to_list()) for rule in self.audit.rules]
        for position in self.positions:
            for rule, column in columns:
                outcome = column[self._at[position]]
                if outcome in wanted:
                    yield self.finding(rule, position, Outcome(outcome))

    def finding(self, rule: Rule, position: int, outcome: Outcome) -> Finding:
        """One outcome, explained."""
        reason = self.reason(rule, position)
        name = self._text("name", position)
        if outcome is Outcome.UNDETERMINED:
            wanted = listed(list(dict.fromkeys(missing.label for missing in reason.missing)), "and")
            message = f"{rule.title}: cannot be told for {name}. Not known: {wanted}."
        else:
            message = self._message(rule, position, reason)
        return Finding(
            rule=rule,
            position=position,
            ref=self.audit.register.refs[position],
            name=name,
            lead_officer=self._text("lead_officer", position),
            outcome=outcome,
            message=message,
            because=reason.because,
            evidence=reason.evidence,
            missing=reason.missing,
            conclusions=reason.conclusions,
            fingerprint=self._fingerprint(rule, position),
        )

    def reason(self, rule: Rule, position: int) -> Reason:
        """Why a rule came out as it did: what made its answer, or what could still settle it."""
        digits = tuple(self._digit(name, position) for name in rule.inputs)
        decision = self.audit.decisions[rule.id].violation
        if decision.answer(digits) == UNKNOWN:
            names = [rule.inputs[place] for place in deciding_inputs(decision, digits)]
            atoms = tuple(dict.fromkeys(atom for name in names for atom in self._unsettled(name, position)))
            held = tuple(name for name in names if name not in self.pack.criteria)
            missing = self._missing(atoms, position)
            return Reason((), (), self._evidence(atoms, position), missing, held)
        literals = self._literals(rule.violation, position)
        return self._reasoned(literals, position)

    def conclusion(self, name: str, position: int) -> Reason:
        """Why a conclusion or a criterion came out as it did."""
        node = FactRef(name, Kind.YES_NO)
        if self._digit(name, position) == UNKNOWN:
            atoms = tuple(self._unsettled(name, position))
            return Reason((), (), self._evidence(atoms, position), self._missing(atoms, position), ())
        return self._reasoned(self._literals(node, position), position)

    def value(self, fact: str, position: int) -> str:
        """A fact of a partnership as an officer reads it."""
        return self._shown(self.pack.facts[fact], position)

    # What made an answer

    def _reasoned(self, literals: list[Literal], position: int) -> Reason:
        def show(fact: FactRef) -> str:
            return self._labelled(fact.name, position)

        because = tuple(dict.fromkeys(answer(atom, truth, show) for atom, truth in literals))
        change = tuple(dict.fromkeys(answer(atom, not truth, show) for atom, truth in literals))
        atoms = tuple(atom for atom, _ in literals)
        return Reason(because, change, self._evidence(atoms, position), (), ())

    def _literals(self, node: Node, position: int) -> list[Literal]:
        """The atoms of criteria that made a formula over criteria and conclusions what it is."""
        found: list[Literal] = []
        for atom, _ in justify(node, lambda atom: self._truth(atom, position)):
            assert isinstance(atom, FactRef)
            criterion = self.pack.criteria.get(atom.name)
            if criterion is None:
                found += self._literals(self.pack.concluding(atom.name).formula, position)
            else:
                found += justify(criterion.test, lambda inner: self._atom(inner, position))
        return list(dict.fromkeys(found))

    def _unsettled(self, name: str, position: int) -> list[Node]:
        """The atoms of criteria that could settle a criterion or conclusion that is unknown."""
        if self._digit(name, position) != UNKNOWN:
            return []
        criterion = self.pack.criteria.get(name)
        if criterion is not None:
            return unsettled(criterion.test, lambda atom: self._atom(atom, position))
        rule = self.pack.concluding(name)
        digits = tuple(self._digit(read, position) for read in rule.inputs)
        inputs = [rule.inputs[place] for place in deciding_inputs(self.audit.decisions[rule.id].violation, digits)]
        return [atom for read in inputs for atom in self._unsettled(read, position)]

    def _message(self, rule: Rule, position: int, reason: Reason) -> str:
        def filled(match: re.Match[str]) -> str:
            field, of = match[1], match[2]
            if field == "because" and of is None:
                return listed(list(reason.because), "and")
            if field == "because":
                return listed(list(self.conclusion(of, position).because), "and")
            if field == "failing":
                return listed(self._failing(rule, position), "and")
            if field.startswith("policy."):
                return self._parameter(field.removeprefix("policy."))
            return self._shown(self.pack.facts[field], position)

        return MESSAGE_FIELD.sub(filled, rule.says)

    def _parameter(self, name: str) -> str:
        node = self.pack.parameters[name]
        return show_value(node.kind, node.value) if isinstance(node, Constant) else str(getattr(node, "period", node))

    def _failing(self, rule: Rule, position: int) -> list[str]:
        """The members of ``all_of`` that do not hold in the criteria of a rule, each by the label of its last fact."""
        found: list[str] = []
        for name in rule.inputs:
            criterion = self.pack.criteria.get(name)
            if criterion is None or not (isinstance(criterion.test, Every) and criterion.test.listed):
                continue
            for operand in criterion.test.operands:
                if answer_of(operand, lambda atom: self._atom(atom, position)) is False:
                    found.append(self.pack.label(facts_of(operand)[-1]))
        return list(dict.fromkeys(found))

    # Answers and values of one partnership

    def _digit(self, name: str, position: int) -> int:
        truth = self._answer(name)[self._at[position]]
        return UNKNOWN if truth is None else TRUE if truth else FALSE

    def _truth(self, atom: Node, position: int) -> bool | None:
        assert isinstance(atom, FactRef)
        truth: bool | None = self._answer(atom.name)[self._at[position]]
        return truth

    def _answer(self, name: str) -> list[Any]:
        if name not in self._answered:
            self._answered[name] = self._answers[name].to_list()
        return self._answered[name]

    def _atom(self, atom: Node, position: int) -> bool | None:
        truth: bool | None = self._atoms[atom][self._at[position]]
        return truth

    @cached_property
    def _atoms(self) -> Mapping[Node, list[bool | None]]:
        """The answers to every atom of every criterion, from the same columns as the criteria themselves."""
        atoms = list(dict.fromkeys(atom for one in self.pack.criteria.values() for atom in atoms_of(one.test)))
        columns = Columns(dict(self.audit.facts.moments))
        frame = nw.from_native(self._frame.lazy())
        truths: pl.DataFrame = (
            frame.select(*(columns.truth(atom).alias(str(index)) for index, atom in enumerate(atoms)))
            .collect()
            .to_native()
        )
        return {atom: truths[str(index)].to_list() for index, atom in enumerate(atoms)}

    def _column(self, name: str) -> list[Any]:
        if name not in self._columns:
            self._columns[name] = self._frame[name].to_list()
        return self._columns[name]

    def _text(self, fact: str, position: int) -> str:
        return self._column(fact)[self._at[position]] or ""

    def _labelled(self, fact: str, position: int) -> str:
        info = self.pack.facts[fact]
        if info.kind is Kind.YES_NO or (info.table is not None and info.kind is Kind.TEXT):
            return info.label
        shown = self._shown(info, position)
        return info.label if shown == "not known" else f"{info.label} ({shown})"

    def _shown(self, info: FactInfo, position: int) -> str:
        index = self._at[position]
        if info.kind.bounded:
            return show_bounds(
                info.kind, self._column(f"{info.name}_lo")[index], self._column(f"{info.name}_hi")[index], info.unit
            )
        if info.kind is Kind.COUNCILS:
            truths = {key: self._column(f"{info.name}_{key}")[index] for key in self._councils}
            return _show_councils(truths, self._councils)
        return show_value(info.kind, self._column(info.name)[index])

    # Evidence and what is missing

    def _evidence(self, atoms: tuple[Node, ...], position: int) -> tuple[Evidence, ...]:
        found: dict[Evidence, None] = {}
        for info in self._stated_facts(atoms):
            for evidence in self._stated(info, position):
                found[evidence] = None
        for atom in atoms:
            for twin in self._twins(atom, position):
                for info in self._stated_facts((atom,)):
                    found.update(dict.fromkeys(self._stated(info, twin)))
        return tuple(found)

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
        return [twin for twin in self._entries[derived.name].get(position, []) if twin != position][:MOST_TWINS]

    def _stated_facts(self, atoms: tuple[Node, ...]) -> tuple[FactInfo, ...]:
        if atoms not in self._facts_of_atoms:
            names = tuple(dict.fromkeys(fact for atom in atoms for fact in facts_of(atom)))
            self._facts_of_atoms[atoms] = tuple(walk_facts(self.pack, names))
        return self._facts_of_atoms[atoms]

    def _stated(self, info: FactInfo, position: int) -> list[Evidence]:
        """The values of a stated fact with their cells; where it is blank, the blank cell."""
        assert info.table is not None
        rows = self.audit.register.tables[info.table]
        by_council = rows.table.shape is Shape.COUNCIL_YEAR
        found = []
        for index in self._rows_of(info, position):
            value = self._value(rows.columns, info, index)
            if by_council and value == "not known":
                continue
            if info.kind is Kind.TEXT and rows.table.facts[info.name].personal and value != "not known":
                value = "given"
            if by_council:
                council = rows.council[index]
                value = f"{value} ({self._councils[council] if council else 'not tied to one council'})"
            found.append(Evidence(info.name, info.label, value, self._cell(info, index, blank=value == "not known")))
        return found or [Evidence(info.name, info.label, "not known", None)]

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

    def _missing(self, atoms: tuple[Node, ...], position: int) -> tuple[Missing, ...]:
        """The facts not known that could change the answer to one of the atoms."""
        found: dict[Missing, None] = {}
        for atom in atoms:
            facts = self._stated_facts((atom,))
            asked = [self._asked(info, position) for info in facts if self._open(info, atom, position)]
            for twin in [] if asked else self._twins(atom, position):
                asked += [self._asked(info, twin) for info in facts if self._stated(info, twin)[0].value == "not known"]
            found.update(dict.fromkeys(asked or [self._asked(info, position) for info in facts]))
        return tuple(found)

    def _asked(self, info: FactInfo, position: int) -> Missing:
        assert info.table is not None
        rows = self._rows_of(info, position)
        cell = self._cell(info, rows[0], blank=True) if len(rows) == 1 else None
        return Missing(info.name, info.label, info.table, info.question, cell)

    def _open(self, info: FactInfo, atom: Node, position: int) -> bool:
        """Whether a stated fact is not known, and could change the answer to an atom."""
        assert info.table is not None
        index = self._at[position]
        if self.audit.register.tables[info.table].table.shape is not Shape.COUNCIL_YEAR:
            return not self._known(info, info.name, index)
        lines = [*self._councils, JOINT]
        return any(
            not self._known(info, f"{info.name}#{line}", index) and self._line_matters(atom, line, index)
            for line in lines
        )

    def _known(self, info: FactInfo, base: str, index: int) -> bool:
        if info.kind.bounded:
            lo, hi = self._column(f"{base}_lo")[index], self._column(f"{base}_hi")[index]
            return bool(lo == hi)
        if info.kind is Kind.COUNCILS:
            return all(self._column(f"{base}_{key}")[index] is not None for key in self._councils)
        return self._column(base)[index] is not None

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
            most = self._column(f"{fact}@{line}_hi")[index]
            if most is None:
                return None
            total += most
        return total

    def _fingerprint(self, rule: Rule, position: int) -> str:
        leaves = []
        for info in self._stated_facts(self._rule_atoms(rule)):
            assert info.table is not None
            columns = self.audit.register.tables[info.table].columns
            council = self.audit.register.tables[info.table].council
            values = sorted(
                f"{council[index] or JOINT if council else ''}={self._value(columns, info, index)}"
                for index in self._rows_of(info, position)
            )
            leaves.append((info.name, values))
        stated = [rule.id, self.audit.register.refs[position], sorted(leaves)]
        return hashlib.sha256(json.dumps(stated, ensure_ascii=False).encode()).hexdigest()[:16]

    def _rule_atoms(self, rule: Rule) -> tuple[Node, ...]:
        """The atoms of every criterion that a rule rests on, through conclusions too."""
        if rule.id not in self._atoms_of_rule:
            found: dict[Node, None] = {}
            for name in rule.inputs:
                criterion = self.pack.criteria.get(name)
                below = self._rule_atoms(self.pack.concluding(name)) if criterion is None else atoms_of(criterion.test)
                found.update(dict.fromkeys(below))
            self._atoms_of_rule[rule.id] = tuple(found)
        return self._atoms_of_rule[rule.id]


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
            return "not known"
        return f"{show_value(kind, lo, unit)} or {'later' if kind is Kind.DATE else 'more'}"
    most = show_value(kind, hi, unit)
    if lo is None or lo == floor:
        return f"{most} or earlier" if kind is Kind.DATE else f"up to {most}"
    return f"{show_value(kind, lo)} to {most}"


def _show_councils(truths: Mapping[str, bool | None], names: Mapping[str, str]) -> str:
    if None in truths.values():
        return "not known"
    return listed([names[key] for key, truth in truths.items() if truth], "and") or "none of the councils"
