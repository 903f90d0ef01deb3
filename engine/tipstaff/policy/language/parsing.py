"""The parser: expressions of a pack become a syntax tree, with every name, type and unit checked."""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tipstaff.facts.bounds import MOST_HUNDREDTHS, MOST_PENCE, Bounds
from tipstaff.facts.spellings import nearest
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import (
    ASIDE,
    MOMENTS,
    NO_DAYS,
    Between,
    Compare,
    Constant,
    CountOf,
    CycleName,
    Either,
    Every,
    Exists,
    FactRef,
    IncludesVat,
    InForce,
    Latest,
    Law,
    Length,
    Mentions,
    Moment,
    Node,
    Not,
    OverTerm,
    Product,
    QuarterEnd,
    Recurring,
    Shift,
    Some,
    Sum,
    Texts,
    Within,
    built_of_moments,
    children,
    kind_of,
    laws_of,
)
from tipstaff.policy.law.series import LawKind, LawStatus, Series

LONGEST = 2_000
"""The longest expression read, in characters."""


class ExpressionError(Exception):
    """An expression is wrong; the text says how, in one sentence."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression may use."""

    facts: Mapping[str, Kind]
    parameters: Mapping[str, Node]
    choices: Mapping[str, tuple[str, ...]]
    """The canonical choices of each fact of kind choice."""
    law: Mapping[str, Series] = field(default_factory=dict)
    law_at: Node | None = None
    """The date that the law makes decisive; without one no law can be read."""
    terms: Mapping[str, Node] = field(default_factory=dict)
    """Expressions that go by a name."""


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(" ".join(text.split()), mode="eval").body
        node = _Reader(scope).read(tree)
    except (SyntaxError, ValueError) as error:
        raise ExpressionError(f"this is not an expression: {error.args[0]}") from None
    except (RecursionError, MemoryError):
        raise ExpressionError("the expression is nested too deeply; split it") from None
    if isinstance(node, ASIDE):
        raise ExpressionError("a list, a period or a yearly day alone is not a value")
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


_MOST = 9_000_000_000_000_000_000
"""The greatest number that a 64-bit column holds."""


MOST_TOTAL = 100 * MOST_PENCE
"""The greatest total of money, in pence; what would be more counts as unlimited."""


_GREATEST = {Kind.MONEY: MOST_TOTAL, Kind.NUMBER: 10 * MOST_HUNDREDTHS}
"""The greatest amounts that a fact comes to, totals included."""


def _magnitude(node: Node) -> int:
    """How great an amount can become on the way to its value."""
    match node:
        case Constant(value=None):
            return 1
        case Constant(value=int(value)):
            return abs(value)
        case Law(series=series):
            return max((one.value.hi or 0 for one in series.segments if isinstance(one.value, Bounds)), default=0)
        case Product(left=left, right=right):
            return _magnitude(left) * _magnitude(right)
        case Sum(left=left, right=right):
            return _magnitude(left) + _magnitude(right)
        case Between(lowest=one, highest=other) | Either(yes=one, no=other):
            return max(_magnitude(one), _magnitude(other))
        case _:
            return _GREATEST.get(kind_of(node), 0)


def _may_be_negative(node: Node) -> bool:
    """Whether an amount contains a difference; facts and parameters are never negative."""
    return (isinstance(node, Sum) and node.minus) or any(_may_be_negative(child) for child in children(node))


_CALLS = {
    "exists": "exists(fact)",
    "all_of": "all_of(...)",
    "count_of": "count_of(...)",
    "between": "between(low, high)",
    "over_term": "over_term(yearly, start, end)",
    "given": "given(policy.x)",
    "mentions": "mentions(text, policy.texts)",
    "latest": "latest(policy.yearly_day, as_of)",
    "latest_quarter_end": "latest_quarter_end(as_of)",
    "in_force": "in_force(law.x)",
    "includes_vat": "includes_vat(law.x)",
}
"""The functions of the language, by name."""


