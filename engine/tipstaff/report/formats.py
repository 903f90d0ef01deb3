"""The registry of formats: how an audit is reported, and the files that each format is written to.

A format is added by its line in ``FORMATS``; commands, their help and the tests of all formats read it. What makes a
format is imported when it is asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tipstaff.errors import ReportError, UnreadableError

if TYPE_CHECKING:
    from tipstaff.audit.comparing.comparison import Comparison
    from tipstaff.audit.decisions.audit import Audit
    from tipstaff.audit.decisions.verdict import Verdict
    from tipstaff.report.terminal.layout import Style
    from tipstaff.report.wording.places import Places

_MOST_ASKED_AT_ONCE = 150
"""The most partnerships for which a workbook works out all questions."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """An audit to report, and how."""

    audit: "Audit"
    verdict: "Verdict"
    register: Path
    """The register that was audited, as the user names it."""
    output: Path | None = None
    """The file that the report will be written to, if it is one."""
    options: Sequence[str] = ()
    """The options that a further command must repeat to concern the same audit."""
    comparison: "Comparison | None" = None
    """The changes since the baseline, if there is one: the verdict is then on what got worse."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Further labelled lines for the summary, on how the audit was made."""
    answers: Path | None = None
    """The file of further answers."""
    waivers: Sequence[Path] = ()
    """The files of waivers, some of which may be workbooks with responses."""
    width: int | None = None
    """The width of lines, in characters; without it, that of a report that no terminal shows."""
    style: "Style | None" = None
    """How headings and severities are set off; plain without it."""
    remark: Callable[[str], None] = lambda text: None
    """Called with each remark that the format itself has no place for."""

    @property
    def since(self) -> "tuple[Comparison, Verdict] | None":
        """The comparison with the baseline and the verdict on it."""
        return (self.comparison, self.verdict) if self.comparison is not None else None

    @property
    def places(self) -> "Places":
        """The places of outcomes in the files that the audit was made from."""
        from tipstaff.report.wording.places import Places

        return Places(self.audit, self.register, [self.answers] if self.answers else [])


@dataclass(frozen=True, slots=True)
class Format:
    """A way to report an audit."""

    name: str
    make: Callable[[ReportRequest], Iterable[str] | bytes]
    """Makes the report: text in pieces, or the bytes of a file. Raises ReportError and UnreadableError."""
    endings: tuple[str, ...]
    """The endings of files that are written in it unasked, in lower case."""
    by_outcome: bool = False
    """Whether it has every partnership or every reported outcome, and so takes long for a large register."""


def _table(request: ReportRequest) -> Iterable[str]:
    from tipstaff.report.terminal.audit import lines
    from tipstaff.report.terminal.layout import NO_TERMINAL, plain

    report = lines(
        request.audit,
        request.verdict,
        str(request.register),
        request.width or NO_TERMINAL,
        request.style or plain,
        request.options,
        request.comparison,
        request.notes,
    )
    return (f"{line}\n" for line in report)


def _json(request: ReportRequest) -> Iterable[str]:
    from tipstaff.report.record.audit import record

    return record(request.audit, request.since)


def _jsonl(request: ReportRequest) -> Iterable[str]:
    from tipstaff.report.record.jsonl import lines

    return lines(request.audit, request.since)


def _csv(request: ReportRequest) -> Iterable[str]:
    from tipstaff.report.tables.csv import lines

    _remark_on_waivers(request)
    return lines(request.audit, request.places)


def _parquet(request: ReportRequest) -> bytes:
    from tipstaff.report.tables.parquet import parquet

    _remark_on_waivers(request)
    return parquet(request.audit)


def _html(request: ReportRequest) -> Iterable[str]:
    from tipstaff.report.page.rendering import page

    name = request.register.name
    return page(request.audit, request.verdict, name, request.options, request.comparison, request.notes)


def _md(request: ReportRequest) -> Iterable[str]:
    from tipstaff.report.paper.markdown import markdown
    from tipstaff.report.paper.paper import paper

    return markdown(paper(request.audit, request.notes))


def _docx(request: ReportRequest) -> bytes:
    from tipstaff.report.paper.paper import paper
    from tipstaff.report.paper.word import word

    return word(paper(request.audit, request.notes))


