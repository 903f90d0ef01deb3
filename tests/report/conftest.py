"""Audits that several tests of reports speak of."""

from datetime import date

import pytest

from support.audits import EXAMPLE, audit_of, waive
from support.bare_registers import eleven_columns
from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.planning.forecast import Forecast, forecast
from tipstaff.policy.pack.model import Pack


@pytest.fixture(scope="session")
def example(pack: Pack) -> Audit:
    return audit_of(EXAMPLE, pack)


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
