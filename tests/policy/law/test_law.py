"""The dated law: every figure that ships, what an uncertain date makes of it, and the files that are refused."""

import csv
import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.paths import SHARED
from tipstaff.audit.columns.compiler import Columns, column_of
from tipstaff.audit.columns.law import with_law
from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.errors import PackError
from tipstaff.facts.bounds import NEVER, NO_END, Bounds
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.units import show_money
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.english import advice, cited
from tipstaff.policy.language.nodes import FactRef, InForce, Law, facts_of
from tipstaff.policy.law.loading import load_law
from tipstaff.policy.law.series import Corroborated, LawKind, LawStatus, Segment, Series, overdue
from tipstaff.policy.pack.loading import bundled, load_pack
from tipstaff.policy.pack.model import Pack
from tipstaff.policy.yaml.validation import read_day
from tipstaff.register.reading import register_from

LAW = load_law(bundled("uk_law")).series
DATA = SHARED / "data"
DAY = timedelta(days=1)


def table(text: str) -> list[list[str]]:
    """The rows of a table whose cells are set apart by bars."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def day(text: str) -> date:
    found = read_day(text)
    assert found is not None, text
    return found


def said(segment: Segment) -> str:
    """What a segment says, as the tables below write it."""
    if segment.status is not LawStatus.IN_FORCE:
        return str(segment.status)
    if segment.stated:
        return segment.stated
    if isinstance(segment.value, Bounds):
        return show_money(segment.value.lo)
    return str(segment.value or segment.status)


# Every figure, from a table that a reader can hold against the sources. The last day of a row and the first day of the
# next are the days around a change.

THRESHOLDS = table("""
    1 January 2014   | 25 February 2015 | £172,514 | not in force | £4,322,012 | net
    26 February 2015 | 31 December 2015 | £172,514 | £625,050     | £4,322,012 | net
    1 January 2016   | 31 December 2017 | £164,176 | £589,148     | £4,104,394 | net
    1 January 2018   | 31 December 2019 | £181,302 | £615,278     | £4,551,413 | net
    1 January 2020   | 31 December 2021 | £189,330 | £663,540     | £4,733,252 | net
    1 January 2022   | 31 December 2023 | £213,477 | £663,540     | £5,336,937 | inclusive
    1 January 2024   | 23 February 2025 | £214,904 | £663,540     | £5,372,609 | inclusive
    24 February 2025 | 31 December 2025 | £214,904 | £663,540     | £5,372,609 | inclusive
    1 January 2026   | 31 December 2999 | £207,720 | £663,540     | £5,193,000 | inclusive
""")

FLOORS = table("""
    1 January 2014   | 31 March 2015    | not in force |
    1 April 2015     | 31 December 2021 | £25,000      | net
    1 January 2022   | 20 December 2022 | £25,000      | inclusive
    21 December 2022 | 23 February 2025 | £30,000      | inclusive
    24 February 2025 | 31 December 2999 | £30,000      | inclusive
""")

CEILINGS = table("""
    1 January 2014 | 31 December 2020 | €200,000    | €500,000
    1 January 2021 | 3 January 2023   | 325,000 SDR | 750,000 SDR
    4 January 2023 | 31 December 2999 | £315,000    | £725,000
