"""What officers have written on the sheets of a workbook that was returned before: responses, and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tipstaff.facts.vocabulary import normal
from tipstaff.register.own_sheets import (
    FINDINGS,
    FINGERPRINT,
    QUESTIONS,
    RESPONSES,
    RULE_FINGERPRINT,
    SUMMARY,
    headings,
    own_sheet,
)
from tipstaff.register.sheet import Raw, Sheet, is_blank
from tipstaff.register.writing import Value

Row = Mapping[str, Value]
"""The cells of a row by the ``normal`` spellings of their headings; blank ones are empty texts."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The sheets of an earlier audit in a workbook.

    ``titles`` are theirs, by which of the sheets they are. ``responses`` are those given, by rule and reference.
    ``answered`` are the rows of questions with an answer, by the row they stood in, which moves them to the next.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    responses: Mapping[tuple[str, str], Row] = field(default_factory=dict)
    answered: Mapping[int, Row] = field(default_factory=dict)

    def moved(self, cell: str) -> str:
        """A place as it will be: on the sheet of questions what is answered stands first."""
        title, mark, reference = cell.rpartition("!")
        if not mark or title != self.titles.get(QUESTIONS):
            return cell
        letters = reference.rstrip("0123456789")
        rows = {old: new for new, old in enumerate(self.answered, 2)}
        row = rows.get(int(reference.removeprefix(letters) or 0))
        return f"{title}!{letters}{row}" if row is not None else cell


def earlier(sheets: Sequence[Sheet]) -> Earlier:
    """What stands on the sheets of an earlier audit, of all the sheets of a workbook."""
    titles: dict[str, str] = {}
    responses: dict[tuple[str, str], Row] = {}
    answered: dict[int, Row] = {}
    for sheet in sheets:
        own = own_sheet(sheet)
        if own is None or own in titles:
            continue
        titles[own] = sheet.title
        if own == SUMMARY:
            continue
        named = headings(sheet.rows[0])
        for number, cells in enumerate(sheet.rows[1:], 2):
            row = {heading: _value(cell) for heading, cell in zip(named, cells, strict=False) if heading}
            if own == FINDINGS and any(row.get(normal(heading)) for heading in RESPONSES):
                responses[str(row.get("rule", "")), str(row.get("ref", ""))] = row
            elif own == QUESTIONS and row.get("value", "") != "":
                answered[number] = row
    return Earlier(titles, responses, answered)


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
