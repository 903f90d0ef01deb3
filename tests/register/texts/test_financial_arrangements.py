"""Texts of financial arrangements."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff.facts.bounds import MOST_HUNDREDTHS, MOST_PENCE, Bounds, exactly
from tipstaff.facts.vocabulary import Term
from tipstaff.register.texts.financial_arrangements import (
    Contribution,
    FinancialArrangements,
    FinancialArrangementsReader,
)
from tipstaff.register.texts.phrases import MOST_CHARACTERS

NORTH = Term("North Shire District Council", ("North Shire", "NSDC", "N. Shire"), "north")
SOUTH = Term("South Moor Borough Council", ("South Moor", "SMBC"), "south")
COUNCILS = (NORTH, SOUTH)
BOTH = ("both", "both councils", "each council", "jointly")


def read(text: str) -> FinancialArrangements:
    return FinancialArrangementsReader(COUNCILS, BOTH).read(text)


def pounds(lo: float, hi: float | None = None) -> Bounds[int]:
    return Bounds(round(lo * 100), round((lo if hi is None else hi) * 100))


days = pounds


def north(lo: float, hi: float | None = None, **more: Any) -> Contribution:
    return Contribution("north", pounds(lo, hi), **more)


def south(lo: float, hi: float | None = None, **more: Any) -> Contribution:
    return Contribution("south", pounds(lo, hi), **more)


def untied(lo: float, hi: float | None = None, **more: Any) -> Contribution:
    return Contribution(None, pounds(lo, hi), **more)


def time(lo: float, hi: float | None = None, council: str | None = None) -> Contribution:
    return Contribution(council, officer_days=days(lo, hi))


NOTHING = [north(0), south(0)]


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("NSDC £12,000 pa, SMBC £8,500 pa + officer time 2 days/month", [north(12_000), south(8_500), time(2)]),
        ("NSDC: £12,000 per annum; SMBC nil", [north(12_000), south(0)]),
        ("North Shire £10k, South Moor £5k", [north(10_000), south(5_000)]),
        ("SMBC £5k & NSDC £10k", [north(10_000), south(5_000)]),
        ("NSDC £10,000 and SMBC £5,000 pa", [north(10_000), south(5_000)]),
        ("NSDC £10,000\nSMBC £5,000", [north(10_000), south(5_000)]),
        ("NSDC £10,000/SMBC £5,000", [north(10_000), south(5_000)]),
        ("NSDC - £12,000 annual grant", [north(12_000), south(0)]),
        ("£8,000 per annum (NSDC only)", [north(8_000), south(0)]),
        ("£8,000 p.a. from N. Shire.", [north(8_000), south(0)]),
        ("NSDC £10,000 pa, SMBC officer time only", [north(10_000), south(0)]),
        ("£5k each", [north(5_000), south(5_000)]),
        ("£5,000 from each council", [north(5_000), south(5_000)]),
        ("NSDC and SMBC £5,000 each", [north(5_000), south(5_000)]),
        ("Both councils £4,000 pa each", [north(4_000), south(4_000)]),
        ("both councils £4,000 pa", [north(0, 4_000), south(0, 4_000)]),
        ("NSDC & SMBC £4,000 pa", [north(0, 4_000), south(0, 4_000)]),
        ("£24,000 over 3 years", [untied(8_000)]),
        ("£25,000 over a three year period", [untied(8_333.33, 8_333.34)]),
        ("£24,000 over 18 months", [untied(16_000)]),
        ("£8,000 pa for 3 years", [untied(8_000)]),
        ("£12,000 p.a.", [untied(12_000)]),
        ("£9,999.99 pa", [untied(9_999.99)]),
        ("£1,000 per month", [untied(12_000)]),
        ("£500/qtr", [untied(2_000)]),
        ("£100 a week", [untied(5_200, 5_300)]),
        ("NSDC–£12,000", [north(12_000), south(0)]),
        ("12000", [untied(12_000)]),
        ("12,000 pa", [untied(12_000)]),
        ("£5,000 grant per annum + in kind support", [untied(5_000)]),
        ("£3,000 in 2016/17", [untied(3_000, year=2016)]),
        ("2016/17: £3,000; 2017/18: £4,000", [untied(3_000, year=2016), untied(4_000, year=2017)]),
        ("NSDC £3,000 in 2016–17", [north(3_000, year=2016), south(0, year=2016)]),
        ("£10,000 pa plus 2 days officer time per month", [untied(10_000, officer_days=days(2))]),
        ("officer time only", NOTHING),
        ("no direct funding, officer time only", NOTHING),
        ("nil", NOTHING),
        ("None", NOTHING),
        ("n/a", NOTHING),
        ("0", NOTHING),
        ("£0", NOTHING),
        ("no financial contribution", NOTHING),
        ("Nil funding; officer time 2 days per month", [*NOTHING, time(2)]),
        ("officer time only, 2 days per month", [*NOTHING, time(2)]),
        ("SMBC nil", [south(0)]),
        ("officer time 3.5 days per month", [time(3.5)]),
        ("officer time 1 day a week", [time(4, 5)]),
        ("half a day per month", [time(0.5)]),
        ("½ day/month", [time(0.5)]),
        ("2-3 days per month", [time(2, 3)]),
        ("officer time 25 days a year", [time(2.08, 2.09)]),
        ("SMBC officer time two days per month", [time(2, council="south")]),
        ("officer time £2,000 pa", [Contribution(None, officer_cost=pounds(2_000))]),
        ("no officer time", [Contribution(key, None, days(0), pounds(0)) for key in ("north", "south")]),
        ("NSDC £12,000 pa, SMBC tbc", [north(12_000)]),
        ("NSDC £12,000 pa, officer time tbc", [north(12_000), south(0)]),
        ("officer time", []),
        ("tbc", []),
        ("", []),
        ("?", []),
    ],
)
def test_what_texts_say(text: str, entries: list[Contribution]) -> None:
    assert read(text) == FinancialArrangements(tuple(entries))


@pytest.mark.parametrize(
    "text",
    [
        "grant funding", "approx £5,000", "up to £5,000 pa", "over £5,000 for 3 years", "£8,000 for 3 years",
        "£5,000 over 6 months", "£10,000 - £12,000 pa", "NSDC £12,000 SMBC £8,500", "£5,000 (NSDC, SMBC)",
        "£20,500 pa (NSDC £12,000, SMBC £8,500)", "£20,500 pa, NSDC £12,000, SMBC £8,500", "£12,000 pa, £2,000 pa",
        "NSDC £5,000, NSDC £6,000", "nil, £5,000 pa", "no officer time, 2 days per month",
        "NSDC £5,000 pa, NSDC £3,000 in 2016/17", "£2,000 in kind", "500", "2016", "officer time 5 hours per month",
        "officer time 2 days", "£12,00", "- £500", "SMBC £5k each", "£12,000 pa tbc", "£24,000 over 3 years 2016/17",
        "(£5,000 pa", "£12,000 pa including officer time", "£5,000 to SMBC", "NSDC", "pa",
        "3-2 days per month", "£5,000 from NSDC and SMBC nil",
        "£100bn per month", "無",
    ],
)  # fmt: skip
def test_what_is_not_understood_states_nothing(text: str) -> None:
    assert read(text) == FinancialArrangements((), text)


@pytest.mark.parametrize("text", ["-£500", "NSDC -£500", "NSDC (-£500)", "£101bn", "SMBC £101bn pa"])
def test_figures_out_of_limits_are_unread_with_the_reason(text: str) -> None:
    assert read(text) == FinancialArrangements((), f"{text} (expected an amount from £0 to £100,000,000,000)")


@pytest.mark.parametrize(
    ("text", "entries", "unread"),
    [
        ("NSDC £12,000 pa subject to review", [], "NSDC £12,000 pa subject to review"),
        ("NSDC £12,000 pa, SMBC £8,500 pa subject to review", [north(12_000)], "SMBC £8,500 pa subject to review"),
        ("NSDC £12,000 pa, subject to review", [], "subject to review"),
        ("Subject to review: NSDC £12,000 pa, SMBC nil", [], "Subject to review: NSDC £12,000 pa"),
        ("NSDC £12,000 pa, SMBC as NSDC", [], "SMBC as NSDC"),
        ("£5k each, SMBC under review", [north(5_000)], "SMBC under review"),
        ("£12,000 pa, SMBC under review", [], "SMBC under review"),
        ("NSDC, SMBC £5,000", [], "NSDC"),
        ("Shared by NSDC, SMBC £5,000", [], "Shared by NSDC"),
    ],
)
def test_what_an_unread_part_could_change_is_not_stated(text: str, entries: list[Contribution], unread: str) -> None:
    assert read(text) == FinancialArrangements(tuple(entries), unread)


def test_longer_texts_are_not_read() -> None:
    assert read("£5k each" + " " * (MOST_CHARACTERS - 8)).entries
    assert read("£5k each" + " " * (MOST_CHARACTERS - 7)) == FinancialArrangements((), "£5k each")


PENCE = st.integers(1, MOST_PENCE // 53)
NAMES = {council.key: st.sampled_from(council.spellings) for council in COUNCILS}
YEARLY = {
    " pa": 1,
    " per annum": 1,
    " p.a.": 1,
    "": 1,
    " a year": 1,
    "/year": 1,
    " per month": 12,
    " monthly": 12,
    " per quarter": 4,
}


def money(pence: int, grouped: bool) -> str:
    whole, rest = divmod(pence, 100)
    return (f"£{whole:,}" if grouped else f"£{whole}") + (f".{rest:02d}" if rest else "")


@st.composite
def tied_clauses(draw: st.DrawFn) -> tuple[list[str], dict[str, Contribution]]:
    """Clauses that tie an amount, or nil, to some councils, and what they say."""
    clauses, entries = [], {}
    for key in draw(st.lists(st.sampled_from(list(NAMES)), min_size=1, unique=True)):
        name, pence = draw(NAMES[key]), draw(PENCE | st.just(0))
        rate, times = draw(st.sampled_from(sorted(YEARLY.items())))
        figure = (
            money(pence, draw(st.booleans())) + rate if pence else draw(st.sampled_from(["nil", "£0", "no funding"]))
        )
        clauses.append(
            draw(st.sampled_from(["{name} {figure}", "{name}: {figure}", "{figure} from {name}", "{figure} ({name})"]))
        )
        clauses[-1] = clauses[-1].format(name=name, figure=figure)
        entries[key] = Contribution(key, exactly(pence * times if pence else 0))
    return clauses, entries


SEPARATORS = st.sampled_from([", ", "; ", " + ", " plus ", "\n", ". "])


@given(tied_clauses(), SEPARATORS, st.none() | st.integers(1, 3_000))
def test_every_tied_arrangement_reads_back(
    arrangement: tuple[list[str], dict[str, Contribution]], separator: str, quarters: int | None
) -> None:
    clauses, entries = arrangement
    expected = dict(entries)
    if any(entry.direct_funding != exactly(0) for entry in entries.values()):
        expected = {key: entries.get(key, Contribution(key, exactly(0))) for key in NAMES}
    said = [expected[key] for key in NAMES if key in expected]
    if quarters:
        clauses = [*clauses, f"officer time {quarters / 4} days per month"]
        said.append(Contribution(None, officer_days=exactly(quarters * 25)))
    assert read(separator.join(clauses)) == FinancialArrangements(tuple(said))


@given(
    tied_clauses(),
    SEPARATORS,
    st.sampled_from(["subject to review", "SMBC in arrears", "less £500", "lorem", "NSDC 3"]),
    st.data(),
)
def test_an_unread_clause_never_adds_or_changes_what_is_stated(
    arrangement: tuple[list[str], dict[str, Contribution]], separator: str, noise: str, data: st.DataObject
) -> None:
    clauses, _ = arrangement
    position = data.draw(st.integers(0, len(clauses)))
    said = read(separator.join([*clauses[:position], noise, *clauses[position:]]))
    assert noise in said.unread
    assert set(said.entries) <= set(read(separator.join(clauses)).entries)


@given(
    PENCE,
    st.integers(1, 30),
    st.sampled_from(["over {} years", "over the next {} years", "over {}yrs", "over a {} year period"]),
)
def test_a_total_over_years_is_held_to_the_penny(pence: int, years: int, form: str) -> None:
    (entry,) = read(f"{money(pence, True)} {form.format(years)}").entries
    assert entry.council is None
    assert entry.direct_funding is not None
    assert entry.direct_funding.hi is not None
    assert entry.direct_funding.lo * years <= pence <= entry.direct_funding.hi * years
    assert entry.direct_funding.hi - entry.direct_funding.lo == (pence % years > 0)


@given(tied_clauses(), st.sampled_from([str.upper, str.lower, str.swapcase]), st.sampled_from(["  ", "\u00a0", "\t"]))
def test_case_and_spacing_do_not_matter(arrangement: tuple[list[str], Any], case: Any, space: str) -> None:
    text = ", ".join(arrangement[0])
    assert read(case(text).replace(" ", space)) == read(text)


WORDS = [
    "NSDC", "South Moor", "£12,000", "£5k", "pa", "per month", "over 3 years", "each", "both", "officer time",
    "2 days/month", "only", "nil", "no", "tbc", ",", "+", "and", "(", ")", "-", "2016/17", "£0", "review", "-£5",
    "£101bn", "in kind", "from",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join) | st.text(max_size=80))
def test_any_text_gives_figures_within_limits_or_is_unread(text: str) -> None:
    said = read(text)
    places = [(entry.council, entry.year) for entry in said.entries]
    assert len(set(places)) == len(places)
    for entry in said.entries:
        assert entry._replace(council=None, year=None) != Contribution(None)
        assert entry.council is not None or not said.unread
        for figure, limit in (
            (entry.direct_funding, MOST_PENCE),
            (entry.officer_cost, MOST_PENCE),
            (entry.officer_days, MOST_HUNDREDTHS),
        ):
            assert figure is None or (figure.hi is not None and 0 <= figure.lo <= figure.hi <= limit)


_PIECES = [
    "NSDC", "SMBC", "each", "both", "officer time", "pa", "per week", "a month", "over 3 years", "nil", "in 2016/17",
    ",", ";", "+", "and", "(", ")", "-", "only", "rent", "k", "p. a.", "\u00a0k", " m", "–", "\n",
]  # fmt: skip
_AMOUNTS = st.integers(1, 99_999_999).map(lambda pounds: f"£{pounds:,}")


@given(st.lists(st.lists(st.sampled_from(_PIECES) | _AMOUNTS, min_size=1, max_size=7).map(" ".join), max_size=6))
def test_texts_that_differ_in_their_amounts_alone_are_each_read_as_if_alone(texts: list[str]) -> None:
    reader = FinancialArrangementsReader(COUNCILS, BOTH)
    alike = [re.sub(amount, like, text) for text in texts for amount, like in ((r"£[1-9]", "£7"), (r"£[0-9,]+", "£5"))]
    for text in texts + alike:
        found = reader.read(text)
        assert found == read(text)
        spaced = read(text.replace("£", "£ "))  # which is no pattern for other amounts
        assert (found.entries, found.unread) == (spaced.entries, spaced.unread.replace("£ ", "£"))
