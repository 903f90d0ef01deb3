"""``tipstaff renew``: what must be true by when before a cycle begins."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.loading import load_filled_register, load_policy, run_audit, stage
from tipstaff_cli.options import (
    AuditOptions,
    audit_options,
    formats,
    output_option,
    register_argument,
)
from tipstaff_cli.output import emit, laid_out, protect
from tipstaff_cli.timings import verbose_option

if TYPE_CHECKING:
    from tipstaff.audit.planning.renewal import Renewal


@click.command(short_help="List what must be true by when before the cycle begins.")
@register_argument
@audit_options
@formats("table", "json", "csv")
@output_option
@verbose_option
def renew(
    register: Path,
    asked: AuditOptions,
    form: str,
    output: Path | None,
) -> None:
    """List what must be true by when before the cycle begins, for every partnership in a REGISTER.

    A duty with a date is missing once that day is over, and to do until then; a duty without a date is owed now. A
    duty that is not known because a fact is missing is listed with the questions to ask. The list is not a verdict:
    exit code 0 means that it was made, 2 that it could not be.

    \b
    Examples:
      tipstaff renew register.xlsx --cycle 2017/18
      tipstaff renew register.xlsx --cycle 2017/18 --as-of 2016-09-12 --format csv -o renewal.csv
    """
    protect([register, asked.answers], output)
    pack = load_policy(asked.policy, output)
    audit = run_audit(load_filled_register(register, pack, asked.answers), pack, asked.as_of, asked.cycle)
    from tipstaff.audit.planning.renewal import check_renewal

    with stage("Making the list"):
        emit(_report(check_renewal(audit), register, form, output, asked.repeated()), output)


def _report(renewal: "Renewal", register: Path, form: str, output: Path | None, options: list[str]) -> Iterator[str]:
    from tipstaff.report.record.renewal import record
    from tipstaff.report.tables.renewal_csv import rows
    from tipstaff.report.terminal.renewal import lines

    match form:
        case "json":
            yield from record(renewal)
        case "csv":
            yield from rows(renewal)
        case _:
            width, style = laid_out(output)
            yield from (f"{line}\n" for line in lines(renewal, str(register), width, style, options))
