"""Problems of a register as JSON."""

import json

from tipstaff.register.tables.model import Register
from tipstaff.report.record.parts import problem_part

SCHEMA = "tipstaff/problems/1"


def record(register: Register) -> str:
    """Every problem of a register as JSON, in the order of the source."""
    found = {
        "schema": SCHEMA,
        "register": {"name": register.name, "sha256": register.sha256, "partnerships": len(register.refs)},
        "problems": [problem_part(one) for one in register.problems],
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
