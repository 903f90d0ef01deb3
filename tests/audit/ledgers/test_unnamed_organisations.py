"""Who receives what a partnership is given, where the register itself must name the organisation."""

from datetime import date

from support.registers import Partnership, money, register
from tipstaff.audit.decisions.audit import Outcome, audit
from tipstaff.audit.questions.suppositions import suppose
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack

FUNDED = {"council": "sh", "year": 2016, **money(150_000)}
TOLD = {"partners": "Harbour Trust"}
ACTIVE = {"economic_activity": True, "entrusted": False}


def outcomes(pack: Pack, *partnerships: Partnership) -> list[int]:
    found = audit(register(pack, partnerships), pack, date(2016, 8, 4), FinancialYear(2017))
    return found.answers["AID-01"].to_list()


def test_a_row_without_a_name_is_of_the_organisation_that_the_register_names(pack: Pack) -> None:
    """So what both were given counts together, which neither had alone."""
    stated = Partnership({**TOLD, "name": "Quay A"}, {"contributions": [FUNDED], "partners": [ACTIVE]})
    other = Partnership({**TOLD, "name": "Quay B"}, {"contributions": [FUNDED]})
    stranger = Partnership({"partners": "Moor Trust", "name": "Quay B"}, {"contributions": [FUNDED]})
    assert outcomes(pack, stated, other) == [Outcome.FINDING, Outcome.FINDING]
    assert outcomes(pack, stated, stranger)[0] != Outcome.FINDING


def test_a_row_with_a_name_is_of_that_organisation(pack: Pack) -> None:
    named = {"organisation": "Moor Trust", **ACTIVE}
    stated = Partnership({**TOLD, "name": "Quay A"}, {"contributions": [FUNDED], "partners": [named]})
    other = Partnership({**TOLD, "name": "Quay B"}, {"contributions": [FUNDED]})
    assert outcomes(pack, stated, other)[0] != Outcome.FINDING


def test_worlds_share_nothing(pack: Pack) -> None:
    one = Partnership({**TOLD, "name": "Quay A"}, {"contributions": [FUNDED], "partners": [ACTIVE]})
    found = audit(register(pack, [one]), pack, date(2016, 8, 4), FinancialYear(2017))
    twice = suppose(found, [(0, {}), (0, {})], [0, 1])
    assert twice.answers[0].equals(found.answers)
    assert twice.answers[1].equals(found.answers)
    together = suppose(found, [(0, {}), (0, {})])
    assert not together.answers[:1].equals(found.answers)
