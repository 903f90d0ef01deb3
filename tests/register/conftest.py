"""The vocabulary of the pack, and registers made for a test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.sources import Sheets, write_workbook
from tipstaff.facts.vocabulary import Vocabulary
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import read_register
from tipstaff.register.tables.model import Register


@pytest.fixture(scope="session")
def vocabulary(pack: Pack) -> Vocabulary:
    return pack.vocabulary


@pytest.fixture
def read(vocabulary: Vocabulary, tmp_path: Path) -> Callable[..., Register]:
    """Reads a workbook of these sheets, and at wish a second one of answers."""

    def reader(sheets: Sheets, answers: Sheets | None = None) -> Register:
        path = write_workbook(tmp_path / "register.xlsx", sheets)
        beside = None if answers is None else write_workbook(tmp_path / "answers.xlsx", answers)
        return read_register(path, vocabulary, beside)

    return reader


@pytest.fixture
def read_text(vocabulary: Vocabulary, tmp_path: Path) -> Callable[..., Register]:
    """Reads a file with this content: text in UTF-8, or bytes."""

    def reader(content: str | bytes, name: str = "register.csv") -> Register:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_register(path, vocabulary)

    return reader
