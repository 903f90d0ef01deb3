"""The program that reads a spreadsheet in a process of its own.

python-calamine is native code. A damaged or hostile file can make it panic, or ask for so much memory that the whole
process is aborted, which nothing in Python can catch; so it runs here, under limits, and its caller outlives it. It is
run by its path, imports nothing of this library, takes the file on standard input and answers on standard output with
a pickle: a list of ``(title, number of rows, columns, merged ranges)``, or a text that says what is wrong. A column is
its values, mostly different, and by row the position of its value among them, as unsigned integers of four bytes.
"""

import gc
import io
import pickle
import re
import sys
import zipfile
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count, islice
from typing import Any

import python_calamine

_MOST_MEMORY = 2 * 1024**3
_MOST_SECONDS = 60
_MOST_PARTS = 10_000
_MOST_UNPACKED = 256 * 1024**2
_MOST_CELLS = 10_000_000
_ROWS_AT_ONCE = 200
_FIRST_ROWS, _MOSTLY = 50 * _ROWS_AT_ONCE, 0.9

_SOME_ERROR, _SOME_FORMULA = re.compile(rb't="e"'), re.compile(rb"<f\b")
_ERROR_CELL = re.compile(rb'(<c\b[^<>]*\s)t="e"')
_FORMULA_CELL = re.compile(rb"(<c\b[^<>]*)>\s*+<f\b[^<>]*(?:/>|>[^<]*</f>)\s*+(?:<v\s*/>|<v>\s*</v>)?\s*+</c>")
_TYPE = re.compile(rb'\st="[a-z]+"')
_ODS_CELL = re.compile(rb"<table:table-cell\b[^<>]*>")
_ODS_ERROR, _ODS_NO_TEXT = b'calcext:value-type="error"', b' office:string-value=""'
_UNCALCULATED = rb' t="str"><v>#UNCALCULATED!</v></c>'

_FOREIGN_PARTS = {
    "xl/workbook.bin": "is a binary workbook (.xlsb)",
    "word/document.xml": "is a Word document, not a workbook",
    "ppt/presentation.xml": "is a presentation, not a workbook",
}

Column = tuple[list[Any], bytes]
Sheet = tuple[str, int, list[Column], list[tuple[tuple[int, int], tuple[int, int]]]]


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """The fault of the file, as the end of a sentence that begins with its name."""


def limit_this_process() -> None:
    """Limit memory and processor time, where the system can."""
    try:
        import resource
    except ImportError:
        return
    for limit, most in (
        (resource.RLIMIT_AS, _MOST_MEMORY),
        (resource.RLIMIT_CPU, _MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        with suppress(OSError, ValueError):  # some systems know a limit and cannot set it
            resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def repacked(data: bytes) -> bytes:
    """The XML parts of a zipped workbook, unpacked under a limit whatever sizes it claims, in a zip not compressed.

    On the way cells that calamine would read as blank are made to say what they are: cells in error give the error
    (``#REF!``), and formulas stored without a result give ``#UNCALCULATED!``. (The older .xls is binary: there, cells
    in error stay blank.)
    """
    copy = io.BytesIO()
    room = _MOST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(copy, "w") as target:
        parts = {info.filename: info for info in source.infolist()}
        if len(source.infolist()) > _MOST_PARTS:
            raise Refused(f"holds more than {_MOST_PARTS:,} files")
        for part, reason in _FOREIGN_PARTS.items():
            if part in parts:
                raise Refused(reason)
        for part, info in parts.items():
            if not part.endswith((".xml", ".rels")) and part != "mimetype":
                continue
            info.file_size = room + 2  # so that what the zip claims does not end the reading
            with source.open(info) as stream:
                content = stream.read(room + 1)
            if part == "META-INF/manifest.xml" and b"encryption-data" in content:
                raise Refused("is protected by a password")
            room -= len(content)
            if room < 0:
                raise Refused(f"unpacks to more than {_MOST_UNPACKED // 1024**2} MB")
            target.writestr(zipfile.ZipInfo(part), _with_errors_shown(content))
    return copy.getvalue()


def _with_errors_shown(part: bytes) -> bytes:
    if _SOME_ERROR.search(part):
        part = _ERROR_CELL.sub(rb'\1t="str"', part)
    if _SOME_FORMULA.search(part):
        part = _FORMULA_CELL.sub(_uncalculated, part)
    if _ODS_ERROR in part:
        part = _ODS_CELL.sub(_shown_ods_error, part)
    return part


def _shown_ods_error(match: re.Match[bytes]) -> bytes:
    """An ODS cell in error states an empty text, which precedes the error that it shows."""
    cell = match[0]
    return cell.replace(_ODS_NO_TEXT, b"") if _ODS_ERROR in cell else cell


def _uncalculated(match: re.Match[bytes]) -> bytes:
    cell = match[1]
    return match[0] if b't="str"' in cell else _TYPE.sub(b"", cell) + _UNCALCULATED


def sheets(data: bytes) -> list[Sheet]:
    """Every worksheet with its rows from the first cell of the sheet on, hidden ones included."""
    if data.startswith(b"PK"):
        data = repacked(data)
    found: list[Sheet] = []
    room = _MOST_CELLS
    with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
        for metadata in workbook.sheets_metadata:
            if metadata.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(metadata.name)
            if sheet.start is None or sheet.end is None:
                found.append((metadata.name, 0, [], []))
                continue
            height, left, right = sheet.end[0] + 1, sheet.start[1], sheet.end[1] + 1
            room -= height * right
            if room < 0:
                raise Refused(f"reaches too far at sheet {metadata.name!r} ({height:,} rows by {right:,} columns)")
            held = [([""], bytes(4 * height))] * left + columns(sheet.iter_rows(), right - left)
            found.append((metadata.name, height, held, sheet.merged_cell_ranges or []))
    return found


def columns(rows: Iterator[Sequence[Any]], width: int) -> list[Column]:
    """The columns of rows, a few of which are held at a time; a yes is no 1.

    Where hardly a value returns, none is looked up after the first rows: each row then has its own.
    """
    different: list[Any] = [defaultdict(count().__next__) for _ in range(width)]
    codes = [array("I") for _ in range(width)]
    met = 0
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        met += len(some)
        for column, (values, held, cells) in enumerate(zip(different, codes, zip(*some, strict=True), strict=True)):
            if bool in {*map(type, cells)}:
                cells = tuple((cell,) if isinstance(cell, bool) else cell for cell in cells)
            if isinstance(values, list):
                held.extend(range(len(values), len(values) + len(cells)))
                values.extend(cells)
                continue
            held.extend(map(values.__getitem__, cells))
            if met == _FIRST_ROWS and len(values) > _MOSTLY * met:
                different[column] = list(values)
    plain = [[value[0] if isinstance(value, tuple) else value for value in values] for values in different]
    return [(values, held.tobytes()) for values, held in zip(plain, codes, strict=True)]


def answer(data: bytes) -> list[Sheet] | str:
    """The sheets, or what is wrong."""
    try:
        return sheets(data)
    except Refused as refusal:
        return str(refusal)
    except python_calamine.PasswordError:
        return "is protected by a password"
    except MemoryError:
        return "takes more memory than is allowed"
    except BaseException:  # a panic of native code is no Exception; whatever it was, the file is at fault
        return "is damaged, or not the kind of file that its beginning promises"


if __name__ == "__main__":
    limit_this_process()
    gc.disable()  # what is read holds no cycles, and stays until the end
    pickler = pickle.Pickler(sys.stdout.buffer, protocol=5)
    pickler.fast = True  # no object is repeated in it
    pickler.dump(answer(sys.stdin.buffer.read()))
