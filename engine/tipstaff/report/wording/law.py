"""Law: what reports say of the law that outcomes and rules rest on."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.audit.explaining.uncorroborated_law import UncorroboratedFigure, find_uncorroborated
from tipstaff.facts.bounds import NO_END
from tipstaff.facts.units import show_date
from tipstaff.policy.language.english import advice, cited, figures
from tipstaff.policy.law.series import Corroborated, LawStatus, Segment, Series, overdue
from tipstaff.policy.pack.model import Pack, Rule, law_read
from tipstaff.report.wording.phrases import run_of


def law_advice(pack: Pack, rules: Iterable[Rule], on: date) -> list[str]:
    """The advice on figures that rules read and that were expected to have ended before a day."""
    return [advice(one) for one in overdue(law_read(pack, rules), on)]


def to_check(audit: Audit, names: Sequence[str], most: int, explainer: Explainer | None = None) -> Iterator[str]:
    """The advice on the law that an audit rests on, a sentence each.

    ``names`` are what partnerships are called, by position, of which a sentence names ``most``. ``explainer`` is used
    if it explains the whole register.
    """
    yield from law_advice(audit.pack, audit.rules, audit.as_of)
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
