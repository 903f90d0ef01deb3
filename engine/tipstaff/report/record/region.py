"""The JSON summary of a region's audit."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tipstaff.audit.decisions.audit import Outcome
from tipstaff.audit.decisions.verdict import severities
from tipstaff.region.audit import RegionAudit
from tipstaff.region.outcome_folder import SUMMARY_SCHEMA
from tipstaff.report.record.parts import problem_part
from tipstaff.report.wording.citations import cited
from tipstaff.report.wording.phrases import shown

_MOST_NOT_READ = 5


def record(audit: RegionAudit, engine: str, not_read: Sequence[Path] = ()) -> str:
    """The summary as JSON. ``not_read`` are files of the register that no table is named as."""
    found: dict[str, Any] = {
        "schema": SUMMARY_SCHEMA,
        "tool": f"tipstaff {version('tipstaff')}",
        "as_of": audit.as_of.isoformat(),
        "cycle": str(audit.cycle),
        "policy": {"id": audit.pack.id, "version": audit.pack.version, "sha256": audit.pack.sha256},
        "register": {"name": audit.name, "sha256": audit.sha256, "partnerships": audit.partnerships},
        "engine": engine,
        "parts": audit.parts,
        "totals": {outcome.word: count for outcome, count in audit.totals().items()},
        "findings_by_severity": severities(audit.rules, audit.outcomes, Outcome.FINDING),
        "undetermined_by_severity": severities(audit.rules, audit.outcomes, Outcome.UNDETERMINED),
        "conclusions": audit.conclusions,
        "rules": [
            {
                "id": rule.id,
                "title": rule.title,
                "severity": rule.severity,
                "module": rule.module,
                "source": cited(rule.source),
                "rule_fingerprint": rule.fingerprint,
                "outcomes": audit.outcomes[rule.id],
            }
            for rule in audit.rules
        ],
        "problems": {
            "count": audit.problems,
            "remarks": audit.remarks,
            "first": [problem_part(one) for one in audit.first_problems],
        },
        "not_read": {"count": len(not_read), "first": [shown(str(path)) for path in not_read[:_MOST_NOT_READ]]},
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
