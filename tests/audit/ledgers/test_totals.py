"""Ledgers: what an organisation had over a window, judged as the law of each award asks."""

import json
import time
from datetime import date, timedelta
from typing import Any

import pytest

from support.registers import Partnership, Row, amount, money, register
from tipstaff.audit.decisions.audit import Audit, audit
from tipstaff.audit.decisions.decision_tables import decide
from tipstaff.facts.bounds import NO_END
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack
from tipstaff.register.tables.model import Closed, Register
from tipstaff.report.record.audit import record

AS_OF, CYCLE = date(2016, 8, 4), FinancialYear(2017)
DECIDED: dict[str, Any] = {}
"""The decisions of a pack, by its hash: made once for all tests."""

PARTNER: Row = {"organisation": "Aster Trust", "receives_funding": True, "economic_activity": True, "entrusted": False}


def paid(pounds: float | None, year: int | None, council: str = "sh", granted: date | None = None) -> Row:
    """A sum that a council paid in a year, or pays every year."""
    row: Row = {"council": council, "year": year, "text": False}
    row |= amount("granted_on", granted) if granted else {}
    return row | ({} if pounds is None else money(pounds))


def nil(*years: int) -> list[Row]:
    """Nothing from West Devon in these years."""
    return [paid(0, year, "wd") for year in years]


def partnership(*rows: Row, agreement: tuple[date, date] | None = None, entered: date | None = None) -> Partnership:
    """A partnership with the Aster Trust."""
    tables: dict[str, list[Row]] = {"contributions": list(rows), "partners": [dict(PARTNER)]}
    if agreement is not None:
        tables["agreements"] = [amount("agreement_start", agreement[0]) | amount("agreement_end", agreement[1])]
    if entered is not None:
        tables["monitoring"] = [amount("entered_on", entered)]
    return Partnership({}, tables)


def done(pack: Pack, *partnerships: Partnership, as_of: date = AS_OF, cycle: FinancialYear = CYCLE) -> Audit:
    if pack.sha256 not in DECIDED:
        DECIDED[pack.sha256] = decide(pack)
    return audit(register(pack, partnerships), pack, as_of, cycle, DECIDED[pack.sha256])


def totals(found: Audit, name: str = "aid") -> dict[int, tuple[float, float | None]]:
    """The total of the only organisation in pounds, by year."""
    rows = found.facts.ledgers[name].totals
    assert rows["beneficiary"].n_unique() == 1
    return {
        row["year"]: (row["aid_in_window_lo"] / 100, None if (hi := row["aid_in_window_hi"]) is None else hi / 100)
        for row in rows.iter_rows(named=True)
    }


def test_a_year_is_counted_with_the_two_before_it_and_not_with_the_third(pack: Pack) -> None:
    rows = [paid(pounds, year) for pounds, year in ((1, 2013), (10, 2014), (100, 2015), (1000, 2016))]
    found = totals(done(pack, partnership(*rows, *nil(2013, 2014, 2015, 2016))))
    assert found[2013] == (1, 1)
    assert found[2014] == (11, 11)
    assert found[2015] == (111, 111)
    assert found[2016] == (1110, 1110)


@pytest.mark.parametrize(("as_of", "this"), [(date(2016, 3, 31), 2015), (date(2016, 4, 1), 2016)])
def test_the_year_of_the_audit_turns_on_the_first_of_april(pack: Pack, as_of: date, this: int) -> None:
    found = totals(done(pack, partnership(paid(5, 2014), *nil(2014)), as_of=as_of, cycle=FinancialYear(this + 1)))
    assert max(found) == this + 1
    assert found[this] == (5, None), "nothing is known of the years beside it"


def test_earlier_years_are_judged_as_they_are_recorded(pack: Pack) -> None:
    found = totals(done(pack, partnership(paid(7, 2012), paid(None, 2013))))
    assert found[2012] == (7, 7)
    assert found[2013] == (7, None), "a sum recorded without a figure may be any"


