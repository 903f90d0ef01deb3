"""``tipstaff diff``: what changed from one audit to another."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.loading import load_filled_register, load_policy, load_record, run_audit, stage, with_waivers
from tipstaff_cli.options import (
    AuditOptions,
    audit_options,
    failing,
    format_option,
    output_option,
    waivers_options,
)
from tipstaff_cli.output import emit, laid_out, protect
from tipstaff_cli.project import used
from tipstaff_cli.timings import verbose_option

if TYPE_CHECKING:
    from tipstaff.audit.comparing.comparison import Comparison
    from tipstaff.audit.comparing.snapshot import Snapshot
    from tipstaff.audit.decisions.verdict import Verdict


@click.command(short_help="Say what changed from one audit or register to another.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@audit_options
@waivers_options
@format_option
@output_option
@failing
@verbose_option
@click.pass_context
def diff(
    ctx: click.Context,
    old: Path,
    new: Path,
    asked: AuditOptions,
    waivers: tuple[Path, ...],
    no_waivers: bool,
    form: str,
    output: Path | None,
    fail_on: str,
    fail_on_undetermined: str,
) -> None:
    """Say what is new, worse, settled, waived or gone from the audit OLD to the audit NEW.

    Each is a record of an audit (what check writes with --format json) or a register, which is then audited with the
    options given; the date of a record is its own. A finding that is no longer known is not settled but obscured, and
    counts as worse.

    Exit code 0: nothing at or above --fail-on and --fail-on-undetermined got worse. 1: something did. 2: they cannot
    be compared.

    \b
    Examples:
      tipstaff diff last-year.xlsx register.xlsx --as-of 2016-08-04
      tipstaff diff baseline.json register.xlsx --as-of 2016-08-04 --fail-on advisory
    """
    protect([old, new, asked.answers, asked.policy, *waivers], output)
    applied = () if no_waivers else waivers
    from tipstaff.audit.comparing.comparison import compare, judge
    from tipstaff.audit.comparing.snapshot import take_snapshot

    pack = cache(lambda: load_policy(asked.policy, output))

    def audited(register: Path, since: "Snapshot | None" = None) -> "Snapshot":
        audit = run_audit(load_filled_register(register, pack(), asked.answers), pack(), asked.as_of, asked.cycle)
        return take_snapshot(with_waivers(audit, applied), since)

    records = load_record(old), load_record(new)
    before = records[0] or audited(old)
    after = records[1] or audited(new, before)
    comparison = compare(before, after)
    verdict = judge(comparison, fail_on, fail_on_undetermined)
    same = ["--as-of", asked.as_of.isoformat(), *asked.repeated(applied)]
    source = "" if records[1] else str(new)
    with stage("Writing the report"):
        emit(_report(comparison, verdict, form, output, source, same, used(ctx)), output)
    ctx.exit(1 if verdict.failed else 0)


def _report(
    comparison: "Comparison",
    verdict: "Verdict",
    form: str,
    output: Path | None,
    source: str,
    options: list[str],
    notes: dict[str, str],
) -> Iterator[str]:
    from tipstaff.report.record.comparison import record
    from tipstaff.report.terminal.comparison import lines

    if form == "json":
        yield from record(comparison, verdict)
        return
    width, style = laid_out(output)
    yield from (f"{line}\n" for line in lines(comparison, verdict, width, style, source, options, notes))
