"""``python -m benchmarks``: rows a second of this program and of its peers, in processes of their own, interleaved."""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import polars as pl

from benchmarks.peers import PEERS, SLOW, audited, digits
from benchmarks.registers import write
from tipstaff.policy.loading import bundled, load_pack
from tipstaff.policy.pack import Pack

LIBRARIES = ("polars", "duckdb", "durable-rules")
UNDETERMINED = 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000], help="how many partnerships")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument("--adversarial", action="store_true", help="a register in which nothing depends on anything")
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--one", nargs=2, metavar=("PEER", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(options.one[0], Path(options.one[1]))))
        return
    runs = [side_by_side(rows, options.rounds, options.adversarial) for rows in options.rows]
    if options.json:
        options.json.write_text(json.dumps({"versions": versions(), "runs": runs}, indent=1) + "\n")


def versions() -> dict[str, str]:
    """What is compared, and on what."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def side_by_side(rows: int, rounds: int, adversarial: bool) -> dict[str, Any]:
    """Every peer on one register, in turns."""
    with TemporaryDirectory() as named:
        folder = Path(named)
        blanks, undetermined = prepare(folder, rows, adversarial)
        print(f"\n{rows:,} partnerships{', adversarial' if adversarial else ''}: {blanks:.0%} of cells blank, "
              f"{undetermined:.0%} of outcomes undetermined")  # fmt: skip
        taken: dict[str, list[dict[str, Any]]] = {name: [] for name in PEERS}
        for _ in range(rounds):
            for name in PEERS:
                command = [sys.executable, "-m", "benchmarks", "--one", name, named]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
                taken[name].append(json.loads(done.stdout))
    figures = {
        name: {
            "rows a second": statistics.median(run["rows"] / run["seconds"] for run in runs),
            "seconds": [run["seconds"] for run in runs],
            "rows": runs[0]["rows"],
            "peak MB": max(run["peak MB"] for run in runs),
        }
        for name, runs in taken.items()
    }
    rate = {name: one["rows a second"] for name, one in figures.items()}
    whole, alone = list(PEERS)[:2]
    print(f"{'':32}{'rows/s':>12}{'whole is':>10}{'rules are':>11}{'peak MB':>9}  rows measured")
    for name, one in figures.items():
        print(f"{name:32}{rate[name]:>12,.0f}{rate[whole] / rate[name]:>9.2f}x{rate[alone] / rate[name]:>10.2f}x"
              f"{one['peak MB']:>9,}  {one['rows']:,}")  # fmt: skip
    return {"rows": rows, "adversarial": adversarial, "blanks": blanks, "undetermined": undetermined, "peers": figures}


def prepare(folder: Path, rows: int, adversarial: bool) -> tuple[float, float]:
    """Make a register, the answers to its criteria, and what every peer must come to; the shares of blanks and of
    undetermined outcomes."""
    write(folder / "register", rows, adversarial=adversarial)
    pack = load_pack(bundled())
    answers = digits(audited(folder, pack).answers)
    answers.write_parquet(folder / "expected.parquet")
    answers.select(list(pack.criteria)).write_parquet(folder / "criteria.parquet")
    tables = [pl.read_parquet(file) for file in (folder / "register").glob("*.parquet")]
    blank = sum(sum(table.null_count().row(0)) for table in tables) / sum(t.height * t.width for t in tables)
    outcomes = answers.select(rule.id for rule in pack.rules.values() if rule.concludes is None)
    open_ones = sum((outcomes[name] == UNDETERMINED).sum() for name in outcomes.columns)
    return blank, open_ones / (outcomes.height * outcomes.width)


def measured(name: str, folder: Path) -> dict[str, Any]:
    """One peer on a register, once: checked equal, then timed. Raises SystemExit where it comes to something else."""
    pack = load_pack(bundled())
    expected = pl.read_parquet(folder / "expected.parquet")
    if name in SLOW and len(expected) > SLOW[name]:
        expected = expected.head(SLOW[name])
        few = folder / "few"
        few.mkdir(exist_ok=True)
        pl.read_parquet(folder / "criteria.parquet").head(SLOW[name]).write_parquet(few / "criteria.parquet")
        folder = few
    check(name, PEERS[name](folder, pack), expected, pack)
    start = perf_counter()
    PEERS[name](folder, pack)
    seconds = perf_counter() - start
    return {
        "seconds": seconds,
        "rows": len(expected),
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def check(name: str, found: pl.DataFrame, expected: pl.DataFrame, pack: Pack) -> None:
    """Every conclusion and every outcome, unknowns included."""
    for rule in pack.rules.values():
        column = rule.concludes or rule.id
        if not found[column].cast(pl.Int8).equals(expected[column].cast(pl.Int8)):
            raise SystemExit(f"{name} differs on {column}")


if __name__ == "__main__":
    main()
