"""Options and arguments that commands share, and the values they take."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from tipstaff_cli.output import protect
from tipstaff_cli.project import project_file

if TYPE_CHECKING:
    from tipstaff.facts.periods import FinancialYear

Command = TypeVar("Command", bound=Callable[..., Any])

SEVERITIES = ("high", "medium", "low", "advisory")
"""As in ``tipstaff.policy.pack.model``, which ``--help`` has no time to import."""


def read_day(ctx: click.Context, param: click.Parameter, text: str | None) -> date:
    """A date, day first or ISO; today by the officer's own clock where none is given."""
    from tipstaff.errors import OutOfLimitsError
    from tipstaff.register.texts.dates import read_date

    if text is None:
        return datetime.now().astimezone().date()
    try:
        bounds = read_date(text)
    except OutOfLimitsError as error:
        raise click.BadParameter(f"{text!r} is out of limits; give {error}.", ctx, param) from None
    if bounds is None or not bounds.is_point:
        raise click.BadParameter(
            f"{text!r} is not a date; give one such as 2016-08-04, 4/8/2016 or '4 August 2016'.", ctx, param
        )
    return bounds.lo


def _cycle(ctx: click.Context, param: click.Parameter, text: str | None) -> "FinancialYear | None":
    """A financial year."""
    from tipstaff.facts.periods import read_financial_year

    year = read_financial_year(text) if text is not None else None
    if text is not None and year is None:
        raise click.BadParameter(f"{text!r} is not a financial year; give one such as 2017/18.", ctx, param)
    return year


def _file(**more: Any) -> click.Path:
    return click.Path(path_type=Path, **more)


register_argument = click.argument("register", type=_file())

policy_option = click.option(
    "--policy",
    type=_file(),
    metavar="FOLDER",
    help="The policy pack to use instead of the one that comes with tipstaff.",
)

answers_option = click.option(
    "--answers", type=_file(), metavar="FILE", help="A file of further answers, applied after the register's own."
)

waivers_option = click.option(
    "--waivers",
    type=_file(),
    multiple=True,
    metavar="FILE",
    help="A file of waivers: YAML, or the workbook that a check wrote, with its responses; may be given again.",
)


def waivers_options(command: Command) -> Command:
    """Adds the options that say which waivers to apply."""
    command = click.option("--no-waivers", is_flag=True, help="Apply no waivers: show everything.")(command)
    return waivers_option(command)


def formats(*names: str) -> Callable[[Command], Command]:
    """The option that says how to report, of which the first way is the default."""

    def chosen(ctx: click.Context, param: click.Parameter, named: str | None) -> str:
        """The format named, otherwise by the ending of the file to write, which is read before, otherwise the first."""
        output: Path | None = ctx.params.get("output")
        ending = output.suffix.lower().removeprefix(".") if output is not None else ""
        return named or (ending if ending in names else names[0])

    return click.option(
        "--format",
        "form",
        type=click.Choice(names),
        callback=chosen,
        help=f"How to report.  [default: as the ending of --output says, else {names[0]}]",
    )


format_option = formats("table", "json")


def _report_file(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    """The file to write; None, which is stdout, for the ``-`` by which other programs mean it. Raises Refusal."""
    protect([project_file(ctx)], path)
    return None if path == Path("-") else path


output_option = click.option(
    "-o",
    "--output",
    type=_file(),
    callback=_report_file,
    is_eager=True,
    metavar="FILE",
    help="Write the report to this file instead of the terminal.",
)


def _workbook(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    """A file named as the workbook that it becomes. Raises Refusal."""
    protect([project_file(ctx)], path)
    if path is not None and path.suffix.lower() != ".xlsx":
        raise click.BadParameter(f"{path} is not named as a workbook; give a name that ends in .xlsx.", ctx, param)
    return path


def workbook_option(*, required: bool = False) -> Callable[[Command], Command]:
    """The option that names the workbook to write."""
    return click.option(
        "-o",
        "--output",
        type=_file(),
        callback=_workbook,
        required=required,
        metavar="FILE",
        help="The workbook (.xlsx) to write.",
    )


def dated(command: Command) -> Command:
    """Adds the options that say for which date and cycle an audit is made."""
    command = click.option(
        "--cycle",
        callback=_cycle,
        metavar="YEAR",
        help="The financial year prepared for, such as 2017/18.  [default: the next]",
    )(command)
    return click.option(
        "--as-of",
        callback=read_day,
        metavar="DATE",
        help="The date the audit is made for, day first or ISO.  [default: today]",
    )(command)


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """The options that decide an audit: its date and cycle, the policy, and further answers."""

    as_of: date
    cycle: "FinancialYear | None"
    policy: Path | None
    answers: Path | None

    def repeated(self, waivers: Iterable[Path] = (), *, answers: bool = True) -> list[str]:
        """The options, except the as-of date, that a further command must repeat to concern the same audit."""
        given = [("--cycle", self.cycle), ("--policy", self.policy), ("--answers", self.answers if answers else None)]
        given += [("--waivers", one) for one in waivers]
        return [word for option, value in given if value is not None for word in (option, str(value))]


def audit_options(command: Command) -> Command:
    """Adds the options that decide an audit, which the command takes together as ``asked``."""

    @wraps(command)
    def with_options(
        *given: Any,
        as_of: date,
        cycle: "FinancialYear | None",
        policy: Path | None,
        answers: Path | None,
        **others: Any,
    ) -> Any:
        return command(*given, asked=AuditOptions(as_of, cycle, policy, answers), **others)

    return dated(policy_option(answers_option(cast(Command, with_options))))


until_option = click.option(
    "--until", callback=read_day, required=True, metavar="DATE", help="The last day to look at, day first or ISO."
)


_LIMIT = click.Choice([*SEVERITIES, "never"])


def failing(command: Command) -> Command:
    """Adds the options that say what makes the exit code 1."""
    command = click.option(
        "--fail-on-undetermined",
        type=_LIMIT,
        default="high",
        show_default=True,
        help="The least severity of a rule that fails where its outcome is not known: an unknown is not a pass.",
    )(command)
    return click.option(
        "--fail-on", type=_LIMIT, default="high", show_default=True, help="The least severity of a finding that fails."
    )(command)
