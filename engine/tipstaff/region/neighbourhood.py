"""The neighbouring partnerships needed to explain an outcome in a region: an audit small enough to explain it.

The audit has every partnership that the outcomes rest on: those in which organisations of theirs, or of names near
these, have a part, and those that may repeat them. Each outcome is therefore the same as in the region.
"""

from collections.abc import Iterable, Sequence

import polars as pl

from tipstaff.audit.decisions.audit import Audit, audit
from tipstaff.audit.explaining.findings import Explainer, Finding
from tipstaff.facts.vocabulary import Shape
from tipstaff.region.stages import ROW_BITS, Folders, Place, Setting, rows_of
from tipstaff.register.tables.parquet import FILE, REF, ROW, read_tables, scanned
from tipstaff.register.tables.problems import Problems

MOST_AROUND = 2_000
"""The most partnerships that are audited to explain some."""


def explained(folders: Folders, setting: Setting, places: Sequence[Place]) -> list[Finding]:
    """The findings at some places, explained, while the files of the stages are there.

    None of them if they rest on more than ``MOST_AROUND`` partnerships.
    """
    if not places:
        return []
    asked = list(dict.fromkeys(place.partnership for place in places))
    found = _around(folders, setting, asked)
    if len(found) > MOST_AROUND:
        return []
    done, positions = _audited(folders, setting, sorted(found), asked)
    explainer = Explainer(done, positions.values())
    findings = []
    for place in places:
        position, rule = positions[place.partnership], setting.pack.rules[place.rule]
        assert done.answers[rule.id][position] == place.outcome, "the neighbourhood holds all that an outcome rests on"
        findings.append(explainer.finding(rule, position, place.outcome))
    return findings


def _around(folders: Folders, setting: Setting, asked: Sequence[int]) -> set[int]:
    """The partnerships asked for, and those that they rest on."""
    found = {*asked}
    for ledger in setting.pack.ledgers_read:
        shares = scanned(folders.files("shares", ledger.name)).select("partnership", "cluster")
        clusters = shares.filter(pl.col("partnership").is_in(asked)).select("cluster").unique()
        found |= _few(shares.join(clusters, on="cluster", how="semi"), "partnership")
    for name, repeats in setting.pack.repeats.items():
        same = [f"{key}_key" for key in repeats.keys]
        alike = scanned(folders.files("alike", name)).select("row", *same)
        texts = alike.filter(pl.col("row").is_in(asked)).select(same).unique()
        found |= _few(alike.join(texts, on=same, how="semi"), "row")
    return found


def _few(rows: pl.LazyFrame, column: str) -> set[int]:
    return {*rows.select(pl.col(column).unique()).head(MOST_AROUND + 1).collect(engine="streaming")[column]}


def _audited(
    folders: Folders, setting: Setting, found: Sequence[int], asked: Iterable[int]
) -> tuple[Audit, dict[int, int]]:
    """An audit of the partnerships found, and the positions in it of those asked for."""
    main = setting.pack.vocabulary.table_of_shape(Shape.REGISTER)
    assert main is not None
    by_home: dict[int, list[int]] = {}
    for one in found:
        by_home.setdefault(one >> ROW_BITS, []).append(one % 2**ROW_BITS)
    chosen = folders.work / "around"
    refs: list[str] = []
    for home, rows in by_home.items():
        names = scanned([folders.outcomes / f"{home}.parquet"]).select("ref").collect()["ref"].gather(rows)
        refs += names.to_list()
        for name in setting.pack.vocabulary.tables:
            if not folders.table(name).is_dir():
                continue
            table = rows_of(folders.table(name), home).sort(FILE, ROW)
            theirs = pl.col("ref").cast(pl.String).is_in(names.implode())
            kept = table[rows].with_columns(names.alias(REF)) if name == main.name else table.filter(theirs)
            (chosen / name).mkdir(parents=True, exist_ok=True)
            kept.write_parquet(chosen / name / f"{home}.parquet")
    files = {folder.name: sorted(folder.glob("*.parquet")) for folder in chosen.iterdir()}
    register = read_tables(setting.name, setting.sha256, files, setting.pack.vocabulary, Problems())
    done = audit(
        register,
        setting.pack,
        setting.as_of,
        setting.cycle,
        setting.decisions,
        setting.only,
        setting.without,
    )
    place_of = {ref: place for place, ref in enumerate(register.refs)}
    ref_of = dict(zip(found, refs, strict=True))
    return done, {one: place_of[ref_of[one]] for one in asked}
