"""A cluster of Spark on this machine, of which one worker is killed while a command runs.

    PYTHONPATH=tests uv run python -m benchmarks.cluster --results /tmp/into -- \\
        tipstaff check 'region/*/' --on spark --output /tmp/into

A master and workers run as processes of their own. The command finds the master in SPARK_MASTER. It runs once with all
workers, and once more while one of them is killed, with all that it started: what it printed, its exit code and what
it wrote to ``--results`` must be the same, the rows of Parquet files in any order. How tasks ended is counted from
Spark's own log of events. Without a command, a job of shuffles and tasks is run.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import polars as pl
import pyspark

from tipstaff.region.engines.starting import started

_HERE = "127.0.0.1"
_PARTS = 6
_ROWS = 200_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cores", type=int, default=1, help="of each worker")
    parser.add_argument("--memory", default="2g", help="of each worker")
    parser.add_argument("--kill-at", type=float, default=0.5, help="the share of the first run's time after which")
    parser.add_argument("--results", type=Path, help="the folder that the command writes to")
    parser.add_argument("--job", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("command", nargs="*")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    if options.job:
        job(*options.job)
        return
    with TemporaryDirectory(prefix="cluster-") as named:
        folder = Path(named)
        results = options.results or folder / "results"
        command = options.command
        if not command:
            _write_rows(folder / "rows")
            command = [sys.executable, "-m", "benchmarks.cluster", "--job", str(folder / "rows"), str(results)]
        runs = []
        for kill_after in (None, options.kill_at):
            with cluster(folder, options.workers, options.cores, options.memory) as standing:
                seconds = kill_after and runs[0].seconds * kill_after
                runs.append(run(command, standing, results, seconds))
        if not report(*runs):
            raise SystemExit(1)


@dataclass(slots=True)
class Cluster:
    """A master's address, the processes of its workers, and the folder of what its applications are told."""

    master: str
    workers: list[subprocess.Popen[bytes]]
    log: Path
    configuration: Path

    def lost(self) -> int:
        """How many workers the master has lost."""
        return self.log.read_text(errors="replace").count("Removing worker ")

    def ended(self) -> Counter[str]:
        """How often tasks ended in which way, and stages were tried again."""
        found: Counter[str] = Counter()
        for log in self.configuration.glob("events/*"):
            for event in map(json.loads, log.read_text().splitlines()):
                if event["Event"] == "SparkListenerTaskEnd":
                    found[event["Task End Reason"]["Reason"]] += 1
                elif event["Event"] == "SparkListenerStageSubmitted" and event["Stage Info"]["Stage Attempt ID"]:
                    found["of stages tried again"] += event["Stage Info"]["Number of Tasks"]
        return found


@contextmanager
def cluster(folder: Path, workers: int, cores: int, memory: str) -> Iterator[Cluster]:
    """A standalone master and workers, each the leader of a process group, killed in the end."""
    port, log = _free_port(), folder / "master.log"
    master = f"spark://{_HERE}:{port}"
    begun: list[subprocess.Popen[bytes]] = []
    try:
        begun.append(_begun("master.Master", ["--host", _HERE, "--port", str(port)], log))
        _wait_for(log, "New state: ALIVE", 1)
        for number in range(workers):
            work = folder / f"worker-{number}"
            given = ["--host", _HERE, "--cores", str(cores), "--memory", memory, "--work-dir", str(work), master]
            begun.append(_begun("worker.Worker", given, folder / f"worker-{number}.log"))
        _wait_for(log, "Registering worker ", workers)
        with TemporaryDirectory(dir=folder) as configuration:
            events = Path(configuration, "events")
            events.mkdir()
            told = {"enabled": "true", "dir": events.as_uri(), "compress": "false", "rolling.enabled": "false"}
            lines = (f"spark.eventLog.{name} {value}\n" for name, value in told.items())
            Path(configuration, "spark-defaults.conf").write_text("".join(lines))
            yield Cluster(master, begun[1:], log, Path(configuration))
    finally:
        for process in begun:
            _kill(process)


def _begun(what: str, given: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    command = [str(program), f"org.apache.spark.deploy.{what}", "--webui-port", str(_free_port()), *given]
    with log.open("wb") as stream:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=_environment(), start_new_session=True
        )


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "SPARK_LOCAL_IP": _HERE, "PYSPARK_PYTHON": sys.executable, **more}


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all of its group: a worker with its executors."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((_HERE, 0))
        return int(one.getsockname()[1])


def _wait_for(log: Path, text: str, count: int) -> None:
    """Until a log says something so many times."""
    until = monotonic() + 60
    while log.read_text(errors="replace").count(text) < count:
        if monotonic() > until:
            raise SystemExit(f"The cluster did not come up:\n{log.read_text(errors='replace')[-2000:]}")
        sleep(0.2)


@dataclass(slots=True)
class Run:
    """What came of a command."""

    seconds: float
    code: int
    printed: bytes
    said: bytes
    wrote: dict[str, Any] = field(default_factory=dict)
    killed_after: float | None = None
    lost: int = 0
    ended: Counter[str] = field(default_factory=Counter)


