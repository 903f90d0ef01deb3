"""JSON Lines: the parts of the record, each on a line that says its ``kind``, for programs that read as they go."""

from collections.abc import Iterator

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.report.record.audit import (
    Since,
    dumped,
    findings,
    head,
    ledgers,
    names_of_facts,
    outcomes_by_rule,
    partnerships,
    waivers,
)
from tipstaff.report.record.comparison import baseline_part
from tipstaff.report.record.schema import (
    AuditLine,
    BaselineLine,
    FindingLine,
    LedgerLine,
    Line,
    PartnershipLine,
    RuleLine,
    WaiverLine,
)


def lines(audit: Audit, since: Since | None = None) -> Iterator[str]:
    """Every line: the audit, waivers, partnerships, rules, ledgers and findings, each in the order of the record."""
    return (f"{dumped(part)}\n" for part in _parts(audit, since))


def _parts(audit: Audit, since: Since | None) -> Iterator[Line]:
    entries = LedgerEntries(audit)
    yield AuditLine(kind="audit", **head(audit))
    for waiver in waivers(audit):
        yield WaiverLine(kind="waiver", **waiver)
    for partnership in partnerships(audit, entries):
        yield PartnershipLine(kind="partnership", **partnership)
    facts = names_of_facts(audit)
    for rule, outcomes in outcomes_by_rule(audit).items():
        yield RuleLine(kind="rule", rule=rule, outcomes=outcomes, facts=facts[rule])
    for ledger in ledgers(audit, entries):
        yield LedgerLine(kind="ledger", **ledger)
    for finding in findings(audit, entries):
        yield FindingLine(kind="finding", **finding)
    if since is not None:
        yield BaselineLine(kind="baseline", **baseline_part(*since))
