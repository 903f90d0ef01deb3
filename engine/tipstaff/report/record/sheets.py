"""Factor sheets and ledgers in the JSON record."""

from collections.abc import Iterator

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.factor_sheet import FactorSheet
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.facts.units import show_number
from tipstaff.report.record.schema import FactorSheetPart, LedgerPart, Sum


def factor_sheet_part(sheet: FactorSheet) -> FactorSheetPart:
    """A factor sheet as the record has it: the pointers answered, the names of the others, and what they come to."""
    return {
        "name": sheet.name,
        "pointers": [
            {
                "fact": factor.fact,
                "towards": factor.towards,
                "strength": factor.strength,
                "answer": factor.answer,
                "evidence": [{"fact": one.fact, "value": one.value, "cell": one.cell} for one in factor.evidence],
            }
            for factor in sheet.factors
            if factor.answer is not None
        ],
        "not_answered": [factor.fact for factor in sheet.factors if factor.answer is None],
        "net": {"least": show_number(sheet.least), "most": show_number(sheet.most)},
        "verdict": sheet.verdict,
    }


def ledger_parts(audit: Audit, entries: LedgerEntries, ledger: str) -> Iterator[LedgerPart]:
    """A ledger as the record has it: an organisation a line, with every sum, its cell, and the totals."""
    rows = audit.facts.ledgers[ledger]
    for beneficiary, name in enumerate(rows.beneficiaries.names):
        sums: list[Sum] = [
            {
                "ref": audit.register.refs[entry.partnership],
                "year": entry.year or None,
                "council": entry.council or None,
                "amount": entry.amount,
                "granted": entry.granted,
                "cell": entry.cell,
            }
            for entry in entries.entries(ledger, beneficiary)
        ]
        if not sums:
            continue
        yield {
            "ledger": ledger,
            "organisation": name,
            "partnerships": [audit.register.refs[place] for place in entries.partnerships(ledger, beneficiary)],
            "may_be_the_same": list(entries.near(ledger, beneficiary)),
            "sums": sums,
            "totals": [
                {
                    "window": total.window,
                    "amount": total.amount,
                    "granted": total.granted,
                    "planned": total.planned,
                    "law": dict(total.limits),
                }
                for total in entries.totals(ledger, beneficiary)
            ],
        }
