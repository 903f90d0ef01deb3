"""Forms: what a yes/no question comes to, so that the same question written in two ways has one form."""

from collections.abc import Iterable

from tipstaff.policy.language.nodes import Compare, Constant, Every, Node, Not, Some, Within

Form = bool | tuple[bool, object]
"""The form of a question: an answer, or a hashable key and whether the question asserts (True) or denies it (False)."""

_MIRRORED = {"<": ">", "<=": ">=", "==": "==", "!=": "!=", ">=": "<=", ">": "<"}
_DENIED = {"<": ">=", "<=": ">", "!=": "=="}


def form_of(node: Node) -> Form:
    """The form of a yes/no question.

    The order of operands, the direction of a comparison, double negation and constants make no difference.
    """
    match node:
        case Constant(value=bool(value)):
            return value
        case Not(operand=operand):
            return denied(form_of(operand))
        case Every(operands=operands):
            return _every(map(form_of, operands))
        case Some(operands=operands):
            return denied(_every(denied(form_of(operand)) for operand in operands))
        case Within(texts=texts) if not texts.values:
            return False
        case Compare():
            return _comparison(node)
        case _:
            return True, node


def denied(form: Form) -> Form:
    """The opposite of a form."""
    return not form if isinstance(form, bool) else (not form[0], form[1])


def _every(forms: Iterable[Form]) -> Form:
    members = frozenset(form for form in forms if form is not True)
    if False in members or any(denied(form) in members for form in members):
        return False
    if len(members) < 2:
        return next(iter(members), True)
    return True, members


def _comparison(node: Compare) -> Form:
    left, operator, right = node.left, node.operator, node.right
    if isinstance(left, Constant) and isinstance(right, Constant) and None not in (left.value, right.value):
        return _compared(left, operator, right)
    if repr(left) > repr(right):
        left, operator, right = right, _MIRRORED[operator], left
    if operator in _DENIED:
        return False, Compare(_DENIED[operator], left, right)
    return True, Compare(operator, left, right)


def _compared(left: Constant, operator: str, right: Constant) -> bool:
    first, second = left.value, right.value
    match operator:
        case "==":
            return first == second
        case "!=":
            return first != second
        case "<":
            return first < second  # type: ignore[operator] # of one kind, as the parser checked
        case "<=":
            return first <= second  # type: ignore[operator]
        case ">":
            return first > second  # type: ignore[operator]
        case _:
            return first >= second  # type: ignore[operator]
