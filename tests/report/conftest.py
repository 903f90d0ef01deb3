"""Audits made for a test of reports."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from bare_registers import eleven_columns

from tipstaff.audit.audit import Audit, Outcome, WaiverAccount, WaiverStatus, audit
from tipstaff.audit.findings import Explainer
from tipstaff.audit.forecast import Forecast, forecast
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack import Pack
from tipstaff.register.reading import read_register
from tipstaff.register.waivers import Waiver

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "register.xlsx"


def audit_of(path: Path, pack: Pack) -> Audit:
    """The audit of a register as of 4 August 2016."""
    return audit(read_register(path, pack.vocabulary), pack, date(2016, 8, 4), FinancialYear(2017))


@pytest.fixture(scope="session")
def example(pack: Pack) -> Audit:
    return audit_of(EXAMPLE, pack)


def waive(found: Audit, places: Iterable[tuple[str, int]], reason: str = "Accepted by the panel.") -> Audit:
    """An audit in which the outcomes of rules at positions are waived."""
    waivers = {}
    answers = found.answers
    for rule, position in places:
        answers = answers.with_columns(answers[rule].clone().scatter(position, int(Outcome.WAIVED)))
        explainer = Explainer(found, [position])
        waivers[rule, position] = Waiver(
            rule=rule,
            partnership=found.register.refs[position],
            reason=reason,
            approved_by="Monitoring Officer",
            until=date(2017, 3, 31),
            fingerprint=explainer.fingerprint(found.pack.rules[rule], position),
            rule_fingerprint=found.pack.rules[rule].fingerprint,
            place="waivers.yaml:12",
        )
    accounts = [
        WaiverAccount(WaiverStatus.HELD, waiver.place, rule, waiver.partnership, position, waiver, Outcome.WAIVED)
        for (rule, position), waiver in waivers.items()
    ]
    return replace(found, answers=answers, waivers=waivers, waiver_accounts=tuple(accounts))


@pytest.fixture(scope="session")
def five(example: Audit) -> Audit:
    """The example with all five outcomes: the first finding and the first undetermined outcome are waived."""
    first = [
        next((rule.id, place) for rule in example.rules for place in _where(example, rule.id, outcome))
        for outcome in (Outcome.FINDING, Outcome.UNDETERMINED)
    ]
    return waive(example, first)


def _where(found: Audit, rule: str, outcome: Outcome) -> list[int]:
    positions: list[int] = (found.answers[rule] == int(outcome)).arg_true().to_list()
    return positions


@pytest.fixture(scope="session")
def bare(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """Forty partnerships with the eleven columns alone."""
    return audit_of(eleven_columns(tmp_path_factory.mktemp("bare") / "register.xlsx"), pack)


@pytest.fixture(scope="session")
def autumn(example: Audit) -> Forecast:
    """What changes in the example between 4 August and 1 October 2016."""
    return forecast(example.register, example.pack, date(2016, 8, 4), date(2016, 10, 1), None, example.decisions)
