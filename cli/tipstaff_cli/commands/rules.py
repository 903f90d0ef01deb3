"""``tipstaff rules``: what a policy pack says."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.arguments import all_rules, named_rule
from tipstaff_cli.loading import load_policy
from tipstaff_cli.options import format_option, output_option, policy_option, read_day
from tipstaff_cli.output import emit, laid_out, styled

if TYPE_CHECKING:
    from tipstaff.audit.testing.cases import Failure
    from tipstaff.policy.pack.model import Pack

KINDS = ("pack", "facts", "module", "cases", "law", "sources")
"""As in ``tipstaff.report.record.json_schema``, which ``--help`` has no time to import."""


@click.group
def rules() -> None:
    """List, show, check and test the rules of a policy pack.

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
    from tipstaff.report.record.rules import rules_record
    from tipstaff.report.terminal.layout import width_of_terminal
    from tipstaff.report.terminal.rules import list_lines

    pack = load_policy(policy)
    wanted = named_module(pack, module) if module is not None else None
    chosen = [rule for rule in pack.rules.values() if wanted in (None, rule.module)]
    if form == "json":
        emit([rules_record(pack, chosen, as_of)])
    else:
        emit(f"{line}\n" for line in list_lines(pack, chosen, as_of, width_of_terminal(), styled))


@rules.command("show")
@click.argument("rule", shell_complete=all_rules)
@policy_option
def show_rule(rule: str, policy: Path | None) -> None:
    """Show the RULE in words: what it asks, how it decides, if it comes from.

    \b
    Example:
      tipstaff rules show AGR-05
    """
    from tipstaff.audit.decisions.decision_tables import decide_rule
    from tipstaff.report.terminal.layout import width_of_terminal
    from tipstaff.report.terminal.rules import rule_lines

    pack = load_policy(policy)
    one = named_rule(pack, rule)
    emit(f"{line}\n" for line in rule_lines(pack, one, decide_rule(one), width_of_terminal(), styled))


@rules.command("test")
@click.argument("module", required=False)
@click.option("--coverage", "measured", is_flag=True, help="Also fail where an outcome or an answer is in no case.")
@policy_option
@click.pass_context
def test_rules(ctx: click.Context, module: str | None, measured: bool, policy: Path | None) -> None:
    """Run the cases beside the rules, of one MODULE or of all.

    With --coverage, also list the outcomes that a rule can have and no case expects, and the answers to criteria that
    no case brings about.

    Exit code 0: every case comes out as expected. 1: some do not, or something is not covered. 2: the cases cannot be
    run, or there are none.

    \b
    Examples:
      tipstaff rules test classification
      tipstaff rules test --coverage
    """
    from tipstaff.audit.decisions.decision_tables import decide
    from tipstaff.audit.testing.cases import audited, judge, load_cases
    from tipstaff.audit.testing.coverage import coverage
    from tipstaff.errors import PackError
    from tipstaff.report.terminal.coverage import lines
    from tipstaff.report.terminal.layout import width_of_terminal

    pack = load_policy(policy)
    wanted = [named_module(pack, module)] if module is not None else []
    cases = load_cases(pack, wanted)
    if not cases:
        raise PackError(f"{pack.folder}: holds no cases. Write some in MODULE.cases.yaml beside the rules.")
    decisions = decide(pack)
    done = list(audited(pack, cases, decisions))
    failures = [failure for audit, placed in done for failure in judge(audit, placed)]
    if not measured:
        tried = {rule for case in cases for rule in case.expected}
        untried = [
            rule.id for rule in pack.rules.values() if rule.id not in tried and (not wanted or rule.module in wanted)
        ]
        emit(_said(len(cases), failures, untried))
        ctx.exit(1 if failures else 0)
    found = coverage(pack, decisions, done, wanted)
    emit([*_said(len(cases), failures, []), *(f"{line}\n" for line in lines(pack, found, width_of_terminal(), styled))])
    ctx.exit(0 if found.complete and not failures else 1)


@rules.command("check")
@policy_option
@format_option
@output_option
@click.pass_context
def check_rules(ctx: click.Context, policy: Path | None, form: str, output: Path | None) -> None:
    """Find rules that can never fire, always fire, repeat another or contradict another.

    Exit code 0: there are none. 1: there are some. 2: the rules cannot be checked.

    \b
    Example:
      tipstaff rules check --policy my_policy
    """
    from tipstaff.audit.decisions.decision_tables import decide
    from tipstaff.audit.testing.flaws import find_flaws
    from tipstaff.report.record.flaws import record
    from tipstaff.report.terminal.flaws import lines

    pack = load_policy(policy, output)
    found = find_flaws(pack, decide(pack))
    if form == "json":
        emit([record(pack, found)], output)
    else:
        width, style = laid_out(output)
        emit((f"{line}\n" for line in lines(pack, found, width, style)), output)
    ctx.exit(1 if found else 0)


@rules.command("schema")
@click.option("--kind", type=click.Choice(KINDS), help="Only files of this kind.  [default: all of them]")
@output_option
def schema_of_files(kind: str | None, output: Path | None) -> None:
    """Write the JSON Schema of a pack's YAML files, by which an editor checks and completes them.

    \b
    Example:
      tipstaff rules schema --kind module -o module.schema.json
    """
    from tipstaff.report.record.json_schema import schema

    emit([schema(kind)], output)


def _said(cases: int, failures: list["Failure"], untried: list[str]) -> Iterator[str]:
    for one in failures:
        yield f"{one.case.place}: {one.case.name}: {one.rule} was expected {one.expected}, found {one.found}.\n"
    if untried:
        yield f"{', '.join(untried)} {'has' if len(untried) == 1 else 'have'} no case.\n"
    failed = len({one.case.place for one in failures})
    yield f"{cases} cases, {f'{failed} failed' if failed else 'no failures'}.\n"


def named_module(pack: "Pack", name: str) -> str:
    """The module of a name, whatever its case. Raises click.UsageError with the nearest one."""
    from tipstaff.facts.spellings import nearest

    modules = [module.name for module in pack.modules]
    if name.lower() not in modules:
        raise click.UsageError(f"{name} is no module of {pack.id}{nearest(name.lower(), modules)}")
    return name.lower()
