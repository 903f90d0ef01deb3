"""The command line, run in this process and in one of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tipstaff.policy.loading import bundled
from tipstaff_cli.main import cli

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "register.xlsx"
AS_OF = ("--as-of", "2016-08-04")


@pytest.fixture
def example() -> str:
    return str(EXAMPLE)


@pytest.fixture
def run() -> Callable[..., Result]:
    """Runs a command in this process."""

    def runner(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(argument) for argument in arguments])

    return runner


@pytest.fixture
def spawn() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``tipstaff`` in a process of its own."""

    def runner(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from tipstaff_cli.main import main; main()", *map(str, arguments)]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, **more},
            timeout=60,
            check=False,
        )

    return runner


@pytest.fixture
def pack_copy(tmp_path: Path) -> Path:
    """The bundled policy pack, in a folder of its own."""
    return Path(shutil.copytree(bundled(), tmp_path / "pack"))
