"""Mutations of a pack: thresholds moved, comparisons and connectives flipped, one at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from tipstaff.facts.periods import Period
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.expressions import (
    Compare,
    Constant,
    CountOf,
    Every,
    Exists,
    FactRef,
    Mentions,
    Moment,
    Node,
    Not,
    Shift,
    Some,
    Sum,
    Within,
    facts_of,
)
from tipstaff.policy.pack import Aggregate, Derived, Pack, Rule

FLIPPED = {">=": (">", "<"), ">": (">=", "<="), "<": ("<=", ">="), "<=": ("<", ">"), "==": ("!=",), "!=": ("==",)}

OF_EACH_COUNCIL = ("payers_are_parties", "entry_decided_for_all")
"""Aggregates that read what only a council has, and so can only ask of each council."""


SWITCHED_OFF = (
    "criterion entered_since_adoption",
    "criterion entered_under_delegation",
    "criterion entry_decided_by_bodies",
    "derived entry_decided_for_all",
    "rule MON-07",
    "rule MON-08",
)
"""What rests on the day of adoption, which the bundled pack does not give; ``test_adopted`` gives it."""


@dataclass(frozen=True)
class Mutant:
    """A pack with one thing changed, and what was changed."""

    what: str
    pack: Pack
    rule: str | None = None
    """The rule whose formula was changed, where one was: its decision table must be made anew."""


def mutants(pack: Pack) -> Iterator[Mutant]:
    """Every mutant of the criteria, the derived facts and the rules of a pack."""
    for name, criterion in pack.criteria.items():
        for what, test in changes(criterion.test):
            changed = {**pack.criteria, name: replace(criterion, test=test)}
            yield Mutant(f"criterion {name}: {what}", replace(pack, criteria=changed))
    for index, derived in enumerate(pack.derived):
        for what, other in derived_changes(derived):
            made = (*pack.derived[:index], other, *pack.derived[index + 1 :])
            yield Mutant(f"derived {derived.name}: {what}", replace(pack, derived=made))
    for key, table in pack.tables.items():
        for index, derived in enumerate(table.derived):
            for what, other in derived_changes(derived):
                made = (*table.derived[:index], other, *table.derived[index + 1 :])
                tables = {**pack.tables, key: replace(table, derived=made)}
                yield Mutant(f"derived {derived.name}: {what}", replace(pack, tables=tables))
    for rule_id, rule in pack.rules.items():
        for what, other in rule_changes(rule):
            yield Mutant(f"rule {rule_id}: {what}", replace(pack, rules={**pack.rules, rule_id: other}), rule_id)


def derived_changes(derived: Derived) -> Iterator[tuple[str, Derived]]:
    match derived.formula:
        case Aggregate() as aggregate:
            for what, over in changes(aggregate.over):
                yield what, replace(derived, formula=replace(aggregate, over=over))
            if aggregate.where is not None:
                yield "where dropped", replace(derived, formula=replace(aggregate, where=None))
                for what, where in changes(aggregate.where):
                    yield f"where {what}", replace(derived, formula=replace(aggregate, where=where))
            swapped = {"sum": "greatest", "greatest": "sum", "any": "every", "every": "any"}
            other = swapped[aggregate.function]
            if derived.name not in OF_EACH_COUNCIL:
                yield f"{other} for {aggregate.function}", replace(derived, formula=replace(aggregate, function=other))
        case formula if isinstance(formula, Node):
            for what, other_formula in changes(formula):
                yield what, replace(derived, formula=other_formula)
    for index, part in enumerate(derived.otherwise):
        for what, other in changes(part):
            parts = (*derived.otherwise[:index], other, *derived.otherwise[index + 1 :])
            yield f"else {what}", replace(derived, otherwise=parts)


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
    return replace(rule, violation=violation, applies=applies, inputs=facts_of(violation))


def changes(node: Node) -> Iterator[tuple[str, Node]]:
    """Every single change of an expression, with words for it."""
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
                yield f"period by {step} day", replace(node, period=Period(period.months, period.days + step))
        case Compare(operator=operator):
            for other in FLIPPED[operator]:
                yield f"{operator} becomes {other}", replace(node, operator=other)
        case Within(texts=texts) | Mentions(texts=texts):
            for text in texts.values:
                rest = tuple(value for value in texts.values if value != text)
                yield f"without {text}", replace(node, texts=replace(texts, values=rest))
        case Every(operands=operands):
            yield "and becomes or", Some(operands)
        case Some(operands=operands):
            yield "or becomes and", Every(operands)
        case Not(operand=operand):
            yield "not dropped", operand
        case Exists() | FactRef(kind=Kind.YES_NO):
            yield "negated", Not(node)
        case Sum(minus=minus):
            yield "+ and - swapped", replace(node, minus=not minus)
        case _:
            pass
    if isinstance(node, Every | Some | CountOf) and len(node.operands) > 1:
        for index in range(len(node.operands)):
            rest = (*node.operands[:index], *node.operands[index + 1 :])
            yield f"without member {index + 1}", replace(node, operands=rest)
    for name, index, child in _children(node):
        for what, other in changes(child):
            yield what, _with(node, name, index, other)


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


def words(survivors: Mapping[str, str]) -> str:
    return "\n".join(f"{what}: {why}" for what, why in survivors.items())