""")

OTHERS = table("""
    public_contracts_regulations_2006 | 25 February 2015 | in force
    public_contracts_regulations_2006 | 26 February 2015 | not in force
    public_contracts_regulations_2015 | 25 February 2015 | not in force
    public_contracts_regulations_2015 | 26 February 2015 | in force
    public_contracts_regulations_2015 | 23 February 2025 | in force
    public_contracts_regulations_2015 | 24 February 2025 | not in force
    procurement_act_2023              | 23 February 2025 | not in force
    procurement_act_2023              | 24 February 2025 | in force
    concession_threshold              | 31 December 2025 | not held
    concession_threshold              | 1 January 2026   | £5,193,000
    light_touch_concession_threshold  | 1 January 2026   | £5,372,609
    small_lot_services                | 31 December 2019 | not held
    small_lot_services                | 1 January 2020   | £70,778
    small_lot_works                   | 1 January 2020   | £884,720
    below_threshold_payment           | 24 February 2025 | 30 days
    local_reservation                 | 3 February 2026  | not in force
    local_reservation                 | 4 February 2026  | in force
    successive_contracts              | 23 February 2025 | 12 months
    successive_contracts              | 24 February 2025 | not in force
    unknown_term_months               | 25 February 2015 | not held
    unknown_term_months               | 24 February 2025 | not in force
    road_haulage_aid_ceiling          | 31 December 2020 | €100,000
    road_haulage_aid_ceiling          | 1 January 2021   | not held
    general_aid_ceiling               | 31 December 2013 | €200,000
    public_service_aid_ceiling        | 29 April 2012    | not held
    state_aid_rules                   | 31 December 2020 | in force
    state_aid_rules                   | 1 January 2021   | not in force
    subsidy_control_act_2022          | 3 January 2023   | not in force
    subsidy_control_act_2022          | 4 January 2023   | in force
    subsidy_database_floor            | 3 January 2023   | not in force
    subsidy_database_floor            | 4 January 2023   | £100,000
    subsidy_database_entry            | 4 January 2023   | 3 months
    subsidy_database_kept             | 4 January 2023   | 72 months
    aid_record_kept                   | 4 January 2023   | 36 months
    public_service_review             | 4 January 2023   | 36 months
    referral_threshold                | 3 August 2025    | £10,000,000
    referral_threshold                | 4 August 2025    | £25,000,000
    streamlined_routes_2026           | 15 January 2026  | not in force
    streamlined_routes_2026           | 16 January 2026  | in force
    best_value_notice                 | 1 September 2011 | not held
    best_value_notice                 | 2 September 2011 | 3 months
    best_value_notice                 | 1 January 2017   | 3 months
    transparency_contract_floor       | 31 December 2015 | £5,000
    transparency_spend_floor          | 31 December 2015 | £500
    transparency_grants               | 31 December 2015 | in force
    general_power_of_competence       | 17 February 2012 | not held
    general_power_of_competence       | 18 February 2012 | in force
    social_value_duty                 | 30 January 2013  | not held
    social_value_duty                 | 31 January 2013  | in force
    equality_duty                     | 4 April 2011     | not held
    equality_duty                     | 5 April 2011     | in force
    processor_contract                | 24 May 2018      | not held
    processor_contract                | 25 May 2018      | in force
    civil_society_covenant            | 16 July 2025     | not in force
    civil_society_covenant            | 17 July 2025     | in force
""")

NUMBERS = table("""
    unknown_term_months   | 26 February 2015 | 48
    small_lots_share      | 1 January 2020   | 20
    services_change_limit | 26 February 2015 | 10
    services_change_limit | 24 February 2025 | 10
    works_change_limit    | 24 February 2025 | 15
    term_change_limit     | 24 February 2025 | 10
    aid_window            | 31 December 2013 | 3
    aid_window            | 1 January 2014   | 3
    aid_window            | 1 January 2021   | 3
    aid_window            | 4 January 2023   | 3
