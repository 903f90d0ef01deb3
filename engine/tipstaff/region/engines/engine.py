"""The protocol of an engine that runs a regional audit."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import polars as pl

from tipstaff.audit.decisions.decision_tables import Decision
from tipstaff.audit.gathering.facts import Facts
from tipstaff.policy.pack.model import Pack

T = TypeVar("T")


class Engine(Protocol):
    """Shuffles Parquet files into parts, and does tasks."""

    def shuffle(
        self,
        files: Sequence[Path],
        by: Sequence[str],
        parts: int,
        into: Path,
        *,
        spelt: bool = False,
        columns: Sequence[str] | None = None,
    ) -> None:
        """Write the rows of Parquet files as ``into/part=<k>/*.parquet``, k from 0 to ``parts`` - 1, in no order.

        Rows that are equal in ``by`` are in one part, also across shuffles into that many parts. The files are
        united by the names of their columns, of which ``columns`` are kept, all unless given; a column lacking in some
        files is null there. Types are those of ``uniting.Union``, whichever the engine. A part without rows has a file
        without rows. ``into`` is replaced, and is complete or absent.

        Where ``spelt``, ``by`` are alternatives: the first that is not blank counts, by its letters a to z and digits
        without regard to case, so that spellings of one reference meet. Two columns are added: ``_file``, the path of
        the row's file below ``uniting.Union.root``, and ``_row``, its number there from 1.

        Raises UnreadableError if a file cannot be read, or its columns do not fit those of the others, and
        EngineError.
        """

    def each(self, task: Callable[[int], T], parts: Iterable[int]) -> Iterator[T]:
        """Do a task for every part. Task and results are small, and can be pickled.

        A task that is lost is done again, so that it must replace what it wrote. Its exceptions are raised here.
        """

    def answer(self, facts: Facts, pack: Pack, decisions: Mapping[str, Decision]) -> pl.DataFrame:
        """Answers criteria and rules, as ``audit.answer`` does. A function of a module, so that a task can do it."""

    def close(self) -> None:
        """Give back what the engine holds."""


def in_turn(task: Callable[[int], T], parts: Iterable[int]) -> Iterator[T]:
    """``Engine.each`` in this process, one part after the other."""
    return map(task, parts)
