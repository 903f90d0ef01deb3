"""The look-up says of every combination of a rule's inputs what its decision table says."""

import polars as pl
import pytest

from tipstaff.audit.decisions.audit import Outcome, rule_column
from tipstaff.audit.decisions.decision_tables import FALSE, TRUE, UNKNOWN, Decision, combinations, decide
from tipstaff.policy.pack.model import Pack


@pytest.fixture(scope="module")
def decisions(pack: Pack) -> dict[str, Decision]:
    return decide(pack)


def test_every_combination_of_every_rule_comes_to_what_its_table_says(
    pack: Pack, decisions: dict[str, Decision]
) -> None:
    for rule in pack.rules.values():
        digits = combinations(len(rule.inputs))
        truths = [[{TRUE: True, FALSE: False, UNKNOWN: None}[digit] for digit in one] for one in digits]
        frame = pl.DataFrame(truths, schema=dict.fromkeys(rule.inputs, pl.Boolean), orient="row")
        found = frame.select(rule_column(rule, decisions[rule.id])).to_series()
        decision = decisions[rule.id]
        if rule.concludes is not None:
            expected = [{TRUE: True, FALSE: False, UNKNOWN: None}[decision.violation.answer(one)] for one in digits]
            assert found.to_list() == expected, rule.id
        else:
            assert found.to_list() == [_outcome(decision, one) for one in digits], rule.id


def _outcome(decision: Decision, digits: tuple[int, ...]) -> Outcome:
    match decision.violation.answer(digits):
        case 1:
            return Outcome.FINDING
        case 2:
            return Outcome.UNDETERMINED
        case _:
            idle = decision.applies is not None and decision.applies.answer(digits) == FALSE
            return Outcome.NOT_APPLICABLE if idle else Outcome.CLEAR
