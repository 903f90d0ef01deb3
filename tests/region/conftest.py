"""The engines, each started once a file of tests."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tipstaff.region.engines.engine import Engine
from tipstaff.region.engines.starting import ENGINES, started


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "spark" and shutil.which("java") is None and "TIPSTAFF_CI" not in os.environ:
        pytest.skip("there is no Java")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        with started(request.param, master="local[2]") as one:
            yield one
