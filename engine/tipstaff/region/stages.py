"""The stages of a region's audit, each a task for one part of it.

A register is shuffled into parts by partnership, its ``homes``. Facts that the partnerships of a home state themselves
are worked out there. Facts that they share with others go through a second shuffle: which organisation is which is
settled for the whole region, then everything that organisations of like names had is brought into one part, is totalled
there as it is in one audit, and is shuffled home.

Between the stages everything is kept in files below one folder, written by one task each and replaced when a task is
done again. There a partnership is ``home << 32 | row``.
"""

import pickle
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from tipstaff.audit.decisions.audit import Audit, Outcome, reported
from tipstaff.audit.decisions.decision_tables import Decision
from tipstaff.audit.explaining.findings import reported_places
from tipstaff.audit.gathering.derived import Between, crossing
from tipstaff.audit.gathering.facts import Facts, completed, gather_alone, moments
from tipstaff.audit.gathering.repeats import named_alike, repeated
from tipstaff.audit.ledgers.beneficiaries import linked, named_by, namings, yes_no_facts_of
from tipstaff.audit.ledgers.totals import amounts, concerning, shared, totalled
from tipstaff.errors import UnreadableError
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Shape, Vocabulary
from tipstaff.policy.language.nodes import facts_of
from tipstaff.policy.pack.model import Pack, Recipients, TableRules, formulas_of, ledger_facts
from tipstaff.region.engines.uniting import NOT_OF_KEY
from tipstaff.register.tables.model import Problem, Register, Rows
from tipstaff.register.tables.parquet import FILE, ROW, read_tables, scanned
from tipstaff.register.tables.problems import Problems, shortened
from tipstaff.register.tables.references import slug

ROW_BITS = 32
"""The bits that tell the rows of a home; those above them tell the home."""

_NAMELESS = 1 << 62
"""From this number on, organisations of which no name or number is known."""

MOST_PROBLEMS = 100
"""The most problems that are given one by one."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The settings of every task of a region's audit."""

    pack: Pack
    decisions: Mapping[str, Decision]
    as_of: date
    cycle: FinancialYear
    name: str
    sha256: str
    only: frozenset[str]
    without: frozenset[str]
    answer: Callable[[Facts, Pack, Mapping[str, Decision]], pl.DataFrame]
    """Answers criteria and rules, as the engine does."""
    shown: int
    """How many of the worst outcomes are explained one by one."""
    written: Callable[[Audit], bytes]
    """Makes of a part's audit its file of outcomes, in Parquet; ``ref`` is one of the columns."""

    @property
    def recipients(self) -> list[Recipients]:
        """Who receives what the ledgers list that some derived fact reads."""
        return list(dict.fromkeys(ledger.to for ledger in self.pack.ledgers_read))


@dataclass(frozen=True, slots=True)
class Place:
    """One outcome of a region."""

    rule: str
    partnership: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of one home: of each outcome and each conclusion, and the places of the worst outcomes."""

    partnerships: int
    outcomes: dict[str, dict[str, int]]
    conclusions: dict[str, dict[str, int]]
    problems: int
    """How many problems its rows have, beside remarks."""
    remarks: int
    first_problems: tuple[Problem, ...]
    """The problems of its rows, then remarks on them, in the order of their places; at most ``MOST_PROBLEMS``."""
    of_tables: frozenset[Problem]
    """The problems with tables as a whole, and remarks on them: another home may have the same."""
    worst: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of a region's audit."""

    work: Path

    @property
    def setting(self) -> Path:
        """The setting, as all tasks read it."""
        return self.work / "setting.pickle"

    @property
    def outcomes(self) -> Path:
        """The outcomes, by home."""
        return self.work / "outcomes"

    def table(self, name: str) -> Path:
        """The rows of a table, by home."""
        return self.work / "tables" / name

    def of(self, stage: str, name: str) -> Path:
        """The files that a stage wrote, or that a shuffle made of them."""
        return self.work / stage / name

    def files(self, stage: str, name: str) -> list[Path]:
        """The files that a stage wrote, by home."""
        return sorted(self.of(stage, name).glob("*.parquet"))

    def known(self, number: int) -> Path:
        """The organisations that are known of some recipients."""
        return self.work / f"known-{number}.parquet"

    def near(self, number: int) -> Path:
        """The pairs of them that may be one."""
        return self.work / f"near-{number}.parquet"

    def home_files(self) -> Path:
        """The file that maps each home to the parts of each shuffle home with its rows."""
        return self.work / "homes.parquet"


