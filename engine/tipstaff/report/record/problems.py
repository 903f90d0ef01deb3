"""Problems of a register as JSON."""

import json

from tipstaff.register.tables.model import Problem, Register
from tipstaff.report.record.schema import ProblemPart

SCHEMA = "tipstaff/problems/1"


def record(register: Register) -> str:
    """Every problem of a register as JSON, in the order of the source."""
    found = {
        "schema": SCHEMA,
        "register": {"name": register.name, "sha256": register.sha256, "partnerships": len(register.refs)},
        "problems": [problem_part(one) for one in register.problems],
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def problem_part(one: Problem) -> ProblemPart:
    """A problem of a register as records have it."""
    return {"cell": one.cell, "value": one.value, "expected": one.expected, "serious": one.serious}
