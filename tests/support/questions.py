"""Random yes/no questions over three facts, and what they come to."""

from itertools import product

from hypothesis import strategies as st

from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import Constant, Every, FactRef, Node, Not, Some

questions = st.recursive(
    st.sampled_from([FactRef(name, Kind.YES_NO) for name in "abc"])
    | st.sampled_from([Constant(Kind.YES_NO, True), Constant(Kind.YES_NO, False)]),
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: Every(tuple(parts)))
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: Some(tuple(parts)))
    ),
    max_leaves=6,
)


def truths(node: Node) -> list[bool]:
    """What a question comes to under every combination of answers."""

    def true(part: Node, given: dict[str, bool]) -> bool:
        match part:
            case FactRef(name=name):
                return given[name]
            case Constant(value=value):
                return bool(value)
            case Not(operand=operand):
                return not true(operand, given)
            case Every(operands=operands):
                return all(true(one, given) for one in operands)
            case Some(operands=operands):
                return any(true(one, given) for one in operands)
        raise TypeError(part)

    return [true(node, dict(zip("abc", answers, strict=True))) for answers in product((True, False), repeat=3)]
