"""The responses, notes and answers that officers wrote in a workbook that was returned before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tipstaff.facts.spellings import normal
from tipstaff.register.files.sheet import Raw, Sheet, column_letter, is_blank
from tipstaff.register.forms.workbook_writer import Value
from tipstaff.register.tables.returned_sheets import (
    FINDINGS,
    FINGERPRINT,
    QUESTIONS,
    RESPONSES,
    RULE_FINGERPRINT,
    findings_columns,
    headings,
    own_sheet,
)

Row = Mapping[str, Value]
"""The cells of a row by the ``normal`` spellings of their headings; blank ones are empty texts."""

Key = tuple[str, str]
"""The rule and the reference that a row of findings is of."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The sheets of an earlier audit in a workbook.

    ``titles`` are theirs, by which of the sheets they are. ``responses`` are those given: of a finding on several rows
    several. ``added`` are the columns that officers have added to the findings, by heading: what is written in them,
    row by row. ``answered`` are the rows of questions with an answer, by the row they were in, which moves them to the
    next; ``asked_under`` the headings above them.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    responses: Mapping[Key, Sequence[Row]] = field(default_factory=dict)
    added: Mapping[str, Mapping[Key, Sequence[Value]]] = field(default_factory=dict)
    answered: Mapping[int, Row] = field(default_factory=dict)
    asked_under: Sequence[str] = ()

    def over(self, others: Iterable["Earlier"]) -> "Earlier":
        """Add the responses and notes of other workbooks: a later one's go before an earlier one's, its own before
        all."""
        found = [*others, self]
        return replace(
            self,
            responses={key: given for one in found for key, given in one.responses.items()},
            added={
                heading: {key: noted for one in found for key, noted in one.added.get(heading, {}).items()}
                for heading in dict.fromkeys(heading for one in found for heading in one.added)
            },
        )

    @property
    def responded(self) -> set[Key]:
        """The findings that officers have written something about."""
        return {*self.responses, *(key for notes in self.added.values() for key in notes)}

    def moved(self, cell: str) -> str:
        """A future place: on the sheet of questions, answered rows come first."""
        title, mark, reference = cell.rpartition("!")
        if not mark or title != self.titles.get(QUESTIONS):
            return cell
        letters = reference.rstrip("0123456789")
        rows = {old: new for new, old in enumerate(self.answered, 2)}
        row = rows.get(int(reference.removeprefix(letters) or 0))
        return f"{title}!{letters}{row}" if row is not None else cell


def earlier(sheets: Sequence[Sheet], name: str) -> Earlier:
    """Read the sheets of an earlier audit, among all the sheets of a workbook called ``name``.

    Raises UnreadableError if its columns cannot be distinguished from those that officers added.
    """
    own = {kind: sheet for sheet in reversed(sheets) if (kind := own_sheet(sheet)) is not None}
    responses: dict[Key, list[Row]] = {}
    added: dict[str, dict[Key, list[Value]]] = {}
    if FINDINGS in own:
        columns, more = _columns(own[FINDINGS], name)
        added = {heading: {} for heading in more}
        for number, cells in enumerate(own[FINDINGS].rows[1:], 2):
            row = _row(columns, cells)
            key = (str(row.get("rule", "")), str(row.get("ref", ""))) if row.get("rule") else ("", f"row {number}")
            if any(row.get(normal(heading)) for heading in RESPONSES):
                responses.setdefault(key, []).append(row)
            for heading, place in more.items():
                if place < len(cells) and not is_blank(cells[place]):
                    added[heading].setdefault(key, []).append(_value(cells[place]))
    answered: dict[int, Row] = {}
    asked_under: list[str] = []
    if QUESTIONS in own:
        columns = headings(own[QUESTIONS].rows[0])
        asked_under = [str(cell) for cell in own[QUESTIONS].rows[0] if not is_blank(cell)]
        asked = {number: _row(columns, cells) for number, cells in enumerate(own[QUESTIONS].rows[1:], 2)}
        answered = {number: row for number, row in asked.items() if row.get("value", "") != ""}
    return Earlier({kind: sheet.title for kind, sheet in own.items()}, responses, added, answered, asked_under)


def _columns(sheet: Sheet, name: str) -> tuple[list[str], dict[str, int]]:
    """The columns of a sheet of findings: the ``normal`` spellings of its own, blank where one is not, and the places
    of those that officers have added, by heading; a column without one is called by its letter."""
    own = [""] * sheet.width(0)
    for heading, place in findings_columns(sheet, 0, name).items():
        own[place] = heading
    added: dict[str, int] = {}
    for place in (place for place, heading in enumerate(own) if not heading):
        said = str(_value(sheet.rows[0][place])) if place < len(sheet.rows[0]) else ""
        if said or any(place < len(row) and not is_blank(row[place]) for row in sheet.rows):
            letter = column_letter(place)
            heading = said or f"Column {letter}"
            added[heading if heading not in added else f"{heading} ({letter})"] = place
    return own, added


def _row(columns: Sequence[str], cells: Sequence[Raw]) -> Row:
    return {heading: _value(cell) for heading, cell in zip(columns, cells, strict=False) if heading}


def still_holds(response: Row, fingerprint: str, rule_fingerprint: str) -> bool:
    """Whether a response is of these facts and this rule."""
    return (response.get(normal(FINGERPRINT)), response.get(normal(RULE_FINGERPRINT))) == (
        fingerprint,
        rule_fingerprint,
    )


def _value(cell: Raw) -> Value:
    if is_blank(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell if isinstance(cell, Value) else str(cell)
