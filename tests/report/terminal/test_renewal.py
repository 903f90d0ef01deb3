"""The check list says who must do what by when, and leaves out nothing that is open."""

import csv
import io
import json
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.planning.renewal import Due, Duty, Entry, Renewal, State, check_renewal
from tipstaff.facts.bounds import Bounds, exactly
from tipstaff.report.record.renewal import record
from tipstaff.report.tables.renewal_csv import rows
from tipstaff.report.terminal.renewal import lines


@pytest.fixture(scope="module")
def example_list(example: Audit) -> Renewal:
    return check_renewal(example)


@pytest.fixture(scope="module")
def bare_list(bare: Audit) -> Renewal:
    return check_renewal(bare)


def told(found: Renewal, width: int = 120) -> list[str]:
    return list(lines(found, "register.xlsx", width, options=("--cycle", "2017/18")))


def dated(found: Renewal, due: Due) -> Renewal:
    """The list with one duty to do, due on a day."""
    duty = replace(found.entries[0].duties[0], state=State.TO_DO, due=due, missing=())
    return replace(found, entries=(replace(found.entries[0], duties=(duty,)),))


def with_duties(found: Renewal, **due: int | None) -> Renewal:
    """The list with one partnership, and for it one duty of each state, due so many days from the as-of date."""
    as_of = found.audit.as_of
    rule = found.entries[0].duties[0].rule
    duties = []
    for state, days in due.items():
        on = None if days is None else exactly(date.fromordinal(as_of.toordinal() + days))
        duties.append(
            Duty(rule, State(state.replace("_", " ")), Due(on, days is not None and days < 0), "Something.", ())
        )
    return replace(found, entries=(Entry(0, "P1", "=SUM(A1)", "Lead Specialist", tuple(duties)),))


@pytest.mark.parametrize("width", [60, 100, 160])
def test_it_is_no_wider_than_the_terminal(example_list: Renewal, bare_list: Renewal, width: int) -> None:
    for found in (example_list, bare_list):
        wide = [line for line in told(found, width) if len(line) > width]
        assert [line for line in wide if not line.startswith("Next: ")] == []


def test_every_open_duty_is_said_under_its_partnership(example_list: Renewal) -> None:
    text = "\n".join(told(example_list, 200))
    for entry in example_list.entries:
        for duty in entry.open:
            if duty.state is State.MISSING:
                assert f"    missing    {duty.rule.id}: {duty.message} ({duty.rule.action.by})" in text.replace(
                    "\n               ", " "
                )


def test_it_names_the_lead_officer_and_ends_with_the_next_step(example_list: Renewal) -> None:
    said = told(example_list)
    assert "West Devon CAB (P02), Lead Specialist, Communities" in said
    first = next(entry for entry in example_list.entries if entry.open)
    assert said[-1] == f"Next: tipstaff explain register.xlsx {first.ref} --as-of 2016-08-04 --cycle 2017/18"


def test_partnerships_with_nothing_to_do_stand_in_one_paragraph_at_the_end(example_list: Renewal) -> None:
    said = told(with_duties(example_list, done=1))
    assert [line.strip() for line in said if "Nothing to do" in line] == ["Nothing to do (1): =SUM(A1) (P1)"]


def test_what_a_missing_sheet_holds_up_is_said_once(bare_list: Renewal) -> None:
    said = told(bare_list)
    assert sum("no Agreements sheet" in line for line in said) == 1
    assert len(said) <= 9 * bare_list.audit.partnerships


def test_dates_say_how_many_days_are_left(example_list: Renewal) -> None:
    found = with_duties(example_list, to_do=57, missing=-3, not_known=0, done=1)
    text = "\n".join(told(found))
    assert "  by 30 September 2016 (57 days left)" in text
    assert "  by 1 August 2016 (3 days ago)" in text
    assert "  by 4 August 2016 (today)" in text
    assert "  by a date not known" in "\n".join(told(with_duties(example_list, to_do=None)))


def test_a_date_known_in_part_may_be_over(example_list: Renewal) -> None:
    found = dated(example_list, Due(Bounds(date(2016, 8, 1), date(2016, 8, 31)), None))
    assert "  by 1 August 2016 to 31 August 2016 (may be over)" in told(found)
    duty = json.loads("".join(record(found)))["partnerships"][0]["duties"][0]
    assert duty["due"] == {"earliest": "2016-08-01", "latest": "2016-08-31"}


def test_nothing_left_to_do_is_said(example_list: Renewal) -> None:
    assert told(with_duties(example_list, done=1))[-1] == "Nothing is left to do for 2017/18."


def test_the_record_holds_every_duty(example_list: Renewal) -> None:
    read = json.loads("".join(record(example_list)))
    assert read["schema"] == "tipstaff/renewal/1"
    assert read["cycle"] == "2017/18"
    assert sum(read["summary"].values()) == sum(len(one["duties"]) for one in read["partnerships"])
    assert len(read["partnerships"]) == 30
    unknown = [duty for one in read["partnerships"] for duty in one["duties"] if duty["state"] == "not_known"]
    assert unknown
    assert all(missing["question"] for duty in unknown for missing in duty["missing"])


def text_of(found: Renewal) -> str:
    """The list as CSV, behind the mark by which Excel knows it for UTF-8."""
    mark, text = (said := "".join(rows(found)))[:1], said[1:]
    assert mark == "\ufeff" not in text
    return text


def test_csv_is_written_as_that_of_an_audit_is(example_list: Renewal) -> None:
    heading, first, *_ = text_of(example_list).split("\n")
    assert heading.startswith('"ref","name"')
    assert not first.endswith("\r")


def test_csv_has_a_line_for_each_duty(example_list: Renewal) -> None:
    read = list(csv.DictReader(io.StringIO(text_of(example_list), newline="")))
    assert len(read) == sum(len(entry.duties) for entry in example_list.entries)
    assert {row["state"] for row in read} == set(State)


def test_csv_holds_no_formula(example_list: Renewal) -> None:
    found = with_duties(example_list, missing=-3)
    row = next(csv.DictReader(io.StringIO(text_of(found), newline="")))
    assert row["name"] == "'=SUM(A1)"
    assert row["days_left"] == "-3"


def test_contact_details_are_nowhere(example: Audit) -> None:
    secret = "01803 999 999"
    frame = example.facts.frame.with_columns(pl.lit(secret).alias("contact_details"))
    found = check_renewal(replace(example, facts=replace(example.facts, frame=frame)))
    for pieces in (told(found, 500), record(found), rows(found)):
        assert secret not in "\n".join(pieces)