def _xlsx(request: ReportRequest) -> bytes:
    from tipstaff.audit.questions.ranking import rank_questions
    from tipstaff.register.files.source_file import is_workbook, read_bytes
    from tipstaff.report.wording.phrases import typed
    from tipstaff.report.workbook.workbook import workbook

    audit, register = request.audit, request.register
    if register.is_dir() or register.suffix.lower() == ".parquet":
        raise ReportError(
            f"{register}: a workbook can be returned only for a register that is a file of another kind than Parquet. "
            "Choose another format, such as --format csv."
        )
    source = read_bytes(register)
    if sha256(source).hexdigest() != audit.register.sha256:
        raise UnreadableError(f"{register.name} was changed while it was audited. Run this again.")
    few = len(audit.undetermined()) <= _MOST_ASKED_AT_ONCE
    asked = list(islice(rank_questions(audit), None if few else 0))
    command = typed("tipstaff", "ask", register.name, "--as-of", audit.as_of.isoformat(), *request.options)
    notes = [f"{label}: {text}" for label, text in request.notes.items()]
    if not few:
        notes.append(f"Questions on so large a register take minutes to work out: {command} -o questions.xlsx")
    responded = [(data, file.name) for file in request.waivers for data in [read_bytes(file)] if is_workbook(data)]
    written = workbook(audit, source, asked, notes, responded)
    for remark in written.remarks:
        request.remark(remark)
    if request.output is not None and request.output.suffix.lower() != written.ending:
        raise ReportError(
            f"{request.output}: the register has macros or is a template, which this ending denies. "
            f"Give a file that ends in {written.ending}."
        )
    return written.data


def _sarif(request: ReportRequest) -> Iterable[str]:
    from tipstaff.report.pipelines.sarif import pieces

    return pieces(request.audit, request.places, request.comparison, failed=request.verdict.failed)


def _junit(request: ReportRequest) -> Iterable[str]:
    from tipstaff.report.pipelines.junit import pieces

    return pieces(request.audit, request.verdict, request.places)


def _github(request: ReportRequest) -> Iterable[str]:
    from tipstaff.report.pipelines.github import lines

    report = lines(request.audit, request.places, str(request.register), request.options)
    return (f"{line}\n" for line in report)


def _remark_on_waivers(request: ReportRequest) -> None:
    from tipstaff.report.wording.waivers import failing

    if failed := failing(request.audit):
        counted = f"{len(failed)} of {len(request.audit.waiver_accounts)}"
        request.remark(f"Waivers that waive nothing: {counted}. See tipstaff waivers list.")


TABLE = Format("table", _table, (".txt", ".log", ".table"))
"""The format of a terminal, and of a file without an ending."""

FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        TABLE,
        Format("xlsx", _xlsx, (".xlsx", ".xlsm", ".xltx", ".xltm")),
        Format("docx", _docx, (".docx",)),
        Format("html", _html, (".html",)),
        Format("md", _md, (".md",)),
        Format("csv", _csv, (".csv",), by_outcome=True),
        Format("json", _json, (".json",), by_outcome=True),
        Format("jsonl", _jsonl, (".jsonl",), by_outcome=True),
        Format("parquet", _parquet, (".parquet",)),
        Format("sarif", _sarif, (".sarif", ".sarif.json")),
        Format("junit", _junit, (".xml", ".junit"), by_outcome=True),
        Format("github", _github, (".github",)),
    )
}
"""Every format by its name."""


def format_for(output: Path | None) -> Format:
    """The format of a file by its ending, the longest that fits; the table without a file or an ending.

    Raises ReportError for the ending of another kind of file than can be written.
    """
    name = output.name.lower() if output is not None else ""
    fitting = [(len(ending), one) for one in FORMATS.values() for ending in one.endings if name.endswith(ending)]
    if fitting:
        return max(fitting, key=lambda fit: fit[0])[1]
    if output is None or not output.suffix:
        return TABLE
    endings = ", ".join(one.endings[0] for one in FORMATS.values() if one is not TABLE)
    raise ReportError(
        f"{output}: no report ends in {output.suffix}. Give a file that ends in {endings} or {TABLE.endings[0]}, or "
        "name the format by --format."
    )
