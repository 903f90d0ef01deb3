"""Problems: what could not be read in a register, or does not fit, with its cells."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tipstaff.register.tables.model import Problem, Register
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording.phrases import place, shown

if TYPE_CHECKING:
    from tipstaff.report.record.schema import ProblemPart

SCHEMA = "tipstaff/problems/1"


def problem_rows(problems: Sequence[Problem], source: str) -> list[list[str]]:
    """Problems of a source as rows of a table: the cell, what it holds, what was expected."""
    return [[shown(place(one.cell, source), 60), shown(one.value, 60), shown(one.expected, 300)] for one in problems]


def lines(register: Register, width: int, style: Style = plain) -> Iterator[str]:
    """Every problem of a register, the serious ones first, line by line."""
    serious = [one for one in register.problems if one.serious]
    remarks = [one for one in register.problems if not one.serious]
    yield from paragraph(f"{shown(register.name)}: {_counted(len(register.refs), 'partnership')} read.", width)
    for heading, those in (
        ("Problems: what these hold is not used, and counts as not known", serious),
        ("Remarks: how the register was read", remarks),
    ):
        if those:
            yield ""
            yield style("heading", heading)
            yield from table(problem_rows(those, register.name), width, wide=2, headers=["cell", "found", "expected"])
    yield ""
    yield f"{_counted(len(serious), 'problem')}, {_counted(len(remarks), 'remark')}."


def record(register: Register) -> str:
    """Every problem of a register as JSON, in the order of the source."""
    found = {
        "schema": SCHEMA,
        "register": {"name": register.name, "sha256": register.sha256, "partnerships": len(register.refs)},
        "problems": [problem(one) for one in register.problems],
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def problem(one: Problem) -> "ProblemPart":
    """A problem of a register as records have it."""
    return {"cell": one.cell, "value": one.value, "expected": one.expected, "serious": one.serious}


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
