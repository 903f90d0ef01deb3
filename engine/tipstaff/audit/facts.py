"""Facts: a register's tables become one row a partnership, in columns, what is missing staying missing.

A bounded fact is two columns (``x_lo``, ``x_hi``), any other one; a text that is compared has its normal spelling
beside it (``x_key``). Contributions become columns by council: ``x@<council>`` is what falls to that council, its
share of what is not tied to one council included; ``x#<line>`` is what a line (a council's own, or the joint one)
states.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

import narwhals as nw
import polars as pl

from tipstaff.audit.columns import Columns, Ends, floor_of, settled
from tipstaff.audit.current import candidates, current_rows
from tipstaff.facts.periods import FinancialYear, financial_year_of
from tipstaff.facts.vocabulary import Kind, Shape, normal
from tipstaff.policy.expressions import Compare, Exists, FactRef, Node, Within, children, facts_of
from tipstaff.policy.pack import JOINT, Aggregate, CouncilsIn, Derived, Pack, Repeats, TableRules
from tipstaff.register.cells import councils_named
from tipstaff.register.model import Register, Rows

_TYPES: dict[Kind, Any] = {
    Kind.MONEY: pl.Int64,
    Kind.NUMBER: pl.Int64,
    Kind.DATE: pl.Date,
    Kind.TEXT: pl.String,
    Kind.CHOICE: pl.String,
    Kind.YES_NO: pl.Boolean,
    Kind.COUNCILS: pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a register.

    ``frame`` has one row a partnership, in register order, with the column ``row`` as its position. ``rows`` has the
    rows of each child table with what was derived of them: of a table of current rows ``possible`` says whether a row
    may be the current one; of contributions ``used`` says whether a row counts in the financial year.
    """

    frame: pl.DataFrame
    rows: Mapping[str, pl.DataFrame]
    moments: Mapping[str, date]


def moments(as_of: date, cycle: FinancialYear) -> dict[str, date]:
    """The dates that expressions may name, for one audit."""
    year = financial_year_of(as_of)
    return {
        "as_of": as_of,
        "year_start": year.first_day,
        "year_end": year.last_day,
        "cycle_start": cycle.first_day,
        "cycle_end": cycle.last_day,
    }


def gather(register: Register, pack: Pack, as_of: date, cycle: FinancialYear) -> Facts:
    """The facts of a register as of a date."""
    dates = moments(as_of, cycle)
    keys = _compared_texts(pack)
    children_rows: dict[str, pl.DataFrame] = {}
    frame: nw.LazyFrame[Any] | None = None
    for rules in sorted(pack.tables.values(), key=lambda rules: rules.table.shape is not Shape.REGISTER):
        rows = register.tables[rules.table.name]
        match rules.table.shape:
            case Shape.REGISTER:
                frame = nw.from_native(_polars(rows, pack, keys).with_row_index("row").lazy())
                frame = _row_by_row(frame, rules, dates)
            case Shape.ONE:
                assert frame is not None
                frame = _joined(frame, nw.from_native(_polars(rows, pack, keys).lazy()), rules)
                frame = _row_by_row(frame, rules, dates)
            case Shape.CURRENT:
                assert frame is not None
                table = _row_by_row(nw.from_native(_polars(rows, pack, keys).lazy()), rules, dates)
                table = candidates(table, rules, as_of)
                children_rows[rules.table.name] = _collected(table)
                table = nw.from_native(children_rows[rules.table.name].lazy())
                frame = _joined(frame, current_rows(table, _physical(rules, pack, keys)), rules)
            case Shape.COUNCIL_YEAR:
                assert frame is not None
                year = financial_year_of(as_of).start
                lines = _year_lines(rows, pack, year)
                children_rows[rules.table.name] = lines
                frame = _lines_joined(frame, nw.from_native(lines.lazy()), rules, pack, dates)
            case Shape.LONG:
                continue
    assert frame is not None
    for derived in pack.derived:
        frame = _with_derived(frame, derived, pack, dates, keys)
    return Facts(_collected(frame).sort("row"), children_rows, dates)


