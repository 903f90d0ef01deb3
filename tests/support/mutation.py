"""Mutations of a pack, one at a time: thresholds and figures of the law moved, comparisons and connectives flipped."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from tipstaff.facts.bounds import Bounds
from tipstaff.facts.periods import Period
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.english import words
from tipstaff.policy.language.nodes import (
    Compare,
    Constant,
    CountOf,
    Either,
    Every,
    Exists,
    FactRef,
    IncludesVat,
    Law,
    Mentions,
    Moment,
    Node,
    Not,
    Shift,
    Some,
    Sum,
    Within,
    children,
    facts_of,
)
from tipstaff.policy.law.series import LawKind, Segment, Series
from tipstaff.policy.pack.model import Aggregate, Derived, Pack, Rule, formulas_of, law_below

FLIPPED = {">=": (">", "<"), ">": (">=", "<="), "<": ("<=", ">="), "<=": ("<", ">"), "==": ("!=",), "!=": ("==",)}

SWAPPED = {"sum": "greatest", "greatest": "sum", "any": "every", "every": "any"}

UNIT = {LawKind.MONEY: 1, LawKind.NUMBER: 100}
"""By how much a figure of the law is moved: a penny, or one."""

DAY = timedelta(days=1)


ON_ENTRY = (
    "criterion entered_since_adoption",
    "criterion entered_under_delegation",
    "criterion entry_decided_by_bodies",
    "derived entry_decided_for_all",
    "rule MON-07",
    "rule MON-08",
)
"""What rests on the day of adoption, which the bundled pack does not give; ``test_adopted`` gives it."""

SWITCHED_OFF = (
    *ON_ENTRY,
    "criterion at_tender_value",
    "criterion delivery_options_considered",
    "criterion delivery_undecided",
    "criterion due:PRO-11",
    "criterion due:REN-08",
    "criterion recommended_before_budget",
    "rule PRO-07",
    "rule PRO-11",
    "rule REN-08",
)
"""What rests on parameters that the bundled pack does not give; ``test_switched_rules`` gives the others."""


@dataclass(frozen=True)
class Mutant:
    """A pack with one thing changed, and what was changed."""

    what: str
    pack: Pack


def mutants(pack: Pack) -> list[Mutant]:
    """Every mutant of the criteria, the derived facts and the rules of a pack, and of the law that these read.

    Each has words of its own; those that would share them are numbered.
    """
    made = [*_of_questions(pack), *law_mutants(pack)]
    places: dict[str, list[int]] = defaultdict(list)
    for place, mutant in enumerate(made):
        places[mutant.what].append(place)
    for what, same in places.items():
        for number, place in enumerate(same[1:], 2):
            made[place] = replace(made[place], what=f"{what} ({number})")
    return made


def _of_questions(pack: Pack) -> Iterator[Mutant]:
    for name, criterion in pack.criteria.items():
        for what, test in changes(criterion.test):
            changed = {**pack.criteria, name: replace(criterion, test=test)}
            yield Mutant(f"criterion {name}: {what}", replace(pack, criteria=changed))
    for index, derived in enumerate(pack.derived):
        for what, other in derived_changes(pack, derived):
            made = (*pack.derived[:index], other, *pack.derived[index + 1 :])
            yield Mutant(f"derived {derived.name}: {what}", replace(pack, derived=made))
    for ledger in pack.ledgers.values():
        for name, term in ledger.terms.items():
            for what, other in changes(term, terms_of(pack) - {id(term)}):
                yield Mutant(f"term {name}: {what}", _put_for(pack, term, other))
    for key, table in pack.tables.items():
        for index, derived in enumerate(table.derived):
            for what, other in derived_changes(pack, derived):
                made = (*table.derived[:index], other, *table.derived[index + 1 :])
                tables = {**pack.tables, key: replace(table, derived=made)}
                yield Mutant(f"derived {derived.name}: {what}", replace(pack, tables=tables))
    for rule_id, rule in pack.rules.items():
        for what, changed_rule in rule_changes(rule):
            yield Mutant(f"rule {rule_id}: {what}", replace(pack, rules={**pack.rules, rule_id: changed_rule}))


def terms_of(pack: Pack) -> frozenset[int]:
    """The terms of the ledgers of a pack, which stand in formulas whole, to be changed in all of them at once."""
    return frozenset(id(term) for ledger in pack.ledgers.values() for term in ledger.terms.values())


def _put_for(pack: Pack, term: Node, other: Node) -> Pack:
    return replace(pack, derived=rewritten(pack.derived, lambda node: other if node is term else node))


def derived_changes(pack: Pack, derived: Derived) -> Iterator[tuple[str, Derived]]:
    match derived.formula:
        case Aggregate(function=function, over=over, where=where) as aggregate:
            terms = terms_of(pack)
            for what, other in changes(over, terms):
                yield what, replace(derived, formula=replace(aggregate, over=other))
            if where is not None:
                yield "where dropped", replace(derived, formula=replace(aggregate, where=None))
                for what, other in changes(where, terms):
                    yield f"where {what}", replace(derived, formula=replace(aggregate, where=other))
            of_each_council = any(
                pack.facts[name].kind is Kind.COUNCILS for part in formulas_of(derived) for name in facts_of(part)
            )
            if function in SWAPPED and not of_each_council:  # the line that is tied to no council has no such facts
                swapped = replace(aggregate, function=SWAPPED[function])
                yield f"{swapped.function} for {function}", replace(derived, formula=swapped)
        case formula if isinstance(formula, Node):
            for what, other in changes(formula):
                yield what, replace(derived, formula=other)
    for index, node in enumerate(derived.otherwise):
        for what, other in changes(node):
            rest = (*derived.otherwise[:index], other, *derived.otherwise[index + 1 :])
            yield f"else {what}", replace(derived, otherwise=rest)


def rule_changes(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Changes of what a rule asks for, and of when it applies; its violation is made anew from both."""
    main = Not(rule.formula) if rule.kind == "requires" else rule.formula
    for what, other in changes(main):
        yield what, _made_of(rule, other, rule.applies)
    if rule.applies is not None:
        for what, applies in changes(rule.applies):
            yield f"applies {what}", _made_of(rule, main, applies)


