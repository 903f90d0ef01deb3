"""The sheet of findings: what was found and what is not known, worst first, with columns to respond in."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.findings import Finding, deciding_cells, explain_in_batches
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.facts.spellings import normal
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.pack.model import SEVERITIES, Rule
from tipstaff.register.forms.workbook_writer import Book, Column, Value
from tipstaff.register.tables.returned_sheets import FINDINGS_HEADINGS, FINGERPRINT, RESPONSES, RULE_FINGERPRINT
from tipstaff.report.wording.citations import cited
from tipstaff.report.wording.phrases import on_sheets, place, shown
from tipstaff.report.workbook.earlier_responses import Earlier, Key, Row, still_holds

COLOURS = {"high": "F08A5D", "medium": "FFC96B", "low": "CFE6F5", "advisory": "E6E6E6"}
"""The fill of each severity: apart in lightness too, for print and for eyes that see colours otherwise."""

MOST_FINDINGS = 20_000
"""The most rows, but for what is waived or was responded to: nobody responds to more."""

MOST_LINKS = 60_000
"""The most links: a spreadsheet program takes few more on a sheet."""

_MOST_CELLS = 6
_RESPONSES = ("accept", "dispute", "waive")
_HINTS = {
    "Response": "accept: it will be put right. dispute: it is not so. waive: it is accepted as it is, until a day.",
    "Reason": "Why it is disputed or waived.",
    "Approved by": "The post of whoever approves a waiver.",
    "Until": "The last day of a waiver, such as 31 March 2017.",
}
_WIDTHS = (11, 14, 10, 14, 28, 60, 30, 26, 40, 20, 18, 13, 34, 24, 18, 20, 20)
_ADDED_WIDTH = 34
_SHOWN_AS = {"Until": "d mmmm yyyy"}
_ORDER = (Outcome.FINDING, Outcome.UNDETERMINED, Outcome.WAIVED)
_A3 = "8"
_FIRST_DAY = "36526"
"""1 January 2000: what is before it is not a date of a waiver."""

LINK = Font(name="Calibri", color="FF0563C1", underline="single")
"""How a link looks."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An outcome to list, and its cells, the evidence first; if there are none, the partnership's own."""

    finding: Finding
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """A response or note of officers on an earlier finding that is not carried over, and why."""

    kind: str
    about: str
    said: str
    why: str


def listed(audit: Audit, responded: Iterable[Key] = ()) -> list[Listed]:
    """The outcomes to list: findings, then undetermined, then waived, each worst first.

    Of more than MOST_FINDINGS those of most weight, with all that is waived or was responded to, by rule and reference.
    """
    kept = set(responded)
    weights = [rule for severity in SEVERITIES for rule in audit.rules if rule.severity == severity]
    chosen: list[tuple[Rule, int, Outcome]] = []
    room = MOST_FINDINGS - audit.totals()[Outcome.WAIVED]
    for outcome in _ORDER:
        for rule in weights:
            for position in (audit.answers[rule.id] == int(outcome)).arg_true().to_list():
                always = outcome is Outcome.WAIVED or (rule.id, audit.register.refs[position]) in kept
                if always or room > 0:
                    chosen.append((rule, position, outcome))
                    room -= not always
    places = {rule.id: place for place, rule in enumerate(audit.rules)}

    def order(one: Listed) -> tuple[int, int, int, int]:
        rule = one.finding.rule
        return _ORDER.index(one.finding.outcome), SEVERITIES.index(rule.severity), one.finding.position, places[rule.id]

    found = (Listed(one, _cells(audit, one)) for one in _explained(audit, chosen))
    return sorted(found, key=order)


def _explained(audit: Audit, chosen: Iterable[tuple[Rule, int, Outcome]]) -> Iterator[Finding]:
    of: dict[int, list[tuple[Rule, Outcome]]] = {}
    for rule, position, outcome in chosen:
        of.setdefault(position, []).append((rule, outcome))
    for explainer in explain_in_batches(audit, LedgerEntries(audit), sorted(of)):
        for position in explainer.positions:
            yield from (explainer.finding(rule, position, outcome) for rule, outcome in of[position])


def _cells(audit: Audit, finding: Finding) -> tuple[str, ...]:
    if finding.outcome is Outcome.UNDETERMINED:
        cells = [one.cell for one in finding.missing if one.cell is not None]
    else:
        cells = deciding_cells(finding)
    return tuple(dict.fromkeys(cells)) or (own_cell(audit, finding.position),)


def own_cell(audit: Audit, position: int) -> str:
    """The cell that names a partnership."""
    rows = next(rows for rows in audit.register.tables.values() if rows.table.shape is Shape.REGISTER)
    return rows.cell(position, "name")


