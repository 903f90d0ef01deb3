"""The English reading of an expression: what a rule asks, and why an answer came out as it did."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from tipstaff.facts.bounds import NEVER, NO_END, Bounds
from tipstaff.facts.units import show_date, show_money, show_number
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import (
    MOMENTS,
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
    kind_of,
)
from tipstaff.policy.law.series import RATE_UNIT, Corroborated, LawKind, LawStatus, Overdue, Segment, Series

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

MOST_SEGMENTS = 3
"""The most figures of the law that are listed one by one if the decisive date is uncertain."""

Show = Callable[[FactRef | Law], str]
"""How a fact, or a figure of the law, is to be written: by its label alone, or with its value too."""


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
    """An expression in words."""
    match node:
        case Constant(kind=kind, value=value):
            return show_value(kind, value)
        case Texts(values=values):
            return listed(list(values), "or") or "none"
        case Length(period=period):
            return str(period)
        case Recurring(yearly=yearly):
            return str(yearly)
        case Moment(name=name):
            return MOMENTS[name]
        case QuarterEnd(by=day):
            return f"the end of the latest quarter by {words(day, show)}"
        case Latest(of=Recurring(yearly=yearly), by=day):
            return f"the latest by {words(day, show)} ({yearly})"
        case CycleName():
            return "the cycle"
        case FactRef() | Law():
            return show(node)
        case Sum(left=left, right=right, minus=minus):
            return f"{words(left, show)} {'less' if minus else 'and'} {words(right, show)}"
        case Product(left=left, right=right):
            return f"{words(left, show)} times {words(right, show)}"
        case Shift(moved=moved, period=period, law=Law() as law):
            return f"{show(law)} {'before' if min(period.months, period.days) < 0 else 'after'} {words(moved, show)}"
        case Shift(moved=moved, period=period):
            if min(period.months, period.days) < 0:
                return f"{-period} before {words(moved, show)}"
            return f"{period} after {words(moved, show)}"
        case Between(lowest=lowest, highest=highest):
            return f"between {words(lowest, show)} and {words(highest, show)}"
        case Either(test=test, yes=yes, no=no):
            return f"{words(yes, show)} where {words(test, show)}, otherwise {words(no, show)}"
        case OverTerm(yearly=yearly, start=start, end=end):
            return f"{words(yearly, show)} a year from {words(start, show)} to {words(end, show)}"
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
        case Compare() | Within() | Mentions() | Exists() | InForce() | IncludesVat():
            return answer(node, True, show)


def answer(question: Node, truth: bool, show: Show) -> str:
    """An atomic question with its answer, as a clause: ``the end of the agreement (31 March 2016) is before ...``."""
    match question:
        case Compare(operator=operator, left=left, right=right):
            phrases = _DATE if kind_of(left) is Kind.DATE else _AMOUNT
            first, other = words(left, show), words(right, show)
            return f"{first.removesuffix(f' ({other})')} {phrases[operator][not truth]} {other}"
        case Within(member=member, texts=texts):
            return f"{words(member, show)} {'is' if truth else 'is not'} {words(texts, show)}"
        case Mentions(text=text, texts=texts):
            return f"{show(text)} {'mentions' if truth else 'does not mention'} {words(texts, show)}"
        case Exists(fact=fact):
            return f"{show(fact)} is {'given' if truth else 'not given'}"
        case InForce(law=law):
            return f"the {law.series.title} {'is' if truth else 'is not'} in force on {_day(law, show)}"
        case IncludesVat(law=law):
            return f"{show(law)} {'includes' if truth else 'does not include'} VAT"
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
    """A ``Show`` that writes each fact by its label, and a figure of the law by its title and the date that decides."""

    def show(node: FactRef | Law) -> str:
        if isinstance(node, FactRef):
            return facts.get(node.name, node.name)
        return f"the {node.series.title} in force on {_day(node, show)}"

    return show


def _day(law: Law, show: Show) -> str:
    """The date that decides the law, with its article."""
    return f"the {show(law.at)}" if isinstance(law.at, FactRef) else words(law.at, show)


def cited(series: Series, segments: Sequence[Segment]) -> str:
    """Figures of the law with their days and instruments, as a lawyer cites them.

    ``£164,176 from 1 January 2016 to 31 December 2017, SI 2015/102 reg 5``; of many figures the least and the greatest.
    """
    if len(segments) <= MOST_SEGMENTS:
        return "; or ".join(_cited(series, segment) for segment in segments)
    from_memory = any(segment.corroborated is Corroborated.NO for segment in segments)
    days = _days(segments[0].first, segments[-1].last)
    return f"{figures(series, segments)}, {days}{', in part from memory' if from_memory else ''}"


def figures(series: Series, segments: Sequence[Segment]) -> str:
    """Describe one or more segments, without days: ``£164,176``, ``not held or £144,660 to £164,920``."""
    if len(segments) == 1:
        return _figure(series, segments[0])
    ends = [segment.value for segment in segments if isinstance(segment.value, Bounds)]
    shown = list(dict.fromkeys(str(segment.status) for segment in segments))
    if ends:
        least, most = min(end.lo for end in ends), max(end.hi or end.lo for end in ends)
        amounts = f"{_amount(series, least)} to {_amount(series, most)}"
        shown = [amounts if status == LawStatus.IN_FORCE else status for status in shown]
    return " or ".join(shown)


def advice(overdue: Overdue) -> str:
    """That a figure is used past the day until which it was expected to hold."""
    series, segment = overdue.series, overdue.segment
    expected = "" if segment.expected_end is None else show_date(segment.expected_end)
    used = f"The {series.title} ({_cited(series, segment)})"
    return f"{used} was expected to hold until {expected}. Check whether it still does."


def _cited(series: Series, segment: Segment) -> str:
    said = f"{_figure(series, segment)} {_days(segment.first, segment.last)}"
    memory = "from memory" if segment.corroborated is Corroborated.NO else ""
    return ", ".join(part for part in (said, segment.instrument, memory) if part)


def _figure(series: Series, segment: Segment) -> str:
    match segment.status, segment.value:
        case LawStatus.IN_FORCE, Bounds(lo=lo, hi=hi):
            figure = (
                _amount(series, lo) if hi == lo or hi is None else f"{_amount(series, lo)} to {_amount(series, hi)}"
            )
        case LawStatus.IN_FORCE, value:
            figure = "in force" if value is None else str(value)
        case status, _:
            figure = str(status)
    if segment.stated:
        figure += f" ({segment.stated})"
    if segment.includes_vat:
        figure += " including VAT"
    return figure


def _amount(series: Series, value: int) -> str:
    match series.kind:
        case LawKind.MONEY:
            return show_money(value)
        case LawKind.RATE:
            return f"{value // RATE_UNIT}.{value % RATE_UNIT:04d}"
        case _:
            return show_number(value, series.unit)


def _days(first: date, last: date) -> str:
    if (first, last) == (NEVER, NO_END):
        return "whatever the day"
    if first == NEVER:
        return f"before {show_date(last + timedelta(days=1))}"
    return f"from {show_date(first)}" + ("" if last == NO_END else f" to {show_date(last)}")
