"""The audit agrees with the oracle, an interpreter that shares no code with it."""

import math
import os
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Oracle, outcome, rule_truth
from registers import Partnership, Row, amount, register
from worlds import Worlds

from tipstaff.audit.audit import Outcome, audit
from tipstaff.audit.inference import FALSE, TRUE, UNKNOWN, combinations, decide, decide_rule
from tipstaff.facts.bounds import NEVER
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.expressions import Constant, Every, FactRef, Node, Not, Some, facts_of
from tipstaff.policy.pack import Pack, Rule
from tipstaff.policy.schema import SourcePart

AS_OF, CYCLE = date(2016, 8, 4), FinancialYear(2017)
BATCHES = max(1, int(os.environ.get("TIPSTAFF_EXAMPLES", "300")) // 150)
DIGIT = {False: FALSE, True: TRUE, None: UNKNOWN}
TRUTHS = (False, True, None)


def test_every_table_of_the_bundled_pack_agrees(pack: Pack) -> None:
    decisions = decide(pack)
    assert set(decisions) == set(pack.rules)
    for rule in pack.rules.values():
        decision = decisions[rule.id]
        assert decision.violation.inputs == rule.inputs
        for truths in product(TRUTHS, repeat=len(rule.inputs)):
            inputs = dict(zip(rule.inputs, truths, strict=True))
            digits = [DIGIT[truth] for truth in truths]
            assert decision.violation.answer(digits) == DIGIT[rule_truth(rule.violation, inputs)], (rule.id, inputs)
            if rule.applies is not None:
                assert decision.applies is not None
                assert decision.applies.answer(digits) == DIGIT[rule_truth(rule.applies, inputs)], (rule.id, inputs)
            if rule.concludes is None:
                violation = outcome(rule, inputs)
                assert (violation == "finding") == (decision.violation.answer(digits) == TRUE), (rule.id, inputs)


NAMES = st.sampled_from([f"c{index}" for index in range(6)])
LEAVES = st.one_of(
    NAMES.map(lambda name: FactRef(name, Kind.YES_NO)), st.booleans().map(lambda v: Constant(Kind.YES_NO, v))
)


def _joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(Every), several.map(Some), parts.map(Not))


FORMULAS: st.SearchStrategy[Node] = st.recursive(LEAVES, _joined, max_leaves=9)


def rule_of(violation: Node, applies: Node | None = None) -> Rule:
    """A rule that warns of a formula."""
    return Rule(
        id="TST-01", module="test", title="Test", kind="warns", formula=violation, applies=applies, violation=violation,
        inputs=facts_of(violation), concludes=None, record=False, severity="low", says="", consequence="", action=None,
        source=SourcePart(paragraph="1"), interpretations=(), sha256="", place="test.yaml:1",
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(FORMULAS)
def test_random_formulas_agree(formula: Node) -> None:
    rule = rule_of(formula)
    table = decide_rule(rule).violation
    for digits in combinations(len(rule.inputs)):
        truths = [(False, True, None)[digit] for digit in digits]
        expected = DIGIT[rule_truth(formula, dict(zip(rule.inputs, truths, strict=True)))]
        assert table.answer(digits) == expected, (formula, truths)


def _with_known_dates(partnership: Partnership) -> Partnership:
    """With agreements whose dates are known where there are several; ``test_current`` is about the others."""
    rows = partnership.tables["agreements"]
    for row in rows if len(rows) > 1 else []:
        start = row["agreement_start_lo"] or date(2014, 4, 1)
        end = max(start, row["agreement_end_hi"] or row["agreement_end_lo"] or start)
        row |= amount("agreement_start", start) | amount("agreement_end", end)
    return partnership


@pytest.mark.parametrize("seed", range(BATCHES))
def test_audits_of_random_registers_agree(pack: Pack, seed: int) -> None:
    worlds = Worlds(pack, AS_OF, seed)
    _check(pack, [_with_known_dates(worlds.partnership(100)) for _ in range(150)])


def test_officer_time_on_every_combination_of_lines_agrees(pack: Pack) -> None:
    said: list[Row] = [
        amount("officer_days", *days) | amount("officer_cost", *cost)
        for days in ((None,), (0,), (300,))
        for cost in ((None,), (0,), (2_000_00,))
    ]
    partnerships = [
        Partnership(
            {},
            {
                "contributions": [
                    row | {"council": council, "year": None} | amount("direct_funding", 0) | amount("in_kind", 0)
                    for council, row in zip(("sh", "wd", None), rows, strict=True)
                ]
            },
        )
        for rows in product(said, repeat=3)
    ]
    _check(pack, partnerships)


@pytest.mark.parametrize("as_of", [date(2016, 3, 31), date(2016, 4, 1), date(2016, 2, 29), date(2019, 12, 31)])
def test_audits_on_other_days_agree(pack: Pack, as_of: date) -> None:
    worlds = Worlds(pack, as_of, 7)
    _check(pack, [_with_known_dates(worlds.partnership(40)) for _ in range(60)], as_of)


def _check(pack: Pack, partnerships: list[Partnership], as_of: date = AS_OF) -> None:
    for position, partnership in enumerate(partnerships):
        partnership.own.setdefault("name", f"Partnership {position}")
    done = audit(register(pack, partnerships), pack, as_of, CYCLE)
    expected = Oracle(pack, as_of, CYCLE).answers(partnerships)
    frame = done.facts.frame
    for derived in pack.derived:
        columns = [f"{derived.name}_lo", f"{derived.name}_hi"] if derived.kind.bounded else [derived.name]
        for position, values in enumerate(zip(*(frame[column] for column in columns), strict=True)):
            wanted = expected[position][derived.name]
            wanted = tuple(_plain(end) for end in wanted) if derived.kind.bounded else (wanted,)
            assert tuple(_number(value) for value in values) == wanted, (derived.name, partnerships[position])
    for name in (*pack.criteria, *pack.conclusions):
        for position, truth in enumerate(done.answers[name]):
            assert truth is expected[position][name], (name, partnerships[position])
    for rule in done.rules:
        for position, number in enumerate(done.answers[rule.id]):
            assert Outcome(number).word == expected[position][rule.id], (rule.id, partnerships[position])


def _plain(end: Any) -> Any:
    return None if math.isinf(end) else end


def _number(value: Any) -> Any:
    return (value - NEVER + timedelta(days=NEVER.toordinal())).days if isinstance(value, date) else value
