"""A record is read back as the audit stood, or refused in one paragraph."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff.audit.comparing.snapshot import take_snapshot
from tipstaff.audit.decisions.audit import Audit
from tipstaff.errors import RecordError
from tipstaff.report.record.audit import record
from tipstaff.report.record.reading import is_record, read_record

Json = dict[str, Any]


@pytest.fixture(scope="module")
def text(example: Audit) -> bytes:
    return "".join(record(example)).encode()


def test_a_record_says_all_that_a_comparison_reads(example: Audit, text: bytes) -> None:
    assert read_record(text, "audit.json") == take_snapshot(example)


def test_a_record_laid_out_otherwise_is_the_same(example: Audit, text: bytes) -> None:
    again = json.dumps(json.loads(text), indent=2, sort_keys=True).encode()
    assert is_record(again)
    assert read_record(again, "audit.json").listed == take_snapshot(example).listed


def cut(data: Json) -> None:
    del data["findings"][7]


def cut_a_waived(data: Json) -> None:
    data["findings"][0]["outcome"] = "waived"


def twice(data: Json) -> None:
    data["findings"].append(data["findings"][0])


def twin(data: Json) -> None:
    data["partnerships"][1]["ref"] = data["partnerships"][0]["ref"]


def fewer(data: Json) -> None:
    data["partnerships"].pop()


def unlisted_rule(data: Json) -> None:
    del data["outcomes_by_rule"]["CLS-03"]


def recounted(data: Json) -> None:
    counts = data["outcomes_by_rule"]["AGR-02"]
    counts["clear"] += counts["finding"]
    counts["finding"] = 0


@pytest.mark.parametrize("change", [cut, cut_a_waived, twice, twin, fewer, unlisted_rule, recounted])
def test_a_record_that_does_not_agree_with_itself_is_refused(text: bytes, change: Callable[[Json], None]) -> None:
    data = json.loads(text)
    change(data)
    with pytest.raises(RecordError, match="does not agree with itself"):
        read_record(json.dumps(data).encode(), "audit.json")


def severe(data: Json) -> None:
    data["findings"][0]["severity"] = "\x1b[2Jgrave"


def nameless_rule(data: Json) -> None:
    data["findings"][0]["rule"] = "AGR-x"


def dateless(data: Json) -> None:
    data["as_of"] = "yesterday"


def no_findings(data: Json) -> None:
    del data["findings"]


def negative(data: Json) -> None:
    data["outcomes_by_rule"]["AGR-02"]["clear"] = -1


def huge(data: Json) -> None:
    data["outcomes_by_rule"]["AGR-02"]["clear"] = 10**400


def nested(data: Json) -> None:
    data["findings"][0]["evidence"] = {"fact": []}


@pytest.mark.parametrize("change", [severe, nameless_rule, dateless, no_findings, negative, huge, nested])
def test_a_record_that_does_not_fit_is_refused(text: bytes, change: Callable[[Json], None]) -> None:
    data = json.loads(text)
    change(data)
    with pytest.raises(RecordError, match=r"audit\.json: is not the record of an audit") as refused:
        read_record(json.dumps(data).encode(), "audit.json")
    said = str(refused.value)
    assert "\x1b" not in said
    assert "\n" not in said
    assert len(said) < 1_000
    assert "tipstaff check REGISTER -o FILE.json" in said


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Name,Theme\nA,Homes\n",
        b"null",
        b"[]",
        b'{"partnerships": []}',
        b"[" * 1_000_000,
        b'{"schema":' * 100_000,
        b'{"schema": "tipstaff/forecast/1"}',
        b'{"schema": "tipstaff/audit/99"}',
        b'{"schema": 1}',
        b"\xff\xfe\x00",
        b'{"schema": "tipstaff/audit/1", "as_of": ' + b"9" * 100_000 + b"}",
    ],
)
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(RecordError) as refused:
        read_record(data, "audit.json")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 1_000


def test_only_what_tipstaff_wrote_counts_as_a_record(text: bytes) -> None:
    assert is_record(text)
    assert is_record(b'{"schema": "tipstaff/forecast/1"}')
    assert not is_record(b'{"partnerships": [{"name": "A"}]}')
    assert not is_record(b"PK\x03\x04")


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    assert not is_record(data)
    with pytest.raises(RecordError):
        read_record(data, "audit.json")
