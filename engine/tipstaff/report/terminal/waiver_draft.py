"""Drafts: waivers as YAML, bound to the facts and the rule as they are, for somebody answerable to fill in."""

import json
import re
from collections.abc import Iterable, Iterator

from tipstaff.audit.decisions.audit import WAIVABLE, Audit, Outcome
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.units import show_date
from tipstaff.policy.pack.model import Rule
from tipstaff.report.wording.phrases import shown

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9-]*[0-9][A-Za-z0-9-]*")


def draft(audit: Audit, position: int, rules: Iterable[Rule]) -> str:
    """The waivers of some rules for a partnership, but for the reason, the approver and the last day.

    Raises ValueError, whose text says why, if there is nothing to waive or the policy takes no waivers.
    """
    longest = audit.pack.longest_waiver
    if longest is None:
        raise ValueError(f"{audit.pack.id} takes no waivers: its pack.yaml does not say how long one may last.")
    latest = show_date(longest.after(audit.as_of))
    explainer = Explainer(audit, [position])
    entries = ["\n".join(_entry(audit, explainer, position, rule, latest)) for rule in rules]
    return "waivers:\n" + "\n".join(entries) + "\n"


def _entry(audit: Audit, explainer: Explainer, position: int, rule: Rule, latest: str) -> Iterator[str]:
    ref = audit.register.refs[position]
    if rule.concludes is not None:
        raise ValueError(f"{rule.id} concludes a status, which no waiver touches. Name a rule that is reported.")
    outcome = Outcome(audit.answers[rule.id][position])
    if outcome not in WAIVABLE:
        raise ValueError(f"{rule.id} is {outcome.words} for {shown(ref)}: there is nothing to waive.")
    finding = explainer.finding(rule, position, outcome)
    yield f"  # {outcome.words.capitalize()}, {rule.severity}: {shown(finding.message)}"
    yield f"  - rule: {rule.id}"
    yield f"    partnership: {_scalar(ref)}"
    yield "    reason:       # why it is accepted"
    yield "    approved_by:  # the post of who approves it"
    yield f"    until:        # the last day on which it holds, {latest} at the latest"
    yield f"    fingerprint: {json.dumps(finding.fingerprint)}"
    yield f"    rule_fingerprint: {json.dumps(rule.fingerprint)}"


def _scalar(text: str) -> str:
    """A text as YAML, in quotation marks unless it can be taken for nothing else."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
