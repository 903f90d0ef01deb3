"""The example register, audited, says what was expected of it by hand."""

import io
import json
from datetime import date
from typing import Any

import pytest
import yaml

from support.expected import rules_shown
from support.paths import EXAMPLES
from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import read_register
from tipstaff.report.record.audit import record

EXPECTED: dict[str, Any] = yaml.safe_load((EXAMPLES / "register.expected.yaml").read_text(encoding="utf-8"))
SHOWN = rules_shown(EXPECTED)
PARTNERSHIPS: list[dict[str, Any]] = EXPECTED["partnerships"]
NAMES = [partnership["name"] for partnership in PARTNERSHIPS]
CALLED = [partnership.get("ref") or partnership["short"] for partnership in PARTNERSHIPS]


def stated_for(called: str, by_answer: dict[Any, list[str] | str]) -> Any:
    """The answer that lists a partnership, else the one of all others."""
    listing = [answer for answer, members in by_answer.items() if members != "others" and called in members]
    assert len(listing) <= 1, f"{called} stands under {listing}"
    return listing[0] if listing else next(answer for answer, members in by_answer.items() if members == "others")


def expected_of(position: int) -> dict[str, Any]:
    """What is expected of a partnership: its conclusions, and its rules by outcome with the facts not known."""
    own, called = PARTNERSHIPS[position], CALLED[position]
    truths = {True: True, False: False, "unknown": None}
    found = {
        **own,
        "conclusions": {
            **own["conclusions"],
            **{name: truths[stated_for(called, answers)] for name, answers in EXPECTED["conclusions"].items()},
        },
        "finding": set(own["finding"]),
        "undetermined": dict(own["undetermined"]),
        "not_applicable": set(own["not_applicable"]),
    }
    for rule, said in EXPECTED["rules"].items():
        outcomes = {name: members for name, members in said.items() if name not in ("not_known", "also_not_known")}
        outcome = stated_for(called, outcomes)
        if outcome == "undetermined":
            found[outcome][rule] = [*said.get("not_known", []), *said.get("also_not_known", {}).get(called, [])]
        elif outcome != "clear":
            found[outcome].add(rule)
    return found


@pytest.fixture(scope="module")
def audited(pack: Pack) -> Audit:
    register = read_register(EXAMPLES / "register.xlsx", pack.vocabulary)
    return audit(register, pack, date(2016, 8, 4), FinancialYear(2017))


@pytest.fixture(scope="module")
def said(audited: Audit) -> dict[str, Any]:
    stream = io.StringIO()
    stream.writelines(record(audited))
    found: dict[str, Any] = json.loads(stream.getvalue())
    return found


def outcomes_of(audited: Audit, position: int, outcome: Outcome) -> set[str]:
    return {rule for rule in SHOWN if audited.answers[rule][position] == outcome}


def findings_of(said: dict[str, Any], ref: str, outcome: str) -> dict[str, dict[str, Any]]:
    of_ref = (one for one in said["findings"] if one["ref"] == ref and one["outcome"] == outcome)
    return {one["rule"]: one for one in of_ref if one["rule"] in SHOWN}


def test_every_rule_shown_is_expected_once(audited: Audit) -> None:
    by_partnership = {rule.id for rule in audited.rules if rule.module in ("register", "classification", "agreements")}
    assert {rule.id for rule in audited.rules} >= SHOWN
    assert set(EXPECTED["rules"]) == SHOWN - by_partnership
    for said in (*EXPECTED["rules"].values(), *EXPECTED["conclusions"].values()):
        lists = [members for name, members in said.items() if name != "not_known" and members != "others"]
        assert {called for members in lists for called in members} <= set(CALLED)


def test_the_partnerships_stand_in_the_order_of_the_register(said: dict[str, Any]) -> None:
    assert [partnership["name"] for partnership in said["partnerships"]] == NAMES


@pytest.mark.parametrize("position", range(len(NAMES)), ids=NAMES)
def test_a_partnership_is_as_expected(position: int, audited: Audit, said: dict[str, Any]) -> None:
    expected = expected_of(position)
    found = said["partnerships"][position]
    assert found["ref"] == expected.get("ref", found["ref"])
    assert found["class"] == expected["class"]
    assert {name: found["conclusions"][name] for name in expected["conclusions"]} == expected["conclusions"]
    assert set(findings_of(said, found["ref"], "finding")) == expected["finding"]
    assert set(findings_of(said, found["ref"], "undetermined")) == set(expected["undetermined"])
    assert outcomes_of(audited, position, Outcome.NOT_APPLICABLE) == expected["not_applicable"]


@pytest.mark.parametrize("position", range(len(NAMES)), ids=NAMES)
def test_what_is_not_known_is_named(position: int, audited: Audit, said: dict[str, Any]) -> None:
    """At least the facts expected: a conclusion stands for those that hold it up, ``clauses`` for some clause."""
    expected = expected_of(position)
    explainer = Explainer(audited, [position])
    clauses = {fact for fact in audited.pack.facts if fact.startswith("clause_")}
    for rule, one in findings_of(said, audited.register.refs[position], "undetermined").items():
        named = {missing["fact"] for missing in one["missing"]}
        for fact in expected["undetermined"][rule]:
            if fact in audited.pack.conclusions:
                assert named >= {missing.fact for missing in explainer.conclusion(fact, position).missing}, rule
            elif fact == "clauses":
                assert named & clauses, rule
            elif fact == "agreement_recorded":
                assert named & {"agreement_recorded", "form"}, rule
            else:
                assert fact in named, rule


def test_every_outcome_is_counted(audited: Audit, said: dict[str, Any]) -> None:
    totals = EXPECTED["totals"]
    summary = said["summary"]
    assert summary["partnerships"] == totals["partnerships"]
    assert {name: summary[name] for name in totals["class"]} == totals["class"]
    counts = [said["outcomes_by_rule"][rule] for rule in SHOWN]
    assert {word: sum(one[word] for one in counts) for word in counts[0]} == {**totals["outcomes"], "waived": 0}
    assert sum(summary["outcomes"].values()) == audited.partnerships * len(audited.rules)


def test_the_problems_are_those_expected(said: dict[str, Any]) -> None:
    problems = said["register"]["problems"]
    serious = {(one["cell"], one["value"]) for one in problems if one["serious"]}
    assert serious == {(one["cell"], one["value"]) for one in EXPECTED["problems"]}
    remarks = {one["cell"] for one in problems if not one["serious"]}
    assert remarks >= {one["cell"] for one in EXPECTED["remarks"]}


def test_no_personal_data_is_said(pack: Pack, audited: Audit, said: dict[str, Any]) -> None:
    personal = [
        fact.name
        for table in pack.vocabulary.tables.values()
        for fact in table.facts.values()
        if fact.personal and fact.kind is Kind.TEXT
    ]
    assert personal == ["contact_details"]
    assert "example.org" not in json.dumps(said)
