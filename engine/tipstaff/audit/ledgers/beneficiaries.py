"""Beneficiaries: which organisations receive what the partnerships are given, each known across all its partnerships.

Rows of the table of organisations are of one beneficiary if they have the same number (of the same register), or
the same name and no contrary number. Names that are merely alike are proposed, and never taken to be the same. Where a
partnership has no such row, or its only one has no name, the register itself names the beneficiary.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from tipstaff.audit.columns.frames import as_column, frame_with, normals
from tipstaff.audit.ledgers.near_names import near_names
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.pack.model import Pack, Recipients
from tipstaff.register.published.organisations import joined
from tipstaff.register.tables.model import Register
from tipstaff.register.tables.references import spelling

LONGEST = 200
"""The most characters of a name that are compared."""

_NAMELESS = "an organisation without a name"


@dataclass(frozen=True)
class Beneficiaries:
    """The beneficiaries of a register, by number from nought.

    ``links`` has a row for each partnership and each of its beneficiaries: ``partnership``, ``beneficiary``, whether
    it surely ``receives`` money of it, and whether it ``alone`` does. ``facts`` has a row a beneficiary: the yes/no
    facts of its rows, yes where any row says so and no where all do.
    """

    names: tuple[str, ...]
    of_row: pl.Series
    """The beneficiary of every row of the table of organisations."""
    links: pl.DataFrame
    facts: pl.DataFrame
    near: tuple[tuple[int, int], ...]
    """Pairs that may be the same, in order."""

    @cached_property
    def rows(self) -> Mapping[int, tuple[int, ...]]:
        """The rows of the table of organisations, by beneficiary."""
        found: dict[int, list[int]] = defaultdict(list)
        for row, beneficiary in enumerate(self.of_row.to_list()):
            found[beneficiary].append(row)
        return {beneficiary: tuple(rows) for beneficiary, rows in found.items()}


def beneficiaries(register: Register, pack: Pack, to: Recipients) -> Beneficiaries:
    """The beneficiaries that the partnerships of a register name, numbered as they come."""
    by = named_by(to)
    every = namings(register, to).with_row_index("place")
    known = identified(every.select(by).unique(maintain_order=True), to)
    every = every.join(known, on=by, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.col("group").fill_null(-1 - pl.col("place").cast(pl.Int64))
    )
    numbers = every.select(pl.col("group").unique(maintain_order=True)).with_row_index("beneficiary")
    every = every.join(numbers, on="group", how="left", maintain_order="left").drop("group")
    names = every.unique("beneficiary", keep="first", maintain_order=True)["name"].fill_null(_NAMELESS)
    facts = numbers.select("beneficiary").join(yes_no_facts_of(every, register, to), on="beneficiary", how="left")
    return Beneficiaries(
        names=tuple(names),
        of_row=every.filter("listed")["beneficiary"],
        links=linked(every, to),
        facts=facts.sort("beneficiary"),
        near=tuple(near_beneficiaries(every).iter_rows()),
    )


def named_by(to: Recipients) -> list[str]:
    """The columns of namings that distinguish organisations."""
    return ["apart", "name", *to.numbered_by]


def namings(register: Register, to: Recipients) -> pl.DataFrame:
    """Every naming of an organisation: a row of the table (``listed``), or a partnership that has none there.

    Beside the ``partnership``, the ``name`` and the numbers it has the yes/no facts of the row.
    """
    rows = register.tables[to.table]
    stated = frame_with(
        len(rows),
        [
            as_column("partnership", rows.partnership, pl.UInt32),
            *(as_column(name, rows.columns[name], pl.String) for name in (to.named_by, *to.numbered_by)),
            *(as_column(name, rows.columns[name], pl.Boolean) for name in yes_no_facts(register, to)),
        ],
    )
    own = next(one for one in register.tables.values() if one.table.shape is Shape.REGISTER)
    called = frame_with(len(own), [as_column(fact, own.columns[fact], pl.String) for fact in to.otherwise]).select(
        partnership=pl.int_range(pl.len(), dtype=pl.UInt32), own_name=_first_text(to.otherwise)
    )
    listed = stated.join(called, on="partnership", how="left", maintain_order="left").select(
        pl.exclude(to.named_by, "own_name"),
        name=_first_text([to.named_by]).fill_null(pl.when(pl.len().over("partnership") == 1).then("own_name")),
        listed=True,
    )
    unlisted = called.filter(~pl.col("partnership").is_in(stated["partnership"].unique().implode()))
    unlisted = unlisted.select("partnership", name="own_name", listed=False)
    every = pl.concat([listed, unlisted], how="diagonal")
    return every.with_columns(_apart(register, every["partnership"]))


def yes_no_facts(register: Register, to: Recipients) -> list[str]:
    """The yes/no facts of organisations."""
    return [name for name, fact in register.tables[to.table].table.facts.items() if fact.kind is Kind.YES_NO]


def _first_text(columns: Sequence[str]) -> pl.Expr:
    """The first text that is not blank."""
    return pl.coalesce(pl.when(pl.col(name) != "").then(name) for name in columns)


def _apart(register: Register, partnerships: pl.Series) -> pl.Series:
    """Which of several registers partnerships are of."""
    if not register.apart:
        return pl.repeat(0, len(partnerships), dtype=pl.UInt32, eager=True).alias("apart")
    return pl.Series("apart", register.apart, dtype=pl.UInt32).gather(partnerships)


def identified(distinct: pl.DataFrame, to: Recipients) -> pl.DataFrame:
    """Different namings with the ``group`` that are one organisation, and bits for the ``kinds`` of number stated.

    A group is the row of its first naming. A naming without name or number is of no group.
    """
    digits = [_digits(distinct[fact]) for fact in to.numbered_by]
    numbers = [_numbered(distinct["apart"], own, kind, len(digits)) for kind, own in enumerate(digits)]
    keys = [tuple(one for one in own if one is not None) for own in zip(*numbers, strict=True)]
    spelt = normals(distinct["name"])
    others = (spelt == "").fill_null(False)
    if others.any():
        in_full = distinct["name"].map_elements(spelling, return_dtype=pl.String)
        spelt = spelt.zip_with(~others, in_full)
    kinds = pl.sum_horizontal(own.is_not_null().cast(pl.UInt32) * (1 << kind) for kind, own in enumerate(digits))
    return distinct.with_columns(
        pl.Series("group", joined(keys, _numbered(distinct["apart"], spelt, 0, 1)), dtype=pl.Int64),
        pl.select(kinds=kinds).to_series(),
    )


def _numbered(apart: pl.Series, texts: pl.Series, kind: int, kinds: int) -> list[int | None]:
    """A number for every different text of a kind in one register; None for none."""
    marked = pl.select(pl.concat_str(apart, texts, separator=" ").cast(pl.Categorical).to_physical()).to_series()
    return (marked.cast(pl.Int64) * kinds + kind).to_list()


def linked(every: pl.DataFrame, to: Recipients) -> pl.DataFrame:
    """The beneficiaries of partnerships: the only organisation, else those that are not said to receive nothing."""
    may = every.filter(pl.col("listed") & pl.col(to.receives).fill_null(True))
    found = (
        may.group_by("partnership", "beneficiary")
        .agg(receives=pl.col(to.receives).fill_null(False).any())
        .with_columns(alone=pl.len().over("partnership") == 1)
        .with_columns(receives=pl.col("receives") | pl.col("alone"))
    )
    unlisted = every.filter(~pl.col("listed"))
    surely = unlisted.select("partnership", "beneficiary", receives=pl.lit(True), alone=pl.lit(True))
    return pl.concat([found, surely]).sort("partnership", "beneficiary")


def yes_no_facts_of(every: pl.DataFrame, register: Register, to: Recipients) -> pl.DataFrame:
    """The yes/no facts of beneficiaries: yes where any row says so, no where all of them do."""
    listed = every.filter("listed").group_by("beneficiary")
    return listed.agg(pl.col(yes_no_facts(register, to)).any(ignore_nulls=False))


def _digits(numbers: pl.Series) -> pl.Series:
    """Charity or company numbers as they are compared: without spaces, marks and leading noughts; null where blank."""
    compact = normals(numbers).str.replace_all(" ", "", literal=True).str.strip_chars_start("0")
    return compact.replace("", None)


def near_beneficiaries(every: pl.DataFrame) -> pl.DataFrame:
    """The pairs of which some names are alike, less those that have numbers of one kind, which then differ.

    The lesser is the ``beneficiary``, the other the ``alias``.
    """
    kinds = every.group_by("beneficiary").agg(pl.col("kinds").bitwise_or())
    named = every.select("beneficiary", "apart", spelt=normals(every["name"].str.slice(0, LONGEST)))
    named = named.filter(pl.col("spelt") != "").unique().join(kinds, on="beneficiary")
    names = named.group_by("apart", "spelt").agg(pl.col("kinds").bitwise_and()).with_row_index("name")
    bearers = named.join(names.drop("kinds"), on=["apart", "spelt"])
    alike = pl.concat([names.select(one="name", other="name"), near_names(names)])
    pairs = (
        alike.join(bearers.select("name", one_of="beneficiary", one_kinds="kinds"), left_on="one", right_on="name")
        .join(bearers.select("name", other_of="beneficiary", other_kinds="kinds"), left_on="other", right_on="name")
        .filter((pl.col("one_kinds") & pl.col("other_kinds") == 0) & (pl.col("one_of") != pl.col("other_of")))
        .select(beneficiary=pl.min_horizontal("one_of", "other_of"), alias=pl.max_horizontal("one_of", "other_of"))
    )
    return pairs.unique().sort(pl.all())
