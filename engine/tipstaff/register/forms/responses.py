"""Responses: the waivers that officers entered on the Findings sheet of an audit's workbook."""

from collections.abc import Iterator

from tipstaff.errors import UnreadableError
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Fact, Kind, Term
from tipstaff.register.files.sheet import Sheet, plain
from tipstaff.register.files.source_file import read_sheets
from tipstaff.register.forms.waiver_entries import FIELDS, Written
from tipstaff.register.tables.cells import plain_text
from tipstaff.register.tables.headings import fact_spellings, header_among
from tipstaff.register.tables.model import Problem
from tipstaff.register.tables.problems import shortened
from tipstaff.register.tables.returned_sheets import FINDINGS as SHEET
from tipstaff.register.tables.returned_sheets import findings_columns, own_sheet

RESPONSES = ("accept", "dispute", "waive")
"""The answers that an officer may give to a finding."""

_RESPONSE = Fact("response", Kind.CHOICE, "response", "Response", choices=tuple(map(Term, RESPONSES)))
_REF = Fact("ref", Kind.TEXT, "reference", "Ref")
_COLUMNS = fact_spellings((*FIELDS.values(), _RESPONSE, _REF))


def read_responses(data: bytes, name: str) -> list[Written]:
    """The waivers of a workbook called ``name``: the rows of its sheet of findings whose response is "waive".

    A response that is none of ``RESPONSES`` is a waiver with a problem. Raises UnreadableError if the file is no
    workbook with such a sheet.
    """
    name = plain(name)
    sheets = read_sheets(data, name)
    titled = (sheet for sheet in sheets if normal(sheet.name or "") == normal(SHEET))
    sheet = next((sheet for sheet in sheets if own_sheet(sheet) == SHEET), next(titled, None))
    if sheet is None:
        raise UnreadableError(
            f"{name} has no sheet {SHEET}. Give the workbook that tipstaff check wrote, with its responses, or a YAML "
            "file of waivers."
        )
    return list(_waivers(sheet, name))


def _waivers(sheet: Sheet, name: str) -> Iterator[Written]:
    needed = (*FIELDS, _RESPONSE.name, _REF.name)
    header = header_among(sheet, _COLUMNS, lambda found: {"rule", "response"} <= found, close=False)
    lacking = [fact for fact in needed if header is None or fact not in header.columns]
    if header is None or lacking:
        headings = {fact.name: fact.heading for fact in (*FIELDS.values(), _RESPONSE, _REF)}
        wanted = ", ".join(headings[fact] for fact in lacking)
        raise UnreadableError(f"{name}: its sheet {sheet.name} lacks the headings {wanted}. Put them back.")
    own = findings_columns(sheet, header.row, name)
    columns = {**header.columns, **{_COLUMNS[heading]: own[heading] for heading in own.keys() & _COLUMNS.keys()}}
    for index in range(header.row + 1, len(sheet.rows)):
        row = sheet.rows[index]
        said = {word: row[column] if column < len(row) else "" for word, column in columns.items()}
        places = {word: f"{name}:{sheet.place(index, column)}" for word, column in columns.items()}
        response = plain_text(said.pop("response")) or ""
        place = places["response"]
        said["partnership"] = said.pop("ref") or said["partnership"]
        if normal(response) == "waive":
            yield Written(place, said, places)
        elif response and normal(response) not in RESPONSES:
            expected = f"{', '.join(RESPONSES[:-1])} or {RESPONSES[-1]}"
            yield Written(place, said, places, (Problem(place, shortened(response), expected),))
