"""The forecast is what audits of every day say, found with far fewer of them."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest

from support.clock_pack import clock_pack
from support.registers import Partnership, amount, money, register
from support.worlds import Worlds
from tipstaff.audit.dates.drift import Drift
from tipstaff.audit.dates.turning_points import days_between, owners_below, turns
from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.decisions.classes import classes
from tipstaff.audit.decisions.decision_tables import decide
from tipstaff.audit.planning.forecast import Change, Forecast, forecast
from tipstaff.errors import ForecastError
from tipstaff.facts.periods import FinancialYear, financial_year_of
from tipstaff.policy.pack.model import Pack
from tipstaff.register.tables.model import Register

TRUTHS = {True: "yes", False: "no", None: "not known"}
Seen = set[tuple[date, int, str, str, str]]


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return clock_pack(tmp_path_factory.mktemp("clock"))


def drawn(pack: Pack, first: date, days: int, count: int, seed: int = 1) -> Register:
    """Random partnerships, whose dates lie where they may matter to the days from ``first``."""
    worlds = Worlds(pack, first, seed)
    draw = random.Random(seed)
    worlds.dates = tuple(
        first + timedelta(days=draw.randrange(days)) + timedelta(days=shift)
        for shift in (0, 0, 0, -366, -365, -31, -14, 14, 30, 90, 365)
        for _ in range(8)
    )
    partnerships = [worlds.partnership(count) for _ in range(count)]
    for partnership in partnerships:
        for name in ("cycles", "renewal"):
            rows = partnership.tables.get(name, [])[:2]  # at most one of each cycle
            for years_on, row in enumerate(rows, 1):
                row["year"] = financial_year_of(first).start + years_on
            partnership.tables[name] = rows
    return register(pack, partnerships)


def day_by_day(read: Register, pack: Pack, days: list[date], cycle: FinancialYear | None) -> Iterator[Audit]:
    decisions = decide(pack)
    for day in days:
        yield audit(read, pack, day, cycle or financial_year_of(day).next(), decisions)


def said(one: Audit) -> dict[str, list[str]]:
    """The answers that a forecast speaks of."""
    named = [name for name in one.pack.named if name not in one.pack.classes]
    found = {name: [TRUTHS[truth] for truth in one.answers[name]] for name in named}
    found |= {rule.id: [Outcome(number).word for number in one.answers[rule.id]] for rule in one.rules}
    return found | {"class": classes(one)}


def differences(audits: list[Audit]) -> Seen:
    found: Seen = set()
    for before, after in pairwise(audits):
        old, new = said(before), said(after)
        for subject, column in new.items():
            for position, now in enumerate(column):
                if old[subject][position] != now:
                    found.add((after.as_of, position, subject, old[subject][position], now))
    return found


def forecast_of(changes: tuple[Change, ...]) -> Seen:
    return {(one.day, one.position, one.subject, one.old, one.new) for one in changes}


def check(read: Register, pack: Pack, first: date, days: int, cycle: FinancialYear | None = None) -> Seen:
    """Hold the forecast and the turning points against audits of every day; what changed is returned.

    Of the turning points more is asked than of outcomes: where a criterion changes, something that it rests on turns.
    """
    horizon = days_between(first, first + timedelta(days=days))
    audits = list(day_by_day(read, pack, horizon, cycle))
    expected = differences(audits)
    found = forecast(read, pack, first, horizon[-1], cycle)
    assert forecast_of(found.changes) == expected
    assert all(one.causes for one in found.changes)
    drift = Drift(pack)
    turned = {(turn.day, turn.position, turn.owner) for turn in turns(read, pack, horizon, cycle, drift)}
    for before, after in pairwise(audits):
        told = {(who, owner) for day, who, owner in turned if day == after.as_of}
        for name in set(pack.criteria) - set(drift.criteria):
            owners = owners_below(pack, name)
            for position, (old, new) in enumerate(zip(before.answers[name], after.answers[name], strict=True)):
                if old is not new:
                    assert any({(None, owner), (position, owner)} & told for owner in owners), (name, after.as_of)
    return expected


def subjects(changed: Seen) -> set[str]:
    return {subject for _, _, subject, _, _ in changed}


def test_it_equals_an_audit_of_every_day(clock: Pack) -> None:
    """From before the leap day until after 1 April, month ends and the day of the plan among the days."""
    first, days = date(2016, 2, 27), 36
    changed = subjects(check(drawn(clock, first, days, 40), clock, first, days))
    assert len(changed) > 20, "too little changed for the test to tell"


def test_it_knows_when_the_law_changes(clock: Pack) -> None:
    first, days = date(2015, 12, 29), 6
    read = drawn(clock, first, days, 20)
    for rows in read.tables.values():
        for end in ("direct_funding_lo", "direct_funding_hi"):
            if end in rows.columns:
                rows.columns[end] = [170_000_00] * len(rows)
    dear = next(rule.id for rule in clock.rules.values() if rule.inputs == ("dear",))
    assert dear in subjects(check(read, clock, first, days))


def test_a_cycle_that_is_given_stays(clock: Pack) -> None:
    first, days = date(2016, 3, 30), 4
    read = drawn(clock, first, days, 30)
    of_a_cycle = next(rule.id for rule in clock.rules.values() if rule.inputs == ("of_a_cycle",))
    assert of_a_cycle not in subjects(check(read, clock, first, days, FinancialYear(2017)))
    assert of_a_cycle in subjects(check(read, clock, first, days))


def test_the_bundled_policy_day_by_day(pack: Pack) -> None:
    first, days = date(2016, 3, 30), 3
    assert check(drawn(pack, first, days, 80, seed=3), pack, first, days)


def test_what_is_asked_every_day_is_only_what_drifts(clock: Pack) -> None:
    drift = Drift(clock)
    assert drift.criteria == ("spent_enough", "half_spent")
    assert [derived.name for derived in drift.facts] == ["spent", "well_spent"]
    assert not drift.always


def test_nothing_of_the_bundled_policy_must_be_audited_every_day(pack: Pack) -> None:
    assert not Drift(pack).always


def agreement(end: date) -> Partnership:
    own = {"name": "Ring and Ride", "lead_officer": "Lead Specialist, Wellbeing"}
    row = {**amount("agreement_start", date(2015, 4, 1)), **amount("agreement_end", end), "agreement_recorded": True}
    funding = {"council": "sh", "year": None, "text": False, **money(500)}
    return Partnership(own, {"agreements": [row], "contributions": [funding]})


@pytest.fixture(scope="module")
def ending(pack: Pack) -> tuple[Forecast, list[tuple[int, int]]]:
    """A forecast of an agreement that ends, and what it told of its progress."""
    told: list[tuple[int, int]] = []
    read = register(pack, [agreement(date(2016, 9, 30))])
    found = forecast(
        read, pack, date(2016, 8, 4), date(2016, 12, 31), progress=lambda done, total: told.append((done, total))
    )
    return found, told


def test_a_change_says_the_fact_its_cell_and_the_old_and_new_outcome(ending: tuple[Forecast, object]) -> None:
    run_out = next(one for one in ending[0].changes if one.subject == "AGR-02")
    assert (run_out.day, run_out.old, run_out.new) == (date(2016, 10, 1), "clear", "finding")
    assert run_out.needs_attention
    cause = run_out.causes[0]
    assert cause.sentence == "end of the agreement (30 September 2016)"
    assert cause.cell is not None
    assert cause.cell.startswith("agreements!")


def test_few_days_are_audited_and_it_tells_how_far_it_has_come(
    ending: tuple[Forecast, list[tuple[int, int]]],
) -> None:
    found, told = ending
    assert found.audited <= 5  # of 150 days
    assert [done for done, _ in told] == list(range(found.audited))
    assert all(total == found.audited for _, total in told)


@pytest.mark.parametrize("until", [date(2016, 8, 4), date(2016, 8, 3), date(2026, 8, 5)])
def test_it_looks_ahead_and_ten_years_at_most(pack: Pack, until: date) -> None:
    with pytest.raises(ForecastError, match=r"Give an? (later|earlier) date"):
        forecast(register(pack, [agreement(date(2016, 9, 30))]), pack, date(2016, 8, 4), until)


def test_a_duty_that_falls_due_says_its_day(clock: Pack) -> None:
    read = drawn(clock, date(2016, 3, 17), 4, 10)
    due = [
        one for one in forecast(read, clock, date(2016, 3, 17), date(2016, 3, 20)).changes if one.subject == "DUE-01"
    ]
    assert due
    assert {one.day for one in due} == {date(2016, 3, 19)}
    assert {cause.sentence for one in due for cause in one.causes} == {
        "14 days before the first day of the cycle (18 March 2016)"
    }


def test_a_change_of_the_law_says_which(clock: Pack) -> None:
    days = days_between(date(2015, 12, 30), date(2016, 1, 3))
    said = {turn.said for turn in turns(drawn(clock, days[0], 4, 3), clock, days, None, Drift(clock))}
    assert any("threshold" in one and "1 January 2016" in one for one in said)
