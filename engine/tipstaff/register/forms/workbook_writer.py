"""Writing workbooks: sheets of texts and dates under headings, laid out alike, for officers to fill in.

No text becomes a formula, and the same content makes the same bytes.
"""

import io
import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from tipstaff.register.files.sheet import plain
from tipstaff.register.files.zip_parts import UNDATED, packed
from tipstaff.register.tables.cells import MOST_CHARACTERS

MOST_ROWS = 500
"""The rows under the headings of a blank sheet that take drop-downs and hints."""

_LONGEST_LIST = 255
_LONGEST_HINT = 255
_LONGEST_TITLE = 31
_NOT_IN_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_MEANS_A_CHARACTER = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""Begins what a workbook reads as the code of a character."""

Value = str | int | float | bool | date
"""A value for a cell: a text, which stays a text, a number, a yes/no or a date."""

_DATE = "d mmmm yyyy"
_RISKY = ("=", "+", "-", "@")
_LINE_HEIGHT, _TALLEST_ROW = 15, 405
_FONT = "Calibri"
_TOP = Alignment(wrap_text=True, vertical="top")
_RULE = Border(bottom=Side("thin", color="FFD0D4DC"))
_HEAD = PatternFill("solid", fgColor="FF1F3864")
_TO_FILL_IN = PatternFill("solid", fgColor="FFFFF2CC")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width in characters, the note on its heading, and how its values are shown.

    ``fill_in`` sets it off as one to fill in, whose texts keep their lines; ``hidden`` keeps it out of sight.
    """

    heading: str
    width: int = 18
    note: str = ""
    shown_as: str = "General"
    fill_in: bool = False
    hidden: bool = False


