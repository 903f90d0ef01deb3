"""Facts: a register's tables become one row a partnership, in columns, what is missing staying missing.

A bounded fact is two columns (``x_lo``, ``x_hi``), any other one; a text that is compared has its normal spelling
beside it (``x_key``). Contributions become columns by line and by council (see ``contributions``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from tipstaff.audit.columns.compiler import Columns, bounded, floor_of
from tipstaff.audit.columns.contributions import (
    contribution_rows,
    cycle_rules,
    lines_joined,
    rows_of_cycle,
    rows_of_year,
)
from tipstaff.audit.columns.frames import as_column, compared_texts, frame_of
from tipstaff.audit.gathering.current_agreement import candidates, current_rows
from tipstaff.audit.gathering.derived import Between, by_formula, crossing, with_derived
from tipstaff.audit.gathering.repeats import named_alike, repeated
from tipstaff.audit.ledgers.beneficiaries import Beneficiaries, beneficiaries
from tipstaff.audit.ledgers.totals import LedgerRows, amounts, ledger_rows
from tipstaff.facts.periods import FinancialYear, financial_year_of
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.language.nodes import Exists, FactRef, Node
from tipstaff.policy.pack.model import Pack, Recipients, TableRules, walk_facts
from tipstaff.register.tables.model import Closed, Register


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
    own = gather_alone(register, pack, as_of, cycle)
    received: dict[Recipients, Beneficiaries] = {}
    ledgers: dict[str, LedgerRows] = {}
    for ledger in pack.ledgers_read:
        if ledger.to not in received:
            received[ledger.to] = beneficiaries(register, pack, ledger.to)
        given = amounts(ledger, register, pack, own.frame, own.rows[ledger.table], own.moments)
        ledgers[ledger.name] = ledger_rows(ledger, received[ledger.to], given, own.moments)
    between = Between(
        judged={name: rows.of_partnerships for name, rows in ledgers.items()},
        repeats={
            name: repeated(named_alike(own.frame, repeats, register.apart).lazy(), name, repeats)
            for name, repeats in pack.repeats.items()
        },
    )
    return replace(completed(own, pack, between), ledgers=ledgers)


def completed(own: Facts, pack: Pack, between: Between) -> Facts:
    """The facts of partnerships alone, with those that rest on what is ``between`` them and others."""
    crosses = crossing(pack)
    rest = [one for one in pack.derived if one.name in crosses]
    frame = with_derived(own.frame, rest, own.rows, pack, own.moments, own.unasked, between)
    return replace(own, frame=frame)


def gather_alone(register: Register, pack: Pack, as_of: date, cycle: FinancialYear) -> Facts:
    """The facts of each partnership by itself: all but those that rest on others (see ``derived.crossing``)."""
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
    crosses = crossing(pack)
    own = [one for one in pack.derived if one.name not in crosses]
    facts = with_derived(frame.collect(), own, children_rows, pack, dates, unasked)
    return Facts(facts, children_rows, dates, {}, unasked)


def in_cycle(table: str) -> str:
    """The name under which the rows of a table that are of the cycle's year are kept."""
    return f"{table} in cycle"


def _closed(register: Register, names: Mapping[str, str], year: int) -> set[tuple[str, str]]:
    """The facts by name, and for each year the councils whose figures a register has in full."""
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
    """Facts of at most one row a partnership, joined on; if there is not a row they are unknown."""
    joined = frame.join(
        table.drop("index", strict=False), left_on="row", right_on="partnership", how="left", maintain_order="left"
    )
    floors = {fact.columns[0]: floor_of(fact.kind) for fact in rules.table.facts.values() if fact.kind.bounded}
    if rules.table.shape is Shape.CURRENT:
        floors |= {f"{one.name}_lo": floor_of(one.kind) for one in rules.derived if one.kind.bounded}
    return joined.with_columns(pl.col(name).fill_null(floor) for name, floor in floors.items())


def _row_by_row(
    table: pl.LazyFrame, rules: TableRules, dates: dict[str, date], unasked: frozenset[str]
) -> pl.LazyFrame:
    columns = Columns(dates, unasked=unasked)
    for name, node in rules.otherwise.items():
        fact = rules.table.facts[name]
        table = table.with_columns(*_otherwise(columns, name, fact.kind, node))
    for derived in rules.derived:
        table = table.with_columns(*by_formula(columns, derived))
    return table


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
