"""Outputs of commands that the documents show; as a program it writes them again as they are now.

Three marks before a block of text name the command and the part of its output that the block shows:

- ``<!-- output: tipstaff ... -->``: the first lines, as many as the block has;
- ``<!-- section "Waived": tipstaff ... -->``: the lines from one that begins so to the next blank line;
- ``<!-- all: tipstaff ... -->``: all of it.

Run ``PYTHONPATH=tests uv run python -m support.shown_outputs`` from the root of the checkout.
"""

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from support.paths import ROOT
from tipstaff_cli.main import cli

DOCUMENTS = tuple(ROOT / name for name in ("README.md", *(f"{folder}/README.md" for folder in (
    "cli", "engine", "rules", "examples", "tests",
))))  # fmt: skip

_BLOCK = re.compile(
    r"(?P<mark><!-- (?P<part>output|all|section \"(?P<heading>[^\"]+)\"): tipstaff (?P<command>.+?) -->\n```text\n)"
    r"(?P<text>.+?)\n```",
    re.DOTALL,
)


@dataclass(frozen=True)
class Shown:
    """A block of a document that shows an output."""

    document: Path
    part: str
    heading: str | None
    command: str
    text: str

    def printed(self) -> str:
        """What the command prints now, of the part that the block shows. Raises ValueError if it is not there."""
        lines = CliRunner().invoke(cli, shlex.split(self.command)).output.splitlines()
        if self.part == "all":
            return "\n".join(lines)
        if self.heading is None:
            return "\n".join(lines[: len(self.text.splitlines())])
        start = next((number for number, line in enumerate(lines) if line.startswith(self.heading)), None)
        if start is None:
            raise ValueError(f"{self.command} prints no line that begins with {self.heading!r}")
        end = next((number for number in range(start, len(lines)) if not lines[number]), len(lines))
        return "\n".join(lines[start:end])


def shown_outputs() -> Iterator[Shown]:
    """Every block of the documents that shows an output."""
    for document in DOCUMENTS:
        for found in _BLOCK.finditer(document.read_text(encoding="utf-8")):
            yield _shown(document, found)


def _shown(document: Path, found: re.Match[str]) -> Shown:
    return Shown(document, found["part"], found["heading"], found["command"], found["text"])


def rewrite() -> None:
    """Write every document again with the outputs as they are now."""
    os.chdir(ROOT)
    for document in DOCUMENTS:
        old = document.read_text(encoding="utf-8")
        new = _BLOCK.sub(lambda found, of=document: f"{found['mark']}{_shown(of, found).printed()}\n```", old)
        if new != old:
            document.write_text(new, encoding="utf-8")
            print(f"{document.relative_to(ROOT)}: written again")


if __name__ == "__main__":
    rewrite()
