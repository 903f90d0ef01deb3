"""The peers: each is given the answers to the criteria, which favours it, and decides the rules by its own means.

A peer takes the answers (a column a criterion: 0 false, 1 true, 2 unknown) as a Parquet file, and gives the columns of
conclusions (0, 1, 2) and of outcomes (0 clear, 1 finding, 2 undetermined, 3 not applicable).
"""

import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.rules_written import Syntax, Written, rules_of
from tipstaff.audit.audit import Audit, audit, looked_up
from tipstaff.audit.inference import decide
from tipstaff.facts.periods import financial_year_of
from tipstaff.policy.pack import Pack
from tipstaff.register.reading import read_register

AS_OF = date(2016, 8, 4)

Peer = Callable[[Path, Pack], pl.DataFrame]


def audited(folder: Path, pack: Pack) -> Audit:
    """The audit by this program of the register in a folder."""
    register = read_register(folder / "register", pack.vocabulary)
    return audit(register, pack, AS_OF, financial_year_of(AS_OF).next())


def digits(answers: pl.DataFrame) -> pl.DataFrame:
    """Answers with 0, 1 and 2 for false, true and unknown."""
    return answers.with_columns(pl.col(pl.Boolean).cast(pl.Int8).fill_null(2))


def whole_program(folder: Path, pack: Pack) -> pl.DataFrame:
    """This program, from the Parquet tables of the register to outcomes: reading, facts, criteria, tables, rules."""
    return digits(audited(folder, pack).answers)


def program_rules(folder: Path, pack: Pack) -> pl.DataFrame:
    """This program on the terms of the peers: the criteria answered; tables decided by durable-rules, and looked up."""
    decisions = decide(pack)
    frame = pl.scan_parquet(folder / "criteria.parquet")
    frame = frame.with_columns(pl.when(pl.all() != 2).then(pl.all() == 1))
    for layer in pack.layers:
        frame = frame.with_columns(*(looked_up(pack.rules[rule], decisions[rule]) for rule in layer))
    return digits(frame.collect())


def polars_limit(folder: Path, pack: Pack) -> pl.DataFrame:
    """The rules as polars expressions, without any engine."""
    syntax = Syntax(
        lambda name, digit: pl.col(name) == digit,
        lambda name, digit: pl.col(name) != digit,
        pl.lit,
        lambda every, parts: pl.all_horizontal(parts) if every else pl.any_horizontal(parts),
    )

    def column(one: Written) -> pl.Expr:
        idle = pl.lit(False) if one.idle is None or one.rule.concludes else one.idle
        rest = pl.when(idle).then(pl.lit(3, dtype=pl.Int8)).otherwise(pl.lit(0, dtype=pl.Int8))
        open_or_not = pl.when(one.possibly).then(pl.lit(2, dtype=pl.Int8)).otherwise(rest)
        return pl.when(one.surely).then(pl.lit(1, dtype=pl.Int8)).otherwise(open_or_not).alias(one.answers)

    frame = pl.scan_parquet(folder / "criteria.parquet")
    for layer in rules_of(pack, syntax):
        frame = frame.with_columns(*(column(one) for one in layer))
    return frame.collect()


def _infix(conjunction: str, disjunction: str) -> Callable[[bool, list[str]], str]:
    return lambda every, parts: f"({f' {conjunction if every else disjunction} '.join(parts)})"


def duckdb_sql(folder: Path, pack: Pack) -> pl.DataFrame:
    """The rules as SQL, on DuckDB."""
    import duckdb

    syntax = Syntax(
        lambda name, digit: f'"{name}" = {digit}',
        lambda name, digit: f'"{name}" <> {digit}',
        lambda truth: str(truth).lower(),
        _infix("and", "or"),
    )

    def column(one: Written) -> str:
        idle = "" if one.idle is None or one.rule.concludes else f" when {one.idle} then 3"
        return (
            f'(case when {one.surely} then 1 when {one.possibly} then 2{idle} else 0 end)::tinyint as "{one.answers}"'
        )

    query = f"select * from read_parquet('{folder}/criteria.parquet')"
    for layer in rules_of(pack, syntax):
        query = f"select *, {', '.join(map(column, layer))} from ({query})"
    return pl.DataFrame(duckdb.sql(query).arrow())


