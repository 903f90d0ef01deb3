"""``tipstaff diff``: two audits or registers, and an exit code that says whether anything got worse."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

from support.paths import EXAMPLES

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")
ANY = ("--fail-on", "advisory", "--fail-on-undetermined", "advisory")


def said(found: Result) -> Any:
    return json.loads(found.stdout)


def test_a_register_is_no_worse_than_itself(run: Run, old: Path) -> None:
    found = run("diff", old, old, *AS_OF, *ANY)
    assert found.exit_code == 0
    assert "Worse      nothing" in found.output
    assert "Exit code 0" in found.output


def test_what_got_worse_is_said_with_the_fact_and_its_cell(run: Run, old: Path, new: Path) -> None:
    found = run("diff", old, new, *AS_OF, *ANY)
    assert found.exit_code == 1
    assert "Beta (P2), Lead Specialist, Homes" in found.output
    assert "end of the agreement: 31 March 2018 → 31 March 2016 in new.csv:3" in found.output
    assert "Alpha" not in found.output
    assert f"Next: tipstaff explain {new} P2 --as-of 2016-08-04" in found.output


def test_the_way_back_is_the_mirror(run: Run, old: Path, new: Path) -> None:
    there, back = (run("diff", *pair, *AS_OF, *ANY, "--format", "json") for pair in ((old, new), (new, old)))
    assert said(there)["summary"]["new"] == said(back)["summary"]["settled"] == 3
    assert said(there)["summary"]["settled"] == said(back)["summary"]["new"] == 1


def test_a_record_stands_for_its_register(run: Run, old: Path, new: Path, tmp_path: Path) -> None:
    records = []
    for register in (old, new):
        record = tmp_path / f"{register.stem}.json"
        run("check", register, *AS_OF, "-o", record)
        records.append(record)
    wanted = said(run("diff", old, new, *AS_OF, "--format", "json"))
    for pair in ((records[0], new), (old, records[1]), tuple(records)):
        assert said(run("diff", *pair, *AS_OF, "--format", "json")) == wanted


def test_a_record_that_an_editor_began_with_a_byte_order_mark_is_one(run: Run, old: Path, tmp_path: Path) -> None:
    record = tmp_path / "old.json"
    assert run("check", old, *AS_OF, "-o", record).exit_code == 1
    record.write_bytes(b"\xef\xbb\xbf" + record.read_bytes())
    found = run("diff", record, old, *AS_OF)
    assert "Old        old.csv as of 4 August 2016" in found.output


def test_two_records_need_no_policy(run: Run, old: Path, tmp_path: Path) -> None:
    record = tmp_path / "old.json"
    run("check", old, *AS_OF, "-o", record)
    assert run("diff", record, record, "--policy", tmp_path / "nowhere").exit_code == 0


def test_the_exit_code_goes_by_severity(run: Run, old: Path, new: Path) -> None:
    medium = ("--without", "AGR-02", "--without", "CLS-05")
    records = []
    for register in (old, new):
        record = register.with_suffix(".json")
        run("check", register, *AS_OF, *medium, "-o", record)
        records.append(record)
    assert run("diff", *records).exit_code == 0
    assert run("diff", *records, "--fail-on", "medium").exit_code == 1
    assert run("diff", old, new, *AS_OF).exit_code == 1
    assert run("diff", old, new, *AS_OF, "--fail-on", "never").exit_code == 0


def test_what_settled_by_a_fact_that_it_never_named_says_which(run: Run, old: Path, new: Path) -> None:
    changes = said(run("diff", old, new, *AS_OF, "--format", "json"))["changes"]
    settled = [one for one in changes if one["kind"] == "settled"]
    assert settled
    assert {fact["fact"] for one in settled for fact in one["facts"]} == {"agreement_end"}


def test_another_date_or_policy_is_said_at_the_top(run: Run, old: Path, pack_copy: Path, tmp_path: Path) -> None:
    record = tmp_path / "old.json"
    run("check", old, *AS_OF, "-o", record)
    (pack_copy / "pack.yaml").write_text((pack_copy / "pack.yaml").read_text() + "# altered\n")
    found = run("diff", record, old, "--as-of", "2018-06-01", "--policy", pack_copy)
    top = " ".join(found.output[:700].split())
    assert "the policy, swdevon_2016 2016.1 → swdevon_2016 2016.1 (the same version, with another text)" in top
    assert "the date, 4 August 2016 → 1 June 2018" in top
    assert "the cycle, 2017/18 → 2019/20" in top


def test_rules_that_one_audit_left_out_are_said_at_the_top(run: Run, old: Path, tmp_path: Path) -> None:
    record = tmp_path / "old.json"
    run("check", old, *AS_OF, "--without", "agreements", "-o", record)
    found = run("diff", record, old, *AS_OF)
    assert "reported only in the new audit: what they find counts as new" in " ".join(found.output.split())
    assert found.exit_code == 1


def test_a_partnership_that_is_gone_is_said_to_be(run: Run, old: Path, shorter: Path) -> None:
    there, back = run("diff", old, shorter, *AS_OF, *ANY), run("diff", shorter, old, *AS_OF, *ANY)
    assert "Beta (P2), Lead Specialist, Homes: no longer in the register" in there.output
    assert there.exit_code == 0
    assert "Beta (P2), Lead Specialist, Homes: new to the register" in back.output
    assert back.exit_code == 1


@pytest.mark.parametrize("record", ['{"schema": "tipstaff/forecast/1"}', '{"schema": "tipstaff/audit/1"}'])
def test_a_record_of_something_else_is_one_paragraph(run: Run, old: Path, tmp_path: Path, record: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(record, encoding="utf-8")
    found = run("diff", path, old)
    assert found.exit_code == 2
    assert len(found.stderr.splitlines()) == 1
    assert "other.json" in found.stderr


@pytest.mark.parametrize("schema", [None, 3, "", "tipstaff", "tipstaff/audit/1"])
def test_a_record_is_never_audited_as_a_register(run: Run, old: Path, tmp_path: Path, schema: object) -> None:
    record = tmp_path / "old.json"
    run("check", old, *AS_OF, "-o", record)
    content = json.loads(record.read_bytes())
    del content["schema"]
    record.write_text(json.dumps(content if schema is None else {**content, "schema": schema}), encoding="utf-8")
    commands = [("check", record), ("validate", record), ("check", old, "--answers", record)]
    if schema != "tipstaff/audit/1":
        commands += [("diff", record, old), ("diff", old, record)]
    for command in commands:
        found = run(*command)
        assert (found.exit_code, found.stdout) == (2, ""), command
        assert "old.json is not a register but what tipstaff wrote of one" in found.stderr
        assert len(found.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_findings_as_csv_are_never_audited_as_a_register(run: Run, old: Path, tmp_path: Path, delimiter: str) -> None:
    findings = tmp_path / "findings.csv"
    run("check", old, *AS_OF, "-o", findings)
    with findings.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    with findings.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    for command in (("check", findings), ("validate", findings), ("diff", findings, old), ("diff", old, findings)):
        found = run(*command)
        assert (found.exit_code, found.stdout) == (2, ""), command
        assert "findings.csv is not a register but what tipstaff wrote of one (it has fingerprint and" in found.stderr
        assert len(found.stderr.strip().splitlines()) == 1


def test_names_in_a_record_cannot_command_the_terminal(run: Run, old: Path, tmp_path: Path) -> None:
    record = tmp_path / "old.json"
    run("check", old, *AS_OF, "-o", record)
    data = json.loads(record.read_text(encoding="utf-8"))
    data["register"]["name"] = data["cycle"] = data["policy"]["version"] = "\x1b[2Jevil"
    for one in data["partnerships"]:
        one["facts"] = [{"fact": "agreement_end", "value": "\x1b[2J", "cell": "\x1b[2J"}]
    for one in data["findings"]:
        one["title"] = one["message"] = one["lead_officer"] = one["action"]["do"] = "\x1b[2Jevil"
    data["labels"] = dict.fromkeys(data["labels"], "\x1b[2Jevil")
    record.write_text(json.dumps(data), encoding="utf-8")
    for pair in ((record, old), (old, record)):
        assert "\x1b" not in run("diff", *pair, *AS_OF).output


def test_what_is_compared_is_never_overwritten(run: Run, old: Path, new: Path) -> None:
    for target in (old, new):
        assert run("diff", old, new, "-o", target).exit_code == 2


def test_the_same_rows_in_another_order_are_no_change(run: Run, example: str, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(example)
    sheet = book["Wellbeing"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(index for index, row in enumerate(rows) if "Name" in row) + 1
    body = [row for row in rows[head:] if any(row)]
    for number, row in enumerate(reversed(body), start=head + 1):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value
    for number in range(head + len(body) + 1, len(rows) + 1):
        for column in range(1, len(rows[0]) + 1):
            sheet.cell(number, column).value = None
    book.save(tmp_path / "turned.xlsx")
    found = said(run("diff", example, tmp_path / "turned.xlsx", *AS_OF, "--format", "json"))
    assert found["changes"] == []


def test_the_renewal_shows_what_the_officers_did(run: Run) -> None:
    pair = EXAMPLES / "renewal-before.xlsx", EXAMPLES / "renewal-after.xlsx"
    found = run("diff", *pair, "--as-of", "2017-04-10", "--cycle", "2017/18")
    assert found.exit_code == 1
    assert "Worse      12 new" in found.output
    assert "2 legally bound to perform: no → yes in Grant or contract!D7" in found.output
