"""The vocabulary of the pack, and registers made for a test."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from tipstaff.facts.vocabulary import Fact, Kind, Shape, Table, Term, Vocabulary
from tipstaff.register.model import Problem, Register
from tipstaff.register.reading import read_register

PACK = Path(__file__).parents[2] / "rules" / "swdevon_2016"
Sheets = Mapping[str, Sequence[Sequence[Any]]]


def _terms(named: Mapping[str, Sequence[str]]) -> tuple[Term, ...]:
    return tuple(Term(name, tuple(aliases)) for name, aliases in named.items())


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    pack = yaml.safe_load((PACK / "pack.yaml").read_text(encoding="utf-8"))
    declared = yaml.safe_load((PACK / "facts.yaml").read_text(encoding="utf-8"))
    themes = _terms(pack["themes"])
    tables = {}
    for name, table in declared["tables"].items():
        facts = {
            key: Fact(
                name=key,
                kind=Kind(fact["type"]),
                label=fact["label"],
                heading=fact.get("heading", ""),
                aliases=tuple(fact.get("also", ())),
                choices=themes if fact.get("choices") == "themes" else _terms(fact.get("choices", {})),
                unit=fact.get("unit"),
                question=fact.get("question", ""),
                none_means=fact.get("none_means", ""),
                reads=fact.get("reads", ""),
                personal=fact.get("personal", False),
            )
            for key, fact in table["facts"].items()
        }
        tables[name] = Table(name, Shape(table["shape"]), table["sheet"], facts, tuple(table.get("also", ())))
    councils = tuple(Term(council["name"], tuple(council["also"]), key) for key, council in pack["councils"].items())
    return Vocabulary(councils, themes, tables, tuple(pack["both"]))


def write_workbook(path: Path, sheets: Sheets) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


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


def at(register: Register, cell: str) -> list[Problem]:
    """The problems of one place."""
    return [problem for problem in register.problems if problem.cell == cell]
