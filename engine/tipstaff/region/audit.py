"""The audit of a region: a register of any size, in parts, on an engine.

Outcomes are written as Parquet, a file a part; what comes back is how often each came out.
"""

import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from tipstaff.audit.decisions.audit import Audit, Outcome, reported
from tipstaff.audit.decisions.decision_tables import decide
from tipstaff.audit.explaining.findings import Finding
from tipstaff.audit.ledgers.beneficiaries import identified, named_by, near_beneficiaries
from tipstaff.errors import UnreadableError
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.pack.model import SEVERITIES, Pack, Recipients, Rule
from tipstaff.region import stages
from tipstaff.region.engines.engine import Engine
from tipstaff.region.neighbourhood import explained
from tipstaff.region.outcome_folder import replace_outcomes, stages_below
from tipstaff.region.stages import Counted, Folders, Place, Setting, parts_of
from tipstaff.register.files.sheet import plain
from tipstaff.register.published.organisations import Groups
from tipstaff.register.tables.model import Problem
from tipstaff.register.tables.parquet import readable, scanned

PARTNERSHIPS_OF_A_PART = 50_000
"""The partnerships that are audited at once, about."""


@dataclass(frozen=True, slots=True)
class RegionAudit:
    """The result of a region's audit. ``folder`` has the outcomes, in Parquet files."""

    pack: Pack
    name: str
    sha256: str
    as_of: date
    cycle: FinancialYear
    rules: tuple[Rule, ...]
    folder: Path
    parts: int
    """How many files of outcomes there are."""
    partnerships: int
    outcomes: Mapping[str, Mapping[str, int]]
    """How often each rule came out each way: ``{rule: {outcome: count}}``."""
    conclusions: Mapping[str, Mapping[str, int]]
    """How often each conclusion came out true, false and unknown."""
    problems: int
    """How many problems were met in the register."""
    remarks: int
    """How many remarks there are on how it was read."""
    first_problems: tuple[Problem, ...]
    """The first of them, in the order of their places; behind them the first remarks."""
    worst: tuple[Finding, ...]
    """The worst outcomes, as many as were asked for; empty if they rest on too many partnerships to be explained."""

    def totals(self) -> dict[Outcome, int]:
        """How often each outcome came out over all the rules reported, noughts included."""
        return {outcome: sum(one[outcome.word] for one in self.outcomes.values()) for outcome in Outcome}


