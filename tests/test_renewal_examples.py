"""The register before and after renewal, audited, says what was expected by hand; the examples show every rule."""

import importlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import yaml

from support.expected import rules_shown
from support.paths import EXAMPLES
from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.decisions.decision_tables import Decision, decide
from tipstaff.audit.explaining.factor_sheet import factor_sheets
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import read_register
from tipstaff.register.tables.model import Register
from tipstaff.report.record.audit import record

CYCLE = FinancialYear(2017)
EXPECTED: dict[str, dict[str, Any]] = {
    name: yaml.safe_load((EXAMPLES / f"{name}.expected.yaml").read_text(encoding="utf-8"))
    for name in ("renewal-before", "renewal-after")
}
CASES = [(name, expected["ref"]) for name, audit in EXPECTED.items() for expected in audit["partnerships"]]

SWITCHED_OFF_BY = {
    "MON-07": "policy_adopted",
    "MON-08": "policy_adopted",
    "PRO-07": "tender_value",
    "PRO-11": "delivery_decision_date",
    "REN-08": "budget_date",
}
"""Rules that no example can show, each by the parameter that the bundled policy leaves blank."""
NOT_YET_LAW = {"AID-06"}
"""Rules on law that began after the examples: the register as of a later day shows them."""

VAT = " including VAT"
AUGUST_2016, ACT_OF_2023, TODAY = date(2016, 8, 4), date(2025, 3, 1), date(2026, 11, 23)


@dataclass(frozen=True)
class Said:
    """What an audit of an example says: the audit itself, and its record."""

    audited: Audit
    record: dict[str, Any]

    def finding(self, rule: str, ref: str) -> dict[str, Any]:
        (found,) = [one for one in self.record["findings"] if (one["rule"], one["ref"]) == (rule, ref)]
        return dict(found)

    def thresholds(self, rule: str, ref: str) -> set[tuple[str, str]]:
        """The thresholds for services that a finding cites: their figures, with the first day of each."""
        law = self.finding(rule, ref)["law"]
        return {(one["figure"], one["from"]) for one in law if one["series"] == "services_threshold"}


@pytest.fixture(scope="module")
def decisions(pack: Pack) -> dict[str, Decision]:
    return dict(decide(pack))


@pytest.fixture(scope="module")
def registers(pack: Pack) -> dict[str, Register]:
    return {name: read_register(EXAMPLES / f"{name}.xlsx", pack.vocabulary) for name in (*EXPECTED, "register")}


@pytest.fixture(scope="module")
def say(pack: Pack, decisions: dict[str, Decision], registers: dict[str, Register]) -> Callable[..., Said]:
    def audited(name: str, as_of: date, cycle: FinancialYear = CYCLE) -> Said:
        done = audit(registers[name], pack, as_of, cycle, decisions)
        stream = io.StringIO()
        stream.writelines(record(done))
        return Said(done, json.loads(stream.getvalue()))

    return audited


@pytest.fixture(scope="module")
def said(say: Callable[..., Said]) -> dict[str, Said]:
    """The audits of the examples, each as of its own day."""
    found = {name: say(name, expected["as_of"]) for name, expected in EXPECTED.items()}
    return {**found, "register": say("register", AUGUST_2016)}


def expected_of(name: str, ref: str) -> dict[str, Any]:
    (expected,) = [one for one in EXPECTED[name]["partnerships"] if one["ref"] == ref]
    return dict(expected)


def outcome_expected(name: str, ref: str, rule: str) -> str:
    """Not listed is clear, or not applicable where it ordinarily is."""
    expected = expected_of(name, ref)
    if rule in expected["finding"]:
        return "finding"
    if rule in expected.get("undetermined", {}):
        return "undetermined"
    idle = rule in EXPECTED[name]["ordinarily_not_applicable"] and rule not in expected.get("applies", ())
    return "not_applicable" if idle or rule in expected.get("not_applicable", ()) else "clear"


def test_the_workbooks_are_what_their_script_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    made = importlib.import_module("make_renewal").made()
    assert {f"{name}.xlsx" for name in EXPECTED} == set(made)
    for name, content in made.items():
        assert (EXAMPLES / name).read_bytes() == content


@pytest.mark.parametrize("name", EXPECTED)
def test_every_partnership_is_expected(name: str, said: dict[str, Said]) -> None:
    refs = [one["ref"] for one in EXPECTED[name]["partnerships"]]
    assert sorted(refs) == sorted(said[name].audited.register.refs)
    assert FinancialYear(int(EXPECTED[name]["cycle"][:4])) == said[name].audited.cycle


@pytest.mark.parametrize(("name", "ref"), CASES)
def test_every_outcome_is_as_expected(name: str, ref: str, said: dict[str, Said]) -> None:
    done = said[name].audited
    position = done.register.refs.index(ref)
    found = {rule: Outcome(done.answers[rule][position]).word for rule in rules_shown(EXPECTED[name])}
    assert found == {rule: outcome_expected(name, ref, rule) for rule in found}


