"""JSON Lines: the record line by line, and the schema that documents both."""

import json
from collections import Counter
from typing import Any

import jsonschema
import pytest

from tipstaff.audit.comparing.comparison import compare, judge
from tipstaff.audit.comparing.snapshot import take_snapshot
from tipstaff.audit.decisions.audit import Audit
from tipstaff.report.record.audit import record
from tipstaff.report.record.json_schema import REPORTS, report_schema
from tipstaff.report.record.jsonl import lines

KEYS = {"waiver": "waivers", "partnership": "partnerships", "ledger": "ledgers", "finding": "findings"}


@pytest.fixture(scope="module")
def found(five: Audit) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(five)]


@pytest.fixture(scope="module")
def whole(five: Audit) -> dict[str, Any]:
    said: dict[str, Any] = json.loads("".join(record(five)))
    return said


@pytest.fixture(scope="module")
def validators() -> dict[str, jsonschema.Draft202012Validator]:
    made = {}
    for form in REPORTS:
        document = json.loads(report_schema(form))
        jsonschema.Draft202012Validator.check_schema(document)
        made[form] = jsonschema.Draft202012Validator(document)
    return made


def test_every_line_is_one_part_of_the_record_and_says_which(
    found: list[dict[str, Any]], whole: dict[str, Any]
) -> None:
    head, *rest = found
    assert head == {"kind": "audit", **{key: whole[key] for key in list(head)[1:]}}
    for kind, key in KEYS.items():
        assert [part for part in rest if part["kind"] == kind] == [{"kind": kind, **part} for part in whole[key]]
    rules = {part["rule"]: part for part in rest if part["kind"] == "rule"}
    assert {rule: part["outcomes"] for rule, part in rules.items()} == whole["outcomes_by_rule"]
    assert {rule: part["facts"] for rule, part in rules.items()} == whole["facts_by_rule"]
    assert {part["kind"] for part in rest} == {"rule", *KEYS}
    assert set(whole) == {*list(head)[1:], *KEYS.values(), "outcomes_by_rule", "facts_by_rule"}


def test_the_five_totals_are_there_and_agree_with_the_lines(found: list[dict[str, Any]], five: Audit) -> None:
    totals = found[0]["summary"]["outcomes"]
    assert totals == {outcome.word: count for outcome, count in five.totals().items()}
    assert all(totals.values())
    listed = Counter(part["outcome"] for part in found if part["kind"] == "finding")
    assert listed == {word: totals[word] for word in ("finding", "undetermined", "waived")}
    by_rule = Counter[str]()
    for part in found:
        if part["kind"] == "rule":
            by_rule.update(part["outcomes"])
    assert by_rule == totals


def test_a_line_holds_one_object_whatever_the_register_says(five: Audit) -> None:
    assert all(line.endswith("}\n") and line.count("\n") == 1 for line in lines(five))


def test_the_record_and_every_line_are_as_the_schema_says(
    found: list[dict[str, Any]], whole: dict[str, Any], validators: dict[str, jsonschema.Draft202012Validator]
) -> None:
    assert [error.message for error in validators["json"].iter_errors(whole)] == []
    assert [error.message for line in found for error in validators["jsonl"].iter_errors(line)] == []


def test_a_comparison_with_a_baseline_is_in_the_schema_too(
    example: Audit, five: Audit, validators: dict[str, jsonschema.Draft202012Validator]
) -> None:
    compared = compare(take_snapshot(five), take_snapshot(example))
    since = compared, judge(compared, "high", "high")
    whole = json.loads("".join(record(example, since)))
    assert [error.message for error in validators["json"].iter_errors(whole)] == []
    last = json.loads(list(lines(example, since))[-1])
    assert last == {"kind": "baseline", **whole["since_baseline"]}
    assert validators["jsonl"].is_valid(last)
    assert {change["kind"] for change in last["changes"]} == {"lapsed"}


def test_what_the_schema_does_not_know_does_not_pass(
    whole: dict[str, Any], validators: dict[str, jsonschema.Draft202012Validator]
) -> None:
    finding = whole["findings"][0]
    for change in ({"outcome": "clear"}, {"severity": "urgent"}, {"more": 1}, {"fingerprint": "short"}):
        assert not validators["json"].is_valid({**whole, "findings": [{**finding, **change}]})
        assert not validators["jsonl"].is_valid({"kind": "finding", **finding, **change})
    assert not validators["json"].is_valid({key: whole[key] for key in whole if key != "summary"})
    assert not validators["jsonl"].is_valid({"kind": "partnership", **finding})


def test_the_schema_explains_what_no_name_does(validators: dict[str, jsonschema.Draft202012Validator]) -> None:
    finding = validators["json"].schema["$defs"]["FindingPart"]
    assert finding["properties"]["outcome"]["enum"] == ["finding", "undetermined", "waived"]
    assert "identify" in finding["description"]
    assert all(part.get("description") for part in validators["json"].schema["$defs"].values())


def test_contact_details_are_not_there(five: Audit) -> None:
    assert "@" not in "".join(lines(five))
