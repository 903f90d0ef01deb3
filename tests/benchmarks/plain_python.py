"""The peer that is one loop of generated Python over the rows of the table of facts.

It is the reference that every other peer, and this program, is checked against. A truth is two conditions: surely so,
and surely not so. Of bounds a missing upper end is farther than any value, and dates are days.
"""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.criteria_written import Reading
from benchmarks.fact_table import law_names, read_asked
from benchmarks.rules_written import Syntax, rules_of
from tipstaff.policy.pack.model import Pack

FAR = 1 << 60
_ROWS_AT_ONCE = 20_000

Truth = tuple[str, str]


class Python:
    """Conditions of Python over local variables, one for each column."""

    def __init__(self, local: dict[str, str]) -> None:
        self.local = local

    def fact(self, column: str) -> Truth:
        return f"{self.local[column]} is True", f"{self.local[column]} is False"

    def constant(self, value: bool | None) -> Truth:
        return str(value is True), str(value is False)

    def negated(self, truth: Truth) -> Truth:
        return truth[1], truth[0]

    def joined(self, every: bool, truths: list[Truth]) -> Truth:
        sure, surely_not = zip(*truths, strict=True)
        return self.together(every, list(sure)), self.together(not every, list(surely_not))

    def split(self, true: str | None, false: str | bool | None) -> Truth:
        if false is True:
            return true or "False", f"not ({true})"
        return true or "False", false or "False"

    def same(self, column: str, other: str, literal: bool) -> Truth:
        left, right = self.local[column], repr(other) if literal else self.local[other]
        known = f"{left} is not None" if literal else f"{left} is not None and {right} is not None"
        return f"({known} and {left} == {right})", f"({known} and {left} != {right})"

    def within(self, column: str, texts: list[str]) -> Truth:
        name = self.local[column]
        held = f"{name} in {tuple(texts)!r}"
        return f"({self.given(column)} and {held})", f"({self.given(column)} and not {held})"

    def given(self, column: str) -> str:
        return f"{self.local[column]} != {FAR}" if column.endswith("_hi") else f"{self.local[column]} is not None"

    def column(self, name: str) -> str:
        return self.local[name]

    def literal(self, value: int | date) -> str:
        return str(_days(value) if isinstance(value, date) else value)

    def compared(self, operator: str, left: str, right: str) -> str:
        return f"{left} {operator} {right}"

    def together(self, every: bool, conditions: list[str]) -> str:
        return f"({(' and ' if every else ' or ').join(conditions)})"

    def times(self, left: str, right: str, up: int) -> str:
        return f"({left} * {right} + {up}) // 100"

    def hundreds(self, truths: list[Truth], unknown: bool) -> str:
        counted = (f"(not ({surely_not}))" if unknown else f"({sure})" for sure, surely_not in truths)
        return f"100 * ({' + '.join(counted)})"


def _days(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def plain_python(folder: Path, pack: Pack) -> pl.DataFrame:
    """Criteria and rules, a row at a time."""
    stated = pl.scan_parquet(folder / "facts.parquet").drop("row").with_columns(pl.col(pl.Date).to_physical())
    given = stated.with_columns(pl.col("^.*[ _]hi$").cast(pl.Int64).fill_null(FAR)).collect()
    decided, answered = _loop(given.columns, folder, pack)
    found = bytearray()
    for part in given.iter_slices(_ROWS_AT_ONCE):
        decided(zip(*(column.to_list() for column in part.get_columns()), strict=True), found.extend)
    digits = np.frombuffer(found, dtype=np.int8).reshape(-1, len(answered)).T
    return pl.DataFrame({name: np.ascontiguousarray(column) for name, column in zip(answered, digits, strict=True)})


def _loop(columns: list[str], folder: Path, pack: Pack) -> tuple[Any, list[str]]:
    """The function that decides rows, written out, and the names of what it answers."""
    local = {name: f"c{place}" for place, name in enumerate(columns)}
    moments, unasked = read_asked(folder)
    reading = Reading(Python(local), moments, unasked, law_names(pack))
    lines: list[str] = []
    answers: dict[str, str] = {}
    for name, criterion in pack.criteria.items():
        sure, surely_not = reading.truth(criterion.test)
        answers[name] = f"a{len(answers)}"
        lines.append(f"{answers[name]} = 1 if {sure} else 0 if {surely_not} else 2")
    syntax = Syntax(
        lambda name, digit: f"{answers[name]} == {digit}",
        lambda name, digit: f"{answers[name]} != {digit}",
        str,
        lambda every, parts: f"({(' and ' if every else ' or ').join(parts)})",
    )
    for rule in (pack.rules[name] for layer in pack.layers for name in layer):
        answers[rule.concludes or rule.id] = f"a{len(answers)}"
    for one in (one for layer in rules_of(pack, syntax) for one in layer):
        idle = "0" if one.idle is None or one.rule.concludes else f"3 if {one.idle} else 0"
        lines.append(f"{answers[one.answers]} = 1 if {one.surely} else 2 if {one.possibly} else {idle}")
    body = "\n        ".join(lines)
    source = f"""def decided(rows, add):
    for {", ".join(local.values())} in rows:
        {body}
        add(({", ".join(answers.values())}))
"""
    names: dict[str, Any] = {}
    exec(source, names)
    return names["decided"], list(answers)
