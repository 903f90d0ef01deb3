"""Answers by other engines than polars: criteria and rules by the same compiled expressions, through narwhals."""

from collections.abc import Mapping
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from tipstaff.audit.columns.compiler import Columns
from tipstaff.audit.columns.dialect import build_with
from tipstaff.audit.columns.law import with_law
from tipstaff.audit.decisions import audit
from tipstaff.audit.decisions.decision_tables import Decision
from tipstaff.audit.gathering.facts import Facts
from tipstaff.policy.pack.model import Pack


def answer_on_frame(
    stated: nw.LazyFrame[Any], pack: Pack, decisions: Mapping[str, Decision], columns: Columns
) -> nw.LazyFrame[Any]:
    """Answer as ``audit.answer_columns`` does, in no order."""
    with build_with(nw):
        found: nw.LazyFrame[Any] = audit.answer_columns(stated, pack, decisions, columns)
        return found


def connected(settings: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
    """DuckDB in memory, printing nothing: it shows its progress if it takes the program for an interactive one."""
    connection = duckdb.connect(config={**settings})
    connection.execute("SET enable_progress_bar = false")
    return connection


def answer_on_duckdb(facts: Facts, pack: Pack, decisions: Mapping[str, Decision]) -> pl.DataFrame:
    """``audit.answer`` by DuckDB."""
    columns = Columns(dict(facts.moments), unasked=facts.unasked)
    stated = with_law(facts.frame, (one.test for one in pack.criteria.values()), columns)
    with connected({}) as connection:
        frame = nw.from_native(connection.from_arrow(stated))
        found = answer_on_frame(frame, pack, decisions, columns).sort("row").drop("row")
        answers: pl.DataFrame = found.to_native().pl()
        return answers
