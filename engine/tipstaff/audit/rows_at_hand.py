"""Rows at hand: of the rows of a table those that are read again and again, taken from their columns once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from tipstaff.register.tables.model import Column, Rows


def rows_at_hand(rows: Rows, indices: Sequence[int]) -> Rows:
    """The same rows, of which those of some indices are read at once, and any other when it is asked for."""
    places = pl.Series(indices, dtype=pl.UInt32)

    def at_hand(column: Column) -> Column:
        return _Values(column, places) if isinstance(column, pl.Series) else column

    return replace(
        rows,
        columns=_Columns(rows.columns, places),
        sheet=at_hand(rows.sheet),
        row=at_hand(rows.row),
        letter=at_hand(rows.letter),
        council=at_hand(rows.council),
        year=at_hand(rows.year),
    )


class _Values(dict[int, Any]):
    """The values of a column by row."""

    def __init__(self, column: pl.Series, places: pl.Series) -> None:
        super().__init__(zip(places.to_list(), column.gather(places).to_list(), strict=True))
        self._column = column

    def __missing__(self, index: int) -> Any:
        return self._column[index]


class _Columns(dict[str, Column]):
    """Columns by name, each taken when it is first read."""

    def __init__(self, columns: dict[str, Column], places: pl.Series) -> None:
        super().__init__({name: column for name, column in columns.items() if not isinstance(column, pl.Series)})
        self._columns = columns
        self._places = places

    def __missing__(self, name: str) -> Column:
        self[name] = _Values(self._columns[name], self._places)
        return self[name]
