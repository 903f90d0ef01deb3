"""Expected audits of the examples: which rules and conclusions each of them shows."""

import re
from collections.abc import Mapping
from typing import Any

_IDS = re.compile(r"(?:(?P<prefix>[A-Z]+)-)?(?P<first>\d{2})(?: to (?P<last>\d{2}))?")


def rules_shown(expected: Mapping[str, Any]) -> set[str]:
    """The rules under ``shows`` of an expected audit: ``PRO-03, 04, 06 to 14`` names eleven."""
    found = set()
    for text in expected["shows"].values():
        prefix = ""
        for part in text.split(", "):
            ids = _IDS.fullmatch(part)
            assert ids is not None, part
            prefix = ids["prefix"] or prefix
            numbers = range(int(ids["first"]), int(ids["last"] or ids["first"]) + 1)
            found |= {f"{prefix}-{number:02}" for number in numbers}
    return found
