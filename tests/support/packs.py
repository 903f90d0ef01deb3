"""Copies of the bundled pack with something changed."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tipstaff.policy.pack.loading import bundled

_CRITERION = 'criteria:\n  probe:\n    question: Is it so?\n    test: "{}"\n'
_RULE = "rules:\n  TST-01:\n    title: Probe\n    {}\n    source: {{paragraph: none}}\n"


def edited(folder: Path, *edits: tuple[str, str, str]) -> Path:
    """A copy of the bundled pack under ``folder``. An edit: a file, a text that stands in it, its replacement."""
    made = folder / "pack"
    if not made.exists():
        shutil.copytree(bundled(), made)
    for name, old, new in edits:
        path = made / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} does not stand in {name}.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return made


def with_parameters(folder: Path, changes: Mapping[str, str]) -> Path:
    """A copy of the bundled pack under ``folder`` with texts changed that each stand once in its ``pack.yaml``."""
    text = (bundled() / "pack.yaml").read_text(encoding="utf-8")
    for old in changes:
        assert text.count(old) == 1, old
    return edited(folder, *(("pack", old, new) for old, new in changes.items()))


def criterion(test: str) -> tuple[str, str, str]:
    """The edit that adds the criterion ``probe``; its expression stands in line 7 of ``classification.yaml``."""
    return ("classification", "criteria:\n", _CRITERION.format(test.replace('"', "'")))


def conclusion(when: str) -> tuple[str, str, str]:
    """The edit that adds a rule TST-01, which concludes ``tested``."""
    return ("classification", "rules:\n", _RULE.format(f"concludes: tested\n    when: {when}"))


def derived(text: str) -> tuple[str, str, str]:
    """The edit that adds a derived fact, as YAML in one line, before the others."""
    return ("facts", "\nderived:\n", f"\nderived:\n  {text}\n")
