"""Rules that a pack switches on by a date: entering a partnership is judged once the policy is adopted."""

import shutil
from pathlib import Path

import pytest

from support.mutation import ON_ENTRY, mutants
from support.packs import with_parameters
from support.trial import Trial
from tipstaff.audit.testing.cases import load_cases, run_cases
from tipstaff.policy.pack.loading import load_pack
from tipstaff.policy.pack.model import Pack

DATES = {
    "value: null\n    meaning: First day of entry": "value: 6 October 2016\n    meaning: First day of entry",
    'value: [May]\n    meaning: "When South Hams': 'value: [May, 11 May 2017]\n    meaning: "When South Hams',
    'value: [May]\n    meaning: "When West Devon': 'value: [May, 16 May 2017]\n    meaning: "When West Devon',
}

CASES = Path(__file__).with_name("adopted.cases.yaml")

EQUIVALENT = ("criterion entered_since_adoption: without yes",)
"""The day is given, so whether it is given makes no difference."""


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The bundled pack with the policy adopted, and the Annual Councils of 2017 known."""
    folder = with_parameters(tmp_path_factory.mktemp("adopted"), DATES)
    shutil.copy(CASES, folder / "monitoring.cases.yaml")
    return load_pack(folder)


def test_entering_a_partnership_is_judged_once_the_policy_is_adopted(adopted: Pack) -> None:
    assert run_cases(adopted, load_cases(adopted, ["monitoring"])) == []


def test_no_mutant_of_the_rules_on_entry_survives(adopted: Pack) -> None:
    made = [mutant for mutant in mutants(adopted) if mutant.what.startswith(ON_ENTRY)]
    survivors = Trial(adopted).survivors(made)
    assert len(made) > 15
    assert sorted(survivors) == sorted(EQUIVALENT)
