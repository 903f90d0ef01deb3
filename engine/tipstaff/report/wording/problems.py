"""Problems: what could not be read in a register, or does not fit, with its cells."""

from collections.abc import Sequence

from tipstaff.register.tables.model import Problem
from tipstaff.report.wording.phrases import place, shown


def problem_rows(problems: Sequence[Problem], source: str) -> list[list[str]]:
    """Problems of a source as rows of a table: the cell, what it holds, what was expected."""
    return [[shown(place(one.cell, source), 60), shown(one.value, 60), shown(one.expected, 300)] for one in problems]