""")

FROM_MEMORY = {
    "best_value_notice": ["1 March 2015"],
    "equality_duty": ["5 April 2011"],
    "general_power_of_competence": ["18 February 2012"],
    "processor_contract": ["25 May 2018", "1 January 2021"],
    "services_change_limit": ["26 February 2015"],
    "sterling_per_sdr": ["1 January 2021"],
    "general_aid_ceiling": ["1 January 2021"],
    "public_service_aid_ceiling": ["1 January 2021"],
}
"""What is not corroborated, by series and the first day of the segment."""


def edges(row: list[str]) -> tuple[date, date]:
    return day(row[0]), day(row[1])


@pytest.mark.parametrize("row", THRESHOLDS, ids=lambda row: row[0])
def test_the_thresholds(row: list[str]) -> None:
    _, _, services, light_touch, works, vat = row
    for on in edges(row):
        for name, expected in (("services", services), ("light_touch", light_touch), ("works", works)):
            segment = LAW[f"{name}_threshold"].at(on)
            assert said(segment) == expected, (name, on)
            if expected != "not in force":
                assert segment.includes_vat is (vat == "inclusive"), (name, on)
            assert (segment.first, segment.last) == edges(row), (name, on)


@pytest.mark.parametrize("row", FLOORS, ids=lambda row: row[0])
def test_the_publication_floor(row: list[str]) -> None:
    for on in edges(row):
        segment = LAW["publication_floor"].at(on)
        assert said(segment) == row[2]
        assert segment.includes_vat is ({"": None, "net": False, "inclusive": True}[row[3]])


@pytest.mark.parametrize("row", CEILINGS, ids=lambda row: row[0])
def test_the_aid_ceilings(row: list[str]) -> None:
    for on in edges(row):
        assert [said(LAW[f"{name}_aid_ceiling"].at(on)) for name in ("general", "public_service")] == row[2:]


@pytest.mark.parametrize("row", OTHERS, ids=" ".join)
def test_every_other_figure_and_duty(row: list[str]) -> None:
    name, on, expected = row
    segment = LAW[name].at(day(on))
    assert (segment.stated or said(segment)) == expected


@pytest.mark.parametrize("row", NUMBERS, ids=" ".join)
def test_the_numbers(row: list[str]) -> None:
    name, on, expected = row
    assert LAW[name].at(day(on)).value == Bounds(int(expected) * 100, int(expected) * 100)


def test_no_series_is_left_out_of_the_tables() -> None:
    named = {row[0] for row in (*OTHERS, *NUMBERS)} | {"sterling_per_euro", "sterling_per_sdr"}
    assert set(LAW) == named | {"services_threshold", "light_touch_threshold", "works_threshold", "publication_floor"}


def test_nothing_is_held_before_2014_of_the_thresholds() -> None:
    assert LAW["services_threshold"].at(date(2013, 12, 31)).status is LawStatus.NOT_HELD


def test_what_is_from_memory_is_marked_and_the_rest_is_sourced() -> None:
    found: dict[str, list[date]] = {}
    for name, series in LAW.items():
        for segment in series.segments:
            if segment.corroborated is Corroborated.NO:
                found.setdefault(name, []).append(segment.first)
            elif segment.status is not LawStatus.NOT_HELD:
                assert segment.sources, (name, segment.first)
                assert segment.instrument, (name, segment.first)
    assert found == {name: [day(text) for text in days] for name, days in FROM_MEMORY.items()}


def test_every_threshold_of_a_row_has_the_same_rate_to_the_euro() -> None:
    """The check of the figures against each other that their euro amounts allow."""
    for on in ("1 January 2014", "1 January 2016", "1 January 2018", "1 January 2020"):
        rates = []
        for name in ("services_threshold", "works_threshold"):
            segment = LAW[name].at(day(on))
            assert isinstance(segment.value, Bounds)
            euros = int(segment.note.split(".")[0].removeprefix("€").replace(",", ""))
            rates.append(segment.value.lo / 100 / euros)
        assert rates[0] == pytest.approx(rates[1], abs=5e-6)


# Ceilings in other currencies

YEARS = table("""
    2014 | £144,700 | £164,900
    2015 | £141,200 | £156,300
    2016 | £155,800 | £178,700
    2017 | £169,500 | £182,400
    2018 | £171,600 | £179,700
    2019 | £168,500 | £183,000
