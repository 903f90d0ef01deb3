"""``tipstaff check --baseline``: the report as ever, and an exit code for what got worse alone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")


@pytest.fixture
def baseline(run: Run, old: Path) -> Path:
    """The record of the old register."""
    path = old.with_name("baseline.json")
    assert run("check", old, *AS_OF, "-o", path).exit_code == 1
    return path


def test_an_old_register_with_findings_passes_where_none_is_new(run: Run, old: Path, baseline: Path) -> None:
    found = run("check", old, *AS_OF, "--baseline", baseline, "--fail-on", "advisory")
    assert found.exit_code == 0
    assert "Worse      nothing" in found.output
    assert "Not known" in found.output
    assert found.output.splitlines()[-1].endswith("is worse.")


def test_what_got_worse_fails_it_and_comes_last(run: Run, new: Path, baseline: Path) -> None:
    found = run("check", new, *AS_OF, "--baseline", baseline)
    assert found.exit_code == 1
    block = found.output[found.output.index("Since the baseline") :]
    assert "AGR-02: The agreement with Beta ended on 31 March 2016." in block
    assert "end of the agreement: 31 March 2018 → 31 March 2016 in new.csv:3" in block
    assert "Exit code 1, for what got worse: 1 high finding." in block
    assert f"Next: tipstaff explain {new} P2" in block


def test_it_agrees_with_diff(run: Run, new: Path, baseline: Path) -> None:
    checked = json.loads(run("check", new, *AS_OF, "--baseline", baseline, "--format", "json").stdout)
    compared = json.loads(run("diff", baseline, new, *AS_OF, "--format", "json").stdout)
    del compared["schema"], compared["new"]
    assert checked["since_baseline"] == compared


def test_sarif_says_what_is_new(run: Run, new: Path, baseline: Path) -> None:
    found = json.loads(run("check", new, *AS_OF, "--baseline", baseline, "--format", "sarif").stdout)
    fresh = [one for one in found["runs"][0]["results"] if one["baselineState"] == "new"]
    assert "AGR-02" in {one["ruleId"] for one in fresh}


def test_a_record_made_against_a_baseline_is_a_baseline_itself(run: Run, new: Path, baseline: Path) -> None:
    later = baseline.with_name("later.json")
    run("check", new, *AS_OF, "--baseline", baseline, "-o", later)
    assert run("check", new, *AS_OF, "--baseline", later, "--fail-on", "advisory").exit_code == 0


def test_without_a_baseline_nothing_is_said_of_one(run: Run, old: Path) -> None:
    assert "Since the baseline" not in run("check", old, *AS_OF).output
    assert "since_baseline" not in json.loads(run("check", old, *AS_OF, "--format", "json").stdout)


def test_a_baseline_that_is_none_stops_it(run: Run, old: Path, baseline: Path) -> None:
    data = json.loads(baseline.read_text(encoding="utf-8"))
    data["findings"] = data["findings"][1:]
    baseline.write_text(json.dumps(data), encoding="utf-8")
    for path in (baseline, old, old.with_name("nowhere.json"), old.parent):
        found = run("check", old, *AS_OF, "--baseline", path)
        assert (found.exit_code, found.stdout, len(found.stderr.splitlines())) == (2, "", 1)
        assert path.name in found.stderr


def test_a_baseline_is_never_overwritten_by_what_is_compared_with_it(run: Run, new: Path, baseline: Path) -> None:
    before = baseline.read_bytes()
    assert run("check", new, *AS_OF, "--baseline", baseline, "-o", baseline).exit_code == 2
    assert baseline.read_bytes() == before
