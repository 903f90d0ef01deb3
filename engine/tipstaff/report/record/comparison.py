"""The JSON record of a comparison, and the part of an audit's record that compares it with a baseline."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

from tipstaff.audit.comparing.comparison import Change, Comparison, differences
from tipstaff.audit.comparing.snapshot import Snapshot, StatedValue
from tipstaff.audit.decisions.verdict import Verdict
from tipstaff.report.record.schema import BaselinePart, ChangePart, ComparedAudit, StatementPart

SCHEMA = "tipstaff/comparison/1"


def record(comparison: Comparison, verdict: Verdict) -> Iterator[str]:
    """The comparison as JSON text, a change a line."""
    yield "{\n"
    for key, value in {"schema": SCHEMA, **_head(comparison, verdict)}.items():
        yield f"{_dumped(key)}: {_dumped(value)},\n"
    changes = ",\n".join(_dumped(_change(change)) for change in comparison.changes)
    yield f'"changes": [\n{changes}\n]\n}}\n' if changes else '"changes": []\n}\n'


def baseline_part(comparison: Comparison, verdict: Verdict) -> BaselinePart:
    """The comparison with a baseline, as the record of an audit holds it."""
    head = _head(comparison, verdict)
    del head["new"]
    return cast(BaselinePart, {**head, "changes": [_change(change) for change in comparison.changes]})


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _head(comparison: Comparison, verdict: Verdict) -> dict[str, Any]:
    dropped, added = comparison.other_rules()
    return {
        "old": _audit(comparison.old),
        "new": _audit(comparison.new),
        "differ": [cause.name.lower() for cause in differences(comparison.old, comparison.new)],
        "rules_only_old": dropped,
        "rules_only_new": added,
        "summary": {
            **{str(kind): count for kind, count in comparison.counts().items()},
            "unchanged": {str(status): count for status, count in comparison.unchanged().items()},
        },
        "failed": {"findings": verdict.findings, "undetermined": verdict.undetermined},
    }


def _audit(one: Snapshot) -> ComparedAudit:
    return {
        "register": {"name": one.register, "sha256": one.register_sha256, "partnerships": len(one.partnerships)},
        "as_of": one.as_of.isoformat(),
        "cycle": one.cycle,
        "policy": {"id": one.policy.id, "version": one.policy.version, "sha256": one.policy.sha256},
    }


def _change(change: Change) -> ChangePart:
    return {
        "kind": change.kind,
        "rule": change.rule,
        "title": change.listed.title,
        "ref": change.ref,
        "name": change.name,
        "lead_officer": change.listed.lead_officer,
        "old": change.old,
        "new": change.new,
        "old_severity": change.was.severity if change.was is not None else None,
        "new_severity": change.now.severity if change.now is not None else None,
        "message": change.listed.message,
        "facts": [
            {"fact": one.fact, "label": one.label, "old": _statements(one.old), "new": _statements(one.new)}
            for one in change.facts
        ],
        "causes": [cause.name.lower() for cause in change.causes],
    }


def _statements(statements: Iterable[StatedValue]) -> list[StatementPart]:
    return [{"value": one.value, "cell": one.cell} for one in statements]
