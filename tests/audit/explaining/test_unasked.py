"""Audits of published lists: what they are complete for, what is not asked of them, and for whom they are made."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.decisions.decision_tables import Decision, decide
from tipstaff.audit.explaining.blocked import MissingKind
from tipstaff.audit.explaining.digest import digest
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Term
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import register_from

HEADINGS = "Identifier,Currency,Amount Awarded,Award Date,Recipient Org:Name,Funding Org:Name\n"
LIST = HEADINGS + (
    "1,GBP,14000,2019-05-01,Advice,Marlbury\n"
    "2,GBP,12000,2020-06-01,Theatre,Marlbury\n"
    "3,EUR,9000,2020-06-01,Choir,Marlbury\n"
    "4,GBP,500,31/02/2020,Plots,Marlbury\n"
)
AS_OF = date(2021, 1, 31)


@pytest.fixture(scope="module")
def decisions(pack: Pack) -> Mapping[str, Decision]:
    return decide(pack)


def audited(
    pack: Pack, decisions: Mapping[str, Decision], text: str = LIST, as_of: date = AS_OF, answers: Path | None = None
) -> Audit:
    register = register_from(text.encode(), "grants.csv", pack.vocabulary, answers)
    return audit(register, pack, as_of, FinancialYear(2021), decisions)


@pytest.fixture(scope="module")
def listed(pack: Pack, decisions: Mapping[str, Decision]) -> Audit:
    return audited(pack, decisions)


def by_name(audit: Audit, column: str) -> dict[str, object]:
    names = audit.facts.frame["name"].to_list()
    source = audit.answers if column in audit.answers.columns else audit.facts.frame
    return dict(zip(names, source[column].to_list(), strict=True))


def outcomes(audit: Audit, rule: str) -> dict[str, str]:
    names = audit.facts.frame["name"].to_list()
    return {name: Outcome(code).word for name, code in zip(names, audit.answers[rule].to_list(), strict=True)}


def test_who_is_not_on_a_complete_list_received_nothing(listed: Audit) -> None:
    totals = {name: (lo, by_name(listed, "total_direct_funding_hi")[name])
              for name, lo in by_name(listed, "total_direct_funding_lo").items()}  # fmt: skip
    assert totals == {
        "Advice": (0, 0),
        "Theatre": (1200000, 1200000),
        "Choir": (0, None),
        "Plots": (0, None),
    }
    assert by_name(listed, "funded") == {"Advice": False, "Theatre": True, "Choir": None, "Plots": None}


def test_outside_its_years_a_list_says_nothing(pack: Pack, decisions: Mapping[str, Decision]) -> None:
    later = audited(pack, decisions, as_of=date(2021, 6, 1))
    assert set(by_name(later, "funded").values()) == {None}
    assert set(outcomes(later, "REG-08").values()) == {"undetermined"}


def test_an_amount_that_cannot_be_read_is_a_finding_of_the_register(listed: Audit) -> None:
    assert outcomes(listed, "REG-08") == {
        "Advice": "clear", "Theatre": "clear", "Choir": "finding", "Plots": "finding",
    }  # fmt: skip


@pytest.mark.parametrize("rule", ["REG-03", "REG-04", "REG-05", "REG-07", "CLS-05", "REG-01"])
def test_a_blank_that_nobody_could_fill_is_no_finding_and_no_pass(rule: str, listed: Audit) -> None:
    assert set(outcomes(listed, rule).values()) == {"undetermined"}


def test_the_audit_is_of_the_councils_of_the_list(listed: Audit, pack: Pack) -> None:
    assert listed.pack.vocabulary.councils == (Term("Marlbury", key="publisher_1"),)
    assert listed.pack.rules == pack.rules
    assert by_name(listed, "significant")["Theatre"] is True
    assert pack.among(()) is pack.among(pack.vocabulary.councils) is pack


def test_nil_of_a_complete_list_is_said_to_be_one(listed: Audit) -> None:
    position = list(by_name(listed, "funded")).index("Advice")
    (evidence,) = (
        one
        for one in Explainer(listed, [position]).conclusion("funded", position).evidence
        if one.fact == "direct_funding"
    )
    assert evidence.value == "nil (Marlbury): not in the list, which has all there is"
    assert evidence.cell is None


def test_an_unread_award_is_not_said_to_be_nil(listed: Audit) -> None:
    position = list(by_name(listed, "funded")).index("Choir")
    evidence = Explainer(listed, [position]).conclusion("funded", position).evidence
    assert {one.value for one in evidence if one.fact == "direct_funding"} == {"not known"}


def test_what_a_list_never_says_is_folded_into_one(listed: Audit) -> None:
    found = digest(listed)
    (shared,) = found.register_wide
    assert shared.kind is MissingKind.UNASKED
    assert {"lead officer", "officer time"} <= set(shared.labels)
    assert len(shared.positions) == 4
    assert not [blocked for group in found.by_partnership for blocked in group if "lead officer" in blocked.labels]


def test_answers_settle_what_was_not_asked_and_change_nothing_else(
    pack: Pack, decisions: Mapping[str, Decision], listed: Audit, tmp_path: Path
) -> None:
    given = {
        "lead officer": "Head of Communities", "lead member": "Leader", "registered class": "Desirable",
        "type of partnership": "Strategic", "theme": "Economy", "reputational risk": "low", "agreement signed": "no",
    }  # fmt: skip
    answers = tmp_path / "answers.csv"
    rows = [f"{name},{fact},{value}" for name in ("Theatre", "Advice") for fact, value in given.items()]
    answers.write_text("\n".join(["Name,Fact,Value", *rows]), encoding="utf-8")
    filled = audited(pack, decisions, answers=answers)
    for rule in listed.rules:
        before, after = outcomes(listed, rule.id), outcomes(filled, rule.id)
        for name, outcome in before.items():
            assert outcome == "undetermined" or outcome == after[name], (rule.id, name)
    assert outcomes(filled, "REG-04") == {
        "Advice": "clear", "Theatre": "clear", "Choir": "undetermined", "Plots": "undetermined",
    }  # fmt: skip
    assert outcomes(filled, "CLS-03")["Theatre"] == "finding"


def test_the_ledgers_of_a_complete_list_know_their_totals(pack: Pack, decisions: Mapping[str, Decision]) -> None:
    """Years without an award count nil, unless an award of no certain year may belong there."""
    theatres = LIST.replace("Plots", "Theatre").replace("EUR", "GBP") + "5,GBP,100,2018-06-01,Advice,Marlbury\n"
    listed, muddled = (
        audited(pack, decisions, LIST + "5,GBP,100,2018-06-01,Advice,Marlbury\n"),
        audited(pack, decisions, theatres),
    )
    (name, ledger), *_ = ((name, one) for name, one in pack.ledgers.items() if one.years == 3)

    def totals(of: Audit, beneficiary: str) -> tuple[int, int | None]:
        rows = of.facts.ledgers[name]
        number = rows.beneficiaries.names.index(beneficiary)
        (row,) = rows.totals.filter(beneficiary=number, year=2020).to_dicts()
        return row[f"{ledger.total}_lo"], row[f"{ledger.total}_hi"]

    assert totals(listed, "Theatre") == (1200000, 1200000)
    assert totals(listed, "Advice") == (1410000, 1410000)
    assert totals(listed, "Choir") == (0, None)
    assert totals(muddled, "Choir") == (900000, 900000)
    assert totals(muddled, "Theatre") == (1200000, None)