""")
"""€200,000 at the lowest and the highest monthly rate of a financial year, to the nearest hundred pounds."""


@pytest.mark.parametrize("row", YEARS, ids=lambda row: row[0])
def test_the_ceiling_of_a_year_in_sterling(row: list[str]) -> None:
    year = FinancialYear(int(row[0]))
    values = [one.value for one in LAW["general_aid_ceiling"].within(year.first_day, year.last_day)]
    assert len(values) == 12
    ends = [value.lo for value in values if isinstance(value, Bounds)]
    assert [show_money(round(end, -4)) for end in (min(ends), max(ends))] == row[1:]


def test_the_monthly_rate_of_the_offer_date_decides() -> None:
    ceiling = LAW["general_aid_ceiling"]
    assert ceiling.at(date(2016, 7, 31)).value == Bounds(168_340_00, 168_340_00)
    assert ceiling.at(date(2016, 8, 1)).value == Bounds(171_080_00, 171_080_00)
    assert ceiling.at(date(2016, 8, 1)).corroborated is Corroborated.DERIVED
    assert LAW["public_service_aid_ceiling"].at(date(2016, 8, 1)).value == Bounds(427_700_00, 427_700_00)


def test_a_ceiling_without_a_rate_is_not_held() -> None:
    segment = LAW["general_aid_ceiling"].at(date(2013, 11, 30))
    assert (segment.status, segment.stated) == (LawStatus.NOT_HELD, "€200,000")


def test_special_drawing_rights_are_a_range() -> None:
    """Remembered as £330,000 to £350,000; the range is wider."""
    value = LAW["general_aid_ceiling"].at(date(2021, 6, 1)).value
    assert value == Bounds(325_000_00, 406_250_00)


def test_the_rates_are_those_of_the_published_series() -> None:
    path = DATA / "eurgbp_monthly.csv"
    if not path.is_file():
        pytest.skip("the published series is not on this machine")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            segment = LAW["sterling_per_euro"].at(day(f"{row['month']}-01"))
            assert segment.value == Bounds(*[round(float(row["gbp_per_eur"]) * 10_000)] * 2), row


# Words


def test_a_figure_is_cited_with_its_days_and_instrument() -> None:
    services = LAW["services_threshold"]
    assert cited(services, [services.at(date(2016, 5, 1))]) == (
        "£164,176 from 1 January 2016 to 31 December 2017, SI 2015/102 reg 5; Delegated Regulation (EU) 2015/2170"
    )
    assert cited(services, services.within(date(2013, 12, 1), date(2014, 1, 1))).startswith(
        "not held before 1 January 2014; or £172,514 from 1 January 2014"
    )
    ceiling = LAW["general_aid_ceiling"]
    assert cited(ceiling, ceiling.within(date(2014, 4, 1), date(2015, 3, 31))) == (
        "£144,660 to £164,920, from 1 April 2014 to 31 March 2015"
    )
    assert cited(ceiling, ceiling.within(date(2013, 11, 1), date(2014, 3, 31))) == (
        "not held or £165,040 to £167,340, from 31 December 2007 to 31 March 2014"
    )
    act = LAW["public_contracts_regulations_2015"]
    assert cited(act, act.segments) == "not held or not in force or in force, whatever the day"


def test_figures_past_their_expected_end_are_told() -> None:
    assert overdue(LAW, date(2027, 12, 31)) == ()
    late = overdue(LAW, date(2028, 1, 1))
    assert {one.series.id for one in late} == {
        "services_threshold",
        "light_touch_threshold",
        "works_threshold",
        "concession_threshold",
        "light_touch_concession_threshold",
    }
    assert "was expected to hold until 31 December 2027" in advice(late[0])


# Files that are refused

SERIES = """\
title: Trial
series:
  ceiling:
    title: ceiling
    kind: money
    decided_on: offer date
    segments:
      - {from: 1 January 2016, to: 31 December 2017, value: "£10", instrument: a, sources: [S1], corroborated: yes}
      - {from: 1 January 2018, to: null, value: "£20", instrument: b, sources: [S1], corroborated: yes}
"""
RATES = """\
title: Rates
series:
  euro:
    title: euro
    kind: rate
    currency: €
    decided_on: offer date
    monthly:
      instrument: mean
      sources: [S1]
      corroborated: derived
      rates:
        2016-01: 0.75
        2016-02: 0.8
