"""Reasons: which atomic questions made an answer, and which could still settle it.

An *atom* is a question that ``and``, ``or`` and ``not`` combine: a comparison, ``in``, ``exists`` or a yes/no fact in a
criterion, a criterion or conclusion in a rule.
"""

from collections.abc import Callable, Iterator
from itertools import product

from tipstaff.audit.decisions.decision_tables import FALSE, TRUE, UNKNOWN, Table
from tipstaff.policy.language.nodes import Constant, Every, Node, Not, Some

Answers = Callable[[Node], bool | None]
"""The answer to an atom: true, false, or None for unknown."""

Literal = tuple[Node, bool]
"""An atom with the answer it was given."""


def atoms_of(node: Node) -> Iterator[Node]:
    """The atoms of a question, from left to right."""
    match node:
        case Every(operands=operands) | Some(operands=operands):
            for operand in operands:
                yield from atoms_of(operand)
        case Not(operand=operand):
            yield from atoms_of(operand)
        case Constant():
            return
        case _:
            yield node


def answer_of(node: Node, answers: Answers) -> bool | None:
    """The answer to a question from those to its atoms."""
    match node:
        case Constant(value=value):
            return bool(value)
        case Not(operand=operand):
            inner = answer_of(operand, answers)
            return None if inner is None else not inner
        case Every(operands=operands) | Some(operands=operands):
            deciding = isinstance(node, Some)
            found = [answer_of(operand, answers) for operand in operands]
            if deciding in found:
                return deciding
            return None if None in found else not deciding
        case _:
            return answers(node)


def justify(node: Node, answers: Answers) -> list[Literal]:
    """The atoms that make a settled answer what it is, each with its own answer.

    Of alternatives that each suffice all are given, so that putting one right is not mistaken for putting all right.
    """
    match node:
        case Constant():
            return []
        case Not(operand=operand):
            return justify(operand, answers)
        case Every(operands=operands) | Some(operands=operands):
            settled = answer_of(node, answers)
            parts = [operand for operand in operands if answer_of(operand, answers) == settled]
            return [literal for part in parts for literal in justify(part, answers)]
        case _:
            settled = answers(node)
            return [] if settled is None else [(node, settled)]


def unsettled(node: Node, answers: Answers) -> list[Node]:
    """The unknown atoms that could settle a question that is unknown; empty if it is settled."""
    if answer_of(node, answers) is not None:
        return []
    match node:
        case Not(operand=operand):
            return unsettled(operand, answers)
        case Every(operands=operands) | Some(operands=operands):
            return [atom for operand in operands for atom in unsettled(operand, answers)]
        case _:
            return [node]


def deciding_inputs(table: Table, digits: tuple[int, ...]) -> tuple[int, ...]:
    """The positions of the unknown inputs that could change an answer of a decision table.

    An input could if, for some answers to the other unknown inputs, true and false lead to different results.
    """
    unknown = [position for position, digit in enumerate(digits) if digit == UNKNOWN]
    found = []
    for position in unknown:
        others = [other for other in unknown if other != position]
        for choice in product((FALSE, TRUE), repeat=len(others)):
            settled = list(digits)
            for other, digit in zip(others, choice, strict=True):
                settled[other] = digit
            results = {_answer(table, settled, position, digit) for digit in (FALSE, TRUE)}
            if len(results) > 1:
                found.append(position)
                break
    return tuple(found) or tuple(unknown)


def _answer(table: Table, digits: list[int], position: int, digit: int) -> int:
    given = [digit if place == position else other for place, other in enumerate(digits)]
    return table.answer(given)