def test_before_the_day_of_entry_there_was_nothing(pack: Pack) -> None:
    rows = (paid(9, 2016), *nil(2016))
    assert totals(done(pack, partnership(*rows, entered=date(2016, 4, 1))))[2016] == (9, 9)
    assert totals(done(pack, partnership(*rows, entered=date(2016, 3, 31))))[2016] == (9, None)


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2014, 4, 1), date(2017, 3, 31), 3),
        (date(2014, 4, 2), date(2017, 3, 31), 2),
        (date(2014, 4, 1), NO_END, 3),
        (date(2016, 8, 1), date(2017, 7, 31), 1),
    ],
)
def test_a_rate_fills_the_years_that_the_agreement_covers(pack: Pack, start: date, end: date, years: int) -> None:
    rates = (paid(10, None), paid(0, None, "wd"))
    found = totals(done(pack, partnership(*rates, agreement=(start, end))))
    assert found[2016][0] == 10 * years
    assert found[2016][1] == (30 if years == 3 else None)


def test_a_rate_fills_the_years_that_the_window_asks_for(pack: Pack) -> None:
    rates = (paid(10, None), paid(0, None, "wd"))
    found = totals(done(pack, partnership(*rates, agreement=(date(2010, 4, 1), NO_END))))
    assert {year: total for year, total in found.items() if year <= 2016} == {
        2014: (10, 10),
        2015: (20, 20),
        2016: (30, 30),
    }


def test_a_rate_of_an_agreement_of_unknown_term_may_fill_a_year(pack: Pack) -> None:
    rows = [paid(5, year) for year in (2014, 2015)]
    rates = (paid(10, None), paid(0, None, "wd"))
    found = totals(done(pack, partnership(*rows, *nil(2014, 2015), *rates)))
    assert found[2016] == (20, 30)


def test_a_rate_and_the_sum_of_the_year_are_not_added(pack: Pack) -> None:
    rows = (paid(12, 2016), paid(10, None), *nil(2014, 2015, 2016), paid(0, 2014), paid(0, 2015))
    assert totals(done(pack, partnership(*rows, agreement=(date(2016, 4, 1), NO_END))))[2016] == (12, 12)


def test_the_year_of_the_cycle_is_planned_and_judged_on_its_own(pack: Pack) -> None:
    rows = [paid(100_000, year) for year in (2015, 2016, 2017)]
    found = done(pack, partnership(*rows, paid(0, 2014), *nil(2014, 2015, 2016, 2017)))
    assert totals(found)[2017] == (300_000, 300_000)
    assert found.answers["cycle_aid_over_ceiling"].to_list() == [True]
    assert found.answers["aid_over_ceiling"].to_list() == [True]
    fewer = done(pack, partnership(*rows[:1], *rows[2:], paid(0, 2014), paid(0, 2016), *nil(2014, 2015, 2016, 2017)))
    assert fewer.answers["cycle_aid_over_ceiling"].to_list() == [True]
    assert fewer.answers["aid_over_ceiling"].to_list() == [False], "what is planned is not yet granted"


def test_a_year_that_a_source_closes_is_nil_where_no_row_is_of_an_unknown_year(pack: Pack) -> None:
    def closed(*rows: Row) -> Register:
        made = register(pack, [partnership(*rows)])
        made.closed = frozenset(
            Closed("direct_funding", council, year) for council in ("sh", "wd") for year in (2014, 2015, 2016)
        )
        return made

    assert totals(audit(closed(paid(5, 2014), *nil(2014)), pack, AS_OF, CYCLE))[2016] == (5, 5)
    assert totals(audit(closed(paid(5, 2014), *nil(2014), paid(8, None)), pack, AS_OF, CYCLE))[2016][1] is None


def test_sums_of_all_partnerships_of_an_organisation_are_added(pack: Pack) -> None:
    one, other = (partnership(paid(90_000, 2016), *nil(2016), entered=date(2016, 4, 1)) for _ in range(2))
    found = done(pack, one, other)
    assert totals(found)[2016] == (180_000, 180_000)
    assert found.answers["aid_over_ceiling"].to_list() == [True, True]
    assert done(pack, one).answers["aid_over_ceiling"].to_list() == [False]


def test_a_day_of_grant_that_is_blank_is_some_day_of_the_year(pack: Pack) -> None:
    stated = paid(1, 2016, granted=date(2016, 5, 3))
    blank = paid(1, 2016, "wd")
    window = [("aid_granted_on_lo", "aid_granted_on_hi")]

    def days(*rows: Row) -> Any:
        found = done(pack, partnership(*rows, entered=date(2016, 4, 1))).facts.ledgers["aid"].totals
        return found.filter(year=2016).select(*window[0]).row(0)

    assert days(stated, paid(1, 2016, "wd", date(2016, 4, 9))) == (date(2016, 5, 3), date(2016, 5, 3))
    assert days(stated, blank) == (date(2016, 5, 3), date(2017, 3, 31))
    assert days(stated) == (date(2016, 5, 3), date(2017, 3, 31)), "what West Devon gave is not known"


