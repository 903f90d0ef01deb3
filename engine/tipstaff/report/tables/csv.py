"""CSV: a row for every outcome that is reported, in columns for officers and programs.

UTF-8 with a byte order mark, without which Excel shows no pound sign. Every row has a ``count``: 1 of an outcome that
is reported, and in the rows at the end, by rule, how often it came out clear and not applicable. So the counts of all
rows add up to the totals of all five outcomes; one that never came out has a row with the count 0.

A cell that a spreadsheet would take for a formula, other than a number, begins with an apostrophe, as OWASP advises.
To undo that, take the first apostrophe from every cell in which FORMULA matches what follows it.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.findings import REPORTED, Finding, explain_in_batches
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.policy.pack.model import Rule
from tipstaff.report.record.parts import law_parts
from tipstaff.report.wording.citations import cited
from tipstaff.report.wording.places import Places

COLUMNS = (
    *("outcome", "severity", "rule", "title", "module", "ref", "name", "theme", "lead_officer", "message", "because"),
    *("cell", "evidence", "missing", "law", "consequence", "action", "by", "paragraph", "words", "instrument"),
    *("waiver_reason", "waiver_approved_by", "waiver_until", "waiver_place"),
    *("fingerprint", "rule_fingerprint", "count"),
)

LONGEST = 32_767
"""The most characters of a cell, as in a spreadsheet: it would take the rest for further cells."""

_UNSEEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff"
FORMULA = re.compile(rf"[\s'\"{_UNSEEN}]*[=+\-@＝＋－＠\t\r\n]")
"""How a cell begins that a spreadsheet may take for a formula, look-alikes of full width too. What is not seen before
it may be dropped, as LibreOffice drops a NUL."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def lines(audit: Audit, places: Places) -> Iterator[str]:
    """The whole file, row by row."""
    yield "\ufeff" + line(COLUMNS)
    for cells, count in _rows(audit, places):
        yield line([*(cells.get(column, "") for column in COLUMNS[:-1]), count])


def line(cells: Iterable[str | int]) -> str:
    """A row: texts made safe, in quotation marks so that no line end in them ends the row; numbers as they are."""
    page = io.StringIO(newline="")
    writer = csv.writer(page, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in cells])
    return page.getvalue()


def safe(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula. A number stays one."""
    if len(text) > LONGEST:
        text = text[: LONGEST - 2] + "…"
    return f"'{text}" if FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _rows(audit: Audit, places: Places) -> Iterator[tuple[dict[str, str], int]]:
    """The rows by column, blank where a column is left out, with their counts."""
    frame = audit.facts.frame
    themes = frame["theme"].to_list() if "theme" in frame.columns else [None] * audit.partnerships
    for explainer in explain_in_batches(audit, LedgerEntries(audit)):
        for finding in explainer.findings():
            yield _finding(finding, themes[finding.position] or "", places.principal(finding)), 1
    yield from _counted(audit)


def _finding(finding: Finding, theme: str, cell: str) -> dict[str, str]:
    rule, waiver, step = finding.rule, finding.waiver, finding.step
    return {
        **_rule(finding.outcome, rule),
        "ref": finding.ref,
        "name": finding.name,
        "theme": theme,
        "lead_officer": finding.lead_officer,
        "message": finding.message,
        "because": "; ".join(finding.because),
        "cell": cell,
        "evidence": "; ".join(_in(one.cell, f"{one.label} = {one.value}") for one in finding.evidence),
        "missing": "; ".join(_in(one.cell, one.label) for one in finding.missing),
        "law": "; ".join(f"{one['title']}: {one['figure']} ({one['instrument']})" for one in law_parts(finding.law)),
        "consequence": rule.consequence,
        "action": step.do if step else "",
        "by": step.by if step else "",
        "waiver_reason": waiver.reason if waiver else "",
        "waiver_approved_by": waiver.approved_by if waiver else "",
        "waiver_until": waiver.until.isoformat() if waiver else "",
        "waiver_place": waiver.place if waiver else "",
        "fingerprint": finding.fingerprint,
    }


def _counted(audit: Audit) -> Iterator[tuple[dict[str, str], int]]:
    """How often each rule came out in a way that is not reported one by one, and the outcomes that never came out."""
    for rule in audit.rules:
        column = audit.answers[rule.id]
        for outcome in Outcome:
            count = 0 if outcome in REPORTED else int((column == int(outcome)).sum())
            if count:
                yield _rule(outcome, rule), count
    for outcome, count in audit.totals().items():
        if not count:
            yield {"outcome": outcome.word}, 0


def _rule(outcome: Outcome, rule: Rule) -> dict[str, str]:
    return {
        "outcome": outcome.word,
        "severity": rule.severity,
        "rule": rule.id,
        "title": rule.title,
        "module": rule.module,
        "paragraph": cited(rule.source),
        "words": rule.source.words or "",
        "instrument": rule.source.instrument or "",
        "rule_fingerprint": rule.fingerprint,
    }


def _in(cell: str | None, text: str) -> str:
    return f"{text} ({cell})" if cell is not None else text
