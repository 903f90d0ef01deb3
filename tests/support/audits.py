"""Audits made for a test of reports."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from support.paths import EXAMPLES
from tipstaff.audit.decisions.audit import Audit, Outcome, WaiverAccount, WaiverStatus, audit
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack
from tipstaff.register.forms.waiver_entries import Waiver
from tipstaff.register.reading import read_register

EXAMPLE = EXAMPLES / "register.xlsx"


def audit_of(path: Path, pack: Pack) -> Audit:
    """The audit of a register as of 4 August 2016."""
    return audit(read_register(path, pack.vocabulary), pack, date(2016, 8, 4), FinancialYear(2017))


def waive(found: Audit, places: Iterable[tuple[str, int]], reason: str = "Accepted by the panel.") -> Audit:
    """An audit in which the outcomes of rules at positions are waived."""
    waivers = {}
    answers = found.answers
    for rule, position in places:
        answers = answers.with_columns(answers[rule].clone().scatter(position, int(Outcome.WAIVED)))
        explainer = Explainer(found, [position])
        waivers[rule, position] = Waiver(
            rule=rule,
            partnership=found.register.refs[position],
            reason=reason,
            approved_by="Monitoring Officer",
            until=date(2017, 3, 31),
            fingerprint=explainer.fingerprint(found.pack.rules[rule], position),
            rule_fingerprint=found.pack.rules[rule].fingerprint,
            place="waivers.yaml:12",
        )
    accounts = [
        WaiverAccount(WaiverStatus.HELD, waiver.place, rule, waiver.partnership, position, waiver, Outcome.WAIVED)
        for (rule, position), waiver in waivers.items()
    ]
    return replace(found, answers=answers, waivers=waivers, waiver_accounts=tuple(accounts))