def plain_python(folder: Path, pack: Pack) -> pl.DataFrame:
    """The rules as one loop of generated Python over the rows."""
    given = pl.read_parquet(folder / "criteria.parquet")
    local = {name: f"c{place}" for place, name in enumerate(given.columns)}
    answered: list[str] = []
    lines: list[str] = []
    syntax = Syntax(
        lambda name, digit: f"{local[name]} == {digit}",
        lambda name, digit: f"{local[name]} != {digit}",
        str,
        _infix("and", "or"),
    )
    for layer in pack.layers:
        for rule in layer:
            local[pack.rules[rule].concludes or rule] = f"r{len(local)}"
    for layer in rules_of(pack, syntax):
        for one in layer:
            idle = "0" if one.idle is None or one.rule.concludes else f"3 if {one.idle} else 0"
            lines.append(f"{local[one.answers]} = 1 if {one.surely} else 2 if {one.possibly} else {idle}")
            answered.append(one.answers)
    body = "\n        ".join(lines)
    unpacked = ", ".join(local[name] for name in given.columns)
    source = f"""def decided(rows, add):
    for {unpacked} in rows:
        {body}
        add(({", ".join(local[name] for name in answered)}))
"""
    names: dict[str, Any] = {}
    exec(source, names)
    found: list[tuple[int, ...]] = []
    names["decided"](zip(*(given[name].to_list() for name in given.columns), strict=True), found.append)
    schema = dict.fromkeys(answered, pl.Int8)
    return given.hstack(pl.DataFrame(found, schema=schema, orient="row").get_columns())


_RULES_IN_ONE = 10
"""Of more rules together, more than 64 conditions may match one fact, which durable-rules refuses."""


def _collector(fired: set[tuple[str, str]], key: tuple[str, str]) -> Callable[[Any], None]:
    return lambda c: fired.add(key)


def durable_raw(folder: Path, pack: Pack) -> pl.DataFrame:
    """The rules as durable-rules rulesets, a row asserted and retracted at a time, through its public interface."""
    from durable import engine

    class Host(engine.Host):  # type: ignore[misc]
        def _run(self) -> None:
            """No timers."""

    given = pl.read_parquet(folder / "criteria.parquet")
    syntax = Syntax(
        lambda name, digit: {name: digit},
        lambda name, digit: {"$neq": {name: digit}},
        lambda truth: {"kind": "row"} if truth else {"kind": "none"},
        lambda every, parts: {"$and" if every else "$or": parts},
    )
    fired: set[tuple[str, str]] = set()
    host = Host()
    steps: list[tuple[str, list[Written], list[str]]] = []
    for depth, layer in enumerate(rules_of(pack, syntax)):
        for start in range(0, len(layer), _RULES_IN_ONE):
            some = layer[start : start + _RULES_IN_ONE]
            rules: dict[str, Any] = {"guard": {"all": [{"m": {"kind": "row"}}], "run": lambda c: None}}
            for one in some:
                for part in ("surely", "possibly", "idle"):
                    condition = getattr(one, part)
                    if condition is not None:
                        run = _collector(fired, (one.answers, part))
                        rules[f"{one.answers} {part}"] = {"all": [{"m": condition}], "run": run}
            name = f"layer {depth} from {start}"
            host.set_rulesets({name: rules})
            steps.append((name, some, sorted({fact for one in some for fact in one.rule.inputs})))
    answered = [one.answers for _, some, _ in steps for one in some]
    found: list[tuple[int, ...]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in given.iter_rows(named=True):
            for name, some, inputs in steps:
                fired.clear()
                fact = {"kind": "row", "sid": "1", "id": "1", **{read: row[read] for read in inputs}}
                host.assert_fact(name, fact)
                host.retract_fact(name, fact)
                for one in some:
                    sure, possible = (one.answers, "surely") in fired, (one.answers, "possibly") in fired
                    idle = 3 if (one.answers, "idle") in fired and one.rule.concludes is None else 0
                    row[one.answers] = 1 if sure else 2 if possible else idle
            found.append(tuple(row[name] for name in answered))
    schema = dict.fromkeys(answered, pl.Int8)
    return given.hstack(pl.DataFrame(found, schema=schema, orient="row").get_columns())


PEERS: dict[str, Peer] = {
    "this program, from Parquet": whole_program,
    "this program, rules alone": program_rules,
    "polars by hand": polars_limit,
    "DuckDB SQL": duckdb_sql,
    "plain Python loop": plain_python,
    "durable-rules a row at a time": durable_raw,
}
SLOW = {"durable-rules a row at a time": 2_000}
"""Peers that are measured on so many rows at most, and their rate taken for more."""
