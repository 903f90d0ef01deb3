"""Forms: one for the same question in other words, and only for the same."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.expressions import Constant, Every, FactRef, Node, Not, Scope, Some, parse
from tipstaff.policy.forms import form_of

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


@given(questions, questions)
def test_questions_of_one_form_have_the_same_answers(first: Node, second: Node) -> None:
    if form_of(first) == form_of(second):
        assert truths(first) == truths(second)
    if isinstance(form := form_of(first), bool):
        assert truths(first) == [form] * 8


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("amount > 3 * other", "3 * other < amount"),
        ("not amount >= other", "amount < other"),
        ("amount == other", "other == amount"),
    ],
)
def test_a_comparison_has_one_form(first: str, second: str) -> None:
    scope = Scope({"amount": Kind.MONEY, "other": Kind.MONEY}, {}, {})
    assert form_of(parse(first, scope)) == form_of(parse(second, scope))
    assert form_of(parse(first, scope)) != form_of(Not(parse(second, scope)))
