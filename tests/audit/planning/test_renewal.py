"""The check list of a renewal: each duty judged as if it were due, the audit's own outcomes left alone."""

from datetime import date
from pathlib import Path

import pytest

from support.packs import edited
from support.registers import Partnership, amount, money, register
from tipstaff.audit.decisions.audit import Outcome, audit
from tipstaff.audit.planning.renewal import Duty, Renewal, State, check_renewal, treat_as_due
from tipstaff.facts.bounds import Bounds, exactly
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.loading import load_pack
from tipstaff.policy.pack.model import Pack

CYCLE = FinancialYear(2017)
DUE = (
    "agreements",
    "rules:\n",
    """rules:
  TST-01:
    title: Not signed for the cycle
    applies: formal_agreement_needed
    requires: agreement_signed
    due_on: cycle_start - policy.notice_window
    severity: high
    says: "{name} is not signed, because {because}."
    consequence: None.
    action: {do: Sign it., by: legal services}
    source: {paragraph: "4"}
  TST-02:
    title: Outcomes never stated
    requires: outcomes_stated
    due_on: agreement_end
    severity: low
    says: "{name} states no outcomes."
    consequence: None.
    action: {do: State them., by: lead officer}
    source: {paragraph: "4"}
""",
)
LAST_DAY = date(2017, 1, 1)
"""Ninety days before 1 April 2017."""


@pytest.fixture(scope="module")
def due(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The bundled policy with two rules that are due on a date."""
    return load_pack(edited(tmp_path_factory.mktemp("due"), DUE))


def partnership(**facts: object) -> Partnership:
    """A partnership that the councils fund under an agreement of which some facts are given."""
    funding = {"council": "sh", "year": None, "text": False, **money(500)}
    row = {"form": "contract", **amount("agreement_start", date(2015, 4, 1)), **facts}
    return Partnership(
        {"name": "Ring and Ride", "lead_officer": "Lead Specialist"}, {"agreements": [row], "contributions": [funding]}
    )


def listed(pack: Pack, day: date, *partnerships: Partnership) -> Renewal:
    return check_renewal(audit(register(pack, partnerships), pack, day, CYCLE))


def duty(pack: Pack, day: date, rule: str, **facts: object) -> Duty:
    duties = listed(pack, day, partnership(**facts)).entries[0].duties
    return next(one for one in duties if one.rule.id == rule)


@pytest.mark.parametrize(
    ("day", "signed", "state"),
    [
        (LAST_DAY, False, State.TO_DO),
        (date(2017, 1, 2), False, State.MISSING),
        (LAST_DAY, True, State.DONE),
        (date(2017, 1, 2), True, State.DONE),
        (LAST_DAY, None, State.NOT_KNOWN),
        (date(2017, 1, 2), None, State.NOT_KNOWN),
    ],
)
def test_a_duty_is_judged_as_if_it_were_due(due: Pack, day: date, signed: bool | None, state: State) -> None:
    found = duty(due, day, "TST-01", signed=signed)
    assert found.state is state
    assert found.due is not None
    assert found.due.on == exactly(LAST_DAY)
    assert found.days_left(day) == (LAST_DAY - day).days
    assert bool(found.message) == (state is not State.DONE)
    assert [missing.fact for missing in found.missing] == (["signed"] if signed is None else [])


def test_what_it_says_does_not_mention_the_date(due: Pack) -> None:
    message = duty(due, LAST_DAY, "TST-01", signed=False).message
    assert message.startswith("Ring and Ride is not signed, because")
    assert "as-of date" not in message


def test_the_audit_keeps_its_outcomes(due: Pack) -> None:
    one = audit(register(due, [partnership(signed=False)]), due, LAST_DAY, CYCLE)
    before = one.answers.clone()
    judged = treat_as_due(one)
    assert one.answers.equals(before)
    assert one.answers["TST-01"][0] == Outcome.NOT_APPLICABLE
    assert judged.answers["TST-01"][0] == Outcome.FINDING
    assert one.rules != judged.rules


def test_a_date_known_in_part_is_due_when_it_is_surely_over(due: Pack) -> None:
    end = amount("agreement_end", date(2016, 9, 1), date(2016, 9, 30))
    for day, state, left in (
        (date(2016, 8, 31), State.TO_DO, 1),
        (date(2016, 9, 15), State.TO_DO, -14),
        (date(2016, 10, 2), State.MISSING, -2),
    ):
        found = duty(due, day, "TST-02", states_outcomes=False, **end)
        assert (found.state, found.days_left(day)) == (state, left)
        assert found.due is not None
        assert found.due.on == Bounds(date(2016, 9, 1), date(2016, 9, 30))


def test_a_date_not_known_leaves_no_days(due: Pack) -> None:
    found = duty(due, date(2016, 8, 4), "TST-02", states_outcomes=False)
    assert found.state is State.TO_DO
    assert found.due is not None
    assert found.due.on is None
    assert found.days_left(date(2016, 8, 4)) is None


def test_duties_stand_in_the_order_of_their_dates(due: Pack) -> None:
    end = amount("agreement_end", date(2016, 9, 30))
    entry = listed(due, date(2016, 8, 4), partnership(signed=False, states_outcomes=False, **end)).entries[0]
    dated = [one for one in entry.duties if one.due is not None]
    assert [one.rule.id for one in dated if one.rule.id.startswith("TST")] == ["TST-02", "TST-01"]
    assert all(one.due is None for one in entry.duties[: len(entry.duties) - len(dated)])


def test_partnerships_with_the_earliest_duty_come_first(due: Pack) -> None:
    facts = dict.fromkeys(("signed", "states_outcomes", "end_date_stated", "legal_input"), True)
    idle = Partnership({"name": "Nothing"}, {"contributions": [], "agreements": []})
    found = listed(due, date(2016, 8, 4), idle, partnership(**{**facts, "signed": False}))
    dates = [
        min((one.days_left(date(2016, 8, 4)) or 0 for one in entry.open), default=9_999) for entry in found.entries
    ]
    assert dates == sorted(dates)


def test_the_pack_says_which_other_rules_belong_to_a_renewal(pack: Pack, due: Pack) -> None:
    agreements = next(module for module in pack.modules if module.name == "agreements")
    reported = [rule for rule in agreements.rules if pack.rules[rule].concludes is None]
    assert set(reported) <= set(pack.renewal)
    assert {"TST-01", "TST-02"} <= set(due.renewal)
    assert set(due.renewal) >= {rule.id for rule in due.rules.values() if rule.due_on is not None}
    assert not any(due.rules[rule].concludes for rule in due.renewal)


def test_rules_with_a_date_belong_to_it_without_being_named(tmp_path: Path) -> None:
    found = load_pack(edited(tmp_path, DUE, ("pack", "renewal: [agreements, renewal]\n", "")))
    assert set(found.renewal) == {rule.id for rule in found.rules.values() if rule.due_on is not None}
    assert "TST-01" in found.renewal


def test_every_duty_is_counted_once(due: Pack) -> None:
    found = listed(due, date(2016, 8, 4), partnership(), partnership(signed=True))
    assert sum(found.counts().values()) == sum(len(entry.duties) for entry in found.entries)
    assert {entry.position for entry in found.entries} == {0, 1}
