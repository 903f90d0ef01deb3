"""Switches: rules that a parameter without a value switches off, whatever a register says."""

from tipstaff.policy.language.canonical_forms import form_of
from tipstaff.policy.language.nodes import Every, FactRef, Node
from tipstaff.policy.pack.model import Criterion, Pack, Rule


def switching_off(pack: Pack, rule: Rule) -> tuple[Criterion, ...]:
    """The criteria under ``applies`` that come to no, so that the rule never applies; empty if it may."""
    parts = (part.name for part in _operands(rule.applies) if isinstance(part, FactRef))
    criteria = (pack.criteria[name] for name in parts if name in pack.criteria)
    return tuple(criterion for criterion in criteria if form_of(criterion.test) is False)


def switched_off(pack: Pack) -> dict[str, tuple[Criterion, ...]]:
    """The rules of a pack that are switched off, with the criteria that switch them off."""
    found = {rule.id: switching_off(pack, rule) for rule in pack.rules.values()}
    return {rule: criteria for rule, criteria in found.items() if criteria}


def _operands(applies: Node | None) -> tuple[Node, ...]:
    """The conditions that must all hold for a rule to apply."""
    if isinstance(applies, Every):
        return tuple(part for operand in applies.operands for part in _operands(operand))
    return () if applies is None else (applies,)
