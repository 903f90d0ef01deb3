"""Frames: the rows of a register's tables as typed columns, with the normal spelling of texts that are compared."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from tipstaff.audit.columns.compiler import floor_of
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import Compare, FactRef, Mentions, Node, Within, children
from tipstaff.policy.pack.model import Pack, Repeats, formulas_of
from tipstaff.register.tables.column_types import COLUMN_TYPES
from tipstaff.register.tables.model import Column, Rows, Same


def schema_of(rows: Rows, pack: Pack) -> dict[str, Any]:
    """The physical columns of a table's facts, with their types."""
    found: dict[str, Any] = {}
    for fact in rows.table.facts.values():
        names: Iterable[str] = fact.columns
        if fact.kind is Kind.COUNCILS:
            names = [f"{fact.name}_{council.key}" for council in pack.vocabulary.councils]
        found |= dict.fromkeys(names, COLUMN_TYPES[fact.kind])
    return found


def frame_of(rows: Rows, pack: Pack, keys: set[str]) -> pl.DataFrame:
    """A table's rows as a frame, with ``partnership``, ``index`` and the normal spelling of compared texts."""
    schema = schema_of(rows, pack)
    columns = [stated_column(rows, name, kind) for name, kind in schema.items()]
    floors = {fact.columns[0]: floor_of(fact.kind) for fact in rows.table.facts.values() if fact.kind.bounded}
    frame = frame_with(len(rows), columns)
    compared = [name for name, fact in rows.table.facts.items() if name in keys and fact.kind is Kind.TEXT]
    spellings = [normals(frame[name]).alias(f"{name}_key") for name in compared]
    return frame.with_columns(
        *(pl.col(lo).fill_null(floor) for lo, floor in floors.items()),
        *spellings,
        as_column("partnership", rows.partnership, pl.UInt32),
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("index"),
    )


def stated_column(rows: Rows, name: str, kind: Any) -> pl.Series | pl.Expr:
    """A physical column of a table; nulls if it has none."""
    return as_column(name, rows.columns.get(name, Same(None, len(rows))), kind)


def as_column(name: str, column: Column, kind: Any) -> pl.Series | pl.Expr:
    """A column of a table as polars takes it, without going through its values if it has them in columns."""
    if isinstance(column, Same):
        return pl.lit(column.value, dtype=kind).alias(name)
    if isinstance(column, pl.Series):
        return column.alias(name).cast(kind)
    return pl.Series(name, column or [], dtype=kind)


def frame_with(count: int, columns: Iterable[pl.Series | pl.Expr]) -> pl.DataFrame:
    """A frame of that many rows and these columns."""
    return pl.select(pl.int_range(count, dtype=pl.UInt32).alias("_")).with_columns(*columns).drop("_")


def compared_texts(pack: Pack) -> set[str]:
    """The texts that some expression compares or looks into, or that rows are matched by."""
    found: set[str] = set()

    def visit(node: Node) -> None:
        if isinstance(node, Within | Compare | Mentions):
            found.update(part.name for part in children(node) if isinstance(part, FactRef) and part.kind is Kind.TEXT)
        for part in children(node):
            visit(part)

    for derived in (*pack.derived, *(one for rules in pack.tables.values() for one in rules.derived)):
        if isinstance(derived.formula, Repeats):
            found.update(derived.formula.keys, derived.formula.also)
        for part in formulas_of(derived):
            visit(part)
    for criterion in pack.criteria.values():
        visit(criterion.test)
    for ledger in pack.ledgers.values():
        found.update(ledger.alike)
    return found


def normals(texts: pl.Series) -> pl.Series:
    """The ``normal`` spelling of every text."""
    letters = texts.str.to_lowercase().str.replace_all("&", " and ", literal=True)
    spelt = letters.str.replace_all("[^0-9a-z]+", " ").str.strip_chars(" ")
    beyond_ascii = texts.str.contains(r"[^\x00-\x7F]")
    if not beyond_ascii.any():
        return spelt
    others = texts.filter(beyond_ascii).unique()
    spelt_by_hand = pl.Series([normal(text) for text in others], dtype=pl.String)
    by_hand = texts.replace_strict(others, spelt_by_hand, default=None, return_dtype=pl.String)
    return spelt.zip_with(beyond_ascii.not_().fill_null(True), by_hand)
