"""The sheet of the summary: what was audited, the result, and what a reader of the workbook must know."""

from collections.abc import Callable, Iterator, Sequence

from openpyxl.styles import PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.verdict import by_severity
from tipstaff.policy.pack.model import SEVERITIES
from tipstaff.register.forms.workbook_writer import Book, Line, Value
from tipstaff.register.tables.returned_sheets import SUMMARY_HEADING
from tipstaff.report.wording import law, waivers
from tipstaff.report.wording.citations import cited
from tipstaff.report.wording.phrases import place, shown
from tipstaff.report.wording.summary import MEANINGS, summary
from tipstaff.report.workbook.findings_sheet import COLOURS, LINK, Lost

_WIDTHS = (24, 78, 22, 12, 11, 11, 15, 15, 11)
_MOST_NAMED = 8
_MOST_PROBLEMS = 10_000


def add_summary(
    book: Book,
    title: str,
    audit: Audit,
    about: Sequence[str],
    lost: Sequence[Lost],
    link: Callable[[str], str | None],
) -> None:
    """Add the sheet.

    ``about`` is what there is to know of the workbook; ``lost`` the responses and notes not carried over;
    ``link`` gives the place to go to for a cell, None if the workbook does not have it.
    """
    lines = list(_lines(audit, about, lost))
    sheet = book.page(title, _WIDTHS, lines)
    sheet.sheet_properties.tabColor = "1F3864"
    places = {one.cell for one in audit.register.problems}
    for number, line in enumerate(lines, 1):
        said = str(line.cells[0]) if line.cells else ""
        at = sheet.cell(number, 1)
        if said in COLOURS:
            at.fill = PatternFill("solid", fgColor=f"FF{COLOURS[said]}")
        elif said in places and (target := link(said)) is not None:
            at.hyperlink = Hyperlink(ref=at.coordinate, location=target)
            at.font = LINK


def _lines(audit: Audit, about: Sequence[str], lost: Sequence[Lost]) -> Iterator[Line]:
    yield Line([SUMMARY_HEADING], "title")
    for label, text in summary(audit).items():
        yield Line([label, text])
    yield from _headed("About this workbook")
    for text in about:
        yield Line(["", text])
    if lost:
        yield from _headed("Responses and notes not carried over")
        yield Line(["Rule and partnership", "Response or note", "Why"], "head")
        for one in lost:
            yield Line([one.about, one.said, one.why])
    if lapsed := waivers.failing(audit):
        yield from _headed(f"Waivers that waive nothing ({len(lapsed)} of {len(audit.waiver_accounts)})")
        for account in lapsed[:_MOST_PROBLEMS]:
            yield Line([str(account.status), waivers.describe_waiver(audit, account)])
    yield from _headed("Outcomes")
    yield Line(["Outcome", "What it means", "How many"], "head")
    for outcome, count in audit.totals().items():
        yield Line([outcome.words, MEANINGS[outcome], count])
    yield from _headed("By severity")
    yield Line(["Severity", "", "Findings", "Not known"], "head")
    found, unknown = by_severity(audit, Outcome.FINDING), by_severity(audit, Outcome.UNDETERMINED)
    for severity in SEVERITIES:
        yield Line([severity, "", found[severity], unknown[severity]])
    yield from _law(audit)
    yield from _headed("Outcomes by rule")
    yield Line(["Rule", "Title", "Paragraph", "Severity", *(_short(outcome) for outcome in Outcome)], "head")
    counts = audit.outcomes()
    for rule in audit.rules:
        own = counts[rule.id]
        yield Line([rule.id, rule.title, cited(rule.source), rule.severity, *(own[one.word] for one in Outcome)])
    yield from _problems(audit)


def _short(outcome: Outcome) -> str:
    return outcome.words[:1].upper() + outcome.words[1:]


def _headed(heading: str) -> Iterator[Line]:
    yield Line()
    yield Line([heading], "heading")


def _law(audit: Audit) -> Iterator[Line]:
    """The law used that is to be checked; empty if all is in order, or no rule reads it."""
    said = list(law.to_check(audit, [shown(name or "") for name in audit.facts.frame["name"]], _MOST_NAMED))
    if said:
        yield from _headed("Law to check")
        for text in said:
            yield Line(["", text])


def _problems(audit: Audit) -> Iterator[Line]:
    """Every problem of the register, the serious ones first."""
    for heading, serious in (
        ("Problems of the register: what these cells hold counts as not known", True),
        ("Remarks: how the register was read", False),
    ):
        those = [one for one in audit.register.problems if one.serious is serious]
        if not those:
            continue
        yield from _headed(f"{heading} ({len(those):,})")
        yield Line(["Cell", "Expected", "Found"], "head")
        for one in those[:_MOST_PROBLEMS]:
            cells: list[Value] = [place(one.cell, audit.register.name), shown(one.expected), shown(one.value, 60)]
            yield Line(cells)
        if len(those) > _MOST_PROBLEMS:
            yield Line(["", f"and {len(those) - _MOST_PROBLEMS:,} more: tipstaff validate lists them all"])
