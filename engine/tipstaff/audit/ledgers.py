"""Ledgers: what each beneficiary had, summed over a window up to each award, across partnerships and councils.

A ledger by financial years has a row for each beneficiary and year: its total over the window that ends with the year,
and when the last award of the year was granted. Of the year of the as-of date and of the year of the cycle every year
of the window must be known; earlier years are judged as they are recorded. A yearly rate fills the years that its
agreement covers. A ledger over a period has a row for each award.

What may be the same beneficiary under another name widens the total upwards only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import and_

import polars as pl

from tipstaff.audit.beneficiaries import Beneficiaries, beneficiaries
from tipstaff.audit.columns import Columns, bounded
from tipstaff.audit.contributions import contribution_rows, lines_joined
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.expressions import FactRef, Shift
from tipstaff.policy.pack import JOINT, Ledger, Pack, TableRules
from tipstaff.register.model import Closed, Register


@dataclass(frozen=True, slots=True)
class LedgerRows:
    """A ledger of a register.

    ``totals`` has a row for each point at which it is judged: ``beneficiary``, ``year`` (or ``partnership`` and
    ``index``, of an award), the total and the date as bounds, whether planned, and the yes/no facts of the beneficiary.
    ``amounts`` has a row for each partnership and year (or award) that the totals add up: ``partnership``, ``year``
    (or ``index``), the amount as bounds.
    """

    beneficiaries: Beneficiaries
    totals: pl.DataFrame
    amounts: pl.DataFrame


def ledger_rows(
    ledger: Ledger, register: Register, pack: Pack, frame: pl.DataFrame, rows: pl.DataFrame, dates: Mapping[str, date]
) -> LedgerRows:
    """A ledger of a register: ``frame`` has the facts of the partnerships, ``rows`` the rows of the ledger's table."""
    found = beneficiaries(register, pack, ledger.to)
    amounts = (
        _amounts_by_year(ledger, register, pack, frame, dates)
        if ledger.years is not None
        else _awards(ledger, frame, rows)
    )
    shares = _shared(amounts, found.links)
    near = pl.DataFrame(
        [pair for one, other in found.near for pair in ((one, other), (other, one))],
        schema={"beneficiary": pl.UInt32, "alias": pl.UInt32},
        orient="row",
    )
    totals = (
        _totals_by_year(ledger, shares, near, dates)
        if ledger.years is not None
        else _totals_by_period(ledger, shares, near, dates)
    )
    return LedgerRows(found, totals.join(found.facts, on="beneficiary", how="left"), amounts)


