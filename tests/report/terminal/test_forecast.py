"""The forecast in words says the date, the partnership, the old and the new outcome, the cell, and the next step."""

import json
from dataclasses import replace

import pytest

from tipstaff.audit.planning.forecast import Forecast
from tipstaff.report.record.forecast import record
from tipstaff.report.terminal.forecast import lines


def told(found: Forecast, width: int = 120) -> list[str]:
    return list(lines(found, "register.xlsx", width))


@pytest.mark.parametrize("width", [60, 100, 160])
def test_it_is_no_wider_than_the_terminal(autumn: Forecast, width: int) -> None:
    wide = [line for line in told(autumn, width) if len(line) > width]
    assert [line for line in wide if not line.startswith(("Next: ", "For a calendar: "))] == []


def test_a_change_says_what_when_why_and_where(autumn: Forecast) -> None:
    text = "\n".join(told(autumn, 200))
    assert "\n1 October 2016\n  P14 Moorland Carers' Support (illustrative), Lead Specialist, Wellbeing\n" in text
    assert (
        "\n    AGR-02    Agreement has run out, clear → finding: end of the agreement (30 September 2016) in "
        "Agreements!E12\n" in text
    )
    assert "Renew the agreement or put interim arrangements in place. (lead officer with legal services)" in text


def test_it_ends_with_the_next_step(autumn: Forecast) -> None:
    calendar, step = told(autumn)[-2:]
    assert calendar.endswith("--as-of 2016-08-04 --until 2016-10-01 --format ics -o forecast.ics")
    assert step.startswith("Next: tipstaff explain register.xlsx P")
    assert step.endswith(" --as-of 2016-10-01")


def test_changes_of_less_weight_are_counted(autumn: Forecast) -> None:
    quiet = [change for change in autumn.changes if not change.needs_attention]
    assert quiet
    text = " ".join(told(replace(autumn, changes=(*autumn.changes, *quiet))))
    assert f"In addition, {2 * len(quiet)} changes of less weight" in text


def test_that_nothing_changes_is_said(autumn: Forecast) -> None:
    assert told(replace(autumn, changes=()))[-1] == "Nothing changes for the worse until 1 October 2016."


def test_what_one_date_changes_for_several_is_said_together(autumn: Forecast) -> None:
    one = next(change for change in autumn.changes if change.subject == "AGR-02")
    cause = replace(one.causes[0], sentence="the financial year 2017/18", cell=None)
    both = tuple(replace(one, position=position, causes=(cause,)) for position in (0, 1))
    text = "\n".join(told(replace(autumn, changes=both), 200))
    assert "  Because of the financial year 2017/18\n" in text
    assert "    AGR-02    Agreement has run out, clear → finding: P01 South Hams CAB; P02 West Devon CAB" in text


def test_the_record_holds_every_change(autumn: Forecast) -> None:
    read = json.loads("".join(record(autumn)))
    assert read["schema"] == "tipstaff/forecast/1"
    assert (read["as_of"], read["until"]) == ("2016-08-04", "2016-10-01")
    assert len(read["changes"]) == len(autumn.changes)
    run_out = next(one for one in read["changes"] if one["subject"] == "AGR-02")
    assert run_out["causes"][0]["cell"] == "Agreements!E12"
    assert json.loads("".join(record(replace(autumn, changes=()))))["changes"] == []
