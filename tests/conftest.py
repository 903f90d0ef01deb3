"""What every test may use."""

import atexit
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from tipstaff.policy.pack.loading import bundled, load_pack
from tipstaff.policy.pack.model import Pack

# What a test promises does not depend on how busy the machine is; a folder may be used for all of its examples.
settings.register_profile(
    "promised", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("promised")

# An interpreter that imported DuckDB beside the other libraries tested here reports leaks of its binding as it ends.
# A process of the suite has nothing to tidy up, and ends without that.
if "PYTEST_XDIST_WORKER" in os.environ:
    atexit.register(os._exit, 0)


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The bundled policy."""
    return load_pack(bundled())


class _ByModule(LoadFileScheduling):  # type: ignore[misc]
    """Gives each module to one process, and all tests that need Spark, so that Java starts once."""

    def _split_scope(self, nodeid: str) -> str:
        return "spark" if _needs_spark(nodeid) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    return _ByModule(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what needs Spark, which would keep one process busy at the end."""
    items.sort(key=lambda item: not _needs_spark(item.nodeid))


def _needs_spark(nodeid: str) -> bool:
    return "[spark" in nodeid or "::test_spark" in nodeid
