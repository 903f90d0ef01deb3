"""What every test may use."""

import pytest

from tipstaff.policy.loading import bundled, load_pack
from tipstaff.policy.pack import Pack


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The bundled policy."""
    return load_pack(bundled())
