"""Engines: what shuffles the rows of a register into parts, and does a task for each of them.

Polars and DuckDB do so in this process, out of core; Spark on the machines of a cluster, which all see the same folders
by the same paths.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from tipstaff.errors import EngineError
from tipstaff.region.engines.engine import Engine

ENGINES = ("polars", "duckdb", "spark")
"""The names of the engines."""


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
    """A library that an extra of this package installs. Raises EngineError if it is missing."""
    try:
        return import_module(module)
    except ImportError as error:
        raise EngineError(
            f"The library {module} cannot be loaded ({error}). Install it: uv tool install 'tipstaff[{extra}]', or "
            f"with pip: pip install 'tipstaff[{extra}]'."
        ) from None
