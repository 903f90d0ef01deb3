"""The cases bite: every threshold moved and every comparison or connective flipped makes a case fail."""

from dataclasses import replace

import narwhals as nw
import polars as pl
import pytest
from mutation import SWITCHED_OFF, Mutant, mutants

from tipstaff.audit.audit import Audit, answer, audit
from tipstaff.audit.cases import Case, judge, load_cases, registers
from tipstaff.audit.columns import Columns
from tipstaff.audit.inference import Decision, decide, decide_rule
from tipstaff.policy.pack import Pack

MODULES = ("register", "classification", "types", "agreements", "monitoring")

EQUIVALENT = {
    "criterion near_resource_threshold: 1000000 becomes 999999": "no penny lies between the two tests",
    "criterion near_staff_threshold: 400 becomes 399": "no hundredth of a day lies between the two tests",
    "criterion near_staff_threshold: 1000 becomes 1001": "no hundredth of a day lies between the two tests",
    "criterion near_staff_threshold: 900 becomes 899": "no hundredth of a day lies between the two tests",
    "criterion risk_judgement_called_for: 300 becomes 299": "factors are counted in whole numbers",
    "criterion risk_judgement_called_for: without member 7": "a statutory requirement is no factor under this pack",
    "derived first_entered: else 1900-01-01 by -1 day": "no register states so early a date",
    "derived first_entered: else 1900-01-01 by 1 day": "no register states so early a date",
    "derived strategic_agreement: else negated": "an agreement recorded without its form counts as a formal one too",
    "derived greatest_officer_days: sum for greatest": "officer time counts together under this pack",
    "rule CLS-08: without member 2": "this pack selects no partnership by name",
    "rule CLS-10: without member 2": "funding and significance both call for an agreement under this pack",
}
"""Mutants that no register can tell from the pack, each with the reason."""


class _Trial:
    """The cases audited once with the pack as it is; a mutant is audited only as far as it can differ."""

    def __init__(self, pack: Pack) -> None:
        self.decisions: dict[str, Decision] = decide(pack)
        self.audits: list[tuple[Audit, list[tuple[Case, int]]]] = [
            (audit(register, pack, as_of, cycle, self.decisions), placed)
            for as_of, cycle, register, placed in registers(pack, load_cases(pack, MODULES))
        ]

    def killed(self, mutant: Mutant) -> bool:
        return any(self._killed(mutant, done, placed) for done, placed in self.audits)

    def _killed(self, mutant: Mutant, done: Audit, placed: list[tuple[Case, int]]) -> bool:
        pack = mutant.pack
        if pack.criteria is not done.pack.criteria and not self._differs(pack, done):
            return False
        decisions = self.decisions
        if mutant.rule is not None:
            decisions = {**decisions, mutant.rule: decide_rule(pack.rules[mutant.rule])}
        if pack.derived is not done.pack.derived or pack.tables is not done.pack.tables:
            return bool(judge(audit(done.register, pack, done.as_of, done.cycle, decisions), placed))
        return bool(judge(replace(done, pack=pack, answers=answer(done.facts, pack, decisions)), placed))

    def _differs(self, pack: Pack, done: Audit) -> bool:
        columns = Columns(dict(done.facts.moments))
        frame = nw.from_native(done.facts.frame.lazy())
        for name, criterion in pack.criteria.items():
            if criterion is not done.pack.criteria[name]:
                answers: pl.DataFrame = frame.select(columns.truth(criterion.test).alias(name)).collect().to_native()
                return not answers[name].equals(done.answers[name], null_equal=True)
        return False


@pytest.fixture(scope="module")
def trial(pack: Pack) -> _Trial:
    return _Trial(pack)


def test_no_mutant_of_the_policy_survives(pack: Pack, trial: _Trial) -> None:
    made = [mutant for mutant in mutants(pack) if not mutant.what.startswith(SWITCHED_OFF)]
    survivors = [mutant.what for mutant in made if mutant.what not in EQUIVALENT and not trial.killed(mutant)]
    assert len(made) > 300
    assert not survivors, f"{len(survivors)} of {len(made)} mutants survive:\n" + "\n".join(survivors)


def test_mutants_called_equivalent_exist(pack: Pack) -> None:
    made = {mutant.what for mutant in mutants(pack)}
    assert EQUIVALENT.keys() <= made
