"""The round trip: an officer's register, the workbook returned, the responses written there, and the audit after."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from click.testing import Result

Run = Callable[..., Result]
RULES = ("--as-of", "2016-08-04", "--only", "AGR-03", "--only", "AGR-05")
RESPONSES = ("Response", "Reason", "Approved by", "Until")
WAIVED = ("waive", "The trustees meet in October", "Head of Legal Services", date(2016, 10, 31))
DISPUTED = ("dispute", "It was signed in May", None, None)


def findings(path: Path) -> tuple[openpyxl.Workbook, list[dict[str, Any]]]:
    """A workbook, and its sheet of findings as rows of cells by heading."""
    book = openpyxl.load_workbook(path)
    heading, *rows = book["Findings"].iter_rows()
    return book, [{str(name.value): cell for name, cell in zip(heading, row, strict=True)} for row in rows]


def stated(path: Path) -> dict[str, tuple[object, ...]]:
    """What the sheet of findings says of each outcome that has a response: what it is, and the response."""
    return {
        f"{row['Rule'].value} {row['Ref'].value}": tuple(row[name].value for name in ("Outcome", *RESPONSES))
        for row in findings(path)[1]
        if row["Response"].value
    }


def saved_by_libreoffice(path: Path, folder: Path) -> Path:
    """The workbook as LibreOffice saves it again; as it is where there is no LibreOffice."""
    office = shutil.which("soffice")
    if office is None:
        assert os.environ.get("TIPSTAFF_CI") != "1", "LibreOffice is not installed"
        return path
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "saved"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / "saved" / path.name


def test_from_officer_to_workbook_to_responses_to_audit(run: Run, example: str, tmp_path: Path) -> None:
    sent, answered, back = tmp_path / "sent.xlsx", tmp_path / "answered.xlsx", tmp_path / "back.xlsx"
    assert run("check", example, *RULES, "-o", sent).exit_code == 1
    book, rows = findings(sent)
    high, other = (next(row for row in rows if row["Rule"].value == rule) for rule in ("AGR-05", "AGR-03"))
    for row, said in ((high, WAIVED), (other, DISPUTED)):
        for name, value in zip(RESPONSES, said, strict=True):
            row[name].value = value
    names = [f"{row['Rule'].value} {row['Ref'].value}" for row in (high, other)]
    book.save(answered)
    returned = saved_by_libreoffice(answered, tmp_path)

    # The responses are taken from the workbook by the audit of the register as it was ...
    listed = run("waivers", "check", example, "--as-of", "2016-08-04", "--waivers", returned)
    assert (listed.exit_code, listed.output.splitlines()[-1]) == (0, "1 waiver, 1 held.")
    fresh = tmp_path / "fresh.xlsx"
    assert run("check", example, *RULES, "--waivers", returned, "-o", fresh).exit_code <= 1
    assert (stated(fresh)[names[0]][0], stated(fresh)[names[1]]) == ("waived", ("finding", *DISPUTED))
    # ... and by that of the workbook itself, which goes on having them.
    for register in (returned, back):
        assert run("check", register, *RULES, "--waivers", register, "-o", tmp_path / "next.xlsx").exit_code <= 1
        (tmp_path / "next.xlsx").replace(back)
        waived, disputed = (stated(back)[name] for name in names)
        assert (waived[0], *waived[1:4]) == ("waived", *WAIVED[:3])
        assert str(waived[4]).startswith("2016-10-31")
        assert disputed == ("finding", *DISPUTED)