def _made_of(rule: Rule, main: Node, applies: Node | None) -> Rule:
    violation = main if applies is None else Every((main, applies))
    formula = Not(main) if rule.kind == "requires" else main
    return replace(rule, formula=formula, violation=violation, applies=applies, inputs=facts_of(violation))


def changes(node: Node, whole: frozenset[int] = frozenset()) -> Iterator[tuple[str, Node]]:
    """Every single change of an expression, with words for it. What is in ``whole`` is left as it is."""
    if id(node) in whole:
        return
    match node:
        case Constant(kind=Kind.MONEY | Kind.NUMBER, value=int(value)):
            for step in (-1, 1):
                if value + step >= 0:
                    yield f"{value} becomes {value + step}", replace(node, value=value + step)
        case Constant(kind=Kind.DATE, value=date() as value):
            for step in (-1, 1):
                yield f"{value} by {step} day", replace(node, value=value + timedelta(days=step))
        case Constant(kind=Kind.YES_NO, value=bool(value)):
            yield f"{value} becomes {not value}", replace(node, value=not value)
        case Shift(period=period):
            for step in (-1, 1):
                yield f"{period} by {step} day", replace(node, period=Period(period.months, period.days + step))
        case Compare(operator=operator):
            for other in FLIPPED[operator]:
                yield f"{said(node.left)} {operator} becomes {other}", replace(node, operator=other)
        case Within(texts=texts) | Mentions(texts=texts):
            for text in texts.values:
                rest = tuple(value for value in texts.values if value != text)
                yield f"without {text}", replace(node, texts=replace(texts, values=rest))
        case Every(operands=operands):
            yield f"and becomes or in {said(node)}", Some(operands)
        case Some(operands=operands):
            yield f"or becomes and in {said(node)}", Every(operands)
        case Not(operand=operand):
            yield f"not dropped from {said(operand)}", operand
        case Exists() | FactRef(kind=Kind.YES_NO):
            yield f"{said(node)} negated", Not(node)
        case Sum(minus=minus):
            yield f"+ and - swapped in {said(node)}", replace(node, minus=not minus)
        case Either(yes=yes, no=no):
            yield f"if and else swapped in {said(node)}", replace(node, yes=no, no=yes)
        case _:
            pass
    if isinstance(node, Every | Some | CountOf) and len(node.operands) > 1:
        for index in range(len(node.operands)):
            rest = (*node.operands[:index], *node.operands[index + 1 :])
            yield f"without {said(node.operands[index])}", replace(node, operands=rest)
    for name, index, child in _children(node):
        for what, other in changes(child, whole):
            yield what, _with(node, name, index, other)


def said(node: Node) -> str:
    """An expression in words, its facts and figures of law by their names."""
    return words(node, lambda part: part.name if isinstance(part, FactRef) else f"law.{part.series.id}")


def _children(node: Node) -> Iterator[tuple[str, int | None, Node]]:
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            for index, part in enumerate(value):
                if isinstance(part, Node) and not isinstance(part, Moment):
                    yield field.name, index, part
        elif isinstance(value, Node) and not isinstance(value, Moment):
            if isinstance(node, Exists):
                continue
            yield field.name, None, value


def _with(node: Node, name: str, index: int | None, child: Node) -> Any:
    if index is None:
        return replace(node, **{name: child})  # type: ignore[arg-type]
    value = getattr(node, name)
    return replace(node, **{name: (*value[:index], child, *value[index + 1 :])})  # type: ignore[arg-type]


