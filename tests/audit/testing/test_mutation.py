"""The cases bite: what is asked for changed in one place, or a figure of the law moved, makes a case fail."""

import os
from collections.abc import Sequence
from pathlib import Path

from support.mutation import SWITCHED_OFF, Mutant, law_mutants, mutants
from support.packs import edited
from support.trial import Trial
from tipstaff.policy.pack.loading import load_pack
from tipstaff.policy.pack.model import Pack

_NO_THRESHOLD = "the rules that ask it apply only where the law has such a figure"
_NO_RATE = "no monthly rate is held of so early a day, so that the figure settles nothing"
_SAME_FIGURE = "the figure before is the same, and nobody asks whether it includes VAT"
_WHOLE_WEIGHTS = "signs weigh in whole numbers, and the weights of the answers cross no mark by a hundredth"
_NO_DAY_SO_LATE = "no register states so late a date"
_ABOVE_ALL = "a value so great is above every threshold, estimated or not"
_NO_DUTY = "of the day before, no duty is held either"

EQUIVALENT = {
    "criterion near_resource_threshold: 1000000 becomes 999999": "no penny lies between the two tests",
    "criterion near_staff_threshold: 400 becomes 399": "no hundredth of a day lies between the two tests",
    "criterion near_staff_threshold: 1000 becomes 1001": "no hundredth of a day lies between the two tests",
    "criterion near_staff_threshold: 900 becomes 899": "no hundredth of a day lies between the two tests",
    "criterion near_threshold: without the light-touch threshold is in force on the procurement_date": _NO_THRESHOLD,
    "criterion over_floor: without the publication floor is in force on the procurement_date": _NO_THRESHOLD,
    "criterion over_threshold: without the light-touch threshold is in force on the procurement_date": _NO_THRESHOLD,
    "criterion risk_judgement_called_for: 300 becomes 299": "factors are counted in whole numbers",
    "criterion risk_judgement_called_for: without no": "a statutory requirement is no factor under this pack",
    "criterion strong_signs_of_a_contract: 200 becomes 199": "signs are counted in whole numbers",
    "derived arrangement_end: else 2999-12-31 by -1 day": _NO_DAY_SO_LATE,
    "derived arrangement_end: else 2999-12-31 by 1 day": _NO_DAY_SO_LATE,
    "derived first_entered: else 1900-01-01 by -1 day": "no register states so early a date",
    "derived first_entered: else 1900-01-01 by 1 day": "no register states so early a date",
    "derived greatest_officer_days: sum for greatest": "officer time counts together under this pack",
    "derived net_weight: 100 becomes 101": _WHOLE_WEIGHTS,
    "derived net_weight: 100 becomes 99 (2)": _WHOLE_WEIGHTS,
    "derived net_weight: 200 becomes 199 (2)": _WHOLE_WEIGHTS,
    "derived net_weight: 200 becomes 201": _WHOLE_WEIGHTS,
    "derived net_weight: 300 becomes 299 (2)": _WHOLE_WEIGHTS,
    "derived strategic_agreement: else agreement_recorded negated": "that none is recorded gives the form too: none",
    "derived value_estimated: 10000000000000 becomes 10000000000001": _ABOVE_ALL,
    "derived value_estimated: 10000000000000 becomes 9999999999999": _ABOVE_ALL,
    "derived value_estimated: whole_life_value <= becomes <": _ABOVE_ALL,
    "law general_aid_ceiling: €200,000 from 2007-12-31 begins -1 day": _NO_RATE,
    "law general_aid_ceiling: €200,000 from 2007-12-31 begins 1 day": _NO_RATE,
    "law procurement_act_2023: not in force from 2014-01-01 begins -1 day": "no threshold is held of the day before",
    "law public_service_aid_ceiling: €500,000 from 2012-04-30 begins -1 day": _NO_RATE,
    "law public_service_aid_ceiling: €500,000 from 2012-04-30 begins 1 day": _NO_RATE,
    "law publication_floor: 2500000 from 2022-01-01 begins -1 day": _SAME_FIGURE,
    "law publication_floor: 2500000 from 2022-01-01 begins 1 day": _SAME_FIGURE,
    "law transparency_contract_floor: 500000 from 2015-12-31 begins -1 day": _NO_DUTY,
    "rule CLS-08: without selected_for_quarterly_reporting": "this pack selects no partnership by name",
    "rule CLS-10: without agreement_follows_funding": "funding calls for an agreement under this pack",
    "rule CLS-10: without agreement_follows_significance": "significance calls for an agreement under this pack",
    "rule REN-07: applies without delivery_undecided": "this pack gives no day on which delivery was decided",
}
"""Mutants that no register can tell from the pack, each with the reason."""

LEAST_KILLED = 0.95
"""The share of the mutants that the cases must tell from the pack, those called equivalent included."""

