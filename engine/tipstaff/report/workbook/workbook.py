"""The workbook: the officer's own file returned, with findings, questions and a summary; otherwise these three alone.

The officer's file is changed in places and otherwise left as it is: see ``package``, ``cell_notes`` and ``grafting``.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.findings import REPORTED, Finding
from tipstaff.audit.questions.ranking import Question
from tipstaff.facts.spellings import normal
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.pack.model import SEVERITIES
from tipstaff.register.files.sheet import column_letter, place
from tipstaff.register.files.source_file import is_workbook, read_sheets
from tipstaff.register.forms.workbook_writer import Book
from tipstaff.register.tables.returned_sheets import FINDINGS, QUESTIONS, SUMMARY, may_be_own
from tipstaff.report.wording.phrases import many, shown
from tipstaff.report.wording.questions import by_officer
from tipstaff.report.workbook.cell_notes import Cell, Note, annotate, cell_of, ours
from tipstaff.report.workbook.earlier_responses import Earlier, earlier
from tipstaff.report.workbook.findings_sheet import COLOURS, MOST_LINKS, add_findings, listed, not_carried
from tipstaff.report.workbook.grafting import add_fills, graft
from tipstaff.report.workbook.package import Package, Workbook
from tipstaff.report.workbook.question_sheet import add_questions, question_columns
from tipstaff.report.workbook.summary_sheet import add_summary
from tipstaff.report.workbook.xml_parts import NotAsExpectedError

_LONGEST_NOTE = 1_200
_MOST_NAMED = 20
_ENDINGS = {
    "sheet.main": ".xlsx",
    "sheet.macroEnabled.main": ".xlsm",
    "template.main": ".xltx",
    "template.macroEnabled.main": ".xltm",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A workbook as a file, the ending that its name must have, and what there is to know of how it was written."""

    data: bytes
    ending: str
    remarks: tuple[str, ...]


def workbook(
    audit: Audit,
    source: bytes,
    questions: Sequence[Question],
    notes: Sequence[str] = (),
    responded: Iterable[tuple[bytes, str]] = (),
) -> Written:
    """The audit as a workbook.

    ``source`` is the content of the register's file: a workbook (.xlsx, .xlsm) that is a register is returned; of any
    other the three sheets are written alone, with what officers wrote on those that it has. ``notes`` is what else to
    say of how the workbook came to be made. ``responded`` are the contents and names of further workbooks whose
    responses are taken over. Raises UnreadableError.
    """
    given = [earlier(read_sheets(data, name), name) for data, name in responded]

    def before() -> Earlier:
        name = audit.register.name
        return (earlier(read_sheets(source, name), name) if is_workbook(source) else Earlier()).over(given)

    if not source.startswith(b"PK") or audit.register.councils:
        return _alone(audit, questions, notes, before())
    try:
        package = Package(source)
        if "mimetype" in package or "xl/workbook.bin" in package:
            return _alone(audit, questions, notes, before())
        officers = Workbook(package)
        titled = any(map(may_be_own, officers.titles()))
        return _Writing(audit, questions, notes, before() if titled else Earlier().over(given)).returned(officers)
    except NotAsExpectedError as error:
        return _alone(
            audit,
            questions,
            notes,
            before(),
            f"{audit.register.name} {error}, so it is not returned: this workbook has the findings, the questions and "
            "the summary alone. Open the register in a spreadsheet program, save it as .xlsx, and run this again.",
        )


def _alone(
    audit: Audit,
    questions: Sequence[Question],
    notes: Sequence[str],
    before: Earlier,
    *remarks: str,
) -> Written:
    writing = _Writing(audit, questions, notes, before)
    writing.remarks += remarks
    return Written(writing.book(lambda _: None).data(), ".xlsx", tuple(writing.remarks))


