"""Answers by other engines than polars: criteria and rules by the same compiled expressions, through narwhals."""

from collections.abc import Mapping
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from tipstaff.audit.audit import code_of, looked_up
from tipstaff.audit.columns import Columns
from tipstaff.audit.dialect import built_of
from tipstaff.audit.inference import Decision
from tipstaff.policy.pack import Pack


def answered(
    stated: nw.LazyFrame[Any], pack: Pack, decisions: Mapping[str, Decision], columns: Columns
) -> nw.LazyFrame[Any]:
    """The answers to facts that hold the figures of the law (``with_law``), as ``audit.answer`` gives them.

    They keep the column ``row``, and are in no order.
    """
    made: list[Any]
    codes: list[str] = []
    with built_of(nw):
        made = [columns.truth(criterion.test).alias(name) for name, criterion in pack.criteria.items()]
        answers = stated.select("row", *made)
        for layer in pack.layers:
            code_names = {rule: f"code of {rule}" for rule in layer}
            made = [code_of(decisions[rule].violation).alias(name) for rule, name in code_names.items()]
            answers = answers.with_columns(*made)
            made = [looked_up(pack.rules[rule], decisions[rule], name) for rule, name in code_names.items()]
            answers = answers.with_columns(*made)
            codes += code_names.values()
    return answers.drop(codes)


def answer_on_duckdb(
    stated: pl.DataFrame,
    pack: Pack,
    decisions: Mapping[str, Decision],
    columns: Columns,
    memory: str | None = None,
) -> pl.DataFrame:
    """``audit.answer`` by DuckDB. ``memory`` is the most that it takes, as ``4GB``."""
    with duckdb.connect(config={} if memory is None else {"memory_limit": memory}) as connection:
        frame = nw.from_native(connection.from_arrow(stated))
        found = answered(frame, pack, decisions, columns).sort("row").drop("row")
        return pl.DataFrame(found.to_native())
