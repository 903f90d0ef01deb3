"""Places: the file and line of an outcome or a problem, for machines."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.findings import Finding, deciding_cells
from tipstaff.facts.vocabulary import Shape
from tipstaff.register.files.sheet import plain
from tipstaff.register.tables.model import Problem
from tipstaff.report.wording.phrases import place, shown

_ROW = re.compile(r".*(?:![A-Z]+|:)(\d{1,9})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file."""

    path: str
    """The file as it was named, relative and with forward slashes; of a path that leads elsewhere, its name alone."""
    line: int | None
    """The line of a text file or the row of a sheet; None for a place that has neither, as in JSON."""
    cell: str
    """The place inside the file, ``Wellbeing!I14`` or ``partnerships[3]``; empty where the line is all there is."""


class Places:
    """Tells the places of an audit. ``files`` are the register and whatever else was read, as named by the officer."""

    def __init__(self, audit: Audit, register: Path, others: Iterable[Path] = ()) -> None:
        self._audit = audit
        self._named = {plain(file.name): named(file) for file in others} | {audit.register.name: named(register)}
        self.register = named(register)
        vocabulary = audit.pack.vocabulary
        self._rows = next(
            audit.register.tables[table.name] for table in vocabulary.tables.values() if table.shape is Shape.REGISTER
        )

    def place(self, cell: str) -> Place:
        """The place that a cell of evidence, a missing fact or a problem names."""
        path, inside = self.register, cell
        for name, file in self._named.items():
            if cell.startswith(name) and cell[len(name) :][:1] in ("", ":", "["):
                path, inside = file, cell.removeprefix(name)
        row = _ROW.fullmatch(inside)
        line = int(row[1]) if row else None
        return Place(path, line, "" if inside == f":{line}" else inside.removeprefix(":"))

    def principal(self, finding: Finding) -> str:
        """The cell to look at first: the evidence, otherwise the blank to fill in, otherwise the partnership itself."""
        blanks = (one.cell for one in finding.missing if one.cell is not None)
        evidence = (one.cell for one in finding.evidence if one.cell is not None)
        tells = deciding_cells(finding)
        return next(iter((*tells[:1], *list(blanks)[:1], *list(evidence)[:1], self.own(finding.position))))

    def own(self, position: int) -> str:
        """The cell that names a partnership."""
        return self._rows.cell(position, "name")


def named(file: Path) -> str:
    """A file as it was named, with forward slashes; its name alone if it was named from the root or upward."""
    return file.name if file.is_absolute() or file.drive or ".." in file.parts else file.as_posix()


def problem_rows(problems: Sequence[Problem], source: str) -> list[list[str]]:
    """Problems of a source as rows of a table: the cell, what it holds, what was expected."""
    return [[shown(place(one.cell, source), 60), shown(one.value, 60), shown(one.expected, 300)] for one in problems]
