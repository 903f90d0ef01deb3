"""The documents show what the tool really prints, and their links lead somewhere."""

import re
from pathlib import Path

import pytest

from support.paths import ROOT
from support.shown_outputs import DOCUMENTS, Shown, shown_outputs

SHOWN = list(shown_outputs())
PAGES = [
    *DOCUMENTS,
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / ".github").glob("*.md")),
    ROOT / "tests/benchmarks/README.md",
]
_LINK = re.compile(r"\[[^\]]+\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def test_the_readme_shows_an_audit() -> None:
    assert any(one.document == ROOT / "README.md" for one in SHOWN)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"{shown.document.parent.name}: {shown.command}")
def test_the_output_shown_is_real(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """To write them again: ``PYTHONPATH=tests uv run python -m support.shown_outputs``."""
    monkeypatch.chdir(ROOT)
    assert shown.text == shown.printed()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link
