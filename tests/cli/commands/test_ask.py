"""``tipstaff ask``: what it shows, and the workbook that it writes."""

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")


def test_the_first_questions_are_shown_with_whom_to_ask_and_the_next_step(run: Run, example: str) -> None:
    found = run("ask", example, *AS_OF, "--most", "3")
    assert found.exit_code == 0
    said = " ".join(found.stdout.split())
    assert "Questions 3, for " in said
    assert "34 high, 32 medium" in said
    assert "Specialist, Heritage;" in said
    assert [line.split()[0] for line in found.stdout.splitlines() if line[:1].isdigit()] == ["1", "2", "3"]
    assert f"tipstaff ask {example} --as-of 2016-08-04 -o questions.xlsx" in found.stdout


def test_what_is_filled_in_is_read_back_and_opens_the_next_round(run: Run, example: str, tmp_path: Path) -> None:
    path = tmp_path / "questions.xlsx"
    found = run("ask", example, *AS_OF, "--most", "3", "-o", path)
    assert found.exit_code == 0
    assert f"tipstaff check {example} --as-of 2016-08-04 --answers {path}" in found.stdout
    book = openpyxl.load_workbook(path)
    sheet = book["Answers"]
    column = {cell.value: cell.column for cell in sheet[1]}

    def cell(row: int, heading: str) -> object:
        return sheet.cell(row, column[heading]).value

    assert {cell(row, "Question no.") for row in range(2, sheet.max_row + 1)} == {"1", "2", "3"}
    (trees,) = [
        row
        for row in range(2, sheet.max_row + 1)
        if (cell(row, "Ref"), cell(row, "Fact")) == ("P18", "economic activity")
    ]
    sheet.cell(trees, column["Value"], "no")
    book.save(path)

    def undetermined(*answers: object) -> set[str]:
        record = json.loads(run("check", example, *AS_OF, "--format", "json", *answers).stdout)
        return {one["rule"] for one in record["findings"] if one["ref"] == "P18" and one["outcome"] == "undetermined"}

    assert "AID-01" in undetermined() - undetermined("--answers", path)
    again = run("ask", example, *AS_OF, "--most", "1", "-o", tmp_path / "again.xlsx", "--answers", path)
    assert again.exit_code == 0


def test_a_name_that_is_no_workbook_is_refused(run: Run, example: str, tmp_path: Path) -> None:
    found = run("ask", example, "-o", tmp_path / "questions.csv")
    assert found.exit_code == 2
    assert "ends in .xlsx" in found.stderr


def test_the_register_is_never_overwritten(run: Run, example: str) -> None:
    found = run("ask", example, "-o", example)
    assert found.exit_code == 2
    assert "would be overwritten" in found.stderr


def test_a_register_without_partnerships_has_nothing_to_ask(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("Name,Lead Officer\n")
    found = run("ask", tmp_path / "empty.csv")
    assert (found.exit_code, found.stdout.splitlines()[0][:15]) == (0, "Nothing to ask:")


@pytest.mark.parametrize("most", ["0", "-1", "x"])
def test_a_number_of_questions_is_at_least_one(run: Run, example: str, most: str) -> None:
    assert run("ask", example, "--most", most).exit_code == 2
