"""The law: figures and duties with the days on which they hold, looked up for the day that the law makes decisive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tipstaff.facts.bounds import Bounds
from tipstaff.facts.periods import Period

RATE_UNIT = 10_000
"""Rates are held in ten-thousandths."""


class LawKind(StrEnum):
    """The kind of a series: an amount, a number, a period, a rate of exchange, or a duty without a figure."""

    MONEY = "money"
    NUMBER = "number"
    PERIOD = "period"
    RATE = "rate"
    DUTY = "duty"


class LawStatus(StrEnum):
    """Whether the law is known on a day, and in force."""

    IN_FORCE = "in force"
    NOT_IN_FORCE = "not in force"
    NOT_HELD = "not held"
    """Before the first or after the last day that the series speaks of, or an amount whose rate is not held."""


class Corroborated(StrEnum):
    """Whether a stored source says so, the figure is calculated from such figures, or it is from memory."""

    YES = "yes"
    DERIVED = "derived"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Segment:
    """The law from one day to another, both included.

    ``value`` is the figure in force: bounds (a point unless the rate that converts it is known only as a range) of
    pence, of hundredths or, of a rate, of ten-thousandths; or a period; None for a duty and for what is not in force or
    not held. ``repr`` gives what an outcome can depend on.
    """

    first: date
    last: date
    """``NO_END`` where no end is known."""
    status: LawStatus
    value: Bounds[int] | Period | None = None
    stated: str = ""
    """The figure as the law states it, where ``value`` is its conversion: ``€200,000``."""
    includes_vat: bool | None = None
    """None if the law says nothing of value added tax."""
    instrument: str = ""
    sources: tuple[str, ...] = field(default=(), repr=False)
    """The addresses of the sources."""
    corroborated: Corroborated = field(default=Corroborated.YES, repr=False)
    expected_end: date | None = field(default=None, repr=False)
    """The last day on which the figure is expected to hold, where the law itself sets none."""
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Series:
    """One figure or duty of the law, from day to day.

    The segments follow each other from ``NEVER`` to ``NO_END`` without gap or overlap. ``repr`` gives what an outcome
    can depend on.
    """

    id: str
    title: str = field(repr=False)
    kind: LawKind
    unit: str | None
    decided_on: str = field(repr=False)
    """The date that the law makes decisive, in words: ``procurement date``."""
    segments: tuple[Segment, ...]
    note: str = field(default="", repr=False)
    place: str = field(default="", repr=False)

    def at(self, day: date) -> Segment:
        """Return the law on a day."""
        return self.within(day, day)[-1]

    def within(self, earliest: date, latest: date | None) -> tuple[Segment, ...]:
        """The segments that a day from ``earliest`` to ``latest`` (None: any later day) may fall in, in order."""
        return tuple(
            segment
            for segment in self.segments
            if segment.last >= earliest and (latest is None or segment.first <= latest)
        )

    def with_status(self, *statuses: LawStatus) -> tuple[Segment, ...]:
        """The segments of some standings."""
        return tuple(segment for segment in self.segments if segment.status in statuses)

    @property
    def lapses(self) -> bool:
        """Whether there were days on which it was not in force."""
        return bool(self.with_status(LawStatus.NOT_IN_FORCE))

    @property
    def period(self) -> Period | None:
        """The period, if it was the same on every day on which it was in force; otherwise None."""
        values = {segment.value for segment in self.with_status(LawStatus.IN_FORCE)}
        only = values.pop() if len(values) == 1 else None
        return only if isinstance(only, Period) else None


@dataclass(frozen=True, slots=True)
class Overdue:
    """A figure still taken to be in force after the day until which it was expected to hold."""

    series: Series
    segment: Segment


def overdue(law: Mapping[str, Series], on: date) -> tuple[Overdue, ...]:
    """The figures in use on a day that were expected to have ended before it, in the order of their series."""
    current = ((series, series.at(on)) for series in law.values())
    return tuple(
        Overdue(series, segment)
        for series, segment in current
        if segment.expected_end is not None and segment.expected_end < on
    )