# The law


def law_mutants(pack: Pack) -> Iterator[Mutant]:
    """Mutants of the figures and the days of every series that a criterion or a derived fact of a pack reads."""
    nodes = questions(pack)
    read = {law.series.id: law.series for law in law_below(pack, nodes)}
    with_vat = {part.law.series.id for node in nodes for part in parts(node) if isinstance(part, IncludesVat)}
    for series in read.values():
        for what, changed in series_changes(series, vat=series.id in with_vat):
            yield Mutant(f"law {series.id}: {what}", _under(pack, changed))


def questions(pack: Pack) -> list[Node]:
    """The expressions of a pack: the tests of its criteria and what its derived facts are made of."""
    derived = [*pack.derived, *(one for table in pack.tables.values() for one in table.derived)]
    return [*(one.test for one in pack.criteria.values()), *(part for one in derived for part in formulas_of(one))]


def parts(node: Node) -> Iterator[Node]:
    """A node and everything in it."""
    yield node
    for child in children(node):
        yield from parts(child)


def series_changes(series: Series, *, vat: bool) -> Iterator[tuple[str, Series]]:
    """A figure moved by a unit, the day on which it begins by a day, and whether it includes VAT.

    What a foreign amount comes to month by month is one figure: the amount is the law, and the rates are data. A change
    that leaves everything as it was but the instrument is none.
    """
    figures = [list(group) for _, group in groupby(series.segments, key=_figure)]
    for index, figure in enumerate(figures):
        first = figure[0].first
        called = f"{figure[0].stated or _plain(figure[0])} from {first}"

        def put(*changed: Segment, at: int = index, before: Sequence[Segment] = ()) -> Series:
            rest = (one for group in figures[at + 1 :] for one in group)
            kept = [one for group in figures[:at] for one in group]
            return replace(series, segments=(*kept[: len(kept) - len(before)], *before, *changed, *rest))

        for step in (-1, 1):
            if isinstance(figure[0].value, Bounds) and series.kind in UNIT:
                by = step * UNIT[series.kind]
                yield f"{called} by {by}", put(*(_moved(one, by) for one in figure))
            if index and _may_begin(figures[index - 1][-1], figure[0], step):
                before = replace(figures[index - 1][-1], last=first + (step - 1) * DAY)
                began = replace(figure[0], first=first + step * DAY)
                yield f"{called} begins {step} day", put(began, *figure[1:], before=[before])
        if vat and figure[0].includes_vat is not None:
            yield (
                f"{called} with the other VAT basis",
                put(*(replace(one, includes_vat=not one.includes_vat) for one in figure)),
            )


def _plain(segment: Segment) -> str:
    return str(segment.value.lo if isinstance(segment.value, Bounds) else segment.value or segment.status)


def _figure(segment: Segment) -> tuple[object, ...]:
    """What makes segments that follow each other one figure."""
    return segment.status, segment.stated or segment.value, segment.includes_vat


def _moved(segment: Segment, by: int) -> Segment:
    assert isinstance(segment.value, Bounds)
    lo, hi = segment.value.lo, segment.value.hi
    return replace(segment, value=Bounds(max(0, lo + by), None if hi is None else max(0, hi + by)))


def _may_begin(before: Segment, segment: Segment, step: int) -> bool:
    """Whether each of two segments keeps a day where the second begins so many days later."""
    return before.first <= before.last + step * DAY and segment.first + step * DAY <= segment.last


def _under(pack: Pack, series: Series) -> Pack:
    """A pack that reads another state of a series."""

    def other(node: Node) -> Node:
        return replace(node, series=series) if isinstance(node, Law) and node.series.id == series.id else node

    return replace(
        pack,
        criteria={name: rewritten(one, other) for name, one in pack.criteria.items()},
        derived=rewritten(pack.derived, other),
        tables={key: replace(one, derived=rewritten(one.derived, other)) for key, one in pack.tables.items()},
        law={**pack.law, series.id: series},
    )


def rewritten(part: Any, change: Callable[[Node], Node]) -> Any:
    """A part of a pack with every node in it changed, the innermost first; the part itself where nothing changes."""
    if isinstance(part, tuple):
        made = tuple(rewritten(one, change) for one in part)
        return part if all(new is old for new, old in zip(made, part, strict=True)) else made
    if not hasattr(part, "__dataclass_fields__") or isinstance(part, Series):
        return part
    inner = {field.name: getattr(part, field.name) for field in fields(part)}
    changed = {name: rewritten(value, change) for name, value in inner.items()}
    changed = {name: value for name, value in changed.items() if value is not inner[name]}
    found = replace(part, **changed) if changed else part
    return change(found) if isinstance(found, Node) else found