class _Writing:
    def __init__(
        self,
        audit: Audit,
        questions: Sequence[Question],
        notes: Sequence[str],
        before: Earlier,
    ) -> None:
        self.audit = audit
        self.rows = listed(audit, before.responded)
        self.questions = questions
        self.notes = notes
        self.earlier = before
        self.titles = {own: before.titles.get(own, own) for own in (SUMMARY, FINDINGS, QUESTIONS)}
        self.remarks: list[str] = []
        self.about: list[str] = []

    # The officer's workbook

    def returned(self, officers: Workbook) -> Written:
        """The officer's workbook with notes on its cells and the three sheets. Raises NotAsExpectedError."""
        package = officers.package
        self._title(officers.titles())
        sheets = {title: part for title, part in officers.sheets().items() if title not in self.titles.values()}
        fills = add_fills(officers, COLOURS)
        notes = self._notes()
        left: list[str] = []
        for title, part in sheets.items():
            for row, column in annotate(package, part, notes.get(title, {}), fills):
                left.append(place(title, row, column_letter(column - 1)))
        if left:
            more = f" and {len(left) - _MOST_NAMED} more" if len(left) > _MOST_NAMED else ""
            self.remarks.append(
                f"No comment was added to a cell that holds a conversation: {', '.join(left[:_MOST_NAMED])}{more}. "
                f"The findings there are on {self.titles[FINDINGS]}."
            )
        if any(name.startswith("_xmlsignatures/") for name in package.names()):
            self.remarks.append(
                f"{self.audit.register.name} was signed; the signature does not hold for what was added."
            )
        for title in self.earlier.titles.values():
            part = officers.sheets().get(title, "")
            kinds = {one.kind for one in package.relations(part)} if part else set()
            if kinds & {"comments", "threadedComment", "drawing", "table"}:
                self.remarks.append(
                    f"The sheet {title} was written again: comments, pictures and tables put on it by hand are not "
                    "carried over. The file that was audited still has them."
                )
        self.about.append(
            f"This is {self.audit.register.name} as it was audited, with the sheets {', '.join(self.titles.values())} "
            "added. Its own cells are as they were; those that findings rest on have a comment and, as long as the "
            "finding remains, a fill by severity (see the colours below)."
        )

        def link(cell: str) -> str | None:
            title, mark, reference = self.earlier.moved(cell).rpartition("!")
            if not mark or cell_of(reference) is None or title not in {*sheets, *self.earlier.titles.values()}:
                return None
            quoted = title.replace("'", "''")
            return f"'{quoted}'!{reference}"

        graft(officers, self.book(link).data())
        return Written(package.data(), self._ending(officers), tuple(self.remarks))

    def _title(self, taken: Sequence[str]) -> None:
        """Give the sheets that are not there yet titles that no sheet of the officer's has."""
        used = {title.casefold() for title in taken}
        for own in self.titles.keys() - self.earlier.titles.keys():
            titles = [own, f"{own} (tipstaff)", *(f"{own} (tipstaff {number})" for number in range(2, len(used) + 3))]
            self.titles[own] = next(title for title in titles if title.casefold() not in used)

    def _ending(self, officers: Workbook) -> str:
        stated = officers.package.type_of(officers.part)
        kind = stated.removesuffix("+xml").rpartition("spreadsheetml.")[2].removeprefix("application/vnd.ms-excel.")
        return _ENDINGS.get(kind, ".xlsx")

    def _notes(self) -> dict[str, dict[Cell, Note]]:
        """The notes for each cell of the officer's sheets: every finding and waived outcome about it."""
        on: dict[str, dict[Cell, list[Finding]]] = {}
        for one in self.rows:
            if one.finding.outcome is Outcome.UNDETERMINED:
                continue
            for stated in one.cells:
                title, _, reference = stated.rpartition("!")
                cell = cell_of(reference)
                if cell is not None:
                    on.setdefault(title, {}).setdefault(cell, []).append(one.finding)
        of = f"as of {show_date(self.audit.as_of)}"
        return {
            title: {cell: self._note(findings, of) for cell, findings in cells.items()} for title, cells in on.items()
        }

    def _note(self, findings: Sequence[Finding], of: str) -> Note:
        """The findings of a cell in one comment, worst first, and the worst severity of those not waived."""
        said: list[str] = []
        for number, finding in enumerate(findings):
            text = _said(finding)
            if said and sum(map(len, said)) + len(text) > _LONGEST_NOTE:
                said.append(f"And {len(findings) - number} more: see the sheet {self.titles[FINDINGS]}.")
                break
            said.append(shown(text, _LONGEST_NOTE))
        severities = [one.rule.severity for one in findings if one.outcome is Outcome.FINDING]
        return Note(ours("\n\n".join(said), of), min(severities, key=SEVERITIES.index, default=None))

    # The three sheets

    def book(self, link: Callable[[str], str | None]) -> Book:
        """The workbook of the three sheets."""
        book = Book(f"Audit of {self.audit.register.name}", self.audit.as_of)
        lost = not_carried(self.rows, self.earlier)
        if lost:
            counts = Counter(one.kind for one in lost)
            said = " and ".join(many(count, kind) for kind, count in counts.items())
            self.remarks.append(f"{said} given before not carried over: see the sheet {self.titles[SUMMARY]}.")
        self._tell_of_lost_columns()
        elsewhere = self._questions_elsewhere()
        add_summary(book, self.titles[SUMMARY], self.audit, [*self._about(), *elsewhere], lost, link)
        add_findings(book, self.titles[FINDINGS], self.audit, self.rows, self.earlier, link)
        self._add_questions(book)
        return book

    def _about(self) -> Iterator[str]:
        yield from self.about
        yield from self.remarks
        findings, questions = self.titles[FINDINGS], self.titles[QUESTIONS]
        yield (
            f"{findings} lists what was found, what is not known and what is waived, worst first; filter it by any "
            "column. Respond there: accept, dispute or waive, with the reason; a waiver needs who approves it and its "
            "last day. Then run tipstaff check on the register with this file under --waivers. The fingerprints, in "
            "hidden columns, tie a response to the facts and the rule it was given for."
        )
        yield (
            f"{questions} asks for the facts that settle most of what is not known. Answers written there are read "
            "when this workbook is audited again, or given to tipstaff check under --answers."
        )
        if added := self.earlier.added:
            yield (
                f"Columns that were added to {findings} by hand are kept: {', '.join(added)}. What they hold moves "
                "with its finding, as text, number or date; their formulas, drop-downs and formats do not."
            )
        yield from self.notes
        totals = self.audit.totals()
        if beyond := sum(totals[outcome] for outcome in REPORTED) - len(self.rows):
            yield (
                f"{beyond:,} more outcomes, of less weight, are on no sheet, and what they are about has no comment: "
                "there are more than anybody responds to. tipstaff check with -o findings.csv lists every one."
            )
        if 2 * len(self.rows) > MOST_LINKS:
            yield f"Only the first {MOST_LINKS:,} links are there, as a sheet takes no more; every cell is named."

    def _add_questions(self, book: Book) -> None:
        answers = self.audit.pack.vocabulary.table_of_shape(Shape.LONG)
        if answers is None:
            return
        asked = [one for group in by_officer(self.audit, self.questions).values() for one in group]
        rows = [(one, one.entry) for one in asked if one.entry is not None]
        title, answered = self.titles[QUESTIONS], list(self.earlier.answered.values())
        add_questions(book, title, answers, rows, self.audit.pack.vocabulary, answered)

    def _tell_of_lost_columns(self) -> None:
        """Tell of the columns that officers have added to the questions: those of the findings are kept."""
        answers = self.audit.pack.vocabulary.table_of_shape(Shape.LONG)
        own = question_columns(answers, self.audit.pack.vocabulary) if answers is not None else []
        known = {normal(column.heading) for column in own}
        lost = [heading for heading in self.earlier.asked_under if normal(heading) not in known]
        if lost:
            self.remarks.append(
                f"The sheet {self.titles[QUESTIONS]} was written again: columns added to it by hand are not carried "
                f"over ({', '.join(lost)}). The file that was audited still has them."
            )

    def _questions_elsewhere(self) -> Iterator[str]:
        asked = [one for group in by_officer(self.audit, self.questions).values() for one in group if one.entry is None]
        for one in asked:
            yield f"To be filled in on its own sheet: {one.name}: {one.text} ({one.allowed})"


def _said(finding: Finding) -> str:
    """A finding as a comment has it: how bad, which rule, what, and what to do."""
    rule = finding.rule
    severity = rule.severity.upper()
    if finding.waiver is not None:
        until = show_date(finding.waiver.until)
        return f"WAIVED until {until} ({finding.waiver.approved_by}) {rule.id}: {finding.message}"
    action = f" What to do: {rule.action.said}" if rule.action else ""
    return f"{severity} {rule.id}: {finding.message}{action}"
