"""Shuffling by polars: batch by batch, each written as a file a part."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl

from tipstaff.audit.decisions.audit import answer
from tipstaff.region.engines.engine import T, in_turn
from tipstaff.region.engines.uniting import BLANKS, NOT_OF_KEY, PART, Union, complete, united
from tipstaff.register.files.sheet import plain
from tipstaff.register.tables.parquet import FILE, ROW, readable, scanned

_BATCH = 250_000
"""The rows that are held at once."""


class OnPolars:
    """The engine for one machine that has nothing else. It holds a batch of rows at a time."""

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
        keys = union.keys(by, spelt)
        key = [_spelt(keys)] if spelt else [pl.col(name) for name in keys]
        part = pl.struct(*(one.alias(str(place)) for place, one in enumerate(key))).hash() % parts
        with complete(into, parts, union, spelt) as folder:
            for number, batch in enumerate(_batches(union, spelt)):
                split = batch.with_columns(part.alias(PART)).partition_by(PART, as_dict=True, include_key=False)
                for (of_part,), rows in split.items():
                    place = folder / f"{PART}={of_part}"
                    place.mkdir(exist_ok=True)
                    rows.write_parquet(place / f"{number}.parquet", compression="lz4")

    def each(self, task: Callable[[int], T], parts: Iterable[int]) -> Iterator[T]:
        return in_turn(task, parts)

    answer = staticmethod(answer)

    def close(self) -> None:
        """Nothing is held."""


def _batches(union: Union, spelt: bool) -> Iterator[pl.DataFrame]:
    """The rows of all files, some at a time."""
    held: list[pl.DataFrame] = []
    for file, schema in zip(union.files, union.schemas, strict=True):
        scan = scanned([file])
        with readable(file, plain(str(file))):
            count: int = scan.select(pl.len()).collect().item()
        columns = [_column(name, schema.get(name), kind) for name, kind in union.schema.items()]
        if spelt:
            row = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)
            columns += [pl.lit(str(file.relative_to(union.root))).alias(FILE), row]
        start = 0
        while start < count:
            taken = _BATCH - sum(map(len, held))
            with readable(file, plain(str(file))):
                rows = scan.slice(start, taken).select(columns).collect()
            if spelt:
                rows = rows.with_columns(pl.col(ROW) + start)
            held.append(rows)
            start += taken
            if sum(map(len, held)) >= _BATCH:
                yield pl.concat(held)
                held = []
    if held:
        yield pl.concat(held)


def _column(name: str, own: pl.DataType | None, kind: pl.DataType) -> pl.Expr:
    if own is None or own == pl.Null:
        return pl.lit(None, dtype=kind).alias(name)
    column = pl.col(name)
    if isinstance(own, pl.Datetime) and own.time_zone is not None:
        column = column.dt.replace_time_zone(None)
    return column if own == kind else column.cast(kind)


def _spelt(keys: Sequence[str]) -> pl.Expr:
    """The first text that is not blank, as spellings of one reference have in common."""
    texts = [pl.col(name).cast(pl.String) for name in keys]
    stated = [pl.when(~text.str.contains(BLANKS)).then(text) for text in texts]
    text = pl.coalesce(*stated, pl.lit(None, dtype=pl.String)).str.to_lowercase()
    letters = text.str.replace_all(NOT_OF_KEY, "")
    return pl.when(letters == "").then(text.str.strip_chars()).otherwise(letters)
