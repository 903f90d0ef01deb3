"""The expression language of a pack: a small typed subset of Python expressions, parsed and never run by Python.

One syntax tree has several readings: columns (``tipstaff.audit.columns``), English (``tipstaff.policy.english``), and
the facts it needs (``facts_of``).
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date

from rapidfuzz import process

from tipstaff.facts.periods import Period
from tipstaff.facts.vocabulary import Kind

LONGEST = 2_000
"""The longest expression read, in characters."""

MOMENTS = {
    "as_of": "the as-of date",
    "year_start": "the first day of the financial year",
    "year_end": "the last day of the financial year",
    "cycle_start": "the first day of the cycle",
    "cycle_end": "the last day of the cycle",
}
"""The dates that an audit is made for, by the names that expressions use."""


class ExpressionError(Exception):
    """What is wrong with an expression, in one sentence."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known on load. Money in pence, numbers in hundredths; None is a parameter without a value (unknown)."""

    kind: Kind
    value: int | date | str | bool | None
    name: str = ""
    """The parameter it came from, where it came from one."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of texts, on the right of ``in``."""

    values: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Length:
    """A period, added to or taken from a date."""

    period: Period


@dataclass(frozen=True, slots=True)
class Moment:
    """One of the dates that the audit is made for."""

    name: str


@dataclass(frozen=True, slots=True)
class FactRef:
    """A fact by its name."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Sum:
    """Left plus right, or left minus right where ``minus``."""

    left: "Node"
    right: "Node"
    minus: bool


@dataclass(frozen=True, slots=True)
class Product:
    """Two factors that cannot be negative, one of them a plain number."""

    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Shift:
    """A date moved by a period."""

    moved: "Node"
    period: Period


@dataclass(frozen=True, slots=True)
class Between:
    """Anything from the lower bound of one value to the upper bound of another."""

    lowest: "Node"
    highest: "Node"


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison; ``operator`` is one of ``< <= == != >= >``."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Within:
    """Whether a text or choice is one of a list."""

    member: "Node"
    texts: Texts


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether any source states a fact. True or false, never unknown."""

    fact: FactRef


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Every:
    """Every operand holds. ``listed``: written ``all_of(...)``, so that the failing ones are evidence."""

    operands: tuple["Node", ...]
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Some:
    """At least one operand holds."""

    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class CountOf:
    """How many of the operands hold, as a number."""

    operands: tuple["Node", ...]


Node = (
    Constant
    | Texts
    | Length
    | Moment
    | FactRef
    | Sum
    | Product
    | Shift
    | Between
    | Compare
    | Within
    | Exists
    | Not
    | Every
    | Some
    | CountOf
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression may use."""

    facts: Mapping[str, Kind]
    parameters: Mapping[str, Node]
    choices: Mapping[str, tuple[str, ...]]
    """The canonical choices of each fact of kind choice."""


def kind_of(node: Node) -> Kind:
    """The type of an expression's value. Lists and periods have none and are dealt with where they stand."""
    match node:
        case Constant(kind=kind) | FactRef(kind=kind):
            return kind
        case Moment() | Shift():
            return Kind.DATE
        case Sum(left=left) | Between(lowest=left):
            return kind_of(left)
        case Product(left=left, right=right):
            return kind_of(left) if kind_of(right) is Kind.NUMBER else kind_of(right)
        case CountOf():
            return Kind.NUMBER
        case Texts() | Length():
            return Kind.TEXT
        case _:
            return Kind.YES_NO


def children(node: Node) -> Iterator[Node]:
    """The direct parts of a node."""
    for field in fields(node):
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield part


def facts_of(node: Node) -> tuple[str, ...]:
    """The facts an expression reads, each once, in the order in which they stand."""
    found: dict[str, None] = {}

    def visit(part: Node) -> None:
        if isinstance(part, FactRef):
            found[part.name] = None
        for child in children(part):
            visit(child)

    visit(node)
    return tuple(found)


def reads_the_record(node: Node) -> bool:
    """Whether ``exists`` stands anywhere in the expression: it then judges the record, not the world."""
    return isinstance(node, Exists) or any(reads_the_record(child) for child in children(node))


def nearest(name: str, known: Iterator[str] | list[str]) -> str:
    """``; did you mean x?`` where some known name is near, else nothing."""
    best = process.extractOne(name, list(known), score_cutoff=60)
    return f"; did you mean {best[0]}?" if best else ""


_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.GtE: ">=",
    ast.Gt: ">",
}


