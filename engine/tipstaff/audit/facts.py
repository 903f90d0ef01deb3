"""Facts: a register's tables become one row a partnership, in columns, what is missing staying missing.

A bounded fact is two columns (``x_lo``, ``x_hi``), any other one; a text that is compared has its normal spelling
beside it (``x_key``). Contributions become columns by line and by council (see ``contributions``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from typing import Any

import polars as pl

from tipstaff.audit.aggregates import over_rows
from tipstaff.audit.beneficiaries import Beneficiaries, beneficiaries
from tipstaff.audit.columns import Columns, bounded, first_known, floor_of
from tipstaff.audit.contributions import (
    aggregated,
    contribution_rows,
    cycle_rules,
    lines_joined,
    rows_of_cycle,
    rows_of_year,
)
from tipstaff.audit.current import candidates, current_rows
from tipstaff.audit.frames import as_column, compared_texts, frame_of
from tipstaff.audit.law_columns import with_law
from tipstaff.audit.ledgers import LedgerRows, judged, ledger_rows
from tipstaff.audit.repeats import repeated
from tipstaff.facts.periods import FinancialYear, financial_year_of
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.expressions import Exists, FactRef, Node, facts_of
from tipstaff.policy.pack import (
    Aggregate,
    CouncilsIn,
    Derived,
    Pack,
    Recipients,
    Repeats,
    TableRules,
    formulas_of,
    ledger_facts,
    walk_facts,
)
from tipstaff.register.cells import councils_named
from tipstaff.register.model import Closed, Register


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a register.

    ``frame`` has one row a partnership, in register order, with the column ``row`` as its position. ``rows`` has the
    rows of each child table with what was derived of them: of a table of current rows ``possible`` says whether a row
    may be the current one; of contributions only the rows are there that count in the financial year, and beside them
    (see ``in_cycle``) those of the year of the cycle. ``ledgers`` has the ledgers that some derived fact reads.
    ``unasked`` names the facts that the register has no place for, and those derived from any of them.
    """

    frame: pl.DataFrame
    rows: Mapping[str, pl.DataFrame]
    moments: Mapping[str, date]
    ledgers: Mapping[str, LedgerRows]
    unasked: frozenset[str] = frozenset()


def moments(as_of: date, cycle: FinancialYear) -> dict[str, date]:
    """The dates that expressions may name, for one audit."""
    year = financial_year_of(as_of)
    return {
        "as_of": as_of,
        "year_start": year.first_day,
        "year_end": year.last_day,
        "cycle_start": cycle.first_day,
        "cycle_end": cycle.last_day,
    }


def gather(register: Register, pack: Pack, as_of: date, cycle: FinancialYear) -> Facts:
    """The facts of a register as of a date."""
    dates = moments(as_of, cycle)
    keys = compared_texts(pack)
    year = financial_year_of(as_of).start
    unasked = _unasked(register, pack, year, cycle.start)
    children_rows: dict[str, pl.DataFrame] = {}
    frame: pl.LazyFrame | None = None
    for rules in sorted(pack.tables.values(), key=lambda rules: rules.table.shape is not Shape.REGISTER):
        rows = register.tables[rules.table.name]
        match rules.table.shape:
            case Shape.REGISTER:
                frame = frame_of(rows, pack, keys).with_row_index("row").lazy()
                frame = _row_by_row(frame, rules, dates, unasked)
            case Shape.ONE:
                assert frame is not None
                frame = _joined(frame, frame_of(rows, pack, keys).lazy(), rules)
                frame = _row_by_row(frame, rules, dates, unasked)
            case Shape.CYCLE:
                assert frame is not None
                of_every_cycle = frame_of(rows, pack, keys).with_columns(as_column("_cycle", rows.year, pl.Int32))
                mine = of_every_cycle.filter(pl.col("_cycle") == cycle.start).drop("_cycle")
                children_rows[rules.table.name] = mine
                frame = _joined(frame, children_rows[rules.table.name].lazy(), rules)
                frame = _row_by_row(frame, rules, dates, unasked)
            case Shape.MANY:
                table = _row_by_row(frame_of(rows, pack, keys).lazy(), rules, dates, unasked)
                children_rows[rules.table.name] = table.collect()
            case Shape.CURRENT:
                assert frame is not None
                table = _row_by_row(frame_of(rows, pack, keys).lazy(), rules, dates, unasked)
                table = candidates(table, rules, as_of)
                children_rows[rules.table.name] = table.collect()
                table = children_rows[rules.table.name].lazy()
                frame = _joined(frame, current_rows(table, _physical(rules, pack, keys)), rules)
            case Shape.COUNCIL_YEAR:
                assert frame is not None
                stated = contribution_rows(rows, pack)
                children_rows[rules.table.name] = rows_of_year(stated, year)
                lines = children_rows[rules.table.name].lazy()
                closed = _closed(register, {name: name for name in rules.table.facts}, year)
                frame = lines_joined(frame, lines, rules, pack, dates, closed)
                if rules.in_cycle:
                    of_cycle = rows_of_cycle(stated, cycle.start, rules.in_cycle)
                    children_rows[in_cycle(rules.table.name)] = of_cycle
                    closed = _closed(register, rules.in_cycle, cycle.start)
                    lines = of_cycle.lazy()
                    frame = lines_joined(frame, lines, cycle_rules(rules), pack, dates, closed)
            case Shape.LONG:
                continue
    assert frame is not None
    facts: pl.DataFrame = frame.collect().sort("row")
    return _derive(Facts(facts, children_rows, dates, {}, unasked), register, pack, keys)


