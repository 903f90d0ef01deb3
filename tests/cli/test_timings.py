"""``--verbose``: how long each stage took, on stderr and nowhere else."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")
ROW = re.compile(r"( {0,2}\S.*?) +\d+\.\d\d s")


def stages(found: Result) -> list[str]:
    matches = [ROW.fullmatch(line) for line in found.stderr.splitlines()]
    return [match[1] for match in matches if match]


def test_every_stage_of_a_check_is_timed(run: Run, old: Path) -> None:
    quiet, told = run("check", old, *AS_OF), run("check", old, *AS_OF, "-v")
    assert (quiet.stderr, quiet.stdout) == ("", told.stdout)
    assert stages(told) == [
        "Reading the policy",
        "Reading the register",
        "Auditing",
        "  decision tables",
        "  facts",
        "  criteria and rules",
        "Writing the report",
        "All",
    ]
    assert len(told.stderr.splitlines()) == len(stages(told))


@pytest.mark.parametrize("command", ["validate", "renew", "ask"])
def test_other_commands_are_timed_too(run: Run, old: Path, command: str) -> None:
    found = run(command, old, "--verbose")
    assert "Reading the register" in stages(found)
    assert stages(found)[-1] == "All"


def test_a_command_that_fails_says_how_far_it_came(run: Run, tmp_path: Path) -> None:
    found = run("check", tmp_path / "nowhere.xlsx", "-v")
    assert found.exit_code == 2
    assert stages(found) == ["Reading the policy", "Reading the register", "All"]
