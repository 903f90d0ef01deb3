"""``tipstaff check`` writes the committee paper as Word and as Markdown."""

import re
from collections.abc import Callable
from pathlib import Path

import docx
from click.testing import Result

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")


def test_the_ending_of_the_file_asks_for_the_paper(run: Run, example: str, tmp_path: Path) -> None:
    for name in ("paper.docx", "paper.md"):
        found = run("check", example, *AS_OF, "-o", tmp_path / name)
        assert (found.exit_code, found.output) == (1, "")
    title = "Partnerships: audit of the partnership register"
    assert docx.Document(str(tmp_path / "paper.docx")).paragraphs[0].text == title
    assert (tmp_path / "paper.md").read_text(encoding="utf-8").startswith(f"# {title}\n")


def test_the_paper_as_markdown_goes_to_the_terminal(run: Run, example: str) -> None:
    found = run("check", example, *AS_OF, "--format", "md")
    assert "## Recommendations" in found.stdout
    assert re.search(r"\d+ clear, \d+ finding, \d+ undetermined, \d+ not applicable, 0 waived", found.stdout)
