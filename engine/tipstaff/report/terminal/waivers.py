"""Waivers with their status as lines of text."""

from collections.abc import Iterator

from tipstaff.audit.decisions.audit import Audit, WaiverStatus
from tipstaff.facts.units import show_date
from tipstaff.report.terminal.layout import Style, paragraph, plain
from tipstaff.report.wording.phrases import many, shown
from tipstaff.report.wording.waivers import MOST, describe_waiver, failing

_STATUS = 18


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
