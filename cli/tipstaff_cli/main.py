"""The command ``tipstaff``: its subcommands, and how a failure ends."""

import gc
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from tipstaff_cli.commands.ask import ask
from tipstaff_cli.commands.check import check
from tipstaff_cli.commands.diff import diff
from tipstaff_cli.commands.explain import explain
from tipstaff_cli.commands.forecast import forecast
from tipstaff_cli.commands.renew import renew
from tipstaff_cli.commands.rules import rules
from tipstaff_cli.commands.schema import schema
from tipstaff_cli.commands.template import template
from tipstaff_cli.commands.validate import validate
from tipstaff_cli.commands.waivers import waivers
from tipstaff_cli.project import find_project, take_defaults
from tipstaff_cli.refusals import COULD_NOT_RUN, Refusal, refusal

INTERRUPTED = 130

_COLLECTIONS = (100_000, 2, 2)
"""How rarely objects that only refer to each other are looked for: most last to the end. (Still more rarely, and a
report of many findings takes twice the memory.)"""


class Commands(click.Group):
    """A group whose commands end with one paragraph, and exit code 2, for whatever a user can cause."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            refused = refusal(error)
            if refused is None:
                raise
            raise refused from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tipstaff", prog_name="tipstaff")
@click.option(
    "--project/--no-project",
    default=True,
    help="Take defaults from tipstaff.toml, or [tool.tipstaff] in pyproject.toml, here or above.  [default: take them]",
)
@click.pass_context
def cli(ctx: click.Context, project: bool) -> None:
    """Audit a council's partnership register: which partnerships are Significant, which lack an up-to-date agreement,
    and what is not known.

    \b
    Example:
      tipstaff check register.xlsx --as-of 2016-08-04
    """
    found = find_project(Path.cwd()) if project else None
    if found is not None:
        take_defaults(ctx, found)


cli.add_command(check)
cli.add_command(validate)
cli.add_command(explain)
cli.add_command(ask)
cli.add_command(template)
cli.add_command(renew)
cli.add_command(forecast)
cli.add_command(diff)
cli.add_command(rules)
cli.add_command(schema)
cli.add_command(waivers)


def main() -> None:
    """Run the command line and exit."""
    gc.set_threshold(*_COLLECTIONS)
    _ready_streams()
    try:
        code = _run()
    except OSError as error:
        code = COULD_NOT_RUN
        with suppress(OSError):
            Refusal(
                f"What there is to say cannot be written ({error.strerror}). Free space, or write elsewhere."
            ).show()
    if "duckdb" not in sys.modules:  # its binding says on stderr what it then finds not freed
        gc.freeze()  # the end of the process frees all there is, and need not look through it first
    sys.exit(code)


def _run() -> int:
    """The exit code of the command line. Raises OSError if stdout or stderr cannot be written."""
    try:
        code = cli.main(prog_name="tipstaff", standalone_mode=False)
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return code if isinstance(code, int) else 0


def _ready_streams() -> None:
    """See that any text can be written: in UTF-8, as to a file, where no terminal reads it; to nowhere if closed."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - open to the end
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding=None if sys.stdout.isatty() else "utf-8", errors="replace")
