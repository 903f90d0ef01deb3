"""``tipstaff check --on``: what it writes and says, and what it refuses."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result

from support.engines import JAVA, SPARK
from tipstaff.region.engines.starting import ENGINES

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """The registers of two councils, in folders of one folder."""
    for council, refs in (("south", ["S1", "S2"]), ("west", ["W1"])):
        folder = tmp_path / "region" / council
        folder.mkdir(parents=True)
        named = {"ref": refs, "name": [f"Name {ref}" for ref in refs], "registered_class": ["significant"] * len(refs)}
        pl.DataFrame(named).write_parquet(folder / "register.parquet")
        paid = {"ref": refs, "council": ["SHDC"] * len(refs), "year": ["2016/17"] * len(refs)}
        amounts = {"direct_funding": ["£12,000"] * (len(refs) - 1) + ["lots"]}
        pl.DataFrame(paid | amounts).write_parquet(folder / "contributions.parquet")
        pl.DataFrame({"ref": refs}).write_parquet(folder / "colours.parquet")
    return tmp_path / "region"


@pytest.mark.parametrize("engine", [pytest.param(name, marks=SPARK) if name == "spark" else name for name in ENGINES])
def test_a_region_is_audited(
    run: Run, region: Path, tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in JAVA.items():
        monkeypatch.setenv(name, value)
    master = ("--spark-master", "local[1]") if engine == "spark" else ()
    found = run("check", f"{region}/*/", "--on", engine, *master, "-o", tmp_path / "out", *AS_OF)
    assert found.exit_code == 1, found.stderr
    assert "3 partnerships" in " ".join(found.stdout.split())
    assert f"{engine}, in 1 part" in found.stdout
    assert "Not read, as no table is named so: " in found.stdout
    assert "south/contributions.parquet:2" in found.stdout
    assert "Worst outcomes" in found.stdout
    assert found.stdout.splitlines()[-1].startswith("Exit code 1: ")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["outcomes-00000.parquet", "summary.json"]
    assert pl.read_parquet(tmp_path / "out" / "*.parquet")["ref"].sort().to_list() == ["S1", "S2", "W1"]


def test_the_summary_is_that_of_the_ordinary_audit(run: Run, region: Path, tmp_path: Path) -> None:
    only = (*AS_OF, "--only", "REG-05")
    found = run("check", region / "south", "--on", "polars", "-o", tmp_path / "out", *only, "--format", "json")
    assert found.stdout == (tmp_path / "out" / "summary.json").read_text()
    summary = json.loads(found.stdout)
    record = json.loads(run("check", region / "south", *only, "--format", "json").stdout)
    assert summary["as_of"] == record["as_of"]
    assert summary["policy"]["sha256"] == record["policy"]["sha256"]
    for part in ("name", "sha256", "partnerships"):
        assert summary["register"][part] == record["register"][part]
    assert summary["problems"]["count"] == sum(one["serious"] for one in record["register"]["problems"])
    assert [rule["id"] for rule in summary["rules"]] == ["REG-05"]
    assert summary["not_read"]["count"] == 1
    ordinary = run("check", region / "south", *only, "-o", tmp_path / "one.parquet")
    assert found.exit_code == ordinary.exit_code
    assert pl.read_parquet(tmp_path / "out" / "*.parquet").equals(pl.read_parquet(tmp_path / "one.parquet"))


def test_exit_codes_follow_the_severities_asked_for(run: Run, region: Path, tmp_path: Path) -> None:
    on = ("check", region / "west", "--on", "polars", "-o", tmp_path / "out", *AS_OF)
    never = ("--fail-on", "never", "--fail-on-undetermined", "never")
    assert run(*on, *never).exit_code == 0
    assert run(*on, "--fail-on", "never").exit_code == 1
    first = (tmp_path / "out" / "summary.json").read_bytes()
    assert run(*on).exit_code == 1
    assert (tmp_path / "out" / "summary.json").read_bytes() == first


def test_the_steps_are_timed(run: Run, region: Path, tmp_path: Path) -> None:
    found = run("check", region / "west", "--on", "polars", "-o", tmp_path / "out", *AS_OF, "-v")
    for step in ("start of polars", "parts by partnership", "outcomes", "Writing the summary"):
        assert step in found.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--on", "polars"), "Name a folder for it"),
        (("--on", "polars", "-o", "-"), "Name a folder for it"),
        (("--on", "polars", "-o", "out", "--format", "xlsx"), "xlsx is for one register"),
        (("--on", "polars", "-o", "out", "--format", "csv"), "csv is for one register"),
        (("--on", "polars", "-o", "out", "--answers", "a.csv"), "--answers is for one register"),
        (("--on", "polars", "-o", "out", "--waivers", "w.yaml"), "Give --no-waivers"),
        (("--on", "polars", "-o", "out", "--baseline", "b.json"), "Give --no-baseline"),
        (("--spark-master", "local"), "--spark-master is for --on spark"),
        (("--on", "duckdb", "-o", "out", "--spark-master", "local"), "--spark-master is for --on spark"),
        (("--on", "abacus", "-o", "out"), "--on"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(
    run: Run, region: Path, tmp_path: Path, options: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("check", f"{region}/*/", *options, *AS_OF)
    assert found.exit_code == 2
    assert said in found.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("register", "output", "said"),
    [
        ("region/*/", "region/east", "is among what region/*/ names"),
        ("region/*/", "region/west", "is among the files"),
        ("region/*/", "region/west/out", "is among the files"),
        ("region/*/", "region", "is among the files"),
        ("region/west", ".", "is among the files"),
        ("region/*/", "mine", "mine holds letter.txt, which no audit of a region wrote"),
        ("region/*/", "mine/letter.txt", "is a file"),
        ("region/*/", "mine/letter.txt/out", "cannot be made"),
        ("regiom/*/", "out", "No file or folder matches"),
        ("mine/letter.txt", "out", "is not a Parquet file"),
    ],
)
def test_a_folder_in_which_something_may_be_lost_is_refused(
    run: Run, region: Path, tmp_path: Path, register: str, output: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Dear all")
    before = sorted(tmp_path.rglob("*"))
    found = run("check", register, "--on", "polars", "-o", output, *AS_OF)
    assert found.exit_code == 2
    assert said in " ".join(found.stderr.split())
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_but_the_summary_is_said(
    spawn: Callable[..., subprocess.CompletedProcess[str]], region: Path, tmp_path: Path
) -> None:
    found = spawn("check", f"{region}/*/", "--on", "duckdb", "-o", tmp_path / "out", *AS_OF)
    assert found.returncode == 1
    assert found.stderr == ""
    assert found.stdout.startswith("Register  ")