def _setting(path: Path) -> Setting:
    return _loaded(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _loaded(path: Path, changed: int) -> Setting:
    loaded: Setting = pickle.loads(path.read_bytes())
    return loaded


def parts_of(folder: Path, part: int) -> list[Path]:
    """The files of a part of a shuffle."""
    return sorted((folder / f"part={part}").glob("*.parquet"))


def rows_of(folder: Path, part: int) -> pl.DataFrame:
    """The rows of a part of a shuffle."""
    return scanned(parts_of(folder, part)).collect()


@contextmanager
def _replaced(folder: Path, part: int) -> Iterator[Path]:
    """The file to write that becomes that of a part."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{part}.unfinished"
    yield unfinished
    unfinished.rename(folder / f"{part}.parquet")


def _write(frame: pl.DataFrame, folder: Path, part: int) -> None:
    with _replaced(folder, part) as file:
        frame.write_parquet(file, compression="lz4")


def _register(
    setting: Setting, folders: Folders, home: int, vocabulary: Vocabulary, tables: Iterable[str]
) -> tuple[Register, Problems]:
    """The register of a home, or some tables of it."""
    files = {name: parts_of(folders.table(name), home) for name in tables if folders.table(name).is_dir()}
    problems = Problems()
    return read_tables(setting.name, setting.sha256, files, vocabulary, problems), problems


def name_organisations(folders: Folders, home: int) -> None:
    """Stage 1: the different namings of organisations in a home."""
    setting = _setting(folders.setting)
    main = setting.pack.vocabulary.table_of_shape(Shape.REGISTER)
    assert main is not None
    register, _ = _register(setting, folders, home, setting.pack.vocabulary, [main.name])
    if len(list(folders.table(main.name).iterdir())) > 1:
        _check_distinct(register.tables[main.name], rows_of(folders.table(main.name), home))
    for number, to in enumerate(setting.recipients):
        register, _ = _register(setting, folders, home, setting.pack.vocabulary, [main.name, to.table])
        found = namings(register, to).select(named_by(to)).unique()
        _write(found, folders.of("namings", str(number)), home)


def _check_distinct(rows: Rows, raw: pl.DataFrame) -> None:
    """Check that every partnership without a reference is in the part of the reference made of its name.

    Raises UnreadableError if rows of other tables that name it, or namesakes, may be in another part.
    """
    stated = [pl.col(name).cast(pl.String) if name in raw.columns else pl.lit("") for name in ("ref", "name")]
    own = pl.Series(rows.columns["ref"], dtype=pl.String), pl.Series(rows.columns["name"], dtype=pl.String)
    read = raw.sort(FILE, ROW).select(FILE, ROW, *(one.fill_null("").alias(f"{n}") for n, one in enumerate(stated)))
    for file, row, ref, name, made_of in read.with_columns(own[1].alias("name")).filter(own[0].is_null()).iter_rows():
        said = ref if ref.strip() else name
        if re.sub(NOT_OF_KEY, "", said.lower()) != re.sub(NOT_OF_KEY, "", slug(made_of or "")) and said.strip():
            raise UnreadableError(
                f"{file}:{row} has no reference, and {shortened(said)} makes none that is distinct in parts. "
                "Give it a ref."
            )


def state_shares(folders: Folders, home: int) -> None:
    """Stage 2: what organisations have of the partnerships of a home, and what these are compared by."""
    setting = _setting(folders.setting)
    pack = _of_others(setting)
    register, _ = _register(setting, folders, home, pack.vocabulary, pack.tables)
    own = gather_alone(register, pack, setting.as_of, setting.cycle)
    for number, to in enumerate(setting.recipients):
        known = scanned([folders.known(number)]).collect()
        every = namings(register, to).with_row_index("place")
        every = every.join(known, on=named_by(to), how="left", nulls_equal=True, maintain_order="left")
        nameless = pl.lit(_NAMELESS) + home * 2**ROW_BITS + pl.col("place").cast(pl.Int64)
        every = every.with_columns(pl.col("beneficiary").fill_null(nameless))
        every = every.with_columns(pl.col("cluster").fill_null(pl.col("beneficiary")))
        clusters = every.select("beneficiary", "cluster").unique()
        answers = yes_no_facts_of(every, register, to).join(clusters, on="beneficiary")
        _write(answers, folders.of("yes/no facts", str(number)), home)
        links = linked(every, to)
        for ledger in setting.pack.ledgers_read:
            if ledger.to == to:
                given = amounts(ledger, register, pack, own.frame, own.rows[ledger.table], own.moments)
                shares = (
                    shared(given, links).join(clusters, on="beneficiary").with_columns(_abroad("partnership", home))
                )
                _write(shares, folders.of("shares", ledger.name), home)
    for name, repeats in setting.pack.repeats.items():
        alike = named_alike(own.frame, repeats, ()).with_columns(_abroad("row", home))
        _write(alike, folders.of("alike", name), home)


def total_shares(folders: Folders, part: int) -> None:
    """Stage 3: what organisations had of all partnerships, and which of these say the same."""
    setting = _setting(folders.setting)
    dates = moments(setting.as_of, setting.cycle)
    for number, to in enumerate(setting.recipients):
        near = scanned([folders.near(number)]).collect()
        answers = rows_of(folders.of("yes/no facts by organisation", str(number)), part)
        yes_no = [name for name in answers.columns if name not in ("beneficiary", "cluster")]
        answers = answers.group_by("beneficiary").agg(pl.col(yes_no).any(ignore_nulls=False))
        for ledger in setting.pack.ledgers_read:
            if ledger.to == to:
                shares = rows_of(folders.of("shares by organisation", ledger.name), part)
                here = shares.select(pl.col("beneficiary").unique())
                links = shares.select("partnership", "beneficiary", "receives").unique()
                totals = totalled(ledger, shares, near.join(here, on="beneficiary", how="semi"), dates)
                totals = totals.join(answers, on="beneficiary", how="left")
                _write(
                    _homeward(concerning(ledger, totals, links), "partnership"), folders.of("judged", ledger.name), part
                )
    for name, repeats in setting.pack.repeats.items():
        alike = rows_of(folders.of("alike by text", name), part)
        found = repeated(alike.lazy(), name, repeats)
        _write(_homeward(found, "row"), folders.of("repeated", name), part)


def decide_outcomes(folders: Folders, home: int) -> Counted:
    """Stage 4: the outcomes of a home."""
    setting = _setting(folders.setting)
    pack = setting.pack
    register, problems = _register(setting, folders, home, pack.vocabulary, pack.tables)
    between = Between(
        judged={
            one.name: _at_home(folders, "judged", one.name, "partnership", home) for one in setting.pack.ledgers_read
        },
        repeats={name: _at_home(folders, "repeated", name, "row", home) for name in pack.repeats},
    )
    facts = completed(gather_alone(register, pack, setting.as_of, setting.cycle), pack, between)
    answers = setting.answer(facts, pack, setting.decisions)
    rules = reported(pack, setting.only, setting.without)
    done = Audit(pack, register, setting.as_of, setting.cycle, facts, setting.decisions, answers, rules)
    with _replaced(folders.outcomes, home) as file:
        file.write_bytes(setting.written(done))
    found = problems.in_order(setting.name)
    of_rows = in_order(one for one in found if _row_of(one) is not None)
    serious = sum(one.serious for one in of_rows)
    worst = islice(reported_places(done), setting.shown)
    return Counted(
        done.partnerships,
        done.outcomes(),
        done.conclusions(),
        serious,
        len(of_rows) - serious,
        tuple(of_rows[:MOST_PROBLEMS]),
        frozenset(one for one in found if _row_of(one) is None),
        tuple(Place(rule.id, (home << ROW_BITS) + position, outcome) for rule, position, outcome in worst),
    )


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems, then remarks, each in the order of their places: first of tables, then file by file, row by row."""

    def key(one: Problem) -> tuple[Any, ...]:
        row = _row_of(one)
        return not one.serious, row is not None, one.cell.rpartition(":")[0], row, one.cell, one.value, one.expected

    return sorted(problems, key=key)


def _row_of(problem: Problem) -> int | None:
    """The row that a problem is with; None if it is with a table as a whole."""
    row = problem.cell.rpartition(":")[2] if ":" in problem.cell else ""
    return int(row) if row.isdecimal() else None


def _of_others(setting: Setting) -> Pack:
    """The pack less all tables and derived facts that say nothing to other partnerships."""
    pack = setting.pack
    current = next((rules for rules in pack.tables.values() if rules.starts is not None), None)
    asked = [fact for ledger in setting.pack.ledgers_read for fact in ledger_facts(ledger)]
    asked += [fact for repeats in setting.pack.repeats.values() for fact in (*repeats.keys, *repeats.also)]
    asked += [fact for fact in (current.starts, current.ends) if fact is not None] if current is not None else []
    needed: set[str] = set()
    while asked:
        name = asked.pop()
        if name in needed or name not in pack.facts:
            continue
        info = pack.facts[name]
        needed |= {name, info.column}
        rules = pack.tables.get(info.table or "")
        nodes = formulas_of(info.derived)
        if rules is not None and info.column in rules.otherwise:
            nodes = (*nodes, rules.otherwise[info.column])
        asked += [fact for node in nodes for fact in facts_of(node)]
    needed = (needed - crossing(pack)) | {*setting.pack.repeats}
    of_ledgers = {ledger.table for ledger in setting.pack.ledgers_read}
    named = {to.table for to in setting.recipients}
    tables = {
        name: rules if rules.table.shape is Shape.REGISTER or name in named else _narrowed(rules, needed)
        for name, rules in pack.tables.items()
        if rules.table.shape is Shape.REGISTER
        or name in of_ledgers | named
        or needed & {*rules.table.facts, *(one.name for one in rules.derived)}
    }
    read = {name: rules.table for name, rules in tables.items()}
    return replace(
        pack,
        vocabulary=replace(pack.vocabulary, tables={**pack.vocabulary.tables, **read}),
        tables=tables,
        derived=tuple(one for one in pack.derived if one.name in needed),
    )


def _narrowed(rules: TableRules, needed: set[str]) -> TableRules:
    """A table less the facts that are not needed."""
    kept = {*needed, *rules.table.keys}
    facts = {name: fact for name, fact in rules.table.facts.items() if name in kept}
    return replace(
        rules,
        table=replace(rules.table, facts=facts),
        otherwise={name: node for name, node in rules.otherwise.items() if name in facts},
        derived=tuple(one for one in rules.derived if one.name in needed),
        in_cycle={},
    )


def _abroad(column: str, home: int) -> pl.Expr:
    return (pl.col(column).cast(pl.Int64) + (home << ROW_BITS)).alias(column)


def _homeward(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    return frame.with_columns(home=pl.col(column) // 2**ROW_BITS)


def _at_home(folders: Folders, stage: str, name: str, column: str, home: int) -> pl.DataFrame:
    """The rows that a home receives from others, by its own rows."""
    homes = scanned([folders.home_files()])
    part = homes.filter(stage=stage, name=name, home=home).collect()["part"]
    folder = folders.of(f"{stage} by home", name)
    found = rows_of(folder, part.item() if len(part) else 0).filter(pl.col("home") == home).drop("home")
    return found.with_columns((pl.col(column) % 2**ROW_BITS).cast(pl.UInt32))
