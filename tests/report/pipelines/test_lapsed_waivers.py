"""Waivers that waive nothing are told of in the formats of pipelines too."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tipstaff.audit.decisions.audit import Audit, WaiverStatus
from tipstaff.audit.decisions.verdict import judge
from tipstaff.report.pipelines import github, junit, sarif
from tipstaff.report.wording.places import Places

REGISTER = "data/register.xlsx"


@pytest.fixture(scope="module")
def lapsed(five: Audit) -> Audit:
    """The example with one waiver that holds, and one that does not for the facts of the day."""
    held, other = five.waiver_accounts
    return replace(five, waiver_accounts=(replace(other, status=WaiverStatus.FACTS_CHANGED), held))


@pytest.fixture(scope="module")
def words(lapsed: Audit) -> str:
    waiver = lapsed.waiver_accounts[0].waiver
    assert waiver is not None
    return f"Facts changed: {waiver.rule} {waiver.partnership}"


def test_github_warns_first_and_shows_no_more_than_it_can(lapsed: Audit, words: str) -> None:
    lines = list(github.lines(lapsed, Places(lapsed, Path(REGISTER)), REGISTER))
    assert lines[0].startswith("::warning title=Waivers that waive nothing::" + words)
    assert sum(line.startswith("::warning ") for line in lines) == github.MOST


def test_sarif_has_a_notification(lapsed: Audit, words: str) -> None:
    log = json.loads("".join(sarif.pieces(lapsed, Places(lapsed, Path(REGISTER)), failed=True)))
    run = log["runs"][0]
    kinds = [one["id"] for one in run["tool"]["driver"]["notifications"]]
    told = [
        one
        for one in run["invocations"][0]["toolConfigurationNotifications"]
        if kinds[one["descriptor"]["index"]] == one["descriptor"]["id"] == "waiver"
    ]
    assert [one["level"] for one in told] == ["warning"]
    assert told[0]["message"]["text"].startswith(words)


def test_junit_tells_after_its_tests(lapsed: Audit, words: str) -> None:
    pieces = junit.pieces(lapsed, judge(lapsed, "high", "high"), Places(lapsed, Path(REGISTER)))
    told = ElementTree.fromstring("".join(pieces)).findtext("testsuite/system-err")
    assert told is not None
    heading, first = told.splitlines()
    assert heading == "Waivers that waive nothing:"
    assert first.startswith(words)


def test_where_every_waiver_holds_nothing_is_said(five: Audit) -> None:
    places = Places(five, Path(REGISTER))
    for pieces in (
        github.lines(five, places, REGISTER),
        sarif.pieces(five, places, failed=True),
        junit.pieces(five, judge(five, "high", "high"), places),
    ):
        assert "Facts changed" not in "".join(pieces)
