"""The expression language of a pack: a small typed subset of Python expressions, parsed and never run by Python.

One syntax tree has several readings: columns (``tipstaff.audit.columns``), English (``policy.language.english``),
and the facts it needs (``facts_of``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any, get_args

from tipstaff.facts.bounds import NEVER, NO_END
from tipstaff.facts.periods import Period, Yearly
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.law.series import LawKind, Series

MOMENTS = {
    "as_of": "the as-of date",
    "year_start": "the first day of the financial year",
    "year_end": "the last day of the financial year",
    "cycle_start": "the first day of the cycle",
    "cycle_end": "the last day of the cycle",
}
"""The dates that an audit is made for, by the names that expressions use."""

NO_DAYS = {"never": NEVER, "no_end": NO_END}
"""The dates of something that did not happen, or does not end."""


class Syntax:
    """A part of a syntax tree."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Constant(Syntax):
    """A value known on load. Money in pence, numbers in hundredths; None is a parameter without a value (unknown)."""

    kind: Kind
    value: int | date | str | bool | None
    name: str = ""
    """The parameter it came from, if it came from one."""


@dataclass(frozen=True, slots=True)
class Texts(Syntax):
    """A list of texts, on the right of ``in``."""

    values: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Length(Syntax):
    """A period, added to or taken from a date; ``law`` is the law that sets it, where one does."""

    period: Period
    law: "Law | None" = None


@dataclass(frozen=True, slots=True)
class Recurring(Syntax):
    """A day that comes round once a year, asked for by ``latest``."""

    yearly: Yearly
    name: str = ""


@dataclass(frozen=True, slots=True)
class Moment(Syntax):
    """One of the dates that the audit is made for."""

    name: str


@dataclass(frozen=True, slots=True)
class CycleName(Syntax):
    """The cycle prepared for, by its name: ``2017/18``."""


@dataclass(frozen=True, slots=True)
class FactRef(Syntax):
    """A fact by its name."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Law(Syntax):
    """A figure of the law, as it is on the day that the law makes decisive.

    Where ``assumed``, an ``in_force`` beside it asks whether it was in force, and its value may be taken to be that of
    a day on which it was. Otherwise it has no known value if it may not have been in force.
    """

    series: Series
    at: "Node"
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class InForce(Syntax):
    """Whether the law was in force on the day that it makes decisive."""

    law: Law


@dataclass(frozen=True, slots=True)
class IncludesVat(Syntax):
    """Whether an amount of the law includes value added tax on the day that the law makes decisive."""

    law: Law


@dataclass(frozen=True, slots=True)
class Sum(Syntax):
    """Left plus right, or left minus right where ``minus``."""

    left: "Node"
    right: "Node"
    minus: bool


@dataclass(frozen=True, slots=True)
class Product(Syntax):
    """Two factors that cannot be negative, one of them a plain number."""

    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Shift(Syntax):
    """A date moved by a period; ``law`` is the law that sets the period, where one does."""

    moved: "Node"
    period: Period
    law: Law | None = None


@dataclass(frozen=True, slots=True)
class Between(Syntax):
    """Anything from the lower bound of one value to the upper bound of another."""

    lowest: "Node"
    highest: "Node"


@dataclass(frozen=True, slots=True)
class Either(Syntax):
    """One amount or date where a question is answered yes, another where no, and either if it is unknown."""

    test: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True, slots=True)
class OverTerm(Syntax):
    """The amount that a yearly amount adds up to from one day to another, both included, by the month.

    A month that is not whole counts from nothing to all of it.
    """

    yearly: "Node"
    start: "Node"
    end: "Node"


@dataclass(frozen=True, slots=True)
class Compare(Syntax):
    """A comparison; ``operator`` is one of ``< <= == != >= >``."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Within(Syntax):
    """Whether a text or choice is one of a list."""

    member: "Node"
    texts: Texts


@dataclass(frozen=True, slots=True)
class Mentions(Syntax):
    """Whether a text holds one of a list as whole words. True or unknown: that it holds none says nothing."""

    text: FactRef
    texts: Texts


@dataclass(frozen=True, slots=True)
class QuarterEnd(Syntax):
    """The last day of the latest quarter of the financial year that ended on or before a date built of moments."""

    by: "Node"


@dataclass(frozen=True, slots=True)
class Latest(Syntax):
    """The latest day of a yearly kind on or before a date built of moments."""

    of: Recurring
    by: "Node"


