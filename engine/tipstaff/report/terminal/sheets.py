"""Factor sheets and ledgers: what a policy weighs, and what it adds up, each with its cell, in words and as JSON."""

from collections.abc import Iterator

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.factor_sheet import Factor, FactorSheet
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.facts.units import show_number
from tipstaff.policy.language.english import listed
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording.phrases import on_sheets, place, shown

_ANSWERS = {True: "yes", False: "no", None: "not known"}


def factor_lines(audit: Audit, sheet: FactorSheet, width: int, style: Style = plain) -> Iterator[str]:
    """A factor sheet: the pointers each way, strongest first as the policy has them, and what they come to."""
    yield style("heading", sheet.weighing.title)
    if not sheet.answered:
        yield from paragraph("None of its signs is answered in the register.", width, 2, "  ")
    else:
        for side in (sheet.weighing.towards, sheet.weighing.against):
            rows = [_row(audit, factor) for factor in sheet.factors if factor.towards == side]
            yield from table(
                rows, width, wide=1, headers=["", f"towards a {side}", "weight", "answer", "cell"], indent=2
            )
    yield from paragraph(
        f"Weight towards a {sheet.weighing.towards}, less that towards a {sheet.weighing.against}: {sheet.net}. "
        f"{sheet.verdict}",
        width,
        2,
        "  ",
    )


def _row(audit: Audit, factor: Factor) -> list[str]:
    cells = dict.fromkeys(place(one.cell, audit.register.name) for one in factor.evidence if one.cell is not None)
    weight = "not weighed" if factor.weight is None else show_number(factor.weight)
    return [factor.strength, factor.label, weight, _ANSWERS[factor.answer], ", ".join(on_sheets(cells)) or "no cell"]


def ledger_lines(
    audit: Audit, entries: LedgerEntries, ledger: str, position: int, width: int, style: Style = plain
) -> Iterator[str]:
    """A ledger of the organisations of a partnership: every sum with its cell, and the totals beside the law."""
    label = audit.pack.ledgers[ledger].label
    for beneficiary in entries.of_partnership(ledger, position):
        yield style("heading", f"{label[:1].upper()}{label[1:]}: {shown(entries.name(ledger, beneficiary))}")
        if near := entries.near(ledger, beneficiary):
            said = f"May be the same organisation, and is not added: {listed([shown(name) for name in near], 'and')}."
            yield from paragraph(said, width, 2, "  ")
        rows = [
            [
                shown(audit.register.refs[entry.partnership]),
                entry.year or "a year",
                entry.council,
                entry.amount,
                entry.granted,
                place(entry.cell, audit.register.name),
            ]
            for entry in entries.entries(ledger, beneficiary)
        ]
        if not rows:
            yield from paragraph("No sum is recorded.", width, 2, "  ")
            continue
        headings = ["where", "year", "paid by", "sum", "granted", "cell"]
        yield from table(rows, width, wide=2, headers=headings, indent=2)
        for total in entries.totals(ledger, beneficiary):
            planned = ", with the cycle that is planned" if total.planned else ""
            limits = "; ".join(f"{title}: {figure}" for title, figure in total.limits)
            said = f"{total.amount} {total.window}{planned}" + (f" ({limits})" if limits else "")
            yield from paragraph(said, width, 4, "  ")