class _Reader:
    """Turns Python's syntax tree into ours, checking names and types on the way."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.assumed: frozenset[str] = frozenset()
        """The law that the questions read are asked of only if it is in force."""

    def read(self, tree: ast.expr) -> Node:
        match tree:
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=ast.Name(id="policy"), attr=name):
                return self._parameter(name)
            case ast.Attribute(value=ast.Name(id="law"), attr=name):
                return self._figure(self._law(name))
            case ast.Constant(value=bool()):
                raise ExpressionError("write yes and no, not True and False")
            case ast.Constant(value=str(text)):
                return Constant(Kind.TEXT, text)
            case ast.Constant(value=int(count)) if abs(count) <= 1_000_000:
                return Constant(Kind.NUMBER, count * 100)
            case ast.BoolOp(op=ast.And(), values=values):
                return Every(self._together(values))
            case ast.BoolOp(values=values):
                return Some(tuple(self._question(value) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self._question(operand))
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as operator, right=right):
                return self._sum(self.read(left), self.read(right), isinstance(operator, ast.Sub))
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self._product(self.read(left), self.read(right))
            case ast.Compare(left=left, ops=operators, comparators=right):
                return self._comparisons(left, operators, right)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._either(test, body, orelse)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return self._texts(elements)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
            case _:
                raise ExpressionError(
                    f"{ast.unparse(tree)[:200]!r} is not part of the language: it has names, policy.x, texts, whole "
                    f"numbers, comparisons, in, and, or, not, if, + - *, law.x, {', '.join(_CALLS)}"
                )

    def _name(self, name: str) -> Node:
        if name in self.scope.terms:
            return self.scope.terms[name]
        if name in self.scope.facts:
            return FactRef(name, self.scope.facts[name])
        if name in MOMENTS:
            return Moment(name)
        if name == "cycle":
            return CycleName()
        if name in ("yes", "no"):
            return Constant(Kind.YES_NO, name == "yes")
        if name == "nil":
            return Constant(Kind.MONEY, 0)
        if name in NO_DAYS:
            return Constant(Kind.DATE, NO_DAYS[name])
        known = [*self.scope.terms, *self.scope.facts, *MOMENTS, *NO_DAYS, "cycle", "yes", "no", "nil"]
        raise ExpressionError(f"{name} is not known{nearest(name, known)}")

    def _parameter(self, name: str) -> Node:
        try:
            return self.scope.parameters[name]
        except KeyError:
            known = [f"policy.{key}" for key in self.scope.parameters]
            raise ExpressionError(f"policy.{name} is not known{nearest(f'policy.{name}', known)}") from None

    def _law(self, name: str) -> Law:
        if not self.scope.law:
            raise ExpressionError(f"law.{name} is not known: this pack names no folder of law")
        if name not in self.scope.law:
            known = [f"law.{key}" for key in self.scope.law]
            raise ExpressionError(f"law.{name} is not known{nearest(f'law.{name}', known)}")
        if self.scope.law_at is None:
            raise ExpressionError(f"law.{name} is that of a day; say which by law_at")
        return Law(self.scope.law[name], self.scope.law_at, name in self.assumed)

    def _figure(self, law: Law) -> Node:
        series = law.series
        if series.kind in (LawKind.MONEY, LawKind.NUMBER):
            return law
        if series.kind is not LawKind.PERIOD:
            raise ExpressionError(f"law.{series.id} is a {series.kind}, not an amount; ask in_force(law.{series.id})")
        if series.period is None:
            raise ExpressionError(f"law.{series.id} has not always been the same; only a period that has can be used")
        return Length(series.period, law)

    def _together(self, trees: list[ast.expr]) -> tuple[Node, ...]:
        """Questions that must all hold: law that one of them asks to be in force is taken to be so in the others."""
        before = self.assumed
        self.assumed = before | frozenset(_asked_in_force(trees))
        questions = tuple(self._question(tree) for tree in trees)
        self.assumed = before
        return questions

    def _question(self, tree: ast.expr) -> Node:
        node = self.read(tree)
        if isinstance(node, ASIDE) or kind_of(node) is not Kind.YES_NO:
            raise ExpressionError(f"{ast.unparse(tree)!r} is not a yes/no question")
        return node

    def _sum(self, left: Node, right: Node, minus: bool) -> Node:
        if isinstance(right, Length):
            if isinstance(left, Length) or kind_of(left) is not Kind.DATE:
                raise ExpressionError("a period is added to or taken from a date")
            return Shift(left, -right.period if minus else right.period, right.law)
        if isinstance(left, Length) or kind_of(left) is not kind_of(right) or isinstance(left, Texts):
            raise ExpressionError(f"{'-' if minus else '+'} needs two amounts of one kind, or a date and a period")
        if kind_of(left) not in (Kind.MONEY, Kind.NUMBER):
            raise ExpressionError(f"{_a(kind_of(left))} cannot be added or taken away; move a date by a period instead")
        return Sum(left, right, minus)

    def _product(self, left: Node, right: Node) -> Node:
        for factor in (left, right):
            if isinstance(factor, ASIDE) or kind_of(factor) not in (Kind.MONEY, Kind.NUMBER):
                raise ExpressionError("* multiplies money or a number by a number")
        if Kind.NUMBER not in (kind_of(left), kind_of(right)):
            raise ExpressionError("money cannot be multiplied by money")
        if not any(isinstance(factor, Constant | Law) for factor in (left, right)):
            raise ExpressionError("one side of * must be a whole number, a parameter or a figure of the law")
        if any(_may_be_negative(factor) for factor in (left, right)):
            raise ExpressionError("* multiplies what cannot be negative; take a difference after multiplying")
        product = Product(left, right)
        if _magnitude(product) > _MOST:
            raise ExpressionError("the product can grow beyond what can be held exactly; use smaller factors")
        return product

    def _comparisons(self, first: ast.expr, operators: list[ast.cmpop], rest: list[ast.expr]) -> Node:
        sides = [self.read(first), *(self.read(side) for side in rest)]
        for law in (law for side in sides for law in laws_of(side)):
            if law.series.lapses and not law.assumed:
                raise ExpressionError(_ask_in_force(law))
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
        if isinstance(left, ASIDE) or isinstance(right, ASIDE):
            raise ExpressionError(
                "a list, a period or a yearly day cannot be compared; use in, add the period to a date, or write latest"
            )
        kinds = (kind_of(left), kind_of(right))
        spelt = set(kinds) == {Kind.TEXT, Kind.CHOICE} and any(isinstance(side, Constant) for side in (left, right))
        if kinds[0] is not kinds[1] and not spelt:
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
        if isinstance(member, CycleName):
            return Within(member, texts)
        if not isinstance(member, FactRef) or member.kind not in (Kind.TEXT, Kind.CHOICE):
            raise ExpressionError("the left of in must be a text or a choice")
        if member.kind is Kind.CHOICE:
            self._check_choices(member, texts.values)
        return Within(member, texts)

    def _either(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> Node:
        condition = self._question(test)
        chosen, other = self.read(body), self.read(orelse)
        if kind_of(chosen) is not kind_of(other):
            raise ExpressionError("both sides of if must be of one kind")
        if isinstance(condition, Constant):
            return chosen if condition.value else other
        if not kind_of(chosen).bounded:
            raise ExpressionError("if chooses between amounts or dates by a fact; use and, or, not for questions")
        return Either(condition, chosen, other)

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
                if not isinstance(fact, FactRef) or fact.kind is Kind.COUNCILS:
                    raise ExpressionError("exists asks about a fact that is no list of councils")
                return Exists(fact)
            case "all_of", [_, *_]:
                return Every(self._together(arguments), listed=True)
            case "count_of", [_, *_]:
                return CountOf(tuple(self._question(argument) for argument in arguments))
            case "between", [lowest, highest]:
                sides = self.read(lowest), self.read(highest)
                if kind_of(sides[0]) is not kind_of(sides[1]) or not kind_of(sides[0]).bounded:
                    raise ExpressionError("between needs two amounts or two dates of one kind")
                return Between(*sides)
            case "mentions", [text, texts]:
                return self._mentions(self.read(text), self.read(texts))
            case "latest_quarter_end", [day]:
                return QuarterEnd(self._day(name, day))
            case "latest", [yearly, day]:
                recurring = self.read(yearly)
                if not isinstance(recurring, Recurring):
                    raise ExpressionError("latest needs a yearly day of the policy and a date")
                return Latest(recurring, self._day(name, day))
            case "over_term", [yearly, start, end]:
                term = OverTerm(self.read(yearly), self.read(start), self.read(end))
                if [kind_of(part) for part in children(term)] != [Kind.MONEY, Kind.DATE, Kind.DATE]:
                    raise ExpressionError("over_term needs a yearly amount of money, a first and a last day")
                return term
            case "given", [ast.Attribute(value=ast.Name(id="policy"), attr=parameter)]:
                given = self._parameter(parameter)
                return Constant(Kind.YES_NO, not (isinstance(given, Constant) and given.value is None))
            case "in_force", [ast.Attribute(value=ast.Name(id="law"), attr=law)]:
                return InForce(self._law(law))
            case "includes_vat", [ast.Attribute(value=ast.Name(id="law"), attr=law)]:
                return self._includes_vat(self._law(law))
            case _:
                raise ExpressionError(
                    f"{name}(...) with {len(arguments)} arguments is not known{nearest(name, list(_CALLS))}; "
                    f"the language has {', '.join(_CALLS.values())}"
                )

    def _mentions(self, text: Node, texts: Node) -> Node:
        if not isinstance(text, FactRef) or text.kind is not Kind.TEXT or not isinstance(texts, Texts):
            raise ExpressionError("mentions needs a text and a list of texts")
        return Mentions(text, texts)

    def _day(self, name: str, tree: ast.expr) -> Node:
        day = self.read(tree)
        if not built_of_moments(day):
            raise ExpressionError(f"{name} needs a date of the audit, such as as_of, moved by a period or not")
        return day

    def _includes_vat(self, law: Law) -> Node:
        if any(segment.includes_vat is None for segment in law.series.with_status(LawStatus.IN_FORCE)):
            raise ExpressionError(f"law.{law.series.id} does not always say whether it includes VAT")
        if law.series.lapses and not law.assumed:
            raise ExpressionError(_ask_in_force(law))
        return IncludesVat(law)


def _asked_in_force(trees: list[ast.expr]) -> Iterator[str]:
    """The law that some of the questions ask to be in force, by name."""
    for tree in trees:
        match tree:
            case ast.Call(func=ast.Name(id="in_force"), args=[ast.Attribute(attr=name)]):
                yield name


def _ask_in_force(law: Law) -> str:
    name = f"law.{law.series.id}"
    return f"{name} was not always in force; write in_force({name}) and what is asked of it"
