"""Formats for programs: chosen by name or by the file's ending."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")

BEGINNINGS = {
    "audit.json": '{\n"schema": "tipstaff/audit/1"',
    "audit.jsonl": '{"kind": "audit", "schema": "tipstaff/audit/1"',
    "audit.csv": '\ufeff"outcome","severity"',
    "audit.sarif": '{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0"',
    "AUDIT.SARIF.JSON": '{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0"',
    "audit.xml": "<?xml",
    "audit.junit": "<?xml",
    "audit.github": "::error file=",
    "audit.txt": "Register",
}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_the_ending_tells_the_format(run: Run, example: str, tmp_path: Path, name: str) -> None:
    assert run("check", example, *AS_OF, "-o", tmp_path / name).exit_code == 1
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(BEGINNINGS[name])


@pytest.mark.parametrize("name", ["audit.pdf", "audit.xls"])
def test_an_ending_of_no_report_is_refused_and_nothing_written(
    run: Run, example: str, tmp_path: Path, name: str
) -> None:
    refused = run("check", example, *AS_OF, "-o", tmp_path / name)
    assert refused.exit_code == 2
    assert f"no report ends in {Path(name).suffix}. Give a file that ends in .xlsx" in refused.stderr
    assert not (tmp_path / name).exists()


def test_a_named_format_may_have_any_ending(run: Run, example: str, tmp_path: Path) -> None:
    assert run("check", example, *AS_OF, "--format", "json", "-o", tmp_path / "audit.dat").exit_code == 1
    assert (tmp_path / "audit.dat").read_text(encoding="utf-8").startswith(BEGINNINGS["audit.json"])


@pytest.mark.parametrize(
    ("command", "name", "beginning"),
    [
        (("renew",), "renewal.csv", '\ufeff"ref","name",'),
        (("forecast", "--until", "2016-10-01"), "forecast.ics", "BEGIN:VCALENDAR"),
        (("forecast", "--until", "2016-10-01"), "forecast.json", "{"),
        (("forecast", "--until", "2016-10-01"), "forecast.txt", "Register"),
    ],
)
def test_other_commands_go_by_the_ending_too(
    run: Run, example: str, tmp_path: Path, command: tuple[str, ...], name: str, beginning: str
) -> None:
    assert run(command[0], example, *AS_OF, *command[1:], "-o", tmp_path / name).exit_code == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning)


def test_a_place_in_the_answers_is_a_place_in_that_file(run: Run, example: str, tmp_path: Path) -> None:
    answers = tmp_path / "more answers.csv"
    answers.write_text(
        "Partnership,Fact,Value,Evidence\nP01,annual_report_on,1 January 2010,letter\n", encoding="utf-8"
    )
    found = run("check", example, *AS_OF, "--answers", answers, "--only", "MON-01", "--format", "sarif")
    result = next(one for one in json.loads(found.stdout)["runs"][0]["results"] if one["properties"]["ref"] == "P01")
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "more%20answers.csv"}, "region": {"startLine": 2}}


def test_a_place_in_json_is_told_inside_the_file(run: Run, tmp_path: Path) -> None:
    register = tmp_path / "register.json"
    register.write_text(json.dumps([{"Name": "Somebody", "Theme": "Wellbeing"}]), encoding="utf-8")
    found = run("check", register, *AS_OF, "--only", "REG-04", "--format", "sarif")
    (location,) = json.loads(found.stdout)["runs"][0]["results"][0]["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "register.json"}, "region": {"startLine": 1}}
    assert location["logicalLocations"] == [{"fullyQualifiedName": "[0]", "kind": "element"}]


def test_what_passes_says_so(run: Run, example: str) -> None:
    never = ("--fail-on", "never", "--fail-on-undetermined", "never")
    found = run("check", example, *AS_OF, *never, "--format", "sarif")
    assert found.exit_code == 0
    assert json.loads(found.stdout)["runs"][0]["invocations"][0]["exitCode"] == 0
