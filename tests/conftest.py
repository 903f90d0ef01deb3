"""What every test may use."""

import pytest

from tipstaff.policy.pack import Pack, bundled, load_pack


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The bundled policy."""
    return load_pack(bundled())
