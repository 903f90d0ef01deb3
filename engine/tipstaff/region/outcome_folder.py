"""The folder of outcomes: what the audit of a region writes there, and what it may replace.

That is a summary, a Parquet file a part, and, while the audit lasts, the folder of its stages. A folder that holds
anything else is left as it is.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl

from tipstaff.errors import EngineError
from tipstaff.register.files.sheet import plain

SUMMARY = "summary.json"
"""The file that says what was audited and how often each outcome came out."""

SUMMARY_SCHEMA = "tipstaff/region/1"
"""The ``schema`` of a summary."""

OUTCOMES = "outcomes-*.parquet"
"""The files of a row a partnership."""

_STAGES = ".tipstaff-stages"
_MARK = "tipstaff.schema"
_LARGEST = 10_000_000


@contextmanager
def stages_below(into: Path, among: Iterable[Path]) -> Iterator[Path]:
    """A folder for the stages of an audit, below the folder of its outcomes, which is made.

    It is removed in the end; where the audit fails, ``into`` is as before. Raises EngineError as ``see_replaceable``.
    """
    see_replaceable(into, among)
    new = not into.exists()
    work = into / _STAGES
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if new:
            with suppress(OSError):
                into.rmdir()


def replace_outcomes(into: Path, files: Iterable[Path]) -> None:
    """Let the files of outcomes take the place of those of an earlier audit, and of its summary."""
    (into / SUMMARY).unlink(missing_ok=True)
    for file in into.glob(OUTCOMES):
        file.unlink()
    for number, file in enumerate(files):
        file.rename(into / OUTCOMES.replace("*", f"{number:05}"))


def see_replaceable(into: Path, among: Iterable[Path]) -> None:
    """See that outcomes can be written to a folder without the loss of anything else.

    Raises EngineError if it cannot be made, if it holds anything but outcomes of an earlier audit, or if it is, holds
    or is inside one of the files and folders ``among`` which it must not be.
    """
    called, there = plain(str(into)), into.resolve()
    for place in (path.resolve() for path in among):
        if there == place or there in place.parents or place in there.parents:
            raise EngineError(
                f"{called} is among the files of the register ({plain(str(place))}). Name a folder beside them for "
                "the outcomes."
            )
    if not into.exists():
        above = next(parent for parent in there.parents if parent.exists())
        if into.is_symlink() or not above.is_dir() or not os.access(above, os.W_OK):
            raise EngineError(
                f"{called} cannot be made: {plain(str(above))} cannot be written to. Name another folder."
            )
        return
    if not into.is_dir():
        raise EngineError(f"{called} is a file. Name a folder for the outcomes, which are a file a part.")
    if other := next((entry for entry in sorted(into.iterdir()) if not _of_an_audit(entry)), None):
        raise EngineError(
            f"{called} holds {plain(other.name)}, which no audit of a region wrote: nothing is replaced. Name a new or "
            "empty folder for the outcomes."
        )


def _of_an_audit(entry: Path) -> bool:
    """Whether an entry of a folder is what an earlier audit of a region wrote."""
    if entry.is_symlink():
        return False
    if entry.is_dir():
        return entry.name == _STAGES
    try:
        if entry.name == SUMMARY:
            read = json.loads(entry.read_bytes()) if entry.stat().st_size <= _LARGEST else None
            return isinstance(read, dict) and read.get("schema") == SUMMARY_SCHEMA
        return entry.match(OUTCOMES) and _MARK in pl.read_parquet_metadata(entry)
    except (OSError, ValueError, RecursionError, pl.exceptions.PolarsError):
        return False
