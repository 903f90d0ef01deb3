"""Peers that work by columns, from the table of facts: polars expressions written out, and DuckDB's SQL.

A truth is a nullable boolean in both, whose and, or and not are those of three values.
"""

from datetime import date
from functools import reduce
from operator import and_, or_
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.criteria_written import Reading
from benchmarks.fact_table import law_names, read_asked
from tipstaff.policy.pack.model import Pack


class Polars:
    """Polars expressions."""

    def fact(self, column: str) -> pl.Expr:
        return pl.col(column)

    def constant(self, value: bool | None) -> pl.Expr:
        return pl.lit(value, dtype=pl.Boolean)

    def negated(self, truth: pl.Expr) -> pl.Expr:
        return ~truth

    def joined(self, every: bool, truths: list[pl.Expr]) -> pl.Expr:
        return reduce(and_ if every else or_, truths)

    def split(self, true: pl.Expr | None, false: pl.Expr | bool | None) -> pl.Expr:
        if false is True and true is not None:
            return true
        rest = self.constant(None) if false is None else pl.when(false).then(pl.lit(False))
        return rest if true is None else pl.when(true).then(pl.lit(True)).otherwise(rest)

    def same(self, column: str, other: str, literal: bool) -> pl.Expr:
        return pl.col(column) == (pl.lit(other) if literal else pl.col(other))

    def within(self, column: str, texts: list[str]) -> pl.Expr:
        return pl.col(column).is_in(texts)

    def given(self, column: str) -> pl.Expr:
        return pl.col(column).is_not_null()

    def column(self, name: str) -> pl.Expr:
        return pl.col(name)

    def literal(self, value: int | date) -> pl.Expr:
        return pl.lit(value)

    def compared(self, operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return {">=": left.ge, ">": left.gt, "<=": left.le, "<": left.lt}[operator](right)

    def together(self, every: bool, conditions: list[pl.Expr]) -> pl.Expr:
        return self.joined(every, conditions)

    def times(self, left: pl.Expr, right: pl.Expr, up: int) -> pl.Expr:
        return (left * right + up) // 100

    def hundreds(self, truths: list[pl.Expr], unknown: bool) -> pl.Expr:
        return pl.sum_horizontal(truth.fill_null(unknown) for truth in truths).cast(pl.Int64) * 100


class Sql:
    """SQL, as DuckDB has it."""

    def fact(self, column: str) -> str:
        return f'"{column}"'

    def constant(self, value: bool | None) -> str:
        return "null::boolean" if value is None else str(value).lower()

    def negated(self, truth: str) -> str:
        return f"(not {truth})"

    def joined(self, every: bool, truths: list[str]) -> str:
        return f"({(' and ' if every else ' or ').join(truths)})"

    def split(self, true: str | None, false: str | bool | None) -> str:
        if false is True and true is not None:
            return true
        cases = [
            f"when {test} then {answer}" for test, answer in ((true, "true"), (false, "false")) if test is not None
        ]
        return f"(case {' '.join(cases)} end)" if cases else self.constant(None)

    def same(self, column: str, other: str, literal: bool) -> str:
        return f"({self.fact(column)} = {_quoted(other) if literal else self.fact(other)})"

    def within(self, column: str, texts: list[str]) -> str:
        if not texts:
            return f"(case when {self.given(column)} then false end)"
        return f"({self.fact(column)} in ({', '.join(map(_quoted, texts))}))"

    def given(self, column: str) -> str:
        return f"({self.fact(column)} is not null)"

    def column(self, name: str) -> str:
        return self.fact(name)

    def literal(self, value: int | date) -> str:
        return f"date '{value}'" if isinstance(value, date) else str(value)

    def compared(self, operator: str, left: str, right: str) -> str:
        return f"({left} {operator} {right})"

    def together(self, every: bool, conditions: list[str]) -> str:
        return self.joined(every, conditions)

    def times(self, left: str, right: str, up: int) -> str:
        return f"(({left}::bigint * {right} + {up}) // 100)"

    def hundreds(self, truths: list[str], unknown: bool) -> str:
        counted = (f"coalesce({truth}, {str(unknown).lower()})::int" for truth in truths)
        return f"(100 * ({' + '.join(counted)}))"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _reading(language: Any, folder: Path, pack: Pack) -> Reading:
    moments, unasked = read_asked(folder)
    return Reading(language, moments, unasked, law_names(pack))


def polars_limit(folder: Path, pack: Pack) -> pl.DataFrame:
    """Criteria and rules as polars expressions, without any engine."""
    reading = _reading(Polars(), folder, pack)

    def outcome(name: str) -> pl.Expr:
        rule = pack.rules[name]
        violated = reading.truth(rule.violation)
        if rule.concludes is not None:
            return violated.alias(rule.concludes)
        digit = {value: pl.lit(value, dtype=pl.Int8) for value in range(4)}
        clear = digit[0]
        if rule.applies is not None:
            clear = pl.when(~reading.truth(rule.applies)).then(digit[3]).otherwise(clear)
        return pl.when(violated).then(digit[1]).when(violated.is_null()).then(digit[2]).otherwise(clear).alias(name)

    frame = pl.scan_parquet(folder / "facts.parquet")
    asked = [reading.truth(criterion.test).alias(name) for name, criterion in pack.criteria.items()]
    frame = frame.select("row", *asked).drop("row")
    for layer in pack.layers:
        frame = frame.with_columns(*map(outcome, layer))
    return frame.collect()


def duckdb_sql(folder: Path, pack: Pack) -> pl.DataFrame:
    """Criteria and rules as SQL, on DuckDB, which gives rows in any order, each with its number."""
    import duckdb

    reading = _reading(Sql(), folder, pack)

    def outcome(name: str) -> str:
        rule = pack.rules[name]
        violated = reading.truth(rule.violation)
        if rule.concludes is not None:
            return f'{violated} as "{rule.concludes}"'
        idle = "" if rule.applies is None else f" when not {reading.truth(rule.applies)} then 3"
        return f'(case when {violated} then 1 when {violated} is null then 2{idle} else 0 end)::tinyint as "{name}"'

    asked = (f'{reading.truth(criterion.test)} as "{name}"' for name, criterion in pack.criteria.items())
    query = f"select row, {', '.join(asked)} from read_parquet('{folder}/facts.parquet')"
    for layer in pack.layers:
        query = f"select *, {', '.join(map(outcome, layer))} from ({query})"
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        return connection.sql(query).pl()
