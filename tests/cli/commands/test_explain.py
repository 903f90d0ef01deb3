"""``tipstaff explain``: the partnership meant, and its reasons."""

from collections.abc import Callable

import pytest
from click.testing import Result

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")


@pytest.mark.parametrize("name", ["P03", "South Ham CVS"])
def test_a_partnership_is_found_by_reference_name_or_near_name(run: Run, example: str, name: str) -> None:
    found = run("explain", example, name, "CLS-03", *AS_OF)
    assert found.exit_code == 0
    assert found.stdout.startswith("South Hams CVS (P03)")
    assert ("is read as" in found.stderr) == (name == "South Ham CVS")


def test_an_ambiguous_name_lists_candidates(run: Run, example: str) -> None:
    found = run("explain", example, "CAB")
    assert found.exit_code == 2
    assert "give the reference: P" in found.stderr


@pytest.mark.parametrize("name", ["zzzz", "x" * 100_000])
def test_a_name_like_no_other_is_refused(run: Run, example: str, name: str) -> None:
    found = run("explain", example, name)
    assert found.exit_code == 2
    assert "no partnership like" in found.stderr
    assert len(found.stderr) < 2_000


def test_a_rule_that_is_not_there_is_a_usage_error(run: Run, example: str) -> None:
    found = run("explain", example, "P03", "CLS-33")
    assert found.exit_code == 2
    assert "did you mean CLS-03?" in found.stderr
