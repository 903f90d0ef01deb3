"""Answers by other engines than polars: criteria and rules by the same compiled expressions, through narwhals."""

from collections.abc import Mapping
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from tipstaff.audit.audit import code_of, digit_of, told_by_code
from tipstaff.audit.columns import Columns
from tipstaff.audit.dialect import built_of
from tipstaff.audit.facts import Facts
from tipstaff.audit.inference import Decision
from tipstaff.audit.law_columns import with_law
from tipstaff.policy.pack import Pack, Rule


def answered(
    stated: nw.LazyFrame[Any], pack: Pack, decisions: Mapping[str, Decision], columns: Columns
) -> nw.LazyFrame[Any]:
    """The answers to facts that hold the figures of the law (``with_law``), as ``audit.answer`` gives them.

    They keep the column ``row``, and are in no order.
    """
    codes: list[str] = []
    with built_of(nw):
        asked: list[Any] = [columns.truth(criterion.test).alias(name) for name, criterion in pack.criteria.items()]
        answers = stated.select("row", *asked)
        for layer in pack.layers:
            code_names = {rule: f"code of {rule}" for rule in layer}
            tables = {rule: decisions[rule].violation for rule in layer}
            made: list[Any] = [code_of(tables[rule], digit_of).alias(name) for rule, name in code_names.items()]
            answers = answers.with_columns(*made)
            answers = answers.with_columns(
                *(_looked_up(pack.rules[rule], decisions[rule], name) for rule, name in code_names.items())
            )
            codes += code_names.values()
    return answers.drop(codes)


def _looked_up(rule: Rule, decision: Decision, code: str) -> nw.Expr:
    """As ``audit.looked_up``, of names that every engine has."""
    kind = nw.Int8 if rule.concludes is None else nw.Boolean
    by_answer: dict[Any, list[int]] = {}
    for number, told in enumerate(told_by_code(rule, decision)):
        by_answer.setdefault(told, []).append(number)
    column = nw.lit(None, dtype=kind)
    for told, numbers in by_answer.items():
        if told is not None:
            column = nw.when(nw.col(code).is_in(numbers)).then(nw.lit(told, dtype=kind)).otherwise(column)
    return column.alias(rule.concludes or rule.id)


def answer_on_duckdb(facts: Facts, pack: Pack, decisions: Mapping[str, Decision]) -> pl.DataFrame:
    """``audit.answer`` by DuckDB."""
    columns = Columns(dict(facts.moments), unasked=facts.unasked)
    stated = with_law(facts.frame, (one.test for one in pack.criteria.values()), columns)
    with duckdb.connect() as connection:
        frame = nw.from_native(connection.from_arrow(stated))
        found = answered(frame, pack, decisions, columns).sort("row").drop("row")
        answers: pl.DataFrame = found.to_native().pl()
        return answers