def audit_region(
    name: str,
    sha256: str,
    tables: Mapping[str, Sequence[Path]],
    pack: Pack,
    as_of: date,
    cycle: FinancialYear,
    engine: Engine,
    into: Path,
    written: Callable[[Audit], bytes],
    *,
    only: frozenset[str] = frozenset(),
    without: frozenset[str] = frozenset(),
    parts: int | None = None,
    shown: int = 0,
    progress: Callable[[str], None] = lambda step: None,
) -> RegionAudit:
    """Audit a register of Parquet tables, which are shuffled into ``parts``.

    The outcomes are written to the folder ``into``, a file a part as ``written`` makes it of the part's audit; those of
    an earlier audit are replaced once all is done. ``shown`` is how many of the worst outcomes come back explained.
    ``progress`` is called as each step begins, with its name. Raises UnreadableError, InferenceError, and EngineError,
    also if ``into`` holds anything but outcomes.
    """
    into = into.resolve()
    main = pack.vocabulary.table_of_shape(Shape.REGISTER)
    assert main is not None
    if parts is None:
        parts = max(-(-sum(map(_rows_of, tables[main.name])) // PARTNERSHIPS_OF_A_PART), 1)
    with stages_below(into, [file for files in tables.values() for file in files]) as work:
        progress("decision tables")
        setting = Setting(pack, decide(pack), as_of, cycle, name, sha256, only, without, engine.answer, shown, written)
        folders = Folders(work)
        folders.setting.write_bytes(pickle.dumps(setting))
        counted = _in_stages(setting, tables, engine, parts, folders, progress)
        partnerships = sum(one.partnerships for one in counted)
        if not partnerships:
            raise UnreadableError(
                f"{name} has no row that is a partnership. Nothing was audited; enter a row for each."
            )
        progress("the worst of them")
        places = sorted((place for one in counted for place in one.worst), key=partial(_weight, pack))[:shown]
        worst = tuple(explained(folders, setting, places))
        replace_outcomes(into, [folders.outcomes / f"{home}.parquet" for home in range(parts)])
    of_tables = frozenset().union(*(one.of_tables for one in counted))
    serious = sum(one.serious for one in of_tables)
    first_problems = [*of_tables, *(problem for one in counted for problem in one.first_problems)]
    return RegionAudit(
        pack=pack,
        name=name,
        sha256=sha256,
        as_of=as_of,
        cycle=cycle,
        rules=reported(pack, only, without),
        folder=into,
        parts=parts,
        partnerships=partnerships,
        outcomes=_summed(one.outcomes for one in counted),
        conclusions=_summed(one.conclusions for one in counted),
        problems=serious + sum(one.problems for one in counted),
        remarks=len(of_tables) - serious + sum(one.remarks for one in counted),
        first_problems=tuple(stages.in_order(first_problems)[: stages.MOST_PROBLEMS]),
        worst=worst,
    )


def _rows_of(file: Path) -> int:
    with readable(file, plain(str(file))):
        count: int = scanned([file]).select(pl.len()).collect().item()
    return count


def _in_stages(
    setting: Setting,
    tables: Mapping[str, Sequence[Path]],
    engine: Engine,
    parts: int,
    folders: Folders,
    progress: Callable[[str], None],
) -> list[Counted]:
    """Run the stages and return the counts of every home. The outcomes are in ``folders.outcomes``."""
    main = setting.pack.vocabulary.table_of_shape(Shape.REGISTER)
    assert main is not None
    homes = range(parts)

    def each(task: Callable[[Folders, int], None]) -> None:
        for _ in engine.each(partial(task, folders), homes):
            pass

    def shuffled(stage: str, by_what: str, names: Iterable[str], by: Callable[[str], Sequence[str]]) -> None:
        for one in names:
            engine.shuffle(folders.files(stage, one), by(one), parts, folders.of(f"{stage} by {by_what}", one))

    progress("parts by partnership")
    for table, files in tables.items():
        keys = ["ref", "name"] if table == main.name else ["ref"]
        engine.shuffle(files, keys, parts, folders.table(table), spelt=True)
    progress("organisations")
    each(stages.name_organisations)
    for number, to in enumerate(setting.recipients):
        _settle_organisations(folders, number, to)
    progress("facts for others")
    each(stages.state_shares)
    numbers = [str(number) for number, _ in enumerate(setting.recipients)]
    ledgers = [ledger.name for ledger in setting.pack.ledgers_read]
    shuffled("yes/no facts", "organisation", numbers, lambda _: ["cluster"])
    shuffled("shares", "organisation", ledgers, lambda _: ["cluster"])
    same = {one: ["_apart", *(f"{key}_key" for key in repeats.keys)] for one, repeats in setting.pack.repeats.items()}
    shuffled("alike", "text", same, lambda one: same[one])
    progress("totals of organisations")
    each(stages.total_shares)
    shuffled("judged", "home", ledgers, lambda _: ["home"])
    shuffled("repeated", "home", same, lambda _: ["home"])
    _find_homes(folders, {"judged": ledgers, "repeated": list(same)}, homes)
    progress("outcomes")
    return list(engine.each(partial(stages.decide_outcomes, folders), homes))


def _weight(pack: Pack, place: Place) -> tuple[int, int]:
    """The sort key of ``reported_places``."""
    return SEVERITIES.index(pack.rules[place.rule].severity), place.outcome


def _settle_organisations(folders: Folders, number: int, to: Recipients) -> None:
    """Which namings are of one organisation, over the whole region, and which organisations may be one.

    Those that may be one have a ``cluster`` in common.
    """
    by = named_by(to)
    distinct = scanned(folders.files("namings", str(number))).unique().sort(by).collect()
    known = identified(distinct, to).drop_nulls("group").rename({"group": "beneficiary"})
    near = near_beneficiaries(known)
    clusters = _clusters(near)
    known = known.join(clusters, on="beneficiary", how="left").with_columns(
        pl.col("cluster").fill_null(pl.col("beneficiary"))
    )
    known.write_parquet(folders.known(number))
    near.write_parquet(folders.near(number))


def _clusters(near: pl.DataFrame) -> pl.DataFrame:
    """The organisations that have any near them, each with the least of all that are linked with it so."""
    groups: Groups[int] = Groups()
    for one, other in near.iter_rows():
        groups.join(*sorted((groups.leader(one), groups.leader(other))))
    schema = {"beneficiary": pl.Int64, "cluster": pl.Int64}
    return pl.DataFrame([(one, groups.leader(one)) for one in groups], schema=schema, orient="row")


def _find_homes(folders: Folders, names: Mapping[str, Sequence[str]], parts: Iterable[int]) -> None:
    """Find the part of each shuffle home that has the rows of every home."""
    schema = {"stage": pl.String, "name": pl.String, "home": pl.Int64, "part": pl.Int64}
    found = [pl.LazyFrame(schema=schema)]
    for stage, of_stage in names.items():
        for name in of_stage:
            folder = folders.of(f"{stage} by home", name)
            for part in parts:
                placed = scanned(parts_of(folder, part)).select(pl.col("home").cast(pl.Int64).unique())
                said = pl.lit(stage).alias("stage"), pl.lit(name).alias("name")
                found.append(placed.select(*said, "home", pl.lit(part, dtype=pl.Int64).alias("part")))
    pl.concat(found).collect().write_parquet(folders.home_files())


def _summed(counts: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    total: dict[str, Counter[str]] = {}
    for one in counts:
        for name, by_answer in one.items():
            total.setdefault(name, Counter()).update(by_answer)
    return {name: dict(by_answer) for name, by_answer in total.items()}
