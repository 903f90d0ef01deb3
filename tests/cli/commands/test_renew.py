"""``tipstaff renew``: the check list of a cycle."""

import codecs
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")


def test_the_list_is_made_for_the_cycle_asked_for(run: Run, example: str) -> None:
    found = run("renew", example, *AS_OF, "--cycle", "2018/19")
    assert found.exit_code == 0
    assert "Cycle     2018/19, from 1 April 2018 to 31 March 2019" in found.output
    assert found.output.splitlines()[-1].endswith("P02 --as-of 2016-08-04 --cycle 2018/19")


def test_it_is_written_as_json_or_csv(run: Run, example: str, tmp_path: Path) -> None:
    assert json.loads(run("renew", example, *AS_OF, "--format", "json").stdout)["cycle"] == "2017/18"
    target = tmp_path / "renewal.csv"
    assert run("renew", example, *AS_OF, "--format", "csv", "-o", target).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    assert target.read_bytes().startswith(codecs.BOM_UTF8)
    assert {row["ref"] for row in rows} >= {"P01", "P02"}


def test_it_does_not_overwrite_the_register(run: Run, example: str) -> None:
    assert run("renew", example, "-o", example).exit_code == 2


def test_an_empty_register_has_no_list(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("Name,Theme\n", encoding="utf-8")
    found = run("renew", path)
    assert found.exit_code == 2
    assert "Nothing was audited" in found.stderr
