"""GitHub: annotations as the runner reads them, none that a register could slip in."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff.audit.decisions.audit import Audit
from tipstaff.report.pipelines.github import MOST, command, lines
from tipstaff.report.wording.places import Places

REGISTER = "data/register.xlsx"


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    message: str


def parsed(line: str) -> Command:
    """A line as the runner of GitHub Actions takes it apart."""
    assert "\n" not in line
    assert "\r" not in line
    match = re.fullmatch(r"::(\w+)(?: (.*?))?::(.*)", line)
    assert match is not None
    properties = dict(part.split("=", 1) for part in (match[2] or "").split(",") if "=" in part)
    return Command(match[1], {key: undone(value) for key, value in properties.items()}, undone(match[3]))


def undone(text: str) -> str:
    escapes = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
    return re.sub("|".join(escapes), lambda match: escapes[match[0]], text)


def commands(audit: Audit) -> list[Command]:
    return [parsed(line) for line in lines(audit, Places(audit, Path(REGISTER)), REGISTER, ["--cycle", "2017/18"])]


@pytest.fixture(scope="module")
def found(five: Audit) -> list[Command]:
    return commands(five)


def test_no_more_is_annotated_than_is_shown_and_the_worst_come_first(found: list[Command]) -> None:
    names = [one.name for one in found]
    assert Counter(names) == {"error": MOST, "warning": MOST, "notice": MOST}
    assert names == sorted(names, key=["error", "warning", "notice"].index)


def test_the_last_notice_counts_all_five_outcomes_and_says_where_the_rest_is(found: list[Command], five: Audit) -> None:
    totals = five.totals()
    assert all(totals.values())
    said = found[-1].message.splitlines()
    assert f"Outcomes: {', '.join(f'{count} {outcome.words}' for outcome, count in totals.items())}" in said
    assert said[-1].endswith(f"all of them: tipstaff check {REGISTER} --as-of 2016-08-04 --cycle 2017/18")
    assert said[-1].startswith(f"Annotated: the worst {len(found) - 1} of ")


def test_an_annotation_stands_at_file_and_row_and_says_what_to_do(found: list[Command]) -> None:
    for one in found[:-1]:
        assert one.properties["file"] == REGISTER
        assert re.fullmatch(r"[A-Z]{3}-\d\d .+, \w+![A-Z]+" + one.properties["line"], one.properties["title"])
        assert "\nWhat to do: " in one.message


def test_what_is_waived_is_not_annotated(five: Audit, found: list[Command]) -> None:
    for rule, position in five.waivers:
        title = five.pack.rules[rule].title
        ref = five.facts.frame["name"][position]
        assert not [one for one in found if title in one.properties["title"] and ref in one.message.partition("\n")[0]]


def test_little_to_say_is_said_whole(five: Audit) -> None:
    one = replace(five, rules=tuple(rule for rule in five.rules if rule.id == "CLS-03"))
    totals = {outcome.word: count for outcome, count in one.totals().items()}
    assert len(commands(one)) == totals["finding"] + totals["undetermined"] + 1


@pytest.mark.parametrize(
    "name",
    [
        *(
            "a\n::set-output name=x::y",
            "a\r::error::b",
            "%0A::add-mask::x",
            "##[set-env name=PATH]x",
            "::stop-commands::t",
        ),
        *("a,file=/etc/passwd", "a\u2028::error::x", "a\x85::error::x", "100% :: sure, file=x"),
    ],
)
def test_a_name_slips_no_command_in(five: Audit, found: list[Command], name: str) -> None:
    frame = five.facts.frame.with_columns(pl.lit(name).alias("name"))
    hostile = commands(replace(five, facts=replace(five.facts, frame=frame)))
    assert [(one.name, one.properties) for one in hostile] == [(one.name, one.properties) for one in found]
    register = commands(replace(five, register=replace(five.register, name=name)))
    assert [one.name for one in register] == [one.name for one in found]


@given(st.text(), st.text())
def test_any_text_comes_back_from_a_command(message: str, title: str) -> None:
    one = parsed(command("error", message, title=title, line=3))
    assert (one.name, one.message) == ("error", message)
    assert one.properties == {"title": title, "line": "3"}


def test_contact_details_are_not_there_and_the_text_is_the_same_each_time(five: Audit, found: list[Command]) -> None:
    assert not [one for one in found if "@" in one.message]
    assert commands(five) == found