"""


def folder(path: Path, **files: str) -> Path:
    """A folder of law: files by name, each with its content."""
    made = path / "law"
    made.mkdir()
    for name, text in {"sources": "sources:\n  S1: example.org\n", **files}.items():
        (made / f"{name}.yaml").write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("1 January 2018", "3 January 2018", "law/trial.yaml:9: nothing is said of 1 January 2018 to 2 January 2018"),
        ("1 January 2018", "31 December 2017", "law/trial.yaml:9: 31 December 2017 is also in the segment before it"),
        ("to: 31 December 2017", "to: null", "law/trial.yaml:9: 1 January 2018 is also in the segment before it"),
        ("31 December 2017", "31 December 2015", "law/trial.yaml:8: 31 December 2015 is before 1 January 2016"),
        ("31 December 2017", "31 Decembre 2017", "law/trial.yaml:8: to is '31 Decembre 2017'; expected a date"),
        ("£10", "$10", "law/trial.yaml:8: value is '$10'; expected an amount such as £25,000"),
        ("£10", "in force", "law/trial.yaml:8: value is 'in force'; expected an amount"),
        ("£10", "€10", "law/trial.yaml:8: value is '€10'; expected an amount"),
        ("£10", "£-1", "law/trial.yaml:8: value is '£-1'; expected an amount"),
        ("£10", "£1000000000000", "law/trial.yaml:8: value is '£1000000000000'; expected an amount"),
        ("kind: money", "kind: period", "law/trial.yaml:8: value is '£10'; expected a period"),
        ("kind: money", "kind: number", "law/trial.yaml:8: value is '£10'; expected a number"),
        ("kind: money", "kind: duty", "law/trial.yaml:8: value is '£10'; expected “in force”"),
        ("kind: money", "kind: rate", "law/trial.yaml:3: ceiling: a rate, and nothing else, names the currency"),
        ("kind: money", "kind: sum", "law/trial.yaml:5: kind"),
        ("[S1]", "[S2]", "law/trial.yaml:8: S2 is no source of sources.yaml"),
        ("corroborated: yes", "corroborated: maybe", "law/trial.yaml:8: corroborated"),
        ("[S1]", "[]", "law/trial.yaml:8: 0: what is corroborated or derived has a source"),
        ("instrument: a, ", "", "law/trial.yaml:8: instrument is missing"),
        ("instrument: a", "instrument: a, vatt: net", "law/trial.yaml:8: vatt is not a key known here"),
        ("to: null", "to: null, expected_end: never", "law/trial.yaml:9: expected_end is 'never'; expected a date"),
        ("instrument: a", "expected_end: 1 May 2016, instrument: a", "expects none (expected_end)"),
        ('"£20"', "not in force, vat: net", "law/trial.yaml:9: only an amount that is in force has a VAT basis"),
        ("  ceiling:\n", "  ceiling:\n    unit: a\n    unit: b\n", "law/trial.yaml:5: unit occurs twice"),
    ],
)  # fmt: skip
def test_a_file_that_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in SERIES
    with pytest.raises(PackError) as caught:
        load_law(folder(tmp_path, trial=SERIES.replace(old, new, 1)))
    assert words in str(caught.value)


def test_a_series_stands_once(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"law/trial\.yaml:3: ceiling is also a series at law/other\.yaml:3"):
        load_law(folder(tmp_path, other=SERIES, trial=SERIES))


def test_months_follow_each_other(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"law/rates\.yaml:14: nothing is said of 1 February 2016 to 29 February 2016"):
        load_law(folder(tmp_path, rates=RATES.replace("2016-02", "2016-03")))


def test_a_series_has_no_end_of_segments(tmp_path: Path) -> None:
    months = "\n".join(f"        {2000 + at // 12}-{at % 12 + 1:02d}: 0.8" for at in range(400))
    with pytest.raises(PackError, match=r"law/rates\.yaml:3: euro has 402 segments; at most 400 are read"):
        load_law(folder(tmp_path, rates=RATES.replace("        2016-01: 0.75\n        2016-02: 0.8", months)))


def test_a_currency_has_one_rate(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"law/rates2\.yaml:3: € is also converted by euro"):
        load_law(folder(tmp_path, rates=RATES, rates2=RATES.replace("  euro:", "  euro2:")))


def test_a_folder_without_law_or_sources(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="law: holds 0 files of law"):
        load_law(folder(tmp_path))
    (tmp_path / "law" / "trial.yaml").write_text(SERIES, encoding="utf-8")
    (tmp_path / "law" / "sources.yaml").unlink()
    with pytest.raises(PackError, match=r"law/sources\.yaml: there is no such file"):
        load_law(tmp_path / "law")


def test_an_amount_is_converted_at_the_rate_of_each_day(tmp_path: Path) -> None:
    law = load_law(folder(tmp_path, trial=SERIES.replace("£10", "€1,000.01"), rates=RATES)).series["ceiling"]
    assert law.at(date(2016, 1, 31)).value == Bounds(750_00, 750_01)
    assert law.at(date(2016, 2, 29)).value == Bounds(800_00, 800_01)
    assert law.at(date(2016, 3, 1)).status is LawStatus.NOT_HELD
    assert law.at(date(2018, 1, 1)).value == Bounds(20_00, 20_00)


# In a policy

PACK = """\
id: trial
title: Trial
version: "1"
source: none
councils: {one: {name: One Council}}
themes: {Economy: []}
modules: [drift]
law: uk_law
"""
FACTS = """\
tables:
  partnerships:
    shape: register
    sheet: Register
    facts:
      ref: {type: text, label: reference, heading: Ref}
      name: {type: text, label: name, heading: Name}
      lead_officer: {type: text, label: lead officer, heading: Lead Officer}
      value: {type: money, label: value of the arrangement, heading: Value, question: What is it worth?}
      monthly: {type: money, label: monthly payment, heading: Monthly, question: What is paid a month?}
      procured: {type: date, label: procurement date, heading: Procured, question: When was it procured?}
      until: {type: date, label: end of the procurement, heading: Until, question: When did it end?}
