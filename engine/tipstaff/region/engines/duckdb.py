"""Shuffling by DuckDB: one query over all files, out of core, that writes a folder a part."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from tipstaff.errors import EngineError, UnreadableError
from tipstaff.region.engines.answering import answer_on_duckdb, connected
from tipstaff.region.engines.engine import T, in_turn
from tipstaff.region.engines.uniting import BLANKS, NOT_OF_KEY, PART, Union, complete, united
from tipstaff.register.files.sheet import plain
from tipstaff.register.tables.parquet import FILE, ROW

_GLOB = str.maketrans({mark: f"[{mark}]" for mark in "*?["})


class OnDuckDB:
    """The engine for one machine: it sorts and spills to disk what its memory does not hold."""

    def __init__(self, memory: str | None = None) -> None:
        self._settings: dict[str, str | bool | int | float | list[str]] = (
            {} if memory is None else {"memory_limit": memory}
        )

    def shuffle(
        self,
        files: Sequence[Path],
        by: Sequence[str],
        parts: int,
        into: Path,
        *,
        spelt: bool = False,
        columns: Sequence[str] | None = None,
    ) -> None:
        union = united(files, columns)
        _without_twins(union)
        keys = union.keys(by, spelt)
        key = _spelt(keys) if spelt else ", ".join(map(_name, keys))
        rows = " UNION ALL ".join(
            f"SELECT {_columns(union, schema, spelt)} FROM read_parquet([{', '.join(map(_path, alike))}], "
            f"hive_partitioning = false, filename = {_text(FILE)}, file_row_number = true)"
            for schema, alike in union.alike()
        )
        with complete(into, parts, union, spelt) as folder:
            query = (
                f"COPY (SELECT *, hash({key}) % {parts} AS {PART} FROM ({rows})) TO {_text(str(folder))} "
                f"(FORMAT parquet, PARTITION_BY ({PART}), OVERWRITE_OR_IGNORE true)"
            )
            settings = {**self._settings, "temp_directory": str(folder / ".spilt"), "preserve_insertion_order": False}
            try:
                with connected(settings) as connection:
                    connection.execute(query)
            except duckdb.Error as error:
                said = plain(str(error).partition("\n")[0])[:300]
                raise EngineError(
                    f"DuckDB could not shuffle {len(files)} files into {plain(str(into))}: {said}"
                ) from None

    def each(self, task: Callable[[int], T], parts: Iterable[int]) -> Iterator[T]:
        return in_turn(task, parts)

    answer = staticmethod(answer_on_duckdb)

    def close(self) -> None:
        """Nothing is held between shuffles."""


def _without_twins(union: Union) -> None:
    """DuckDB tells columns apart without regard to case."""
    known: dict[str, str] = {}
    for name in union.schema:
        other = known.setdefault(name.casefold(), name)
        if other != name:
            raise UnreadableError(
                f"The columns {plain(other)} and {plain(name)} below {plain(str(union.root))} differ in case alone, "
                "which DuckDB does not tell apart. Rename one."
            )


def _columns(union: Union, schema: Mapping[str, pl.DataType], spelt: bool) -> str:
    columns = [_column(name, schema.get(name), kind) for name, kind in union.schema.items()]
    if spelt:
        below = len(str(union.root)) + 1 + (union.root != union.root.parent)
        columns += [f"{_name(FILE)}[{below}:] AS {_name(FILE)}", f"file_row_number + 1 AS {_name(ROW)}"]
    return ", ".join(columns)


def _column(name: str, own: pl.DataType | None, kind: pl.DataType) -> str:
    column = _name(name)
    if own is None or own == pl.Null:
        column = "NULL"
    elif isinstance(own, pl.Datetime) and own.time_zone is not None:
        column = f"timezone({_text(own.time_zone)}, {column})"
    return f"CAST({column} AS {_sql_type(kind)}) AS {_name(name)}"


def _spelt(keys: Sequence[str]) -> str:
    """The first text that is not blank, as spellings of one reference have in common."""
    texts = [f"CAST({_name(name)} AS VARCHAR)" for name in keys]
    stated = [f"CASE WHEN NOT regexp_matches({text}, {_text(BLANKS)}) THEN {text} END" for text in texts]
    text = f"lower(coalesce({', '.join([*stated, 'NULL::VARCHAR'])}))"
    letters = f"regexp_replace({text}, {_text(NOT_OF_KEY)}, '', 'g')"
    return f"CASE WHEN {letters} = '' THEN trim({text}) ELSE {letters} END"


def _sql_type(kind: pl.DataType) -> str:
    return f"DECIMAL({kind.precision}, {kind.scale})" if isinstance(kind, pl.Decimal) else _SQL_TYPES[type(kind)]


_SQL_TYPES: dict[type[pl.DataType], str] = {
    pl.Boolean: "BOOLEAN", pl.Int8: "TINYINT", pl.Int16: "SMALLINT", pl.Int32: "INTEGER", pl.Int64: "BIGINT",
    pl.Float32: "FLOAT", pl.Float64: "DOUBLE", pl.String: "VARCHAR", pl.Date: "DATE", pl.Datetime: "TIMESTAMP",
}  # fmt: skip


def _path(path: Path) -> str:
    return _text(str(path).translate(_GLOB))


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
