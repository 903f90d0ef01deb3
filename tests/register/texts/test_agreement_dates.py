"""Texts of agreement dates."""

from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from tipstaff.facts.bounds import EARLIEST, LATEST, NO_END, Bounds, exactly
from tipstaff.register.texts.agreement_dates import AgreementDates, AgreementDatesReader
from tipstaff.register.texts.phrases import MOST_CHARACTERS

FORMS = {
    "sla": "service level agreement",
    "service level agreement": "service level agreement",
    "contract": "contract",
    "terms of reference": "terms of reference",
    "informal": "informal",
    "none": "none",
    "no agreement": "none",
}
APRIL_2014, MARCH_2017 = Bounds(date(2014, 4, 1), date(2014, 4, 30)), Bounds(date(2017, 3, 1), date(2017, 3, 31))
START, END = exactly(date(2014, 4, 1)), exactly(date(2017, 3, 31))
THREE_YEARS: dict[str, Any] = {"recorded": True, "start": START, "end": END, "end_stated": True}
THREE_VAGUE_YEARS = THREE_YEARS | {"start": APRIL_2014, "end": MARCH_2017}
ENDLESS: dict[str, Any] = {"recorded": True, "end": exactly(NO_END), "end_stated": False}
SLA = {"form": "service level agreement"}


def read(text: str) -> AgreementDates:
    return AgreementDatesReader(FORMS).read(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 April 2014 – 31 March 2017", THREE_YEARS),
        ("01/04/14 to 31/03/17", THREE_YEARS),
        ("01/04/2014-31/03/2017", THREE_YEARS),
        ("01.04.2014—31.03.2017", THREE_YEARS),
        ("2014-04-01 to 2017-03-31", THREE_YEARS),
        ("from 1 April 2014 until 31 March 2017", THREE_YEARS),
        ("Start date: 1 April 2014; end date: 31 March 2017", THREE_YEARS),
        ("Expires 31/03/17, started 01/04/14", THREE_YEARS),
        ("2014-17", THREE_YEARS),
        ("2014 – 2017", THREE_YEARS),
        ("2014/17", THREE_YEARS),
        ("2014 to 2017", THREE_YEARS),
        ("2014/15 - 2016/17", THREE_YEARS),
        ("2014/15 to 2016/17", THREE_YEARS),
        ("3 years from 1 April 2014", THREE_YEARS),
        ("1 April 2014 (3 yrs)", THREE_YEARS),
        ("1 April 2014 for a three-year term", THREE_YEARS),
        ("1 April 2014, 36 months", THREE_YEARS),
        ("3 years to 31 March 2017", THREE_YEARS),
        ("2014-17 (3 years)", THREE_YEARS),
        ("SLA 2014-17", THREE_YEARS | SLA),
        ("Service level agreement, 1 April 2014 - 31 March 2017", THREE_YEARS | SLA),
        ("1 April 2014 to 1 April 2017 (3 years)", THREE_YEARS | {"end": exactly(date(2017, 4, 1))}),
        ("2014/15", THREE_YEARS | {"end": exactly(date(2015, 3, 31))}),
        ("April 2014 - March 2017", THREE_VAGUE_YEARS),
        ("Apr-14 to Mar-17", THREE_VAGUE_YEARS),
        ("annual, April 2014 - March 2017", THREE_VAGUE_YEARS | {"end_stated": False}),
        ("Apr 2014 (3 yrs)", THREE_VAGUE_YEARS | {"end": Bounds(date(2017, 3, 31), date(2017, 4, 29))}),
        ("expires March 2017", {"recorded": True, "end": MARCH_2017, "end_stated": True}),
        ("SLA expires 31st March 2017", {"recorded": True, "end": END, "end_stated": True} | SLA),
        ("to 31 March 2017", {"recorded": True, "end": END, "end_stated": True}),
        ("up to 31 March 2017", {"recorded": True, "end": END, "end_stated": True}),
        ("from April 2014", {"recorded": True, "start": APRIL_2014}),
        ("Since 1 April 2014.", {"recorded": True, "start": START}),
        ("3 years", {"recorded": True}),
        ("rolling", ENDLESS),
        ("On-going", ENDLESS),
        ("Open-ended contract", ENDLESS | {"form": "contract"}),
        ("rolling since 2012", ENDLESS | {"start": Bounds(date(2012, 1, 1), date(2012, 12, 31))}),
        ("April 2014 – ongoing", ENDLESS | {"start": APRIL_2014}),
        ("annual", {"recorded": True, "end_stated": False}),
        ("annual from April 2014", {"recorded": True, "start": APRIL_2014, "end_stated": False}),
        ("rolling annual SLA", {"recorded": True, "end_stated": False} | SLA),
        ("rolling, 12 months", {"recorded": True, "end_stated": False}),
        ("Terms of Reference", {"recorded": True, "form": "terms of reference"}),
        ("None", {"recorded": False, "form": "none"}),
        ("no agreement", {"recorded": False, "form": "none"}),
        ("n/a", {"recorded": False}),
        ("nil", {"recorded": False}),
        ("", {}),
        ("tbc", {}),
        ("To be confirmed", {}),
        (" - ", {}),
        ("?", {}),
    ],
)
def test_what_texts_say(text: str, says: dict[str, Any]) -> None:
    assert read(text) == AgreementDates(**says)


