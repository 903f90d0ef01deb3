"""Repeats: which rows of a register say the same as another, as far as both are known."""

from collections.abc import Sequence
from functools import reduce
from operator import and_

import polars as pl

from tipstaff.audit.columns.compiler import one_where, settled
from tipstaff.policy.pack.model import Repeats


def named_alike(frame: pl.DataFrame, repeats: Repeats, apart: Sequence[int]) -> pl.DataFrame:
    """The keys by which partnerships are compared: their ``row``, the texts, and the register they come from."""
    spelt = frame.select("row", *(f"{fact}_key" for fact in (*repeats.keys, *repeats.also)))
    return spelt.with_columns(_apart=pl.Series(apart or [0] * len(spelt), dtype=pl.UInt32))


def repeated(frame: pl.LazyFrame, name: str, repeats: Repeats) -> pl.DataFrame:
    """Whether another row has the same known keys and the same values of ``also``, which may be unknown.

    Rows of different registers (``_apart``) never repeat each other. Rows are grouped by which of ``also`` they know.
    Two rows may agree if they agree on what both know; they surely do if both know all of it.
    """
    same = ["_apart", *(f"{key}_key" for key in repeats.keys)]
    rest = [f"{fact}_key" for fact in repeats.also]
    known = reduce(and_, (~pl.col(column).is_null() for column in same))
    knows = sum((one_where(~pl.col(column).is_null()) * 2**bit for bit, column in enumerate(rest)), pl.lit(0))
    frame = frame.with_columns(knows.alias("_knows"))
    others = frame.filter(known)
    patterns = range(2 ** len(rest))
    for pattern in patterns:
        for common in (part for part in patterns if part & pattern == part):
            columns = [*same, *(column for bit, column in enumerate(rest) if common >> bit & 1)]
            counts = others.filter(pl.col("_knows") == pattern).group_by(*columns)
            frame = frame.join(counts.agg(pl.len().alias(f"_{pattern}_{common}")), on=columns, how="left")

    def agreeing(own: int, pattern: int) -> pl.Expr:
        count = pl.col(f"_{pattern}_{own & pattern}").fill_null(0)
        return count - 1 if own == pattern else count

    full = patterns[-1]
    may_agree = pl.lit(False)
    for own in patterns:
        total = reduce(lambda a, b: a + b, (agreeing(own, pattern) for pattern in patterns))
        may_agree = may_agree | ((pl.col("_knows") == own) & (total > 0))
    surely = (pl.col("_knows") == full) & (agreeing(full, full) > 0)
    truth = settled((known & surely).fill_null(False), ~(known & may_agree).fill_null(False))
    return frame.select("row", truth.alias(name)).collect()
