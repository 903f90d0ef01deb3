"""A sheet as its source holds it, and how a place in it is named."""

import unicodedata
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import compress, count
from operator import itemgetter
from typing import Any, overload

Raw = Any
"""A cell as its source holds it: text, a number, a boolean, a date, a date and time, or blank (``""`` or None).

In JSON a value may also be a list or an object, which no cell should be.
"""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a column: its distinct values, and for each row the position of its value among them."""

    values: Sequence[Raw]
    codes: Sequence[int]
    """The position in ``values`` of the value of each row."""

    @staticmethod
    def of(cells: Sequence[Raw]) -> "Cells":
        """A column in which a number, a boolean and a text stay apart, and lists and objects are each of their own."""
        keys = cells if {*map(type, cells)} == {str} else list(map(_key, cells))
        position = dict(zip(dict.fromkeys(keys), count()))
        codes = array("I", map(position.__getitem__, keys))
        return Cells(list(dict(zip(codes, cells, strict=True)).values()), codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> Raw:
        return self.values[self.codes[row]]

    def at(self, rows: Sequence[int]) -> "Cells":
        """The cells of these rows."""
        if isinstance(rows, range) and rows.step == 1:
            codes = self.codes[rows.start : rows.stop]
        else:
            codes = itemgetter(*rows)(self.codes) if len(rows) > 1 else [self.codes[row] for row in rows]
        if len(codes) < len(self.values) // 2:
            return Cells.of([self.values[code] for code in codes])
        return Cells(self.values, codes)

    def under(self, row: int) -> list[Raw]:
        """The values below a row, most of them once."""
        return [self.values[code] for code in {*self.codes[row + 1 :]}]

    def where(self, holds: Callable[[Raw], bool]) -> list[int]:
        """The rows whose value answers to a test."""
        wanted = {*compress(count(), map(holds, self.values))}
        return [row for row, code in enumerate(self.codes) if code in wanted] if wanted else []


def _key(cell: Raw) -> Any:
    if isinstance(cell, str):
        return cell
    return type(cell), id(cell) if isinstance(cell, list | dict) else cell


class Grid(Sequence[list[Raw]]):
    """The rows of a sheet that is held in columns."""

    __slots__ = ("_height", "columns")

    def __init__(self, columns: Sequence[Cells], height: int) -> None:
        self.columns, self._height = columns, height

    def __len__(self) -> int:
        return self._height

    @overload
    def __getitem__(self, row: int) -> list[Raw]: ...
    @overload
    def __getitem__(self, row: slice) -> list[list[Raw]]: ...
    def __getitem__(self, row: int | slice) -> list[Any]:
        if isinstance(row, slice):
            return [self[one] for one in range(self._height)[row]]
        if not -self._height <= row < self._height:
            raise IndexError(row)
        return [column[row] for column in self.columns]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one table of a source, without judgement of their meaning.

    ``rows`` need not be equally long; row ``i`` of them has the number ``first + i``.
    """

    title: str
    """How places name it: its title, the name of a CSV file, or the place of a list in JSON with ``[]`` behind."""
    rows: Sequence[list[Raw]]
    name: str | None = None
    """The title its source gives it. None for a CSV file and for a bare list in JSON, which have none."""
    first: int = 1
    lettered: bool = True
    """Whether its columns have letters."""
    records: bool = False
    """Whether each of its rows states how many cells it has, as in a CSV file."""
    covered: frozenset[tuple[int, int]] = frozenset()
    """The positions (row, column) under the first cell of a range merged down a column; they were given its value."""
    recoded: str = ""
    """The lines of its text that are no UTF-8 and were read as Windows-1252: ``line 4 and 2 more``. Mostly none."""

    _columns: dict[int, Cells] = field(default_factory=dict, init=False, repr=False, compare=False)

    def width(self, first: int) -> int:
        """How many columns the longest row from the position ``first`` on has."""
        if isinstance(self.rows, Grid):
            return len(self.rows.columns)
        return max(map(len, self.rows[first:]), default=0)

    def column(self, column: int) -> Cells:
        """The cells of a column, by the position of their row; blank where a row is too short."""
        if isinstance(self.rows, Grid):
            return self.rows.columns[column]
        if column not in self._columns:
            self._columns[column] = Cells.of([row[column] if column < len(row) else "" for row in self.rows])
        return self._columns[column]

    def letter(self, column: int) -> str:
        """The letters of a column by position, empty where columns have none."""
        return column_letter(column) if self.lettered else ""

    def place(self, row: int, column: int | None = None) -> str:
        """The place of a row, or of one cell in it, by position."""
        return place(self.title, self.first + row, "" if column is None else self.letter(column))


def place(title: str, number: int, letter: str = "") -> str:
    """A place in a source: ``Wellbeing!I14``, ``grants.csv:212``, ``register.json:partnerships[3]``."""
    if letter:
        return f"{title}!{letter}{number}"
    if title.endswith("[]"):
        return f"{title[:-1]}{number}]" if number >= 0 else title[:-2]
    return f"{title}:{number}"


def column_letter(column: int) -> str:
    """The letters of a column by position: 0 is A, 26 is AA."""
    letters = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        letters = chr(ord("A") + rest) + letters
        column -= 1
    return letters


def plain(text: str) -> str:
    """A text on one line, without surrounding blanks or characters that cannot be shown."""
    if not text.isprintable():
        text = "".join(
            character if character.isprintable() or character.isspace() else _replacement(character)
            for character in text
        )
    return " ".join(text.split())


def _replacement(character: str) -> str:
    """Nothing for invisible marks; the replacement character for what no file can hold; a blank for other controls."""
    category = unicodedata.category(character)
    return {"Cf": "", "Cc": " ", "Cs": "\ufffd", "Cn": "\ufffd"}.get(category, character)


def is_blank(cell: Raw) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
