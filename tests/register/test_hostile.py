"""Whatever a file holds, a register comes of it, or an UnreadableError in one paragraph; and soon."""

import io
import json
import random
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.sources import ROWS, ods, with_part, write_workbook, xls, xlsx
from tipstaff.errors import UnreadableError
from tipstaff.facts.vocabulary import Vocabulary
from tipstaff.register.reading import read_register
from tipstaff.register.tables import problems
from tipstaff.register.tables.model import Register

SHEET = "xl/worksheets/sheet1.xml"
START = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = "</sheetData></worksheet>"


def with_cells(cells: str) -> bytes:
    return with_part(SHEET, f"{START}{cells}{END}".encode())


def lying_about_size(data: bytes) -> bytes:
    """Let the directory of a zip claim that every part holds ten bytes."""
    position = data.find(b"PK\x01\x02")
    changed = bytearray(data)
    while position >= 0:
        changed[position + 24 : position + 28] = struct.pack("<I", 10)
        position = data.find(b"PK\x01\x02", position + 4)
    return bytes(changed)


FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
STRINGS = (
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="9999999999999"><si/></sst>'
)
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600

UNREADABLE = {
    "empty": (b"", "is empty"),
    "blank": (b"  \n ", "is empty"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "is a PDF"),
    "web page": (b"<html><table><tr><td>Name</td></tr></table>", "web page"),
    "garbage": (bytes(range(256)), "neither a workbook"),
    "zip of nothing": (b"PK\x05\x06" + b"\0" * 18, "damaged"),
    "cut off": (xlsx(ROWS)[:2000], "damaged"),
    "word": (with_part("word/document.xml", b"<w/>"), "Word document"),
    "binary workbook": (with_part("xl/workbook.bin", b"x"), "xlsb"),
    "far cell": (with_cells(FAR), "more memory or time|reaches too far"),
    "many strings": (with_part("xl/sharedStrings.xml", STRINGS), "damaged"),
    "locked": (LOCKED, "password"),
    "locked ods": (with_part("META-INF/manifest.xml", b"<m:encryption-data/>", ods(ROWS)), "password"),
    "broken xls": (xls(ROWS)[:1500], "damaged"),
    "json broken": (b'{"partnerships": [', "line 1"),
    "json deep": (b"[" * 100_000, "too deeply"),
    "json key twice": (b'[{"name": "a", "name": "b"}]', "occurs twice"),
    "json keys": (json.dumps([{f"k{i}": 1} for i in range(1500)]).encode(), "different keys"),
    "csv with nul": (b"Name,Purpose\nA\0,B\n", "neither a workbook"),
    "csv unclosed": (b'Name,Purpose\n"A,B\nC,D\n', "line"),
    "csv long field": (b"Name,Purpose\n" + b"x" * 200_000 + b",B\n", "field"),
    "csv of one column": (b"a\nb\nc\n", "no register"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_cannot_be_read_says_so_in_one_paragraph(read_text, case):
    content, words = UNREADABLE[case]
    with pytest.raises(UnreadableError, match=words) as raised:
        read_text(content, "register.xlsx")
    assert str(raised.value).startswith("register.xlsx ")
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("disguise", [bytes, lying_about_size])
def test_a_bomb_is_not_unpacked(read_text, disguise):
    stream = io.BytesIO(xlsx(ROWS))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as target, target.open("xl/more.xml", "w") as part:
        for _ in range(270):
            part.write(b" " * 1024**2)
    with pytest.raises(UnreadableError, match="unpacks to more than 256 MB"):
        read_text(disguise(stream.getvalue()))


def test_a_size_that_a_zip_states_wrongly_does_no_harm(read_text):
    with pytest.raises(UnreadableError):
        read_text(lying_about_size(with_cells('<row r="1"><c r="A1"><v>1</v></c></row>')))


def test_a_long_cell_is_a_located_problem(read_text):
    register = read_text(f"Name,Purpose\nShelter,{'x' * 40_000}\n")
    (problem,) = register.problems
    assert problem.cell == "register.csv:2"
    assert len(problem.value) <= 60


def test_many_problems_are_counted_and_not_all_listed(read_text, monkeypatch):
    monkeypatch.setattr(problems, "MOST_PROBLEMS", 10)
    register = read_text("Name,Type\n" + "".join(f"P{i},nonsense\n" for i in range(15)))
    assert len(register.problems) == 11
    assert register.problems[-1].value == "5 further problems"


def test_contact_details_stand_nowhere_in_a_register(read_text):
    secrets = ["secret@example.org", "=secret", "#REF!secret", "secret" * 8_000]
    register = read_text(
        json.dumps(
            {
                "partnerships": [{"name": str(i), "contact_details": secret} for i, secret in enumerate(secrets)]
                + [{"name": "x", "contact_details": {"a": "secret"}}],
                "answers": [{"name": str(i), "fact": "contact details", "value": "secret"} for i in range(5)],
            }
        ),
        "register.json",
    )
    assert "secret" not in repr(register)


def _read(content: bytes, name: str, folder: Path, vocabulary: Vocabulary) -> None:
    path = folder / name
    path.write_bytes(content)
    try:
        register = read_register(path, vocabulary)
    except UnreadableError:
        return
    assert isinstance(register, Register)
    assert len(set(register.refs)) == len(register.refs) == len(register.tables["partnerships"])
    for rows in register.tables.values():
        assert {len(values) for values in rows.columns.values()} <= {len(rows)}
        assert len(rows.partnership) == len(rows.sheet) == len(rows.letter) == len(rows)
    json.dumps([register.refs, [str(problem) for problem in register.problems]]).encode("utf-8")
    repr(register).encode("utf-8")


NAMES = st.sampled_from(["r.xlsx", "r.xls", "r.ods", "r.csv", "r.json", "r"])
BYTES = st.tuples(st.sampled_from([b"", b"{", b"[", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"]), st.binary(max_size=200))


@settings(max_examples=60)
@given(content=BYTES.map(b"".join), name=NAMES)
@example(content=b"{}", name="r.json")
def test_any_bytes(content, name, vocabulary, tmp_path):
    _read(content, name, tmp_path, vocabulary)


CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["Name", "Theme", "Ref", "Total", "Financial arrangements", "Agreement dates", "£5k each", "2014-17"]
    ),
)


@settings(max_examples=100)
@given(rows=st.lists(st.lists(CELLS, max_size=6), max_size=6), delimiter=st.sampled_from(",;\t"))
def test_any_table_under_headings(rows, delimiter, vocabulary, tmp_path):
    headings = ["Name", "Theme", "Ref", "Financial arrangements", "Agreement dates", "Lead Officer"]
    lines = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [headings, *rows]]
    _read("\n".join(lines).encode("utf-8", "replace"), "r.csv", tmp_path, vocabulary)


TITLES = ["partnerships", "agreements", "risk", "answers", "contributions"]
KEYS = st.sampled_from([*TITLES, "name", "ref", "fact", "value", "council", "\ud800"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), CELLS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=20,
)


@settings(max_examples=100)
@given(content=st.dictionaries(KEYS, VALUES))
def test_any_json(content, vocabulary, tmp_path):
    content["partnerships"] = [{"name": "A", "purpose": "x"}, content.get("partnerships"), {"name": "A"}]
    _read(json.dumps(content).encode(), "r.json", tmp_path, vocabulary)


@pytest.mark.parametrize("base", [xlsx(ROWS), xls(ROWS), ods(ROWS)], ids=["xlsx", "xls", "ods"])
def test_damaged_workbooks(base, vocabulary, tmp_path):
    chance = random.Random(base[:64])
    for _ in range(15):
        content = bytearray(base)
        for _ in range(chance.choice([1, 4, 16])):
            content[chance.randrange(4, len(content))] = chance.choice([0, 255, chance.randrange(256)])
        _read(bytes(content), "r.xlsx", tmp_path, vocabulary)


def test_the_same_file_gives_the_same_register(vocabulary, tmp_path):
    path = write_workbook(
        tmp_path / "r.xlsx", {"Homes": [["Name", "Type"], ["A", "odd"], ["A", "odd"], ["B", "strategic"]]}
    )
    one, other = read_register(path, vocabulary), read_register(path, vocabulary)
    assert (one.refs, one.problems, one.sha256) == (other.refs, other.problems, other.sha256)
    assert [rows.columns for rows in one.tables.values()] == [rows.columns for rows in other.tables.values()]