def add_findings(
    book: Book, title: str, audit: Audit, rows: Sequence[Listed], earlier: Earlier, link: Callable[[str], str | None]
) -> None:
    """Add the sheet. ``link`` gives the place to go to for a cell; None if the workbook does not have it."""
    columns = [
        Column(
            heading,
            width,
            fill_in=heading in RESPONSES,
            hidden=heading in (FINGERPRINT, RULE_FINGERPRINT),
            shown_as=_SHOWN_AS.get(heading, "General"),
        )
        for heading, width in zip(FINDINGS_HEADINGS, _WIDTHS, strict=True)
    ] + [Column(heading, _ADDED_WIDTH, fill_in=True) for heading in earlier.added]
    sheet = book.table(title, columns, (_row(audit, one, earlier) for one in rows))
    fills = {severity: PatternFill("solid", fgColor=f"FF{colour}") for severity, colour in COLOURS.items()}
    where, ref = FINDINGS_HEADINGS.index("Where") + 1, FINDINGS_HEADINGS.index("Ref") + 1
    links = 0
    for number, one in enumerate(rows, 2):
        sheet.cell(number, 1).fill = fills[one.finding.rule.severity]
        for column, cell in ((where, one.cells[0]), (ref, own_cell(audit, one.finding.position))):
            target = link(cell)
            if target is not None and links < MOST_LINKS:
                links += 1
                at = sheet.cell(number, column)
                at.hyperlink = Hyperlink(ref=at.coordinate, location=target)
                at.font = LINK
    _set_up(sheet, len(rows))


def _row(audit: Audit, one: Listed, earlier: Earlier) -> list[Value]:
    finding, rule, step = one.finding, one.finding.rule, one.finding.step
    cells = [place(earlier.moved(cell), audit.register.name) for cell in one.cells]
    more = [f"and {len(cells) - _MOST_CELLS} more"] if len(cells) > _MOST_CELLS else []
    return [
        rule.severity,
        finding.outcome.words,
        rule.id,
        finding.ref,
        shown(finding.name),
        finding.message,
        ", ".join([*on_sheets(cells[:_MOST_CELLS]), *more]),
        shown(finding.lead_officer),
        step.do if step else "",
        step.by if step else "",
        cited(rule.source),
        *_response(finding, earlier),
        finding.fingerprint,
        rule.fingerprint,
        *(next(iter(notes.get((rule.id, finding.ref), ())), "") for notes in earlier.added.values()),
    ]


def _response(finding: Finding, earlier: Earlier) -> list[Value]:
    """The response given to an outcome before, if it is still of these facts; otherwise the waiver that accepts it."""
    given = response_to(finding, earlier)
    if given is not None:
        return _given(given)
    waiver = finding.waiver
    return ["waive", waiver.reason, waiver.approved_by, waiver.until] if waiver is not None else [""] * len(RESPONSES)


def response_to(finding: Finding, earlier: Earlier) -> Row | None:
    """The first response given to an outcome before that is still of these facts and this rule."""
    given = earlier.responses.get((finding.rule.id, finding.ref), ())
    return next((one for one in given if still_holds(one, finding.fingerprint, finding.rule.fingerprint)), None)


def not_carried(rows: Sequence[Listed], earlier: Earlier) -> list[Lost]:
    """The responses and notes on earlier findings that are not carried over, with the reason; equal ones once."""
    present: Mapping[Key, Finding] = {(one.finding.rule.id, one.finding.ref): one.finding for one in rows}
    return list(dict.fromkeys([*_responses_lost(present, earlier), *_notes_lost(present, earlier)]))


def _responses_lost(present: Mapping[Key, Finding], earlier: Earlier) -> Iterator[Lost]:
    for key, responses in earlier.responses.items():
        finding = present.get(key)
        kept = response_to(finding, earlier) if finding is not None else None
        for response in responses:
            if kept is not None and _given(response) == _given(kept):
                continue
            if finding is None:
                why = _absent(key)
            elif response.get(normal(RULE_FINGERPRINT)) != finding.rule.fingerprint:
                why = "the rule has changed since"
            elif response.get(normal(FINGERPRINT)) != finding.fingerprint:
                why = "the facts have changed since"
            else:
                why = "on a second row of a finding"
            said = "; ".join(_words(value) for value in _given(response) if value != "")
            yield Lost("response", _called(key), said, why)


def _notes_lost(present: Mapping[Key, Finding], earlier: Earlier) -> Iterator[Lost]:
    for heading, notes in earlier.added.items():
        for key, noted in notes.items():
            kept = noted[:1] if key in present else ()
            why = "on a second row of a finding" if kept else _absent(key)
            for note in noted:
                if note not in kept:
                    yield Lost("note", _called(key), f"{heading}: {_words(note)}", why)


def _given(response: Row) -> list[Value]:
    return [response.get(normal(heading), "") for heading in RESPONSES]


def _called(key: Key) -> str:
    return " ".join(key).strip()


def _absent(key: Key) -> str:
    return "no longer found" if key[0] else "on the row of no finding"


def _set_up(sheet: Worksheet, rows: int) -> None:
    letters = {heading: get_column_letter(number) for number, heading in enumerate(FINDINGS_HEADINGS, 1)}
    for heading in RESPONSES if rows else ():
        allowed = DataValidation(
            type="list" if heading == "Response" else "date" if heading == "Until" else None,
            formula1={"Response": f'"{",".join(_RESPONSES)}"', "Until": _FIRST_DAY}.get(heading),
            operator="greaterThanOrEqual" if heading == "Until" else None,
            allow_blank=True,
            showErrorMessage=heading in ("Response", "Until"),
            showInputMessage=True,
            prompt=_HINTS[heading],
            error=_HINTS[heading],
        )
        allowed.add(f"{letters[heading]}2:{letters[heading]}{rows + 1}")
        sheet.add_data_validation(allowed)
    sheet.freeze_panes = f"{letters['Finding']}2"
    sheet.page_setup.paperSize = _A3
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "Page &P of &N"
    sheet.sheet_properties.tabColor = "1F3864"


def _words(value: Value) -> str:
    """The text written in a cell."""
    return show_date(value) if not isinstance(value, str | int | float) else str(value)
