"""Dates as officers write them, day first always; what a date leaves open becomes bounds.

A general date parser fills what is missing from today's date and swaps day and month if that helps: none is used.
"""

import calendar
import math
import re
from datetime import date, timedelta

from tipstaff.errors import OutOfLimitsError
from tipstaff.facts.bounds import EARLIEST, LATEST, Bounds, exactly
from tipstaff.facts.periods import read_financial_year
from tipstaff.facts.units import show_date
from tipstaff.register.texts.answer_words import fold

EXPECTED_DATE = f"a date from {show_date(EARLIEST)} to {show_date(LATEST)}"

_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
MONTHS = {spelling: number for number, name in enumerate(_NAMES, 1) for spelling in (name, name[:3])} | {"sept": 9}
"""The number of a month by its folded spellings."""

_LONGEST = 60
_TIME = re.compile(
    r"(?<=[0-9])[t ][0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?(?:z|[+-][0-9]{2}:?[0-9]{2})?$"
)
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})")
_DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4}|[0-9]{2})")
_WORDED = re.compile(
    r"(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?: of)?[ /-]?)?"
    r"(?P<month>[a-z]{3,9})\.?,?[ /-]?'?(?P<year>[0-9]{4}|[0-9]{2})"
)
_MONTH_AND_YEAR = re.compile(r"(?P<day>)(?P<month>[0-9]{1,2})[-/.](?P<year>[0-9]{4})")
_YEAR = re.compile(r"[0-9]{4}")
_FINANCIAL_YEAR = re.compile(r"(?:fy ?)?[0-9]{4} ?[-/] ?[0-9]{2,4}")

_FIRST_SERIAL = 10_000
_SERIAL_ZERO = date(1899, 12, 30)


def read_date(text: str) -> Bounds[date] | None:
    """One date: ``1 April 2014``, ``1st Apr 14``, ``01/04/14``, ``24-Jul-13``, ``2014-04-01``, a time of day aside.

    ``March 2017`` and ``03/2017`` are some day of that month, ``2017`` some day of that year, and ``2016/17`` some day
    of that financial year. Years of two digits lie from 1970 to 2069. None if the text is anything else, impossible
    dates such as 31/02/2014 and 04/13/2014 included. Raises OutOfLimitsError for a date outside EARLIEST to LATEST.
    """
    if len(text) > _LONGEST:
        return None
    try:
        bounds = _read(_TIME.sub("", fold(text)))
    except ValueError:
        return None
    if bounds is not None and (bounds.lo < EARLIEST or bounds.hi is None or bounds.hi > LATEST):
        raise OutOfLimitsError(EXPECTED_DATE)
    return bounds


def _read(text: str) -> Bounds[date] | None:
    """The date a folded text states; ValueError where the calendar has no such date."""
    for form in (_DAY_FIRST, _YEAR_FIRST, _WORDED, _MONTH_AND_YEAR):
        match = form.fullmatch(text)
        if match is None:
            continue
        month = int(match["month"]) if match["month"].isdigit() else MONTHS.get(match["month"], 0)
        year = _century(match["year"])
        if match["day"]:
            return exactly(date(year, month, int(match["day"])))
        first = date(year, month, 1)
        return Bounds(first, first.replace(day=calendar.monthrange(year, month)[1]))
    if _YEAR.fullmatch(text):
        return Bounds(date(int(text), 1, 1), date(int(text), 12, 31))
    if _FINANCIAL_YEAR.fullmatch(text) and (financial_year := read_financial_year(text)):
        return Bounds(financial_year.first_day, financial_year.last_day)
    return None


def _century(year: str) -> int:
    """The year that two digits, or four, mean."""
    if len(year) > 2:
        return int(year)
    return int(year) + (2000 if year < "70" else 1900)


def from_serial(serial: float) -> date | None:
    """The date of a spreadsheet's serial number in the 1900 system; a time of day is left out.

    None below 10,000 (18 May 1927), where a number is sooner a year or a count than a serial, and beyond LATEST.
    """
    if not math.isfinite(serial) or not _FIRST_SERIAL <= serial < (LATEST - _SERIAL_ZERO).days + 1:
        return None
    return _SERIAL_ZERO + timedelta(days=math.floor(serial))
