"""The vocabulary: what a policy pack tells a reader of councils, themes, and the tables and columns of a register."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The type of a fact, as a pack names it."""

    MONEY = "money"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes/no"
    COUNCILS = "councils"

    @property
    def bounded(self) -> bool:
        """Whether a value of this type is held as a pair of bounds."""
        return self in (Kind.MONEY, Kind.NUMBER, Kind.DATE)


class Shape(StrEnum):
    """How the rows of a table belong to a partnership."""

    REGISTER = "register"
    """The register itself: a row is a partnership."""
    ONE = "one row"
    """At most one row a partnership; its facts are the partnership's."""
    CURRENT = "current row"
    """Several rows a partnership, of which one is current on the as-of date; its facts are the partnership's."""
    MANY = "several rows"
    """Several rows a partnership, which only aggregates read."""
    COUNCIL_YEAR = "council and year"
    """A row per council and financial year."""
    CYCLE = "row a cycle"
    """At most one row a partnership and cycle; the facts of the cycle prepared for are the partnership's."""
    LONG = "answers"
    """A row per answer: partnership, fact, value, evidence."""


_KEYS = {Shape.COUNCIL_YEAR: ("council", "year"), Shape.CYCLE: ("cycle",)}


@dataclass(frozen=True, slots=True)
class Term:
    """A name with its other spellings: a council, a theme, or one of the choices of a fact."""

    name: str
    aliases: tuple[str, ...] = ()
    key: str = ""
    """A short identifier, fit for a column name; only councils have one."""

    @property
    def spellings(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a register can state: one column of one table."""

    name: str
    kind: Kind
    label: str
    """The name that an officer uses for it, without a capital: ``lead officer``."""
    heading: str = ""
    """The heading of its column as the template writes it; empty where no column states it."""
    aliases: tuple[str, ...] = ()
    choices: tuple[Term, ...] = ()
    unit: str | None = None
    question: str = ""
    guidance: str = ""
    none_means: str = ""
    """The date that "none" means: ``never`` or ``no end``; empty if "none" is not an answer."""
    reads: str = ""
    """The grammar that reads this text into another table: ``agreement dates`` or ``financial arrangements``."""
    personal: bool = False
    """Personal data: read and validated, and left out of every report."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The physical columns that hold this fact (of COUNCILS, see ``council_columns``)."""
        return (f"{self.name}_lo", f"{self.name}_hi") if self.kind.bounded else (self.name,)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a register: a sheet of a workbook, a CSV file, or a list in a JSON file."""

    name: str
    shape: Shape
    sheet: str
    """The title of its sheet; of the register, the title of a sheet that holds every theme."""
    facts: dict[str, Fact]
    aliases: tuple[str, ...] = ()
    """Other titles of its sheet."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The facts that say which line or cycle a row is of, and nothing of the partnership itself."""
        return _KEYS.get(self.shape, ())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything a reader needs to know of a policy."""

    councils: tuple[Term, ...]
    themes: tuple[Term, ...]
    tables: dict[str, Table]
    both: tuple[str, ...] = field(default=())
    """Words that mean every council together: ``both``, ``joint``."""

    def table_of_shape(self, shape: Shape) -> Table | None:
        """The first table of a shape, or None."""
        return next((table for table in self.tables.values() if table.shape is shape), None)
