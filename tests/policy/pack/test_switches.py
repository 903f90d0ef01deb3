"""Rules that the bundled policy switches off by a blank parameter, with the parameter given: every outcome."""
# ruff: noqa: E501 cases in YAML, a line each

from pathlib import Path

import pytest

from support.packs import with_parameters
from tipstaff.audit.testing.cases import load_cases, run_cases
from tipstaff.policy.pack.loading import load_pack

GIVEN = {
    "type: money, value: null, meaning: Value from which the councils' own": 'type: money, value: "£50,000", meaning: '
    "Value from which the councils' own",
    "type: date, value: null, meaning: Date of the decision on the LACC": "type: date, value: 1 November 2016, meaning: "
    "Date of the decision on the LACC",
    "type: date, value: null, meaning: Day on which the councils set": "type: date, value: 9 February 2017, meaning: "
    "Day on which the councils set",
}

BASES = """
as_of: 2 November 2016
cycle: 2017/18
bases:
  contract:
    {type: community delivery, sh.direct_funding: "£20,000", wd.direct_funding: nil, sh.funding_kind: contract, competed: "no", whole_life_value: "£50,000",
     in_house_considered: "yes", alternatives_considered: "yes"}
  plan: {name: South Hams CVS, type: community delivery, scrutiny_recommended_on: 8 February 2017}
  ending:
    {type: community delivery, sh.direct_funding: "£20,000", form: SLA, agreement_start: 1 April 2014, agreement_end: 31 March 2017,
     agreement_renewed: "no", interim_cover: "no"}
cases:
"""

TENDER_VALUE = """
  - {case: at the tender value, from: contract, expect: {PRO-07: finding}, says: {PRO-07: "ask for tenders from £50,000"}}
  - {case: a penny under, from: contract, given: {whole_life_value: "£49,999.99"}, expect: {PRO-07: clear}}
  - {case: a penny over, from: contract, given: {whole_life_value: "£50,000.01"}, expect: {PRO-07: finding}}
  - {case: tendered, from: contract, given: {competed: "yes"}, expect: {PRO-07: clear}}
  - {case: not known whether tendered, from: contract, given: {competed: blank}, expect: {PRO-07: undetermined}}
  - {case: not funded, from: contract, given: {sh.direct_funding: nil, defined_service: "no"}, expect: {PRO-07: not applicable}}
"""

DELIVERY_DECISION = """
  - {case: both considered, from: contract, expect: {PRO-11: clear}}
  - {case: in house not considered, from: contract, given: {in_house_considered: "no"}, expect: {PRO-11: finding}, says: {PRO-11: "not considered: in-house delivery considered."}}
  - {case: alternatives not considered, from: contract, given: {alternatives_considered: "no"}, expect: {PRO-11: finding}}
  - {case: alternatives not known, from: contract, given: {alternatives_considered: blank}, expect: {PRO-11: undetermined}}
  - {case: on the day of the decision, from: contract, as_of: 1 November 2016, given: {in_house_considered: "no"}, expect: {PRO-11: not applicable}}
  - {case: not funded, from: contract, given: {sh.direct_funding: nil, in_house_considered: "no"}, expect: {PRO-11: not applicable}}
"""

BUDGET = """
  - {case: recommended the day before the budget, from: plan, as_of: 10 February 2017, expect: {REN-08: clear}}
  - {case: recommended on the day of the budget, from: plan, as_of: 10 February 2017, given: {scrutiny_recommended_on: 9 February 2017}, expect: {REN-08: finding}, says: {REN-08: "set on 9 February 2017 (recommended: 9 February 2017)"}}
  - {case: never recommended, from: plan, as_of: 10 February 2017, given: {scrutiny_recommended_on: never}, expect: {REN-08: finding}}
  - {case: not known whether recommended, from: plan, as_of: 10 February 2017, given: {scrutiny_recommended_on: blank}, expect: {REN-08: undetermined}}
  - {case: never recommended on the day of the budget, from: plan, as_of: 9 February 2017, given: {scrutiny_recommended_on: never}, expect: {REN-08: not applicable}}
  - {case: another partner, from: plan, as_of: 10 February 2017, given: {name: Ring and Ride, partners: Ring and Ride, scrutiny_recommended_on: never}, expect: {REN-08: not applicable}}
"""


INTERIM = """
  - {{case: its agreement ends before the cycle does, from: ending, as_of: 1 April 2017, expect: {{REN-07: {}}}}}
"""


def failures(folder: Path, cases: str) -> list[str]:
    """What comes out otherwise under the pack of a folder, whose cases of renewal are these."""
    (folder / "renewal.cases.yaml").write_text(BASES + cases, encoding="utf-8")
    pack = load_pack(folder)
    return [f"{one.case.name}: {one.rule} is {one.found}" for one in run_cases(pack, load_cases(pack, ["renewal"]))]


@pytest.mark.parametrize("cases", [TENDER_VALUE, DELIVERY_DECISION, BUDGET], ids=["PRO-07", "PRO-11", "REN-08"])
def test_a_rule_of_a_parameter_that_is_given(tmp_path: Path, cases: str) -> None:
    assert failures(with_parameters(tmp_path, GIVEN), cases) == []


@pytest.mark.parametrize(
    ("decided_on", "outcome"),
    [("31 March 2017", "not applicable"), ("1 April 2017", "not applicable"), ("2 April 2017", "finding")],
)
def test_an_interim_arrangement_is_asked_for_until_delivery_is_decided(
    tmp_path: Path, decided_on: str, outcome: str
) -> None:
    old, new = next(edit for edit in GIVEN.items() if "LACC" in edit[0])
    folder = with_parameters(tmp_path, {old: new.replace("1 November 2016", decided_on)})
    assert failures(folder, INTERIM.format(outcome)) == []
