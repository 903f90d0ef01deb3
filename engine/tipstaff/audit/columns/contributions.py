"""Contributions: what the councils give in a financial year, as columns by line and by council.

A *line* is a council's own contributions, or the joint one: what is not tied to one council. ``x#<line>`` is what a
line states, as a total counts it; ``x@<council>`` is what falls to a council, its share of the joint line included.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from datetime import date
from functools import reduce
from operator import and_, or_

import polars as pl

from tipstaff.audit.columns.compiler import Columns, bounded, column_of, one_where
from tipstaff.audit.columns.frames import as_column, frame_with, schema_of, stated_column
from tipstaff.facts.vocabulary import Fact, Kind
from tipstaff.policy.language.nodes import Node, facts_of
from tipstaff.policy.pack.model import JOINT, Aggregate, Derived, Pack, TableRules
from tipstaff.register.tables.model import Rows, Same


def contribution_rows(rows: Rows, pack: Pack) -> pl.DataFrame:
    """The rows by council and year, with ``line`` (a council's key, or the joint one), ``year`` and ``from_text``."""
    schema = schema_of(rows, pack)
    letters = rows.letter
    from_text = Same(False, len(rows)) if isinstance(letters, Same) else [letter is not None for letter in letters]
    return frame_with(
        len(rows),
        [
            as_column("partnership", rows.partnership, pl.UInt32),
            pl.int_range(pl.len(), dtype=pl.UInt32).alias("index"),
            as_column("line", rows.council, pl.String),
            as_column("year", rows.year, pl.Int32),
            as_column("from_text", from_text, pl.Boolean),
            *(stated_column(rows, name, kind) for name, kind in schema.items() if name not in rows.table.keys),
        ],
    ).with_columns(pl.col("line").fill_null(JOINT))


def rows_of_year(rows: pl.DataFrame, year: int) -> pl.DataFrame:
    """The contribution rows that count in a financial year: the year's own, and yearly rates."""
    return rows.filter(pl.col("year").is_null() | (pl.col("year") == year))


def rows_of_cycle(rows: pl.DataFrame, year: int, in_cycle: Mapping[str, str]) -> pl.DataFrame:
    """The rows of the year of a cycle, with the facts of that year under their own names."""
    own = rows.filter(pl.col("year") == year)
    renamed = [
        pl.col(f"{fact}{end}").alias(f"{name}{end}") for name, fact in in_cycle.items() for end in ("_lo", "_hi")
    ]
    return own.select("partnership", "index", "line", "year", "from_text", *renamed)


def cycle_rules(rules: TableRules) -> TableRules:
    """The table of the facts of the year of the cycle."""
    facts = {name: replace(rules.table.facts[fact], name=name) for name, fact in rules.in_cycle.items()}
    return replace(rules, table=replace(rules.table, facts=facts), otherwise={}, in_cycle={})


def lines_joined(
    frame: pl.LazyFrame,
    lines: pl.LazyFrame,
    rules: TableRules,
    pack: Pack,
    dates: dict[str, date],
    closed: Set[tuple[str, str]] = frozenset(),
) -> pl.LazyFrame:
    """Contributions as columns by line and by council.

    Figures of the sheet replace what was read from text, measure by measure. A rate and the sum of the year: the
    greater counts. A line that nothing states is unknown, unless what is not tied to one council covers it; it is nil
    if it is ``closed``, a measure and a council's line of which the register has all there is.
    """
    councils = [council.key for council in pack.vocabulary.councils]
    names = [*councils, JOINT]
    stated_facts = [
        fact
        for fact in rules.table.facts.values()
        if fact.name not in rules.table.keys and fact.kind in (Kind.MONEY, Kind.NUMBER, Kind.CHOICE)
    ]
    lines = lines.with_columns(part for line in names for part in _rows_of_line(line))
    grouped = lines.group_by("partnership").agg(
        *(
            part
            for fact in stated_facts
            for line in names
            for part in (_line_parts(fact.name, line) if fact.kind.bounded else _choice_parts(fact.name, line))
        )
    )
    frame = frame.join(grouped, left_on="row", right_on="partnership", how="left", maintain_order="left")
    measures = [fact.name for fact in stated_facts if fact.kind.bounded]
    frame = frame.with_columns(_on_sheet(measure, line) for measure in measures for line in names)
    frame = frame.with_columns(
        column
        for fact in stated_facts
        for line in names
        for column in (
            _own_bounds(fact.name, line, names, (fact.name, line) in closed)
            if fact.kind.bounded
            else _own_choice(fact.name, line)
        )
    )
    for name, node in rules.otherwise.items():
        kind = rules.table.facts[name].kind
        frame = frame.with_columns(part for line in names for part in _implied(name, kind, node, line, dates))
    frame = frame.with_columns(part for fact in stated_facts for part in _to_councils(fact, councils))
    return frame.select(pl.exclude("^_.*$"))


def _rows_of_line(line: str) -> list[pl.Expr]:
    """Which rows are of a line: the sheet's rates, the sheet's rows for the year, and text."""
    on_line, text, rate = pl.col("line") == line, pl.col("from_text"), pl.col("year").is_null()
    return [
        (on_line & ~text & rate).alias(f"_{line}_rate"),
        (on_line & ~text & ~rate).alias(f"_{line}_year"),
        (on_line & text).alias(f"_{line}_text"),
    ]


def _line_parts(fact: str, line: str) -> Iterable[pl.Expr]:
    """Sums over one line of one measure: of the sheet's rates, the sheet's rows for the year, and text."""
    lo, hi = pl.col(f"{fact}_lo"), pl.col(f"{fact}_hi")
    stated = ~hi.is_null() | (lo > 0)
    for part in ("rate", "year", "text"):
        rows, base = pl.col(f"_{line}_{part}"), f"_{fact}_{line}_{part}"
        if part == "text":
            rows = rows & stated
        yield pl.when(rows).then(lo).otherwise(pl.lit(0)).sum().alias(f"{base}_lo")
        yield pl.when(rows).then(hi.fill_null(0)).otherwise(pl.lit(0)).sum().alias(f"{base}_hi")
        yield (rows & hi.is_null()).cast(pl.Int64).sum().alias(f"{base}_open")
        yield (rows & stated).cast(pl.Int64).sum().alias(f"{base}_stated")


def _choice_parts(fact: str, line: str) -> Iterable[pl.Expr]:
    rows = pl.col("line") == line
    value = pl.when(rows).then(pl.col(fact))
    base = f"_{fact}_{line}"
    yield value.min().alias(f"{base}_least")
    yield value.max().alias(f"{base}_most")
    yield (rows & pl.col(fact).is_null() & ~pl.col("from_text")).cast(pl.Int64).sum().alias(f"{base}_blank")


def _own_choice(fact: str, line: str) -> list[pl.Expr]:
    base = f"_{fact}_{line}"
    agreed = (pl.col(f"{base}_least") == pl.col(f"{base}_most")) & (pl.col(f"{base}_blank") == 0)
    return [pl.when(agreed).then(pl.col(f"{base}_least")).alias(f"{fact}#{line}")]


def _on_sheet(fact: str, line: str) -> pl.Expr:
    """Whether the sheet states a measure of a line."""
    rate, year = pl.col(f"_{fact}_{line}_rate_stated"), pl.col(f"_{fact}_{line}_year_stated")
    return ((rate + year) > 0).fill_null(False).alias(f"_{fact}_{line}_sheet")


def _own_bounds(fact: str, line: str, names: list[str], closed: bool) -> list[pl.Expr]:
    """The bounds of a measure on a line: from the sheet, or from text, or nil if it is closed, or not known."""

    def part(name: str) -> Callable[[str], pl.Expr]:
        return lambda suffix: pl.col(f"_{fact}_{line}_{name}_{suffix}")

    rate, year, text = part("rate"), part("year"), part("text")

    sheet = pl.col(f"_{fact}_{line}_sheet")
    replacing = names if line == JOINT else [line, JOINT]
    on_sheet = reduce(or_, (pl.col(f"_{fact}_{of}_sheet") for of in replacing))
    from_text = (text("stated") > 0).fill_null(False) & ~on_sheet
    nothing_open = (rate("open") + year("open")).fill_null(0) == 0
    nil = pl.lit(closed) & nothing_open
    unstated = pl.when(nil).then(pl.lit(0, dtype=pl.Int64))
    sheet_lo = pl.max_horizontal(rate("lo"), year("lo"))
    sheet_hi = pl.when(nothing_open).then(pl.max_horizontal(rate("hi"), year("hi")))
    text_hi = pl.when(text("open") == 0).then(text("hi"))
    lo = pl.when(sheet).then(sheet_lo).otherwise(pl.when(from_text).then(text("lo")).otherwise(pl.lit(0)))
    hi = pl.when(sheet).then(sheet_hi).otherwise(pl.when(from_text).then(text_hi).otherwise(unstated))
    base = f"{fact}#{line}"
    return [
        lo.alias(f"{base}_lo"),
        hi.alias(f"{base}_hi"),
        (sheet | from_text | nil).alias(f"{base}_stated"),
    ]


def _implied(fact: str, kind: Kind, node: Node, line: str, dates: dict[str, date]) -> list[pl.Expr]:
    """The value assumed for a measure that is not stated, if the line states the fact that it follows from."""
    columns = Columns(dates, _on_line(line))
    base = f"{fact}#{line}"
    follows = reduce(or_, (pl.col(f"{name}#{line}_stated") for name in facts_of(node)))
    implied = follows & ~pl.col(f"{base}_stated")
    if line != JOINT:
        implied = implied & ~pl.col(f"{fact}#{JOINT}_stated")
    lo, hi = bounded(base, columns.ends(node))
    return [
        pl.when(implied).then(lo).otherwise(pl.col(f"{base}_lo")).alias(f"{base}_lo"),
        pl.when(implied).then(hi).otherwise(pl.col(f"{base}_hi")).alias(f"{base}_hi"),
        (pl.col(f"{base}_stated") | implied).alias(f"{base}_stated"),
    ]


def _to_councils(fact: Fact, councils: list[str]) -> Iterator[pl.Expr]:
    """Each council's share of a measure or a choice, and the amount that each line of a measure adds to a total."""
    for council in councils:
        if fact.kind.bounded:
            yield from _share(fact.name, council)
        else:
            yield pl.col(f"{fact.name}#{council}").alias(f"{fact.name}@{council}")
    if fact.kind.bounded:
        for line in (*councils, JOINT):
            yield from _covered(fact.name, line)


def _share(fact: str, council: str) -> list[pl.Expr]:
    """The share of a council: its own, and from nothing to all of the amount that is not tied to one council."""
    own, joint = f"{fact}#{council}", f"{fact}#{JOINT}"
    shared = pl.col(f"{joint}_stated")
    own_hi = pl.when(pl.col(f"{own}_stated")).then(pl.col(f"{own}_hi")).otherwise(pl.lit(0))
    hi = pl.when(shared).then(own_hi + pl.col(f"{joint}_hi")).otherwise(pl.col(f"{own}_hi"))
    return [pl.col(f"{own}_lo").alias(f"{fact}@{council}_lo"), hi.alias(f"{fact}@{council}_hi")]


def _covered(fact: str, line: str) -> list[pl.Expr]:
    """A line as a total counts it: nil if nothing states it and another line covers it."""
    base = f"{fact}#{line}"
    covered = ~pl.col(f"{base}_stated")
    if line != JOINT:
        covered = covered & pl.col(f"{fact}#{JOINT}_stated")
    return [pl.when(covered).then(pl.lit(0)).otherwise(pl.col(f"{base}_hi")).alias(f"{base}_hi")]


def _on_line(line: str) -> Callable[[str], str]:
    return lambda name: f"{name}#{line}"


def aggregated(
    derived: Derived, aggregate: Aggregate, pack: Pack, dates: dict[str, date], unasked: frozenset[str]
) -> list[pl.Expr]:
    """The columns of an aggregate. Totals go over lines; what is asked of each council goes over councils."""
    councils = [council.key for council in pack.vocabulary.councils]
    rules = pack.tables[aggregate.table]
    own = {*rules.table.facts, *rules.in_cycle}
    by_council = aggregate.function in ("greatest", "every", "count")

    def member(line: str) -> Columns:
        mark = "@" if by_council else "#"
        return Columns(dates, lambda name: f"{name}{mark}{line}" if name in own else f"{name}_{line}", unasked)

    members = [member(line) for line in (councils if by_council else [*councils, JOINT])]
    always = pl.lit(True)
    counts = [columns.truth(aggregate.where) if aggregate.where is not None else always for columns in members]
    if aggregate.function in ("any", "every", "count"):
        truths = [columns.truth(aggregate.over) for columns in members]
        if aggregate.function == "every":
            return [reduce(and_, (~c | t for c, t in zip(counts, truths, strict=True))).alias(derived.name)]
        hits = [c & t for c, t in zip(counts, truths, strict=True)]
        if aggregate.function == "any":
            return [reduce(or_, hits).alias(derived.name)]
        sure = sum((one_where(hit) for hit in hits), pl.lit(0))
        possible = sum((one_where(hit.fill_null(True)) for hit in hits), pl.lit(0))
        return [(sure * 100).alias(f"{derived.name}_lo"), (possible * 100).alias(f"{derived.name}_hi")]
    ends = [columns.ends(aggregate.over) for columns in members]
    los = [pl.when(c).then(column_of(e.lo)).otherwise(pl.lit(0)) for c, e in zip(counts, ends, strict=True)]
    his = [pl.when(~c).then(pl.lit(0)).otherwise(column_of(e.hi)) for c, e in zip(counts, ends, strict=True)]
    if aggregate.function == "sum":
        lo, hi = reduce(lambda a, b: a + b, los), reduce(lambda a, b: a + b, his)
    else:
        limited = reduce(and_, (~hi.is_null() for hi in his))
        lo, hi = pl.max_horizontal(*los), pl.when(limited).then(pl.max_horizontal(*his))
    return [lo.alias(f"{derived.name}_lo"), hi.alias(f"{derived.name}_hi")]
