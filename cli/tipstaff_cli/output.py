"""Output: where a report goes, whole or not at all."""

import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.refusals import Refusal

if TYPE_CHECKING:
    from tipstaff.report.terminal.layout import Style

_COLOURS = {"heading": None, "high": "red", "medium": "yellow", "low": "cyan", "advisory": "blue"}

_READ_OF_FOLDERS = (".yaml", ".parquet")


def styled(role: str, text: str) -> str:
    """A text set off for a terminal by its role; as it is if there is no terminal, or NO_COLOR is set."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return text
    return click.style(text, fg=_COLOURS.get(role), bold=True)


def laid_out(output: Path | None) -> "tuple[int, Style]":
    """The width and the style of a report in lines: those of the terminal, or plain ones for a file."""
    from tipstaff.report.terminal.layout import NO_TERMINAL, plain, width_of_terminal

    return (width_of_terminal(), styled) if output is None else (NO_TERMINAL, plain)


def protect(sources: Iterable[Path | None], output: Path | None) -> None:
    """See that a report overwrites no file it is made from, in a folder or not. Raises Refusal."""
    for source in sources:
        if source is not None and output is not None and any(_same(file, output) for file in _files(source)):
            raise Refusal(f"{output}: is what the report is made from, and would be overwritten. Give another file.")


def _files(source: Path) -> Iterable[Path]:
    """The files that may be read of a path: of a folder, those of a pack, or of tables in files or folders of them."""
    if not source.is_dir():
        return (source,)
    return [file for depth in ("*", "*/*") for file in source.glob(depth) if file.suffix.lower() in _READ_OF_FOLDERS]


def _same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)


def emit(pieces: Iterable[str], output: Path | None = None) -> None:
    """Write a report to stdout, or to a file, whole or not at all. Raises Refusal."""
    if output is not None:
        _write((piece.encode("utf-8", "replace") for piece in pieces), output)
        return
    with _to_stdout():
        for piece in pieces:
            sys.stdout.write(piece)


def deliver(report: Iterable[str] | bytes, output: Path | None) -> None:
    """Write a report, text or the bytes of a file, to a file or to stdout. Raises Refusal."""
    if not isinstance(report, bytes):
        emit(report, output)
    elif output is not None:
        write_file(report, output)
    elif sys.stdout.isatty():
        raise Refusal("This format is a file that a terminal cannot show. Name the file to write with -o.")
    else:
        with _to_stdout():
            sys.stdout.buffer.write(report)


@contextmanager
def _to_stdout() -> Iterator[None]:
    """Sees that what is written arrives. A reader that closes the pipe early ends it and nothing else."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise Refusal(f"The report cannot be written ({error.strerror}). Give a file with -o.") from None


def write_file(data: bytes, output: Path) -> None:
    """Write a file, whole or not at all. Raises Refusal."""
    _write([data], output)


def _write(pieces: Iterable[bytes], output: Path) -> None:
    target = Path(os.path.realpath(output))
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                stream.writelines(pieces)
            return
        _replace(pieces, target)
    except OSError as error:
        raise Refusal(
            f"{output}: cannot be written ({error.strerror}). Check the folder, or give another file."
        ) from None


def _replace(pieces: Iterable[bytes], target: Path) -> None:
    """Write beside the target first, so that it holds the old report or the new one, and never half of one."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:50]}.")
    beside = Path(name)
    try:
        with open(descriptor, "wb") as stream:
            stream.writelines(pieces)
        beside.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


if TYPE_CHECKING:
    from tipstaff.audit.decisions.audit import Audit

_PATIENCE = 2.0
"""The seconds before progress is shown."""

_EVERY = 0.5


def progress(pieces: Iterable[str], audit: "Audit") -> Iterator[str]:
    """The pieces of a report that writes out every partnership or every outcome reported, unchanged."""
    if not sys.stderr.isatty():
        yield from pieces
        return
    from tipstaff.audit.explaining.findings import REPORTED

    totals = audit.totals()
    lines = sum(totals[outcome] for outcome in REPORTED)
    due = time.monotonic() + _PATIENCE
    shown = False
    for written, piece in enumerate(pieces, 1):
        yield piece
        if time.monotonic() >= due:
            click.echo(f"\rWriting: {written:,} lines of about {lines:,}", err=True, nl=False)
            due, shown = time.monotonic() + _EVERY, True
    if shown:
        click.echo(err=True)
