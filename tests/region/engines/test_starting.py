"""Starting an engine: what is missing is told in a paragraph, and Spark keeps standard error clean."""

import subprocess
import sys
from pathlib import Path

import pytest

from tipstaff.errors import EngineError
from tipstaff.region.engines.starting import started


@pytest.mark.parametrize(("name", "module"), [("duckdb", "duckdb"), ("spark", "pyspark")])
def test_a_library_that_is_missing_is_told_with_its_extra(
    name: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EngineError, match=rf"{module} cannot be loaded .*tipstaff\[{name}\]"), started(name):
        pass


def test_java_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match=r"Spark needs Java.*JAVA_HOME is .*no bin/java"), started("spark"):
        pass
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="there is no java on the PATH"), started("spark"):
        pass


def test_spark_connect_is_told() -> None:
    with pytest.raises(EngineError, match="takes no tasks in Python"), started("spark", master="sc://host"):
        pass


def test_java_that_fails_says_why_and_standard_error_is_clean(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'Error: no such module' >&2\nexit 1\n")
    program.chmod(0o755)
    script = (
        "import os\n"
        f"os.environ['JAVA_HOME'] = {str(tmp_path)!r}\n"
        "from tipstaff.region.engines.starting import EngineError, started\n"
        "try:\n"
        "    with started('spark', master='local[1]'): pass\n"
        "except EngineError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("Spark cannot be started at local[1]: no such module.")
    assert done.stdout.count("\n") == 1
