"""Waivers with their status as JSON."""

import json
from collections.abc import Iterator

from tipstaff.audit.decisions.audit import Audit
from tipstaff.report.record.schema import WaiverPart
from tipstaff.report.wording.waivers import days_left, name_of

SCHEMA = "tipstaff/waivers/1"


def record(audit: Audit) -> str:
    """Every waiver with its status as JSON, the worst first."""
    found = {"schema": SCHEMA, "as_of": audit.as_of.isoformat(), "waivers": list(waiver_parts(audit))}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def waiver_parts(audit: Audit) -> Iterator[WaiverPart]:
    """The waivers as the record of an audit has them."""
    for one in audit.waiver_accounts:
        waiver = one.waiver
        yield {
            "status": one.status.value,
            "rule": one.rule,
            "ref": one.partnership,
            "name": name_of(audit, one),
            "outcome": one.outcome.word if one.outcome is not None else None,
            "reason": waiver.reason if waiver is not None else None,
            "approved_by": waiver.approved_by if waiver is not None else None,
            "until": waiver.until.isoformat() if waiver is not None else None,
            "days_left": days_left(audit, waiver) if waiver is not None else None,
            "place": one.place,
            "problems": [{"cell": each.cell, "value": each.value, "expected": each.expected} for each in one.problems],
        }