# Successive agreements


def agreements(*stated: tuple[date, int], kind: str | None = "advice", name: str = "Aster Trust") -> Partnership:
    rows = [amount("agreement_value", pounds * 100) | amount("agreement_start", start) for start, pounds in stated]
    partner = PARTNER | {"organisation": name}
    return Partnership({}, {"agreements": rows, "partners": [partner], "grant_or_contract": [{"service_kind": kind}]})


def successive(found: Audit) -> list[tuple[int, int | None]]:
    frame = found.facts.frame
    return list(zip(frame["successive_total_lo"], frame["successive_total_hi"], strict=True))


def test_the_window_of_agreements_shuts_out_the_day_twelve_months_before(pack: Pack) -> None:
    start = date(2015, 4, 1)
    for earlier, total in ((date(2014, 4, 1), 20_00), (date(2014, 4, 2), 30_00), (start, 30_00)):
        found = successive(done(pack, agreements((start, 20)), agreements((earlier, 10))))
        assert found[0] == (total, total), earlier


def test_agreements_of_another_kind_are_not_added_and_of_no_stated_kind_may_be(pack: Pack) -> None:
    start = date(2015, 4, 1)
    one = agreements((start, 20))
    assert successive(done(pack, one, agreements((start, 10), kind="grounds")))[0] == (20_00, 20_00)
    assert successive(done(pack, one, agreements((start, 10), kind=None)))[0] == (20_00, 30_00)
    assert successive(done(pack, one, agreements((start, 10), kind=" ADVICE ")))[0] == (30_00, 30_00)


def test_a_name_that_is_near_widens_only_the_upper_bound(pack: Pack) -> None:
    start = date(2015, 4, 1)
    found = successive(done(pack, agreements((start, 20)), agreements((start, 10), name="Aster Trusts")))
    assert found == [(20_00, 30_00), (10_00, 30_00)]


# Evidence and hostile input


def test_every_figure_of_the_evidence_stands_in_the_cell_named(pack: Pack) -> None:
    rows = (paid(250_000, 2016), paid(12_345, 2015), paid(0, 2014), *nil(2014, 2015, 2016))
    found = done(pack, partnership(*rows), partnership(paid(700, 2016, "wd"), paid(None, 2015)))
    contributions = found.register.tables["contributions"]
    written = {
        contributions.cell(index, "direct_funding"): contributions.columns["direct_funding_lo"][index]
        for index in range(len(contributions))
    }
    made = [one for one in json.loads("".join(record(found)))["findings"] if one["rule"] == "AID-01"]
    assert made
    read = 0
    for finding in made:
        for evidence in finding["evidence"]:
            if evidence["value"].startswith("£") and evidence["cell"]:
                assert evidence["value"].split(" ")[0].rstrip(",") == f"£{written[evidence['cell']] // 100:,}", evidence
                read += 1
    assert read >= 3


def _seconds(limit: float, pack: Pack, *partnerships: Partnership) -> Audit:
    began = time.monotonic()
    found = done(pack, *partnerships)
    assert time.monotonic() - began < limit
    return found


def test_fifty_thousand_agreements_of_one_partnership_are_not_set_against_each_other(pack: Pack) -> None:
    start = date(2015, 4, 1)
    many = agreements(*((start + timedelta(days=at % 300), 1) for at in range(50_000)))
    found = _seconds(30, pack, many, agreements((start, 5), name="Borage Hub"))
    assert successive(found)[0][1] is None, "of so many no total is known"
    assert successive(found)[1] == (500, 500)
    assert found.answers["successive_agreements_over_threshold"].to_list()[0] is not False


def test_a_rate_of_an_agreement_that_never_began_to_be_asked_for_fills_few_years(pack: Pack) -> None:
    rates = (paid(10, None), paid(0, None, "wd"))
    found = totals(done(pack, partnership(*rates, agreement=(date(1901, 4, 1), NO_END))))
    assert len(found) <= 32
