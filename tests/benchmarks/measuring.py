"""Making a register to measure on, and measuring one peer on it: checked equal first, then timed."""

from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import polars as pl

from benchmarks.fact_table import write_facts
from benchmarks.peers import CRITERIA, PEERS, audited
from benchmarks.plain_python import plain_python
from benchmarks.registers import write
from tipstaff.policy.pack.loading import bundled, load_pack
from tipstaff.policy.pack.model import Pack

UNDETERMINED = 2


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
    if "row" in found.columns:
        found = found.sort("row")
    for column in answers if PEERS[name].start == CRITERIA else (*pack.criteria, *answers):
        digits = found[column].cast(pl.Int8).fill_null(UNDETERMINED)
        if not digits.equals(expected[column]):
            raise SystemExit(f"{name} differs on {column}")
