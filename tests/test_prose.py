"""The style note of CONTRIBUTING.md, as far as regular expressions can hold it."""

import pytest

from support.paths import ROOT
from support.prose import modules, violations

MODULES = [str(path.relative_to(ROOT)) for path in modules(ROOT)]


@pytest.mark.parametrize("module", MODULES)
def test_the_prose_of_a_module_is_plain(module: str) -> None:
    found = [f"{module}:{line}: {wording}" for line, wording in violations((ROOT / module).read_text("utf-8"))]
    assert not found, "\n".join(found)