class _Look(NamedTuple):
    """How a cell of a table is shown."""

    shown_as: str
    fill_in: bool
    quoted: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its cells, and what it is: a ``title``, a ``heading``, the ``head`` of a table, or text."""

    cells: Sequence[Value] = ()
    role: str = "text"


class Book:
    """A workbook in the making. ``made`` is the date it says it was made on."""

    def __init__(self, title: str, made: date = UNDATED) -> None:
        self._made = datetime.combine(made, time())
        self._workbook = Workbook()
        self._workbook.remove(self._workbook.worksheets[0])
        self._workbook.properties.title = plain(title)
        self._workbook.properties.creator = "tipstaff"
        self._looks: dict[_Look, StyleArray] = {}

    def text(self, title: str, paragraphs: Iterable[str]) -> None:
        """Add a sheet of text, a row a paragraph, the first of them its heading."""
        sheet = self._sheet(title)
        sheet.column_dimensions["A"].width = 110
        for row, paragraph in enumerate(paragraphs, 1):
            cell = sheet.cell(row, 1)
            _write(cell, paragraph)
            cell.font = Font(name=_FONT, bold=row == 1, size=14 if row == 1 else 11)

    def page(self, title: str, widths: Sequence[int], lines: Iterable[Line]) -> Worksheet:
        """Add a sheet of lines for people to read."""
        sheet = self._sheet(title)
        for number, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        for row, line in enumerate(lines, 1):
            for number, value in enumerate(line.cells, 1):
                cell = sheet.cell(row, number)
                _write(cell, value)
                if line.role == "head":
                    cell.font, cell.fill = Font(name=_FONT, bold=True, color="FFFFFFFF"), _HEAD
                elif line.role != "text":
                    cell.font = Font(name=_FONT, bold=True, size=16 if line.role == "title" else 13)
                    cell.alignment = Alignment(vertical="bottom")
                elif number == 1:
                    cell.font = Font(name=_FONT, bold=True)
            if line.role == "text":
                _make_room(sheet, row, line.cells, widths)
        return sheet

    def table(self, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]] = ()) -> Worksheet:
        """Add a sheet of rows under headings, which stay in sight, can be filtered, and print on every page."""
        sheet = self._sheet(title)
        for number, column in enumerate(columns, 1):
            cell = sheet.cell(1, number)
            _write(cell, column.heading)
            cell.font = Font(name=_FONT, bold=True, color="FFFFFFFF")
            cell.fill = _HEAD
            dimension = sheet.column_dimensions[get_column_letter(number)]
            dimension.width = column.width
            dimension.number_format = column.shown_as
            dimension.hidden = column.hidden
            if column.note:
                cell.comment = Comment(plain(column.note), "tipstaff", height=160, width=320)
        widths = [column.width for column in columns]
        for place, row in enumerate(rows, 2):
            for number, (value, column) in enumerate(zip(row, columns, strict=True), 1):
                cell = sheet.cell(place, number)
                _set(cell, value, in_lines=column.fill_in)
                shown_as = _DATE if isinstance(value, date) else column.shown_as
                self._dress(cell, _Look(shown_as, column.fill_in, _is_risky(value)))
            _make_room(sheet, place, row, widths)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{sheet.max_row}"
        sheet.print_title_rows = "1:1"
        return sheet

    def _dress(self, cell: Any, look: "_Look") -> None:
        """Give a cell of a table its look, worked out once: doing so takes longer than writing the cell."""
        if look in self._looks:
            cell._style = copy(self._looks[look])
            return
        cell.alignment, cell.border, cell.number_format = _TOP, _RULE, look.shown_as
        if look.fill_in:
            cell.fill = _TO_FILL_IN
        if look.quoted:
            cell.quotePrefix = True
        self._looks[look] = copy(cell._style)

    def data(self) -> bytes:
        """The workbook as a file, without a trace of the clock."""
        saved = io.BytesIO()
        self._workbook.save(saved)
        self._workbook.properties.created = self._workbook.properties.modified = self._made
        return packed(saved.getvalue(), {"docProps/core.xml": tostring(self._workbook.properties.to_tree())})

    def _sheet(self, title: str) -> Worksheet:
        sheet: Worksheet = self._workbook.create_sheet(plain(title).translate(_NOT_IN_TITLE)[:_LONGEST_TITLE])
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = "9"
        sheet.page_setup.fitToHeight = False
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        return sheet


def advise(
    sheet: Worksheet, cells: Iterable[str], hint: str, choices: Sequence[str] = (), *, strict: bool = True
) -> None:
    """Give cells a hint that shows when they are chosen, and a drop-down if there are choices.

    ``strict`` refuses what is not among the choices.
    """
    listed = ",".join(choices)
    inline = bool(choices) and len(listed) <= _LONGEST_LIST and not any(set(',"') & set(choice) for choice in choices)
    validation = DataValidation(
        type="list" if inline else None,
        formula1=f'"{listed}"' if inline else None,
        allow_blank=True,
        showErrorMessage=inline and strict,
        showInputMessage=True,
        prompt=plain(hint)[:_LONGEST_HINT],
        error=plain(f"Choose {hint}, or leave it blank.")[:_LONGEST_HINT] if inline and strict else None,
    )
    for cell in cells:
        validation.add(cell)
    sheet.add_data_validation(validation)


def _make_room(sheet: Worksheet, row: int, values: Sequence[Value], widths: Sequence[int]) -> None:
    """Make a row as high as its wrapped texts need; not every spreadsheet program does so itself."""
    lines = max(
        (
            sum(-(-10 * len(line) // (11 * width)) or 1 for line in value.split("\n"))
            for value, width in zip(values, widths, strict=False)
            if isinstance(value, str)
        ),
        default=1,
    )
    if lines > 1:
        sheet.row_dimensions[row].height = min(lines * _LINE_HEIGHT, _TALLEST_ROW)


def _write(cell: Cell | MergedCell, value: Value) -> None:
    """Write a value; a text as text, whatever it begins with."""
    _set(cell, value)
    cell.alignment = _TOP
    if isinstance(value, date):
        cell.number_format = _DATE
    elif _is_risky(value):
        cell.quotePrefix = True


def _set(cell: Cell | MergedCell, value: Value, *, in_lines: bool = False) -> None:
    if not isinstance(value, str):
        cell.value = value
    elif value:
        text = "\n".join(map(plain, value.split("\n"))).strip() if in_lines else plain(value)
        cell.value = _MEANS_A_CHARACTER.sub("_x005F_", text[:MOST_CHARACTERS])
        cell.data_type = "s"


def _is_risky(value: Value) -> bool:
    """Whether a text would be a formula if it were typed."""
    return isinstance(value, str) and plain(value[:_LONGEST_TITLE]).startswith(_RISKY)
