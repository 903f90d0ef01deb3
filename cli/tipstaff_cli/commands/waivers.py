"""``tipstaff waivers``: the waivers given with their status, and drafting a new one."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.arguments import named_rule, partnerships, position_of, reported_rules
from tipstaff_cli.loading import load_filled_register, load_policy, run_audit, with_waivers
from tipstaff_cli.options import (
    AuditOptions,
    Command,
    audit_options,
    format_option,
    output_option,
    register_argument,
    waivers_option,
)
from tipstaff_cli.output import emit, laid_out, protect
from tipstaff_cli.refusals import Refusal

if TYPE_CHECKING:
    from tipstaff.audit.decisions.audit import Audit


@click.group(short_help="List, check and draft waivers.")
def waivers() -> None:
    """List, check and draft waivers: outcomes that somebody answerable accepts until a day.

    \b
    Example:
      tipstaff waivers list register.xlsx --waivers waivers.yaml
    """


def _given_waivers(command: Command) -> Command:
    """Adds what ``list`` and ``check`` take: a register with its waivers, and how to report on them."""
    for option in (output_option, format_option, audit_options, waivers_option, register_argument):
        command = option(command)
    return command


@waivers.command("list")
@_given_waivers
def list_waivers(
    register: Path,
    waivers: tuple[Path, ...],
    asked: AuditOptions,
    form: str,
    output: Path | None,
) -> None:
    """List the waivers given for a REGISTER and what comes of each on the date, the worst first, with the days left.

    \b
    Example:
      tipstaff waivers list register.xlsx --waivers waivers.yaml
    """
    _report(_waived(register, waivers, asked, output), form, output)


@waivers.command("check")
@_given_waivers
@click.pass_context
def check_waivers(
    ctx: click.Context,
    register: Path,
    waivers: tuple[Path, ...],
    asked: AuditOptions,
    form: str,
    output: Path | None,
) -> None:
    """Check that every waiver given for a REGISTER is well formed, holds on the date, and is used.

    Exit code 0: all do. 1: some do not; they are listed. 2: they could not be checked.

    \b
    Example:
      tipstaff waivers check register.xlsx --waivers waivers.yaml
    """
    from tipstaff.report.wording.waivers import failing

    audit = _waived(register, waivers, asked, output)
    _report(audit, form, output)
    ctx.exit(1 if failing(audit) else 0)


@waivers.command
@register_argument
@click.argument("name", shell_complete=partnerships)
@click.argument("rules", nargs=-1, required=True, shell_complete=reported_rules)
@audit_options
def draft(
    register: Path,
    name: str,
    rules: tuple[str, ...],
    asked: AuditOptions,
) -> None:
    """Draft the waivers of some RULES for the partnership NAME in a REGISTER, ready to be filled in.

    It has what binds each to the facts and the rule as they are. Fill in the reason, who approved it and until when;
    until then it waives nothing.

    \b
    Example:
      tipstaff waivers draft register.xlsx P16 AGR-05 > waivers.yaml
    """
    from tipstaff.report.terminal.waivers import draft as drafted

    pack = load_policy(asked.policy)
    chosen = [named_rule(pack, rule) for rule in rules]
    read = load_filled_register(register, pack, asked.answers)
    position = position_of(read, register, name)
    audit = run_audit(read, pack, asked.as_of, asked.cycle)
    try:
        text = drafted(audit, position, chosen)
    except ValueError as error:
        raise Refusal(f"{register}: {error}") from None
    emit([text])


def _waived(
    register: Path,
    waivers: tuple[Path, ...],
    asked: AuditOptions,
    output: Path | None,
) -> "Audit":
    """The audit with the waivers of the files given. Raises click.UsageError if there are none."""
    if not waivers:
        raise click.UsageError("Name a file of waivers with --waivers.")
    protect([register, asked.answers, *waivers], output)
    pack = load_policy(asked.policy, output)
    return with_waivers(
        run_audit(load_filled_register(register, pack, asked.answers), pack, asked.as_of, asked.cycle), waivers
    )


def _report(audit: "Audit", form: str, output: Path | None) -> None:
    from tipstaff.report.record.waivers import record
    from tipstaff.report.terminal.waivers import lines

    if form == "json":
        emit([record(audit)], output)
        return
    width, style = laid_out(output)
    emit((f"{line}\n" for line in lines(audit, width, style)), output)
