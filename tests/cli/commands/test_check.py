"""``tipstaff check``: what it reports, where it writes, and its exit code."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from click.testing import Result

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")


def test_the_example_fails_and_says_why(run: Run, example: str) -> None:
    found = run("check", example, *AS_OF)
    assert found.exit_code == 1
    assert "4 August 2016, for the cycle 2017/18" in found.output
    assert re.search(r"^Exit code 1: \d+ high findings", found.output, re.MULTILINE)


@pytest.mark.parametrize("day", ["4/8/2016", "4 August 2016"])
def test_a_date_is_read_day_first_or_iso(run: Run, example: str, day: str) -> None:
    assert json.loads(run("check", example, "--as-of", day, "--format", "json").stdout)["as_of"] == "2016-08-04"


@pytest.mark.parametrize("day", ["31/02/2016", "August 2016", "tomorrow", "1066-10-14", ""])
def test_what_is_no_date_is_a_usage_error(run: Run, example: str, day: str) -> None:
    found = run("check", example, "--as-of", day)
    assert found.exit_code == 2
    assert "--as-of" in found.stderr


@pytest.mark.parametrize("day", ["1900-01-02", "2199-12-31"])
def test_dates_at_the_limits_are_audited(run: Run, example: str, day: str) -> None:
    assert run("check", example, "--as-of", day).exit_code == 1


def test_the_cycle_can_be_given(run: Run, example: str) -> None:
    found = run("check", example, *AS_OF, "--cycle", "2018/19", "--format", "json")
    assert json.loads(found.stdout)["cycle"] == "2018/19"
    assert run("check", example, "--cycle", "2018/20").exit_code == 2


def test_exit_codes_follow_the_severities_asked_for(run: Run, example: str) -> None:
    never = ("--fail-on", "never", "--fail-on-undetermined", "never")
    assert run("check", example, *AS_OF, *never).exit_code == 0
    assert run("check", example, *AS_OF, *never, "--fail-on", "low", "--only", "REG-05").exit_code == 1


def test_agreements_that_nobody_recorded_are_no_pass(run: Run, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Wellbeing"
    book.worksheets[0].append(["Name", "Lead Officer", "Agreement dates", "Financial arrangements"])
    book.worksheets[0].append(["Somebody", "Lead Specialist, Wellbeing", None, "SHDC £500 pa, no officer time"])
    book.save(tmp_path / "register.xlsx")
    found = run("check", tmp_path / "register.xlsx", *AS_OF, "--only", "agreements", "--fail-on", "never")
    assert found.exit_code == 1
    assert "undetermined" in found.output


def test_an_empty_register_is_no_pass(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("Name,Theme,Purpose\n", encoding="utf-8")
    found = run("check", path)
    assert found.exit_code == 2
    assert "Nothing was audited" in found.stderr


def test_rules_and_modules_can_be_chosen(run: Run, example: str) -> None:
    def rules(*options: str) -> list[str]:
        return list(json.loads(run("check", example, *AS_OF, "--format", "json", *options).stdout)["outcomes_by_rule"])

    assert rules("--only", "CLS-03", "--only", "agr-01") == ["CLS-03", "AGR-01"]
    assert rules("--only", "classification", "--without", "CLS-06") == ["CLS-03", "CLS-04", "CLS-05", "CLS-07"]
    chosen = run("check", example, *AS_OF, "--only", "CLS-03", "--only", "AGR-01").output
    assert f"2 of {len(rules())}: the others are left out" in chosen


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--only", "AGR-0"), "did you mean AGR-"),
        (("--without", "agreemnts"), "did you mean agreements?"),
        (("--only", "CLS-01"), "concludes a status"),
        (("--only", "CLS-03", "--without", "classification"), "leave no rule"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_a_usage_error(
    run: Run, example: str, options: tuple[str, ...], said: str
) -> None:
    found = run("check", example, *options)
    assert found.exit_code == 2
    assert said in found.stderr


def test_a_report_is_written_to_a_file_and_nowhere_else(run: Run, example: str, tmp_path: Path) -> None:
    target = tmp_path / "audit.json"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    found = run("check", example, *AS_OF, "--format", "json", "-o", target)
    assert (found.exit_code, found.stdout) == (1, "")
    assert json.loads(target.read_text(encoding="utf-8"))["schema"] == "tipstaff/audit/1"
    assert list(tmp_path.iterdir()) == [target]
    assert target.stat().st_mode & 0o777 == 0o640


def test_the_same_inputs_give_the_same_bytes(run: Run, example: str, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one.json", "two.json")]
    for path in paths:
        run("check", example, *AS_OF, "--format", "json", "-o", path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_register_is_never_overwritten(run: Run, example: str, tmp_path: Path) -> None:
    register = tmp_path / "register.xlsx"
    register.write_bytes(Path(example).read_bytes())
    (tmp_path / "link.xlsx").symlink_to(register)
    os.link(register, tmp_path / "twin.xlsx")
    before = register.read_bytes()
    for target in (register, tmp_path / "link.xlsx", tmp_path / "twin.xlsx", tmp_path / "." / "register.xlsx"):
        found = run("check", register, "-o", target)
        assert found.exit_code == 2
        assert "would be overwritten" in found.stderr
    assert register.read_bytes() == before


def test_the_policy_is_never_overwritten(run: Run, example: str, pack_copy: Path) -> None:
    before = (pack_copy / "pack.yaml").read_bytes()
    found = run("check", example, "--policy", pack_copy, "-o", pack_copy / "pack.yaml")
    assert found.exit_code == 2
    assert "would be overwritten" in found.stderr
    assert (pack_copy / "pack.yaml").read_bytes() == before
    assert run("check", example, *AS_OF, "--policy", pack_copy, "-o", pack_copy / "audit.json").exit_code == 1


def test_no_file_of_a_folder_of_parquet_is_overwritten(run: Run, tmp_path: Path) -> None:
    register = tmp_path / "register"
    (register / "contributions").mkdir(parents=True)
    table = pl.DataFrame({"ref": ["P1"], "name": ["Alpha"]})
    for file in (register / "register.parquet", register / "contributions" / "Part-0.PARQUET"):
        table.write_parquet(file)
        before = file.read_bytes()
        found = run("check", register, *AS_OF, "--format", "json", "-o", file)
        assert found.exit_code == 2
        assert "would be overwritten" in found.stderr
        assert file.read_bytes() == before


def test_a_file_that_cannot_be_written_is_one_paragraph(run: Run, example: str, tmp_path: Path) -> None:
    for target in (tmp_path / "no" / "audit.json", tmp_path, tmp_path / ("a" * 300)):
        found = run("check", example, "-o", target)
        assert found.exit_code == 2
        assert len(found.stderr.splitlines()) == 1


def test_a_device_is_written_to_and_not_replaced(run: Run, example: str) -> None:
    assert run("check", example, *AS_OF, "-o", os.devnull).exit_code == 1
    assert not Path(os.devnull).is_file()


def test_answers_are_taken_from_a_file(run: Run, example: str, tmp_path: Path) -> None:
    answers = tmp_path / "answers.csv"
    answers.write_text("Ref,Fact,Value\nP02,safeguarding policy adopted,no\n", encoding="utf-8")
    found = run("check", example, *AS_OF, "--answers", answers, "--format", "json")
    findings = {
        (one["ref"], one["rule"]) for one in json.loads(found.stdout)["findings"] if one["outcome"] == "finding"
    }
    assert ("P02", "AGR-15") in findings


def test_names_cannot_command_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("Name,Theme,Significant/Desirable\n\x1b[2J\x1b]0;owned\x07evil,Homes,\n", encoding="utf-8")
    found = run("check", path, *AS_OF)
    assert found.exit_code in (1, 2)
    assert "\x1b" not in found.output


def test_the_next_step_speaks_of_the_same_audit(run: Run, example: str, pack_copy: Path) -> None:
    said = run("check", example, "--as-of", "4 August 2016", "--cycle", "2018/19", "--policy", pack_copy).output
    step = next(line for line in said.splitlines() if line.startswith("Next: "))
    assert step.endswith(f"--as-of 2016-08-04 --cycle 2018/19 --policy {pack_copy}")
