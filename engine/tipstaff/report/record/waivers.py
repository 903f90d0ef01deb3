"""Waivers with their status as JSON."""

import json

from tipstaff.audit.decisions.audit import Audit
from tipstaff.report.record.parts import waiver_parts

SCHEMA = "tipstaff/waivers/1"


def record(audit: Audit) -> str:
    """Every waiver with its status as JSON, the worst first."""
    found = {"schema": SCHEMA, "as_of": audit.as_of.isoformat(), "waivers": list(waiver_parts(audit))}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
