"""The English reading of an expression: what a rule asks, and why an answer came out as it did."""

from collections.abc import Callable, Mapping
from datetime import date

from tipstaff.facts.units import show_date, show_money, show_number
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.expressions import (
    MOMENTS,
    Between,
    Compare,
    Constant,
    CountOf,
    Every,
    Exists,
    FactRef,
    Length,
    Moment,
    Node,
    Not,
    Product,
    Shift,
    Some,
    Sum,
    Texts,
    Within,
    kind_of,
)

_AMOUNT = {
    ">=": ("is at least", "is below"),
    ">": ("is more than", "is no more than"),
    "<": ("is below", "is at least"),
    "<=": ("is no more than", "is more than"),
    "==": ("is", "is not"),
    "!=": ("is not", "is"),
}
_DATE = {
    ">=": ("is on or after", "is before"),
    ">": ("is after", "is on or before"),
    "<": ("is before", "is on or after"),
    "<=": ("is on or before", "is after"),
    "==": ("is", "is not"),
    "!=": ("is not", "is"),
}

Show = Callable[[FactRef], str]


def show_value(kind: Kind, value: int | date | str | bool | None, unit: str | None = None) -> str:
    """A value as an officer reads it: ``£12,000``, ``4.5 days a month``, ``31 March 2017``, ``yes``."""
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case date():
            return show_date(value)
        case int():
            return show_money(value) if kind is Kind.MONEY else show_number(value, unit)
        case str():
            return value


def words(node: Node, show: Show) -> str:
    """An expression in words. ``show`` says how a fact is to be written: its label, or its label with its value."""
    match node:
        case Constant(kind=kind, value=value):
            return show_value(kind, value)
        case Texts(values=values):
            return listed(list(values), "or") or "none"
        case Length(period=period):
            return str(period)
        case Moment(name=name):
            return MOMENTS[name]
        case FactRef():
            return show(node)
        case Sum(left=left, right=right, minus=minus):
            return f"{words(left, show)} {'less' if minus else 'and'} {words(right, show)}"
        case Product(left=left, right=right):
            return f"{words(left, show)} times {words(right, show)}"
        case Shift(moved=moved, period=period):
            if min(period.months, period.days) < 0:
                return f"{words(moved, show)} less {-period}"
            return f"{words(moved, show)} and {period}"
        case Between(lowest=lowest, highest=highest):
            return f"between {words(lowest, show)} and {words(highest, show)}"
        case CountOf(operands=operands):
            return f"how many hold of {listed([words(part, show) for part in operands], 'and')}"
        case Every(operands=operands):
            return listed([_enclosed(part, show) for part in operands], "and")
        case Some(operands=operands):
            return listed([_enclosed(part, show) for part in operands], "or")
        case Not(operand=Every() | Some() as operand):
            return f"not ({words(operand, show)})"
        case Not(operand=operand):
            return answer(operand, False, show)
        case Compare() | Within() | Exists():
            return answer(node, True, show)


def answer(question: Node, truth: bool, show: Show) -> str:
    """An atomic question with its answer, as a clause: ``the end of the agreement (31 March 2016) is before ...``."""
    match question:
        case Compare(operator=operator, left=left, right=right):
            phrases = _DATE if kind_of(left) is Kind.DATE else _AMOUNT
            return f"{words(left, show)} {phrases[operator][not truth]} {words(right, show)}"
        case Within(member=member, texts=texts):
            return f"{words(member, show)} {'is' if truth else 'is not'} {words(texts, show)}"
        case Exists(fact=fact):
            return f"{show(fact)} is {'given' if truth else 'not given'}"
        case Not(operand=operand):
            return answer(operand, not truth, show)
        case FactRef():
            return f"{show(question)}: {'yes' if truth else 'no'}"
        case _:
            return words(question, show) if truth else f"not ({words(question, show)})"


def _enclosed(node: Node, show: Show) -> str:
    inner = words(node, show)
    return f"({inner})" if isinstance(node, Every | Some) else inner


def listed(items: list[str], link: str) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {link} {items[-1]}"


def labels(facts: Mapping[str, str]) -> Show:
    """A ``Show`` that writes each fact by its label."""
    return lambda fact: facts.get(fact.name, fact.name)
