"""Random registers as tables of Parquet, with the odd references and names that parts must not tell apart."""

import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from support.registers import Partnership, Row
from support.worlds import Worlds
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Fact, Kind, Shape
from tipstaff.policy.pack.model import Pack

Tables = dict[str, pl.DataFrame]

_ODD_NAMES = ("Odd name", "ODD  NAME", "odd name!", "Name 3", None, None, "Odd one")
"""Names of partnerships without a reference, of which some come to one reference."""
_ODD_REFS = ("A-1", "A 1", "a/1", "A1.", "A-1", "name-3", "Ç-4", "C-4", " ", "Ярмарка", "007", "7")


def tables(pack: Pack, as_of: date, seed: int, partnerships: int, names: int) -> Tables:
    """The tables of so many partnerships that share organisations and names, and of odd ones."""
    worlds = Worlds(pack, as_of, seed)
    drawn = random.Random(seed)
    kept: dict[str, list[Row]] = {
        name: [] for name, one in pack.vocabulary.tables.items() if one.shape is not Shape.LONG
    }
    main = next(name for name, one in pack.vocabulary.tables.items() if one.shape is Shape.REGISTER)
    odd = [(None, name) for name in _ODD_NAMES] + [(ref, "Odd one") for ref in _ODD_REFS]
    for number in range(partnerships + len(odd)):
        made = worlds.partnership(names)
        ref: str | None = f"P{number:04}" if drawn.random() < 0.85 else None
        if number >= partnerships:
            ref, made.own["name"] = odd[number - partnerships]
        elif drawn.random() < 0.03:
            made.own["name"] = None
        kept[main].append({**made.own, "ref": ref})
        _add_children(kept, made, ref or str(made.own["name"]).lower().replace(" ", "-"), drawn)
    for name, rows in kept.items():
        rows += [{"ref": "nobody"}] * (name != main)
        drawn.shuffle(rows)
    return {name: _frame(pack, name, rows) for name, rows in kept.items()}


def _add_children(kept: dict[str, list[Row]], made: Partnership, ref: str, drawn: random.Random) -> None:
    for name, rows in made.tables.items():
        for row in rows:
            named = ref if drawn.random() < 0.98 else drawn.choice((None, "", f" {ref} ", ref.lower()))
            kept[name].append({**row, "ref": named})


def written(folder: Path, found: Tables) -> Path:
    """A folder of a file a table."""
    folder.mkdir(parents=True)
    for name, frame in found.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return folder


def split(found: Tables, seed: int, *folders: Path) -> None:
    """Folders of the tables, with some of the rows each."""
    drawn = random.Random(seed)
    for name, frame in found.items():
        home = pl.Series([drawn.randrange(len(folders)) for _ in range(len(frame))])
        for number, folder in enumerate(folders):
            folder.mkdir(parents=True, exist_ok=True)
            frame.filter(home == number).write_parquet(folder / f"{name}.parquet")


def _frame(pack: Pack, name: str, rows: list[Row]) -> pl.DataFrame:
    table = pack.vocabulary.tables[name]
    columns: dict[str, pl.Series] = {"ref": pl.Series([row["ref"] for row in rows], dtype=pl.String)}
    councils = {one.key: one.name for one in pack.vocabulary.councils}
    for key in table.keys:
        values = [councils.get(row.get("council") or "") if key == "council" else _year(row) for row in rows]
        columns[key] = pl.Series(values, dtype=pl.String)
    for fact in table.facts.values():
        if fact.name in columns:
            continue
        for column, kind in _physical(pack, fact):
            values = [_stated(fact, row.get(column)) for row in rows]
            columns[column] = pl.Series(values, dtype=kind)
    return pl.DataFrame(columns)


def _year(row: Row) -> str | None:
    return str(FinancialYear(row["year"])) if row.get("year") is not None else None


def _physical(pack: Pack, fact: Fact) -> list[tuple[str, Any]]:
    if fact.kind.bounded:
        kind = pl.Date if fact.kind is Kind.DATE else pl.Decimal(14, 2)
        return [(column, kind) for column in fact.columns]
    if fact.kind is Kind.COUNCILS:
        return [(f"{fact.name}_{council.key}", pl.Boolean) for council in pack.vocabulary.councils]
    return [(fact.name, pl.Boolean if fact.kind is Kind.YES_NO else pl.String)]


def _stated(fact: Fact, value: Any) -> Any:
    return Decimal(value) / 100 if value is not None and fact.kind in (Kind.MONEY, Kind.NUMBER) else value
