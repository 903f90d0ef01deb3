"""The workbook of questions: laid out for officers, and no text in it becomes a formula."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tipstaff.audit.decisions.audit import Audit, audit
from tipstaff.audit.questions.ranking import Question, rank_questions
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import read_register
from tipstaff.report.workbook.question_sheet import question_sheet

AS_OF, CYCLE = date(2016, 8, 4), FinancialYear(2017)
BOOK = {
    "Homes": [
        ["Ref", "Name", "Lead Officer", "Significant/Desirable", "Financial arrangements", "Contact Details"],
        ["P1", "=HYPERLINK(\"http://x\")", "+Head of Homes", "Significant", "SHDC £5,000", "0123 secret@example.org"],
        ["P2", "Beta", "Head of Place", "Significant", None, None],
        ["P3", "@Gamma", None, "Significant", None, None],
        ["P4", "Delta", "Head of Place", "Significant", "SHDC £5,000", None],
    ],
    "Agreements": [
        ["Ref", "Form", "Start", "End"],
        ["P2", "SLA", "1/4/2014", None], ["P2", "SLA", None, None], ["P4", "SLA", None, None],
    ],
}  # fmt: skip
HEADINGS = (
    "Question no.", "Severity", "Lead officer", "Question in plain words", "Allowed answers", "Why asked",
    "Ref", "Partnership", "Fact", "Value", "Evidence", "Council", "Financial year",
)  # fmt: skip


@pytest.fixture(scope="module")
def audited(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    path = tmp_path_factory.mktemp("register") / "register.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in BOOK.items():
        sheet = book.create_sheet(title)
        for row, cells in enumerate(rows, 1):
            for column, value in enumerate(cells, 1):
                sheet.cell(row, column, value).data_type = "s" if value else "n"
    book.save(path)
    return audit(read_register(path, pack.vocabulary), pack, AS_OF, CYCLE)


@pytest.fixture(scope="module")
def asked(audited: Audit) -> Sequence[Question]:
    return tuple(rank_questions(audited))


@pytest.fixture(scope="module")
def written(audited: Audit, asked: Sequence[Question]) -> bytes:
    return question_sheet(audited, asked)


@pytest.fixture
def book(written: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(written))


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    headings, *others = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in others]


def test_the_columns_for_people_precede_those_that_are_read(book: Workbook) -> None:
    assert book.sheetnames == ["Guidance", "Answers"]
    assert tuple(cell.value for cell in book["Answers"][1])[: len(HEADINGS)] == HEADINGS


def test_no_text_is_a_formula(book: Workbook) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    risky = [cell for cell in cells if str(cell.value).startswith(("=", "+", "@"))]
    assert {str(cell.value)[0] for cell in risky} == {"=", "+", "@"}
    assert all(cell.quotePrefix for cell in risky)


def test_officers_stand_together(book: Workbook) -> None:
    officers = [row["Lead officer"] for row in rows(book["Answers"])]
    turns = [officer for place, officer in enumerate(officers) if place == 0 or officers[place - 1] != officer]
    assert sorted(map(str, turns)) == sorted(
        {"+Head of Homes", "Head of Place", "no lead officer"} & set(map(str, turns))
    )
    assert len(turns) == len(set(turns))


def test_an_officer_is_asked_question_by_question(book: Workbook, asked: Sequence[Question]) -> None:
    numbers: dict[object, list[int]] = {}
    for row in rows(book["Answers"]):
        numbers.setdefault(row["Lead officer"], []).append(int(str(row["Question no."])))
    assert all(own == sorted(own) for own in numbers.values())
    assert {number for own in numbers.values() for number in own} <= set(range(1, len(asked) + 1))
    fact = {one.fact.label: number for number, one in enumerate(asked, 1)}
    assert all(fact[str(row["Fact"])] == int(str(row["Question no."])) for row in rows(book["Answers"]))


def test_a_row_says_what_is_asked_what_may_be_answered_and_why(book: Workbook) -> None:
    row = next(row for row in rows(book["Answers"]) if (row["Ref"], row["Fact"]) == ("P3", "economic activity"))
    assert str(row["Question in plain words"]).startswith("@Gamma: Does it offer goods or services on a market")
    assert row["Allowed answers"] == "yes or no"
    assert "AID-01 Aid above the ceiling (high)" in str(row["Why asked"])
    assert (row["Value"], row["Evidence"]) == (None, None)


def test_a_drop_down_offers_what_may_be_answered(book: Workbook) -> None:
    sheet = book["Answers"]
    column = get_column_letter(HEADINGS.index("Value") + 1)
    offered = {
        str(cell): one.formula1
        for one in sheet.data_validations.dataValidation
        for cell in one.sqref
        if one.type == "list"
    }
    asked = {f"{column}{place}": row for place, row in enumerate(rows(sheet), 2)}
    yes_no = [cell for cell, row in asked.items() if row["Allowed answers"] == "yes or no"]
    assert yes_no
    assert {_offered(offered, cell) for cell in yes_no} == {'"yes,no"'}


def test_dates_and_amounts_have_hints_and_are_shown_as_such(book: Workbook) -> None:
    sheet = book["Answers"]
    column = get_column_letter(HEADINGS.index("Value") + 1)
    shown = {}
    for place, row in enumerate(rows(sheet), 2):
        allowed = str(row["Allowed answers"])
        hints = [
            one.prompt
            for one in sheet.data_validations.dataValidation
            if any(f"{column}{place}" in cells for cells in one.sqref)
        ]
        assert hints == [allowed], place
        shown[allowed.split(",")[0]] = sheet[f"{column}{place}"].number_format
    assert shown["an amount in pounds"] == "#,##0.00"
    assert shown["a date"] == "d mmmm yyyy"


def _offered(offered: dict[str, str], cell: str) -> str | None:
    row = int(cell[1:])
    for places, choices in offered.items():
        first, _, last = places.partition(":")
        if int(first[1:]) <= row <= int((last or first)[1:]):
            return choices
    return None


def test_an_answer_that_fits_several_rows_is_asked_for_on_its_own_sheet(
    book: Workbook, asked: Sequence[Question]
) -> None:
    assert any(gap.blank.position == 1 and gap.blank.table == "agreements" for one in asked for gap in one.gaps)
    facts = {row["Fact"] for row in rows(book["Answers"]) if row["Ref"] == "P2"}
    assert "agreement signed" not in facts
    said = [str(row[0]) for row in book["Guidance"].iter_rows(values_only=True)]
    assert any("Beta" in line and "on the Agreements sheet itself" in line for line in said)


def test_contact_details_are_nowhere(written: bytes, book: Workbook) -> None:
    said = "".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "secret" not in said


def test_it_is_ready_to_use_and_to_print(book: Workbook) -> None:
    sheet = book["Answers"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{get_column_letter(sheet.max_column)}{sheet.max_row}"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"


def test_the_same_audit_makes_the_same_bytes(audited: Audit, asked: Sequence[Question], written: bytes) -> None:
    assert question_sheet(audited, asked) == written
    assert openpyxl.load_workbook(BytesIO(written)).properties.created.date() == AS_OF


def test_unanswered_it_changes_nothing_and_says_nothing(pack: Pack, written: bytes, tmp_path: Path) -> None:
    (tmp_path / "questions.xlsx").write_bytes(written)
    register = tmp_path / "register.csv"
    register.write_text("Ref,Name,Theme\nP1,A,Homes\nP2,B,Homes\nP3,C,Homes\nP4,D,Homes\n")
    read = read_register(register, pack.vocabulary, tmp_path / "questions.xlsx")
    assert read.problems == read_register(register, pack.vocabulary).problems
