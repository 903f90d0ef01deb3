"""The audit agrees with the oracle, an interpreter that shares no code with it."""

import math
import os
import re
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.oracle import Oracle, outcome, rule_truth
from support.packs import edited
from support.registers import Partnership, Row, amount, register
from support.worlds import Worlds
from tipstaff.audit.decisions.audit import Outcome, audit
from tipstaff.audit.decisions.decision_tables import FALSE, TRUE, UNKNOWN, combinations, decide, decide_rule
from tipstaff.facts.bounds import NEVER
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import Constant, Every, FactRef, Node, Not, Some, facts_of
from tipstaff.policy.pack.loading import load_pack
from tipstaff.policy.pack.model import Pack, Rule
from tipstaff.policy.pack.schema import SourcePart

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
        source=SourcePart(paragraph="1"), interpretations=(), place="test.yaml:1",
    )  # fmt: skip


@settings(max_examples=60)
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
    worlds = Worlds(pack, AS_OF, seed, CYCLE)
    _check(pack, [_with_known_dates(worlds.partnership(80)) for _ in range(100)])


def test_officer_time_on_every_combination_of_lines_agrees(pack: Pack) -> None:
    """Blank, nil and some, for days and for cost, on each of three lines."""
    stated = [(None, None), (None, 2_000_00), (0, None), (0, 0), (300, None), (300, 2_000_00)]
    lines: list[Row] = [amount("officer_days", days) | amount("officer_cost", cost) for days, cost in stated]
    partnerships = [
        Partnership(
            {"partners": f"{number**5:x}"},  # names unlike each other, since near ones are looked for
            {
                "contributions": [
                    row | {"council": council, "year": None} | amount("direct_funding", 0) | amount("in_kind", 0)
                    for council, row in zip(("sh", "wd", None), rows, strict=True)
                ]
            },
        )
        for number, rows in enumerate(product(lines, repeat=3), 100)
    ]
    _check(pack, partnerships)


@pytest.mark.parametrize("as_of", [date(2016, 3, 31), date(2016, 4, 1), date(2016, 2, 29), date(2019, 12, 31)])
def test_audits_on_other_days_agree(pack: Pack, as_of: date) -> None:
    worlds = Worlds(pack, as_of, 7, CYCLE)
    _check(pack, [_with_known_dates(worlds.partnership(40)) for _ in range(40)], as_of)


BY_LAW = """\
criteria:
  above: {question: q, test: total_direct_funding >= law.services_threshold, law_at: agreement_start}
  above_while_it_ran:
    question: q
    test: total_direct_funding > law.services_threshold
    law_at: between(agreement_start, agreement_end)
  above_today: {question: q, test: total_direct_funding >= law.services_threshold, law_at: as_of}
  above_before_it_began:
    question: q
    test: total_direct_funding < law.services_threshold
    law_at: agreement_start - policy.notice_window
  light_touch:
    question: q
    test: in_force(law.light_touch_threshold) and total_direct_funding >= law.light_touch_threshold
    law_at: agreement_start
  had_light_touch: {question: q, test: in_force(law.light_touch_threshold), law_at: agreement_start}
  no_light_touch: {question: q, test: not in_force(law.light_touch_threshold), law_at: agreement_end}
  regulations: {question: q, test: in_force(law.public_contracts_regulations_2015), law_at: agreement_start}
  with_vat: {question: q, test: includes_vat(law.services_threshold), law_at: agreement_start}
  floor_with_vat:
    question: q
    test: in_force(law.publication_floor) and not includes_vat(law.publication_floor)
    law_at: agreement_end
  never_ends:
    question: q
    test: >-
      in_force(law.unknown_term_months) and
      greatest_annual_resource * law.unknown_term_months >= 12 * law.services_threshold
    law_at: agreement_start
  aided: {question: q, test: 3 * total_direct_funding > law.general_aid_ceiling, law_at: agreement_start}
  noticed: {question: q, test: notice_by >= as_of}
  with_headroom: {question: q, test: headroom > nil}
"""
"""Criteria that read every kind of law, decided on known, uncertain, blank and moved dates."""

DERIVED_BY_LAW = """
derived:
  headroom: {type: money, label: x, is: law.services_threshold - total_direct_funding, law_at: agreement_start}
  light_headroom: {type: money, label: x, is: law.light_touch_threshold - total_direct_funding, law_at: agreement_start}
  notice_by: {type: date, label: x, is: agreement_end - law.best_value_notice, law_at: agreement_end}
  kept_until: {type: date, label: x, is: agreement_end + law.subsidy_database_kept, law_at: agreement_start}
"""


@pytest.fixture(scope="module")
def lawful(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The bundled pack with questions of law."""
    folder = edited(tmp_path_factory.mktemp("lawful"), ("classification", "criteria:\n", BY_LAW))
    path = folder / "facts.yaml"
    path.write_text(path.read_text(encoding="utf-8") + DERIVED_BY_LAW.removeprefix("\nderived:\n"), encoding="utf-8")
    return load_pack(folder)


@pytest.mark.parametrize("as_of", [AS_OF, date(2013, 12, 31), date(2025, 2, 24), date(2026, 1, 1)])
@pytest.mark.parametrize("seed", range(BATCHES))
def test_questions_of_law_agree(lawful: Pack, seed: int, as_of: date) -> None:
    worlds = Worlds(lawful, as_of, seed, CYCLE)
    _check(lawful, [_with_known_dates(worlds.partnership(40)) for _ in range(40)], as_of)


def test_questions_of_law_are_settled_each_way(lawful: Pack) -> None:
    """Or agreement on them would say little."""
    asked = set(re.findall(r"^  (\w+):", BY_LAW, re.MULTILINE)) - {"above_today"}
    wanting = {(name, truth) for name in asked for truth in (True, False, None)}
    for seed in range(20):
        worlds = Worlds(lawful, AS_OF, seed)
        rows = [_with_known_dates(worlds.partnership(100)) for _ in range(300)]
        answers = audit(register(lawful, rows), lawful, AS_OF, CYCLE).answers
        wanting -= {(name, truth) for name in asked for truth in answers[name].unique()}
        if not wanting:
            return
    assert not wanting


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