@dataclass(frozen=True, slots=True)
class Exists(Syntax):
    """Whether any source states a fact. True or false, never unknown."""

    fact: FactRef


@dataclass(frozen=True, slots=True)
class Not(Syntax):
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Every(Syntax):
    """Every operand holds. ``listed``: written ``all_of(...)``, so that the failing ones are evidence."""

    operands: tuple["Node", ...]
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Some(Syntax):
    """At least one operand holds."""

    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class CountOf(Syntax):
    """How many of the operands hold, as a number."""

    operands: tuple["Node", ...]


Node = (
    Constant
    | Texts
    | Length
    | Recurring
    | Moment
    | CycleName
    | FactRef
    | Law
    | InForce
    | IncludesVat
    | Sum
    | Product
    | Shift
    | Between
    | Either
    | OverTerm
    | Compare
    | Within
    | Mentions
    | QuarterEnd
    | Latest
    | Exists
    | Not
    | Every
    | Some
    | CountOf
)


ASIDE = Texts | Length | Recurring
"""An argument beside a value that is not one itself: a list of texts, a period, a yearly day."""


def kind_of(node: Node) -> Kind:
    """The type of an expression's value. Lists and periods have none and are handled by the node that holds them."""
    match node:
        case Constant(kind=kind) | FactRef(kind=kind):
            return kind
        case Law(series=series):
            return Kind.MONEY if series.kind is LawKind.MONEY else Kind.NUMBER
        case Moment() | Shift() | QuarterEnd() | Latest():
            return Kind.DATE
        case Sum(left=left) | Between(lowest=left) | Either(yes=left):
            return kind_of(left)
        case OverTerm():
            return Kind.MONEY
        case Product(left=left, right=right):
            return kind_of(left) if kind_of(right) is Kind.NUMBER else kind_of(right)
        case CountOf():
            return Kind.NUMBER
        case Texts() | Length() | Recurring() | CycleName():
            return Kind.TEXT
        case _:
            return Kind.YES_NO


def children(node: Node) -> tuple[Node, ...]:
    """The direct parts of a node, from left to right."""
    found: list[Node] = []
    for member in _members(type(node)):  # type: ignore[arg-type]  # a type is hashable
        value = getattr(node, member)
        if value is not None:
            found += value if isinstance(value, tuple) else (value,)
    return tuple(found)


@cache
def _members(kind: type[Node]) -> tuple[str, ...]:
    """The members of a kind of node that may hold nodes, by what they are declared to be."""
    return tuple(member.name for member in fields(kind) if _is_of_nodes(member.type))


def _is_of_nodes(declared: Any) -> bool:
    """Whether a member that is declared so holds nodes: ``"Node"``, or what that is part of."""
    if isinstance(declared, type) and not get_args(declared):
        return issubclass(declared, Syntax)
    return isinstance(declared, str) or any(map(_is_of_nodes, get_args(declared)))


def parts_of(node: Node) -> Iterator[Node]:
    """A node and all that is in it, each before its parts and these from left to right."""
    left = [node]
    while left:
        part = left.pop()
        yield part
        left += children(part)[::-1]


def facts_of(node: Node) -> tuple[str, ...]:
    """The facts an expression reads, each once, in the order of the expression."""
    return tuple(dict.fromkeys(part.name for part in parts_of(node) if isinstance(part, FactRef)))


def laws_of(node: Node) -> Iterator[Law]:
    """The law whose figures an expression reads, from left to right."""
    if isinstance(node, Law):
        yield node
    if not isinstance(node, InForce):
        for child in children(node):
            yield from laws_of(child)


def all_law_of(node: Node) -> Iterator[Law]:
    """The law that an expression reads, be it only whether it is in force, from left to right."""
    return (part for part in parts_of(node) if isinstance(part, Law))


def reads_law(node: Node) -> bool:
    """Whether an expression reads any law, be it only whether it is in force."""
    return any(True for _ in all_law_of(node))


def built_of_moments(node: Node) -> bool:
    """Whether a date is known before any register is read: a moment, or one moved by a period of the policy."""
    return isinstance(node, Moment) or (isinstance(node, Shift) and node.law is None and built_of_moments(node.moved))


def reads_the_record(node: Node) -> bool:
    """Whether the expression contains ``exists``: it then judges the record, not the world."""
    return any(isinstance(part, Exists) for part in parts_of(node))
