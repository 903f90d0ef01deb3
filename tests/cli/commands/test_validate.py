"""``tipstaff validate``: located problems, and no rules."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]


def test_problems_are_listed_with_their_cells(run: Run, example: str) -> None:
    found = run("validate", example)
    assert found.exit_code == 1
    assert "Agreements!J8" in found.output
    assert "6 problems, 7 remarks." in found.output


def test_problems_are_listed_as_json(run: Run, example: str) -> None:
    found = json.loads(run("validate", example, "--format", "json").stdout)
    assert found["schema"] == "tipstaff/problems/1"
    places = {(problem["cell"], problem["value"]) for problem in found["problems"]}
    assert ("Resources!J5", "see file note") in places


def test_a_register_without_problems_passes(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("Name,Theme,Purpose\nSomebody,Homes,Something\n", encoding="utf-8")
    assert run("validate", path).exit_code == 0
