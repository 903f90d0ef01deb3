"""The rules of a pack as each peer can be given them: when a rule surely holds, and when it possibly does.

Criteria and conclusions are 0 (false), 1 (true) or 2 (unknown). This shares no code with the program's own inference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tipstaff.policy.language.nodes import Constant, Every, FactRef, Node, Not, Some
from tipstaff.policy.pack.model import Pack, Rule


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a peer writes a comparison, a constant, and a conjunction (else a disjunction)."""

    equal: Callable[[str, int], Any]
    unequal: Callable[[str, int], Any]
    constant: Callable[[bool], Any]
    joined: Callable[[bool, list[Any]], Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A rule in the syntax of a peer. ``idle`` says when it surely does not apply; None where it always does."""

    rule: Rule
    surely: Any
    possibly: Any
    idle: Any | None

    @property
    def answers(self) -> str:
        """The column that it answers."""
        return self.rule.concludes or self.rule.id


def rules_of(pack: Pack, syntax: Syntax) -> list[list[Written]]:
    """The rules of a pack, layer by layer."""
    return [[written(pack.rules[name], syntax) for name in layer] for layer in pack.layers]


def written(rule: Rule, syntax: Syntax) -> Written:
    """One rule."""

    def form(node: Node, sure: bool, positive: bool) -> Any:
        match node:
            case FactRef(name=name) if sure:
                return syntax.equal(name, 1 if positive else 0)
            case FactRef(name=name):
                return syntax.unequal(name, 0 if positive else 1)
            case Constant(value=value):
                return syntax.constant(bool(value) == positive)
            case Not(operand=operand):
                return form(operand, sure, not positive)
            case Every(operands=operands) | Some(operands=operands):
                parts = [form(operand, sure, positive) for operand in operands]
                return syntax.joined(isinstance(node, Every) == positive, parts)
            case _:
                raise TypeError(type(node).__name__)

    idle = None if rule.applies is None else form(rule.applies, True, False)
    return Written(rule, form(rule.violation, True, True), form(rule.violation, False, True), idle)
