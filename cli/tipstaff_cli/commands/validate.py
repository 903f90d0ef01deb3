"""``tipstaff validate``: what in a register cannot be read, or does not fit."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.loading import load_policy, load_register
from tipstaff_cli.options import answers_option, format_option, output_option, policy_option, register_argument
from tipstaff_cli.output import emit, laid_out, protect
from tipstaff_cli.timings import verbose_option

if TYPE_CHECKING:
    from tipstaff.register.tables.model import Register


@click.command(short_help="List the cells that cannot be read or do not fit.")
@register_argument
@policy_option
@answers_option
@format_option
@output_option
@verbose_option
@click.pass_context
def validate(
    ctx: click.Context, register: Path, policy: Path | None, answers: Path | None, form: str, output: Path | None
) -> None:
    """List what in a REGISTER cannot be read or does not fit, cell by cell. No rule is applied.

    Exit code 0: there are remarks at most. 1: there are problems. 2: the register cannot be read at all.

    \b
    Example:
      tipstaff validate register.xlsx
    """
    protect([register, answers], output)
    read = load_register(register, load_policy(policy, output), answers)
    emit(_report(read, form, output), output)
    ctx.exit(1 if any(problem.serious for problem in read.problems) else 0)


def _report(register: "Register", form: str, output: Path | None) -> Iterator[str]:
    from tipstaff.report.record.problems import record
    from tipstaff.report.terminal.problems import lines

    if form == "json":
        yield record(register)
        return
    width, style = laid_out(output)
    yield from (f"{line}\n" for line in lines(register, width, style))
