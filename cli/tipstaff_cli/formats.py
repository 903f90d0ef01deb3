"""Formats: the ways to report an audit, each of them made by a module of ``tipstaff.report``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tipstaff_cli.output import laid_out

if TYPE_CHECKING:
    from tipstaff.audit.audit import Audit
    from tipstaff.audit.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Job:
    """What to report, and where to."""

    audit: "Audit"
    verdict: "Verdict"
    register: Path
    """The register as named on the command line."""
    output: Path | None
    options: list[str]
    """The options that a further command must repeat to speak of the same audit."""


def _table(job: Job) -> Iterable[str]:
    from tipstaff.report.table import lines

    width, style = laid_out(job.output)
    return (f"{line}\n" for line in lines(job.audit, job.verdict, str(job.register), width, style, job.options))


def _json(job: Job) -> Iterable[str]:
    from tipstaff.report.record import record

    return record(job.audit)


def _html(job: Job) -> Iterable[str]:
    from tipstaff.report.page.rendering import page

    return page(job.audit, job.verdict, job.register.name, job.options)


FORMATS: dict[str, Callable[[Job], Iterable[str] | bytes]] = {
    "table": _table,
    "json": _json,
    "html": _html,
}
"""How to make each format, by name: text in pieces, or the bytes of a file. A file's ending is its format's name."""


def format_of(named: str | None, output: Path | None) -> str:
    """The format asked for: as named, else by the ending of the file to write, else the table."""
    if named is not None:
        return named
    ending = output.suffix.lower().removeprefix(".") if output is not None else ""
    return ending if ending in FORMATS else "table"