derived:
  headroom: {type: money, label: headroom, is: law.services_threshold - value, law_at: procured}
  light_headroom: {type: money, label: light headroom, is: law.light_touch_threshold - value, law_at: procured}
  notice_by: {type: date, label: last day for notice, is: procured - law.best_value_notice, law_at: procured}
"""
MODULE = """\
title: Drift
criteria:
  above:
    question: Is it above the services threshold?
    test: value >= law.services_threshold
    law_at: procured
  above_some:
    question: Is it above it whenever it was procured?
    test: value >= law.services_threshold
    law_at: between(procured, until)
  light_touch:
    question: Is it above the light-touch threshold?
    test: in_force(law.light_touch_threshold) and value >= law.light_touch_threshold
    law_at: procured
  had_light_touch:
    question: Was there a light-touch threshold?
    test: in_force(law.light_touch_threshold)
    law_at: procured
  with_vat:
    question: Does the threshold include VAT?
    test: includes_vat(law.services_threshold)
    law_at: procured
  forty_eight_months:
    question: Is it above the threshold if it never ends?
    test: in_force(law.unknown_term_months) and monthly * law.unknown_term_months >= law.services_threshold
    law_at: procured
  today:
    question: Is it above today's threshold?
    test: value >= law.services_threshold
    law_at: as_of
  noticed:
    question: Was there time for notice?
    test: notice_by >= until
rules:
  PRO-01:
    title: Above
    warns: above
    severity: high
    says: "{because}."
    consequence: none
    action: {do: nothing, by: nobody}
    source: {paragraph: none}
