"""Engines: what shuffles the rows of a register into parts, and does a task for each of them.

Polars and DuckDB do so in this process, out of core; Spark on the machines of a cluster, which all see the same folders
by the same paths.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Protocol, TypeVar

import polars as pl

from tipstaff.audit.decisions.decision_tables import Decision
from tipstaff.audit.gathering.facts import Facts
from tipstaff.policy.pack.model import Pack

T = TypeVar("T")

ENGINES = ("polars", "duckdb", "spark")
"""The names of the engines."""


class EngineError(Exception):
    """An engine that cannot be started, or failed. Its text is one paragraph: what, why, what to do."""


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

        Rows that are equal in ``by`` stand in one part, also those of another shuffle into so many parts. The files are
        united by the names of their columns, of which ``columns`` are kept, all unless given; a column lacking in some
        files is null there. Types are those of ``uniting.Union``, whichever the engine. A part without rows has a file
        without rows. ``into`` is replaced, and is complete or absent.

        Where ``spelt``, ``by`` are alternatives: the first that is not blank counts, by its letters a to z and digits
        without regard to case, so that spellings of one reference meet. Two columns are added: ``_file``, the path of
        the row's file below ``uniting.Union.root``, and ``_row``, its number there from 1.

        Raises UnreadableError where a file cannot be read, or its columns do not fit those of the others, and
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


@contextmanager
def started(name: str, *, master: str | None = None, memory: str | None = None) -> Iterator[Engine]:
    """An engine by its name, closed in the end.

    ``master`` is Spark's: else SPARK_MASTER in the environment, else that of Spark's own configuration, else all cores
    of this machine. ``memory`` is the most that DuckDB takes, as ``4GB``. Raises EngineError.
    """
    engine: Engine
    match name:
        case "duckdb":
            needed("duckdb", "duckdb")
            from tipstaff.region.engines.duckdb import OnDuckDB

            engine = OnDuckDB(memory)
        case "spark":
            needed("pyspark", "spark")
            from tipstaff.region.engines.spark import OnSpark

            engine = OnSpark(master)
        case _:
            from tipstaff.region.engines.polars import OnPolars

            engine = OnPolars()
    try:
        yield engine
    finally:
        engine.close()


def needed(module: str, extra: str) -> ModuleType:
    """A library that an extra of this package installs. Raises EngineError where it is missing."""
    try:
        return import_module(module)
    except ImportError as error:
        raise EngineError(
            f"The library {module} cannot be loaded ({error}). Install it: uv tool install 'tipstaff[{extra}]', or "
            f"with pip: pip install 'tipstaff[{extra}]'."
        ) from None


def in_turn(task: Callable[[int], T], parts: Iterable[int]) -> Iterator[T]:
    """``Engine.each`` in this process, one part after the other."""
    return map(task, parts)
