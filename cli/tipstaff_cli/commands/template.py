"""``tipstaff template``: the workbook of a register, to be filled in."""

import os
from pathlib import Path

import click

from tipstaff_cli.loading import load_policy
from tipstaff_cli.options import policy_option, workbook_option
from tipstaff_cli.output import emit, write_file
from tipstaff_cli.refusals import Refusal


@click.command(short_help="Write the workbook of a register, to be filled in.")
@policy_option
@workbook_option(required=True)
def template(policy: Path | None, output: Path) -> None:
    """Write the workbook of a register as a policy declares it: its sheets, headings, drop-downs and guidance.

    \b
    Examples:
      tipstaff template -o register.xlsx
      tipstaff template --policy our-policy -o register.xlsx
    """
    if os.path.lexists(os.path.realpath(output)):
        raise Refusal(f"{output}: is there already, and may be a register. Give another file.")
    pack = load_policy(policy)
    from tipstaff.register.forms import template as blank
    from tipstaff.report.wording.phrases import typed

    write_file(blank.template(pack.vocabulary, pack.title), output)
    arguments = typed(str(output), *(["--policy", str(policy)] if policy is not None else []))
    emit([f"Fill it in; then: tipstaff validate {arguments}\n"])
