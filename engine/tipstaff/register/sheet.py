"""A sheet as its source holds it, and how a place in it is named."""

import unicodedata
from dataclasses import dataclass
from typing import Any

Raw = Any
"""A cell as its source holds it: text, a number, a boolean, a date, a date and time, or blank (``""`` or None).

In JSON a value may also be a list or an object, which no cell should be.
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one table of a source, without judgement of their meaning.

    ``rows`` need not be equally long; row ``i`` of them has the number ``first + i``.
    """

    title: str
    """How places name it: its title, the name of a CSV file, or the place of a list in JSON with ``[]`` behind."""
    rows: list[list[Raw]]
    name: str | None = None
    """The title its source gives it. None of a CSV file and of a bare list in JSON, which have none."""
    first: int = 1
    lettered: bool = True
    """Whether its columns have letters."""
    records: bool = False
    """Whether each of its rows states how many cells it has, as in a CSV file."""
    covered: frozenset[tuple[int, int]] = frozenset()
    """The positions (row, column) under the first cell of a range merged down a column; they were given its value."""
    recoded: str = ""
    """The lines of its text that are no UTF-8 and were read as Windows-1252: ``line 4 and 2 more``. Mostly none."""

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
            character if character.isprintable() or character.isspace() else _stand_in(character) for character in text
        )
    return " ".join(text.split())


def _stand_in(character: str) -> str:
    """Nothing for invisible marks; the replacement character for what no file can hold; a blank for other controls."""
    category = unicodedata.category(character)
    return {"Cf": "", "Cc": " ", "Cs": "\ufffd", "Cn": "\ufffd"}.get(category, character)


def is_blank(cell: Raw) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
