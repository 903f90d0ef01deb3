"""Formats: the ways to report an audit, each of them made by a module of ``tipstaff.report``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tipstaff_cli.output import laid_out

if TYPE_CHECKING:
    from tipstaff.audit.audit import Audit
    from tipstaff.audit.verdict import Verdict
    from tipstaff.report.places import Places


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
    answers: Path | None = None
    """The file of further answers."""

    @property
    def places(self) -> "Places":
        """Tells the places in the files that the audit was made from."""
        from tipstaff.report.places import Places

        return Places(self.audit, self.register, [self.answers] if self.answers else [])


def _table(job: Job) -> Iterable[str]:
    from tipstaff.report.table import lines

    width, style = laid_out(job.output)
    return (f"{line}\n" for line in lines(job.audit, job.verdict, str(job.register), width, style, job.options))


def _json(job: Job) -> Iterable[str]:
    from tipstaff.report.record import record

    return record(job.audit)


def _jsonl(job: Job) -> Iterable[str]:
    from tipstaff.report.jsonl import lines

    return lines(job.audit)


def _csv(job: Job) -> Iterable[str]:
    from tipstaff.report.csv import lines

    return lines(job.audit, job.places)


def _sarif(job: Job) -> Iterable[str]:
    from tipstaff.report.sarif import pieces

    return pieces(job.audit, job.places, failed=job.verdict.failed)


def _junit(job: Job) -> Iterable[str]:
    from tipstaff.report.junit import pieces

    return pieces(job.audit, job.verdict, job.places)


def _github(job: Job) -> Iterable[str]:
    from tipstaff.report.github import lines

    return (f"{line}\n" for line in lines(job.audit, job.places, str(job.register), job.options))


FORMATS: dict[str, Callable[[Job], Iterable[str] | bytes]] = {
    "table": _table,
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
}
"""How to make each format, by name: text in pieces, or the bytes of a file. A file's ending is its format's name."""

ENDINGS = {".xml": "junit", ".sarif.json": "sarif"}
"""The endings, besides, that tell a format."""


def format_of(named: str | None, output: Path | None) -> str:
    """The format asked for: as named, else by the ending of the file to write, else the table."""
    if named is not None:
        return named
    name = output.name.lower() if output is not None else ""
    endings = {**ENDINGS, **{f".{form}": form for form in FORMATS}}
    return next((form for ending, form in endings.items() if name.endswith(ending)), "table")
