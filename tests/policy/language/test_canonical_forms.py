"""Forms: one for the same question in other words, and only for the same."""

import pytest
from hypothesis import given

from support.questions import questions, truths
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.canonical_forms import form_of
from tipstaff.policy.language.nodes import Node, Not
from tipstaff.policy.language.parsing import Scope, parse


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