def run(command: Sequence[str], standing: Cluster, results: Path, kill_after: float | None) -> Run:
    """Run a command against a cluster, of which a worker is killed after so many seconds."""
    shutil.rmtree(results, ignore_errors=True)
    start = monotonic()
    with TemporaryDirectory() as folder:
        printed, said = Path(folder, "out"), Path(folder, "err")
        with printed.open("wb") as out, said.open("wb") as err:
            environment = _environment(SPARK_MASTER=standing.master, SPARK_CONF_DIR=str(standing.configuration))
            process = subprocess.Popen(command, stdout=out, stderr=err, env=environment, start_new_session=True)
        killed_after = None
        try:
            while process.poll() is None:
                if kill_after is not None and killed_after is None and monotonic() - start >= kill_after:
                    _kill(standing.workers[0])
                    killed_after = monotonic() - start
                sleep(0.05)
        finally:
            _kill(process)
        seconds = monotonic() - start
        done = Run(seconds, process.returncode, printed.read_bytes(), said.read_bytes(), _read(results), killed_after)
    done.lost, done.ended = standing.lost(), standing.ended()
    return done


def _read(results: Path) -> dict[str, Any]:
    """What stands in a folder: the rows of its Parquet files in an order of their own, and other files as they are."""
    found: dict[str, Any] = {}
    rows: dict[str, list[pl.DataFrame]] = {}
    for path in sorted(results.rglob("*")):
        shown = not any(part.startswith((".", "_")) for part in path.relative_to(results).parts)
        if not path.is_file() or not shown:
            continue
        if path.suffix == ".parquet":
            below = str(path.parent.relative_to(results))
            rows.setdefault(below, []).append(pl.read_parquet(path, glob=False, hive_partitioning=False))
        else:
            found[str(path.relative_to(results))] = path.read_bytes()
    for folder, frames in rows.items():
        frame = pl.concat([one.select(frames[0].columns) for one in frames])
        found[f"{folder}/*.parquet"] = frame.sort(frame.columns, nulls_last=True)
    return found


def report(whole: Run, killed: Run) -> bool:
    """Say how two runs compare; whether they came to the same."""
    after = "before it was killed" if killed.killed_after is None else f"after {killed.killed_after:.1f} s"
    print(f"all workers:     exit {whole.code}, {whole.seconds:.1f} s, {len(whole.wrote)} results, {_tasks(whole)}")
    print(f"a worker killed: exit {killed.code}, {killed.seconds:.1f} s, {len(killed.wrote)} results, killed {after}, "
          f"the master lost {killed.lost}, {_tasks(killed)}")  # fmt: skip
    differing = [name for name in sorted({*whole.wrote, *killed.wrote}) if not _same(whole.wrote, killed.wrote, name)]
    differing += ["exit code"] * (whole.code != killed.code) + ["standard output"] * (whole.printed != killed.printed)
    for one in (whole, killed):
        if one.said:
            print("standard error:", one.said.decode(errors="replace")[-2000:])
    print(f"differing: {', '.join(differing)}" if differing else "nothing differs")
    came = any((whole.wrote, whole.printed)) and whole.code in (0, 1)
    return came and not differing and killed.killed_after is not None and killed.lost > 0


def _tasks(run: Run) -> str:
    return "tasks: " + ", ".join(f"{count} {how}" for how, count in run.ended.most_common())


def _same(some: dict[str, Any], others: dict[str, Any], name: str) -> bool:
    a, b = some.get(name), others.get(name)
    return a.equals(b) if isinstance(a, pl.DataFrame) and isinstance(b, pl.DataFrame) else bool(a == b)


def _write_rows(folder: Path) -> None:
    """Rows for the job, in four files."""
    folder.mkdir()
    for number in range(4):
        rows = pl.int_range(number * _ROWS, (number + 1) * _ROWS, eager=True)
        frame = pl.DataFrame(
            {"ref": (rows % 5_000).cast(pl.String), "name": (rows % 77).cast(pl.String), "pence": rows}
        )
        frame.write_parquet(folder / f"{number}.parquet")


def job(rows: Path, results: Path) -> None:
    """A shuffle, a task a part that writes a sum a reference, a shuffle of these sums, and a task a part again."""

    def summed(by: str, source: Path, target: Path, part: int) -> int:
        sleep(1)
        target.mkdir(parents=True, exist_ok=True)
        frame = pl.read_parquet(source / f"part={part}" / "*.parquet", columns=["ref", "name", "pence"])
        unfinished = target / f".{part}.{os.getpid()}"
        sums = frame.group_by(by).agg(pl.exclude("pence").max(), pl.col("pence").sum())
        sums.select("ref", "name", "pence").write_parquet(unfinished)
        unfinished.rename(target / f"{part}.parquet")
        return len(sums)

    with started("spark") as engine, TemporaryDirectory(dir=rows.parent) as named:
        folder = Path(named)
        engine.shuffle(sorted(rows.iterdir()), ["ref"], _PARTS, folder / "by_ref", spelt=True)
        by_ref = engine.each(lambda part: summed("ref", folder / "by_ref", folder / "sums", part), range(_PARTS))
        print(f"{sum(by_ref):,} references")
        engine.shuffle(sorted((folder / "sums").glob("*.parquet")), ["name"], _PARTS, folder / "by_name")
        by_name = engine.each(lambda part: summed("name", folder / "by_name", results, part), range(_PARTS))
        print(f"{sum(by_name):,} names")


if __name__ == "__main__":
    main()
