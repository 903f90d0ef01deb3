"""The README shows what the tool really prints."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tipstaff_cli.main import cli

ROOT = Path(__file__).resolve().parents[1]
SHOWN = re.findall(
    r"<!-- output: tipstaff (?P<command>.+?) -->\n```text\n(?P<text>.+?)\n```",
    (ROOT / "README.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


def test_the_readme_shows_an_audit() -> None:
    assert SHOWN


@pytest.mark.parametrize(("command", "text"), SHOWN)
def test_the_output_shown_begins_the_real_one(command: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    printed = CliRunner().invoke(cli, command.split()).output
    assert printed.startswith(text + "\n")
