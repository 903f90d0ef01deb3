"""``tipstaff rules``: what a policy pack says."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.loading import load_policy
from tipstaff_cli.options import format_option, policy_option, read_day
from tipstaff_cli.output import emit, styled

if TYPE_CHECKING:
    from tipstaff.audit.cases import Failure
    from tipstaff.policy.pack import Pack, Rule


@click.group
def rules() -> None:
    """List, show and test the rules of a policy pack.

    \b
    Example:
      tipstaff rules show CLS-01
    """


@rules.command("list")
@click.option("--module", metavar="MODULE", help="Only the rules of this module.")
@click.option(
    "--as-of",
    callback=read_day,
    metavar="DATE",
    help="Say which law they read is past its expected end on this date.  [default: today]",
)
@policy_option
@format_option
def list_rules(module: str | None, as_of: date, policy: Path | None, form: str) -> None:
    """List the rules of a policy pack.

    \b
    Example:
      tipstaff rules list --module agreements
    """
    from tipstaff.report.layout import width_of_terminal
    from tipstaff.report.rules import list_lines, list_record

    pack = load_policy(policy)
    wanted = named_module(pack, module) if module is not None else None
    chosen = [rule for rule in pack.rules.values() if wanted in (None, rule.module)]
    if form == "json":
        emit([list_record(pack, chosen, as_of)])
    else:
        emit(f"{line}\n" for line in list_lines(pack, chosen, as_of, width_of_terminal(), styled))


@rules.command("show")
@click.argument("rule")
@policy_option
def show_rule(rule: str, policy: Path | None) -> None:
    """Show the RULE in words: what it asks, how it decides, where it comes from.

    \b
    Example:
      tipstaff rules show AGR-05
    """
    from tipstaff.audit.inference import decide_rule
    from tipstaff.report.layout import width_of_terminal
    from tipstaff.report.rules import rule_lines

    pack = load_policy(policy)
    one = named_rule(pack, rule)
    emit(f"{line}\n" for line in rule_lines(pack, one, decide_rule(one), width_of_terminal(), styled))


@rules.command("test")
@click.argument("module", required=False)
@policy_option
@click.pass_context
def test_rules(ctx: click.Context, module: str | None, policy: Path | None) -> None:
    """Run the cases that stand beside the rules, of one MODULE or of all.

    Exit code 0: every case comes out as expected. 1: some do not. 2: the cases cannot be run, or there are none.

    \b
    Example:
      tipstaff rules test classification
    """
    from tipstaff.audit.cases import load_cases, run_cases
    from tipstaff.policy.source import PackError

    pack = load_policy(policy)
    wanted = [named_module(pack, module)] if module is not None else []
    cases = load_cases(pack, wanted)
    if not cases:
        raise PackError(f"{pack.folder}: holds no cases. Write some in MODULE.cases.yaml beside the rules.")
    failures = run_cases(pack, cases)
    tried = {rule for case in cases for rule in case.expected}
    untried = [
        rule.id for rule in pack.rules.values() if rule.id not in tried and (not wanted or rule.module in wanted)
    ]
    emit(_said(len(cases), failures, untried))
    ctx.exit(1 if failures else 0)


def _said(cases: int, failures: list["Failure"], untried: list[str]) -> Iterator[str]:
    for one in failures:
        yield f"{one.case.place}: {one.case.name}: {one.rule} was expected {one.expected}, found {one.found}.\n"
    for rule in untried:
        yield f"{rule} has no case.\n"
    failed = len({one.case.place for one in failures})
    yield f"{cases} cases, {f'{failed} failed' if failed else 'no failures'}.\n"


def named_rule(pack: "Pack", name: str) -> "Rule":
    """The rule of an id, whatever its case. Raises click.UsageError with the nearest one."""
    from tipstaff.policy.expressions import nearest

    if name.upper() not in pack.rules:
        raise click.UsageError(f"{name} is no rule of {pack.id}{nearest(name.upper(), list(pack.rules))}")
    return pack.rules[name.upper()]


def named_module(pack: "Pack", name: str) -> str:
    """The module of a name, whatever its case. Raises click.UsageError with the nearest one."""
    from tipstaff.policy.expressions import nearest

    modules = [module.name for module in pack.modules]
    if name.lower() not in modules:
        raise click.UsageError(f"{name} is no module of {pack.id}{nearest(name.lower(), modules)}")
    return name.lower()
