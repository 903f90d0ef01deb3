"""Formats: the ways to report an audit, each of them made by a module of ``tipstaff.report``."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.output import laid_out, progress
from tipstaff_cli.refusals import Refusal

if TYPE_CHECKING:
    from tipstaff.audit.comparing.comparison import Comparison
    from tipstaff.audit.decisions.audit import Audit
    from tipstaff.audit.decisions.verdict import Verdict
    from tipstaff.report.wording.places import Places

_ASKED_AT_ONCE = 150
"""The most partnerships for which a workbook works out all questions."""


@dataclass(frozen=True, slots=True)
class Job:
    """The report to write, and its destination."""

    audit: "Audit"
    verdict: "Verdict"
    register: Path
    """The register as named on the command line."""
    output: Path | None
    options: list[str]
    """The options that a further command must repeat to speak of the same audit."""
    comparison: "Comparison | None" = None
    """The changes since the baseline, if there is one: the verdict is then on what got worse."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Further labelled lines for the summary, on how the audit came to be made."""
    answers: Path | None = None
    """The file of further answers."""
    waivers: Sequence[Path] = ()
    """The files of waivers, some of which may be workbooks with responses."""

    @property
    def since(self) -> "tuple[Comparison, Verdict] | None":
        """The comparison with the baseline and the verdict on it."""
        return (self.comparison, self.verdict) if self.comparison is not None else None

    @property
    def places(self) -> "Places":
        """Tells the places in the files that the audit was made from."""
        from tipstaff.report.wording.places import Places

        return Places(self.audit, self.register, [self.answers] if self.answers else [])


def _table(job: Job) -> Iterable[str]:
    from tipstaff.report.terminal.audit import lines

    width, style = laid_out(job.output)
    report = lines(job.audit, job.verdict, str(job.register), width, style, job.options, job.comparison, job.notes)
    return (f"{line}\n" for line in report)


def _json(job: Job) -> Iterable[str]:
    from tipstaff.report.record.audit import record

    return progress(record(job.audit, job.since), job.audit)


def _md(job: Job) -> Iterable[str]:
    from tipstaff.report.paper.markdown import markdown
    from tipstaff.report.paper.paper import paper

    return markdown(paper(job.audit, job.notes))


def _docx(job: Job) -> bytes:
    from tipstaff.report.paper.paper import paper
    from tipstaff.report.paper.word import word

    return word(paper(job.audit, job.notes))


def _xlsx(job: Job) -> bytes:
    from itertools import islice

    from tipstaff.audit.questions.ranking import rank_questions
    from tipstaff.errors import UnreadableError
    from tipstaff.register.files.source_file import is_workbook, read_bytes
    from tipstaff.report.wording.phrases import typed
    from tipstaff.report.workbook.workbook import workbook

    if job.register.is_dir() or job.register.suffix.lower() == ".parquet":
        raise Refusal(
            f"{job.register}: a workbook comes back with its audit, and Parquet is none. Choose another format, such "
            "as --format csv."
        )
    source = read_bytes(job.register)
    if sha256(source).hexdigest() != job.audit.register.sha256:
        raise UnreadableError(f"{job.register.name} was changed while it was audited. Run this again.")
    few = len(job.audit.undetermined()) <= _ASKED_AT_ONCE
    asked = list(islice(rank_questions(job.audit), None if few else 0))
    command = typed("tipstaff", "ask", job.register.name, "--as-of", job.audit.as_of.isoformat(), *job.options)
    notes = [f"{label}: {text}" for label, text in job.notes.items()]
    if not few:
        notes.append(f"Questions on so large a register take minutes to work out: {command} -o questions.xlsx")
    responded = [(data, file.name) for file in job.waivers for data in [read_bytes(file)] if is_workbook(data)]
    written = workbook(job.audit, source, asked, notes, responded)
    for remark in written.remarks:
        click.echo(remark, err=True)
    if job.output is not None and job.output.suffix.lower() != written.ending:
        raise Refusal(
            f"{job.output}: the register has macros or is a template, which this ending denies. "
            f"Give a file that ends in {written.ending}."
        )
    return written.data


def _jsonl(job: Job) -> Iterable[str]:
    from tipstaff.report.record.jsonl import lines

    return progress(lines(job.audit, job.since), job.audit)


def _parquet(job: Job) -> bytes:
    from tipstaff.report.tables.parquet import parquet

    _tell_of_waivers(job.audit)
    return parquet(job.audit)


def _tell_of_waivers(audit: "Audit") -> None:
    """Say on stderr that waivers waive nothing, for a format that has no place for it."""
    from tipstaff.report.wording.waivers import failing

    if lapsed := failing(audit):
        counted = f"{len(lapsed)} of {len(audit.waiver_accounts)}"
        click.echo(f"Waivers that waive nothing: {counted}. See tipstaff waivers list.", err=True)


def _csv(job: Job) -> Iterable[str]:
    from tipstaff.report.tables.csv import lines

    _tell_of_waivers(job.audit)
    return progress(lines(job.audit, job.places), job.audit)


def _sarif(job: Job) -> Iterable[str]:
    from tipstaff.report.pipelines.sarif import pieces

    return pieces(job.audit, job.places, job.comparison, failed=job.verdict.failed)


def _junit(job: Job) -> Iterable[str]:
    from tipstaff.report.pipelines.junit import pieces

    return progress(pieces(job.audit, job.verdict, job.places), job.audit)


def _github(job: Job) -> Iterable[str]:
    from tipstaff.report.pipelines.github import lines

    return (f"{line}\n" for line in lines(job.audit, job.places, str(job.register), job.options))


def _html(job: Job) -> Iterable[str]:
    from tipstaff.report.page.rendering import page

    return page(job.audit, job.verdict, job.register.name, job.options, job.comparison, job.notes)


FORMATS: dict[str, Callable[[Job], Iterable[str] | bytes]] = {
    "table": _table,
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "parquet": _parquet,
    "html": _html,
    "md": _md,
    "docx": _docx,
    "xlsx": _xlsx,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
}
"""How to make each format, by name: text in pieces, or the bytes of a file. A file's ending is its format's name."""

_ENDINGS = {".sarif.json": "sarif", ".xml": "junit", ".xlsm": "xlsx", ".xltx": "xlsx", ".xltm": "xlsx"}
"""Further endings of formats."""

_PLAIN = ("", ".txt", ".log")
"""Endings of a file that the table is written to unasked."""


def format_of(named: str | None, output: Path | None) -> str:
    """The format asked for: as named, else by the ending of the file to write, else the table.

    Raises Refusal of an ending that says another kind of file than can be written.
    """
    if named is not None:
        return named
    name = output.name.lower() if output is not None else ""
    endings = {**_ENDINGS, **{f".{form}": form for form in FORMATS}}
    form = next((form for ending, form in endings.items() if name.endswith(ending)), None)
    if form is None and output is not None and output.suffix.lower() not in _PLAIN:
        raise Refusal(
            f"{output}: no report ends in {output.suffix}. Give a file that ends in .xlsx, .docx, .html, .md, .csv or "
            ".txt, or name the format by --format."
        )
    return form or "table"
