"""Parquet: the outcomes in columns say of each partnership and each rule what the record says."""

import io
import json
from typing import Any

import pyarrow.parquet
import pytest

from tipstaff.audit.decisions.audit import Audit
from tipstaff.report.record.audit import record
from tipstaff.report.tables.parquet import COUNTED, metadata, parquet


@pytest.fixture(scope="module")
def file(five: Audit) -> pyarrow.parquet.ParquetFile:
    return pyarrow.parquet.ParquetFile(io.BytesIO(parquet(five)))


@pytest.fixture(scope="module")
def whole(five: Audit) -> dict[str, Any]:
    said: dict[str, Any] = json.loads("".join(record(five)))
    return said


def test_a_row_says_of_a_partnership_what_the_record_says(
    file: pyarrow.parquet.ParquetFile, whole: dict[str, Any]
) -> None:
    rows = file.read().to_pylist()
    assert len(rows) == len(whole["partnerships"])
    for row, said in zip(rows, whole["partnerships"], strict=True):
        same = ("ref", "name", "theme", "type", "declared_class", "class")
        assert {key: row[key] for key in same} == {key: said[key] for key in same}
        assert {key: row[key] for key in said["conclusions"]} == said["conclusions"]


def test_a_rule_has_a_word_for_every_partnership(file: pyarrow.parquet.ParquetFile, whole: dict[str, Any]) -> None:
    rows = {row["ref"]: row for row in file.read().to_pylist()}
    for finding in whole["findings"]:
        assert rows[finding["ref"]][finding["rule"]] == finding["outcome"]
    for rule, counts in whole["outcomes_by_rule"].items():
        words = [row[rule] for row in rows.values()]
        assert {word: words.count(word) for word in counts} == counts
    for row in rows.values():
        words = [row[rule] for rule in whole["outcomes_by_rule"]]
        assert {name: words.count(outcome.word) for outcome, name in COUNTED.items()} == {
            name: row[name] for name in COUNTED.values()
        }


def test_the_metadata_traces_a_figure(five: Audit, file: pyarrow.parquet.ParquetFile, whole: dict[str, Any]) -> None:
    found = {key.decode(): value.decode() for key, value in file.metadata.metadata.items()}
    assert metadata(five).items() <= found.items()
    assert found["tipstaff.register_sha256"] == whole["register"]["sha256"]
    assert found["tipstaff.policy_sha256"] == whole["policy"]["sha256"]
    assert (found["tipstaff.as_of"], found["tipstaff.cycle"]) == (whole["as_of"], whole["cycle"])
    assert json.loads(found["tipstaff.totals"]) == whole["summary"]["outcomes"]
    assert json.loads(found["tipstaff.rules"]).keys() == whole["outcomes_by_rule"].keys()


def test_the_same_audit_gives_the_same_bytes(five: Audit) -> None:
    assert parquet(five) == parquet(five)