def _collected(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    return frame.collect().to_native()  # type: ignore[no-any-return]


def _schema(rows: Rows, pack: Pack) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for fact in rows.table.facts.values():
        names: Iterable[str] = fact.columns
        if fact.kind is Kind.COUNCILS:
            names = [f"{fact.name}_{council.key}" for council in pack.vocabulary.councils]
        found |= dict.fromkeys(names, _TYPES[fact.kind])
    return found


def _polars(rows: Rows, pack: Pack, keys: set[str]) -> pl.DataFrame:
    """A table's rows as a frame, with ``partnership``, ``index`` and the normal spelling of compared texts."""
    schema = _schema(rows, pack)
    data = {name: rows.columns.get(name) or [None] * len(rows) for name in schema}
    floors = {fact.columns[0]: floor_of(fact.kind) for fact in rows.table.facts.values() if fact.kind.bounded}
    frame = pl.DataFrame(data, schema=schema).with_columns(pl.col(lo).fill_null(floor) for lo, floor in floors.items())
    spellings = [
        _spelled(frame, fact.name) for fact in rows.table.facts.values() if fact.name in keys and fact.kind is Kind.TEXT
    ]
    return frame.with_columns(
        *spellings,
        pl.Series("partnership", rows.partnership, dtype=pl.UInt32),
        pl.Series("index", range(len(rows)), dtype=pl.UInt32),
    )


def _spelled(frame: pl.DataFrame, name: str) -> pl.Series:
    spelt = {text: normal(text) for text in frame[name].unique().to_list() if text is not None}
    return pl.Series(f"{name}_key", [spelt.get(text) for text in frame[name].to_list()], dtype=pl.String)


def _compared_texts(pack: Pack) -> set[str]:
    """The texts that some expression compares, or that rows are matched by."""
    found: set[str] = set()

    def visit(node: Node) -> None:
        if isinstance(node, Within | Compare):
            found.update(part.name for part in children(node) if isinstance(part, FactRef) and part.kind is Kind.TEXT)
        for part in children(node):
            visit(part)

    for derived in pack.derived:
        match derived.formula:
            case Repeats(keys=keys, also=also):
                found.update(keys, also)
            case CouncilsIn():
                pass
            case Aggregate(over=over, where=where):
                visit(over)
                if where is not None:
                    visit(where)
            case formula:
                visit(formula)
    for criterion in pack.criteria.values():
        visit(criterion.test)
    return found


def _physical(rules: TableRules, pack: Pack, keys: set[str]) -> dict[str, Kind]:
    """The physical columns of a table's facts, stated and derived, with the kind of fact each belongs to."""
    found: dict[str, Kind] = {}
    for fact in rules.table.facts.values():
        if fact.kind is Kind.COUNCILS:
            found |= {f"{fact.name}_{council.key}": fact.kind for council in pack.vocabulary.councils}
        else:
            found |= dict.fromkeys(fact.columns, fact.kind)
        if fact.kind is Kind.TEXT and fact.name in keys:
            found[f"{fact.name}_key"] = fact.kind
    for derived in rules.derived:
        names = (f"{derived.name}_lo", f"{derived.name}_hi") if derived.kind.bounded else (derived.name,)
        found |= dict.fromkeys(names, derived.kind)
    return found


def _joined(frame: nw.LazyFrame[Any], table: nw.LazyFrame[Any], rules: TableRules) -> nw.LazyFrame[Any]:
    """Facts of at most one row a partnership, joined on; where there is no row they are unknown."""
    names = [name for name in table.collect_schema().names() if name not in ("partnership", "index")]
    joined = frame.join(table.drop("index", strict=False), left_on="row", right_on="partnership", how="left")
    floors = {fact.columns[0]: floor_of(fact.kind) for fact in rules.table.facts.values() if fact.kind.bounded}
    if rules.table.shape is Shape.CURRENT:
        floors |= {f"{one.name}_lo": floor_of(one.kind) for one in rules.derived if one.kind.bounded}
    return joined.with_columns(nw.col(name).fill_null(floors[name]) for name in names if name in floors)


def _row_by_row(table: nw.LazyFrame[Any], rules: TableRules, dates: dict[str, date]) -> nw.LazyFrame[Any]:
    columns = Columns(dates)
    for name, node in rules.otherwise.items():
        fact = rules.table.facts[name]
        table = table.with_columns(*_otherwise(columns, name, fact.kind, node))
    for derived in rules.derived:
        table = table.with_columns(*_formula(columns, derived))
    return table


def _formula(columns: Columns, derived: Derived) -> list[nw.Expr]:
    """The physical columns of a fact derived by a formula."""
    node: Any = derived.formula
    if derived.kind.bounded:
        made = _bounded(derived.name, columns.ends(node))
    elif derived.kind is Kind.YES_NO:
        truth = columns.truth(node)
        if derived.otherwise is not None:
            truth = nw.when(~truth.is_null()).then(truth).otherwise(columns.truth(derived.otherwise))
        return [truth.alias(derived.name)]
    else:
        made = [nw.col(columns.physical(node.name)).alias(derived.name)]
    return made


def _bounded(name: str, ends: Ends) -> list[nw.Expr]:
    def column(end: Any) -> nw.Expr:
        return end if isinstance(end, nw.Expr) else nw.lit(end)

    return [column(ends.lo).alias(f"{name}_lo"), column(ends.hi).alias(f"{name}_hi")]


def _otherwise(columns: Columns, name: str, kind: Kind, node: Node) -> list[nw.Expr]:
    """A stated fact, and where no source states it what the pack takes it to be."""
    ref = FactRef(name, kind)
    stated = columns.truth(Exists(ref))
    base = columns.physical(name)
    if not kind.bounded:
        return [nw.when(stated).then(nw.col(base)).otherwise(columns.truth(node)).alias(base)]
    implied = _bounded(base, columns.ends(node))
    return [
        nw.when(stated).then(nw.col(end)).otherwise(value).alias(end)
        for end, value in zip((f"{base}_lo", f"{base}_hi"), implied, strict=True)
    ]


def _with_derived(
    frame: nw.LazyFrame[Any], derived: Derived, pack: Pack, dates: dict[str, date], keys: set[str]
) -> nw.LazyFrame[Any]:
    match derived.formula:
        case Aggregate():
            return frame.with_columns(*_aggregated(derived, derived.formula, pack, dates))
        case Repeats(keys=same, also=also):
            spelt = _collected(frame.select("row", *(f"{fact}_key" for fact in (*same, *also))))
            found = _repeated(nw.from_native(spelt.lazy()), derived.name, same, also)
            return frame.join(found, on="row", how="left")
        case CouncilsIn(fact=fact):
            named = _councils_named(_collected(frame.select("row", fact)), fact, derived.name, pack)
            return frame.join(nw.from_native(named.lazy()), on="row", how="left")
        case _:
            return frame.with_columns(*_formula(Columns(dates), derived))


def _councils_named(texts: pl.DataFrame, fact: str, name: str, pack: Pack) -> pl.DataFrame:
    found: dict[str, str | None] = {}
    for text in texts[fact].unique().to_list():
        if text is not None:
            named = councils_named(text, pack.vocabulary)
            found[text] = " ".join(sorted(named)) if named else None
    column = [found.get(text) for text in texts[fact].to_list()]
    return pl.DataFrame(
        {"row": texts["row"], name: column, f"{name}_key": column},
        schema={"row": pl.UInt32, name: pl.String, f"{name}_key": pl.String},
    )


def _repeated(frame: nw.LazyFrame[Any], name: str, keys: tuple[str, ...], also: tuple[str, ...]) -> nw.LazyFrame[Any]:
    """Whether another row has the same known keys and the same values of ``also``, which may be unknown.

    Rows are told apart by which of ``also`` they know. Two rows may agree where they agree on what both know; they
    surely do where both know all of it.
    """
    same = [f"{key}_key" for key in keys]
    rest = [f"{fact}_key" for fact in also]
    known = reduce(and_, (~nw.col(column).is_null() for column in same))
    knows = sum((_one_where(~nw.col(column).is_null()) * 2**bit for bit, column in enumerate(rest)), nw.lit(0))
    frame = frame.with_columns(knows.alias("_knows"))
    others = frame.filter(known)
    patterns = range(2 ** len(rest))
    for pattern in patterns:
        for common in (part for part in patterns if part & pattern == part):
            columns = [*same, *(column for bit, column in enumerate(rest) if common >> bit & 1)]
            counts = others.filter(nw.col("_knows") == pattern).group_by(*columns)
            frame = frame.join(counts.agg(nw.len().alias(f"_{pattern}_{common}")), on=columns, how="left")

    def agreeing(own: int, pattern: int) -> nw.Expr:
        count = nw.col(f"_{pattern}_{own & pattern}").fill_null(0)
        return count - 1 if own == pattern else count

    full = patterns[-1]
    may_agree = nw.lit(False)
    for own in patterns:
        total = reduce(lambda a, b: a + b, (agreeing(own, pattern) for pattern in patterns))
        may_agree = may_agree | ((nw.col("_knows") == own) & (total > 0))
    surely = (nw.col("_knows") == full) & (agreeing(full, full) > 0)
    truth = settled((known & surely).fill_null(False), ~(known & may_agree).fill_null(False))
    return frame.select("row", truth.alias(name))


# Contributions by council and year


def _year_lines(rows: Rows, pack: Pack, year: int) -> pl.DataFrame:
    """The contribution rows that count in a financial year: the year's own, and yearly rates."""
    schema = _schema(rows, pack)
    data: dict[str, Any] = {
        name: rows.columns.get(name) or [None] * len(rows) for name in schema if name not in ("council", "year")
    }
    frame = pl.DataFrame(
        {
            "partnership": rows.partnership,
            "index": list(range(len(rows))),
            "line": [council or JOINT for council in rows.council],
            "year": rows.year,
            "from_text": [letter is not None for letter in rows.letter],
            **data,
        },
        schema={
            "partnership": pl.UInt32,
            "index": pl.UInt32,
            "line": pl.String,
            "year": pl.Int32,
            "from_text": pl.Boolean,
            **{name: schema[name] for name in data},
        },
    )
    return frame.filter(pl.col("year").is_null() | (pl.col("year") == year))


def _lines_joined(
    frame: nw.LazyFrame[Any], lines: nw.LazyFrame[Any], rules: TableRules, pack: Pack, dates: dict[str, date]
) -> nw.LazyFrame[Any]:
    """Contributions as columns by line and by council.

    Figures of the sheet replace what was read from text, measure by measure. A rate and the sum of the year: the
    greater counts. A line that nothing states is unknown, unless what is not tied to one council covers it.
    """
    councils = [council.key for council in pack.vocabulary.councils]
    names = [*councils, JOINT]
    stated_facts = [fact for fact in rules.table.facts.values() if fact.name not in ("council", "year")]
    grouped = lines.group_by("partnership").agg(
        *(
            part
            for fact in stated_facts
            for line in names
            for part in (_line_parts(fact.name, line) if fact.kind.bounded else _choice_parts(fact.name, line))
        )
    )
    frame = frame.join(grouped, left_on="row", right_on="partnership", how="left")
    for fact in stated_facts:
        make = _own_bounds if fact.kind.bounded else _own_choice
        frame = frame.with_columns(*(column for line in names for column in make(fact.name, line, names)))
    for name, node in rules.otherwise.items():
        for line in names:
            frame = frame.with_columns(*_implied(name, rules.table.facts[name].kind, node, line, dates))
    for fact in stated_facts:
        if fact.kind.bounded:
            frame = frame.with_columns(*(part for council in councils for part in _share(fact.name, council)))
            frame = frame.with_columns(*(part for line in names for part in _covered(fact.name, line)))
        else:
            frame = frame.with_columns(
                *(nw.col(f"{fact.name}#{council}").alias(f"{fact.name}@{council}") for council in councils)
            )
    leftovers = [name for name in frame.collect_schema().names() if name.startswith("_")]
    return frame.drop(*leftovers)


def _line_parts(fact: str, line: str) -> Iterable[nw.Expr]:
    """Sums over one line of one measure: of the sheet's rates, the sheet's rows for the year, and text."""
    lo, hi = nw.col(f"{fact}_lo"), nw.col(f"{fact}_hi")
    stated = ~hi.is_null() | (lo > 0)
    on_line = nw.col("line") == line
    text = nw.col("from_text")
    parts = {
        "rate": on_line & ~text & nw.col("year").is_null(),
        "year": on_line & ~text & ~nw.col("year").is_null(),
        "text": on_line & text & stated,
    }
    for part, rows in parts.items():
        base = f"_{fact}_{line}_{part}"
        yield nw.when(rows).then(lo).otherwise(nw.lit(0)).sum().alias(f"{base}_lo")
        yield nw.when(rows).then(hi.fill_null(0)).otherwise(nw.lit(0)).sum().alias(f"{base}_hi")
        yield (rows & hi.is_null()).cast(nw.Int64).sum().alias(f"{base}_open")
        yield (rows & stated).cast(nw.Int64).sum().alias(f"{base}_stated")


def _choice_parts(fact: str, line: str) -> Iterable[nw.Expr]:
    rows = nw.col("line") == line
    value = nw.when(rows).then(nw.col(fact))
    base = f"_{fact}_{line}"
    yield value.min().alias(f"{base}_least")
    yield value.max().alias(f"{base}_most")
    yield (rows & nw.col(fact).is_null() & ~nw.col("from_text")).cast(nw.Int64).sum().alias(f"{base}_blank")


def _own_choice(fact: str, line: str, names: list[str]) -> list[nw.Expr]:
    base = f"_{fact}_{line}"
    agreed = (nw.col(f"{base}_least") == nw.col(f"{base}_most")) & (nw.col(f"{base}_blank") == 0)
    return [nw.when(agreed).then(nw.col(f"{base}_least")).alias(f"{fact}#{line}")]


def _own_bounds(fact: str, line: str, names: list[str]) -> list[nw.Expr]:
    """What a line states of a measure: from the sheet, else from text; else nothing is known."""

    def part(name: str, of: str = line) -> Callable[[str], nw.Expr]:
        return lambda suffix: nw.col(f"_{fact}_{of}_{name}_{suffix}")

    rate, year, text = part("rate"), part("year"), part("text")

    def on_sheet(of: str) -> nw.Expr:
        return ((part("rate", of)("stated") + part("year", of)("stated")) > 0).fill_null(False)

    sheet = on_sheet(line)
    replacing = [of for of in names if of != line] if line == JOINT else [JOINT]
    from_text = (text("stated") > 0).fill_null(False) & ~reduce(or_, [sheet, *(on_sheet(of) for of in replacing)])
    unlimited = nw.lit(None, dtype=nw.Int64)
    sheet_lo = nw.max_horizontal(rate("lo"), year("lo"))
    sheet_hi = nw.when((rate("open") + year("open")) == 0).then(nw.max_horizontal(rate("hi"), year("hi")))
    text_hi = nw.when(text("open") == 0).then(text("hi"))
    lo = nw.when(sheet).then(sheet_lo).otherwise(nw.when(from_text).then(text("lo")).otherwise(nw.lit(0)))
    hi = nw.when(sheet).then(sheet_hi).otherwise(nw.when(from_text).then(text_hi).otherwise(unlimited))
    base = f"{fact}#{line}"
    return [lo.alias(f"{base}_lo"), hi.alias(f"{base}_hi"), (sheet | from_text).alias(f"{base}_stated")]


def _implied(fact: str, kind: Kind, node: Node, line: str, dates: dict[str, date]) -> list[nw.Expr]:
    """What a line is taken to state of a measure that nothing states, where the line states what it follows from."""
    columns = Columns(dates, _on_line(line))
    base = f"{fact}#{line}"
    follows = reduce(or_, (nw.col(f"{name}#{line}_stated") for name in facts_of(node)))
    implied = follows & ~nw.col(f"{base}_stated")
    if line != JOINT:
        implied = implied & ~nw.col(f"{fact}#{JOINT}_stated")
    lo, hi = _bounded(base, columns.ends(node))
    return [
        nw.when(implied).then(lo).otherwise(nw.col(f"{base}_lo")).alias(f"{base}_lo"),
        nw.when(implied).then(hi).otherwise(nw.col(f"{base}_hi")).alias(f"{base}_hi"),
        (nw.col(f"{base}_stated") | implied).alias(f"{base}_stated"),
    ]


def _share(fact: str, council: str) -> list[nw.Expr]:
    """What falls to a council: its own, and from nothing to all of what is not tied to one council."""
    own, joint = f"{fact}#{council}", f"{fact}#{JOINT}"
    shared = nw.col(f"{joint}_stated")
    own_hi = nw.when(nw.col(f"{own}_stated")).then(nw.col(f"{own}_hi")).otherwise(nw.lit(0))
    hi = nw.when(shared).then(own_hi + nw.col(f"{joint}_hi")).otherwise(nw.col(f"{own}_hi"))
    return [nw.col(f"{own}_lo").alias(f"{fact}@{council}_lo"), hi.alias(f"{fact}@{council}_hi")]


def _covered(fact: str, line: str) -> list[nw.Expr]:
    """A line as a total counts it: nil where nothing states it and another line covers it."""
    base = f"{fact}#{line}"
    covered = ~nw.col(f"{base}_stated")
    if line != JOINT:
        covered = covered & nw.col(f"{fact}#{JOINT}_stated")
    return [nw.when(covered).then(nw.lit(0)).otherwise(nw.col(f"{base}_hi")).alias(f"{base}_hi")]


def _on_line(line: str) -> Callable[[str], str]:
    return lambda name: f"{name}#{line}"


def _aggregated(derived: Derived, aggregate: Aggregate, pack: Pack, dates: dict[str, date]) -> list[nw.Expr]:
    """The columns of an aggregate. Totals go over lines; what is asked of each council goes over councils."""
    councils = [council.key for council in pack.vocabulary.councils]
    own = {fact.name for fact in pack.tables[aggregate.table].table.facts.values()}
    by_council = aggregate.function in ("greatest", "every", "count")

    def member(line: str) -> Columns:
        mark = "@" if by_council else "#"
        return Columns(dates, lambda name: f"{name}{mark}{line}" if name in own else f"{name}_{line}")

    members = [member(line) for line in (councils if by_council else [*councils, JOINT])]
    always = nw.lit(True)
    counts = [columns.truth(aggregate.where) if aggregate.where is not None else always for columns in members]
    if aggregate.function in ("any", "every", "count"):
        truths = [columns.truth(aggregate.over) for columns in members]
        if aggregate.function == "every":
            return [reduce(and_, (~c | t for c, t in zip(counts, truths, strict=True))).alias(derived.name)]
        hits = [c & t for c, t in zip(counts, truths, strict=True)]
        if aggregate.function == "any":
            return [reduce(or_, hits).alias(derived.name)]
        sure = sum((_one_where(hit) for hit in hits), nw.lit(0))
        possible = sum((_one_where(~hit.fill_null(True) == nw.lit(False)) for hit in hits), nw.lit(0))
        return [(sure * 100).alias(f"{derived.name}_lo"), (possible * 100).alias(f"{derived.name}_hi")]
    ends = [columns.ends(aggregate.over) for columns in members]
    los = [nw.when(c).then(_column(e.lo)).otherwise(nw.lit(0)) for c, e in zip(counts, ends, strict=True)]
    his = [nw.when(~c).then(nw.lit(0)).otherwise(_column(e.hi)) for c, e in zip(counts, ends, strict=True)]
    if aggregate.function == "sum":
        lo, hi = reduce(lambda a, b: a + b, los), reduce(lambda a, b: a + b, his)
    else:
        limited = reduce(and_, (~hi.is_null() for hi in his))
        lo, hi = nw.max_horizontal(*los), nw.when(limited).then(nw.max_horizontal(*his))
    return [lo.alias(f"{derived.name}_lo"), hi.alias(f"{derived.name}_hi")]


def _one_where(truth: nw.Expr) -> nw.Expr:
    return nw.when(truth).then(nw.lit(1)).otherwise(nw.lit(0))


def _column(end: Any) -> nw.Expr:
    return end if isinstance(end, nw.Expr) else nw.lit(end, dtype=nw.Int64)
