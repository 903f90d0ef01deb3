"""Dates as officers write them."""

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff.errors import OutOfLimitsError
from tipstaff.facts.bounds import EARLIEST, LATEST, Bounds, exactly
from tipstaff.register.texts.dates import from_serial, read_date

MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


@pytest.mark.parametrize(
    "text",
    [
        "1 April 2014", "1st Apr 14", "1st of April 2014", "1 April, 2014", "1 Apr. 2014", "1 APRIL 2014",
        "1 Apr '14", "01/04/14", "1/4/2014", "01.04.2014", "01-04-14", "01‑04‑2014", "2014-04-01", "2014/4/1",
        "1-Apr-14", "01-Apr-2014", "2014-04-01T00:00:00Z", "2014-04-01 23:59:59.5+01:00", "01/04/2014 00:00",
        " 1\u00a0April\n2014 ",
    ],
)  # fmt: skip
def test_days(text: str) -> None:
    assert read_date(text) == exactly(date(2014, 4, 1))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("March 2017", date(2017, 3, 1), date(2017, 3, 31)),
        ("Mar-17", date(2017, 3, 1), date(2017, 3, 31)),
        ("Feb 2016", date(2016, 2, 1), date(2016, 2, 29)),
        ("Sept 2016", date(2016, 9, 1), date(2016, 9, 30)),
        ("03/2017", date(2017, 3, 1), date(2017, 3, 31)),
        ("2017", date(2017, 1, 1), date(2017, 12, 31)),
        ("2016/17", date(2016, 4, 1), date(2017, 3, 31)),
        ("2016–17", date(2016, 4, 1), date(2017, 3, 31)),
        ("FY 2016-2017", date(2016, 4, 1), date(2017, 3, 31)),
    ],
)
def test_what_a_date_leaves_open_becomes_bounds(text: str, first: date, last: date) -> None:
    assert read_date(text) == Bounds(first, last)


@pytest.mark.parametrize(
    "text",
    [
        "", "tbc", "31/02/2014", "04/13/2014", "29 February 2015", "0/4/2014", "April 1 2014", "2014-17", "11/12",
        "32 May 2014", "1 Foo 2014", "1 Ap 2014", "01/04-2014", "1 April", "01/04/014", "0000", "01/01/0000", "5",
        "1 April 2014 or later", "2014-04-01T99:99", "٢٠١٤",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize("text", ["1 January 1900", "31/12/1850", "2200-01-01", "1900", "0001", "5000", "Jan 2200"])
def test_dates_out_of_limits(text: str) -> None:
    with pytest.raises(OutOfLimitsError, match="a date from 2 January 1900 to 31 December 2199"):
        read_date(text)


@pytest.mark.parametrize(("digits", "year"), [("00", 2000), ("69", 2069), ("70", 1970), ("99", 1999)])
def test_years_of_two_digits_do_not_depend_on_a_clock(digits: str, year: int) -> None:
    assert read_date(f"1/4/{digits}") == read_date(f"1 Apr {digits}") == exactly(date(year, 4, 1))


@given(st.dates(EARLIEST, LATEST))
def test_every_day_reads_back_in_every_form(day: date) -> None:
    name = MONTHS[day.month - 1]
    forms = [
        f"{day:%d/%m}/{day.year}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day} {name} {day.year}",
        f"{day.day}th {name[:3].upper()} {day.year}",
        f"{day.day}-{name[:3]}-{day.year}",
        day.isoformat(),
        f"{day.isoformat()}T00:00:00Z",
    ]
    if 1970 <= day.year <= 2069:
        forms += [f"{day:%d/%m/%y}", f"{day.day} {name} {day:%y}"]
    assert {read_date(form) for form in forms} == {exactly(day)}


@given(st.integers(1901, 2198), st.integers(1, 12))
def test_every_month_reads_as_its_days(year: int, month: int) -> None:
    expected = Bounds(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    name = MONTHS[month - 1]
    assert read_date(f"{name} {year}") == read_date(f"{name[:3]} {year}") == read_date(f"{month}/{year}") == expected


@given(st.text(max_size=70) | st.text("0123456789/-. :TZaprilmarch'", max_size=25))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        bounds = read_date(text)
    except OutOfLimitsError:
        return
    assert bounds is None or (bounds.hi is not None and EARLIEST <= bounds.lo <= bounds.hi <= LATEST)


def test_serials_of_a_spreadsheet() -> None:
    assert from_serial(41730) == from_serial(41730.75) == date(2014, 4, 1)
    assert from_serial(10_000) == date(1927, 5, 18)
    assert from_serial(109_574.5) == LATEST


@pytest.mark.parametrize("serial", [2014, 1, 0, -41730, 109_575, 1e300, float("inf"), float("nan")])
def test_numbers_that_are_no_serials(serial: float) -> None:
    assert from_serial(serial) is None
