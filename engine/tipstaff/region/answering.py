"""Answers by other engines than polars: criteria and rules by the same compiled expressions, through narwhals."""

from collections.abc import Mapping
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from tipstaff.audit import audit
from tipstaff.audit.columns import Columns
from tipstaff.audit.dialect import built_of
from tipstaff.audit.facts import Facts
from tipstaff.audit.inference import Decision
from tipstaff.audit.law_columns import with_law
from tipstaff.policy.pack import Pack


def answered(
    stated: nw.LazyFrame[Any], pack: Pack, decisions: Mapping[str, Decision], columns: Columns
) -> nw.LazyFrame[Any]:
    """As ``audit.answered``, in no order."""
    with built_of(nw):
        found: nw.LazyFrame[Any] = audit.answered(stated, pack, decisions, columns)
        return found


def answer_on_duckdb(facts: Facts, pack: Pack, decisions: Mapping[str, Decision]) -> pl.DataFrame:
    """``audit.answer`` by DuckDB."""
    columns = Columns(dict(facts.moments), unasked=facts.unasked)
    stated = with_law(facts.frame, (one.test for one in pack.criteria.values()), columns)
    with duckdb.connect() as connection:
        frame = nw.from_native(connection.from_arrow(stated))
        found = answered(frame, pack, decisions, columns).sort("row").drop("row")
        answers: pl.DataFrame = found.to_native().pl()
        return answers
