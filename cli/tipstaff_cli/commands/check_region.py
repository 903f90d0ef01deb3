"""``tipstaff check --on``: a register beyond one memory, audited in parts on an engine."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tipstaff_cli.loading import stage
from tipstaff_cli.output import emit, laid_out, write_file
from tipstaff_cli.refusals import Refusal

if TYPE_CHECKING:
    from tipstaff.facts.periods import FinancialYear
    from tipstaff.policy.pack.model import Pack
    from tipstaff.region.sources import Sources

Command = TypeVar("Command", bound=Callable[..., Any])

ENGINES = ("polars", "duckdb", "spark")
"""As in ``tipstaff.region.engines.starting``, which ``--help`` has no time to import."""

FORMATS = ("table", "json", "parquet")
"""How the summary may be asked for: the outcomes themselves are Parquet, whatever is said."""

_SHOWN = 10
"""How many of the worst outcomes are shown."""


def engine_options(command: Command) -> Command:
    """Adds the options that say on which engine to audit."""
    command = click.option(
        "--spark-master",
        metavar="URL",
        help="With --on spark: the master, such as spark://host:7077.  [default: SPARK_MASTER, else all cores here]",
    )(command)
    return click.option(
        "--on",
        "engine",
        type=click.Choice(ENGINES),
        help="Audit folders of Parquet, such as 'region/*/', in parts on this engine; -o names the folder of outcomes.",
    )(command)


def see_fit(
    engine: str | None, master: str | None, form: str | None, output: Path | None, given: Mapping[str, object]
) -> None:
    """See that what was asked goes together with an engine. ``given`` are the values of options that do not.

    Raises click.UsageError.
    """
    if master is not None and engine != "spark":
        raise click.UsageError("--spark-master is for --on spark. Add that, or leave --spark-master out.")
    if engine is None:
        return
    if output is None:
        raise click.UsageError(
            f"--on {engine} writes a row a partnership, as Parquet. Name a folder for it, as -o outcomes."
        )
    if form is not None and form not in FORMATS:
        raise click.UsageError(
            f"--on {engine} writes Parquet, and a summary as table or json; {form} is for one register. Leave out "
            "--format, or check one council's folder without --on."
        )
    for option, instead in _INSTEAD.items():
        if given.get(option):
            raise click.UsageError(f"--{option} is for one register, and is not applied with --on {engine}. {instead}")


_INSTEAD = {
    "answers": "Put the answers into the Parquet tables, or check one council's folder without --on. (A project file "
    "may have set it: tipstaff --no-project.)",
    "waivers": "Give --no-waivers to show everything, or check one council's folder without --on.",
    "baseline": "Give --no-baseline, or check one council's folder without --on.",
}


@dataclass(frozen=True, slots=True)
class Region:
    """A register that a path or a glob names, the engine to audit it on and the folder for its outcomes."""

    register: str
    engine: str
    master: str | None
    into: Path

    def check(
        self,
        pack: "Pack",
        as_of: date,
        cycle: "FinancialYear | None",
        only: frozenset[str],
        without: frozenset[str],
        limits: tuple[str, str],
        form: str | None,
        options: list[str],
        notes: Mapping[str, str],
    ) -> int:
        """Audit it, write its outcomes, print the summary and return the exit code.

        ``limits`` are the severities that fail of findings and of what is undetermined. Raises Refusal,
        UnreadableError, EngineError and InferenceError.
        """
        from tipstaff.audit.decisions.verdict import judge_counts
        from tipstaff.facts.periods import financial_year_of
        from tipstaff.region.audit import audit_region
        from tipstaff.region.engines.starting import started
        from tipstaff.region.outcome_folder import SUMMARY
        from tipstaff.register.tables.parquet import digest
        from tipstaff.report.record.region import record
        from tipstaff.report.tables.parquet import parquet
        from tipstaff.report.terminal.region import lines

        with stage("Finding the files"):
            sources = self._sources(pack)
        with stage("Taking the fingerprint of the files"):
            sha256 = digest(sources.tables)
        with stage("Auditing") as progress:
            progress.step(f"start of {self.engine}")
            cycle = cycle or financial_year_of(as_of).next()
            with started(self.engine, master=self.master) as engine:
                audit = audit_region(
                    self._name,
                    sha256,
                    sources.tables,
                    pack,
                    as_of,
                    cycle,
                    engine,
                    self.into,
                    parquet,
                    only=only,
                    without=without,
                    shown=_SHOWN,
                    progress=progress.step,
                )
        verdict = judge_counts(audit.rules, audit.outcomes, *limits)
        with stage("Writing the summary"):
            summary = record(audit, self.engine, sources.not_read)
            write_file(summary.encode(), self.into / SUMMARY)
            width, style = laid_out(None)
            report = lines(
                audit,
                verdict,
                self.engine,
                str(self.into),
                width,
                style,
                options=options,
                not_read=sources.not_read,
                notes=notes,
            )
            emit([summary] if form == "json" else (f"{line}\n" for line in report))
        return 1 if verdict.failed else 0

    @property
    def _name(self) -> str:
        """The name of the register: a path by the folder it leads to; a glob as it was given."""
        from tipstaff.register.files.sheet import plain

        path = Path(self.register)
        return plain(path.resolve().name if path.exists() else self.register)

    def _sources(self, pack: "Pack") -> "Sources":
        """The files of the register. Raises UnreadableError, and Refusal or EngineError if its outcomes would be
        among them."""
        from tipstaff.region.outcome_folder import see_replaceable
        from tipstaff.region.sources import expand, named_by

        sources = expand(self.register, pack.vocabulary)
        see_replaceable(self.into, named_by(self.register))
        there, pattern = Path(os.path.abspath(self.into)), os.path.abspath(self.register)
        if any(path.match(pattern) for path in (there, *there.parents)):
            raise Refusal(
                f"{self.into}: is among what {self.register} names, and would be read as the register. Name another "
                "folder."
            )
        return sources
