"""Aggregates over the rows of a table, or of a ledger: what they say together of each partnership, in three values."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals as nw

from tipstaff.audit.columns import Columns, column_of, one_where, settled
from tipstaff.audit.law_columns import with_law
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.pack import Aggregate, Derived


def over_rows(
    frame: nw.LazyFrame[Any],
    rows: nw.LazyFrame[Any],
    derived: Derived,
    aggregate: Aggregate,
    dates: Mapping[str, date],
    unasked: frozenset[str],
) -> nw.LazyFrame[Any]:
    """The frame with an aggregate over ``rows``, which name their ``partnership``.

    The rows are taken to be all there are; where there is none, nothing is known.
    """
    columns = Columns(dict(dates), unasked=unasked)
    rows = with_law(rows, [aggregate.over], columns)
    counts = nw.lit(True) if aggregate.where is None else columns.truth(aggregate.where)
    name, lo, hi = derived.name, f"{derived.name}_lo", f"{derived.name}_hi"
    if aggregate.function in ("any", "every", "count"):
        over = columns.truth(aggregate.over)
        hit = counts & (~over if aggregate.function == "every" else over)
        grouped = rows.select("partnership", sure=one_where(hit), possible=one_where(hit.fill_null(True)))
        sums = grouped.group_by("partnership").agg(nw.col("sure").sum(), nw.col("possible").sum())
        sure, possible = nw.col("sure"), nw.col("possible")
        match aggregate.function:
            case "any":
                made = [settled(sure > 0, possible == 0).alias(name)]
            case "every":
                made = [settled(possible == 0, sure > 0).alias(name)]
            case _:
                made = [(sure * 100).alias(lo), (possible * 100).alias(hi)]
    else:
        ends = columns.ends(aggregate.over)
        least = nw.when(counts).then(column_of(ends.lo)).otherwise(nw.lit(0))
        most = nw.when(~counts).then(nw.lit(0)).otherwise(column_of(ends.hi))
        parts = rows.select("partnership", least=least.cast(nw.Int64), most=most.cast(nw.Int64)).with_columns(
            open=one_where(nw.col("most").is_null())
        )
        ends_of = [nw.col("least"), nw.col("most").fill_null(0)]
        totals = [end.sum() if aggregate.function == "sum" else end.max() for end in ends_of]
        sums = parts.group_by("partnership").agg(*totals, nw.col("open").sum())
        made = [nw.col("least").alias(lo), nw.when(nw.col("open") == 0).then(nw.col("most")).alias(hi)]
    joined = frame.join(sums.select("partnership", *made), left_on="row", right_on="partnership", how="left")
    if derived.kind is Kind.YES_NO:
        return joined
    return joined.with_columns(nw.col(lo).fill_null(0))
