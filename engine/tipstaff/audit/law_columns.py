"""Law in columns: the figures of the law that expressions read, looked up for the day that decides in each row.

The law says the same on all days between two of its edges: each pair of such spans, of a first and a last possible day,
is looked up once.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl

from tipstaff.audit.columns import Columns, column_of, law_column
from tipstaff.facts.bounds import NO_END, Bounds
from tipstaff.policy.expressions import Law, Node, all_law_of
from tipstaff.policy.law import Segment, Standing


def with_law(frame: pl.DataFrame, nodes: Iterable[Node], columns: Columns) -> pl.DataFrame:
    """The frame with the columns of every law that the expressions read (see ``columns.law_column``)."""
    laws = {law_column(law): law for node in nodes for law in all_law_of(node)}
    by_day: dict[Node, dict[str, Law]] = {}
    for name, law in laws.items():
        by_day.setdefault(law.at, {})[name] = law
    for at, read in by_day.items():
        ends = columns.ends(at)
        last = pl.lit(NO_END) if ends.hi is None else column_of(ends.hi).fill_null(NO_END)
        days = frame.with_columns(column_of(ends.lo).alias("_first"), last.alias("_last")).select("_first", "_last")
        found = days.unique()
        figures: dict[str, pl.Series] = {}
        for name, law in read.items():
            edges = _edges(law)
            span = edges.search_sorted(found["_first"], "right").cast(pl.Int64) * (len(edges) + 1)
            span += edges.search_sorted(found["_last"], "right")
            told = span.arg_unique()
            rows = [_looked_up(law, first, last) for first, last in found[told].rows()]
            for part, kind in _PARTS.items():
                said = pl.Series([row[part] for row in rows], dtype=kind)
                figures[f"{name} {part}"] = span.replace_strict(span[told], said, return_dtype=kind).cast(kind)
        if len(found) == 1:
            frame = frame.with_columns(pl.lit(said[0], dtype=said.dtype).alias(name) for name, said in figures.items())
            continue
        each = days.join(found.with_columns(**figures), on=["_first", "_last"], how="left", maintain_order="left")
        frame = frame.with_columns(each.drop("_first", "_last").get_columns())
    return frame


_PARTS: dict[str, Any] = {
    "lo": pl.Int64, "hi": pl.Int64, "sure": pl.Boolean, "in force": pl.Boolean, "with VAT": pl.Boolean,
}  # fmt: skip


def _edges(law: Law) -> pl.Series:
    """The days on which what the law says may change, in order."""
    days = {day for segment in law.series.segments for day in (segment.first, segment.last + timedelta(days=1))}
    return pl.Series(sorted(days), dtype=pl.Date)


def _looked_up(law: Law, first: date, last: date) -> dict[str, Any]:
    """What the law says on a day from the first to the last: a figure from the least to the greatest, where sure."""
    segments = law.series.within(first, last)
    standings = {segment.standing for segment in segments}
    in_force = [segment for segment in segments if segment.standing is Standing.IN_FORCE]
    sure = bool(in_force) and Standing.NOT_HELD not in standings
    sure = sure and (law.assumed or Standing.NOT_IN_FORCE not in standings)
    figures = [segment.value for segment in in_force if isinstance(segment.value, Bounds)] if sure else []
    highest = [figure.hi for figure in figures]
    return {
        "lo": min((figure.lo for figure in figures), default=0),
        "hi": None if not highest or None in highest else max(end for end in highest if end is not None),
        "sure": sure,
        "in force": _agreed([segment.standing is Standing.IN_FORCE for segment in segments])
        if Standing.NOT_HELD not in standings
        else None,
        "with VAT": _with_vat(in_force) if sure else None,
    }


def _with_vat(segments: list[Segment]) -> bool | None:
    return _agreed([bool(segment.includes_vat) for segment in segments])


def _agreed(truths: list[bool]) -> bool | None:
    return truths[0] if len(set(truths)) == 1 else None
