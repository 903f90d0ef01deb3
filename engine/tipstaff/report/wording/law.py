"""Law: what reports say of the law that outcomes and rules rest on."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.deciding_days import CitedLaw
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.audit.explaining.uncorroborated_law import UncorroboratedFigure, find_uncorroborated
from tipstaff.facts.bounds import NEVER, NO_END
from tipstaff.facts.units import show_date
from tipstaff.policy.language.english import MOST_SEGMENTS, advice, cited, figures
from tipstaff.policy.law.series import Corroborated, LawStatus, Segment, Series, overdue
from tipstaff.policy.pack.model import Pack, Rule, law_read
from tipstaff.report.wording.phrases import run_of

if TYPE_CHECKING:
    from tipstaff.report.record.schema import Advisory, LawUsed


def advisories(pack: Pack, rules: Iterable[Rule], on: date) -> "list[Advisory]":
    """The figures that rules read and that were expected to have ended before a day; none where they read no such."""
    return [
        {"series": one.series.id, "expected_end": _day(one.segment.expected_end), "advice": advice(one)}
        for one in overdue(law_read(pack, rules), on)
    ]


def to_check(audit: Audit, names: Sequence[str], most: int, explainer: Explainer | None = None) -> Iterator[str]:
    """The advice on the law that an audit rests on, a sentence each.

    ``names`` are what partnerships are called, by position, of which a sentence names ``most``. ``explainer`` is used
    where it explains the whole register.
    """
    yield from (one["advice"] for one in advisories(audit.pack, audit.rules, audit.as_of))
    for one in find_uncorroborated(audit, explainer):
        named = [names[position] for position in one.positions[:most]]
        more = len(one.positions) - len(named)
        yield vouched_by_memory(one, [*named, *[f"and {more} more"] * bool(more)], run_of(one.rules))


def vouched_by_memory(one: UncorroboratedFigure, names: Sequence[str], rules: str) -> str:
    """That a figure is from memory, and which outcomes rest on it."""
    return (
        f"The {one.series.title} ({cited(one.series, [one.segment])}): no stored source says so. {rules} "
        f"{'rests' if len(one.rules) == 1 else 'rest'} on it for {'; '.join(names)}. Check it before you rely on that."
    )


def record(cited_law: Iterable[CitedLaw]) -> "list[LawUsed]":
    """The law that an outcome rests on: each figure with its days, where they are few; of many what they range over."""
    return [
        _entry(one.series, segments)
        for one in cited_law
        for segments in ([[segment] for segment in one.segments] if _few(one.segments) else [one.segments])
    ]


def _few(segments: Sequence[Segment]) -> bool:
    return len(segments) <= MOST_SEGMENTS


def _entry(series: Series, segments: Sequence[Segment]) -> "LawUsed":
    order = list(Corroborated)
    return {
        "series": series.id,
        "title": series.title,
        "figure": figures(series, segments),
        "from": _day(segments[0].first),
        "to": _day(segments[-1].last),
        "instrument": "; ".join(dict.fromkeys(segment.instrument for segment in segments if segment.instrument)),
        "sources": list(dict.fromkeys(source for segment in segments for source in segment.sources)),
        "corroborated": max((segment.corroborated for segment in segments), key=order.index).value,
    }


def _day(day: date | None) -> str | None:
    """A day as JSON has it; None before the first and after the last."""
    return None if day is None or day in (NEVER, NO_END) else day.isoformat()


def series_rows(series: Series) -> Iterator[list[str]]:
    """The figures of a series from day to day: from, to, the figure, its instrument and whether it is from memory.

    A foreign amount that is converted month by month is listed once for each instrument, with its range.
    """
    for _, group in groupby(series.segments, key=_figure):
        segments = list(group)
        first, last = segments[0], segments[-1]
        if first.status is LawStatus.NOT_HELD and not first.instrument:
            continue
        figure = figures(series, segments)
        memory = "; from memory" if first.corroborated is Corroborated.NO else ""
        yield [
            show_date(first.first),
            show_date(last.last) if last.last != NO_END else "",
            f"{figure} ({first.stated})" if first.stated and len(segments) > 1 else figure,
            f"{first.instrument}{memory}",
        ]


def _figure(segment: Segment) -> tuple[object, ...]:
    """The key by which segments that follow each other become one row."""
    return segment.status, segment.instrument, segment.stated or segment
