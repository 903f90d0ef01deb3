"""The command line, run in this process and in one of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from support.paths import EXAMPLES
from tipstaff.policy.pack.loading import bundled
from tipstaff_cli.main import cli

EXAMPLE = EXAMPLES / "register.xlsx"
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


_HEADINGS = (
    "Ref,Name,Lead Officer,Lead Member,Significant/Desirable,Theme,Agreement dates,Type of Partnership,"
    "Financial arrangements\n"
)
_ROW = '{},"Lead Specialist, Homes",{},Significant,Homes,1 April 2015 to {},Community delivery,"SHDC £12,000 pa"\n'
_ALPHA = _ROW.format("P1,Alpha", "Portfolio holder", "31 March 2018")
_BETA = _ROW.format("P2,Beta", "Portfolio holder", "31 March 2018")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A register of two partnerships, Alpha and Beta, whose agreements are in force on 4 August 2016."""
    path = tmp_path / "old.csv"
    path.write_text(_HEADINGS + _ALPHA + _BETA, encoding="utf-8")
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The same register, with an agreement of Beta that has run out, and without its lead member."""
    path = tmp_path / "new.csv"
    path.write_text(_HEADINGS + _ALPHA + _ROW.format("P2,Beta", "", "31 March 2016"), encoding="utf-8")
    return path


@pytest.fixture
def shorter(tmp_path: Path) -> Path:
    """The same register without Beta."""
    path = tmp_path / "shorter.csv"
    path.write_text(_HEADINGS + _ALPHA, encoding="utf-8")
    return path


@pytest.fixture
def pack_copy(tmp_path: Path) -> Path:
    """The bundled policy pack, in a folder of its own."""
    return Path(shutil.copytree(bundled(), tmp_path / "pack"))
