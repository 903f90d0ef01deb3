"""The JSON record of a forecast."""

import json
from collections.abc import Iterator
from typing import Any

from tipstaff.audit.planning.forecast import Change, Forecast
from tipstaff.report.wording.forecast import lead_officer

SCHEMA = "tipstaff/forecast/1"


def record(found: Forecast) -> Iterator[str]:
    """The forecast as JSON text, a change a line."""
    audit = found.audit
    head = {
        "schema": SCHEMA,
        "as_of": audit.as_of.isoformat(),
        "until": found.until.isoformat(),
        "register": {"name": audit.register.name, "sha256": audit.register.sha256},
        "policy": {"id": audit.pack.id, "version": audit.pack.version, "sha256": audit.pack.sha256},
        "days_audited": found.audited,
    }
    yield "{\n"
    for key, value in head.items():
        yield f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n"
    changes = ",\n".join(json.dumps(_change(found, change), ensure_ascii=False) for change in found.changes)
    yield f'"changes": [\n{changes}\n]\n}}\n'


def _change(found: Forecast, change: Change) -> dict[str, Any]:
    rule = change.rule
    return {
        "date": change.day.isoformat(),
        "ref": found.audit.register.refs[change.position],
        "name": found.audit.facts.frame["name"][change.position],
        "lead_officer": lead_officer(found, change.position),
        "kind": change.kind,
        "subject": change.subject,
        "title": change.title,
        "severity": rule.severity or None,
        "old": change.old,
        "new": change.new,
        "causes": [{"fact": one.fact or None, "said": one.sentence, "cell": one.cell} for one in change.causes],
        "action": change.action.model_dump() if change.action is not None else None,
    }
