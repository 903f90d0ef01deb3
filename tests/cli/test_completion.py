"""Completion in bash, zsh and fish, by the protocol that the shells speak."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Spawn = Callable[..., subprocess.CompletedProcess[str]]


def offered(spawn: Spawn, *words: str) -> list[str]:
    """What bash is offered for the last word, which may be blank."""
    line = {"COMP_WORDS": " ".join(["tipstaff", *words]), "COMP_CWORD": str(len(words))}
    found = spawn(_TIPSTAFF_COMPLETE="bash_complete", **line)
    assert (found.returncode, found.stderr) == (0, "")
    return [one.partition(",")[2] for one in found.stdout.splitlines() if one]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_writes_what_a_shell_reads_at_its_start(spawn: Spawn, shell: str) -> None:
    found = spawn(_TIPSTAFF_COMPLETE=f"{shell}_source")
    assert found.returncode == 0
    assert f"_TIPSTAFF_COMPLETE={shell}_complete" in found.stdout


def test_commands_and_options_are_offered(spawn: Spawn) -> None:
    assert offered(spawn, "che") == ["check"]
    assert "--baseline" in offered(spawn, "check", "--")


def test_rules_and_modules_are_offered(spawn: Spawn, pack_copy: Path) -> None:
    assert offered(spawn, "check", "--only", "cls-0") == ["CLS-03", "CLS-04", "CLS-05", "CLS-06", "CLS-07"]
    assert offered(spawn, "check", "--without", "agree") == ["agreements"]
    assert offered(spawn, "rules", "show", "CLS-01") == ["CLS-01"]
    assert offered(spawn, "rules", "show", "--policy", str(pack_copy), "CLS-01") == ["CLS-01"]


def test_partnerships_of_the_register_are_offered(spawn: Spawn, example: str) -> None:
    assert offered(spawn, "explain", example, "P0") == [f"P0{number}" for number in range(1, 10)]


def test_the_name_of_a_partnership_is_told_where_a_shell_shows_it(spawn: Spawn, example: str) -> None:
    line = {"COMP_WORDS": f"tipstaff explain {example} P01", "COMP_CWORD": "P01"}
    assert "P01\tSouth Hams CAB" in spawn(_TIPSTAFF_COMPLETE="fish_complete", **line).stdout


def test_what_cannot_be_read_offers_nothing(spawn: Spawn, tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04")
    assert offered(spawn, "explain", str(tmp_path / "broken.xlsx"), "P") == []
    assert offered(spawn, "explain", str(tmp_path / "nowhere.xlsx"), "P") == []
    assert offered(spawn, "check", "--policy", str(tmp_path), "--only", "A") == []