@pytest.mark.parametrize(
    "text",
    [
        "draft", "SLA 2014-17 (under review)", "no agreement since 2014", "1 April 2017 - 31 March 2014", "2017-14",
        "from 2017/18 to 2016/17", "01/04/2014 - 31/02/2017", "2014-17 (4 years)", "2014-17 - 2017-20",
        "2014-17, 2017-20", "rolling, expires March 2017", "from", "expires", "2199 (900 years)", "2014 - 17 March",
        "renewed 2014", "agreement", "SLA contract 2014-17", "from April 2014 from May 2014", "3 years, 2 years",
        "expires 3 years", "from rolling", "1 April 2014 to 31 March 2017 to 2018", "from 1 January 1850",
        "3 months notice", "無",
    ],
)  # fmt: skip
def test_what_is_not_understood_states_nothing(text: str) -> None:
    assert read(text) == AgreementDates(unread=text)


@pytest.mark.parametrize("text", ["1 April 2014", "April 2014", "2014", "April 2014 -", "April 2014, rolling"])
def test_a_date_that_may_be_start_or_end_records_an_agreement_and_no_more(text: str) -> None:
    assert read(text) == AgreementDates(recorded=True, unread=text)


def test_longer_texts_are_not_read() -> None:
    assert read("2014-17" + " " * (MOST_CHARACTERS - 7)).start == START
    assert read("2014-17" + " " * (MOST_CHARACTERS - 6)) == AgreementDates(unread="2014-17")


MONTHS = ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "October", "Nov", "December")
DAYS = st.dates(date(1970, 1, 1), date(2069, 12, 31))
SPELLINGS = (
    lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}",
    lambda day: f"{day.day}{MONTHS[day.month - 1][:3]}{day:%y}",
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day.day}.{day.month}.{day:%y}",
    lambda day: day.isoformat(),
)
SPELLING = st.sampled_from(SPELLINGS)
DASHES = st.sampled_from(["-", "–", "—", "‑", "−", " - ", " – "])
CASES = st.sampled_from([str, str.upper, str.lower, str.title])
SPACES = st.sampled_from([" ", "  ", "\u00a0", "\n", "\t "])


@given(
    DAYS,
    DAYS,
    SPELLING,
    SPELLING,
    DASHES | st.sampled_from([" to ", " until ", "; expires ", " ending "]),
    CASES,
    SPACES,
)
def test_every_pair_of_dates_reads_back(a: date, b: date, one: Any, other: Any, to: str, case: Any, space: str) -> None:
    start, end = min(a, b), max(a, b)
    text = case(f"{one(start)}{to}{other(end)}".replace(" ", space))
    assert read(text) == AgreementDates(True, exactly(start), exactly(end), True)
    if start < end:
        assert read(f"{one(end)}{to}{other(start)}").recorded is None


