"""``tipstaff check``: audit a register."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.formats import FORMATS, Job, format_of
from tipstaff_cli.loading import load_filled_register, load_policy, run_audit, stage
from tipstaff_cli.options import (
    SEVERITIES,
    answers_option,
    dated,
    output_option,
    policy_option,
    register_argument,
    repeated,
)
from tipstaff_cli.output import deliver, protect

if TYPE_CHECKING:
    from tipstaff.facts.periods import FinancialYear
    from tipstaff.policy.pack import Pack

_LIMIT = click.Choice([*SEVERITIES, "never"])


@click.command
@register_argument
@dated
@policy_option
@answers_option
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="How to report.  [default: as the ending of --output says, else table]",
)
@output_option
@click.option(
    "--fail-on", type=_LIMIT, default="high", show_default=True, help="The least severity of a finding that fails."
)
@click.option(
    "--fail-on-undetermined",
    type=_LIMIT,
    default="high",
    show_default=True,
    help="The least severity of a rule that fails where its outcome is not known: an unknown is not a pass.",
)
@click.option("--only", multiple=True, metavar="RULE", help="Report only this rule or module; may be given again.")
@click.option("--without", multiple=True, metavar="RULE", help="Leave this rule or module out; may be given again.")
@click.pass_context
def check(
    ctx: click.Context,
    register: Path,
    as_of: date,
    cycle: "FinancialYear | None",
    policy: Path | None,
    answers: Path | None,
    form: str | None,
    output: Path | None,
    fail_on: str,
    fail_on_undetermined: str,
    only: tuple[str, ...],
    without: tuple[str, ...],
) -> None:
    """Audit a REGISTER: a workbook (.xlsx, .xls, .ods), a CSV or a JSON file; or a published list of grants.

    Exit code 0: nothing at or above --fail-on and --fail-on-undetermined. 1: something is. 2: the audit could not run.

    \b
    Examples:
      tipstaff check register.xlsx
      tipstaff check register.xlsx --as-of 2016-08-04 --cycle 2017/18
      tipstaff check register.xlsx --only classification --without CLS-06
      tipstaff check register.xlsx -o audit.json
    """
    protect([register, answers, policy], output)
    pack = load_policy(policy)
    chosen, left_out = selected(pack, only, without)
    audit = run_audit(load_filled_register(register, pack, answers), pack, as_of, cycle, chosen, left_out)
    from tipstaff.audit.verdict import judge

    verdict = judge(audit, fail_on, fail_on_undetermined)
    with stage("Writing the report"):
        job = Job(audit, verdict, register, output, repeated(cycle, policy, answers), answers)
        deliver(FORMATS[format_of(form, output)](job), output)
    ctx.exit(1 if verdict.failed else 0)


def selected(pack: "Pack", only: tuple[str, ...], without: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The rules and modules to report and to leave out. Raises click.UsageError where that leaves nothing to report."""
    from tipstaff.policy.expressions import nearest

    modules = [module.name for module in pack.modules]
    reported = [rule.id for rule in pack.rules.values() if rule.concludes is None]
    spellings = {name.lower(): name for name in (*modules, *reported)}
    for name in (*only, *without):
        if name.upper() in pack.rules and name.upper() not in reported:
            raise click.UsageError(
                f"{name.upper()} concludes a status and is always drawn; name a rule that is reported."
            )
        if name.lower() not in spellings:
            raise click.UsageError(
                f"{name} is neither a rule nor a module of {pack.id}{nearest(name, list(spellings.values()))}"
            )
    chosen = frozenset(spellings[name.lower()] for name in only)
    left_out = frozenset(spellings[name.lower()] for name in without)
    named = [pack.rules[rule] for rule in reported]
    if not any(
        (not chosen or {rule.id, rule.module} & chosen) and not {rule.id, rule.module} & left_out for rule in named
    ):
        raise click.UsageError("--only and --without leave no rule to report. Name fewer in --without.")
    return chosen, left_out
