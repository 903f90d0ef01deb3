"""JSON Lines: the parts of the record, each on a line that says its ``kind``, for programs that read as they go."""

from collections.abc import Iterator

from tipstaff.audit.audit import Audit
from tipstaff.audit.ledger_entries import LedgerEntries
from tipstaff.report.record import dumped, findings, head, ledgers, outcomes_by_rule, partnerships
from tipstaff.report.record_form import AuditLine, FindingLine, LedgerLine, Line, PartnershipLine, RuleLine


def lines(audit: Audit) -> Iterator[str]:
    """Every line: the audit, then partnerships, rules, ledgers and findings, each in the order of the record."""
    return (f"{dumped(part)}\n" for part in _parts(audit))


def _parts(audit: Audit) -> Iterator[Line]:
    entries = LedgerEntries(audit)
    yield AuditLine(kind="audit", **head(audit))
    for partnership in partnerships(audit, entries):
        yield PartnershipLine(kind="partnership", **partnership)
    for rule, outcomes in outcomes_by_rule(audit).items():
        yield RuleLine(kind="rule", rule=rule, outcomes=outcomes)
    for ledger in ledgers(audit, entries):
        yield LedgerLine(kind="ledger", **ledger)
    for finding in findings(audit, entries):
        yield FindingLine(kind="finding", **finding)
