"""Ledgers: what each beneficiary had, summed over a window up to each award, across partnerships and councils.

A ledger by financial years has a row for each beneficiary and year: its total over the window that ends with the year,
and when the last award of the year was granted. Of the year of the as-of date and of the year of the cycle every year
of the window must be known; earlier years are judged as they are recorded. A yearly rate fills the years that its
agreement covers. A ledger over a period has a row for each award.

What may be the same beneficiary under another name widens the total upwards only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import and_

import polars as pl

from tipstaff.audit.columns.compiler import Columns, bounded
from tipstaff.audit.columns.contributions import contribution_rows, lines_joined
from tipstaff.audit.ledgers.beneficiaries import Beneficiaries
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import FactRef, Node, Shift, facts_of
from tipstaff.policy.pack.model import JOINT, Ledger, Pack, TableRules
from tipstaff.register.tables.model import Closed, Register


@dataclass(frozen=True, slots=True)
class LedgerRows:
    """A ledger of a register.

    ``totals`` has a row for each point at which it is judged: ``beneficiary``, ``year`` (or ``partnership`` and
    ``index``, of an award), the total and the date as bounds, whether planned, whether the beneficiary ``surely`` had
    an award then, and its yes/no facts. ``of_partnerships`` has each for every ``partnership`` that it concerns.
    """

    beneficiaries: Beneficiaries
    totals: pl.DataFrame
    of_partnerships: pl.DataFrame


def amounts(
    ledger: Ledger,
    register: Register,
    pack: Pack,
    frame: pl.DataFrame,
    rows: pl.DataFrame,
    dates: Mapping[str, date],
) -> pl.DataFrame:
    """The lines that a ledger lists of each partnership: by year, or award by award.

    ``frame`` has the facts of the partnerships, ``rows`` the rows of the ledger's table.
    """
    if ledger.years is None:
        return _awards(ledger, frame, rows)
    return _amounts_by_year(ledger, register, pack, frame, dates)


def ledger_rows(ledger: Ledger, found: Beneficiaries, given: pl.DataFrame, dates: Mapping[str, date]) -> LedgerRows:
    """A ledger over the beneficiaries found in a register, of the ``amounts`` given."""
    near = pl.DataFrame(found.near, schema={"beneficiary": pl.UInt32, "alias": pl.UInt32}, orient="row")
    totals = totalled(ledger, shared(given, found.links), near, dates)
    totals = totals.join(found.facts, on="beneficiary", how="left")
    return LedgerRows(found, totals, concerning(ledger, totals, found.links))


def totalled(ledger: Ledger, shares: pl.DataFrame, near: pl.DataFrame, dates: Mapping[str, date]) -> pl.DataFrame:
    """The points at which a ledger is judged, of the ``shares`` of beneficiaries and of those ``near`` them by name."""
    both_ways = pl.concat([near, near.select(beneficiary="alias", alias="beneficiary")])
    if ledger.years is None:
        return _totals_by_period(ledger, shares, both_ways, dates)
    return _totals_by_year(ledger, shares, both_ways, dates)


def concerning(ledger: Ledger, totals: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The points of a ledger for every partnership that they concern.

    ``surely`` says that one surely is of the partnership: its organisation receives money of it, and had an award.
    """
    on = ["beneficiary"] if ledger.years is not None else ["beneficiary", "partnership"]
    own = totals.join(links.select("partnership", "beneficiary", "receives"), on=on)
    return own.with_columns(surely=pl.col("surely") & pl.col("receives")).drop("receives")


def judged(rows: pl.DataFrame, frame: pl.DataFrame, nodes: Iterable[Node]) -> pl.DataFrame:
    """The rows of a ledger that concern partnerships, with the facts of these that expressions read."""
    read = {fact for node in nodes for fact in facts_of(node)}
    physical = {f"{fact}{part}" for fact in read for part in ("", "_lo", "_hi", "_key")} - {*rows.columns}
    facts = frame.select("row", *(name for name in frame.columns if name in physical))
    return rows.join(facts, left_on="partnership", right_on="row", how="left")


# By financial years


