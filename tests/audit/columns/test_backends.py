"""Answers by DuckDB and by Spark are those of polars, to the row, unknowns included."""

from datetime import date
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from support.engines import JAVA, SPARK
from support.paths import EXAMPLES
from support.registers import register
from support.worlds import Worlds
from tipstaff.audit.columns.compiler import Columns
from tipstaff.audit.columns.law import with_law
from tipstaff.audit.decisions.audit import Audit, audit
from tipstaff.facts.periods import financial_year_of
from tipstaff.policy.pack.model import Pack
from tipstaff.region.engines.answering import answer_on_duckdb, answer_on_frame
from tipstaff.register.reading import read_register

AS_OF = date(2016, 8, 4)


@pytest.fixture(scope="module")
def drawn(pack: Pack) -> Audit:
    """Random partnerships, of every share of blanks."""
    worlds = Worlds(pack, AS_OF, 11)
    made = register(pack, [worlds.partnership(40) for _ in range(300)])
    return audit(made, pack, AS_OF, financial_year_of(AS_OF).next())


def _stated(of: Audit) -> tuple[pl.DataFrame, Columns]:
    columns = Columns(dict(of.facts.moments), unasked=of.facts.unasked)
    return with_law(of.facts.frame, (one.test for one in of.pack.criteria.values()), columns), columns


def test_duckdb_answers_as_polars_does(drawn: Audit, pack: Pack) -> None:
    example = read_register(EXAMPLES / "register.xlsx", pack.vocabulary)
    for of in (drawn, audit(example, pack, AS_OF, financial_year_of(AS_OF).next())):
        found = answer_on_duckdb(of.facts, of.pack, of.decisions)
        assert found.schema == of.answers.schema
        assert [name for name in found.columns if not found[name].equals(of.answers[name])] == []
        assert found.null_count().sum_horizontal().item()


@SPARK
def test_spark_answers_as_polars_does(drawn: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tipstaff.region.engines.spark import OnSpark

    for name, value in JAVA.items():
        monkeypatch.setenv(name, value)
    stated, columns = _stated(drawn)
    stated.write_parquet(tmp_path / "stated.parquet")
    engine = OnSpark("local[2]")
    try:
        engine.session.conf.set("spark.sql.codegen.wholeStage", "false")
        frame = nw.from_native(engine.session.read.parquet(f"file://{tmp_path}/stated.parquet"))
        found = answer_on_frame(frame, drawn.pack, drawn.decisions, columns)
        found.to_native().write.parquet(f"file://{tmp_path}/answers")
    finally:
        engine.close()
    answers = pl.read_parquet(tmp_path / "answers" / "*.parquet").sort("row").drop("row")
    assert answers.schema == drawn.answers.schema
    assert [name for name in answers.columns if not answers[name].equals(drawn.answers[name])] == []
