"""The sheets that a returned workbook has in addition to the officer's own, and how they are recognised.

A title alone does not make a sheet one of these: an officer may have a sheet called *Findings*, or *Summary*. The
contents decide, so an officer's own sheet is never skipped or overwritten.
"""

from collections.abc import Sequence

from tipstaff.errors import UnreadableError
from tipstaff.facts.spellings import normal
from tipstaff.register.files.sheet import Raw, Sheet
from tipstaff.register.tables.headings import BESIDE_ANSWERS

FINDINGS, QUESTIONS, SUMMARY = "Findings", "Questions", "Summary"
"""The titles of these sheets; a note in brackets behind may tell one from a sheet of the officer's."""

SUMMARY_HEADING = "Summary of an audit by tipstaff"
"""The text of the first cell of the summary."""

FINGERPRINT, RULE_FINGERPRINT = "Fingerprint", "Rule fingerprint"
RESPONSES = ("Response", "Reason", "Approved by", "Until")
"""The columns in which an officer responds to a finding."""

FINDINGS_HEADINGS = (
    "Severity",
    "Outcome",
    "Rule",
    "Ref",
    "Partnership",
    "Finding",
    "Where",
    "Lead officer",
    "What to do",
    "Who",
    "Paragraph",
    *RESPONSES,
    FINGERPRINT,
    RULE_FINGERPRINT,
)

_KNOWN_BY = {
    FINDINGS: frozenset(map(normal, ("Rule", "Ref", "Outcome", FINGERPRINT, RULE_FINGERPRINT))),
    QUESTIONS: frozenset(map(normal, BESIDE_ANSWERS)),
    SUMMARY: frozenset({normal(SUMMARY_HEADING)}),
}


def own_sheet(sheet: Sheet) -> str | None:
    """Which of FINDINGS, QUESTIONS and SUMMARY a sheet is; None for any other."""
    title = may_be_own(sheet.name or "")
    if title is None or not sheet.rows:
        return None
    return title if _KNOWN_BY[title] <= set(headings(sheet.rows[0])) else None


def may_be_own(title: str) -> str | None:
    """Return the tipstaff sheet with this title, whatever its contents."""
    plain, _, note = title.casefold().partition(" (tipstaff")
    named = next((own for own in _KNOWN_BY if own.casefold() == plain), None)
    return named if not note or note.endswith(")") else None


def findings_columns(sheet: Sheet, row: int, name: str) -> dict[str, int]:
    """The columns of a sheet of findings that are its own, by the ``normal`` spellings of their headings in a row.

    Of several under one heading, as officers add some, it is the one in the longest run of the headings in their order.
    Raises UnreadableError if runs do not tell, naming the file as ``name``.
    """
    known = {normal(heading): number for number, heading in enumerate(FINDINGS_HEADINGS)}
    runs: list[dict[int, int]] = []
    for column, heading in enumerate(headings(sheet.rows[row])):
        if heading not in known:
            continue
        if not runs or known[heading] != next(reversed(runs[-1])) + 1:
            runs.append({})
        runs[-1][known[heading]] = column
    found: dict[int, dict[int, int]] = {}
    for run in sorted(runs, key=len, reverse=True):
        for number, column in run.items():
            other = found.setdefault(number, run)
            if other is not run and not run.keys() < other.keys():
                first, second = sorted((column, other[number]))
                raise UnreadableError(
                    f"{name}: two columns are headed {FINDINGS_HEADINGS[number]}, at {sheet.place(row, first)} and "
                    f"{sheet.place(row, second)}, and nothing tells which was added. Give that one another heading."
                )
    return {normal(FINDINGS_HEADINGS[number]): run[number] for number, run in found.items()}


def headings(row: Sequence[Raw]) -> list[str]:
    """The headings of a row as ``normal`` spells them, blank if there is not a text."""
    return [normal(cell) if isinstance(cell, str) else "" for cell in row]
