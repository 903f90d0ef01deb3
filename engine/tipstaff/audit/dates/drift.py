"""Drift: what may be another every day, because an amount is worked out from a moment of the audit.

Dates that are compared can be followed to the days on which they pass each other (``turning``). What a yearly amount
has come to by the as-of date cannot: the criteria that rest on such an amount are asked every day, and nothing else is.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from tipstaff.audit.columns.compiler import Columns
from tipstaff.audit.columns.law import truths
from tipstaff.audit.gathering.derived import with_formulas
from tipstaff.audit.gathering.facts import Facts
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import (
    Between,
    Constant,
    Either,
    FactRef,
    Law,
    Moment,
    Node,
    Product,
    Shift,
    Sum,
    children,
    kind_of,
)
from tipstaff.policy.pack.model import Derived, Pack, formulas_of


def formulas_below(pack: Pack, fact: str) -> tuple[Node, ...]:
    """The formulas that a fact is made of, or defaults to if no source states it."""
    info = pack.facts[fact]
    rules = pack.tables.get(info.table or "")
    if info.derived is None and rules is not None and info.column in rules.otherwise:
        return (rules.otherwise[info.column],)
    return formulas_of(info.derived)


class Drift:
    """The parts of a pack that drift: facts, and the criteria that rest on them."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._values: dict[str, bool] = {}
        self._facts: dict[str, bool] = {}
        drifting = [name for name in pack.facts if self._fact_rests_on_it(name)]
        own = {derived.name: derived for derived in pack.derived if isinstance(derived.formula, Node)}
        self.facts: tuple[Derived, ...] = tuple(own[name] for name in own if name in drifting)
        self.criteria = tuple(one.name for one in pack.criteria.values() if self._rests_on_it(one.test))
        self.always = any(name not in own for name in drifting)
        """Whether something drifts that is worked out from rows, so that every day must be audited."""

    def drifts(self, node: Node) -> bool:
        """Whether an amount or a date may be another every day, and is not a date that can be followed."""
        match node:
            case Constant() | Moment():
                return False
            case FactRef(name=name):
                return self._value_drifts(name)
            case Shift() | Between() | Either() | Sum() | Product():
                return any(self.drifts(part) for part in _values(node))
            case Law(at=at):
                return self.drifts(at)
            case _ if kind_of(node) is Kind.DATE:
                return True
            case _:
                return any(self._reads_a_moment(part) or self.drifts(part) for part in _values(node))

    def asks(self, node: Node) -> bool:
        """Whether a node is itself a question of what drifts: a comparison, say, or whether it is known."""
        return kind_of(node) is Kind.YES_NO and any(self.drifts(part) for part in _values(node))

    def answers(self, facts: Facts, moments: Mapping[str, date]) -> pl.DataFrame:
        """The answers of the criteria that drift, at other moments than those that the facts were gathered for."""
        dates = dict(moments)
        columns = Columns(dates, unasked=facts.unasked)
        frame = facts.frame
        for derived in self.facts:
            frame = frame.with_columns(with_formulas(frame, [derived], dates, facts.unasked))
        tests = {name: self.pack.criteria[name].test for name in self.criteria}
        return truths(frame, tests, columns)

    def _value_drifts(self, fact: str) -> bool:
        if fact not in self._values:
            parts = (part for part in formulas_below(self.pack, fact) if kind_of(part).bounded)
            self._values[fact] = any(self.drifts(part) for part in parts)
        return self._values[fact]

    def _reads_a_moment(self, node: Node) -> bool:
        if isinstance(node, FactRef):
            return any(self._reads_a_moment(part) for part in formulas_below(self.pack, node.name))
        return isinstance(node, Moment) or any(self._reads_a_moment(part) for part in _values(node))

    def _fact_rests_on_it(self, fact: str) -> bool:
        if fact not in self._facts:
            parts = formulas_below(self.pack, fact)
            self._facts[fact] = any(self._rests_on_it(part) for part in parts) or self._value_drifts(fact)
        return self._facts[fact]

    def _rests_on_it(self, node: Node) -> bool:
        """Whether an expression contains anything that drifts."""
        if isinstance(node, FactRef):
            return self._fact_rests_on_it(node.name)
        return self.asks(node) or any(self._rests_on_it(part) for part in children(node))


def _values(node: Node) -> tuple[Node, ...]:
    """The parts of a node that are amounts or dates."""
    return tuple(part for part in children(node) if kind_of(part).bounded)
