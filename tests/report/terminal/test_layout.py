"""Nothing that a register holds can command a terminal or break a layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff.report.terminal.layout import table
from tipstaff.report.wording.phrases import shown


@given(st.text(max_size=300))
def test_a_text_becomes_one_printable_line(text: str) -> None:
    line = shown(text, 80)
    assert len(line) <= 80
    assert line.isprintable()


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=200)), min_size=1, max_size=4), st.integers(60, 140))
def test_a_table_keeps_to_its_width(rows: list[tuple[str, str]], width: int) -> None:
    cells = [[shown(cell) for cell in row] for row in rows]
    assert all(len(line) <= width for line in table(cells, width, wide=1, headers=["cell", "found"]))


@pytest.mark.parametrize("cell", ["1,000", "-1,000.50", "False", "007", "1e3", "nan", "2016-08-04"])
def test_a_cell_is_shown_as_it_is(cell: str) -> None:
    assert table([[cell, "x"]], 80, wide=1, headers=["cell", "found"])[-1].split() == [cell, "x"]


def test_escape_sequences_are_made_visible() -> None:
    assert shown("\x1b[2Jgone\u202e") == "�[2Jgone�"
