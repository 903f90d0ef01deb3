"""The waived outcomes, by whom and until when; and the waivers that waive nothing."""

from collections.abc import Sequence

from tipstaff.audit.decisions.audit import Outcome
from tipstaff.audit.explaining.findings import Finding
from tipstaff.facts.units import show_date
from tipstaff.report.paper.document import Block, Cell, Lines, Paragraph, Table
from tipstaff.report.paper.sections import LONGEST_NAME, Section, Subject, set_off, severity_of
from tipstaff.report.wording import waivers
from tipstaff.report.wording.phrases import many, shown

MOST_WAIVED = 200
"""The most waived outcomes, and waivers that waive nothing, that are set out."""


def waived(about: Subject, number: int) -> Sequence[Block]:
    """The waived outcomes, and the waivers that waive nothing."""
    section = Section(number, "Waived outcomes")
    count = about.totals[Outcome.WAIVED]
    if not count:
        section.say("No outcome is waived.")
    else:
        section.say(
            f"Waived: {many(count, 'outcome')}. The post named has accepted each, for the facts as they are, up to "
            "and including the day given."
        )
        found = [(rule, at) for rule in about.audit.rules for at in about.with_(rule, Outcome.WAIVED)]
        found.sort(key=lambda one: severity_of(one[0]))
        explainer = about.explaining(at for _, at in found[:MOST_WAIVED])
        rows = tuple(
            _waived_row(about, explainer.finding(rule, at, Outcome.WAIVED)) for rule, at in found[:MOST_WAIVED]
        )
        headings = ("Severity", "Partnership", "What is waived", "Reason", "Approved by", "Until")
        section.add(Table("Waived outcomes", headings, (12, 17, 26, 20, 13, 12), rows))
        if count > MOST_WAIVED:
            section.add(Paragraph(f"And {count - MOST_WAIVED:,} more: {about.rest}"))
    if failed := waivers.failing(about.audit):
        section.say(f"{many(len(failed), 'further waiver')} {'waives' if len(failed) == 1 else 'waive'} nothing:")
        refused = tuple(
            (
                f"{one.status.capitalize()}: {waivers.why(about.audit, one)}",
                f"{shown(one.rule, LONGEST_NAME)}, {shown(one.partnership, LONGEST_NAME)}",
                shown(one.place),
                waivers.advice(one),
            )
            for one in failed[:MOST_WAIVED]
        )
        heads = ("Status", "Rule and partnership", "Where", "What to do")
        section.add(Table("Waivers that waive nothing", heads, (34, 24, 18, 24), refused))
        if len(failed) > MOST_WAIVED:
            section.add(Paragraph(f"And {len(failed) - MOST_WAIVED:,} more."))
    return section.blocks


def _waived_row(about: Subject, finding: Finding) -> tuple[Cell, ...]:
    rule, waiver = finding.rule, finding.waiver
    accepted = (shown(waiver.reason), shown(waiver.approved_by), show_date(waiver.until)) if waiver else ("",) * 3
    return (
        Lines((set_off(rule.severity), rule.id)),
        about.called(finding.position),
        shown(finding.message),
        *accepted,
    )