def _derive(facts: Facts, register: Register, pack: Pack, keys: set[str]) -> Facts:
    """The facts with those that are derived for the partnership, and the ledgers that these read."""
    frame, dates, unasked = facts.frame, dict(facts.moments), facts.unasked
    ledgers: dict[str, LedgerRows] = {}
    received: dict[Recipients, Beneficiaries] = {}
    for level in _levels(pack):
        made: list[pl.Series] = []
        for name, derived in _by_rows(level).items():
            if name in pack.ledgers:
                ledger = pack.ledgers[name]
                if name not in ledgers:
                    if ledger.to not in received:
                        received[ledger.to] = beneficiaries(register, pack, ledger.to)
                    to, of_table = received[ledger.to], facts.rows[ledger.table]
                    ledgers[name] = ledger_rows(ledger, to, register, pack, frame, of_table, dates)
                read = [node for one, _ in derived for node in formulas_of(one)]
                rows = judged(ledger, ledgers[name], frame, read)
            elif pack.tables[name].table.shape is Shape.COUNCIL_YEAR:
                sums = [column for one in derived for column in aggregated(*one, pack, dates, unasked)]
                made += frame.select(sums).get_columns()
                continue
            else:
                rows = facts.rows[name]
            made += over_rows(len(frame), rows, derived, dates, unasked).get_columns()
        made += with_formulas(frame, [one for one in level if isinstance(one.formula, Node)], dates, unasked)
        for one in level:
            match one.formula:
                case Repeats(keys=same, also=also):
                    made.append(_repeated(frame, one.name, same, also, register.apart))
                case CouncilsIn(fact=fact):
                    made += _councils_named(frame[fact].to_list(), one.name, pack)
        frame = frame.with_columns(made)
    return replace(facts, frame=frame, ledgers=ledgers)


def _levels(pack: Pack) -> Iterable[list[Derived]]:
    """The derived facts of partnerships, each after those that it is derived from."""
    level: dict[str, int] = {}
    for derived in pack.derived:
        read = [name for node in formulas_of(derived) for name in facts_of(node)]
        if isinstance(derived.formula, Aggregate) and derived.formula.table in pack.ledgers:
            read += ledger_facts(pack.ledgers[derived.formula.table])
        level[derived.name] = max((level[name] + 1 for name in read if name in level), default=0)
    for depth in sorted({*level.values()}):
        yield [derived for derived in pack.derived if level[derived.name] == depth]


def _by_rows(level: Iterable[Derived]) -> dict[str, list[tuple[Derived, Aggregate]]]:
    """The aggregates among derived facts, by the table or ledger that they go over."""
    found: dict[str, list[tuple[Derived, Aggregate]]] = {}
    for derived in level:
        if isinstance(derived.formula, Aggregate):
            found.setdefault(derived.formula.table, []).append((derived, derived.formula))
    return found


def in_cycle(table: str) -> str:
    """The name under which the rows of a table that are of the cycle's year are kept."""
    return f"{table} in cycle"


def _closed(register: Register, names: Mapping[str, str], year: int) -> set[tuple[str, str]]:
    """The facts, by the names that stand for them, and the councils of which a register has all there is for a year."""
    closed = {(one.fact, one.council) for one in register.closed if one.year == year}
    return {(name, council) for name, stated in names.items() for fact, council in closed if fact == stated}


def _unasked(register: Register, pack: Pack, year: int, cycle: int) -> frozenset[str]:
    """The facts that a register has no place for, and those derived from any of them.

    One that is complete for some councils and years has no place for the others.
    """
    councils = [council.key for council in pack.vocabulary.councils]
    partly = {one.fact for one in register.closed}

    def has_no_place(fact: str, year: int) -> bool:
        beyond = (Closed(fact, council, year) not in register.closed for council in councils)
        return fact in register.unasked or (fact in partly and any(beyond))

    unasked = set(register.unasked) | {fact for fact in partly if has_no_place(fact, year)}
    for rules in pack.tables.values():
        unasked.update(name for name, fact in rules.in_cycle.items() if has_no_place(fact, cycle))
    if not unasked:
        return frozenset()
    derived = (info.name for info in pack.facts.values() if info.derived is not None)
    return frozenset(unasked).union(
        name for name in derived if any(one.name in unasked for one in walk_facts(pack, (name,)))
    )


