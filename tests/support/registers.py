"""Registers for tests, built straight from values without any file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.pack.model import Pack
from tipstaff.register.tables.model import Register, empty_rows

Row = dict[str, Any]
"""Physical columns by name. Of contributions also ``council`` and ``year``, and ``text`` for a row read from a text."""


@dataclass(slots=True)
class Partnership:
    """A partnership: its own row, and its rows in the other tables."""

    own: Row
    tables: dict[str, list[Row]] = field(default_factory=dict)


def money(pounds: float) -> Row:
    """Direct funding of so many pounds."""
    return amount("direct_funding", round(pounds * 100))


def amount(fact: str, lo: Any, *hi: Any) -> Row:
    """The bounds of a fact: a point, or from ``lo`` to ``hi``."""
    return {f"{fact}_lo": lo, f"{fact}_hi": hi[0] if hi else lo}


def register(pack: Pack, partnerships: Sequence[Partnership]) -> Register:
    """A register of these partnerships. What a row does not say is blank, as readers leave it: None on both ends."""
    tables = {name: empty_rows(rules.table, pack.vocabulary) for name, rules in pack.tables.items()}
    for position, partnership in enumerate(partnerships):
        for name, rows in tables.items():
            shape = rows.table.shape
            stated: Sequence[Mapping[str, Any]] = partnership.tables.get(name, [])
            if shape is Shape.REGISTER:
                stated = [{"name": f"Partnership {position}", **partnership.own}]
            for row in stated:
                keys = {"text", "council", "year"} if rows.table.keys else set()
                unknown = set(row) - set(rows.columns) - keys
                assert not unknown, f"{unknown} are no columns of {name}"
                for column, values in rows.columns.items():
                    values.append(None if column in rows.table.keys else row.get(column))
                rows.partnership.append(position)
                rows.sheet.append(name)
                rows.row.append(len(rows.row) + 2)
                rows.letter.append("J" if row.get("text") else None)
                if shape is Shape.COUNCIL_YEAR:
                    rows.council.append(row.get("council"))
                if rows.table.keys:
                    rows.year.append(row.get("year"))
    for rows in tables.values():
        for index, fact in enumerate(rows.table.facts):
            rows.letters[rows.table.name, fact] = chr(ord("A") + index % 26)
    return Register(
        name="test",
        sha256="0" * 64,
        tables=tables,
        refs=[f"P{position}" for position in range(len(partnerships))],
        problems=[],
    )


def child_tables(pack: Pack) -> tuple[str, ...]:
    """The tables that hold facts of a partnership, beside the register itself."""
    return tuple(name for name, rules in pack.tables.items() if rules.table.shape not in (Shape.REGISTER, Shape.LONG))
