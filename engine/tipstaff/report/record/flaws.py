"""The JSON record of a pack's flaws."""

import json
from collections.abc import Sequence

from tipstaff.audit.testing.flaws import Found
from tipstaff.policy.pack.model import Pack
from tipstaff.report.wording.flaws import describe_flaw

SCHEMA = "tipstaff/rules-check/1"


def record(pack: Pack, found: Sequence[Found]) -> str:
    """The flaws as JSON; a witness gives the answers to criteria and conclusions by name."""
    document = {
        "schema": SCHEMA,
        "policy": {"id": pack.id, "version": pack.version, "sha256": pack.sha256},
        "rules": len(pack.rules),
        "flaws": [
            {
                "flaw": one.flaw,
                "rules": list(one.rules),
                "witness": [dict(row) for row in one.rows],
                "settled": dict(one.settled),
                "says": describe_flaw(pack, one),
            }
            for one in found
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
