"""Periods: lengths of time, financial years, and the dates an audit is made for."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from tipstaff.facts.bounds import Bounds, exactly

_PERIOD = re.compile(r"([0-9]{1,4})\s*(day|week|month|year)s?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time in calendar months and days; month ends clamp (31 January and a month is 28 February)."""

    months: int = 0
    days: int = 0

    def __neg__(self) -> "Period":
        return Period(-self.months, -self.days)

    def after(self, start: date) -> date:
        """The date this long after ``start``."""
        return start + relativedelta(months=self.months) + timedelta(days=self.days)

    def __str__(self) -> str:
        count, unit = (self.months, "month") if self.months else (self.days, "day")
        return f"{count} {unit}{'' if abs(count) == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Yearly:
    """A day that comes round once a year: some day of a month (1 to 12), or the day that is known for a year."""

    month: int
    known: tuple[date, ...] = ()
    """The days that are known, at most one of a calendar year."""

    def within(self, year: int) -> Bounds[date]:
        """The day of a calendar year."""
        for day in self.known:
            if day.year == year:
                return exactly(day)
        first = date(year, self.month, 1)
        return Bounds(first, Period(months=1, days=-1).after(first))

    def __str__(self) -> str:
        known = ", ".join(f"{day.day} {day:%B} {day.year}" for day in self.known)
        return f"each {date(2000, self.month, 1):%B}" + (f"; {known}" if known else "")

    def latest(self, day: date) -> Bounds[date]:
        """The latest such day on or before ``day``: last year's too, if this year's may be still to come."""
        own, before = self.within(day.year), self.within(day.year - 1)
        if own.lo > day:
            return before
        return own if own.hi is None or own.hi <= day else Bounds(before.lo, day)


def latest_quarter_end(day: date) -> date:
    """The last day of the latest quarter of the financial year that ended on or before ``day``."""
    ends = [date(day.year - 1, 12, 31), *(date(day.year, *end) for end in ((3, 31), (6, 30), (9, 30), (12, 31)))]
    return max(end for end in ends if end <= day)


def read_period(text: str) -> Period | None:
    """A period as a pack writes it: ``90 days``, ``12 months``, ``3 years``. None if it is not one."""
    match = _PERIOD.fullmatch(text.strip())
    if match is None:
        return None
    count, unit = int(match[1]), match[2].lower()
    if unit in ("day", "week"):
        return Period(days=count * (7 if unit == "week" else 1))
    return Period(months=count * (12 if unit == "year" else 1))


@dataclass(frozen=True, slots=True, order=True)
class FinancialYear:
    """The year from 1 April of ``start`` to 31 March of the next."""

    start: int

    @property
    def first_day(self) -> date:
        return date(self.start, 4, 1)

    @property
    def last_day(self) -> date:
        return date(self.start + 1, 3, 31)

    def next(self) -> "FinancialYear":
        return FinancialYear(self.start + 1)

    def __str__(self) -> str:
        return f"{self.start}/{(self.start + 1) % 100:02d}"


def financial_year_of(day: date) -> FinancialYear:
    """The financial year that holds ``day``."""
    return FinancialYear(day.year if (day.month, day.day) >= (4, 1) else day.year - 1)


_YEAR = re.compile(r"(?:FY\s*)?(20|19)?([0-9]{2})\s*[-/–]\s*(20|19)?([0-9]{2})", re.IGNORECASE)


def read_financial_year(text: str) -> FinancialYear | None:
    """A financial year such as ``2017/18``, ``17/18``, ``2017-18`` or ``2017-2018``. None if it is not one.

    Two digits from 70 on mean the last century.
    """
    match = _YEAR.fullmatch(text.strip())
    if match is None:
        return None
    start = int((match[1] or ("19" if match[2] >= "70" else "20")) + match[2])
    if (start + 1) % 100 != int(match[4]) or (match[3] and int(match[3] + match[4]) != start + 1):
        return None
    return FinancialYear(start)