def _amounts_by_year(
    ledger: Ledger, register: Register, pack: Pack, frame: pl.DataFrame, dates: Mapping[str, date]
) -> pl.DataFrame:
    """The amount given to each partnership in each year: recorded, or needed for a window that is judged in full.

    ``recorded`` is true where something is, and unknown where only a rate is that may fill the year.
    """
    assert ledger.years is not None
    rules = pack.tables[ledger.table]
    rows = contribution_rows(register.tables[ledger.table], pack)
    this, cycle = dates["year_start"].year, dates["cycle_start"].year
    asked = sorted({*range(this - ledger.years + 1, this + 1), *range(cycle - ledger.years + 1, cycle + 1)})
    recorded = rows.filter(pl.col("year").is_not_null()).select("partnership", "year")
    years = pl.DataFrame({"year": asked}, schema={"year": pl.Int32})
    grid = frame.select(partnership=pl.col("row")).join(years, how="cross")
    terms = _terms(ledger, pack, frame)
    pairs = pl.concat([recorded, grid]).unique().sort("partnership", "year").with_row_index("row")
    pairs = pairs.join(terms, on="partnership", how="left")
    first_day, last_day = _days_of("year")
    earlier = (pl.col("year") < this) & ~pl.col("before")
    covered = (pl.col("from_hi") <= first_day) & (pl.col("to_lo") >= last_day)
    missed = (pl.col("from_lo") > first_day) | (pl.col("to_hi") < last_day)
    pairs = pairs.with_columns(
        before=(pl.col("begun") > last_day).fill_null(False),
    ).with_columns(
        covered=(pl.col("year") == this) | (earlier & covered.fill_null(False)),
        coverable=earlier & ~covered.fill_null(False) & ~missed.fill_null(False),
    )
    own = pairs.select("row", "partnership", "year").join(rows, on=["partnership", "year"])
    rates = pairs.select("row", "partnership", "covered", "coverable").join(
        rows.filter(pl.col("year").is_null()), on="partnership"
    )
    counted = pl.concat([own, rates.filter("covered").select(own.columns)])
    with_rates = pairs.filter("coverable").join(rates.select("row"), on="row", how="semi")
    possible = pl.concat([own, rates.filter("coverable").select(own.columns)])
    possible = possible.join(with_rates.select("row"), on="row", how="semi")
    sure = _summed(ledger, counted, rules, pack, dates)
    most = _summed(ledger, possible, rules, pack, dates).select(
        pl.exclude("lo").name.map(lambda name: name if name == "row" else f"{name}_most")
    )
    closed = _closed(register, pack, ledger, rows, pairs)
    return (
        pairs.with_columns(closed=closed)
        .join(sure, on="row", how="left")
        .join(most, on="row", how="left")
        .with_columns(of_record=pl.when(pl.col("rows").is_null()).then(0).otherwise("of_record"))
        .with_columns(pl.col("rows", "lo").fill_null(0), pl.col("undated").fill_null(True))
        .with_columns(recorded=pl.col("rows") > 0, maybe=pl.col("rows_most").is_not_null())
        .with_columns(
            hi=pl.when(~pl.col("recorded") & ~pl.col("maybe") & (pl.col("closed") | pl.col("before")))
            .then(0)
            .when("maybe")
            .then(pl.when(pl.col("hi").is_not_null()).then(_greater("hi", "hi_most")))
            .otherwise("hi"),
            of_record=pl.when("maybe").then(_greater("of_record", "of_record_most")).otherwise("of_record"),
            date_lo=pl.coalesce("date_lo", pl.min_horizontal(first_day, "earliest", "earliest_most")),
            date_hi=pl.max_horizontal(
                "date_hi", "date_hi_most", pl.when(pl.coalesce("undated_most", "undated")).then(last_day)
            ),
            recorded=pl.when("recorded").then(True).when(~pl.col("maybe")).then(False),
        )
        .select("partnership", "year", "recorded", "lo", "hi", "of_record", "date_lo", "date_hi")
    )


def _days_of(year: str) -> tuple[pl.Expr, pl.Expr]:
    """The first and the last day of a financial year."""
    return pl.date(pl.col(year), 4, 1), pl.date(pl.col(year) + 1, 3, 31)


