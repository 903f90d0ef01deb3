"""Aggregates over the rows of a table, or of a ledger: what they say together of each partnership, in three values."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from tipstaff.audit.columns.compiler import Columns, column_of, one_where, settled
from tipstaff.audit.columns.law import with_law
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.pack.model import Aggregate, Derived, formulas_of


def over_rows(
    partnerships: int,
    rows: pl.DataFrame,
    derived: Sequence[tuple[Derived, Aggregate]],
    dates: Mapping[str, date],
    unasked: frozenset[str],
) -> pl.DataFrame:
    """Aggregates over ``rows``, which name their ``partnership``: columns with a row for each of so many partnerships.

    The rows are taken to be all there are, but for those that are not ``surely`` there; if there is none, nothing is
    known.
    """
    columns = Columns(dict(dates), unasked=unasked)
    stated = with_law(rows.lazy(), (node for one, _ in derived for node in formulas_of(one)), columns)
    surely = pl.when(pl.col("surely")).then(pl.lit(True)) if "surely" in rows.columns else None
    parts: list[pl.Expr] = []
    made: list[pl.Expr] = []
    for one, aggregate in derived:
        counts = pl.lit(True) if aggregate.where is None else columns.truth(aggregate.where)
        if surely is not None:
            counts = counts & surely
        parts += _parts(one.name, aggregate, counts, columns)
        made += _made(one, aggregate)
    sums = stated.select("partnership", *parts).group_by("partnership").agg(_summed(derived)).collect()
    every = pl.select(partnership=pl.int_range(partnerships, dtype=pl.UInt32))
    found = every.join(sums, on="partnership", how="left", maintain_order="left").select(made)
    floors = [f"{one.name}_lo" for one, _ in derived if one.kind is not Kind.YES_NO]
    return found.with_columns(pl.col(floors).fill_null(0))


def _parts(name: str, aggregate: Aggregate, counts: pl.Expr, columns: Columns) -> list[pl.Expr]:
    """The least and most that each row adds to an aggregate, and whether the most is unlimited."""
    if aggregate.function in ("any", "every", "count"):
        over = columns.truth(aggregate.over)
        hit = counts & (~over if aggregate.function == "every" else over)
        return [
            one_where(hit).alias(f"{name} least"),
            one_where(hit.fill_null(True)).alias(f"{name} most"),
        ]
    ends = columns.ends(aggregate.over)
    least = pl.when(counts).then(column_of(ends.lo)).otherwise(pl.lit(0)).cast(pl.Int64)
    most = pl.when(~counts).then(pl.lit(0)).otherwise(column_of(ends.hi)).cast(pl.Int64)
    return [
        least.alias(f"{name} least"),
        most.fill_null(0).alias(f"{name} most"),
        one_where(most.is_null()).alias(f"{name} open"),
    ]


def _summed(derived: Sequence[tuple[Derived, Aggregate]]) -> list[pl.Expr]:
    found: list[pl.Expr] = []
    for one, aggregate in derived:
        ends = [pl.col(f"{one.name} least"), pl.col(f"{one.name} most")]
        found += [end.max() if aggregate.function == "greatest" else end.sum() for end in ends]
        if aggregate.function in ("sum", "greatest"):
            found.append(pl.col(f"{one.name} open").sum())
    return found


def _made(derived: Derived, aggregate: Aggregate) -> list[pl.Expr]:
    """The columns of an aggregate, of what its rows come to."""
    name = derived.name
    least, most = pl.col(f"{name} least"), pl.col(f"{name} most")
    match aggregate.function:
        case "any":
            return [settled(least > 0, most == 0).alias(name)]
        case "every":
            return [settled(most == 0, least > 0).alias(name)]
        case "count":
            return [(least * 100).alias(f"{name}_lo"), (most * 100).alias(f"{name}_hi")]
        case _:
            limited = pl.col(f"{name} open") == 0
            return [least.alias(f"{name}_lo"), pl.when(limited).then(most).alias(f"{name}_hi")]
