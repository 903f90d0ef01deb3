"""Waivers with their status as lines of text, and drafts of new ones as YAML."""

import json
import re
from collections.abc import Iterable, Iterator

from tipstaff.audit.decisions.audit import WAIVABLE, Audit, Outcome, WaiverStatus
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.units import show_date
from tipstaff.policy.pack.model import Rule
from tipstaff.report.terminal.layout import Style, paragraph, plain
from tipstaff.report.wording.phrases import many, shown
from tipstaff.report.wording.waivers import MOST, describe_waiver, failing

_STATUS = 18
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9-]*[0-9][A-Za-z0-9-]*")


def lines(audit: Audit, width: int, style: Style = plain) -> Iterator[str]:
    """Every waiver with its status, the worst first, line by line."""
    yield from paragraph(f"{shown(audit.register.name)}, as of {show_date(audit.as_of)}", width)
    status = None
    for one in audit.waiver_accounts:
        if one.status is not status:
            status = one.status
            yield ""
            counted = sum(other.status is status for other in audit.waiver_accounts)
            yield style("heading" if status is WaiverStatus.HELD else "high", f"{status.capitalize()} ({counted})")
        yield from paragraph(describe_waiver(audit, one), width, 2, "-")
    yield ""
    held = sum(one.status is WaiverStatus.HELD for one in audit.waiver_accounts)
    yield f"{many(len(audit.waiver_accounts), 'waiver')}, {held} held."


def failing_lines(audit: Audit, width: int, style: Style = plain) -> Iterator[str]:
    """The waivers that waive nothing, loudly; no line if there is none."""
    found = failing(audit)
    if not found:
        return
    yield ""
    yield style("high", f"Waivers that waive nothing ({len(found)} of {len(audit.waiver_accounts)})")
    for one in found[:MOST]:
        yield from paragraph(describe_waiver(audit, one), width, _STATUS, f"  {one.status}")
    if len(found) > MOST:
        yield f"  and {len(found) - MOST:,} more: tipstaff waivers list"


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