def parse(text: str, scope: Scope, expected: Kind | None = None) -> Node:
    """Read an expression and check its names and types.

    ``expected`` is the type its value must have. Raises ExpressionError, which names the nearest known name where one
    is not known.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression is longer than {LONGEST} characters; split it")
    try:
        tree = ast.parse(" ".join(text.split()), mode="eval").body
        node = _Reader(scope).read(tree)
    except (SyntaxError, ValueError) as error:
        raise ExpressionError(f"this is not an expression: {error.args[0]}") from None
    except (RecursionError, MemoryError):
        raise ExpressionError("the expression is nested too deeply; split it") from None
    if isinstance(node, Texts | Length):
        raise ExpressionError("a list or a period alone is not a value")
    if expected is not None and kind_of(node) is not expected:
        raise ExpressionError(f"expected {_a(expected)}, found {_a(kind_of(node))}")
    return node


def _a(kind: Kind) -> str:
    return {
        Kind.MONEY: "money",
        Kind.YES_NO: "a yes/no question",
        Kind.TEXT: "a text",
        Kind.COUNCILS: "a list of councils",
    }.get(kind, f"a {kind.value}")


class _Reader:
    """Turns Python's syntax tree into ours, checking names and types on the way."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def read(self, tree: ast.expr) -> Node:
        match tree:
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=ast.Name(id="policy"), attr=name):
                return self._parameter(name)
            case ast.Constant(value=bool()):
                raise ExpressionError("write yes and no, not True and False")
            case ast.Constant(value=str(text)):
                return Constant(Kind.TEXT, text)
            case ast.Constant(value=int(count)) if abs(count) <= 1_000_000:
                return Constant(Kind.NUMBER, count * 100)
            case ast.BoolOp(op=operator, values=values):
                operands = tuple(self._question(value) for value in values)
                return Every(operands) if isinstance(operator, ast.And) else Some(operands)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self._question(operand))
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as operator, right=right):
                return self._sum(self.read(left), self.read(right), isinstance(operator, ast.Sub))
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self._product(self.read(left), self.read(right))
            case ast.Compare(left=left, ops=operators, comparators=right):
                return self._comparisons(left, operators, right)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._choice_of_parameters(test, body, orelse)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return self._texts(elements)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
            case _:
                raise ExpressionError(
                    f"{ast.unparse(tree)!r} is not part of the language: it has names, policy.x, texts, whole numbers, "
                    "comparisons, in, and, or, not, + - *, exists, all_of, count_of and between"
                )

    def _name(self, name: str) -> Node:
        if name in self.scope.facts:
            return FactRef(name, self.scope.facts[name])
        if name in MOMENTS:
            return Moment(name)
        if name in ("yes", "no"):
            return Constant(Kind.YES_NO, name == "yes")
        if name == "nil":
            return Constant(Kind.MONEY, 0)
        known = [*self.scope.facts, *MOMENTS, "yes", "no", "nil"]
        raise ExpressionError(f"{name} is not known{nearest(name, known)}")

    def _parameter(self, name: str) -> Node:
        try:
            return self.scope.parameters[name]
        except KeyError:
            known = [f"policy.{key}" for key in self.scope.parameters]
            raise ExpressionError(f"policy.{name} is not known{nearest(f'policy.{name}', known)}") from None

    def _question(self, tree: ast.expr) -> Node:
        node = self.read(tree)
        if isinstance(node, Texts | Length) or kind_of(node) is not Kind.YES_NO:
            raise ExpressionError(f"{ast.unparse(tree)!r} is not a yes/no question")
        return node

    def _sum(self, left: Node, right: Node, minus: bool) -> Node:
        if isinstance(right, Length):
            if isinstance(left, Length) or kind_of(left) is not Kind.DATE:
                raise ExpressionError("a period is added to or taken from a date")
            return Shift(left, -right.period if minus else right.period)
        if isinstance(left, Length) or kind_of(left) is not kind_of(right) or isinstance(left, Texts):
            raise ExpressionError(f"{'-' if minus else '+'} needs two amounts of one kind, or a date and a period")
        if kind_of(left) not in (Kind.MONEY, Kind.NUMBER):
            raise ExpressionError(f"{_a(kind_of(left))} cannot be added or taken away; move a date by a period instead")
        return Sum(left, right, minus)

    def _product(self, left: Node, right: Node) -> Node:
        for factor in (left, right):
            if isinstance(factor, Length | Texts) or kind_of(factor) not in (Kind.MONEY, Kind.NUMBER):
                raise ExpressionError("* multiplies money or a number by a number")
        if Kind.NUMBER not in (kind_of(left), kind_of(right)):
            raise ExpressionError("money cannot be multiplied by money")
        if not any(isinstance(factor, Constant) for factor in (left, right)):
            raise ExpressionError("one side of * must be a whole number or a parameter")
        return Product(left, right)

    def _comparisons(self, first: ast.expr, operators: list[ast.cmpop], rest: list[ast.expr]) -> Node:
        sides = [self.read(first), *(self.read(side) for side in rest)]
        links = [
            self._comparison(left, operator, right)
            for left, operator, right in zip(sides, operators, sides[1:], strict=False)
        ]
        return links[0] if len(links) == 1 else Every(tuple(links))

    def _comparison(self, left: Node, operator: ast.cmpop, right: Node) -> Node:
        if isinstance(operator, ast.In | ast.NotIn):
            node = self._within(left, right)
            return Not(node) if isinstance(operator, ast.NotIn) else node
        if type(operator) not in _OPERATORS:
            raise ExpressionError("compare with < <= == != >= > or in")
        sign = _OPERATORS[type(operator)]
        if isinstance(left, Texts | Length) or isinstance(right, Texts | Length):
            raise ExpressionError("a list or a period cannot be compared; use in, or add the period to a date")
        kinds = (kind_of(left), kind_of(right))
        texts = {Kind.TEXT, Kind.CHOICE}
        if kinds[0] is not kinds[1] and not set(kinds) <= texts:
            raise ExpressionError(f"{_a(kinds[0])} cannot be compared with {_a(kinds[1])}")
        if not kinds[0].bounded and sign not in ("==", "!="):
            raise ExpressionError(f"{_a(kinds[0])} can be compared only by == and !=")
        if kinds[0] is Kind.COUNCILS:
            raise ExpressionError("a list of councils cannot be compared")
        self._check_choice(left, right)
        self._check_choice(right, left)
        if isinstance(left, Constant) and isinstance(right, Constant) and not kinds[0].bounded:
            return Constant(Kind.YES_NO, (left.value == right.value) == (sign == "=="))
        return Compare(sign, left, right)

    def _check_choice(self, fact: Node, value: Node) -> None:
        if isinstance(fact, FactRef) and fact.kind is Kind.CHOICE and isinstance(value, Constant):
            self._check_choices(fact, (str(value.value),))

    def _check_choices(self, fact: FactRef, values: tuple[str, ...]) -> None:
        known = self.scope.choices[fact.name]
        for value in values:
            if value not in known:
                hint = nearest(value, list(known))
                raise ExpressionError(f"{value!r} is not one of the choices of {fact.name}{hint}")

    def _within(self, member: Node, texts: Node) -> Node:
        if not isinstance(texts, Texts):
            raise ExpressionError("the right of in must be a list of texts")
        if isinstance(member, Constant) and member.kind is Kind.TEXT:
            return Constant(Kind.YES_NO, member.value in texts.values)
        if not isinstance(member, FactRef) or member.kind not in (Kind.TEXT, Kind.CHOICE):
            raise ExpressionError("the left of in must be a text or a choice")
        if member.kind is Kind.CHOICE:
            self._check_choices(member, texts.values)
        return Within(member, texts)

    def _choice_of_parameters(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> Node:
        condition = self._question(test)
        if not isinstance(condition, Constant):
            raise ExpressionError("if chooses by a parameter, not by a fact; use and, or, not for facts")
        chosen, other = self.read(body), self.read(orelse)
        if kind_of(chosen) is not kind_of(other):
            raise ExpressionError("both sides of if must be of one kind")
        return chosen if condition.value else other

    def _texts(self, elements: list[ast.expr]) -> Node:
        values = []
        for element in elements:
            if not (isinstance(element, ast.Constant) and isinstance(element.value, str)):
                raise ExpressionError("a list holds texts in quotes")
            values.append(element.value)
        return Texts(tuple(values))

    def _call(self, name: str, arguments: list[ast.expr]) -> Node:
        match name, arguments:
            case "exists", [ast.Name() as argument]:
                fact = self.read(argument)
                if not isinstance(fact, FactRef):
                    raise ExpressionError("exists asks about a fact")
                return Exists(fact)
            case "all_of", [_, *_]:
                return Every(tuple(self._question(argument) for argument in arguments), listed=True)
            case "count_of", [_, *_]:
                return CountOf(tuple(self._question(argument) for argument in arguments))
            case "between", [lowest, highest]:
                sides = self.read(lowest), self.read(highest)
                if kind_of(sides[0]) is not kind_of(sides[1]) or not kind_of(sides[0]).bounded:
                    raise ExpressionError("between needs two amounts or two dates of one kind")
                return Between(*sides)
            case _:
                known = ["exists", "all_of", "count_of", "between"]
                raise ExpressionError(
                    f"{name}(...) with {len(arguments)} arguments is not known{nearest(name, known)}; "
                    "the language has exists(fact), all_of(...), count_of(...) and between(low, high)"
                )
