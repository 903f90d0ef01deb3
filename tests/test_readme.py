"""The README shows what the tool really prints."""

import re

import pytest
from click.testing import CliRunner

from support.paths import ROOT
from tipstaff_cli.main import cli

SHOWN = re.findall(
    r"<!-- (?P<where>output|within): tipstaff (?P<command>.+?) -->\n```text\n(?P<text>.+?)\n```",
    (ROOT / "README.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


def test_the_readme_shows_an_audit() -> None:
    assert SHOWN


@pytest.mark.parametrize(("where", "command", "text"), SHOWN)
def test_the_output_shown_is_real(where: str, command: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``output`` is shown from the top, ``within`` is some lines of it."""
    monkeypatch.chdir(ROOT)
    printed = CliRunner().invoke(cli, command.split()).output
    assert printed.startswith(f"{text}\n") if where == "output" else f"\n{text}\n" in printed
