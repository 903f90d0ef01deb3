"""Values in words: amounts and dates as an officer reads them. Fingerprints depend on this wording."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from tipstaff.audit.columns.compiler import floor_of
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.english import show_value
from tipstaff.register.tables.model import Column, Rows

UNKNOWN = "not known"

Value = int | date | str | bool | None


def show_bounds(kind: Kind, lo: Value, hi: Value, unit: str | None = None) -> str:
    """Write bounds as an officer reads them: ``£12,000``, ``£12,000 or more``, ``up to £5,000``, ``not known``."""
    floor = floor_of(kind)
    if lo is not None and lo == hi:
        return show_value(kind, lo, unit)
    if hi is None:
        if lo is None or lo == floor:
            return UNKNOWN
        return f"{show_value(kind, lo, unit)} or {'later' if kind is Kind.DATE else 'more'}"
    most = show_value(kind, hi, unit)
    if lo is None or lo == floor:
        return f"{most} or earlier" if kind is Kind.DATE else f"up to {most}"
    return f"{show_value(kind, lo)} to {most}"


def prefetch_rows(rows: Rows, indices: Sequence[int]) -> Rows:
    """Read the rows of some indices into dictionaries now, and any other on demand."""
    places = pl.Series(indices, dtype=pl.UInt32)

    def prefetch(column: Column) -> Column:
        return _Values(column, places) if isinstance(column, pl.Series) else column

    return replace(
        rows,
        columns=_Columns(rows.columns, places),
        sheet=prefetch(rows.sheet),
        row=prefetch(rows.row),
        letter=prefetch(rows.letter),
        council=prefetch(rows.council),
        year=prefetch(rows.year),
    )


class _Values(dict[int, Any]):
    """The values of a column by row, with any others read on demand."""

    def __init__(self, column: pl.Series, places: pl.Series) -> None:
        super().__init__(zip(places.to_list(), column.gather(places).to_list(), strict=True))
        self._column = column

    def __missing__(self, index: int) -> Any:
        return self._column[index]


class _Columns(dict[str, Column]):
    """Columns by name, each prefetched when it is first read."""

    def __init__(self, columns: dict[str, Column], places: pl.Series) -> None:
        super().__init__({name: column for name, column in columns.items() if not isinstance(column, pl.Series)})
        self._columns = columns
        self._places = places

    def __missing__(self, name: str) -> Column:
        self[name] = _Values(self._columns[name], self._places)
        return self[name]
