"""Documents: what a paper is made of, whatever file it is written as.

A text that reaches a file passes through ``words``, which leaves nothing in it that is not to be seen.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from tipstaff.report.wording.phrases import shown

LONGEST = 2_000
"""The longest run of words, in characters."""

STRONG = "strong"
TO_FILL_IN = "to fill in"


@dataclass(frozen=True, slots=True)
class Words:
    """Words set off by their role: STRONG, TO_FILL_IN (left to whoever presents the paper), or a severity.

    Words that are set off neither begin nor end with a blank.
    """

    text: str
    role: str = ""


Line: TypeAlias = str | Words | tuple[str | Words, ...]
"""Words that follow one another on one line."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a table cell."""

    lines: tuple[Line, ...]


Cell: TypeAlias = Line | Lines


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` is 1 to 3, or 0 for the title of the whole, which occurs once."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, with its number (``3.1``) if it has one."""

    line: Line
    number: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of points."""

    items: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One of a numbered list, with the points under it."""

    line: Line
    points: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbered:
    """A list numbered from one. A document has one at most."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table under headings.

    ``title`` says what it holds, for those who cannot see it; ``widths`` are the shares of its columns. ``labelled``:
    the first cell of each row says what the row is of.
    """

    title: str
    headings: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    labelled: bool = False

    def figures(self, column: int) -> bool:
        """Whether a column holds nothing but figures."""
        cells = [row[column] for row in self.rows]
        return all(isinstance(cell, str) and cell.replace(",", "").isdecimal() for cell in cells)


Block: TypeAlias = Heading | Paragraph | Bullets | Numbered | Table


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks that follow one another on pages of one shape: upright, or ``wide``."""

    blocks: tuple[Block, ...]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A document in British English. ``footer`` is on every page, beside the number of the page."""

    title: str
    subject: str
    made: date
    footer: str
    parts: tuple[Part, ...]


def words(line: Line) -> tuple[Words, ...]:
    """A line word group by word group, fit to be written.

    It is on one line, its control characters are made visible, and it neither begins nor ends with a blank; nor does
    any part of it that is set off.
    """
    members = line if isinstance(line, tuple) else (line,)
    runs = [one if isinstance(one, Words) else Words(one) for one in members]
    seen = [Words(_seen(one.text, inner=not one.role), one.role) for one in runs]
    seen[0] = Words(seen[0].text.lstrip(), seen[0].role)
    seen[-1] = Words(seen[-1].text.rstrip(), seen[-1].role)
    return tuple(seen)


def to_fill_in(what: str) -> Words:
    """A mark in the place of what whoever presents the paper is to write."""
    return Words(f"[{what}]", TO_FILL_IN)


def lines_of(cell: Cell) -> tuple[Line, ...]:
    """The lines of a cell: one at least."""
    return (cell.lines or ("",)) if isinstance(cell, Lines) else (cell,)


def _seen(text: str, *, inner: bool) -> str:
    """A text as shown; between others, a blank at either end is kept."""
    seen = shown(text, LONGEST)
    if not inner:
        return seen
    before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
    return f"{before}{seen}{after}" if seen else before
