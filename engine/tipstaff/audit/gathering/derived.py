"""Derived facts: what a pack works out for each partnership, level by level.

Some rest on other partnerships: what a beneficiary had of all of them, or which of them say the same. Of these
``Between`` holds what was found over the whole register.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import Any

import polars as pl

from tipstaff.audit.columns.aggregates import over_rows
from tipstaff.audit.columns.compiler import Columns, bounded, first_known
from tipstaff.audit.columns.contributions import aggregated
from tipstaff.audit.columns.law import with_law
from tipstaff.audit.ledgers.totals import judged
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.language.nodes import Node, facts_of
from tipstaff.policy.pack.model import Aggregate, CouncilsIn, Derived, Pack, Repeats, formulas_of, ledger_facts
from tipstaff.register.tables.cells import councils_named


@dataclass(frozen=True, slots=True)
class Between:
    """The facts that partnerships share with others, for the partnerships of a frame, by their ``row`` in it.

    ``judged`` has the rows of each ledger that concern them (see ``LedgerRows.of_partnerships``), ``repeats`` whether
    they repeat another, by the name of the derived fact.
    """

    judged: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    repeats: Mapping[str, pl.DataFrame] = field(default_factory=dict)


_NOTHING = Between()


def crossing(pack: Pack) -> frozenset[str]:
    """The derived facts that rest on other partnerships."""
    found: set[str] = set()
    for derived in pack.derived:
        of_ledger = isinstance(derived.formula, Aggregate) and derived.formula.table in pack.ledgers
        if of_ledger or isinstance(derived.formula, Repeats) or found & {*_read(derived, pack)}:
            found.add(derived.name)
    return frozenset(found)


def with_derived(
    frame: pl.DataFrame,
    derived: Sequence[Derived],
    rows: Mapping[str, pl.DataFrame],
    pack: Pack,
    dates: Mapping[str, date],
    unasked: frozenset[str],
    between: Between = Between(),
) -> pl.DataFrame:
    """The frame of partnerships with facts that are derived of it, and of the ``rows`` of their tables."""
    for level in _levels(derived, pack):
        made: list[pl.Series] = []
        for name, aggregates in _by_rows(level).items():
            if name in pack.ledgers:
                read = [node for one, _ in aggregates for node in formulas_of(one)]
                concerned = judged(between.judged[name], frame, read)
            elif pack.tables[name].table.shape is Shape.COUNCIL_YEAR:
                sums = [column for one in aggregates for column in aggregated(*one, pack, dict(dates), unasked)]
                made += frame.select(sums).get_columns()
                continue
            else:
                concerned = rows[name]
            made += over_rows(len(frame), concerned, aggregates, dates, unasked).get_columns()
        made += with_formulas(frame, [one for one in level if isinstance(one.formula, Node)], dates, unasked)
        for one in level:
            match one.formula:
                case Repeats():
                    made.append(_in_rows(frame, between.repeats[one.name], one.name))
                case CouncilsIn(fact=fact):
                    made += _councils_named(frame[fact].to_list(), one.name, pack)
        frame = frame.with_columns(made)
    return frame


def _in_rows(frame: pl.DataFrame, found: pl.DataFrame, name: str) -> pl.Series:
    return frame.select("row").join(found, on="row", how="left", maintain_order="left")[name]


def _levels(derived: Sequence[Derived], pack: Pack) -> Iterable[list[Derived]]:
    """Derived facts, each after those that it is derived from."""
    level: dict[str, int] = {}
    for one in derived:
        level[one.name] = max((level[name] + 1 for name in _read(one, pack) if name in level), default=0)
    for depth in sorted({*level.values()}):
        yield [one for one in derived if level[one.name] == depth]


def _read(derived: Derived, pack: Pack) -> list[str]:
    """The facts that a derived fact is derived from."""
    read = [name for node in formulas_of(derived) for name in facts_of(node)]
    if isinstance(derived.formula, Aggregate) and derived.formula.table in pack.ledgers:
        read += ledger_facts(pack.ledgers[derived.formula.table])
    return read


def _by_rows(level: Iterable[Derived]) -> dict[str, list[tuple[Derived, Aggregate]]]:
    """The aggregates among derived facts, by the table or ledger that they go over."""
    found: dict[str, list[tuple[Derived, Aggregate]]] = {}
    for derived in level:
        if isinstance(derived.formula, Aggregate):
            found.setdefault(derived.formula.table, []).append((derived, derived.formula))
    return found


def with_formulas(
    frame: pl.DataFrame, derived: Sequence[Derived], dates: Mapping[str, date], unasked: frozenset[str]
) -> list[pl.Series]:
    """The columns of facts that formulas derive, worked out for these dates, be it for the second time."""
    columns = Columns(dict(dates), unasked=unasked)
    stated = with_law(frame.lazy(), (node for one in derived for node in formulas_of(one)), columns)
    made = [column for one in derived for column in by_formula(columns, one)]
    return stated.select("row", *made).collect().drop("row").get_columns()


def by_formula(columns: Columns, derived: Derived) -> list[pl.Expr]:
    """The physical columns of a fact derived by a formula, or if it is not known by what is taken in its place."""
    node: Any = derived.formula
    if derived.kind.bounded:
        all_ends = [columns.ends(part) for part in (node, *derived.otherwise)]
        return bounded(derived.name, first_known(all_ends, derived.kind))
    truths = [columns.truth(part) for part in (node, *derived.otherwise)]
    known = reduce(lambda first, other: pl.when(~first.is_null()).then(first).otherwise(other), truths)
    return [known.alias(derived.name)]


def _councils_named(texts: Sequence[str | None], name: str, pack: Pack) -> list[pl.Series]:
    found: dict[str | None, str | None] = {None: None}
    for text in dict.fromkeys(texts):
        if text is not None:
            named = councils_named(text, pack.vocabulary)
            found[text] = " ".join(sorted(named)) if named else None
    column = [found[text] for text in texts]
    return [pl.Series(one, column, dtype=pl.String) for one in (name, f"{name}_key")]
