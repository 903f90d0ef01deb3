"""Parameters: the figures of a policy, read into the constants that expressions use."""

import calendar

from tipstaff.facts.bounds import EARLIEST, LATEST, MOST_HUNDREDTHS, MOST_PENCE
from tipstaff.facts.periods import Period, Yearly, read_period
from tipstaff.facts.units import to_hundredths
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import Constant, Length, Node, Recurring, Texts
from tipstaff.policy.pack.schema import ParameterPart
from tipstaff.policy.yaml.validation import read_day

MOST_MONTHS = 1_200
"""The longest period of a parameter, in months."""


def parameter(name: str, part: ParameterPart) -> Node:
    """The constant of a parameter. Raises ValueError, whose text says what was expected."""
    value = part.value
    if part.type == "texts":
        if not isinstance(value, list):
            raise ValueError("a list of texts")
        return Texts(tuple(value), name)
    if part.type == "yearly":
        return Recurring(_yearly(value), name)
    if isinstance(value, list):
        raise ValueError("one value")
    match part.type:
        case "money":
            return Constant(Kind.MONEY, _amount(value, MOST_PENCE, "an amount such as £10,000, or null"), name)
        case "number":
            return Constant(
                Kind.NUMBER, _amount(value, MOST_HUNDREDTHS, "a number with at most two decimals, or null"), name
            )
        case "period":
            return Length(read_length(value or ""))
        case "date":
            day = read_day(value or "")
            if value is not None and (day is None or not EARLIEST <= day <= LATEST):
                raise ValueError("a date such as 1 April 2017, from 1900 to 2199, or null")
            return Constant(Kind.DATE, day, name)
        case "yes/no":
            if value not in ("yes", "no"):
                raise ValueError("yes or no")
            return Constant(Kind.YES_NO, value == "yes", name)
        case _:
            if value is None:
                raise ValueError("a text")
            return Constant(Kind.TEXT, value, name)


def read_length(text: str) -> Period:
    """A period as a pack writes it: ``90 days``. Raises ValueError, whose text says what was expected."""
    period = read_period(text)
    if period is None or period.months > MOST_MONTHS:
        raise ValueError("a period such as 90 days or 12 months, of at most a hundred years")
    return period


def _yearly(value: str | list[str] | None) -> Yearly:
    """A yearly day: the month that it falls in, then the days that are known."""
    month, *days = value if isinstance(value, list) and value else [str(value)]
    known = [read_day(day) for day in days]
    years = {day.year for day in known if day is not None and EARLIEST <= day <= LATEST}
    if month not in calendar.month_name[1:] or len(years) < len(known):
        raise ValueError("a month, then the dates known, one a year at most: [May, 12 May 2016]")
    return Yearly(list(calendar.month_name).index(month), tuple(day for day in known if day is not None))


def _amount(text: str | None, most: int, expected: str) -> int | None:
    """An amount in pence or hundredths; None is a parameter without a value."""
    if text is None:
        return None
    hundredths = to_hundredths(text.removeprefix("£").replace(",", ""))
    if hundredths is None or not 0 <= hundredths <= most:
        raise ValueError(f"{expected}, within limits")
    return hundredths
