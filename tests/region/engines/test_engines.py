"""The engines: each writes the same rows in parts, of the same types, and does tasks."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tipstaff.errors import EngineError, UnreadableError
from tipstaff.region.engines.engine import Engine

PARTS = 3


FIRST = {
    "ref": ["A-1", "B-2", None, "Ç 4"],
    "name": ["Aster", "Borage", "Clover", "  "],
    "value": [Decimal("10.50"), None, Decimal("0.01"), Decimal("99999999.99")],
    "on": [date(2016, 8, 4), date(1900, 1, 1), None, date(2999, 12, 31)],
    "at": [datetime.fromisoformat("2016-08-04T12:30:15.123456"), None, None, datetime.fromisoformat("1900-01-01")],
    "funded": [True, None, False, True],
    "count": [1, 2, None, -4],
    "share": [0.5, None, 1e300, -0.0],
    "empty": [None, None, None, None],
    'odd name, so `it` "is"': ["x", "y", None, ""],
}
SECOND = {"name": ["borage ", None], "ref": ["b 2.", "\t"], "count": [7, 8], "added": ["yes", None]}


def _written(folder: Path, second: dict[str, object] | None = None) -> list[Path]:
    """Two files, in folders of which the names hold what engines take for globs, escapes and queries."""
    paths = [folder / "s h+%41" / "a[1]'*.parquet", folder / "wd" / "b.parquet"]
    for path, data, kinds in (
        (paths[0], FIRST, {"value": pl.Decimal(12, 2), "count": pl.Int16, "at": pl.Datetime("us")}),
        (paths[1], second or SECOND, {"count": pl.UInt32}),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        known = {name: kind for name, kind in kinds.items() if name in data}
        pl.DataFrame(data, schema_overrides=known).write_parquet(path)
    return paths


def _read(into: Path) -> pl.DataFrame:
    parts = sorted(into.iterdir())
    assert [part.name for part in parts] == sorted(f"part={number}" for number in range(PARTS))
    return pl.concat(
        pl.read_parquet(sorted(part.glob("*.parquet")), hive_partitioning=False).with_columns(part=pl.lit(part.name))
        for part in parts
    )


def test_rows_and_types_are_kept(engine: Engine, tmp_path: Path) -> None:
    files = _written(tmp_path / "from")
    engine.shuffle(files, ["ref", "count"], PARTS, tmp_path / "into")
    found = _read(tmp_path / "into").drop("part").sort("count", "name")
    first = pl.DataFrame(FIRST, schema_overrides={"value": pl.Decimal(12, 2), "empty": pl.String})
    second = pl.DataFrame(SECOND)
    expected = pl.concat([first, second], how="diagonal").sort("count", "name").select(found.columns)
    assert set(found.columns) == {*FIRST, *SECOND}
    assert found.schema == expected.schema
    assert found.equals(expected)


def test_all_rows_of_a_key_stand_in_one_part_of_every_shuffle(engine: Engine, tmp_path: Path) -> None:
    keys = [None if number % 7 == 0 else f"key {number % 40}" for number in range(3_000)]
    where: dict[str, set[str]] = {}
    for name in ("one", "other"):
        frame = pl.DataFrame({"key": keys, "year": [number % 2 for number in range(3_000)], name: range(3_000)})
        frame.write_parquet(tmp_path / f"{name}.parquet", row_group_size=700)
        engine.shuffle([tmp_path / f"{name}.parquet"], ["key", "year"], PARTS, tmp_path / name)
        found = _read(tmp_path / name)
        assert sorted(found[name]) == list(range(3_000))
        for key, year, part in found.select("key", "year", "part").iter_rows():
            where.setdefault(f"{key} {year}", set()).add(part)
    assert {len(parts) for parts in where.values()} == {1}
    assert len({part for parts in where.values() for part in parts}) == PARTS


def test_spellings_of_a_reference_meet_and_rows_say_where_they_stand(engine: Engine, tmp_path: Path) -> None:
    files = _written(tmp_path / "from")
    engine.shuffle(files, ["ref", "name"], PARTS, tmp_path / "into", spelt=True, columns=["ref", "name"])
    found = _read(tmp_path / "into")
    assert found.columns == ["ref", "name", "_file", "_row", "part"]
    placed = {(file, row): (ref, part) for ref, _, file, row, part in found.iter_rows()}
    first, second = "s h+%41/a[1]'*.parquet", "wd/b.parquet"
    assert {place: ref for place, (ref, _) in placed.items()} == {
        (first, 1): "A-1", (first, 2): "B-2", (first, 3): None, (first, 4): "Ç 4",
        (second, 1): "b 2.", (second, 2): "\t",
    }  # fmt: skip
    assert placed[first, 2][1] == placed[second, 1][1]


def test_one_reference_meets_as_text_and_as_number_or_by_name(engine: Engine, tmp_path: Path) -> None:
    register, lines, named = (tmp_path / f"{name}.parquet" for name in ("register", "lines", "named"))
    refs = list(range(1, 60))
    pl.DataFrame({"ref": refs}).write_parquet(register)
    pl.DataFrame({"amount": refs, "ref": [f" {ref}" for ref in refs]}).write_parquet(lines)
    pl.DataFrame({"name": [str(ref) for ref in refs], "ref": [None for _ in refs]}).write_parquet(named)
    parts = []
    for file in (register, lines, named):
        engine.shuffle([file], ["ref", "name"], PARTS, tmp_path / file.stem, spelt=True)
        parts.append(dict(_read(tmp_path / file.stem).select("_row", "part").iter_rows()))
    assert parts[0] == parts[1] == parts[2]
    assert len(set(parts[0].values())) == PARTS


def test_what_stood_there_is_replaced_and_a_failure_leaves_it(engine: Engine, tmp_path: Path) -> None:
    files = _written(tmp_path / "from")
    into = tmp_path / "into"
    engine.shuffle(files, ["ref"], PARTS, into)
    engine.shuffle(files[1:], ["ref"], PARTS, into)
    assert len(_read(into)) == 2
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(files[0].read_bytes()[:-20])
    with pytest.raises(UnreadableError, match=r"damaged\.parquet is damaged, or is not a Parquet file"):
        engine.shuffle([files[0], damaged], ["ref"], PARTS, into)
    hollow = bytearray(files[1].read_bytes())
    hollow[4:60] = bytes(56)
    damaged.write_bytes(hollow)
    with pytest.raises((UnreadableError, EngineError)) as told:
        engine.shuffle([damaged], ["ref"], PARTS, into)
    assert "\n" not in str(told.value)
    assert len(_read(into)) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["damaged.parquet", "from", "into"]


def test_types_that_do_not_fit_are_told(engine: Engine, tmp_path: Path) -> None:
    files = _written(tmp_path / "from", {"ref": ["x"], "funded": [1]})
    with pytest.raises(UnreadableError, match=r"column funded of .*wd/b\.parquet is Int64, in .* Boolean"):
        engine.shuffle(files, ["ref"], PARTS, tmp_path / "into")


def test_every_part_is_done(engine: Engine, tmp_path: Path) -> None:
    folder = str(tmp_path)

    def task(part: int) -> tuple[int, str]:
        with open(f"{folder}/{part}", "w") as stream:
            stream.write("done")
        return part, "done"

    assert sorted(engine.each(task, range(7))) == [(part, "done") for part in range(7)]
    assert sorted(path.name for path in tmp_path.iterdir()) == [str(part) for part in range(7)]
    assert list(engine.each(task, [])) == []


def test_the_error_of_a_task_comes_through(engine: Engine) -> None:
    def task(part: int) -> int:
        if part == 2:
            raise UnreadableError("The file x cannot be read. Write it anew.")
        return part

    with pytest.raises(UnreadableError, match=r"^The file x cannot be read\. Write it anew\.$"):
        list(engine.each(task, range(4)))


def test_a_missing_file_in_a_task_is_told_in_one_line(engine: Engine, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")

    def task(part: int) -> str:
        with open(missing) as stream:
            return stream.read()

    with pytest.raises((EngineError, OSError), match="missing") as told:
        list(engine.each(task, range(2)))
    assert "\n" not in str(told.value)
