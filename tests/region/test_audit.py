"""The audit of a region: every outcome is that of one audit, whatever the parts, the engine and the order of rows."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.engines import SPARK
from support.tables import Tables, split, tables, written
from tipstaff.audit.decisions.audit import audit
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.errors import EngineError, UnreadableError
from tipstaff.facts.periods import financial_year_of
from tipstaff.policy.pack.model import Pack
from tipstaff.region.audit import RegionAudit, audit_region
from tipstaff.region.engines.engine import Engine
from tipstaff.region.engines.starting import started
from tipstaff.region.sources import expand
from tipstaff.register.reading import read_register
from tipstaff.register.tables.parquet import digest
from tipstaff.report.tables.parquet import outcomes, parquet

SHUFFLING = [("duckdb", 3), pytest.param("spark", 3, marks=SPARK)]
"""Engines other than polars, with the parts that each is asked for."""

AS_OF = date(2016, 8, 4)
CYCLE = financial_year_of(AS_OF).next()


@pytest.fixture(scope="module")
def drawn(pack: Pack) -> Tables:
    return tables(pack, AS_OF, seed=5, partnerships=300, names=60)


@pytest.fixture(scope="module")
def whole(pack: Pack, drawn: Tables, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    """The register as a folder whose name looks like a glob, and the outcomes of its ordinary audit."""
    folder = written(tmp_path_factory.mktemp("whole") / "register[1]*", drawn)
    return folder, _ordinary(folder, pack)


def _ordinary(folder: Path, pack: Pack) -> pl.DataFrame:
    return outcomes(audit(read_register(folder, pack.vocabulary), pack, AS_OF, CYCLE)).sort("ref")


def _audited(
    register: object, pack: Pack, engine: Engine, into: Path, parts: int | None, shown: int = 0
) -> RegionAudit:
    found = expand(str(register), pack.vocabulary).tables
    return audit_region(
        "region", digest(found), found, pack, AS_OF, CYCLE, engine, into, parquet, parts=parts, shown=shown
    )


def _counted(column: pl.Series) -> dict[object, int]:
    return dict(column.value_counts().iter_rows())


def _same(into: Path, expected: pl.DataFrame) -> None:
    found = pl.concat(pl.read_parquet(file, glob=False) for file in sorted(into.glob("*.parquet"))).sort("ref")
    assert found["ref"].to_list() == expected["ref"].to_list()
    differing = [name for name in expected.columns if not found[name].equals(expected[name])]
    assert differing == []
    assert found.schema == expected.schema


@pytest.mark.parametrize(("engine", "parts"), [("polars", 1), ("polars", 7), *SHUFFLING], indirect=["engine"])
def test_every_outcome_is_that_of_one_audit(
    engine: Engine, parts: int, pack: Pack, whole: tuple[Path, pl.DataFrame], tmp_path: Path
) -> None:
    folder, expected = whole
    into = tmp_path / "into[1]*"
    found = _audited(folder, pack, engine, into, parts, shown=3)
    _same(into, expected)
    names = sorted(file.name for file in into.iterdir())
    assert names == [f"outcomes-{number:05}.parquet" for number in range(parts)]
    assert found.partnerships == len(expected)
    for rule, counts in found.outcomes.items():
        assert {word: count for word, count in counts.items() if count} == _counted(expected[rule])
    for name, counts in found.conclusions.items():
        words = {"true": True, "false": False, "unknown": None}
        assert {words[word]: count for word, count in counts.items() if count} == _counted(expected[name])
    assert len(found.worst) == 3
    stated = read_register(folder, pack.vocabulary)
    assert found.sha256 == stated.sha256
    serious = [one for one in stated.problems if one.serious]
    assert found.problems == len(serious)
    assert {one for one in found.first_problems if one.serious} <= {*serious}


@pytest.mark.parametrize("engine", ["polars"], indirect=True)
def test_folders_of_several_files_are_united(engine: Engine, pack: Pack, drawn: Tables, tmp_path: Path) -> None:
    split(drawn, 3, tmp_path / "region" / "a", tmp_path / "region" / "b")
    for table in drawn:
        (tmp_path / "one" / table).mkdir(parents=True)
        for folder in "ab":
            frame = pl.read_parquet(tmp_path / "region" / folder / f"{table}.parquet")
            frame.write_parquet(tmp_path / "one" / table / f"{folder}.parquet")
    expected = _ordinary(tmp_path / "one", pack)
    by_glob = _audited(f"{tmp_path}/region/*/", pack, engine, tmp_path / "by glob", 3)
    _same(tmp_path / "by glob", expected)
    assert all(one.cell.startswith(("a/", "b/")) for one in by_glob.first_problems)


def test_files_of_one_table_are_named_with_its_folder(pack: Pack, tmp_path: Path) -> None:
    for file, name in (("a", "Alpha"), ("b", None)):
        (tmp_path / "one" / "register").mkdir(parents=True, exist_ok=True)
        rows = pl.DataFrame({"ref": [file], "name": [name]}, schema_overrides={"name": pl.String})
        rows.write_parquet(tmp_path / "one" / "register" / f"{file}.parquet")
    with started("polars") as engine:
        found = _audited(tmp_path / "one", pack, engine, tmp_path / "into", 2)
    assert [one.cell for one in found.first_problems] == ["register/b.parquet:1"]
    assert [one.cell for one in read_register(tmp_path / "one", pack.vocabulary).problems] == ["register/b.parquet:1"]


@settings(max_examples=2)
@given(seed=st.integers(0, 10**6), parts=st.integers(2, 4))
def test_neither_the_parts_nor_the_order_of_rows_matter(
    pack: Pack, tmp_path_factory: pytest.TempPathFactory, seed: int, parts: int
) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    made = tables(pack, AS_OF, seed, partnerships=60, names=15)
    expected = _ordinary(written(folder / "register", made), pack)
    moved = {name: frame.sample(fraction=1, shuffle=True, seed=seed) for name, frame in made.items()}
    split(moved, seed, folder / "moved" / "a", folder / "moved" / "b", folder / "moved" / "c")
    with started("polars") as engine:
        _audited(f"{folder}/moved/*", pack, engine, folder / "into", parts)
    _same(folder / "into", expected)


@pytest.mark.parametrize(
    ("ref", "name"),
    [(None, "Café Totnes"), (None, "Ярмарка"), ("tbc", "Fair"), ("—", "Fair"), (None, "The " + "very " * 15 + "long")],
)
def test_a_partnership_that_may_not_stand_with_its_own_is_refused(
    pack: Pack, tmp_path: Path, ref: str | None, name: str
) -> None:
    register = pl.DataFrame({"ref": ["P1", ref], "name": ["Alpha", name]})
    folder = written(tmp_path / "register", {"register": register})
    with started("polars") as engine:
        _audited(folder, pack, engine, tmp_path / "one", 1)
        with pytest.raises(UnreadableError, match=r"register.parquet:2 has no reference, .*Give it a ref"):
            _audited(folder, pack, engine, tmp_path / "two", 2)
    assert not (tmp_path / "two").exists()


def test_problems_name_the_file_and_the_row(pack: Pack, tmp_path: Path) -> None:
    register = pl.DataFrame({"ref": ["P1", "P2", "P3", "P4"], "name": ["A", None, "C", "D"], "colour": ["red"] * 4})
    given = {
        "ref": ["P1", "P3", "P4", "P1"],
        "direct_funding": [1.0, 2.005, 3.0, 1.0],
        "officer_days": [date(2016, 1, 1)] * 4,
    }
    folder = written(tmp_path / "register", {"register": register, "contributions": pl.DataFrame(given)})
    stated = read_register(folder, pack.vocabulary).problems
    with started("polars") as engine:
        found = _audited(folder, pack, engine, tmp_path / "into", 4)
    of_tables = {"register.parquet": "register", "contributions.parquet": "contributions"}
    expected = {(of_tables.get(one.cell, one.cell), one.value, one.expected) for one in stated}
    assert {(one.cell, one.value, one.expected) for one in found.first_problems} == expected
    cells = {"register.parquet:2", "contributions.parquet:2", "contributions.parquet:4"}
    assert cells <= {one.cell for one in found.first_problems}
    assert found.problems + found.remarks == len(stated)


def test_what_no_audit_wrote_is_never_replaced(pack: Pack, tmp_path: Path) -> None:
    folder = written(tmp_path / "register", {"register": pl.DataFrame({"ref": ["P1"], "name": ["Alpha"]})})
    into = tmp_path / "into"
    with started("polars") as engine:
        for parts in (3, 1):
            _audited(folder, pack, engine, into, parts)
            assert len(list(into.iterdir())) == parts
        for name in ("notes.txt", "summary.json", "outcomes-00001.parquet", ".hidden"):
            (into / name).write_text('{"schema": "mine"}')
            with pytest.raises(EngineError, match=f"holds {name}"):
                _audited(folder, pack, engine, into, 1)
            assert (into / name).read_text() == '{"schema": "mine"}'
            (into / name).unlink()
        for wrong in (folder, folder.parent):
            with pytest.raises(EngineError, match="is among the files"):
                _audited(folder, pack, engine, wrong, 1)
        (tmp_path / "file").touch()
        with pytest.raises(EngineError, match="is a file"):
            _audited(folder, pack, engine, tmp_path / "file", 1)
    assert len(list(into.iterdir())) == 1


def test_what_an_earlier_audit_wrote_stays_where_the_next_fails(pack: Pack, tmp_path: Path) -> None:
    folder = written(tmp_path / "register", {"register": pl.DataFrame({"ref": ["P1"], "name": ["Alpha"]})})
    nobody = pl.DataFrame(schema={"ref": pl.String, "name": pl.String})
    empty = written(tmp_path / "empty", {"register": nobody})
    with started("polars") as engine:
        _audited(folder, pack, engine, tmp_path / "into", 2)
        before = {file: file.read_bytes() for file in (tmp_path / "into").iterdir()}
        with pytest.raises(UnreadableError, match="Nothing was audited"):
            _audited(empty, pack, engine, tmp_path / "into", 2)
    assert {file: file.read_bytes() for file in (tmp_path / "into").iterdir()} == before


def test_the_worst_outcomes_are_explained_as_in_one_audit(pack: Pack, tmp_path: Path) -> None:
    folder = written(tmp_path / "register", tables(pack, AS_OF, seed=11, partnerships=80, names=20))
    made = audit(read_register(folder, pack.vocabulary), pack, AS_OF, CYCLE)
    expected = {(one.rule.id, one.ref): one for one in Explainer(made, range(made.partnerships)).findings()}
    with started("polars") as engine:
        found = _audited(folder, pack, engine, tmp_path / "into", 3, shown=300).worst
    assert len(found) == 300
    for one in found:
        same = expected[one.rule.id, one.ref]
        assert (one.name, one.outcome, one.message, one.because) == (
            same.name,
            same.outcome,
            same.message,
            same.because,
        )
