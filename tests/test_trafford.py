"""Trafford Council's 555 published grants, audited: sums by organisation and year are the publisher's own."""

import csv
import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from support.paths import SHARED
from tipstaff.audit.decisions.audit import Audit, audit
from tipstaff.audit.decisions.verdict import judge
from tipstaff.facts.periods import FinancialYear, financial_year_of
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import read_register
from tipstaff.register.tables.model import Rows
from tipstaff.report.record.audit import record
from tipstaff.report.terminal.audit import lines

FOLDER = SHARED / "data" / "trafford"
CSV = FOLDER / "trafford_council_voluntary_sector_grants.csv"
TWO_SCREENS = 100

pytestmark = pytest.mark.skipif(not CSV.exists(), reason="the real data is not here")


@pytest.fixture(scope="module")
def published() -> list[dict[str, str]]:
    with CSV.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def audits(pack: Pack) -> dict[str, Audit]:
    return {
        kind: audit(
            read_register(CSV.with_suffix(f".{kind}"), pack.vocabulary), pack, date(2021, 1, 31), FinancialYear(2021)
        )
        for kind in ("csv", "json")
    }


def contributions(of: Audit) -> Rows:
    return next(rows for rows in of.register.tables.values() if rows.table.shape is Shape.COUNCIL_YEAR)


def sums(of: Audit) -> dict[tuple[str, int | None], int]:
    """What each organisation received in each financial year, in pence."""
    rows = contributions(of)
    names = of.facts.frame["name"].to_list()
    found: dict[tuple[str, int | None], int] = defaultdict(int)
    for index, position in enumerate(rows.partnership):
        assert rows.columns["direct_funding_lo"][index] == rows.columns["direct_funding_hi"][index]
        found[names[position], rows.year[index]] += rows.columns["direct_funding_hi"][index]
    return found


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_sums_by_organisation_and_year_join_its_spellings(kind: str, audits: dict[str, Audit]) -> None:
    found = sums(audits[kind])
    assert found["Age UK Trafford", 2020] == 1379140
    assert found["Age UK Trafford", 2023] == 1666600  # there spelt Age UK Trafford (Urmston Community Hub)
    assert found["Collaborative Women UK CIC", 2019] == 1166250
    assert found["Collaborative Women UK CIC", 2021] == 199999  # there spelt Collaborative Women UK


def test_every_pound_stands_in_its_row(published: list[dict[str, str]], audits: dict[str, Audit]) -> None:
    rows = contributions(audits["csv"])
    assert len(rows) == len(published) == 555
    stated = {f"{CSV.name}:{number}": row for number, row in enumerate(published, 2)}
    for index in range(len(rows)):
        row = stated.pop(rows.cell(index, "direct_funding"))
        assert rows.columns["direct_funding_hi"][index] == int(Decimal(row["Amount Awarded"]) * 100)
        assert rows.year[index] == financial_year_of(date.fromisoformat(row["Award Date"])).start
    assert not stated


def test_the_list_is_complete_from_first_to_last(audits: dict[str, Audit]) -> None:
    register = audits["csv"].register
    assert {closed.year for closed in register.closed} == set(range(2012, 2025))
    assert not [problem for problem in register.problems if problem.serious]
    assert not audits["csv"].facts.frame["total_direct_funding_hi"].null_count()


def test_csv_and_json_give_the_same_audit(audits: dict[str, Audit]) -> None:
    def told(of: Audit) -> dict[str, Any]:
        found: dict[str, Any] = json.loads("".join(record(of)))
        del found["register"]
        for finding in found["findings"]:
            for part in (*finding["evidence"], *finding["missing"]):
                part["cell"] = None
        for one in found["partnerships"]:
            for fact in one["facts"]:
                fact["cell"] = None
        for line in found["ledgers"]:
            for part in line["sums"]:
                part["cell"] = None
        return found

    assert told(audits["csv"]) == told(audits["json"])


def test_only_one_name_is_found_twice(audits: dict[str, Audit]) -> None:
    """What such data never states is no finding; the one name of two companies is."""
    of = audits["csv"]
    found = {rule: counts["finding"] for rule, counts in of.outcomes().items() if counts["finding"]}
    assert found == {"REG-06": 2}


def test_the_report_fits_on_two_screens(audits: dict[str, Audit]) -> None:
    of = audits["csv"]
    said = list(lines(of, judge(of, "high", "high"), CSV.name, 120))
    assert len(said) <= TWO_SCREENS
    assert sum("the list does not say" in line for line in said) == 1
