"""``tipstaff forecast``: the dates on which outcomes change if nothing is done."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.loading import PATIENCE, load_filled_register, load_policy
from tipstaff_cli.options import (
    AuditOptions,
    audit_options,
    formats,
    output_option,
    register_argument,
    until_option,
)
from tipstaff_cli.output import emit, laid_out, protect
from tipstaff_cli.timings import verbose_option

if TYPE_CHECKING:
    from tipstaff.audit.planning.forecast import Forecast

MANY = 100
"""The number of days to audit from which it is said beforehand how many they are."""


@click.command(short_help="List the dates on which outcomes change if nothing is done.")
@register_argument
@until_option
@audit_options
@formats("table", "json", "ics")
@output_option
@verbose_option
def forecast(
    register: Path,
    until: date,
    asked: AuditOptions,
    form: str,
    output: Path | None,
) -> None:
    """Say on which dates outcomes for the partnerships in a REGISTER change if nothing is done, and why.

    It looks at most ten years ahead. Without --cycle every day is audited for the cycle after its own financial year.
    The format ics is a calendar to import, with one event for each partnership and date. Exit code 0 says that the
    forecast was made, 2 that it could not be.

    \b
    Examples:
      tipstaff forecast register.xlsx --until 2017-04-01
      tipstaff forecast register.xlsx --as-of 2016-08-04 --until '31 March 2018' --format ics -o forecast.ics
    """
    protect([register, asked.answers], output)
    pack = load_policy(asked.policy, output)
    read = load_filled_register(register, pack, asked.answers)
    from tipstaff.audit.planning.forecast import forecast as forecast_of

    found = forecast_of(read, pack, asked.as_of, until, asked.cycle, progress=_progress())
    emit(_report(found, register, form, output, asked.repeated()), output)


def _progress() -> Callable[[int, int], None]:
    """Says on stderr how many days there are to audit, if they are many, and on a terminal how far it has come."""
    started = said = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal said
        now = time.monotonic()
        if done == 0 and total > MANY:
            click.echo(f"There are {total:,} days on which an outcome may change; each is audited.", err=True)
        elif sys.stderr.isatty() and now - started > PATIENCE and now - said > PATIENCE:
            said = now
            click.echo(f"{done:,} of {total:,} days audited …", err=True)

    return report


def _report(found: "Forecast", register: Path, form: str, output: Path | None, options: list[str]) -> Iterator[str]:
    if form == "ics":
        from tipstaff.report.pipelines.icalendar import calendar

        yield calendar(found)
        return
    from tipstaff.report.record.forecast import record
    from tipstaff.report.terminal.forecast import lines

    if form == "json":
        yield from record(found)
        return
    width, style = laid_out(output)
    yield from (f"{line}\n" for line in lines(found, str(register), width, style, options))
