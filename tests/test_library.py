"""The public door of the library: the package itself."""

import doctest
import pickle
import subprocess
import sys
from importlib.resources import files

import pytest

import tipstaff
from support.paths import ROOT


def test_the_example_in_the_docstring_is_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    tried = doctest.testmod(tipstaff)
    assert tried.attempted
    assert not tried.failed


@pytest.mark.parametrize("name", tipstaff.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    found = getattr(tipstaff, name)
    assert name == "FORMATS" or found.__doc__
    assert name in tipstaff.__all__


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        tipstaff.no_such_name  # noqa: B018


def test_the_library_is_typed() -> None:
    assert (files("tipstaff") / "py.typed").is_file()


def test_every_error_of_the_library_is_a_tipstaff_error() -> None:
    errors = [getattr(tipstaff, name) for name in tipstaff.__all__ if name.endswith("Error")]
    assert all(issubclass(error, tipstaff.TipstaffError) for error in errors)
    assert pickle.loads(pickle.dumps(tipstaff.PackError("a.yaml:1: wrong"))).args == ("a.yaml:1: wrong",)


@pytest.mark.parametrize(
    "first", ["from tipstaff.audit.decisions import verdict", "import tipstaff.audit", "import tipstaff.report.formats"]
)
def test_audit_is_the_function_whatever_is_imported_first(first: str) -> None:
    program = (
        f"{first}\nimport tipstaff\nfrom tipstaff import audit\nassert callable(audit) and callable(tipstaff.audit)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_importing_the_library_imports_no_other() -> None:
    program = (
        "import sys\nalready = set(sys.modules)\nimport tipstaff\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - already} - sys.stdlib_module_names)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["tipstaff"]
