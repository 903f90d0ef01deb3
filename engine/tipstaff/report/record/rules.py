"""The JSON record of a pack's rules."""

import json
from collections.abc import Sequence
from datetime import date

from tipstaff.policy.pack.model import Pack, Rule
from tipstaff.report.record.parts import advisories

SCHEMA = "tipstaff/rules/1"


def rules_record(pack: Pack, rules: Sequence[Rule], as_of: date) -> str:
    """Rules in a list, as JSON, with the law to check that they read as of a date."""
    found = {
        "schema": SCHEMA,
        "policy": {
            "id": pack.id,
            "version": pack.version,
            "sha256": pack.sha256,
            "law_advisories": advisories(pack, rules, as_of),
        },
        "rules": [
            {
                "rule": rule.id,
                "module": rule.module,
                "kind": rule.kind,
                "concludes": rule.concludes,
                "severity": rule.severity or None,
                "title": rule.title,
                "source": rule.source.model_dump(exclude_none=True),
                "interpretations": list(rule.interpretations),
                "sha256": rule.sha256,
            }
            for rule in rules
        ],
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