def _greater(one: str, other: str) -> pl.Expr:
    """The greater of two upper bounds, null where either is."""
    return pl.when(pl.col(one).is_not_null() & pl.col(other).is_not_null()).then(pl.max_horizontal(one, other))


def _summed(
    ledger: Ledger,
    counted: pl.DataFrame,
    rules: TableRules,
    pack: Pack,
    dates: Mapping[str, date],
) -> pl.DataFrame:
    """Total some rows by the group (``row``) in which they are counted: the amount, and when it was granted.

    ``of_record`` is the most that is recorded: unlike ``hi`` it takes a line that nothing states to be nil.
    """
    only = _only(rules, ledger.amount)
    by_group = counted.drop("partnership").rename({"row": "partnership"})
    groups = by_group.select(pl.col("partnership").unique()).rename({"partnership": "row"})
    lines = lines_joined(groups.lazy(), by_group.lazy(), only, pack, dict(dates))
    names = [*(council.key for council in pack.vocabulary.councils), JOINT]
    amount = f"{ledger.amount}#"
    least_of_row, most_of_row = pl.col(f"{ledger.amount}_lo"), pl.col(f"{ledger.amount}_hi")
    stated = pl.col(f"{ledger.granted}_hi").is_not_null()
    dated = (
        counted.with_columns(award=_is_award(least_of_row, most_of_row, counted["from_text"].any()))
        .group_by("row")
        .agg(
            rows=pl.len(),
            blanks=most_of_row.is_null().sum(),
            undated=(~stated & pl.col("award")).any() | ~pl.col("award").any(),
            earliest=pl.when(stated).then(f"{ledger.granted}_lo").min(),
            date_lo=pl.when(stated & pl.col("award") & (least_of_row > 0)).then(f"{ledger.granted}_lo").max(),
            date_hi=pl.when("award").then(f"{ledger.granted}_hi").max(),
        )
    )
    recorded = [pl.when(f"{amount}{name}_stated").then(pl.col(f"{amount}{name}_hi")).otherwise(0) for name in names]
    most = _sum_of([pl.col(f"{amount}{name}_hi") for name in names])
    known = (pl.col("blanks").fill_null(0) == 0) | most.is_not_null()
    joined: pl.DataFrame = lines.collect()
    return joined.join(dated, on="row", how="left").select(
        "row",
        "earliest",
        "date_lo",
        "date_hi",
        "rows",
        "undated",
        lo=pl.sum_horizontal(pl.col(f"{amount}{name}_lo") for name in names),
        hi=most,
        of_record=pl.when(known).then(_sum_of(recorded)),
    )


def _is_award(least: pl.Expr, most: pl.Expr, some_from_text: bool) -> pl.Expr:
    """Whether a row may be an award: not of nothing, nor one read from text where the sheet has a figure instead."""
    something = (most > 0).fill_null(True)
    if not some_from_text:
        return something
    joint = pl.col("line") == JOINT
    on_sheet = ~pl.col("from_text") & (most.is_not_null() | (least > 0))
    replaced = (
        pl.when(joint)
        .then(on_sheet.any().over("row"))
        .otherwise(on_sheet.any().over("row", "line") | (on_sheet & joint).any().over("row"))
    )
    return something & ~(pl.col("from_text") & replaced)


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


def _terms(ledger: Ledger, pack: Pack, frame: pl.DataFrame) -> pl.DataFrame:
    """From and to when the current agreement of each partnership runs, and before when it had nothing (``begun``).

    Unknown where the pack knows no agreements, or no such date.
    """
    current = next((rules for rules in pack.tables.values() if rules.starts is not None), None)

    def end(fact: str | None, which: str) -> pl.Expr:
        return pl.lit(None, dtype=pl.Date) if fact is None else pl.col(f"{fact}_{which}")

    starts, ends = (current.starts, current.ends) if current is not None else (None, None)
    return frame.select(
        pl.col("row").alias("partnership"),
        from_lo=end(starts, "lo"),
        from_hi=end(starts, "hi"),
        to_lo=end(ends, "lo"),
        to_hi=end(ends, "hi"),
        begun=end(ledger.begins, "lo"),
    )


