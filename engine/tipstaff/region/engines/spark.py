"""Shuffling by Spark, and tasks of Spark: on a cluster of machines that all see the same folders by the same paths."""

import os
import pickle
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic

import polars as pl
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as st

from tipstaff.audit.decisions.audit import answer
from tipstaff.errors import EngineError
from tipstaff.region.engines.engine import T
from tipstaff.region.engines.uniting import BLANKS, NOT_OF_KEY, PART, Union, complete, united
from tipstaff.register.files.sheet import plain
from tipstaff.register.tables.parquet import FILE, ROW

_OLDEST_JAVA = 17
_SAID = re.compile(r"(?:\bERROR [\w$]+: |(?:Error|Exception)\b[^:\n]*: )(.+)")
"""The cause of a failure in a log of Spark or Java."""
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
}
_HERE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}


class OnSpark:
    """The engine for many machines: Spark shuffles, does the tasks, and does again those whose machine is lost.

    ``session`` is Spark's own. The Python of its workers is PYSPARK_PYTHON in the environment, else this one.
    """

    def __init__(self, master: str | None = None) -> None:
        master = master or os.environ.get("SPARK_MASTER")
        _with_java(master)
        self._said = TemporaryDirectory(prefix="tipstaff-spark-")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
        builder = SparkSession.builder.appName("tipstaff")
        if master is not None:
            builder = builder.master(master)
        here = master is not None and master.startswith("local")
        for name, value in (_SETTINGS | (_HERE if here and not os.environ.get("SPARK_LOCAL_IP") else {})).items():
            builder = builder.config(name, value)
        said = Path(self._said.name) / "spark.log"
        try:
            with _errors_to(said):
                self.session = builder.getOrCreate()
        except (PySparkException, Py4JError, RuntimeError, OSError) as error:
            found = _SAID.search(said.read_text(errors="replace"))
            why = plain(found[1] if found else str(error).partition("\n")[0]).strip()[:300]
            self._said.cleanup()
            where = f" at {plain(master)}" if master else ""
            raise EngineError(
                f"Spark cannot be started{where}: {why}. Check the master, and that Java is "
                f"version {_OLDEST_JAVA} or later."
            ) from None

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
        union = united(files, columns)
        keys = union.keys(by, spelt)
        with (
            complete(into, parts, union, spelt) as folder,
            _shortened_errors(f"shuffle {len(files)} files into {into}"),
        ):
            rows = self._rows(union, spelt)
            key = [_spelt(keys)] if spelt else [_column_of(name) for name in keys]
            part = F.pmod(F.hash(*key), F.lit(parts))
            split = rows.withColumn(PART, part).repartition(parts, *key)
            split.write.partitionBy(PART).mode("overwrite").parquet(f"file://{folder}")

    def each(self, task: Callable[[int], T], parts: Iterable[int]) -> Iterator[T]:
        numbers = list(parts)
        if not numbers:
            return
        with _shortened_errors("do its tasks"):
            done = self.session.sparkContext.parallelize(numbers, len(numbers)).map(_Task(task)).collect()
        for one in done:
            if isinstance(one, _Failure):
                raise one.error
            yield one

    answer = staticmethod(answer)

    def close(self) -> None:
        self.session.stop()
        self._said.cleanup()

    def _rows(self, union: Union, spelt: bool) -> DataFrame:
        """The rows of all files."""
        found: DataFrame | None = None
        for schema, alike in union.alike():
            fields = [st.StructField(name, _read_type(kind)) for name, kind in schema.items() if kind != pl.Null]
            read = self.session.read.schema(st.StructType(fields)).parquet(*map(_path, alike))
            columns = [_column(name, schema.get(name), kind) for name, kind in union.schema.items()]
            if spelt:
                uri = F.replace(F.col("_metadata.file_path"), F.lit("+"), F.lit("%2B"))
                below = len(str(union.root)) + (union.root != union.root.parent)
                path = F.regexp_replace(F.url_decode(uri), "^file:(//)?(?=/)", "")
                columns.append(F.substring(path, below + 1, 1 << 20).alias(FILE))
                columns.append((F.col("_metadata.row_index") + 1).alias(ROW))
            rows = read.select(*columns)
            found = rows if found is None else found.unionAll(rows)
        assert found is not None
        return found


