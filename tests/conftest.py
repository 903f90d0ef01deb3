"""What every test may use."""

import pytest
from hypothesis import HealthCheck, settings

from tipstaff.policy.pack.loading import bundled, load_pack
from tipstaff.policy.pack.model import Pack

# What a test promises does not depend on how busy the machine is; a folder may be used for all of its examples.
settings.register_profile(
    "promised", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("promised")


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The bundled policy."""
    return load_pack(bundled())
