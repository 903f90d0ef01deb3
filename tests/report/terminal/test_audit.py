"""The table fits the terminal, says the worst first, and folds what would bury it."""

import re

import pytest

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.verdict import by_severity, judge
from tipstaff.audit.explaining.digest import digest
from tipstaff.policy.pack.model import MINOR, SEVERITIES
from tipstaff.report.terminal.audit import lines

TWO_SCREENS = 120
"""Of 60 lines each."""


def report(audit: Audit, width: int = 120) -> list[str]:
    return list(lines(audit, judge(audit, "high", "high"), "register.xlsx", width))


@pytest.mark.parametrize("width", [60, 100, 160])
def test_it_is_no_wider_than_the_terminal(example: Audit, bare: Audit, width: int) -> None:
    for audit in (example, bare):
        wide = [line for line in report(audit, width) if len(line) > width]
        assert [line for line in wide if not line.startswith("Next: ")] == []  # a command is to be copied whole


def test_eleven_columns_alone_fit_on_two_screens(bare: Audit) -> None:
    said = report(bare)
    assert len(said) <= TWO_SCREENS
    text = "\n".join(said)
    assert re.search(r"no Agreements sheet: \d+ rules not assessed for 40 partnerships", text)
    assert "no Risk sheet" in text
    assert "no Contributions sheet" in text


def test_it_ends_with_the_next_step_and_what_decided_the_exit_code(example: Audit) -> None:
    *_, step, decision = report(example)
    assert step.startswith("Next: tipstaff explain register.xlsx ")
    high = {outcome: by_severity(example, outcome)["high"] for outcome in (Outcome.FINDING, Outcome.UNDETERMINED)}
    findings, unknown = high.values()
    assert decision == f"Exit code 1: {findings} high findings and {unknown} high outcomes undetermined."


def test_every_outcome_is_counted(example: Audit) -> None:
    counts = ", ".join(f"{count} {outcome.words}" for outcome, count in example.totals().items())
    assert f"Outcomes  {counts}" in report(example)


def test_every_finding_is_said_once(example: Audit) -> None:
    found = digest(example)
    single = [(one.rule.id, one.position) for group in found.findings for one in group]
    together = [(group.rule.id, position) for group in found.grouped for position in group.positions]
    with_others = [place for places in found.reported_with.values() for place in places]
    expected = [
        (rule.id, position)
        for rule in example.rules
        for position, outcome in enumerate(example.answers[rule.id])
        if outcome == Outcome.FINDING
    ]
    assert sorted(single + together + with_others) == sorted(expected)


def test_a_duty_that_two_rules_ask_for_is_said_with_the_worse(example: Audit) -> None:
    position = next(place for place, ref in enumerate(example.register.refs) if ref == "P09")
    assert digest(example).reported_with["REG-09", position] == (("REG-04", position),)
    said = report(example, 160)
    assert not any("No lead officer is named for City Deal" in line for line in said)
    assert any("so too REG-04" in line for line in said)


def test_the_worst_is_said_first(example: Audit) -> None:
    worst = [SEVERITIES.index(group[0].rule.severity) for group in digest(example).findings]
    assert worst == sorted(worst)
    severities = [SEVERITIES.index(group.rule.severity) for group in digest(example).grouped]
    assert severities == sorted(severities)


@pytest.mark.parametrize("name", ["example", "bare"])
def test_every_undetermined_outcome_is_said_or_counted(name: str, request: pytest.FixtureRequest) -> None:
    audit: Audit = request.getfixturevalue(name)
    found = digest(audit)
    held = [one for group in found.by_partnership for one in group] + list(found.register_wide)
    said = {(rule, position) for one in held for rule in one.rules for position in one.positions}
    said |= {(rule, position) for (_, position), rules in found.dependents.items() for rule in rules}
    counted = dict.fromkeys(MINOR, 0)
    for rule in audit.rules:
        for position, outcome in enumerate(audit.answers[rule.id]):
            if outcome == Outcome.UNDETERMINED:
                if rule.severity in MINOR:
                    counted[rule.severity] += 1
                else:
                    assert (rule.id, position) in said
    assert found.minor_counts == counted


def test_what_one_missing_row_holds_up_is_one_line(example: Audit) -> None:
    text = " ".join(line.strip() for line in report(example, 160))
    assert "Tavistock Ring & Ride (P05): no row on the Agreements sheet: holds up AGR-05 to 07, 11, 13 and 14" in text


def test_a_sheet_is_missed_by_the_rules_that_ask_for_what_it_has(bare: Audit) -> None:
    said = report(bare, 200)
    assert any(re.search(r"no Agreements sheet: .*AGR-01 to 08", line) for line in said)
    assert any(re.search(r"no Monitoring sheet: .*MON-01 to 04", line) for line in said)
    risk = next(line for line in said if "no Risk sheet" in line)
    assert "AGR-05" not in risk, "whether it is signed stands on another sheet, whatever makes it owed"


def test_what_indicators_would_tell_stands_under_the_rule_that_asks_for_them(example: Audit, bare: Audit) -> None:
    for audit in (example, bare):
        found = digest(audit)
        asked = {place for place, answer in enumerate(audit.answers["PRO-10"]) if answer == Outcome.FINDING}
        open_there = {place for place, answer in enumerate(audit.answers["PRO-14"]) if answer == Outcome.UNDETERMINED}
        assert (
            {place for (rule, place), rules in found.dependents.items() if "PRO-14" in rules}
            == asked & open_there
            != set()
        )
        assert any("Holds up PRO-03, 06, 08 and 14." in line for line in report(audit, 250))


def test_rules_switched_off_by_a_blank_parameter_are_said_once(example: Audit) -> None:
    assert digest(example).switched_off == {
        "policy_adopted": ("MON-07", "MON-08"),
        "tender_value": ("PRO-07",),
        "delivery_decision_date": ("PRO-11",),
        "budget_date": ("REN-08",),
    }
    text = " ".join(line.strip() for line in report(example))
    assert text.count("switched off until the pack gives") == 1
    assert "tender_value (PRO-07)" in text


def test_conclusions_that_nothing_decided_are_one_line(bare: Audit) -> None:
    said = report(bare)
    assert "  Not known of any partnership: “A contract in substance” or “To be judged as a contract”" in said
    assert not any(line.startswith("A contract in substance") for line in said)


def test_rules_held_up_by_a_conclusion_stand_under_it(example: Audit) -> None:
    text = " ".join(line.strip() for line in report(example, 160))
    assert re.search(
        r"Cluster \(P06\): “Significant partnership” not known because [^:]* is missing: holds up REG-10, CLS-03", text
    )
