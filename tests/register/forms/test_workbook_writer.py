"""What a workbook is given to say, a reader finds in it, as text."""

from datetime import date

import pytest

from tipstaff.register.files.source_file import read_sheets
from tipstaff.register.forms.workbook_writer import UNDATED, Book, Column


def said(text: str) -> object:
    book = Book("Test", date(2016, 8, 4))
    book.table("Answers", [Column("Value", fill_in=True)], [[text]])
    (sheet,) = read_sheets(book.data(), "test.xlsx")
    return sheet.rows[1][0]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@SUM(A1)", "P_x0041_b", "_x000D_", "0012", "1/4/2014", "Café"])
def test_a_text_stays_as_it_is(text: str) -> None:
    assert said(text) == text


def test_what_no_workbook_can_hold_is_left_out() -> None:
    assert said("a\x00b\x0bc") == "a b c"
    assert len(str(said("x" * 40_000))) == 32_767


@pytest.mark.parametrize("made", [date(1900, 1, 1), UNDATED, date(2199, 12, 31)])
def test_any_date_makes_a_workbook_that_can_be_read(made: date) -> None:
    book = Book("Test", made)
    book.text("A [very] long / title that goes on beyond what a tab can hold", ["One", "Two"])
    (sheet,) = read_sheets(book.data(), "test.xlsx")
    assert [row[0] for row in sheet.rows] == ["One", "Two"]
