"""Raw sheets from a file: which kind of file it is, and the cells it holds."""

import io
import pickle
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from tipstaff.errors import UnreadableError
from tipstaff.register.files import spreadsheet_worker as spreadsheet_process
from tipstaff.register.files.csv_json import read_text
from tipstaff.register.files.sheet import Cells, Grid, Sheet, plain

MOST_BYTES = 100_000_000
"""The largest file that is read."""

_BEGINNING = 65_536
_MOST_SECONDS = 120
_MOST_MERGED = 1_000_000
_KINDS = "a workbook (.xlsx, .xls, .ods), a CSV or a JSON file"
_SAVE_AGAIN = "Open it in a spreadsheet program and save it again as .xlsx."


def read_bytes(path: Path, most: Callable[[bytes], int] = lambda beginning: MOST_BYTES) -> bytes:
    """The content of a file. Raises UnreadableError if there is none, or too much.

    ``most`` gives the most bytes that a file may have, by how it begins.
    """
    name = plain(path.name)
    try:
        if path.is_dir():
            raise UnreadableError(f"{name or path} is a folder. Name a file in it: {_KINDS}.")
        if not path.exists():
            raise UnreadableError(f"There is no file {name} where the path says. Check its spelling.")
        if not path.is_file():
            raise UnreadableError(f"{name} is not an ordinary file. Name {_KINDS}.")
        with path.open("rb") as stream:
            data = stream.read(_BEGINNING)
            limit = most(data)
            data += stream.read(limit + 1 - len(data))
    except OSError as error:
        raise UnreadableError(f"{name} cannot be opened: {error.strerror}. Check that you may read it.") from error
    if len(data) > limit:
        raise UnreadableError(
            f"{name} is larger than {limit // 1_000_000} MB, too large to read. Of a register, remove pictures or "
            "split it; of an audit, record fewer rules with --only."
        )
    return data


def is_workbook(data: bytes) -> bool:
    """Whether the content of a file is a workbook's, by how it begins."""
    return data.startswith((b"PK", b"\xd0\xcf\x11\xe0"))


def read_sheets(data: bytes, name: str) -> list[Sheet]:
    """The sheets of a file called ``name`` (no folders), in its order. The content decides what kind of file it is.

    Raises UnreadableError if it is not a workbook, CSV or JSON file, or is damaged, protected or too large.
    """
    if not data.strip():
        raise UnreadableError(f"{name} is empty. Check that it was saved, or export it again.")
    if is_workbook(data):
        with Spreadsheet(data, name) as spreadsheet:
            return spreadsheet.sheets()
    if data.startswith(b"%PDF"):
        raise UnreadableError(f"{name} is a PDF. Use the workbook that it was made from.")
    text, recoded = _decoded(data, name)
    if text.lstrip()[:9].lower().startswith(("<html", "<!doctype", "<?xml", "<table")):
        raise UnreadableError(f"{name} is a web page or other XML, not a workbook. {_SAVE_AGAIN}")
    sheets = read_text(text, name)
    return [replace(sheet, recoded=recoded if place == 0 else "") for place, sheet in enumerate(sheets)]


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    """The text of a file, and which lines of it are no UTF-8 and were read as Windows-1252."""
    if b"\0" in data:
        raise _no_text(name, data[: data.index(b"\0")].count(b"\n") + 1)
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    pieces: list[str] = []
    recoded: list[int] = []
    for number, line in enumerate(io.BytesIO(data), 1):
        try:
            pieces.append(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError:
            recoded.append(number)
            try:
                pieces.append(line.decode("cp1252"))
            except UnicodeDecodeError:
                raise _no_text(name, number) from None
    more = f" and {len(recoded) - 1:,} more" if len(recoded) > 1 else ""
    return "".join(pieces), f"line {recoded[0]:,}{more}"


def _no_text(name: str, line: int) -> UnreadableError:
    return UnreadableError(
        f"{name} is neither a workbook (.xlsx, .xls, .ods) nor, from line {line:,} on, CSV or JSON in UTF-8 or "
        "Windows-1252. Open it in the program that made it and save it as one of these."
    )


class _PlainValues(pickle.Unpickler):
    """Loads numbers, texts, lists and dates, and nothing that could run."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in ("date", "datetime", "time", "timedelta"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no value of a cell")


class Spreadsheet:
    """A workbook that is read, from when this is made to its exit, by a process of its own."""

    def __init__(self, data: bytes, name: str) -> None:
        """Begin to read the content of a file called ``name``. Raises UnreadableError."""
        if data.startswith(b"\xd0") and "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableError(f"{name} is protected by a password. Remove the password, and save it again.")
        self.data = data
        self.name = name
        command = [sys.executable, "-P", spreadsheet_process.__file__]
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise UnreadableError(
                f"{name} cannot be read: the reader of workbooks did not start ({error.strerror})."
            ) from error
        self._threads = ThreadPoolExecutor(1)
        self._answer = self._threads.submit(self.process.communicate, data, _MOST_SECONDS)

    def __enter__(self) -> "Spreadsheet":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self._threads.shutdown()
        self.process.wait()

    def sheets(self) -> list[Sheet]:
        """Its sheets, in its order. Raises UnreadableError if it is damaged, protected or too large."""
        try:
            said, _ = self._answer.result()
            answer = _PlainValues(io.BytesIO(said)).load()
        except subprocess.TimeoutExpired:
            answer = f"could not be read within {_MOST_SECONDS} seconds"
        except (pickle.UnpicklingError, EOFError):
            answer = "is damaged, or takes more memory or time to read than is allowed"
        if isinstance(answer, str):
            raise UnreadableError(f"{self.name} {answer}. {_SAVE_AGAIN}")
        found: list[Sheet] = []
        for title, height, columns, merged in answer:
            codes = [array("I", held) for _, held in columns]
            covered = _fill_down([values for values, _ in columns], codes, height, merged)
            cells = [Cells(values, own) for (values, _), own in zip(columns, codes, strict=True)]
            found.append(Sheet(title, Grid(cells, height), name=title, covered=covered))
        return found


@contextmanager
def begun(path: Path) -> Iterator[Spreadsheet | None]:
    """A workbook read in the background; None for other files, and for a workbook that its reading refuses."""
    spreadsheet = None
    with suppress(OSError, UnreadableError):
        if path.is_file():
            with path.open("rb") as stream:
                beginning = stream.read(8)
            if is_workbook(beginning):
                spreadsheet = Spreadsheet(read_bytes(path), plain(path.name))
    if spreadsheet is None:
        yield None
        return
    with spreadsheet:
        yield spreadsheet


def _fill_down(
    values: Sequence[list[Any]],
    codes: Sequence[MutableSequence[int]],
    height: int,
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
) -> frozenset[tuple[int, int]]:
    """Give the value of a cell merged down its column to the cells it covers, and return their positions."""
    covered: set[tuple[int, int]] = set()
    work = 0
    for (top, left), (bottom, right) in merged:
        if left != right or top >= height or left >= len(codes) or values[left][codes[left][top]] == "":
            continue
        bottom = min(bottom, height - 1)
        work += bottom - top
        if work > _MOST_MERGED:
            break
        for row in range(top + 1, bottom + 1):
            if values[left][codes[left][row]] == "":
                codes[left][row] = codes[left][top]
                covered.add((row, left))
    return frozenset(covered)
