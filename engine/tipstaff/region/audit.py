"""The audit of a region: a register of any size, in parts, on an engine.

Outcomes are written as Parquet, a file a part; what comes back is how often each came out.
"""

import pickle
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from tipstaff.audit.audit import Audit, reported
from tipstaff.audit.beneficiaries import identified, named_by, near_beneficiaries
from tipstaff.audit.findings import Finding
from tipstaff.audit.inference import decide
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.pack import SEVERITIES, Pack, Recipients, Rule
from tipstaff.region import stages
from tipstaff.region.around import explained
from tipstaff.region.engines import Engine
from tipstaff.region.stages import Folders, Place, Setting
from tipstaff.register.model import Problem

PARTNERSHIPS_OF_A_PART = 50_000
"""The partnerships that are audited at once, about."""


@dataclass(frozen=True, slots=True)
class RegionAudit:
    """What came of the audit of a region. ``folder`` has the outcomes, in Parquet files."""

    pack: Pack
    name: str
    as_of: date
    cycle: FinancialYear
    rules: tuple[Rule, ...]
    folder: Path
    partnerships: int
    outcomes: Mapping[str, Mapping[str, int]]
    """How often each rule came out each way: ``{rule: {outcome: count}}``."""
    conclusions: Mapping[str, Mapping[str, int]]
    """How often each conclusion came out true, false and unknown."""
    problems: int
    """How many problems were met in the register."""
    first_problems: tuple[Problem, ...]
    worst: tuple[Finding, ...]
    """The worst outcomes, as many as were asked for; none where they rest on too many partnerships to be explained."""


def audit_region(
    name: str,
    sha256: str,
    tables: Mapping[str, Sequence[Path]],
    pack: Pack,
    as_of: date,
    cycle: FinancialYear,
    engine: Engine,
    into: Path,
    written: Callable[[Audit], pl.DataFrame],
    *,
    only: frozenset[str] = frozenset(),
    without: frozenset[str] = frozenset(),
    parts: int | None = None,
    shown: int = 0,
    told: Callable[[str], None] = lambda step: None,
) -> RegionAudit:
    """Audit a register of Parquet tables, which are shuffled into ``parts``.

    The outcomes are written below ``into``, as ``written`` makes them of each part; what was there is replaced, and the
    files of the stages are removed in the end. ``shown`` is how many of the worst outcomes come back explained.
    ``told`` is called as each step begins, with its name. Raises UnreadableError, InferenceError and EngineError.
    """
    main = pack.vocabulary.table_of_shape(Shape.REGISTER)
    assert main is not None
    if parts is None:
        count = sum(pl.scan_parquet(file).select(pl.len()).collect().item() for file in tables[main.name])
        parts = max(-(-count // PARTNERSHIPS_OF_A_PART), 1)
    told("decision tables")
    setting = Setting(pack, decide(pack), as_of, cycle, name, sha256, only, without, shown, written)
    folders = Folders(into / ".stages", into)
    shutil.rmtree(into, ignore_errors=True)
    folders.work.mkdir(parents=True)
    folders.setting.write_bytes(pickle.dumps(setting))
    homes = range(parts)

    def each(task: Callable[[Folders, int], None]) -> None:
        for _ in engine.each(partial(task, folders), homes):
            pass

    def shuffled(stage: str, by_what: str, names: Iterable[str], by: Callable[[str], Sequence[str]]) -> None:
        for one in names:
            files = sorted(folders.of(stage, one).glob("*.parquet"))
            engine.shuffle(files, by(one), parts, folders.of(f"{stage} by {by_what}", one))

    told("parts by partnership")
    for table, files in tables.items():
        keys = ["ref", "name"] if table == main.name else ["ref"]
        engine.shuffle(files, keys, parts, folders.table(table), spelt=True)
    told("organisations")
    each(stages.name_organisations)
    for number, to in enumerate(setting.recipients):
        _settle_organisations(folders, number, to)
    told("facts for others")
    each(stages.state_shares)
    numbers = [str(number) for number, _ in enumerate(setting.recipients)]
    ledgers = [ledger.name for ledger in setting.ledgers]
    shuffled("told", "organisation", numbers, lambda _: ["cluster"])
    shuffled("shares", "organisation", ledgers, lambda _: ["cluster"])
    same = {one: ["_apart", *(f"{key}_key" for key in repeats.keys)] for one, repeats in setting.repeats.items()}
    shuffled("alike", "text", same, lambda one: same[one])
    told("totals of organisations")
    each(stages.total_shares)
    shuffled("judged", "home", ledgers, lambda _: ["home"])
    shuffled("repeated", "home", same, lambda _: ["home"])
    _find_homes(folders, {"judged": ledgers, "repeated": list(same)})
    told("outcomes")
    counted = list(engine.each(partial(stages.decide_outcomes, folders), homes))
    told("the worst of them")
    places = sorted((place for one in counted for place in one.worst), key=partial(_weight, pack))[:shown]
    worst = tuple(explained(folders, setting, places))
    shutil.rmtree(folders.work, ignore_errors=True)
    return RegionAudit(
        pack=pack,
        name=name,
        as_of=as_of,
        cycle=cycle,
        rules=reported(pack, only, without),
        folder=into,
        partnerships=sum(one.partnerships for one in counted),
        outcomes=_summed(one.outcomes for one in counted),
        conclusions=_summed(one.conclusions for one in counted),
        problems=sum(one.problems for one in counted),
        first_problems=next((one.first_problems for one in counted if one.first_problems), ()),
        worst=worst,
    )


def _weight(pack: Pack, place: Place) -> tuple[int, int]:
    """Sorts places as ``in_order_of_weight`` has them."""
    return SEVERITIES.index(pack.rules[place.rule].severity), place.outcome


def _settle_organisations(folders: Folders, number: int, to: Recipients) -> None:
    """Which namings are of one organisation, over the whole region, and which organisations may be one.

    Those that may be one have a ``cluster`` in common.
    """
    by = named_by(to)
    distinct = pl.scan_parquet(folders.of("namings", str(number)) / "*.parquet", glob=True).unique().sort(by).collect()
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
    first: dict[int, int] = {}

    def root(one: int) -> int:
        while first.setdefault(one, one) != one:
            first[one] = first[first[one]]
            one = first[one]
        return one

    for one, other in near.iter_rows():
        low, high = sorted((root(one), root(other)))
        first[high] = low
    schema = {"beneficiary": pl.Int64, "cluster": pl.Int64}
    return pl.DataFrame([(one, root(one)) for one in first], schema=schema, orient="row")


def _find_homes(folders: Folders, names: Mapping[str, Sequence[str]]) -> None:
    """In which part of each shuffle home the rows of every home stand."""
    schema = {"stage": pl.String, "name": pl.String, "home": pl.Int64, "part": pl.Int64}
    found = [pl.DataFrame(schema=schema)]
    for stage, of_stage in names.items():
        for name in of_stage:
            folder = folders.of(f"{stage} by home", name)
            rows = pl.scan_parquet(folder / "part=*/*.parquet", hive_partitioning=True)
            placed = rows.select(pl.col("home").cast(pl.Int64), pl.col("part").cast(pl.Int64)).unique().collect()
            found.append(placed.select(stage=pl.lit(stage), name=pl.lit(name), home="home", part="part"))
    pl.concat(found).write_parquet(folders.home_files())


def _summed(counts: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    total: dict[str, Counter[str]] = {}
    for one in counts:
        for name, by_answer in one.items():
            total.setdefault(name, Counter()).update(by_answer)
    return {name: dict(by_answer) for name, by_answer in total.items()}