def _physical(rules: TableRules, pack: Pack, keys: set[str]) -> dict[str, Kind]:
    """The physical columns of a table's facts, stated and derived, with the kind of fact each belongs to."""
    found: dict[str, Kind] = {}
    for fact in rules.table.facts.values():
        if fact.kind is Kind.COUNCILS:
            found |= {f"{fact.name}_{council.key}": fact.kind for council in pack.vocabulary.councils}
        else:
            found |= dict.fromkeys(fact.columns, fact.kind)
        if fact.kind is Kind.TEXT and fact.name in keys:
            found[f"{fact.name}_key"] = fact.kind
    for derived in rules.derived:
        names = (f"{derived.name}_lo", f"{derived.name}_hi") if derived.kind.bounded else (derived.name,)
        found |= dict.fromkeys(names, derived.kind)
    return found


def _joined(frame: pl.LazyFrame, table: pl.LazyFrame, rules: TableRules) -> pl.LazyFrame:
    """Facts of at most one row a partnership, joined on; where there is no row they are unknown."""
    names = [name for name in table.collect_schema().names() if name not in ("partnership", "index")]
    joined = frame.join(table.drop("index", strict=False), left_on="row", right_on="partnership", how="left")
    floors = {fact.columns[0]: floor_of(fact.kind) for fact in rules.table.facts.values() if fact.kind.bounded}
    if rules.table.shape is Shape.CURRENT:
        floors |= {f"{one.name}_lo": floor_of(one.kind) for one in rules.derived if one.kind.bounded}
    return joined.with_columns(pl.col(name).fill_null(floors[name]) for name in names if name in floors)


def _row_by_row(
    table: pl.LazyFrame, rules: TableRules, dates: dict[str, date], unasked: frozenset[str]
) -> pl.LazyFrame:
    columns = Columns(dates, unasked=unasked)
    for name, node in rules.otherwise.items():
        fact = rules.table.facts[name]
        table = table.with_columns(*_otherwise(columns, name, fact.kind, node))
    for derived in rules.derived:
        table = table.with_columns(*_formula(columns, derived))
    return table


def _formula(columns: Columns, derived: Derived) -> list[pl.Expr]:
    """The physical columns of a fact derived by a formula, or where it is not known by what is taken in its place."""
    node: Any = derived.formula
    if derived.kind.bounded:
        all_ends = [columns.ends(part) for part in (node, *derived.otherwise)]
        return bounded(derived.name, first_known(all_ends, derived.kind))
    truths = [columns.truth(part) for part in (node, *derived.otherwise)]
    known = reduce(lambda first, other: pl.when(~first.is_null()).then(first).otherwise(other), truths)
    return [known.alias(derived.name)]


def _otherwise(columns: Columns, name: str, kind: Kind, node: Node) -> list[pl.Expr]:
    """A stated fact, and where no source states it what the pack takes it to be."""
    ref = FactRef(name, kind)
    stated = columns.truth(Exists(ref))
    base = columns.physical(name)
    if not kind.bounded:
        return [pl.when(stated).then(pl.col(base)).otherwise(columns.truth(node)).alias(base)]
    implied = bounded(base, columns.ends(node))
    return [
        pl.when(stated).then(pl.col(end)).otherwise(value).alias(end)
        for end, value in zip((f"{base}_lo", f"{base}_hi"), implied, strict=True)
    ]


def _repeated(
    frame: pl.DataFrame, name: str, same: Sequence[str], also: Sequence[str], apart: Sequence[int]
) -> pl.Series:
    spelt = frame.select("row", *(f"{fact}_key" for fact in (*same, *also)))
    spelt = spelt.with_columns(_apart=pl.Series(apart or [0] * len(spelt), dtype=pl.UInt32))
    return repeated(spelt.lazy(), name, tuple(same), tuple(also)).collect().sort("row")[name]


def with_formulas(
    frame: pl.DataFrame, derived: Sequence[Derived], dates: dict[str, date], unasked: frozenset[str]
) -> list[pl.Series]:
    """The columns of facts that formulas derive, worked out for these dates, be it for the second time."""
    columns = Columns(dates, unasked=unasked)
    frame = with_law(frame, [node for one in derived for node in formulas_of(one)], columns)
    made = [column for one in derived for column in _formula(columns, one)]
    return frame.lazy().select("row", *made).collect().drop("row").get_columns()


def _councils_named(texts: Sequence[str | None], name: str, pack: Pack) -> list[pl.Series]:
    found: dict[str | None, str | None] = {None: None}
    for text in dict.fromkeys(texts):
        if text is not None:
            named = councils_named(text, pack.vocabulary)
            found[text] = " ".join(sorted(named)) if named else None
    column = [found[text] for text in texts]
    return [pl.Series(one, column, dtype=pl.String) for one in (name, f"{name}_key")]
