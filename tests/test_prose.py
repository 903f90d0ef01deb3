"""The style note of CONTRIBUTING.md, as far as regular expressions can hold it."""

import pytest

from support.paths import ROOT
from support.prose import modules, prose_violations, violations
from support.shown_outputs import DOCUMENTS

MODULES = [str(path.relative_to(ROOT)) for path in modules(ROOT)]


@pytest.mark.parametrize("module", MODULES)
def test_the_prose_of_a_module_is_plain(module: str) -> None:
    found = [f"{module}:{line}: {wording}" for line, wording in violations((ROOT / module).read_text("utf-8"))]
    assert not found, "\n".join(found)


PAGES = [str(path.relative_to(ROOT)) for path in (*sorted((ROOT / "rules").rglob("*.yaml")), *DOCUMENTS)]


@pytest.mark.parametrize("page", PAGES)
def test_the_prose_of_rules_and_documents_is_plain(page: str) -> None:
    found = [f"{page}:{line}: {wording}" for line, wording in prose_violations((ROOT / page).read_text("utf-8"))]
    assert not found, "\n".join(found)