@given(
    DAYS,
    st.integers(1, 60),
    SPELLING,
    st.sampled_from(["{day} ({n} {unit})", "{n} {unit} from {day}", "{day} for {n}{unit}"]),
)
def test_every_term_ends_the_day_before_its_anniversary(day: date, count: int, spell: Any, form: str) -> None:
    for units, length in (
        (("years", "yrs", "year", "yr"), relativedelta(years=count)),
        (("months", "mths"), relativedelta(months=count)),
    ):
        end = day + length - timedelta(days=1)
        for unit in units:
            text = form.format(day=spell(day), n=count, unit=unit)
            assert read(text) == AgreementDates(True, exactly(day), exactly(end), True)


@given(st.integers(1901, 2090), st.integers(1, 9), DASHES | st.sampled_from(["/", " to "]))
def test_every_span_of_years_is_of_financial_years(first: int, count: int, to: str) -> None:
    last = first + count
    expected = AgreementDates(True, exactly(date(first, 4, 1)), exactly(date(last, 3, 31)), True)
    assert read(f"{first}{to}{last}") == expected
    if first // 100 == last // 100:
        assert read(f"{first}{to}{last % 100:02d}") == expected


WORDS = [
    "2014", "2014-17", "2014/15", "April 2014", "31/03/17", "-", "to", "from", "expires", "3 years", "(", ")", ",",
    "annual", "rolling", "none", "SLA", "contract", "of", "tbc", "31", "99 years", "1/1/1900",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join) | st.text(max_size=80))
def test_any_text_gives_dates_in_order_or_is_unread(text: str) -> None:
    said = read(text)
    for bounds in (said.start, said.end):
        assert bounds is None or bounds == exactly(NO_END) or EARLIEST <= bounds.lo <= (bounds.hi or NO_END) <= LATEST
    if said.start and said.end:
        assert said.end.hi is not None
        assert said.start.lo <= said.end.hi
    if said.unread:
        assert said.unread == text.strip()
        assert said in (AgreementDates(unread=said.unread), AgreementDates(True, form=said.form, unread=said.unread))


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join),
    st.sampled_from(["proposed", "review", "not", "wef"]),
)
def test_one_unknown_word_leaves_the_whole_text_unread(text: str, word: str) -> None:
    assert read(f"{text} {word}") == AgreementDates(unread=f"{text} {word}")
    assert read(f"{word} {text}") == AgreementDates(unread=f"{word} {text}")


_MONTHS = ["January", "Feb", "March", "april", "May", "Sept", "December"]
_PLAIN_DATES = st.builds("{} {} {}".format, st.integers(1, 32), st.sampled_from(_MONTHS), st.integers(1900, 2099)) | (
    st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(lambda day: f"{day:%d/%m/%Y}")
)
_BESIDE = ["@", "@-@", "@,", "(@)", "from@", "\u00a0", "14", "April", "Apr,", "May/", "fy", "three", "1.", "SLA@", "7@"]


@given(
    st.lists(st.sampled_from([*WORDS, *_BESIDE, *["@"] * 8]), min_size=1, max_size=7).map(" ".join),
    st.lists(st.lists(_PLAIN_DATES, min_size=14, max_size=14), min_size=2, max_size=4),
)
def test_texts_that_differ_in_their_dates_alone_are_each_read_as_if_alone(text: str, fillings: list[list[str]]) -> None:
    reader = AgreementDatesReader(FORMS)
    for filling in fillings:
        filled = text.replace("@", "{}").format(*filling)
        assert reader.read(filled) == AgreementDatesReader(FORMS | {"form 7": "contract"}).read(filled)
