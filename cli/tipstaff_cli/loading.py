"""Loading: what a command works on: the policy pack, the register, the audit."""

import gc
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING

import click

from tipstaff_cli.output import protect
from tipstaff_cli.refusals import Refusal
from tipstaff_cli.timings import Timings, timings

if TYPE_CHECKING:
    from tipstaff.audit.comparing.snapshot import Snapshot
    from tipstaff.audit.decisions.audit import Audit
    from tipstaff.facts.periods import FinancialYear
    from tipstaff.policy.pack.model import Pack
    from tipstaff.register.files.source_file import Spreadsheet
    from tipstaff.register.tables.model import Register

_ON_ONE_THREAD = 10_000
"""Up to that many partnerships polars works faster on one thread: handing its small steps to others costs more."""

PATIENCE = 2.0
"""Seconds that a stage may take before it is named on a terminal."""


@contextmanager
def stage(name: str) -> Iterator["Progress"]:
    """Names a stage on a terminal's stderr if it takes long, and times it; what it yields says how far it is."""
    timed = timings()
    if timed is not None:
        timed.stage(name)
    progress = Progress(timed)
    timer = Timer(PATIENCE, progress.say, [f"{name} …"])
    timer.daemon = True
    if sys.stderr.isatty():
        timer.start()
    try:
        yield progress
    finally:
        timer.cancel()
        if timed is not None:
            timed.end()


class Progress:
    """How far a stage has come: said where the stage has been named, and nowhere else."""

    def __init__(self, timed: Timings | None) -> None:
        self._timed = timed
        self._named = Event()

    def say(self, text: str) -> None:
        """Name the stage."""
        click.echo(text, err=True)
        self._named.set()

    def __call__(self, how_far: str) -> None:
        """Say how far it has come."""
        if self._named.is_set():
            click.echo(f"  {how_far}", err=True)

    def step(self, name: str) -> None:
        """A step of it begins."""
        if self._timed is not None:
            self._timed.step(name)
        self(name)


def load_policy(folder: Path | None, output: Path | None = None) -> "Pack":
    """The policy pack in a folder, or the bundled one. Raises PackError, and Refusal where ``output`` is a file of it,
    of a pack that it extends or of its law."""
    with stage("Reading the policy"):
        from tipstaff.policy.pack.loading import bundled, load_pack

        pack = load_pack(bundled() if folder is None else folder)
    if not gc.get_freeze_count():
        gc.freeze()  # it lasts to the end: garbage is looked for in what comes after it
    protect(pack.folders, output)
    return pack


def begun(path: Path) -> AbstractContextManager["Spreadsheet | None"]:
    """A register that is a workbook, being read by another process while this one does something else."""
    from tipstaff.register.files import source_file as workbook

    return workbook.begun(path)


def load_register(
    path: Path, pack: "Pack", answers: Path | None = None, begun: "Spreadsheet | None" = None
) -> "Register":
    """A register, read by a pack; ``begun`` is the workbook if it is being read already. Raises UnreadableError."""
    with stage("Reading the register"):
        from tipstaff.register.reading import read_register

        return read_register(path, pack.vocabulary, answers, begun)


def load_filled_register(
    path: Path, pack: "Pack", answers: Path | None = None, begun: "Spreadsheet | None" = None
) -> "Register":
    """A register that has partnerships, read as ``load_register`` does. Raises UnreadableError and Refusal."""
    register = load_register(path, pack, answers, begun)
    if not register.refs:
        raise Refusal(f"{path}: has headings and no partnership below them. Nothing was audited; enter a row for each.")
    return register


def load_record(path: Path) -> "Snapshot | None":
    """How an audit stood by the record of it; None if the file is something else. Raises UnreadableError and
    RecordError."""
    with stage("Reading the record"):
        from tipstaff.register.files.sheet import plain
        from tipstaff.register.files.source_file import read_bytes
        from tipstaff.report.record.reading import is_record, read_record

        data = read_bytes(path)
        return read_record(data, plain(path.name)) if is_record(data) else None


def load_baseline(path: Path) -> "Snapshot":
    """How the audit stood that another is compared with, by its record. Raises Refusal, UnreadableError and
    RecordError."""
    if not path.exists():
        from tipstaff.report.wording.phrases import typed

        made = typed("tipstaff", "check", "REGISTER", "--no-baseline", "-o", str(path))
        raise Refusal(f"{path}: the baseline is not there. Make it: {made}")
    with stage("Reading the baseline"):
        from tipstaff.register.files.sheet import plain
        from tipstaff.register.files.source_file import read_bytes
        from tipstaff.report.record.reading import read_record

        return read_record(read_bytes(path), plain(path.name))


def with_waivers(audit: "Audit", files: Iterable[Path]) -> "Audit":
    """The audit with the waivers of some files applied, each file once. Raises UnreadableError."""
    different = {file.resolve(): file for file in files}.values()
    if not different:
        return audit
    from tipstaff.audit.waiving.waiver_files import read_waivers
    from tipstaff.audit.waiving.waivers import apply_waivers

    with stage("Applying the waivers"):
        written = [one for file in different for one in read_waivers(file)]
        return apply_waivers(audit, written) if written else audit


def run_audit(
    register: "Register",
    pack: "Pack",
    as_of: date,
    cycle: "FinancialYear | None",
    only: frozenset[str] = frozenset(),
    without: frozenset[str] = frozenset(),
) -> "Audit":
    """The audit of a register, by default for the cycle after the financial year that holds the date."""
    with stage("Auditing") as progress:
        if len(register.refs) <= _ON_ONE_THREAD and "polars" not in sys.modules:
            os.environ.setdefault("POLARS_MAX_THREADS", "1")  # polars reads it when it is imported
        from tipstaff.audit.decisions.audit import audit
        from tipstaff.facts.periods import financial_year_of

        cycle = cycle or financial_year_of(as_of).next()
        return audit(register, pack, as_of, cycle, only=only, without=without, progress=progress.step)
