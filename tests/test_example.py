"""The example register, audited, says what was expected of it by hand."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tipstaff.audit.audit import Audit, Outcome, audit
from tipstaff.audit.findings import Explainer
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.pack import Pack
from tipstaff.register.reading import read_register
from tipstaff.report.record import record

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
EXPECTED: dict[str, Any] = yaml.safe_load((EXAMPLES / "register.expected.yaml").read_text(encoding="utf-8"))
NAMES = [partnership["name"] for partnership in EXPECTED["partnerships"]]


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
    return {rule.id for rule in audited.rules if audited.answers[rule.id][position] == outcome}


def findings_of(said: dict[str, Any], ref: str, outcome: str) -> dict[str, dict[str, Any]]:
    return {one["rule"]: one for one in said["findings"] if one["ref"] == ref and one["outcome"] == outcome}


def test_the_partnerships_stand_in_the_order_of_the_register(said: dict[str, Any]) -> None:
    assert [partnership["name"] for partnership in said["partnerships"]] == NAMES


@pytest.mark.parametrize("position", range(len(NAMES)), ids=NAMES)
def test_a_partnership_is_as_expected(position: int, audited: Audit, said: dict[str, Any]) -> None:
    expected = EXPECTED["partnerships"][position]
    found = said["partnerships"][position]
    assert found["ref"] == expected.get("ref", found["ref"])
    assert found["class"] == expected["class"]
    assert found["conclusions"] == expected["conclusions"]
    assert set(findings_of(said, found["ref"], "finding")) == set(expected["finding"])
    assert set(findings_of(said, found["ref"], "undetermined")) == set(expected["undetermined"])
    assert outcomes_of(audited, position, Outcome.NOT_APPLICABLE) == set(expected["not_applicable"])


@pytest.mark.parametrize("position", range(len(NAMES)), ids=NAMES)
def test_what_is_not_known_is_named(position: int, audited: Audit, said: dict[str, Any]) -> None:
    """At least the facts expected: a conclusion stands for those that hold it up, ``clauses`` for some clause."""
    explainer = Explainer(audited, [position])
    clauses = {fact for fact in audited.pack.facts if fact.startswith("clause_")}
    for rule, one in findings_of(said, audited.register.refs[position], "undetermined").items():
        named = {missing["fact"] for missing in one["missing"]}
        for fact in EXPECTED["partnerships"][position]["undetermined"][rule]:
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
    assert summary["outcomes"] == {**totals["outcomes"], "waived": 0}
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
