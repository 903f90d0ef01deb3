"""The facts that criteria read, as one wide table: a row a partnership, the figures of the law beside its facts.

Handing this to a peer favours it: gathering facts from child tables, aggregates and ledgers is spared it, and so is
looking up the law of the day.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from tipstaff.audit.decisions.audit import Audit
from tipstaff.facts.bounds import Bounds
from tipstaff.policy.language.nodes import FactRef, Law, Moment, all_law_of, facts_of
from tipstaff.policy.law.series import LawStatus
from tipstaff.policy.pack.model import Pack

_PARTS: dict[str, Any] = {"lo": pl.Int64, "hi": pl.Int64, "in force": pl.Boolean}

_ROWS_READ_AT_ONCE = 25_000
"""DuckDB gives each core groups of rows as they were written; polars reads these as fast as larger ones."""


def law_names(pack: Pack) -> dict[Law, str]:
    """The stem of the columns of each figure of the law that the criteria read, with the date that decides."""
    read = dict.fromkeys(law for criterion in pack.criteria.values() for law in all_law_of(criterion.test))
    return {law: f"law {number} {law.series.id}" for number, law in enumerate(read)}


def columns_read(pack: Pack, frame: pl.DataFrame) -> list[str]:
    """The columns of the facts that criteria read."""
    facts = {name for criterion in pack.criteria.values() for name in facts_of(criterion.test)}
    return [name for fact in sorted(facts) for name in (fact, *_ends(fact), f"{fact}_key") if name in frame.columns]


def write_facts(folder: Path, audited: Audit) -> None:
    """The table as ``facts.parquet``; in ``asked.json`` the dates audited for, and the facts that nobody asks for."""
    pack, frame = audited.pack, audited.facts.frame
    table = frame.select("row", *columns_read(pack, frame))
    boundless = [name for name in table.columns if name.endswith("_lo") and table[name].null_count()]
    if boundless:
        raise SystemExit(f"a lower bound is missing: {', '.join(boundless)}")
    said = [_said(law, name, frame, audited.facts.moments) for law, name in law_names(pack).items()]
    whole = pl.concat([table, *said], how="horizontal")
    whole.write_parquet(folder / "facts.parquet", row_group_size=_ROWS_READ_AT_ONCE)
    asked = {
        "moments": {name: str(day) for name, day in audited.facts.moments.items()},
        "unasked": sorted(audited.facts.unasked),
    }
    (folder / "asked.json").write_text(json.dumps(asked))


def read_asked(folder: Path) -> tuple[dict[str, date], frozenset[str]]:
    """The dates that an audit is made for, and the facts of which a blank says nothing."""
    asked = json.loads((folder / "asked.json").read_text())
    return {name: date.fromisoformat(day) for name, day in asked["moments"].items()}, frozenset(asked["unasked"])


def _ends(fact: str) -> tuple[str, str]:
    return f"{fact}_lo", f"{fact}_hi"


def _said(law: Law, name: str, frame: pl.DataFrame, moments: Any) -> pl.DataFrame:
    """What a law says on the day that decides in each row."""
    match law.at:
        case FactRef(name=fact):
            first, last = _ends(fact)
            days = frame.select(pl.col(first).alias("first"), pl.col(last).alias("last"))
        case Moment(name=moment):
            day = pl.repeat(moments[moment], len(frame), eager=True)
            days = pl.DataFrame({"first": day, "last": day})
        case _:
            raise TypeError(f"law decided by {type(law.at).__name__}")
    pairs = days.unique()
    rows = [(first, last, *_on(law, first, last)) for first, last in pairs.rows()]
    schema = {**pairs.schema, **{f"{name} {part}": kind for part, kind in _PARTS.items()}}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    joined = days.join(found, on=["first", "last"], how="left", nulls_equal=True, maintain_order="left")
    return joined.drop("first", "last")


def _on(law: Law, first: date, last: date | None) -> tuple[int, int | None, bool | None]:
    """The least and the most that a law may say on some day, and whether it is in force."""
    segments = law.series.within(first, last)
    held = all(segment.status is not LawStatus.NOT_HELD for segment in segments)
    in_force = [segment for segment in segments if segment.status is LawStatus.IN_FORCE]
    always = len(in_force) == len(segments)
    known = (always or (None if in_force else False)) if held else None
    figures = [segment.value for segment in in_force if isinstance(segment.value, Bounds)]
    if not (held and figures and (always or law.assumed)):
        return 0, None, known
    highest = [figure.hi for figure in figures if figure.hi is not None]
    return min(figure.lo for figure in figures), max(highest) if len(highest) == len(figures) else None, known
