"""Audits made for a test of reports."""

from datetime import date
from pathlib import Path

import pytest
from bare_registers import eleven_columns

from tipstaff.audit.audit import Audit, audit
from tipstaff.audit.forecast import Forecast, forecast
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack import Pack
from tipstaff.register.reading import read_register

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "register.xlsx"


def audit_of(path: Path, pack: Pack) -> Audit:
    """The audit of a register as of 4 August 2016."""
    return audit(read_register(path, pack.vocabulary), pack, date(2016, 8, 4), FinancialYear(2017))


@pytest.fixture(scope="session")
def example(pack: Pack) -> Audit:
    return audit_of(EXAMPLE, pack)


@pytest.fixture(scope="session")
def bare(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """Forty partnerships with the eleven columns alone."""
    return audit_of(eleven_columns(tmp_path_factory.mktemp("bare") / "register.xlsx"), pack)


@pytest.fixture(scope="session")
def autumn(example: Audit) -> Forecast:
    """What changes in the example between 4 August and 1 October 2016."""
    return forecast(example.register, example.pack, date(2016, 8, 4), date(2016, 10, 1), None, example.decisions)
