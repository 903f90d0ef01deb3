"""The record keeps the schema, every outcome, and nothing that may not leave the register."""

import json
from typing import Any

import pytest

from tipstaff.audit.decisions.audit import Audit
from tipstaff.report.record.audit import record

TOP = [
    "schema",
    "tool",
    "as_of",
    "cycle",
    "register",
    "policy",
    "summary",
    "labels",
    "waivers",
    "partnerships",
    "outcomes_by_rule",
    "facts_by_rule",
    "ledgers",
    "findings",
]
FINDING = [
    *(
        "rule",
        "title",
        "module",
        "ref",
        "name",
        "lead_officer",
        "outcome",
        "severity",
        "message",
        "because",
        "evidence",
    ),
    *("missing", "law", "sources", "consequence", "action", "fingerprint", "rule_fingerprint"),
]
PARTNERSHIP = ["ref", "name", "theme", "type", "declared_class", "class", "class_because", "conclusions"]
PARTNERSHIP += ["factor_sheets", "facts"]
OUTCOMES = ["clear", "finding", "undetermined", "not_applicable", "waived"]


@pytest.fixture(scope="module")
def said(example: Audit) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(record(example)))
    return found


def test_its_keys_are_those_of_the_schema_in_order(said: dict[str, Any]) -> None:
    assert said["schema"] == "tipstaff/audit/1"
    assert list(said) == TOP
    assert all(list(one) == PARTNERSHIP for one in said["partnerships"])
    assert all(list(one) == FINDING for one in said["findings"])
    assert all(list(counts) == OUTCOMES for counts in said["outcomes_by_rule"].values())
    assert list(said["summary"]["outcomes"]) == OUTCOMES


def test_the_same_audit_gives_the_same_text(example: Audit) -> None:
    assert "".join(record(example)) == "".join(record(example))


def test_it_is_written_piece_by_piece(bare: Audit) -> None:
    pieces = record(bare)
    assert next(pieces) == "{\n"
    assert max(len(piece) for piece in pieces) < 20_000


def test_findings_stand_in_the_order_of_register_and_pack(example: Audit, said: dict[str, Any]) -> None:
    rules = [rule.id for rule in example.rules]
    order = [(example.register.refs.index(one["ref"]), rules.index(one["rule"])) for one in said["findings"]]
    assert order == sorted(order)


def test_counts_agree_with_one_another(example: Audit, said: dict[str, Any]) -> None:
    assert sum(sum(counts.values()) for counts in said["outcomes_by_rule"].values()) == 30 * len(example.rules)
    outcomes = [one["outcome"] for one in said["findings"]]
    assert outcomes.count("finding") == said["summary"]["outcomes"]["finding"]
    assert outcomes.count("undetermined") == said["summary"]["outcomes"]["undetermined"]
    assert sum(said["summary"]["by_severity"].values()) == said["summary"]["outcomes"]["finding"]


def test_a_finding_carries_all_that_the_catalogue_asks(said: dict[str, Any]) -> None:
    for one in said["findings"]:
        assert all((one["message"], one["evidence"], one["sources"][0]["paragraph"]))
        assert all((one["action"]["do"], one["action"]["by"]))
        assert bool(one["missing"]) == (one["outcome"] == "undetermined")


def test_adoption_that_is_not_recorded_is_said_not_to_be_shown(said: dict[str, Any]) -> None:
    assert set(said["policy"]["adopted"].values()) == {"recommended; adoption not shown"}


def test_no_path_of_this_machine_is_said(example: Audit) -> None:
    assert "/" + "work" not in "".join(record(example))
    assert str(example.pack.folder) not in "".join(record(example))
