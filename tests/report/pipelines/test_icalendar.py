"""The calendar is read back with vobject, which shares no code with the library that writes it."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

import polars as pl
import pytest
import vobject

from tipstaff.audit.planning.forecast import Forecast
from tipstaff.report.pipelines.icalendar import calendar


def events(text: str) -> list[vobject.base.Component]:
    return list(vobject.readOne(text).vevent_list)


def test_one_event_for_each_partnership_and_date(autumn: Forecast) -> None:
    pressing = [change for change in autumn.changes if change.needs_attention]
    expected = [key for key, _ in groupby(pressing, lambda change: (change.day, change.position))]
    found = events(calendar(autumn))
    assert [event.dtstart.value for event in found] == [day for day, _ in expected]
    assert all(type(event.dtstart.value) is date for event in found), "all day"
    assert all(event.dtend.value == event.dtstart.value + timedelta(days=1) for event in found)
    assert len({event.uid.value for event in found}) == len(expected)


def test_an_event_says_which_rule_why_what_to_do_and_who(autumn: Forecast) -> None:
    event = next(event for event in events(calendar(autumn)) if event.summary.value.startswith("P14"))
    assert event.summary.value == (
        "P14 Moorland Carers' Support (illustrative): AGR-02 Agreement has run out and 1 more"
    )
    told = event.description.value
    assert "Why: end of the agreement (30 September 2016) in Agreements!E12" in told
    assert "Do: Renew the agreement or put interim arrangements in place. (lead officer with legal services)" in told
    assert told.endswith("Lead officer: Lead Specialist, Wellbeing")


def test_no_clock_is_read_and_the_bytes_are_the_same(autumn: Forecast) -> None:
    text = calendar(autumn)
    assert text == calendar(autumn)
    assert {event.dtstamp.value.date() for event in events(text)} == {date(2016, 8, 4)}


def test_an_event_keeps_its_uid_in_a_later_forecast(autumn: Forecast) -> None:
    later = replace(autumn, audit=replace(autumn.audit, as_of=date(2016, 9, 1)))
    uids, later_uids = ([event.uid.value for event in events(calendar(one))] for one in (autumn, later))
    assert uids == later_uids


def test_lines_are_folded_and_end_as_the_standard_asks(autumn: Forecast) -> None:
    raw = calendar(autumn).encode()
    lines = raw.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in lines)


@pytest.mark.parametrize("name", ["Evil\r\nATTENDEE:mailto:a@example.org", "a;b,c\\n:d", "\x1b[31mred"])
def test_a_hostile_name_stays_a_name(autumn: Forecast, name: str) -> None:
    frame = autumn.audit.facts.frame.with_columns(pl.lit(name).alias("name"))
    facts = replace(autumn.audit.facts, frame=frame)
    found = events(calendar(replace(autumn, audit=replace(autumn.audit, facts=facts))))
    assert all("attendee" not in event.contents for event in found)
    assert all("\x1b" not in event.summary.value and "\n" not in event.summary.value for event in found)


def test_a_calendar_without_events_can_be_read(autumn: Forecast) -> None:
    assert "vevent" not in vobject.readOne(calendar(replace(autumn, changes=()))).contents


def test_contact_details_are_nowhere(autumn: Forecast) -> None:
    secret = "01803 999 999"
    frame = autumn.audit.facts.frame.with_columns(pl.lit(secret).alias("contact_details"))
    found = replace(autumn, audit=replace(autumn.audit, facts=replace(autumn.audit.facts, frame=frame)))
    assert secret not in calendar(found).replace("\r\n ", "")
