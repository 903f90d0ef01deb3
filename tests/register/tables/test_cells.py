"""One raw value becomes the value of a fact, or a misfit that says what was expected."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff.facts.bounds import MOST_PENCE, NEVER, NO_END
from tipstaff.facts.vocabulary import Fact, Kind, Term, Vocabulary
from tipstaff.register.tables.cells import CellReader, councils_named

COUNCILS = Vocabulary(
    councils=(
        Term("North Borough Council", ("North", "NBC"), "n"),
        Term("North East District Council", ("North East",), "ne"),
    ),
    themes=(),
    tables={},
    both=("both", "joint"),
)  # fmt: skip
RISK = (Term("significant", ("High",)), Term("low", ("None",)))


def reader(kind: Kind, **extra) -> CellReader:
    return CellReader(Fact("fact", kind, "label", **extra), COUNCILS)


MONEY = reader(Kind.MONEY)
NUMBER = reader(Kind.NUMBER, unit="days a month")
END = reader(Kind.DATE, none_means="no end")
ON = reader(Kind.DATE, none_means="never")
ALL = [
    MONEY,
    NUMBER,
    END,
    reader(Kind.TEXT),
    reader(Kind.YES_NO),
    reader(Kind.CHOICE, choices=RISK),
    reader(Kind.COUNCILS),
]


@pytest.mark.parametrize("raw", [None, "", "  ", "tbc", "To be confirmed", "?", "-", "unknown", "Don’t know", "\u00a0"])
@pytest.mark.parametrize("read", ALL)
def test_what_says_nothing_is_unknown_and_no_problem(read, raw):
    values, misfit = read(raw)
    assert set(values) == {None}
    assert misfit is None


@pytest.mark.parametrize(
    "raw", ["#REF!", "#DIV/0!", "#N/A", "Err:502", "#UNCALCULATED!", ["a"], {"a": 1}, "x" * 32_768]
)
@pytest.mark.parametrize("read", ALL)
def test_errors_and_what_is_no_plain_value_never_fit(read, raw):
    values, misfit = read(raw)
    assert set(values) == {None}
    assert misfit.serious


@pytest.mark.parametrize(
    ("raw", "pence"),
    [
        (12000, 1_200_000),
        (12000.0, 1_200_000),
        (1234.5600000000001, 123_456),
        (0.1 + 0.2, 30),
        ("£76,454", 7_645_400),
        ("£5k", 500_000),
        ("nil", 0),
        ("None", 0),
        (MOST_PENCE // 100, MOST_PENCE),
    ],
)
def test_money(raw, pence):
    assert MONEY(raw) == ((pence, pence), None)


@pytest.mark.parametrize(
    "raw",
    [-500.0, "-£500", 1.005, True, float("nan"), float("inf"), 1e300, 10**400, "about £500", "=1+1", date(2014, 4, 1)],
)
def test_money_that_does_not_fit(raw):
    values, misfit = MONEY(raw)
    assert values == (None, None)
    assert misfit.serious


@given(st.integers(0, 10**11))
def test_money_survives_the_float_of_a_spreadsheet(pence):
    assert MONEY(float(Decimal(pence) / 100)).values == (pence, pence)


@pytest.mark.parametrize(
    ("raw", "bounds"),
    [
        (2, (200, 200)),
        (3.5, (350, 350)),
        (4.333333, (433, 434)),
        ("2 days", (200, 200)),
        ("3.5 days/month", (350, 350)),
        ("1 day per month", (100, 100)),
        ("none", (0, 0)),
        ("1,200", (120_000, 120_000)),
    ],
)
def test_numbers(raw, bounds):
    assert NUMBER(raw) == (bounds, None)


@pytest.mark.parametrize("raw", ["2 days a week", "two", "-1", -1.0, False, 1e9, "1-2", "2 hours"])
def test_numbers_that_do_not_fit(raw):
    values, misfit = NUMBER(raw)
    assert values == (None, None)
    assert misfit.serious


@pytest.mark.parametrize(
    ("raw", "lo", "hi"),
    [
        (datetime.combine(date(2014, 4, 1), time(12)), date(2014, 4, 1), date(2014, 4, 1)),
        (date(2014, 4, 1), date(2014, 4, 1), date(2014, 4, 1)),
        (41730.0, date(2014, 4, 1), date(2014, 4, 1)),
        (2017.0, date(2017, 1, 1), date(2017, 12, 31)),
        ("01/04/14", date(2014, 4, 1), date(2014, 4, 1)),
        ("March 2017", date(2017, 3, 1), date(2017, 3, 31)),
        ("rolling", NO_END, NO_END),
        ("none", NO_END, NO_END),
    ],
)
def test_dates(raw, lo, hi):
    assert END(raw) == ((lo, hi), None)


def test_none_of_a_date_means_what_the_fact_says():
    assert ON("none").values == ON("Never").values == (NEVER, NEVER)
    assert ON("rolling").misfit is not None
    assert reader(Kind.DATE)("none").misfit is not None


@pytest.mark.parametrize(
    "raw",
    [
        date(1850, 1, 1),
        datetime.combine(date(2500, 1, 1), time()),
        "1 April 2500",
        "31/02/2014",
        12.0,
        1e9,
        float("nan"),
        10**400,
        True,
        time(9),
    ],
)
def test_dates_that_do_not_fit(raw):
    values, misfit = END(raw)
    assert values == (None, None)
    assert misfit.serious


@pytest.mark.parametrize(
    ("raw", "value"),
    [("Yes", True), ("y", True), (True, True), (1.0, True), ("NO", False), (0, False), ("none", False), (False, False)],
)
def test_yes_or_no(raw, value):
    assert reader(Kind.YES_NO)(raw) == ((value,), None)


@pytest.mark.parametrize("raw", ["n/a", "perhaps", 2, 0.5, date(2014, 4, 1)])
def test_yes_or_no_that_does_not_fit(raw):
    values, misfit = reader(Kind.YES_NO)(raw)
    assert values == (None,)
    assert misfit.serious


def test_choices_by_name_alias_and_close_spelling():
    read = reader(Kind.CHOICE, choices=RISK)
    assert read("HIGH") == (("significant",), None)
    assert read("none") == (("low",), None)
    values, remark = read("signifcant")
    assert values == ("significant",)
    assert not remark.serious


@pytest.mark.parametrize("raw", ["insignificant", "not significant", "medium", 3.0])
def test_a_choice_is_never_guessed(raw):
    values, misfit = reader(Kind.CHOICE, choices=RISK)(raw)
    assert values == (None,)
    assert "significant or low" in misfit.expected


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("NBC", {"n"}),
        ("north east", {"ne"}),
        ("North and North East", {"n", "ne"}),
        ("both", {"n", "ne"}),
        ("Northern Rock", set()),
        ("", set()),
    ],
)
def test_councils_are_named_by_whole_words_the_longest_first(text, keys):
    assert councils_named(text, COUNCILS) == keys


def test_councils_of_a_cell():
    read = reader(Kind.COUNCILS)
    assert read("NBC, Natural England") == ((True, False), None)
    assert read("none") == ((False, False), None)
    values, misfit = read("Natural England")
    assert values == (None, None)
    assert misfit.serious


def test_text_keeps_answers_and_drops_what_cannot_be_shown():
    read = reader(Kind.TEXT)
    assert read(" n/a ").values == ("n/a",)
    assert read("two\n lines\x00\u200b \ud800").values == ("two lines \ufffd",)
    assert read(12.0).values == ("12",)
    assert read(datetime.combine(date(2014, 4, 1), time())).values == ("1 April 2014",)
    assert read("=HYPERLINK(1)").values == ("=HYPERLINK(1)",)


def test_personal_data_are_not_kept():
    read = reader(Kind.TEXT, personal=True)
    assert read("someone@example.org") == (("given",), None)
    assert "secret" not in str(read("secret" * 10_000))
    assert "secret" not in str(read(["secret"]))


RAW = st.one_of(
    st.text(max_size=50),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.none(),
    st.lists(st.text(), max_size=2),
)


@given(RAW)
def test_any_value_is_read_or_told(raw):
    for read in ALL:
        values, misfit = read(raw)
        assert len(values) == len(read.columns)
        if misfit is not None and misfit.serious:
            assert set(values) == {None}
