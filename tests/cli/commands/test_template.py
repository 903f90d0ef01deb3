"""``tipstaff template``: the workbook of a register, ready to fill in."""

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]


def test_it_writes_a_register_that_validates(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    found = run("template", "-o", path)
    assert (found.exit_code, found.stdout) == (0, f"Fill it in; then: tipstaff validate {path}\n")
    checked = run("validate", path)
    assert checked.exit_code == 0
    assert "0 problems, 0 remarks." in checked.stdout


def test_another_policy_makes_another_workbook(run: Run, pack_copy: Path, tmp_path: Path) -> None:
    declared = pack_copy / "pack.yaml"
    declared.write_text(declared.read_text(encoding="utf-8").replace("  Heritage: []\n", "  Harbours: []\n"), "utf-8")
    path = tmp_path / "register.xlsx"
    found = run("template", "--policy", pack_copy, "-o", path)
    assert found.exit_code == 0
    assert f"--policy {pack_copy}" in found.stdout
    assert "Harbours" in run("validate", path).stdout


def test_a_file_that_is_there_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    path.write_text("precious")
    found = run("template", "-o", path)
    assert found.exit_code == 2
    assert path.read_text() == "precious"


def test_it_needs_a_file_to_write(run: Run) -> None:
    assert run("template").exit_code == 2


def test_a_file_named_by_way_of_a_folder_that_is_not_there_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    path.write_text("precious")
    found = run("template", "-o", tmp_path / "nowhere" / ".." / "register.xlsx")
    assert found.exit_code == 2
    assert path.read_text() == "precious"