def shared(given: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The amount each beneficiary of a partnership had: all if it alone surely received, or from nothing to all."""
    joined = given.join(links, on="partnership")
    return joined.with_columns(lo=pl.when("alone").then("lo").otherwise(0))


def _totals_by_year(
    ledger: Ledger, shares: pl.DataFrame, near: pl.DataFrame, dates: Mapping[str, date]
) -> pl.DataFrame:
    assert ledger.years is not None
    this, cycle = dates["year_start"].year, dates["cycle_start"].year
    in_full = pl.col("year").is_in([this, cycle])
    first_day, last_day = _days_of("year")
    maybe, surely = pl.col("recorded").fill_null(True), pl.col("recorded").fill_null(False) & pl.col("alone")
    by_year = (
        shares.group_by("beneficiary", "year")
        .agg(
            pl.col("lo").sum(),
            hi=pl.when(~pl.col("hi").is_null().any()).then(pl.col("hi").sum()),
            of_record=pl.when(~(pl.col("of_record").is_null() & maybe).any()).then(
                pl.when(maybe).then("of_record").sum()
            ),
            recorded=maybe.any(),
            surely=surely.any(),
            date_lo=pl.when(surely & (pl.col("lo") > 0)).then("date_lo").max(),
            earliest=pl.when(maybe).then("date_lo").min(),
            date_hi=pl.when(maybe & (pl.col("hi") != 0).fill_null(True)).then("date_hi").max(),
        )
        .with_columns(
            surely=pl.col("surely") | in_full,
            date_lo=pl.coalesce("date_lo", pl.min_horizontal("earliest", first_day)),
            date_hi=pl.when(pl.col("date_hi").is_null() | (in_full & pl.col("hi").is_null()))
            .then(pl.max_horizontal("date_hi", last_day))
            .otherwise("date_hi"),
        )
    )
    own_hi = pl.when(in_full).then("hi").otherwise("of_record")
    points = by_year.filter((pl.col("recorded") & (pl.col("year") <= this)) | in_full)
    points = points.select("beneficiary", "year", "surely", "date_lo", "date_hi", year_lo="lo", year_hi=own_hi)
    possible = pl.concat([points.select("beneficiary", alias="beneficiary").unique(), near])
    in_window = (pl.col("year_of") <= pl.col("year")) & (pl.col("year_of") > pl.col("year") - ledger.years)
    years_of = by_year.select("lo", "hi", "of_record", alias="beneficiary", year_of="year")
    parts = points.select("beneficiary", "year").join(possible, on="beneficiary").join(years_of, on="alias")
    totals = (
        parts.filter(in_window)
        .with_columns(hi=own_hi)
        .group_by("beneficiary", "year")
        .agg(
            lo=pl.when(pl.col("alias") == pl.col("beneficiary")).then("lo").sum(),
            hi=pl.when(~pl.col("hi").is_null().any()).then(pl.col("hi").sum()),
        )
    )
    more = {ledger.planned: pl.col("year") > this} if ledger.planned is not None else {}
    if ledger.year_total is not None:
        more |= {f"{ledger.year_total}_lo": pl.col("year_lo"), f"{ledger.year_total}_hi": pl.col("year_hi")}
    return (
        points.join(totals, on=["beneficiary", "year"])
        .sort("beneficiary", "year")
        .select(
            "beneficiary",
            "year",
            "surely",
            pl.col("lo").alias(f"{ledger.total}_lo"),
            pl.col("hi").alias(f"{ledger.total}_hi"),
            pl.col("date_lo").alias(f"{ledger.date}_lo"),
            pl.col("date_hi").alias(f"{ledger.date}_hi"),
            **more,
        )
    )


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
            pl.lit(True).alias("surely"),
            pl.coalesce("total_lo", "lo").alias(f"{ledger.total}_lo"),
            pl.col("total_hi").alias(f"{ledger.total}_hi"),
            pl.col("date_lo").alias(f"{ledger.date}_lo"),
            pl.col("date_hi").alias(f"{ledger.date}_hi"),
            pl.col("lo").alias(f"{ledger.amount}_lo"),
            pl.col("hi").alias(f"{ledger.amount}_hi"),
        )
    )
