"""``tipstaff waivers``: the waivers given with their status, and drafting a new one."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.arguments import named_rule, partnerships, position_of, reported_rules
from tipstaff_cli.loading import load_filled_register, load_policy, run_audit, with_waivers
from tipstaff_cli.options import (
    answers_option,
    dated,
    format_option,
    output_option,
    policy_option,
    register_argument,
    waivers_option,
)
from tipstaff_cli.output import emit, laid_out, protect
from tipstaff_cli.refusals import Refusal

if TYPE_CHECKING:
    from tipstaff.audit.decisions.audit import Audit
    from tipstaff.facts.periods import FinancialYear


@click.group(short_help="List, check and draft waivers.")
def waivers() -> None:
    """List, check and draft waivers: outcomes that somebody answerable accepts until a day.

    \b
    Example:
      tipstaff waivers list register.xlsx --waivers waivers.yaml
    """


@waivers.command("list")
@register_argument
@waivers_option
@dated
@policy_option
@answers_option
@format_option
@output_option
def list_waivers(
    register: Path,
    waivers: tuple[Path, ...],
    as_of: date,
    cycle: "FinancialYear | None",
    policy: Path | None,
    answers: Path | None,
    form: str,
    output: Path | None,
) -> None:
    """List the waivers given for a REGISTER and what comes of each on the date, the worst first, with the days left.

    \b
    Example:
      tipstaff waivers list register.xlsx --waivers waivers.yaml
    """
    _report(_waived(register, waivers, as_of, cycle, policy, answers, output), form, output)


@waivers.command("check")
@register_argument
@waivers_option
@dated
@policy_option
@answers_option
@format_option
@output_option
@click.pass_context
def check_waivers(
    ctx: click.Context,
    register: Path,
    waivers: tuple[Path, ...],
    as_of: date,
    cycle: "FinancialYear | None",
    policy: Path | None,
    answers: Path | None,
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

    audit = _waived(register, waivers, as_of, cycle, policy, answers, output)
    _report(audit, form, output)
    ctx.exit(1 if failing(audit) else 0)


@waivers.command
@register_argument
@click.argument("name", shell_complete=partnerships)
@click.argument("rules", nargs=-1, required=True, shell_complete=reported_rules)
@dated
@policy_option
@answers_option
def draft(
    register: Path,
    name: str,
    rules: tuple[str, ...],
    as_of: date,
    cycle: "FinancialYear | None",
    policy: Path | None,
    answers: Path | None,
) -> None:
    """Draft the waivers of some RULES for the partnership NAME in a REGISTER, ready to be filled in.

    It has what binds each to the facts and the rule as they are. Fill in the reason, who approved it and until when;
    until then it waives nothing.

    \b
    Example:
      tipstaff waivers draft register.xlsx P16 AGR-05 > waivers.yaml
    """
    from tipstaff.report.terminal.waiver_draft import draft as drafted

    pack = load_policy(policy)
    chosen = [named_rule(pack, rule) for rule in rules]
    read = load_filled_register(register, pack, answers)
    position = position_of(read, register, name)
    audit = run_audit(read, pack, as_of, cycle)
    try:
        text = drafted(audit, position, chosen)
    except ValueError as error:
        raise Refusal(f"{register}: {error}") from None
    emit([text])


def _waived(
    register: Path,
    waivers: tuple[Path, ...],
    as_of: date,
    cycle: "FinancialYear | None",
    policy: Path | None,
    answers: Path | None,
    output: Path | None,
) -> "Audit":
    """The audit with the waivers of the files given. Raises click.UsageError where there are none."""
    if not waivers:
        raise click.UsageError("Name a file of waivers with --waivers.")
    protect([register, answers, *waivers], output)
    pack = load_policy(policy, output)
    return with_waivers(run_audit(load_filled_register(register, pack, answers), pack, as_of, cycle), waivers)


def _report(audit: "Audit", form: str, output: Path | None) -> None:
    from tipstaff.report.record.waivers import record
    from tipstaff.report.terminal.waivers import lines

    if form == "json":
        emit([record(audit)], output)
        return
    width, style = laid_out(output)
    emit((f"{line}\n" for line in lines(audit, width, style)), output)
