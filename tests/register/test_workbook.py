"""Raw sheets from every format, the same whichever it is."""

import io
import json
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from tipstaff.register.model import UnreadableError
from tipstaff.register.sheet import column_letter
from tipstaff.register.workbook import read_bytes, read_sheets

ROWS = [["Name", "Amount", "Signed"], ["", "", ""], ["Shelter", 12000.5, True]]


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


@pytest.mark.parametrize("made", [xlsx(ROWS), xls(ROWS), ods(ROWS)], ids=["xlsx", "xls", "ods"])
@pytest.mark.parametrize("name", ["register.xlsx", "register.csv", "register"])
def test_the_content_decides_not_the_name(made, name):
    (sheet,) = read_sheets(made, name)
    assert (sheet.title, sheet.rows) == ("Homes", ROWS)
    assert sheet.place(2, 1) == "Homes!B3"


def test_the_same_content_as_text():
    (from_csv,) = read_sheets(b"Name,Amount,Signed\r\n\r\nShelter,12000.50,yes\r\n", "r.csv")
    assert from_csv.rows == [["Name", "Amount", "Signed"], [], ["Shelter", "12000.50", "yes"]]
    assert (from_csv.name, from_csv.place(2, 1)) == (None, "r.csv:3")
    homes, bare = (
        read_sheets(json.dumps(content).encode(), "r.json")[0]
        for content in ({"homes": [{"name": "Shelter"}, {"amount": 1.5}]}, [{"name": "Shelter"}])
    )
    assert homes.rows == [["name", "amount"], ["Shelter", None], [None, 1.5]]
    assert (homes.name, homes.place(2)) == ("homes", "r.json:homes[1]")
    assert (bare.name, bare.place(1)) == (None, "r.json[0]")


def test_rows_and_columns_keep_their_place_below_blank_ones():
    (sheet,) = read_sheets(xlsx([[], [], ["", "", "x"]]), "r.xlsx")
    assert sheet.rows[2][2] == "x"
    assert sheet.place(2, 2) == "Homes!C3"


def test_dates_and_times_come_as_such():
    (sheet,) = read_sheets(xlsx([[date(2014, 4, 1), datetime(2014, 4, 1, 9), time(9)]]), "r.xlsx")
    assert sheet.rows == [[date(2014, 4, 1), datetime(2014, 4, 1, 9), time(9)]]


def test_hidden_sheets_are_read_and_charts_are_not():
    workbook = openpyxl.Workbook()
    workbook.create_sheet("Hidden").sheet_state = "veryHidden"
    workbook.create_chartsheet("Chart")
    stream = io.BytesIO()
    workbook.save(stream)
    assert [sheet.title for sheet in read_sheets(stream.getvalue(), "r.xlsx")] == ["Sheet", "Hidden"]


def test_a_cell_merged_down_its_column_gives_its_value_to_all():
    rows = [["Title", ""], ["Name", "Lead"], ["A", "x"], ["B", ""], ["C", ""]]
    (sheet,) = read_sheets(xlsx(rows, merged=["A1:B1", "B3:B5"]), "r.xlsx")
    assert [row[1] for row in sheet.rows] == ["", "Lead", "x", "x", "x"]
    assert sheet.covered == {(3, 1), (4, 1)}


def test_cells_in_error_and_formulas_without_a_result_show():
    (sheet,) = read_sheets(xlsx([["x", "=1+1", "#REF!"]]), "r.xlsx")
    assert sheet.rows == [["x", "#UNCALCULATED!", "#REF!"]]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("a;b;c\n1,5;2,5;3\n", [["a", "b", "c"], ["1,5", "2,5", "3"]]),
        ("a\tb\n1, and 2\t3\n", [["a", "b"], ["1, and 2", "3"]]),
        ('Title of it, and more\na,b\n"x, y",2\n', [["Title of it", " and more"], ["a", "b"], ["x, y", "2"]]),
        ('a,b\n"two\nlines",2\n', [["a", "b"], ["two\nlines", "2"]]),
        ("a,b\n\u2028x,2\n", [["a", "b"], ["\u2028x", "2"]]),
    ],
)
def test_delimiters_of_csv(content, rows):
    (sheet,) = read_sheets(content.encode(), "r.csv")
    assert sheet.rows == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings_of_csv(encoding):
    (sheet,) = read_sheets("Name,Amount\nCafé,£5k\n".encode(encoding), "r.csv")
    assert sheet.rows[1] == ["Café", "£5k"]


def test_a_list_of_plain_values_in_json_is_one_text():
    (sheet,) = read_sheets(json.dumps([{"parties": ["North", None, 2], "deep": [["x"]]}]).encode(), "r.json")
    assert sheet.rows[1] == ["North, 2", [["x"]]]


def test_what_is_no_object_in_json_never_passes_for_a_cell():
    (sheet,) = read_sheets(json.dumps([{"name": "A"}, "B", ["C"]]).encode(), "r.json")
    assert sheet.rows[2:] == [[["B"]], [[["C"]]]]


@pytest.mark.parametrize(
    ("path", "words"),
    [("nowhere.xlsx", "no file nowhere.xlsx"), (".", "folder"), ("nul\0l", "names no file")],
)
def test_what_is_no_file(tmp_path: Path, path, words):
    with pytest.raises(UnreadableError, match=words):
        read_bytes(tmp_path / path)


@pytest.mark.parametrize(("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")])
def test_letters_of_columns(column, letters):
    assert column_letter(column) == letters