@pytest.mark.parametrize(("name", "ref"), CASES)
def test_name_class_and_conclusions_are_as_expected(name: str, ref: str, said: dict[str, Said]) -> None:
    (found,) = [one for one in said[name].record["partnerships"] if one["ref"] == ref]
    expected = expected_of(name, ref)
    assert (found["name"], found["class"]) == (expected["name"], expected["class"])
    shown = EXPECTED[name]["conclusions_shown"]
    answers = dict.fromkeys(shown, False) | dict.fromkeys(expected["concludes"], True)
    wanted = answers | dict.fromkeys(expected.get("not_known", ()))
    assert {name: found["conclusions"][name] for name in shown} == wanted


@pytest.mark.parametrize("name", EXPECTED)
def test_only_rules_of_the_policy_are_expected(name: str, said: dict[str, Said]) -> None:
    rules = rules_shown(EXPECTED[name])
    assert rules <= {rule.id for rule in said[name].audited.rules}
    keys = ("finding", "undetermined", "applies", "not_applicable")
    named = {rule for one in EXPECTED[name]["partnerships"] for key in keys for rule in one.get(key, ())}
    assert named | set(EXPECTED[name]["ordinarily_not_applicable"]) <= rules


@pytest.mark.parametrize(("name", "ref"), [case for case in CASES if expected_of(*case).get("undetermined")])
def test_what_is_not_known_is_named(name: str, ref: str, said: dict[str, Said]) -> None:
    for rule, facts in expected_of(name, ref)["undetermined"].items():
        assert {one["fact"] for one in said[name].finding(rule, ref)["missing"]} >= set(facts)


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_in_the_workbooks_is_beyond_reading(name: str, said: dict[str, Said]) -> None:
    assert not [one for one in said[name].record["register"]["problems"] if one["serious"]]
    assert "example.org" not in json.dumps(said[name].record)


def test_every_rule_shown_is_found_in_some_example(said: dict[str, Said]) -> None:
    found = {one["rule"] for each in said.values() for one in each.record["findings"] if one["outcome"] == "finding"}
    shown = rules_shown(EXPECTED["renewal-before"])
    assert shown - found == set(SWITCHED_OFF_BY) | NOT_YET_LAW


def test_every_conclusion_shown_is_drawn_and_denied_in_some_example(said: dict[str, Said]) -> None:
    shown = EXPECTED["renewal-before"]["conclusions_shown"]
    drawn = {
        (name, one["conclusions"][name])
        for each in said.values()
        for one in each.record["partnerships"]
        for name in shown
    }
    assert drawn >= {(name, answer) for name in shown for answer in (True, False)}


def test_a_rule_that_no_example_shows_is_switched_off(pack: Pack) -> None:
    assert {pack.parameters[parameter].value for parameter in SWITCHED_OFF_BY.values()} == {None}


@pytest.mark.parametrize(
    ("as_of", "cycle", "thresholds"),
    [
        (AUGUST_2016, 2017, {("£172,514", "2015-02-26"), ("£164,176", "2016-01-01")}),
        (ACT_OF_2023, 2025, {(f"£214,904{VAT}", "2024-01-01"), (f"£214,904{VAT}", "2025-02-24")}),
        (TODAY, 2027, {(f"£214,904{VAT}", "2025-02-24"), (f"£207,720{VAT}", "2026-01-01")}),
    ],
)
def test_what_is_awarded_anew_is_judged_by_the_law_of_its_day(
    as_of: date, cycle: int, thresholds: set[tuple[str, str]], say: Callable[..., Said]
) -> None:
    """The brokerage is awarded in 2016, 2025 and 2026; the bring banks once, which the law of 2016 judges for good."""
    found = say("renewal-before", as_of, FinancialYear(cycle))
    assert found.thresholds("PRO-06", "R07") == thresholds
    assert found.thresholds("PRO-13", "R08") == {("£164,176", "2016-01-01")}


@pytest.mark.parametrize(("as_of", "outcome"), [(AUGUST_2016, None), (ACT_OF_2023, "finding"), (TODAY, "finding")])
def test_the_database_of_subsidies_is_asked_for_once_there_is_one(
    as_of: date, outcome: str | None, say: Callable[..., Said]
) -> None:
    found = say("renewal-before", as_of)
    outcomes = {one["ref"]: one["outcome"] for one in found.record["findings"] if one["rule"] == "AID-06"}
    assert outcomes.get("R10") == outcome


def test_the_grant_that_tips_says_what_tipped_it(said: dict[str, Said]) -> None:
    before, after = said["renewal-before"], said["renewal-after"]
    weighed = "net weight of the other signs towards a contract (4) is at least 3"
    assert weighed in before.finding("PRO-14", "R06")["message"]
    assert "2 legally bound to perform: yes" in after.finding("PRO-03", "R06")["message"]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_sign_of_a_factor_sheet_stands_in_its_own_cell(name: str, said: dict[str, Said], pack: Pack) -> None:
    audited = said[name].audited
    position = audited.register.refs.index("R06")
    (sheet,) = factor_sheets(audited, Explainer(audited, [position]).evidence, position)
    signs = [factor for factor in sheet.factors if factor.fact in pack.vocabulary.tables["grant_or_contract"].facts]
    assert [[one.fact for one in sign.evidence] for sign in signs] == [[sign.fact] for sign in signs]
