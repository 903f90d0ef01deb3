"""The verdict: findings and unknowns at or above the severities asked for."""

from datetime import date

import pytest

from support.paths import EXAMPLES
from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.decisions.verdict import by_severity, judge
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import read_register

EXAMPLE = EXAMPLES / "register.xlsx"


@pytest.fixture(scope="module")
def low(pack: Pack) -> Audit:
    """The example under one low rule, which has findings and nothing unknown."""
    register = read_register(EXAMPLE, pack.vocabulary)
    return audit(register, pack, date(2016, 8, 4), FinancialYear(2017), only=frozenset({"REG-05"}))


@pytest.mark.parametrize(
    ("fail_on", "failed"), [("high", False), ("medium", False), ("low", True), ("advisory", True), ("never", False)]
)
def test_a_finding_fails_at_its_severity_and_below(low: Audit, fail_on: str, failed: bool) -> None:
    verdict = judge(low, fail_on, "never")
    assert verdict.failed is failed
    assert verdict.findings == ({"low": 3} if failed else {})


def test_every_severity_is_counted(low: Audit) -> None:
    assert by_severity(low, Outcome.FINDING) == {"high": 0, "medium": 0, "low": 3, "advisory": 0}
    assert by_severity(low, Outcome.CLEAR)["low"] == 27


def test_an_unknown_is_not_a_pass(pack: Pack) -> None:
    register = read_register(EXAMPLE, pack.vocabulary)
    unknown = audit(register, pack, date(2016, 8, 4), FinancialYear(2017), only=frozenset({"AGR-01"}))
    assert judge(unknown, "never", "high").undetermined == {"high": by_severity(unknown, Outcome.UNDETERMINED)["high"]}
    assert judge(unknown, "never", "high").failed
    assert not judge(unknown, "never", "never").failed