def judged(ledger: Ledger, rows: LedgerRows, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a ledger for every partnership that they concern, with the facts of the partnership."""
    if ledger.years is None:
        own = rows.totals
    else:
        own = rows.totals.join(rows.beneficiaries.links.select("partnership", "beneficiary"), on="beneficiary")
    facts = frame.drop([name for name in frame.columns if name in own.columns])
    return own.join(facts, left_on="partnership", right_on="row", how="left")


# By financial years


def _amounts_by_year(
    ledger: Ledger, register: Register, pack: Pack, frame: pl.DataFrame, dates: Mapping[str, date]
) -> pl.DataFrame:
    """What each partnership was given in each year: recorded, or asked for in a window that is judged in full."""
    assert ledger.years is not None
    rules = pack.tables[ledger.table]
    rows = contribution_rows(register.tables[ledger.table], pack)
    this, cycle = dates["year_start"].year, dates["cycle_start"].year
    asked = sorted({*range(this - ledger.years + 1, this + 1), *range(cycle - ledger.years + 1, cycle + 1)})
    recorded = rows.filter(pl.col("year").is_not_null()).select("partnership", "year")
    years = pl.DataFrame({"year": asked}, schema={"year": pl.Int32})
    grid = frame.select(partnership=pl.col("row")).join(years, how="cross")
    pairs = pl.concat([recorded, grid]).unique().sort("partnership", "year").with_row_index("row")
    pairs = pairs.join(_terms(pack, frame), on="partnership", how="left")
    first_day, last_day = pl.date(pl.col("year"), 4, 1), pl.date(pl.col("year") + 1, 3, 31)
    covered = (pl.col("term_from_hi") <= first_day) & (pl.col("term_to_lo") >= last_day)
    pairs = pairs.with_columns(_covered=(covered & (pl.col("year") <= this)) | (pl.col("year") == this))
    of_year = pairs.select("row", "partnership", "year").join(rows, on=["partnership", "year"])
    rates = (
        pairs.filter("_covered")
        .select("row", "partnership")
        .join(rows.filter(pl.col("year").is_null()), on="partnership")
    )
    counted = pl.concat([of_year, rates.select(of_year.columns)]).drop("partnership").rename({"row": "partnership"})
    only = _only(rules, ledger.amount)
    lines = lines_joined(pairs.lazy(), counted.lazy(), only, pack, dict(dates))
    joined: pl.DataFrame = lines.collect().sort("row")
    names = [*(council.key for council in pack.vocabulary.councils), JOINT]
    amount = f"{ledger.amount}#"
    begun = f"{ledger.begins}_lo"
    before = (
        joined.join(frame.select(pl.col("row").alias("partnership"), begun), on="partnership", how="left")[begun]
        if ledger.begins is not None
        else pl.Series([None] * len(joined), dtype=pl.Date)
    )
    dated = _dates(ledger, counted)
    return (
        joined.join(dated, left_on="row", right_on="partnership", how="left")
        .with_columns(_begun=before, closed=_closed(register, pack, ledger, rows, joined))
        .with_columns(
            recorded=pl.col("rows").fill_null(0) > 0,
            lo=pl.sum_horizontal(pl.col(f"{amount}{name}_lo") for name in names),
            hi=_sum_of([pl.col(f"{amount}{name}_hi") for name in names]),
            of_record=_sum_of(
                [pl.when(f"{amount}{name}_stated").then(pl.col(f"{amount}{name}_hi")).otherwise(0) for name in names]
            ),
        )
        .with_columns(
            nothing=~pl.col("recorded") & (pl.col("closed") | (pl.col("_begun") > last_day).fill_null(False)),
            of_record=pl.when((pl.col("blanks").fill_null(0) == 0) | pl.col("hi").is_not_null()).then("of_record"),
        )
        .with_columns(
            hi=pl.when("nothing").then(0).otherwise("hi"),
            date_lo=pl.coalesce("date_lo", first_day),
            date_hi=pl.coalesce("date_hi", last_day),
        )
        .select("partnership", "year", "recorded", "lo", "hi", "of_record", "date_lo", "date_hi")
    )


def _closed(register: Register, pack: Pack, ledger: Ledger, rows: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    """Whether what no row states of a partnership and a year is nil, as the source says.

    It is not where the partnership has a row of no certain year, which may belong to any.
    """
    councils = [council.key for council in pack.vocabulary.councils]
    complete = [
        year
        for year in {closed.year for closed in register.closed}
        if all(Closed(ledger.amount, council, year) in register.closed for council in councils)
    ]
    undated = rows.filter(pl.col("year").is_null())["partnership"].unique()
    return pairs["year"].is_in(complete) & ~pairs["partnership"].is_in(undated.implode())


def _sum_of(parts: list[pl.Expr]) -> pl.Expr:
    """A sum that is null where any part is."""
    return reduce(lambda total, part: total + part, parts)


def _only(rules: TableRules, amount: str) -> TableRules:
    """The table with one of its amounts alone."""
    facts = {name: fact for name, fact in rules.table.facts.items() if name == amount}
    return replace(rules, table=replace(rules.table, facts=facts), otherwise={}, in_cycle={})


def _terms(pack: Pack, frame: pl.DataFrame) -> pl.DataFrame:
    """From and to when the current agreement of each partnership runs; unknown where the pack knows no agreements."""
    current = next((rules for rules in pack.tables.values() if rules.starts is not None), None)
    nothing = pl.lit(None, dtype=pl.Date)
    starts = pl.col(f"{current.starts}_hi") if current is not None else nothing
    ends = pl.col(f"{current.ends}_lo") if current is not None else nothing
    return frame.select(pl.col("row").alias("partnership"), term_from_hi=starts, term_to_lo=ends)


def _dates(ledger: Ledger, counted: pl.DataFrame) -> pl.DataFrame:
    """For each partnership and year: how many rows, how many blank amounts, and when the last award was granted.

    A row of nothing is no award, and neither is what was read from text where the sheet has a figure in its place.
    """
    least, most = pl.col(f"{ledger.amount}_lo"), pl.col(f"{ledger.amount}_hi")
    stated = pl.col(f"{ledger.granted}_hi").is_not_null()
    joint = pl.col("line") == JOINT
    on_sheet = ~pl.col("from_text") & (most.is_not_null() | (least > 0))
    replaced = (
        pl.when(joint)
        .then(on_sheet.any().over("partnership"))
        .otherwise(on_sheet.any().over("partnership", "line") | (on_sheet & joint).any().over("partnership"))
    )
    award = (most > 0).fill_null(True) & ~(pl.col("from_text") & replaced)
    return (
        counted.with_columns(_award=award)
        .group_by("partnership")
        .agg(
            rows=pl.len(),
            blanks=most.is_null().sum(),
            date_lo=pl.col(f"{ledger.granted}_lo").filter(stated & (least > 0)).max(),
            date_hi=pl.when((stated | ~pl.col("_award")).all()).then(
                pl.col(f"{ledger.granted}_hi").filter("_award").max()
            ),
        )
    )


def _shared(amounts: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """What each beneficiary of a partnership had of it: all where it surely does, else from nothing to all."""
    joined = amounts.join(links, on="partnership")
    return joined.with_columns(lo=pl.when("surely").then("lo").otherwise(0))


def _totals_by_year(
    ledger: Ledger, shares: pl.DataFrame, near: pl.DataFrame, dates: Mapping[str, date]
) -> pl.DataFrame:
    assert ledger.years is not None
    this, cycle = dates["year_start"].year, dates["cycle_start"].year
    by_year = shares.group_by("beneficiary", "year").agg(
        pl.col("lo").sum(),
        hi=pl.when(pl.col("hi").is_null().any()).then(None).otherwise(pl.col("hi").sum()),
        of_record=pl.when((pl.col("of_record").is_null() & pl.col("recorded")).any())
        .then(None)
        .otherwise(pl.col("of_record").filter(pl.col("recorded")).sum()),
        recorded=pl.col("recorded").any(),
        date_lo=pl.col("date_lo").filter(pl.col("recorded") & (pl.col("lo") > 0)).max(),
        date_hi=pl.col("date_hi").filter(pl.col("recorded") & (pl.col("hi") != 0).fill_null(True)).max(),
    )
    in_full = pl.col("year").is_in([this, cycle])
    own_hi = pl.when(in_full).then("hi").otherwise("of_record")
    points = by_year.filter((pl.col("recorded") & (pl.col("year") <= this)) | in_full)
    points = points.select("beneficiary", "year", "date_lo", "date_hi", year_lo="lo", year_hi=own_hi)
    in_window = (pl.col("year_of") <= pl.col("year")) & (pl.col("year_of") > pl.col("year") - ledger.years)
    years_of = by_year.rename({"year": "year_of"})
    parts = points.select("beneficiary", "year").join(years_of, on="beneficiary").filter(in_window)
    known = parts.with_columns(hi=own_hi)
    totals = known.group_by("beneficiary", "year").agg(
        pl.col("lo").sum(),
        hi=pl.when(pl.col("hi").is_null().any()).then(None).otherwise(pl.col("hi").sum()),
    )
    totals = points.join(totals, on=["beneficiary", "year"])
    totals = totals.with_columns(hi=_widened(totals, near, ["year"]))
    first_day, last_day = pl.date(pl.col("year"), 4, 1), pl.date(pl.col("year") + 1, 3, 31)
    more = {ledger.planned: pl.col("year") > this} if ledger.planned is not None else {}
    if ledger.year_total is not None:
        more |= {f"{ledger.year_total}_lo": pl.col("year_lo"), f"{ledger.year_total}_hi": pl.col("year_hi")}
    return totals.sort("beneficiary", "year").select(
        "beneficiary",
        "year",
        pl.col("lo").alias(f"{ledger.total}_lo"),
        pl.col("hi").alias(f"{ledger.total}_hi"),
        pl.coalesce("date_lo", first_day).alias(f"{ledger.date}_lo"),
        pl.coalesce("date_hi", last_day).alias(f"{ledger.date}_hi"),
        **more,
    )


def _widened(totals: pl.DataFrame, near: pl.DataFrame, by: list[str]) -> pl.Series:
    """The upper bounds of totals, with what the beneficiaries had that may be the same."""
    if near.is_empty():
        return totals["hi"]
    others = totals.select(pl.col("beneficiary").alias("alias"), *by, pl.col("hi").alias("other"))
    added = (
        totals.select("beneficiary", *by)
        .join(near, on="beneficiary")
        .join(others, on=["alias", *by])
        .group_by("beneficiary", *by)
        .agg(
            more=pl.when(pl.col("other").is_null().any()).then(None).otherwise(pl.col("other").sum()),
            found=pl.len(),
        )
    )
    joined = totals.join(added, on=["beneficiary", *by], how="left", maintain_order="left")
    return joined.select(pl.when(pl.col("found").is_null()).then("hi").otherwise(pl.col("hi") + pl.col("more")))["hi"]


# By awards over a period

MOST_AWARDS = 2_000
"""The most awards of one beneficiary that are set against each other; of more, no total is known."""


def _awards(ledger: Ledger, frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Every row of the table as an award, with the texts of its partnership that must be alike."""
    alike = [f"{fact}_key" for fact in ledger.alike]
    return rows.select(
        "partnership",
        "index",
        lo=pl.col(f"{ledger.amount}_lo"),
        hi=pl.col(f"{ledger.amount}_hi"),
        date_lo=pl.col(f"{ledger.granted}_lo"),
        date_hi=pl.col(f"{ledger.granted}_hi"),
    ).join(frame.select(pl.col("row").alias("partnership"), *alike), on="partnership", how="left")


def _totals_by_period(
    ledger: Ledger, shares: pl.DataFrame, near: pl.DataFrame, dates: Mapping[str, date]
) -> pl.DataFrame:
    assert ledger.period is not None
    alike = [f"{fact}_key" for fact in ledger.alike]
    window = Columns(dict(dates))
    opens = window.ends(Shift(FactRef("date", Kind.DATE), -ledger.period))
    points: pl.DataFrame = shares.with_columns(*bounded("opens", opens))
    few = points.filter(pl.len().over("beneficiary") <= MOST_AWARDS)
    itself = pl.DataFrame({"beneficiary": few["beneficiary"].unique(), "alias": few["beneficiary"].unique()})
    others = points.select(
        pl.col("beneficiary").alias("alias"), *(pl.col(name).alias(f"{name}_of") for name in
        ("partnership", "index", "lo", "hi", "date_lo", "date_hi", *alike))
    )  # fmt: skip
    pairs = few.join(pl.concat([itself, near.join(itself.select("beneficiary"), on="beneficiary")]), on="beneficiary")
    pairs = pairs.join(others, on="alias")
    same = (pl.col("index") == pl.col("index_of")) & (pl.col("partnership") == pl.col("partnership_of"))
    later = (pl.col("date_lo_of") > pl.col("date_hi")).fill_null(False)
    gone = (pl.col("date_hi_of") <= pl.col("opens_lo")).fill_null(False)
    other_kind = reduce(
        lambda found, name: found | (pl.col(name) != pl.col(f"{name}_of")).fill_null(False), alike, pl.lit(False)
    )
    surely = ((pl.col("date_hi_of") <= pl.col("date_lo")) & (pl.col("date_lo_of") > pl.col("opens_hi"))).fill_null(
        False
    ) & (pl.col("alias") == pl.col("beneficiary"))
    surely = reduce(and_, ((pl.col(name) == pl.col(f"{name}_of")).fill_null(False) for name in alike), surely)
    keys = ["beneficiary", "partnership", "index"]
    sums = (
        pairs.filter(same | ~(later | gone | other_kind))
        .group_by(keys)
        .agg(
            total_lo=pl.when(same | surely).then("lo_of").otherwise(0).sum(),
            total_hi=pl.when(pl.col("hi_of").is_null().any()).then(None).otherwise(pl.col("hi_of").sum()),
        )
    )
    return (
        points.join(sums, on=keys, how="left")
        .sort(keys)
        .select(
            *keys,
            pl.coalesce("total_lo", "lo").alias(f"{ledger.total}_lo"),
            pl.col("total_hi").alias(f"{ledger.total}_hi"),
            pl.col("date_lo").alias(f"{ledger.date}_lo"),
            pl.col("date_hi").alias(f"{ledger.date}_hi"),
            pl.col("lo").alias(f"{ledger.amount}_lo"),
            pl.col("hi").alias(f"{ledger.amount}_hi"),
        )
    )
