"""Raw sheets from every format, the same whichever it is."""

import io
import json
import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from support.sources import ROWS, ods, with_part, xls, xlsx
from tipstaff.errors import UnreadableError
from tipstaff.register.files.sheet import column_letter
from tipstaff.register.files.source_file import begun, read_bytes, read_sheets


@pytest.mark.parametrize("made", [xlsx(ROWS), xls(ROWS), ods(ROWS)], ids=["xlsx", "xls", "ods"])
@pytest.mark.parametrize("name", ["register.xlsx", "register.csv", "register"])
def test_the_content_decides_not_the_name(made, name):
    (sheet,) = read_sheets(made, name)
    assert (sheet.title, list(sheet.rows)) == ("Homes", ROWS)
    assert sheet.place(2, 1) == "Homes!B3"


def test_a_workbook_that_is_read_meanwhile_is_the_same(tmp_path: Path):
    path = tmp_path / "r.xlsx"
    path.write_bytes(data := xlsx(ROWS))
    with begun(path) as workbook:
        assert workbook is not None
        path.write_bytes(b"changed since")
        assert workbook.data == data
        both = [
            [(sheet.title, list(sheet.rows)) for sheet in one]
            for one in (workbook.sheets(), read_sheets(data, "r.xlsx"))
        ]
        assert both[0] == both[1]
    assert workbook.process.returncode is not None


@pytest.mark.parametrize(
    "content", [None, b"", b"Name\r\nShelter\r\n", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")]
)
def test_what_is_no_workbook_is_not_begun(tmp_path: Path, content: bytes | None):
    if content is not None:
        (tmp_path / "r.xlsx").write_bytes(content)
    for path in (tmp_path / "r.xlsx", tmp_path):
        with begun(path) as workbook:
            assert workbook is None


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
    (sheet,) = read_sheets(xlsx([[date(2014, 4, 1), datetime.combine(date(2014, 4, 1), time(9)), time(9)]]), "r.xlsx")
    assert list(sheet.rows) == [[date(2014, 4, 1), datetime.combine(date(2014, 4, 1), time(9)), time(9)]]


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
    assert list(sheet.rows) == [["x", "#UNCALCULATED!", "#REF!"]]


def test_an_ods_cell_in_error_shows():
    cell = (
        b'<table:table-cell xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
        b'office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p>'
    )
    made = ods([["HERE"]])
    with zipfile.ZipFile(io.BytesIO(made)) as source:
        content = source.read("content.xml")
    before = re.search(rb"<table:table-cell[^<>]*><text:p>HERE</text:p>", content)
    assert before is not None
    (sheet,) = read_sheets(with_part("content.xml", content.replace(before[0], cell), made), "r.ods")
    assert list(sheet.rows) == [["#DIV/0!"]]


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
    assert list(sheet.rows) == rows


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
    [("nowhere.xlsx", "no file nowhere.xlsx"), (".", "folder"), ("nul\0l", "no file nul l")],
)
def test_what_is_no_file(tmp_path: Path, path, words):
    with pytest.raises(UnreadableError, match=words):
        read_bytes(tmp_path / path)


@pytest.mark.parametrize(
    ("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_letters_of_columns(column, letters):
    assert column_letter(column) == letters
