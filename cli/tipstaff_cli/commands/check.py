"""``tipstaff check``: audit a register."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff.report.formats import FORMATS, ReportRequest, format_for
from tipstaff_cli.arguments import reported_rules
from tipstaff_cli.commands.check_region import Region, engine_options, see_fit
from tipstaff_cli.loading import (
    begun,
    load_baseline,
    load_filled_register,
    load_policy,
    run_audit,
    stage,
    with_waivers,
)
from tipstaff_cli.options import (
    AuditOptions,
    audit_options,
    failing,
    output_option,
    waivers_options,
)
from tipstaff_cli.output import deliver, laid_out, progress, protect
from tipstaff_cli.project import used
from tipstaff_cli.timings import verbose_option

if TYPE_CHECKING:
    from tipstaff.audit.comparing.comparison import Comparison
    from tipstaff.audit.comparing.snapshot import Snapshot
    from tipstaff.audit.decisions.audit import Audit
    from tipstaff.audit.decisions.verdict import Verdict
    from tipstaff.policy.pack.model import Pack


@click.command(short_help="Audit a register.")
@click.argument("register", type=click.Path())
@audit_options
@waivers_options
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="How to report.  [default: as the ending of --output says, else table]",
)
@output_option
@failing
@engine_options
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The record (.json) of an earlier audit: say what got worse since, and fail on that alone.",
)
@click.option("--no-baseline", is_flag=True, help="Compare with no baseline, whatever the project file says.")
@click.option(
    "--only",
    multiple=True,
    metavar="RULE",
    shell_complete=reported_rules,
    help="Report only this rule or module; may be given again.",
)
@click.option(
    "--without",
    multiple=True,
    metavar="RULE",
    shell_complete=reported_rules,
    help="Leave this rule or module out; may be given again.",
)
@verbose_option
@click.pass_context
def check(
    ctx: click.Context,
    register: str,
    asked: AuditOptions,
    waivers: tuple[Path, ...],
    no_waivers: bool,
    form: str | None,
    output: Path | None,
    fail_on: str,
    fail_on_undetermined: str,
    engine: str | None,
    spark_master: str | None,
    baseline: Path | None,
    no_baseline: bool,
    only: tuple[str, ...],
    without: tuple[str, ...],
) -> None:
    """Audit a REGISTER: a workbook (.xlsx, .xls, .ods), a CSV, JSON or Parquet file, or a folder of Parquet; or a
    published list of grants. With --on also several folders of Parquet, by a glob, more than one memory holds.

    Exit code 0: nothing at or above --fail-on and --fail-on-undetermined. 1: something is. 2: the audit could not run.
    With --baseline, only what is new, worse, no longer waived or no longer known since counts.

    \b
    Examples:
      tipstaff check register.xlsx
      tipstaff check register.xlsx --as-of 2016-08-04 --cycle 2017/18
      tipstaff check register.xlsx --only classification --without CLS-06
      tipstaff check register.xlsx --waivers waivers.yaml -o audit.json
      tipstaff check register.xlsx --baseline audit.json
      tipstaff check 'region/*/' --on duckdb -o outcomes
    """
    baseline = None if no_baseline else baseline
    applied = () if no_waivers else waivers
    see_fit(engine, spark_master, form, output, {"answers": asked.answers, "waivers": applied, "baseline": baseline})
    if engine is not None and output is not None:
        pack = load_policy(asked.policy)
        chosen, left_out = selected(pack, only, without)
        region = Region(register, engine, spark_master, output)
        limits = (fail_on, fail_on_undetermined)
        ctx.exit(
            region.check(
                pack, asked.as_of, asked.cycle, chosen, left_out, limits, form, asked.repeated(answers=False), used(ctx)
            )
        )
    source = Path(register)
    protect([source, asked.answers, baseline, *waivers], output)
    earlier = load_baseline(baseline) if baseline is not None else None
    with begun(source) as workbook:
        pack = load_policy(asked.policy, output)
        report = FORMATS[form] if form is not None else format_for(output)
        chosen, left_out = selected(pack, only, without)
        read = load_filled_register(source, pack, asked.answers, workbook)
    audit = run_audit(read, pack, asked.as_of, asked.cycle, chosen, left_out)
    audit = with_waivers(audit, applied)
    comparison = compared(audit, earlier) if earlier is not None else None
    verdict = judged(audit, comparison, fail_on, fail_on_undetermined)
    with stage("Writing the report"):
        options = asked.repeated(applied)
        width, style = laid_out(output)
        request = ReportRequest(
            audit=audit,
            verdict=verdict,
            register=source,
            output=output,
            options=options,
            comparison=comparison,
            notes=used(ctx),
            answers=asked.answers,
            waivers=applied,
            width=width,
            style=style,
            remark=lambda text: click.echo(text, err=True),
        )
        made = report.make(request)
        deliver(progress(made, audit) if report.by_outcome and not isinstance(made, bytes) else made, output)
    ctx.exit(1 if verdict.failed else 0)


def compared(audit: "Audit", baseline: "Snapshot") -> "Comparison":
    """Compare an audit with its baseline."""
    with stage("Comparing with the baseline"):
        from tipstaff.audit.comparing.comparison import compare
        from tipstaff.audit.comparing.snapshot import take_snapshot

        return compare(baseline, take_snapshot(audit, baseline))


def judged(audit: "Audit", comparison: "Comparison | None", fail_on: str, fail_on_undetermined: str) -> "Verdict":
    """The verdict on an audit; if it is compared with a baseline, on what got worse."""
    from tipstaff.audit.decisions import verdict

    if comparison is not None:
        from tipstaff.audit.comparing import comparison as comparisons

        return comparisons.judge(comparison, fail_on, fail_on_undetermined)
    return verdict.judge(audit, fail_on, fail_on_undetermined)


def selected(pack: "Pack", only: tuple[str, ...], without: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The rules and modules to report and to leave out. Raises click.UsageError if that leaves nothing to report."""
    from tipstaff.facts.spellings import nearest

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
