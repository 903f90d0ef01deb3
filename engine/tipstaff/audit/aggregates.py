"""Aggregates over the rows of a table, or of a ledger: what they say together of each partnership, in three values."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from tipstaff.audit.columns import Columns, column_of, one_where, settled
from tipstaff.audit.law_columns import with_law
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.pack import Aggregate, Derived, formulas_of


def over_rows(
    frame: pl.DataFrame,
    rows: pl.DataFrame,
    derived: Derived,
    aggregate: Aggregate,
    dates: Mapping[str, date],
    unasked: frozenset[str],
) -> pl.DataFrame:
    """The frame with an aggregate over ``rows``, which name their ``partnership``.

    The rows are taken to be all there are, but for those that are not ``surely`` there; where there is none, nothing is
    known.
    """
    columns = Columns(dict(dates), unasked=unasked)
    rows = with_law(rows, formulas_of(derived), columns)
    counts = pl.lit(True) if aggregate.where is None else columns.truth(aggregate.where)
    if "surely" in rows.columns:
        counts = counts & pl.when(pl.col("surely")).then(pl.lit(True))
    name, lo, hi = derived.name, f"{derived.name}_lo", f"{derived.name}_hi"
    if aggregate.function in ("any", "every", "count"):
        over = columns.truth(aggregate.over)
        hit = counts & (~over if aggregate.function == "every" else over)
        grouped = rows.select("partnership", sure=one_where(hit), possible=one_where(hit.fill_null(True)))
        sums = grouped.group_by("partnership").agg(pl.col("sure").sum(), pl.col("possible").sum())
        sure, possible = pl.col("sure"), pl.col("possible")
        match aggregate.function:
            case "any":
                made = [settled(sure > 0, possible == 0).alias(name)]
            case "every":
                made = [settled(possible == 0, sure > 0).alias(name)]
            case _:
                made = [(sure * 100).alias(lo), (possible * 100).alias(hi)]
    else:
        ends = columns.ends(aggregate.over)
        least = pl.when(counts).then(column_of(ends.lo)).otherwise(pl.lit(0))
        most = pl.when(~counts).then(pl.lit(0)).otherwise(column_of(ends.hi))
        parts = rows.select("partnership", least=least.cast(pl.Int64), most=most.cast(pl.Int64)).with_columns(
            open=one_where(pl.col("most").is_null())
        )
        ends_of = [pl.col("least"), pl.col("most").fill_null(0)]
        totals = [end.sum() if aggregate.function == "sum" else end.max() for end in ends_of]
        sums = parts.group_by("partnership").agg(*totals, pl.col("open").sum())
        made = [pl.col("least").alias(lo), pl.when(pl.col("open") == 0).then(pl.col("most")).alias(hi)]
    summed = sums.select("partnership", *made)
    joined = frame.join(summed, left_on="row", right_on="partnership", how="left", maintain_order="left")
    if derived.kind is Kind.YES_NO:
        return joined
    return joined.with_columns(pl.col(lo).fill_null(0))
