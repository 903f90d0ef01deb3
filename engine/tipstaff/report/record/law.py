"""The law used, in the JSON record."""

from collections.abc import Iterable, Sequence
from datetime import date

from tipstaff.audit.explaining.deciding_days import CitedLaw
from tipstaff.facts.bounds import NEVER, NO_END
from tipstaff.policy.language.english import MOST_SEGMENTS, advice, figures
from tipstaff.policy.law.series import Corroborated, Segment, Series, overdue
from tipstaff.policy.pack.model import Pack, Rule, law_read
from tipstaff.report.record.schema import Advisory, LawUsed


def advisories(pack: Pack, rules: Iterable[Rule], on: date) -> list[Advisory]:
    """The figures that rules read and that were expected to have ended before a day."""
    return [
        {"series": one.series.id, "expected_end": _day(one.segment.expected_end), "advice": advice(one)}
        for one in overdue(law_read(pack, rules), on)
    ]


def law_parts(cited_law: Iterable[CitedLaw]) -> list[LawUsed]:
    """The law that an outcome rests on: each figure with its days, or if there are many, their range."""
    return [
        _entry(one.series, segments)
        for one in cited_law
        for segments in ([[segment] for segment in one.segments] if _few(one.segments) else [one.segments])
    ]


def _entry(series: Series, segments: Sequence[Segment]) -> LawUsed:
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


def _few(segments: Sequence[Segment]) -> bool:
    return len(segments) <= MOST_SEGMENTS


def _day(day: date | None) -> str | None:
    """A day as JSON has it; None before the first and after the last."""
    return None if day is None or day in (NEVER, NO_END) else day.isoformat()
