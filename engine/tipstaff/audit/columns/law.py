"""Law in columns: the figures of the law that expressions read, looked up for the day that decides in each row.

The law says the same on all days between two of its edges: each pair of such spans, of a first and a last possible day,
is looked up once, for all the laws that one day decides.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, TypeVar

import polars as pl

from tipstaff.audit.columns.compiler import Columns, column_of, law_column
from tipstaff.facts.bounds import NEVER, NO_END, Bounds
from tipstaff.policy.language.nodes import Law, Node, all_law_of
from tipstaff.policy.law.series import LawStatus, Segment

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


def with_law(frame: Frame, nodes: Iterable[Node], columns: Columns) -> Frame:
    """The frame with the columns of every law that the expressions read (see ``columns.law_column``)."""
    laws = {law_column(law): law for node in nodes for law in all_law_of(node)}
    by_day: dict[Node, dict[str, Law]] = {}
    for name, law in laws.items():
        by_day.setdefault(law.at, {})[name] = law
    figures: list[pl.Expr] = []
    for at, read in by_day.items():
        edges: list[date] = _edges(read.values())
        starts = [NEVER, *edges]
        ends = columns.ends(at)
        last = pl.lit(NO_END) if ends.hi is None else column_of(ends.hi).fill_null(NO_END)
        first_span, last_span = (_span_of(day, edges) for day in (column_of(ends.lo), last))
        pairs = frame.lazy().select(first_span * len(starts) + last_span).collect().to_series()
        distinct = pairs.unique().sort()
        days = [(starts[pair // len(starts)], starts[pair % len(starts)]) for pair in distinct]
        place = pl.lit(distinct.search_sorted(pairs))
        for name, law in read.items():
            said = [_figures(law, *pair) for pair in days]
            for part, kind in _PARTS.items():
                figure = pl.Series([one[part] for one in said], dtype=kind)
                column = pl.lit(figure[0], dtype=kind) if len(figure) == 1 else pl.lit(figure).gather(place)
                figures.append(column.alias(f"{name} {part}"))
    return frame.with_columns(figures)


def truths(frame: pl.DataFrame, questions: Mapping[str, Node], columns: Columns) -> pl.DataFrame:
    """The answers to questions by the facts of a frame, with the law that they read: a column each, by its name."""
    asked = (columns.truth(question).alias(name) for name, question in questions.items())
    return with_law(frame.lazy(), questions.values(), columns).select("row", *asked).drop("row").collect()


_PARTS: dict[str, Any] = {
    "lo": pl.Int64, "hi": pl.Int64, "sure": pl.Boolean, "in force": pl.Boolean, "with VAT": pl.Boolean,
}  # fmt: skip


def _edges(laws: Iterable[Law]) -> list[date]:
    """The days on which what some of the laws say may change, in order."""
    segments = [segment for law in laws for segment in law.series.segments]
    return sorted({day for segment in segments for day in (segment.first, segment.last + timedelta(days=1))})


def _span_of(day: pl.Expr, edges: list[date]) -> pl.Expr:
    """The number of the span between edges that a day falls in; before the first edge it is nought."""
    return pl.lit(pl.Series(edges)).search_sorted(day, "right")


def _figures(law: Law, first: date, last: date) -> dict[str, Any]:
    """The law on a day between the first and the last: the least and greatest figure, if certain."""
    segments = law.series.within(first, last)
    statuses = {segment.status for segment in segments}
    in_force = [segment for segment in segments if segment.status is LawStatus.IN_FORCE]
    sure = bool(in_force) and LawStatus.NOT_HELD not in statuses
    sure = sure and (law.assumed or LawStatus.NOT_IN_FORCE not in statuses)
    figures = [segment.value for segment in in_force if isinstance(segment.value, Bounds)] if sure else []
    highest = [figure.hi for figure in figures]
    return {
        "lo": min((figure.lo for figure in figures), default=0),
        "hi": None if not highest or None in highest else max(end for end in highest if end is not None),
        "sure": sure,
        "in force": _agreed([segment.status is LawStatus.IN_FORCE for segment in segments])
        if LawStatus.NOT_HELD not in statuses
        else None,
        "with VAT": _with_vat(in_force) if sure else None,
    }


def _with_vat(segments: list[Segment]) -> bool | None:
    return _agreed([bool(segment.includes_vat) for segment in segments])


def _agreed(truths: list[bool]) -> bool | None:
    return truths[0] if len(set(truths)) == 1 else None
