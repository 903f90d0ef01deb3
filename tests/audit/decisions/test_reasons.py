"""Reasons: what is given as a reason does make the answer, and what is said to be open could still settle it."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.oracle import rule_truth
from tipstaff.audit.decisions.decision_tables import FALSE, TRUE, UNKNOWN, Table, combinations
from tipstaff.audit.decisions.reasons import answer_of, atoms_of, deciding_inputs, justify, unsettled
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import Compare, Constant, Every, FactRef, Node, Not, Some

NAMES = ["a", "b", "c", "d"]
ATOMS = {name: FactRef(name, Kind.YES_NO) for name in NAMES}
A, B, C, D = (ATOMS[name] for name in NAMES)
TRUTHS = st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in NAMES})
Truths = dict[str, bool | None]


def _joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(Every), several.map(Some), parts.map(Not))


LEAVES = st.one_of(st.sampled_from(list(ATOMS.values())), st.booleans().map(lambda value: Constant(Kind.YES_NO, value)))
FORMULAS: st.SearchStrategy[Node] = st.recursive(LEAVES, _joined, max_leaves=10)


def answered(formula: Node, truths: Truths) -> bool | None:
    return answer_of(formula, lambda atom: truths[atom.name])  # type: ignore[union-attr]


@given(FORMULAS, TRUTHS)
def test_the_answer_is_kleenes(formula: Node, truths: Truths) -> None:
    assert answered(formula, truths) is rule_truth(formula, truths)


@given(FORMULAS, TRUTHS)
def test_the_reasons_alone_make_the_answer(formula: Node, truths: Truths) -> None:
    answer = answered(formula, truths)
    if answer is None:
        return
    literals = justify(formula, lambda atom: truths[atom.name])  # type: ignore[union-attr]
    known: Truths = dict.fromkeys(NAMES)
    for atom, truth in literals:
        assert isinstance(atom, FactRef)
        assert truths[atom.name] is truth
        known[atom.name] = truth
    assert answered(formula, known) is answer


@given(FORMULAS, TRUTHS)
def test_what_is_not_said_to_be_open_cannot_settle_anything(formula: Node, truths: Truths) -> None:
    opened = unsettled(formula, lambda atom: truths[atom.name])  # type: ignore[union-attr]
    if answered(formula, truths) is not None:
        assert opened == []
        return
    names = {atom.name for atom in opened if isinstance(atom, FactRef)}
    assert names
    assert {truths[name] for name in names} == {None}
    others = [name for name in NAMES if truths[name] is None and name not in names]
    for choice in product((True, False), repeat=len(others)):
        assert answered(formula, truths | dict(zip(others, choice, strict=True))) is None


@settings(max_examples=100)
@given(FORMULAS)
def test_deciding_inputs_are_those_that_can_change_the_answer(formula: Node) -> None:
    digit = {True: TRUE, False: FALSE, None: UNKNOWN}
    worlds = [dict(zip(NAMES, ((False, True, None)[d] for d in digits), strict=True)) for digits in combinations(4)]
    table = Table(tuple(NAMES), tuple(digit[rule_truth(formula, world)] for world in worlds))
    for digits in combinations(4):
        found = deciding_inputs(table, digits)
        unknown = [place for place, one in enumerate(digits) if one == UNKNOWN]
        expected = []
        for place in unknown:
            others = [other for other in unknown if other != place]
            for choice in product((FALSE, TRUE), repeat=len(others)):
                given_others = dict(zip(others, choice, strict=True))
                answers = {
                    table.answer([given_others.get(at, one) if at != place else value for at, one in enumerate(digits)])
                    for value in (FALSE, TRUE)
                }
                if len(answers) > 1:
                    expected.append(place)
                    break
        assert list(found) == (expected or unknown)


def test_of_alternatives_that_each_suffice_all_are_given() -> None:
    truths: Truths = {"a": True, "b": True, "c": False, "d": None}
    assert justify(Some((A, B, C, D)), lambda atom: truths[atom.name]) == [(A, True), (B, True)]  # type: ignore[union-attr]


def test_of_a_conjunction_that_fails_only_the_failing_are_given() -> None:
    truths: Truths = {"a": True, "b": False, "c": False, "d": None}
    assert justify(Every((A, B, C, D)), lambda atom: truths[atom.name]) == [(B, False), (C, False)]  # type: ignore[union-attr]


def test_reasons_keep_the_answer_of_the_atom_itself() -> None:
    truths: Truths = {"a": False, "b": True, "c": None, "d": None}
    assert justify(Not(A), lambda atom: truths[atom.name]) == [(A, False)]  # type: ignore[union-attr]


def test_a_comparison_is_an_atom_and_a_constant_is_none() -> None:
    compare = Compare("<", FactRef("m", Kind.MONEY), Constant(Kind.MONEY, 1))
    assert list(atoms_of(Every((compare, Constant(Kind.YES_NO, True), Not(A), A)))) == [compare, A, A]


@pytest.mark.parametrize("unknown", [(0,), (1,), (0, 1)])
def test_where_no_single_input_decides_all_unknown_ones_are_named(unknown: tuple[int, ...]) -> None:
    """``a or not a`` is unknown in Kleene's logic, and neither answer to ``a`` changes it."""
    digits = tuple(UNKNOWN if place in unknown else FALSE for place in range(2))
    table = Table(("a", "b"), tuple(UNKNOWN if UNKNOWN in one else TRUE for one in combinations(2)))
    assert deciding_inputs(table, digits) == unknown
