"""``tipstaff forecast``: the dates on which outcomes change."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import vobject
from click.testing import Result

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")
UNTIL = ("--until", "2016-10-01")


def test_the_example_says_when_an_agreement_runs_out(run: Run, example: str) -> None:
    found = run("forecast", example, *AS_OF, *UNTIL)
    assert found.exit_code == 0
    assert "1 October 2016" in found.output
    assert "Agreement has run out, clear → finding" in found.output
    assert found.output.splitlines()[-1].startswith(f"Next: tipstaff explain {example} ")


def test_a_calendar_is_written_byte_for_byte_as_the_standard_asks(run: Run, example: str, tmp_path: Path) -> None:
    target = tmp_path / "forecast.ics"
    assert run("forecast", example, *AS_OF, *UNTIL, "--format", "ics", "-o", target).exit_code == 0
    raw = target.read_bytes()
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    assert len(vobject.readOne(raw.decode()).vevent_list) >= 1


def test_json_repeats_the_days(run: Run, example: str) -> None:
    found = json.loads(run("forecast", example, *AS_OF, "--until", "5/8/2016", "--format", "json").stdout)
    assert (found["as_of"], found["until"], found["changes"]) == ("2016-08-04", "2016-08-05", [])


@pytest.mark.parametrize(
    ("until", "said"),
    [("2016-08-04", "Give a later date"), ("2026-08-05", "Give an earlier date"), ("soon", "not a date")],
)
def test_what_cannot_be_forecast_is_refused(run: Run, example: str, until: str, said: str) -> None:
    found = run("forecast", example, *AS_OF, "--until", until)
    assert found.exit_code == 2
    assert said in found.stderr


def test_until_is_needed(run: Run, example: str) -> None:
    found = run("forecast", example, *AS_OF)
    assert found.exit_code == 2
    assert "--until" in found.stderr