EVERY = int(os.environ.get("TIPSTAFF_MUTANTS_EVERY", "20"))
"""The suite tries one mutant of so many, at even distances; 1 tries all of them."""


def report(made: Sequence[Mutant], survivors: Sequence[str]) -> str:
    """How many mutants were killed, and what survives unexplained or is called equivalent and is not."""
    lines = [f"{len(made) - len(survivors)} of {len(made)} mutants killed."]
    lines += [f"survives: {what}" for what in survivors if what not in EQUIVALENT]
    tried = {mutant.what for mutant in made}
    lines += [f"called equivalent, and is killed: {what}" for what in (EQUIVALENT.keys() & tried) - {*survivors}]
    return "\n".join(lines)


def test_the_cases_tell_mutants_from_the_policy(pack: Pack) -> None:
    all_made = [mutant for mutant in mutants(pack) if not mutant.what.startswith(SWITCHED_OFF)]
    assert len(all_made) > 1_500
    made = all_made[::EVERY]
    survivors = Trial(pack).survivors(made)
    print(report(made, survivors))
    assert len(made) - len(survivors) >= LEAST_KILLED * len(made), report(made, survivors)
    assert set(survivors) == EQUIVALENT.keys() & {mutant.what for mutant in made}, report(made, survivors)
    assert EQUIVALENT.keys() <= {mutant.what for mutant in all_made}


# A rule that reads the law, which the cases try for 2016 and 2017 only

BY_LAW = """\
criteria:
  above: {question: q, test: total_direct_funding >= law.services_threshold, law_at: agreement_start}
  with_vat: {question: q, test: includes_vat(law.services_threshold), law_at: agreement_start}
"""
RULE = """\
rules:
  TST-01: {title: Probe, concludes: tested, when: above, source: {paragraph: none}}
  TST-02: {title: Probe, concludes: also_tested, when: with_vat, source: {paragraph: none}}
"""
CASE = """
  - case: {funding} on {day}
    given: {{sh.direct_funding: "{funding}", wd.direct_funding: nil, agreement_start: {day}}}
    expect: {expected}
"""
CASES = (
    ("£164,176", "1 January 2016", '{TST-01: "true"}'),
    ("£164,176", "31 December 2017", '{TST-01: "true", TST-02: "false"}'),
    ("£164,175.99", "31 December 2017", '{TST-01: "false"}'),
    ("£164,176", "1 January 2018", '{TST-01: "false"}'),
    ("£164,176", "31 December 2015", '{TST-01: "false"}'),
)


def test_figures_of_the_law_are_told_apart_as_far_as_cases_try_them(tmp_path: Path) -> None:
    folder = edited(tmp_path, ("classification", "criteria:\n", BY_LAW), ("classification", "rules:\n", RULE))
    path = folder / "classification.cases.yaml"
    for other in folder.glob("*.cases.yaml"):
        if other != path:
            other.unlink()
    cases = "".join(CASE.format(funding=funding, day=day, expected=expected) for funding, day, expected in CASES)
    path.write_text(path.read_text(encoding="utf-8") + cases, encoding="utf-8")
    pack = load_pack(folder)
    made = [mutant for mutant in law_mutants(pack) if "services_threshold" in mutant.what]
    of_2016 = {mutant.what for mutant in made if "16417600 from 2016-01-01" in mutant.what}
    of_2018 = {mutant.what for mutant in made if "18130200 from 2018-01-01" in mutant.what}
    survivors = set(Trial(pack).survivors(made))
    assert of_2016 == {
        "law services_threshold: 16417600 from 2016-01-01 by -1",
        "law services_threshold: 16417600 from 2016-01-01 by 1",
        "law services_threshold: 16417600 from 2016-01-01 begins -1 day",
        "law services_threshold: 16417600 from 2016-01-01 begins 1 day",
        "law services_threshold: 16417600 from 2016-01-01 with the other VAT basis",
    }
    assert of_2016 & survivors == set()
    assert {what for what in of_2018 if "begins" not in what} <= survivors
    assert not {what for what in of_2018 if "begins" in what} & survivors


def test_an_amount_in_another_currency_is_one_figure(tmp_path: Path) -> None:
    """And not as many as there are monthly rates."""
    by_law = BY_LAW.replace("services_threshold", "general_aid_ceiling", 1)
    made = load_pack(edited(tmp_path, ("classification", "criteria:\n", by_law)))
    ceiling = "law general_aid_ceiling: €200,000 from 2013-12-01"
    moved = [mutant.what for mutant in law_mutants(made) if mutant.what.startswith(ceiling)]
    assert sorted(moved) == [f"{ceiling} {how}" for how in ("begins -1 day", "begins 1 day", "by -1", "by 1")]
