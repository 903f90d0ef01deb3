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
