"""``python -m benchmarks``: rows a second of this program and of its peers, in processes of their own, interleaved."""

import argparse
import json
import os
import platform
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import benchmarks
from benchmarks.measuring import measured, prepare
from benchmarks.peers import OURS, PEERS, REGISTER

LIBRARIES = ("polars", "duckdb", "durable-rules", "clipspy", "zen-engine", "business-rules")


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m benchmarks", description=benchmarks.__doc__, formatter_class=raw)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000], help="how many partnerships")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument("--adversarial", action="store_true", help="a register in which nothing depends on anything")
    parser.add_argument("--peers", nargs="+", default=[""], metavar="NAME", help="which ones; a part of a name will do")
    parser.add_argument("--json", type=Path, help="where the figures go")
    options = parser.parse_args()
    unknown = [part for part in options.peers if not any(part.lower() in name.lower() for name in PEERS)]
    if unknown:
        parser.error(f"no peer is called {', '.join(unknown)}; there are {', '.join(PEERS)}")
    chosen = [name for name in PEERS if any(part.lower() in name.lower() for part in options.peers)]
    compared = versions()
    print(", ".join(f"{name} {which}" for name, which in compared.items()))
    runs: list[dict[str, Any]] = []
    for rows in options.rows:
        runs.append(side_by_side(rows, options.rounds, options.adversarial, chosen))
        if options.json:
            options.json.write_text(json.dumps({"versions": compared, "runs": runs}, indent=1) + "\n")


def versions() -> dict[str, str]:
    """What is compared, and on what."""
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": str(os.cpu_count())}
    return machine | {name: version(name) for name in LIBRARIES}


def alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives in a process of its own, which shares no memory with this one."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def side_by_side(rows: int, rounds: int, adversarial: bool, chosen: list[str]) -> dict[str, Any]:
    """The chosen peers on one register, in turns."""
    with TemporaryDirectory() as named:
        blanks, undetermined = alone(prepare, Path(named), rows, adversarial)
        print(f"\n{rows:,} partnerships{', adversarial' if adversarial else ''}: {blanks:.0%} of cells blank, "
              f"{undetermined:.0%} of outcomes undetermined", flush=True)  # fmt: skip
        taken: dict[str, list[dict[str, Any]]] = {name: [] for name in chosen}
        for _ in range(rounds):
            for name in chosen:
                taken[name].append(alone(measured, name, Path(named)))
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


if __name__ == "__main__":
    main()
