"""Uniting Parquet files by the names of their columns: one type a column, whichever engine reads them."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tipstaff.errors import UnreadableError
from tipstaff.register.files.sheet import plain
from tipstaff.register.tables.parquet import FILE, ROW, readable, scanned

PART = "part"
"""The column that a shuffle adds beside those that place a row: the name of its folder."""

BLANKS = r"^\s*$"
NOT_OF_KEY = "[^0-9a-z]"
"""Characters left out of a reference, in lower case, before it decides on the part."""

_INTEGERS: dict[Any, Any] = {
    pl.Int8: pl.Int8(), pl.Int16: pl.Int16(), pl.Int32: pl.Int32(), pl.Int64: pl.Int64(),
    pl.UInt8: pl.Int16(), pl.UInt16: pl.Int32(), pl.UInt32: pl.Int64(), pl.UInt64: pl.Int64(),
}  # fmt: skip
_MOST_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Union:
    """Parquet files that are read as one.

    Integers are signed, texts are strings, times have no zone and microseconds, and a column of nothing is of strings.
    Where files differ, a column has the wider type; text, where one of them has text.
    """

    files: tuple[Path, ...]
    schemas: tuple[dict[str, pl.DataType], ...]
    """The columns of every file that are kept, as it has them."""
    schema: dict[str, pl.DataType]
    """The columns of all."""
    root: Path
    """The folder that all files have in common; if several are directly in one folder, the folder above it."""

    def alike(self) -> list[tuple[dict[str, pl.DataType], list[Path]]]:
        """The files grouped by their own columns."""
        groups: dict[tuple[tuple[str, str], ...], tuple[dict[str, pl.DataType], list[Path]]] = {}
        for file, schema in zip(self.files, self.schemas, strict=True):
            key = tuple(sorted((name, repr(kind)) for name, kind in schema.items()))
            groups.setdefault(key, (schema, []))[1].append(file)
        return list(groups.values())

    def keys(self, by: Sequence[str], spelt: bool) -> list[str]:
        """Those columns of ``by`` that there are; all of them, unless they are alternatives."""
        lacking = [name for name in by if name not in self.schema]
        if lacking and not spelt:
            raise ValueError(f"no file has a column {', '.join(lacking)}")
        return [name for name in by if name in self.schema]


def united(files: Sequence[Path], columns: Sequence[str] | None = None) -> Union:
    """Parquet files as one, all their columns or some. Raises UnreadableError."""
    if not files:
        raise ValueError("no files to shuffle")
    kept = None if columns is None else {*columns}
    absolute = tuple(Path(os.path.abspath(file)) for file in files)
    schemas: list[dict[str, pl.DataType]] = []
    united: dict[str, pl.DataType] = {}
    first_of: dict[str, Path] = {}
    for file in absolute:
        with readable(file, plain(str(file))):
            stated = scanned([file]).collect_schema()
        own = {name: kind for name, kind in stated.items() if kept is None or name in kept}
        schemas.append(own)
        for name, kind in own.items():
            if name in (PART, FILE, ROW):
                raise UnreadableError(f"{plain(str(file))} has a column {name}, which is kept for parts. Rename it.")
            read_as = _read_as(kind)
            both = read_as if name not in united else read_as and _common(united[name], read_as)
            if both is None:
                other = f", in {plain(str(first_of[name]))} {united[name]}" if name in united else ""
                raise UnreadableError(
                    f"The column {plain(name)} of {plain(str(file))} is {str(kind)[:80]}{other}: it cannot be "
                    "shuffled. Write it in all files as one type, of texts, numbers, booleans or dates."
                )
            united[name] = both
            first_of.setdefault(name, file)
    schema = {name: pl.String() if kind == pl.Null else kind for name, kind in united.items()}
    folders = {file.parent for file in absolute}
    root = Path(os.path.commonpath(folders))
    if len(absolute) > 1 and len(folders) == 1:
        root = root.parent
    return Union(absolute, tuple(schemas), schema, root)


def _read_as(kind: pl.DataType) -> pl.DataType | None:
    """The type in which every engine reads and writes a column; None if there is none."""
    if kind in (pl.String, pl.Categorical, pl.Enum):
        return pl.String()
    if isinstance(kind, pl.Datetime):
        return pl.Datetime("us")
    same = (pl.Boolean, pl.Float32, pl.Float64, pl.Date, pl.Null)
    if isinstance(kind, same) or (isinstance(kind, pl.Decimal) and (kind.precision or 0) <= _MOST_DIGITS):
        return kind
    return _INTEGERS.get(type(kind))


def _common(a: pl.DataType, b: pl.DataType) -> pl.DataType | None:
    """The type of a column that two files have in two types; None if nothing suits both."""
    if a == b:
        return a
    if pl.Null in (a, b):
        return b if a == pl.Null else a
    kinds = {type(a), type(b)}
    if pl.String in kinds:
        other = b if a == pl.String else a
        return pl.String() if not other.is_float() and other != pl.Datetime else None
    if kinds == {pl.Date, pl.Datetime}:
        return pl.Datetime("us")
    if a.is_integer() and b.is_integer():
        return pl.Int64()
    if a.is_float() or b.is_float():
        return pl.Float64() if a.is_numeric() and b.is_numeric() else None
    if a.is_numeric() and b.is_numeric():
        scales = [one.scale for one in (a, b) if isinstance(one, pl.Decimal)]
        return pl.Decimal(_MOST_DIGITS, max(scales))
    return None


@contextmanager
def complete(into: Path, parts: int, union: Union, spelt: bool) -> Iterator[Path]:
    """A folder to write parts to. In the end it takes the place of ``into``, and every part has a file."""
    unfinished = into.parent / f".{into.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        schema = dict(union.schema)
        if spelt:
            schema |= {FILE: pl.String(), ROW: pl.Int64()}
        for part in range(parts):
            folder = unfinished / f"{PART}={part}"
            if not folder.exists():
                folder.mkdir()
                pl.DataFrame(schema=schema).write_parquet(folder / "none.parquet")
        shutil.rmtree(into, ignore_errors=True)
        unfinished.rename(into)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
