"""``tipstaff check -o audited.xlsx``: the workbook by the ending of its name."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from click.testing import Result

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04", "--only", "agreements")
WITH_MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def test_the_ending_makes_a_workbook(run: Run, tmp_path: Path) -> None:
    register, output = tmp_path / "register.csv", tmp_path / "audited.xlsx"
    register.write_text("Ref,Name,Theme,Agreement dates\nP1,Alpha,Homes,1/4/2012 to 31/3/2014\n")
    assert run("check", str(register), *AS_OF, "-o", str(output)).exit_code == 1
    assert openpyxl.load_workbook(output).sheetnames == ["Summary", "Findings", "Questions"]


def test_macros_are_neither_lost_nor_given_a_name_that_denies_them(run: Run, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Homes"
    sheet.append(["Ref", "Name", "Agreement dates"])
    sheet.append(["P1", "Alpha", "1/4/2012 to 31/3/2014"])
    book.save(tmp_path / "plain.xlsx")
    register = tmp_path / "register.xlsm"
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as old, zipfile.ZipFile(register, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(PLAIN, WITH_MACROS))
        new.writestr("xl/vbaProject.bin", b"macros")
    refused = run("check", str(register), *AS_OF, "-o", str(tmp_path / "audited.xlsx"))
    assert refused.exit_code == 2
    assert "Give a file that ends in .xlsm." in refused.stderr
    assert not (tmp_path / "audited.xlsx").exists()
    assert run("check", str(register), *AS_OF, "-o", str(tmp_path / "audited.xlsm")).exit_code == 1
    assert zipfile.ZipFile(tmp_path / "audited.xlsm").read("xl/vbaProject.bin") == b"macros"
