"""``python -m benchmarks``: rows a second of this program and of its peers, in processes of their own, interleaved."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import polars as pl

from benchmarks.fact_table import write_facts
from benchmarks.peers import CRITERIA, OURS, PEERS, REGISTER, audited
from benchmarks.plain_python import plain_python
from benchmarks.registers import write
from tipstaff.policy.loading import bundled, load_pack
from tipstaff.policy.pack import Pack

LIBRARIES = ("polars", "duckdb", "durable-rules", "clipspy", "zen-engine", "business-rules")
UNDETERMINED = 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000], help="how many partnerships")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument("--adversarial", action="store_true", help="a register in which nothing depends on anything")
    parser.add_argument("--peers", nargs="+", default=[""], metavar="NAME", help="which ones; a part of a name will do")
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(options.one[0], Path(options.one[1]))))
        return
    unknown = [part for part in options.peers if not any(part.lower() in name.lower() for name in PEERS)]
    if unknown:
        parser.error(f"no peer is called {', '.join(unknown)}; there are {', '.join(PEERS)}")
    chosen = [name for name in PEERS if any(part.lower() in name.lower() for part in options.peers)]
    runs = [side_by_side(rows, options.rounds, options.adversarial, chosen) for rows in options.rows]
    compared = versions()
    print("\n" + ", ".join(f"{name} {which}" for name, which in compared.items()))
    if options.json:
        options.json.write_text(json.dumps({"versions": compared, "runs": runs}, indent=1) + "\n")


def versions() -> dict[str, str]:
    """What is compared, and on what."""
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": str(os.cpu_count())}
    return machine | {name: version(name) for name in LIBRARIES}


def side_by_side(rows: int, rounds: int, adversarial: bool, chosen: list[str]) -> dict[str, Any]:
    """The chosen peers on one register, in turns."""
    with TemporaryDirectory() as named:
        blanks, undetermined = prepare(Path(named), rows, adversarial)
        print(f"\n{rows:,} partnerships{', adversarial' if adversarial else ''}: {blanks:.0%} of cells blank, "
              f"{undetermined:.0%} of outcomes undetermined", flush=True)  # fmt: skip
        taken: dict[str, list[dict[str, Any]]] = {name: [] for name in chosen}
        for _ in range(rounds):
            for name in chosen:
                command = [sys.executable, "-m", "benchmarks", "--one", name, named]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
                taken[name].append(json.loads(done.stdout))
    figures = {name: summed_up(name, found) for name, found in taken.items()}
    show(figures)
    return {"rows": rows, "adversarial": adversarial, "blanks": blanks, "undetermined": undetermined, "peers": figures}


def summed_up(name: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of a peer over its rounds."""
    return {
        "from": PEERS[name].start,
        "rows a second": statistics.median(run["rows"] / run["seconds"] for run in runs),
        "seconds": [run["seconds"] for run in runs],
        "processor seconds": [run["processor seconds"] for run in runs],
        "rows": runs[0]["rows"],
        "peak MB": max(run["peak MB"] for run in runs),
    }


def show(figures: dict[str, dict[str, Any]]) -> None:
    """Print a table, and put the ratios with the figures."""
    print(f"{'':34}{'from':10}{'rows/s':>12}{'same start':>12}{'whole':>10}{'peak MB':>9}  rows measured")
    for name, one in figures.items():
        ratios = []
        for column, start in (("same start", one["from"]), ("whole", REGISTER)):
            ours = figures.get(OURS[start])
            one[column] = ours["rows a second"] / one["rows a second"] if ours else None
            ratios.append(f"{one[column]:,.2f}x" if ours else "")
        print(f"{name:34}{one['from']:10}{one['rows a second']:>12,.0f}{ratios[0]:>12}{ratios[1]:>10}"
              f"{one['peak MB']:>9,}  {one['rows']:,}")  # fmt: skip


def prepare(folder: Path, rows: int, adversarial: bool) -> tuple[float, float]:
    """Make a register, its facts, and what every peer must come to; the shares of blanks and undetermined outcomes."""
    write(folder / "register", rows, adversarial=adversarial)
    pack = load_pack(bundled())
    write_facts(folder, audited(folder, pack))
    expected = plain_python(folder, pack)
    expected.write_parquet(folder / "expected.parquet")
    expected.select(list(pack.criteria)).write_parquet(folder / "criteria.parquet")
    tables = [pl.read_parquet(file) for file in (folder / "register").glob("*.parquet")]
    blank = sum(sum(table.null_count().row(0)) for table in tables) / sum(t.height * t.width for t in tables)
    outcomes = expected.select(rule.id for rule in pack.rules.values() if rule.concludes is None)
    open_ones = sum((outcomes[name] == UNDETERMINED).sum() for name in outcomes.columns)
    return blank, open_ones / (outcomes.height * outcomes.width)


def measured(name: str, folder: Path) -> dict[str, Any]:
    """One peer on a register: checked equal, then timed. Raises SystemExit where it comes to something else."""
    pack, peer = load_pack(bundled()), PEERS[name]
    if peer.most is not None:
        folder = first_rows(folder, peer.most)
    found = peer.decide(folder, pack)
    memory = peak()
    expected = pl.read_parquet(folder / "expected.parquet")
    check(name, found, expected, pack)
    del found
    start, busy = perf_counter(), process_time()
    peer.decide(folder, pack)
    return {
        "seconds": perf_counter() - start,
        "processor seconds": process_time() - busy,
        "rows": len(expected),
        "peak MB": memory,
    }


def first_rows(folder: Path, most: int) -> Path:
    """A folder of the first rows of what is expected, and of the answers to criteria."""
    few = folder / f"first {most}"
    few.mkdir(exist_ok=True)
    for name in ("expected", "criteria"):
        pl.scan_parquet(folder / f"{name}.parquet").head(most).collect().write_parquet(few / f"{name}.parquet")
    return few


def peak() -> int:
    """The most memory that this process held, in MB. What getrusage counts goes on from the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def check(name: str, found: pl.DataFrame, expected: pl.DataFrame, pack: Pack) -> None:
    """Every criterion that it answered itself, every conclusion and every outcome, unknowns included."""
    answers = [rule.concludes or rule.id for rule in pack.rules.values()]
    for column in answers if PEERS[name].start == CRITERIA else (*pack.criteria, *answers):
        digits = found[column].cast(pl.Int8).fill_null(UNDETERMINED)
        if not digits.equals(expected[column]):
            raise SystemExit(f"{name} differs on {column}")


if __name__ == "__main__":
    main()
