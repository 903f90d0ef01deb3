"""``tipstaff schema``: the schema of each report for programs, to the terminal or to a file."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
from click.testing import Result

from tipstaff.report.record.json_schema import REPORTS
from tipstaff_cli.commands.schema import REPORTS as NAMED

Run = Callable[..., Result]


def test_a_report_fits_the_schema_that_is_written_for_it(run: Run, example: str, tmp_path: Path) -> None:
    schema = json.loads(run("schema").stdout)
    report = json.loads(run("check", example, "--as-of", "2016-08-04", "--format", "json").stdout)
    jsonschema.validate(report, schema)
    run("schema", "jsonl", "-o", tmp_path / "line.json")
    first = run("check", example, "--as-of", "2016-08-04", "--format", "jsonl").stdout.partition("\n")[0]
    jsonschema.validate(json.loads(first), json.loads((tmp_path / "line.json").read_text(encoding="utf-8")))


def test_the_forms_named_are_those_there_are(run: Run) -> None:
    assert tuple(REPORTS) == NAMED
    assert run("schema", "yaml").exit_code == 2