def _with_java(master: str | None) -> None:
    """Java, without which Spark cannot be started, and a master that takes tasks."""
    if master is not None and master.startswith("sc:"):
        raise EngineError(
            f"{plain(master)} is a Spark Connect server, which takes no tasks in Python. Give its master, as spark://host:7077."
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which(str(Path(home) / "bin" / "java") if home else "java") is None:
        where = f"JAVA_HOME is {plain(home)}, where there is no bin/java" if home else "there is no java on the PATH"
        raise EngineError(
            f"Spark needs Java, version {_OLDEST_JAVA} or later, and {where}. Install it, as by: apt-get install "
            "default-jre-headless. Or take another engine: --on duckdb."
        )


@contextmanager
def _errors_to(path: Path) -> Iterator[None]:
    """Redirect standard error to a file, for this process in this context and for processes started in it."""
    sys.stderr.flush()
    kept = os.dup(2)
    with path.open("wb") as stream:
        os.dup2(stream.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def _shortened_errors(what: str) -> Iterator[None]:
    """Errors of Spark in a paragraph: the last exception of a task's own, otherwise the first line of Spark's."""
    try:
        yield
    except (PySparkException, Py4JError) as error:
        text = str(error)
        lines = re.findall(r"^(?:Caused by: )?([\w.]*(?:Error|Exception|Interrupt)\b: .+)$", text, re.MULTILINE)
        why = plain(lines[-1] if lines else text.partition("\n")[0]).strip()[:500]
        read = re.search(r"while reading file (?:file:/+)?(/?\S+\.parquet)", text)
        raise EngineError(f"Spark could not {plain(what)}: {why}{f' (reading /{read[1]})' if read else ''}") from None


@dataclass(frozen=True, slots=True)
class _Failure:
    """The error that a task raised."""

    error: Exception


@dataclass(frozen=True, slots=True)
class _Task(Generic[T]):
    """A task of which exceptions are results, so that Spark does not try it again, unless another try may help."""

    task: Callable[[int], T]

    def __call__(self, part: int) -> T | _Failure:
        try:
            return self.task(part)
        except (OSError, MemoryError):
            raise
        except Exception as error:
            try:
                pickle.loads(pickle.dumps(error))
            except Exception:
                return _Failure(EngineError(f"Part {part} failed: {type(error).__name__}: {error}"))
            return _Failure(error)


def _read_type(kind: pl.DataType) -> st.DataType:
    """The type in which Spark reads a column of a file."""
    if isinstance(kind, pl.Datetime):
        if kind.time_unit == "ns":
            return st.LongType()
        return st.TimestampNTZType() if kind.time_zone is None else st.TimestampType()
    if kind in (pl.Categorical, pl.Enum):
        return st.StringType()
    if kind == pl.UInt64:
        return st.DecimalType(20, 0)
    return _type(kind)


def _type(kind: pl.DataType) -> st.DataType:
    if isinstance(kind, pl.Decimal):
        return st.DecimalType(kind.precision or 38, kind.scale)
    return _TYPES[type(kind)]


_TYPES: dict[type[pl.DataType], st.DataType] = {
    pl.Boolean: st.BooleanType(), pl.Int8: st.ByteType(), pl.Int16: st.ShortType(), pl.Int32: st.IntegerType(),
    pl.Int64: st.LongType(), pl.UInt8: st.ShortType(), pl.UInt16: st.IntegerType(), pl.UInt32: st.LongType(),
    pl.Float32: st.FloatType(), pl.Float64: st.DoubleType(), pl.String: st.StringType(), pl.Date: st.DateType(),
    pl.Datetime: st.TimestampNTZType(),
}  # fmt: skip


def _column(name: str, own: pl.DataType | None, kind: pl.DataType) -> Column:
    column = _column_of(name)
    if own is None or own == pl.Null:
        column = F.lit(None)
    elif isinstance(own, pl.Datetime):
        if own.time_unit == "ns":
            column = F.timestamp_micros(F.floor(column / 1000))
        if own.time_zone is not None:
            column = F.from_utc_timestamp(column, own.time_zone)
    return column.cast(_type(kind)).alias(name)


def _column_of(name: str) -> Column:
    return F.col("`" + name.replace("`", "``") + "`")


def _spelt(keys: Sequence[str]) -> Column:
    """The first text that is not blank, as spellings of one reference have in common."""
    texts = [_column_of(name).cast("string") for name in keys]
    stated = [F.when(~text.rlike(BLANKS), text) for text in texts]
    text = F.lower(F.coalesce(*stated, F.lit(None).cast("string")))
    letters = F.regexp_replace(text, NOT_OF_KEY, "")
    return F.when(letters == "", F.trim(text)).otherwise(letters)


def _path(path: Path) -> str:
    """A path as Spark reads it, which takes some of its characters for a glob."""
    return "file://" + re.sub(r"([\[\]{}*?\\])", r"\\\1", str(path))
