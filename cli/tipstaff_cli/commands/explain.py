"""``tipstaff explain``: why a partnership's outcomes are what they are."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.arguments import all_rules, named_rule, partnerships, position_of
from tipstaff_cli.loading import load_policy, load_register, run_audit, with_waivers
from tipstaff_cli.options import AuditOptions, audit_options, register_argument, waivers_options
from tipstaff_cli.output import emit, styled
from tipstaff_cli.timings import verbose_option

if TYPE_CHECKING:
    pass


@click.command(short_help="Say why, why not, and what would change it, for one partnership.")
@register_argument
@click.argument("name", shell_complete=partnerships)
@click.argument("rule", required=False, shell_complete=all_rules)
@audit_options
@waivers_options
@verbose_option
def explain(
    register: Path,
    name: str,
    rule: str | None,
    asked: AuditOptions,
    waivers: tuple[Path, ...],
    no_waivers: bool,
) -> None:
    """Say why the outcomes of the partnership NAME in a REGISTER are what they are, and what would change them.

    NAME is its reference, its name, or a name near enough. RULE narrows it to one rule.

    \b
    Examples:
      tipstaff explain register.xlsx 'South Hams CVS'
      tipstaff explain register.xlsx P03 CLS-03
    """
    from tipstaff.report.terminal.explanation import lines
    from tipstaff.report.terminal.layout import width_of_terminal

    pack = load_policy(asked.policy)
    one = named_rule(pack, rule) if rule is not None else None
    read = load_register(register, pack, asked.answers)
    position = position_of(read, register, name)
    audit = with_waivers(run_audit(read, pack, asked.as_of, asked.cycle), () if no_waivers else waivers)
    emit(f"{line}\n" for line in lines(audit, position, one, width_of_terminal(), styled))
