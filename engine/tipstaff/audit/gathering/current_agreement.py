"""The current row: of several agreements the one in force with the latest start, else the latest ended, else the next.

Where dates are uncertain several rows may be the current one; a fact of the current row is then known only as far as
they agree.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.pack.model import TableRules


def candidates(table: pl.LazyFrame, rules: TableRules, as_of: date) -> pl.LazyFrame:
    """The table with ``possible``: whether a row may be the current one. It is false only of rows surely beaten."""
    tomorrow, yesterday = as_of + timedelta(days=1), as_of - timedelta(days=1)
    start_lo, start_hi, end_lo, end_hi = _in_order(rules)
    no = pl.lit(False)
    surely_started = (start_hi <= as_of).fill_null(False)
    surely_ended = (end_hi < as_of).fill_null(False)
    surely_in_force = surely_started & (end_lo >= as_of)
    surely_to_come = (start_lo > as_of) & (end_lo >= as_of)
    may_be_in_force = (start_lo <= as_of) & ~surely_ended
    may_have_ended = end_lo < as_of
    may_be_to_come = ~surely_started & ~surely_ended
    table = table.with_columns(
        surely_in_force.alias("_in_force"),
        pl.when(surely_in_force).then(start_lo).alias("_latest_start"),
        pl.when(~may_be_to_come).then(end_lo).alias("_latest_end"),
        (~may_be_to_come).alias("_not_to_come"),
        pl.when(surely_to_come).then(start_hi).alias("_next_start"),
    )
    group = "partnership"
    any_in_force = pl.col("_in_force").cast(pl.Int8).max().over(group) > 0
    any_not_to_come = pl.col("_not_to_come").cast(pl.Int8).max().over(group) > 0
    latest_start = pl.col("_latest_start").max().over(group)
    latest_end = pl.col("_latest_end").max().over(group)
    next_start = pl.col("_next_start").min().over(group)
    own_start = pl.when(start_hi <= as_of).then(start_hi).otherwise(pl.lit(as_of))
    own_end = pl.when(surely_ended).then(end_hi).otherwise(pl.lit(yesterday))
    own_next = pl.when(start_lo > as_of).then(start_lo).otherwise(pl.lit(tomorrow))
    beaten_in_force = (latest_start > own_start).fill_null(False)
    beaten_ended = any_in_force | (latest_end > own_end).fill_null(False)
    beaten_to_come = any_not_to_come | (next_start < own_next).fill_null(False)
    possible = (
        (may_be_in_force & ~beaten_in_force) | (may_have_ended & ~beaten_ended) | (may_be_to_come & ~beaten_to_come)
    )
    made = ("_in_force", "_latest_start", "_latest_end", "_not_to_come", "_next_start")
    return table.with_columns(pl.when(possible).then(pl.lit(True)).otherwise(no).alias("possible")).drop(*made)


def _in_order(rules: TableRules) -> tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]:
    """The bounds of start and end, since nothing ends before it starts; left alone if they contradict that."""
    start_lo, start_hi = pl.col(f"{rules.starts}_lo"), pl.col(f"{rules.starts}_hi")
    end_lo, end_hi = pl.col(f"{rules.ends}_lo"), pl.col(f"{rules.ends}_hi")
    ordered = ~(end_hi < start_lo).fill_null(False)
    sooner = (
        pl.when(start_hi <= end_hi).then(start_hi).otherwise(pl.when(end_hi.is_null()).then(start_hi).otherwise(end_hi))
    )
    later = pl.when(end_lo >= start_lo).then(end_lo).otherwise(start_lo)
    return (
        start_lo,
        pl.when(ordered).then(sooner).otherwise(start_hi),
        pl.when(ordered).then(later).otherwise(end_lo),
        end_hi,
    )


def current_rows(table: pl.LazyFrame, columns: Mapping[str, Kind]) -> pl.LazyFrame:
    """One row a partnership: what the possible current rows agree on."""
    grouped = table.filter(pl.col("possible")).group_by("partnership")
    parts: list[pl.Expr] = []
    made: list[pl.Expr] = []
    for name, kind in columns.items():
        column = pl.col(name)
        if kind.bounded and name.endswith("_lo"):
            parts.append(column.min().alias(name))
            made.append(pl.col(name))
            continue
        blanks = column.is_null().cast(pl.Int64).sum().alias(f"_{name}_blank")
        known = pl.col(f"_{name}_blank") == 0
        if kind.bounded:
            parts += [column.max().alias(f"_{name}_most"), blanks]
            made.append(pl.when(known).then(pl.col(f"_{name}_most")).alias(name))
            continue
        value = column.cast(pl.Int8) if kind in (Kind.YES_NO, Kind.COUNCILS) else column
        parts += [value.min().alias(f"_{name}_least"), value.max().alias(f"_{name}_most"), blanks]
        agreed = known & (pl.col(f"_{name}_least") == pl.col(f"_{name}_most"))
        least = pl.col(f"_{name}_least")
        if kind in (Kind.YES_NO, Kind.COUNCILS):
            least = least.cast(pl.Boolean)
        made.append(pl.when(agreed).then(least).alias(name))
    return grouped.agg(*parts).select("partnership", *made)
