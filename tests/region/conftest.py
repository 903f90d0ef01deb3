"""The engines that the tests of regions audit on."""

from collections.abc import Iterator

import pytest

from support.engines import JAVA, SPARK
from tipstaff.region.engines.engine import Engine
from tipstaff.region.engines.starting import ENGINES, started

EACH = [pytest.param(name, marks=SPARK) if name == "spark" else name for name in ENGINES]


@pytest.fixture(scope="module", params=EACH)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine in turn, started once for a module; Java stays for the next one."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in JAVA.items():
            patched.setenv(name, value)
        with started(request.param, master="local[2]") as one:
            yield one
