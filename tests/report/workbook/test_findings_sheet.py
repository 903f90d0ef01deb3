"""The sheet of findings of a large register has the worst, all that is waived, and all that was responded to."""

import pytest

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.findings import REPORTED
from tipstaff.policy.pack.model import SEVERITIES
from tipstaff.report.workbook import findings_sheet
from tipstaff.report.workbook.findings_sheet import listed


def test_all_are_listed_where_there_is_room(five: Audit) -> None:
    totals = five.totals()
    assert len(listed(five)) == sum(totals[outcome] for outcome in REPORTED)


def test_where_there_is_not_the_worst_are_with_what_people_decided(
    five: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [one.finding for one in listed(five)]
    findings = [one for one in whole if one.outcome is Outcome.FINDING]
    responded = next(one for one in reversed(whole) if one.outcome is Outcome.UNDETERMINED)
    monkeypatch.setattr(findings_sheet, "MOST_FINDINGS", 12)
    short = [one.finding for one in listed(five, [(responded.rule.id, responded.ref)])]
    waived = five.totals()[Outcome.WAIVED]
    assert len(short) == 12 + 1
    assert sum(one.outcome is Outcome.WAIVED for one in short) == waived > 0
    assert (responded.rule.id, responded.ref) in {(one.rule.id, one.ref) for one in short}
    worst = sorted(SEVERITIES.index(one.rule.severity) for one in findings)[: 12 - waived]
    told = [SEVERITIES.index(one.rule.severity) for one in short if one.outcome is Outcome.FINDING]
    assert told == worst
