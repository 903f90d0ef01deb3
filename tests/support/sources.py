"""Registers made for a test, in every format."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from tipstaff.register.tables.model import Problem, Register

Sheets = Mapping[str, Sequence[Sequence[Any]]]

ROWS = [["Name", "Amount", "Signed"], ["", "", ""], ["Shelter", 12000.5, True]]


def write_workbook(path: Path, sheets: Sheets) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def xlsx(rows, merged=()) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Homes"
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    for cells in merged:
        sheet.merge_cells(cells)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def xls(rows) -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Homes")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell != "":
                sheet.write(number, column, cell)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def ods(rows) -> bytes:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Homes")
    document.spreadsheet.addElement(table)
    for row in rows:
        line = TableRow()
        table.addElement(line)
        for cell in row:
            if isinstance(cell, bool):
                line.addElement(TableCell(valuetype="boolean", booleanvalue=str(cell).lower()))
            elif isinstance(cell, float):
                line.addElement(TableCell(valuetype="float", value=str(cell)))
            else:
                made = TableCell(valuetype="string") if cell else TableCell()
                if cell:
                    made.addElement(P(text=cell))
                line.addElement(made)
    stream = io.BytesIO()
    document.write(stream)
    return stream.getvalue()


def with_part(part: str, content: bytes, base: bytes | None = None) -> bytes:
    """A workbook with one part replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base or xlsx(ROWS))) as source, zipfile.ZipFile(stream, "w", 8) as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, source.read(name))
        target.writestr(part, content)
    return stream.getvalue()


def at(register: Register, cell: str) -> list[Problem]:
    """The problems of one place."""
    return [problem for problem in register.problems if problem.cell == cell]