"""


def made_pack(path: Path, *edits: tuple[str, str]) -> Path:
    """A small pack in a folder of its own; an edit replaces a text of one of its files."""
    made = path / "trial"
    made.mkdir()
    for name, text in {"pack": PACK, "facts": FACTS, "drift": MODULE}.items():
        for old, new in edits:
            text = text.replace(old, new)
        (made / f"{name}.yaml").write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return load_pack(made_pack(tmp_path_factory.mktemp("pack")))


def audited(pack: Pack, *rows: dict[str, str], as_of: date = date(2016, 8, 4)) -> Audit:
    stated = [{"name": f"P{index}", "value": "nil", **row} for index, row in enumerate(rows)]
    register = register_from(json.dumps({"partnerships": stated}).encode(), "register.json", pack.vocabulary)
    assert not register.problems, register.problems
    return audit(register, pack, as_of, FinancialYear(2017))


def answers(pack: Pack, criterion: str, *rows: dict[str, str], as_of: date = date(2016, 8, 4)) -> list[Any]:
    return audited(pack, *rows, as_of=as_of).answers[criterion].to_list()


def test_the_date_decides_the_threshold(trial: Pack) -> None:
    """At each threshold and a pound under it, on the first and the last day of every row of the table."""
    rows, expected = [], []
    for row in THRESHOLDS:
        pounds = int(row[2].removeprefix("£").replace(",", ""))
        for on in (row[0], row[1].replace("2999", "2030")):
            rows += [{"value": f"£{pounds - 1}", "procured": on}, {"value": f"£{pounds}", "procured": on}]
            expected += [False, True]
    assert answers(trial, "above", *rows) == expected


@pytest.mark.parametrize(
    ("as_of", "below", "at"),
    [
        (date(2016, 8, 4), "£164,175.99", "£164,176"),
        (date(2025, 3, 1), "£214,903.99", "£214,904"),
        (date(2026, 4, 1), "£207,719.99", "£207,720"),
    ],
)
def test_the_same_register_sees_three_laws(trial: Pack, as_of: date, below: str, at: str) -> None:
    assert answers(trial, "today", {"value": below}, {"value": at}, as_of=as_of) == [False, True]


def test_an_uncertain_date_makes_a_range(trial: Pack) -> None:
    spanning = {"procured": "31 December 2015", "until": "1 January 2016"}
    values = ("£164,175.99", "£164,176", "£172,513.99", "£172,514")
    assert answers(trial, "above_some", *({"value": value, **spanning} for value in values)) == [
        False,
        None,
        None,
        True,
    ]
    assert answers(trial, "above", {"value": "£164,175.99"}, {"value": "£10,000,000"}) == [None, None]
    assert answers(trial, "above", {"value": "£1,000,000", "procured": "31 December 2013"}) == [None]


def test_law_that_was_not_in_force(trial: Pack) -> None:
    rows = [
        {"value": "£625,050", "procured": "25 February 2015"},
        {"value": "£625,050", "procured": "26 February 2015"},
        {"value": "£625,049", "procured": "26 February 2015"},
        {"value": "£625,050", "procured": "February 2015"},
        {"value": "£625,049", "procured": "February 2015"},
        {"value": "£625,049", "procured": "December 2013"},
    ]
    assert answers(trial, "had_light_touch", *rows) == [False, True, True, None, None, None]
    assert answers(trial, "light_touch", *rows) == [False, True, False, None, False, None]


def test_whether_an_amount_includes_vat(trial: Pack) -> None:
    days = ("31 December 2021", "1 January 2022", "December 2021", "1 December 2013")
    assert answers(trial, "with_vat", *({"procured": on} for on in days)) == [False, True, False, None]
    assert answers(trial, "with_vat", {}) == [None]


def test_a_number_of_the_law_multiplies(trial: Pack) -> None:
    rows = [
        {"monthly": "£3,420.33", "procured": "1 January 2016"},
        {"monthly": "£3,420.34", "procured": "1 January 2016"},
        {"monthly": "£100,000", "procured": "24 February 2025"},
    ]
    assert answers(trial, "forty_eight_months", *rows) == [False, True, False]


def test_derived_facts_read_the_law_too(trial: Pack) -> None:
    frame = audited(
        trial,
        {"value": "£160,000", "procured": "1 March 2016", "until": "1 December 2015"},
        {"value": "£160,000", "procured": "February 2015", "until": "1 January 2015"},
        {"value": "£160,000", "procured": "1 March 2011", "until": "1 January 2011"},
    ).facts.frame
    assert frame["headroom_lo"].to_list()[:2] == [4_176_00, 12_514_00]
    assert frame["light_headroom_hi"].to_list()[:2] == [429_148_00, None]
    assert frame["notice_by_lo"].to_list() == [date(2015, 12, 1), date(2014, 11, 1), NEVER]
    assert frame["notice_by_hi"].to_list()[2] is None


def test_a_finding_cites_the_law(trial: Pack) -> None:
    found = list(Explainer(audited(trial, {"value": "£180,000", "procured": "12 March 2016"}), [0]).findings())
    message = next(one.message for one in found if one.rule.id == "PRO-01")
    assert message == (
        "value of the arrangement (£180,000) is at least the services threshold in force on the procurement date "
        "(£164,176 from 1 January 2016 to 31 December 2017, SI 2015/102 reg 5; Delegated Regulation (EU) 2015/2170)."
    )
    assert {"value", "procured"} == {one.fact for one in found[0].evidence}


def test_an_unknown_date_is_asked_for(trial: Pack) -> None:
    done = audited(trial, {"value": "£180,000"})
    (finding,) = [one for one in Explainer(done, [0]).findings() if one.rule.id == "PRO-01"]
    assert finding.outcome is Outcome.UNDETERMINED
    assert [missing.fact for missing in finding.missing] == ["procured"]
    assert facts_of(trial.criteria["above_some"].test) == ("value", "procured", "until")


GUARD = "in_force(law.light_touch_threshold) and "
VAT = "includes_vat(law.services_threshold)"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("law: uk_law", "law: uk_lore", "pack.yaml:8: there is no folder uk_lore"),
        ("law: uk_law", "classes: []", "law.services_threshold is not known: this pack names no folder of law"),
        ("value >= law.services_threshold", "value >= law.servces_threshold", "did you mean law.services_threshold?"),
        ("    law_at: as_of\n", "", "drift.yaml:29: law.services_threshold is that of a day; say which by law_at"),
        ("law_at: as_of", "law_at: value", "expected a date, found money"),
        ("law_at: as_of", "law_at: law.services_threshold", "law.services_threshold is that of a day"),
        ("notice_by >= until", "notice_by >= until\n    law_at: procured", "law_at is of no use: test reads no law"),
        (GUARD, "", "law.light_touch_threshold was not always in force; write"),
        (GUARD, GUARD.replace("and", "or"), "was not always in force"),
        (VAT, "includes_vat(law.light_touch_threshold)", "was not always in force"),
        (VAT, "includes_vat(law.general_aid_ceiling)", "does not always say whether"),
        (VAT, "law.procurement_act_2023", "is a duty, not an amount; ask in_force(law."),
        (VAT, "law.best_value_notice == 3", "a list, a period or a yearly day cannot be compared"),
        (VAT, "in_force(value)", "in_force(law.x)"),
        (VAT, "law.services_threshold", "expected a yes/no question, found money"),
        ("is: law.services_threshold - value, law_at: procured", "law_at: procured, councils_in: name", "with is"),
    ],
)  # fmt: skip
def test_what_a_policy_may_not_say_of_law(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert any(old in text for text in (PACK, FACTS, MODULE))
    with pytest.raises(PackError) as caught:
        load_pack(made_pack(tmp_path, (old, new)))
    assert words in str(caught.value)


def test_the_law_beside_a_pack_goes_before_that_which_ships(tmp_path: Path) -> None:
    """And the digest of the policy covers it."""
    made = made_pack(tmp_path)
    shipped = load_pack(made)
    shutil.copytree(bundled("uk_law"), tmp_path / "uk_law")
    assert load_pack(made).sha256 == shipped.sha256
    path = tmp_path / "uk_law" / "procurement.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("£164,176", "£164,177"), encoding="utf-8")
    changed = load_pack(made)
    assert said(changed.law["services_threshold"].at(date(2016, 8, 4))) == "£164,177"
    assert changed.sha256 != shipped.sha256
    assert changed.rules["PRO-01"].sha256 != shipped.rules["PRO-01"].sha256


# Any series


POINTS = st.lists(st.integers(1, 30), min_size=1, max_size=5, unique=True).map(sorted)
START = date(2020, 1, 1)


@st.composite
def series(draw: st.DrawFn) -> Series:
    """A series that changes a few times within a month."""
    first = NEVER
    segments = []
    for point in [*draw(POINTS), None]:
        last = NO_END if point is None else START + point * DAY
        status = draw(st.sampled_from(LawStatus))
        lo = draw(st.integers(0, 100))
        value = Bounds(lo, lo + draw(st.integers(0, 10))) if status is LawStatus.IN_FORCE else None
        segments.append(Segment(first, last, status, value))
        first = last + DAY if point is not None else NO_END
    return Series("x", "x", LawKind.MONEY, None, "day", tuple(segments))


@given(series(), st.integers(0, 35), st.none() | st.integers(0, 10), st.booleans())
def test_the_law_of_every_day_lies_within_that_of_the_range(
    law: Series, earliest: int, length: int | None, assumed: bool
) -> None:
    lo = START + earliest * DAY
    hi = None if length is None else lo + length * DAY
    days = [lo + step * DAY for step in range(40 if length is None else length + 1)]
    found = [law.at(on) for on in days]
    assert list(dict.fromkeys(found)) == list(law.within(lo, hi))

    node = Law(law, FactRef("on", Kind.DATE), assumed)
    ends, in_force = Columns({}).ends(node), Columns({}).truth(InForce(node))
    frame = pl.DataFrame({"on_lo": [lo], "on_hi": [hi]}, schema={"on_lo": pl.Date, "on_hi": pl.Date})
    rule_column = with_law(frame, [node], Columns({}))
    selected = rule_column.with_columns(lo=column_of(ends.lo), hi=column_of(ends.hi), force=in_force)
    least, most, force = selected.select("lo", "hi", "force").rows()[0]
    statuses = {segment.status for segment in found}
    for segment in found:
        if isinstance(segment.value, Bounds):
            assert least <= segment.value.lo
            assert most is None or (segment.value.hi or 0) <= most
    known = {LawStatus.IN_FORCE} if not assumed else {LawStatus.IN_FORCE, LawStatus.NOT_IN_FORCE}
    if not statuses <= known or LawStatus.IN_FORCE not in statuses:
        assert (least, most) == (0, None)
    else:
        values = [segment.value for segment in found if isinstance(segment.value, Bounds)]
        assert (least, most) == (min(one.lo for one in values), max(one.hi or 0 for one in values))
    expected = {frozenset({LawStatus.IN_FORCE}): True, frozenset({LawStatus.NOT_IN_FORCE}): False}
    assert force is expected.get(frozenset(statuses))
