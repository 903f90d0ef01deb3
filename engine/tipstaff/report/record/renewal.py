"""The JSON record of a renewal check list."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from tipstaff.audit.planning.renewal import Duty, Entry, Renewal

SCHEMA = "tipstaff/renewal/1"


def record(renewal: Renewal) -> Iterator[str]:
    """The check list as JSON text, a partnership a line."""
    audit = renewal.audit
    head = {
        "schema": SCHEMA,
        "as_of": audit.as_of.isoformat(),
        "cycle": str(audit.cycle),
        "register": {"name": audit.register.name, "sha256": audit.register.sha256},
        "policy": {"id": audit.pack.id, "version": audit.pack.version, "sha256": audit.pack.sha256},
        "summary": {state.replace(" ", "_"): count for state, count in renewal.counts().items()},
    }
    yield "{\n"
    for key, value in head.items():
        yield f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n"
    entries = ",\n".join(json.dumps(_entry(renewal, entry), ensure_ascii=False) for entry in renewal.entries)
    yield f'"partnerships": [\n{entries}\n]\n}}\n'


def _entry(renewal: Renewal, entry: Entry) -> dict[str, Any]:
    return {
        "ref": entry.ref,
        "name": entry.name,
        "lead_officer": entry.lead_officer,
        "duties": [_duty(renewal, duty, entry.lead_officer) for duty in entry.duties],
    }


def _duty(renewal: Renewal, duty: Duty, lead_officer: str) -> dict[str, Any]:
    on = None if duty.due is None else duty.due.on
    ends = (None, None) if on is None else (on.lo, on.hi)
    earliest, latest = (None if end is None else end.isoformat() for end in ends)
    return {
        "rule": duty.rule.id,
        "title": duty.rule.title,
        "severity": duty.rule.severity,
        "state": duty.state.replace(" ", "_"),
        "due": None if duty.due is None else {"earliest": earliest, "latest": latest},
        "days_left": duty.days_left(renewal.audit.as_of),
        "message": duty.message,
        "action": asdict(step) if (step := duty.step(lead_officer)) is not None else None,
        "missing": [
            {"fact": one.fact, "table": one.table, "cell": one.cell, "question": one.question} for one in duty.missing
        ],
    }
