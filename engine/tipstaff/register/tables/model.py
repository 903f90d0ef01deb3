"""A register as read: tables in columns, the place of every value, and the problems met on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, overload

from tipstaff.facts.vocabulary import Kind, Table, Term, Vocabulary
from tipstaff.register.files.sheet import place


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something in a source that does not fit: its place, the value found, and what was expected.

    ``cell`` is a place such as ``Wellbeing!I14`` or ``grants.csv:212``, or the name of a sheet or file. ``serious``
    is False for a remark: a near-miss heading that was matched, a sheet left out, a text corrected by a figure.
    """

    cell: str
    value: str
    expected: str
    serious: bool = True


Column: TypeAlias = Any
"""The values of a column, by row: a list where rows are read one by one; of a Parquet file a polars Series, or Same."""


@dataclass(frozen=True, slots=True)
class Same(Sequence[Any]):
    """A column of one value."""

    value: Any
    times: int

    def __len__(self) -> int:
        return self.times

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> "Same": ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Same(self.value, len(range(self.times)[index]))
        range(self.times)[index]
        return self.value


@dataclass(slots=True)
class Rows:
    """The rows of one table, in columns.

    ``columns`` maps a physical column (``direct_funding_lo``, ``lead_officer``) to its values: money in pence,
    numbers in hundredths, dates as dates, yes/no as booleans, choices by their canonical names; None is unknown
    (and, of an upper bound, unlimited). Of a COUNCILS fact there is one yes/no column a council, ``parties_<key>``.
    ``partnership`` is the position of the row's partnership in the register (for the register, its own).
    The place of a row is ``sheet`` and ``row``; a fact's column is ``letters[sheet, fact]``. A row that was read from
    the text of one cell rests wholly on that cell (``letter``, otherwise None); ``cells`` names the exceptions.
    """

    table: Table
    columns: dict[str, Column]
    partnership: Column = field(default_factory=list)
    sheet: Column = field(default_factory=list)
    row: Column = field(default_factory=list)
    letter: Column = field(default_factory=list)
    letters: dict[tuple[str, str], str] = field(default_factory=dict)
    cells: dict[tuple[int, str], str] = field(default_factory=dict)
    council: Column = field(default_factory=list)
    """COUNCIL_YEAR only: the council's key, or None for what is not tied to one council."""
    year: Column = field(default_factory=list)
    """COUNCIL_YEAR and CYCLE only: the start of the financial year, or None for a yearly rate with no year stated."""

    def __len__(self) -> int:
        return len(self.row)

    def cell(self, index: int, fact: str) -> str:
        """The place of one value: ``Wellbeing!I14``, or ``grants.csv:212`` where columns have no letters."""
        exception = self.cells.get((index, fact))
        if exception is not None:
            return exception
        sheet = self.sheet[index]
        return place(sheet, self.row[index], self.letter[index] or self.letters.get((sheet, fact), ""))


def empty_rows(table: Table, vocabulary: Vocabulary) -> Rows:
    """A table without rows, with every column its facts need."""
    names: list[str] = []
    for fact in table.facts.values():
        if fact.kind is Kind.COUNCILS:
            names += [f"{fact.name}_{council.key}" for council in vocabulary.councils]
        else:
            names += fact.columns
    return Rows(table=table, columns={name: [] for name in names})


class Closed(NamedTuple):
    """A fact of which a source states all there is, for a council and a financial year: not stated, it is nil."""

    fact: str
    council: str
    """The council's key."""
    year: int
    """The start of the financial year."""


@dataclass(slots=True)
class Register:
    """A register as read.

    ``tables`` holds one ``Rows`` for every table of the vocabulary; ``missing`` names the tables for which the
    source has no sheet, ``absent`` the facts of present tables for which no sheet has a column.
    ``refs`` identifies each partnership: its own reference, otherwise a slug of its name.
    ``councils`` are those that the source itself names in place of the policy's; empty where the policy's are meant.
    ``closed`` says where the source is complete; anywhere else what it does not state is unknown.
    ``unasked`` names the facts that such a source has no place for: leaving them blank says nothing, not even that the
    register lacks them.
    """

    name: str
    sha256: str
    tables: dict[str, Rows]
    refs: list[str]
    problems: list[Problem]
    missing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    apart: tuple[int, ...] = ()
    """The register that each partnership comes from, if several are read as one. Nothing is shared between them."""
    councils: tuple[Term, ...] = ()
    closed: frozenset[Closed] = frozenset()
    unasked: frozenset[str] = frozenset()
