"""What is not where, or not what, it should be: bytes, cells and rows."""

from collections.abc import Callable

import pytest

from support.sources import at
from tipstaff.errors import UnreadableError
from tipstaff.register.tables.model import Problem, Register

ReadText = Callable[..., Register]
Read = Callable[..., Register]

HEADINGS = "Name,Lead Officer,Area covered,Type of Partnership,Contact Details"
HARBOUR = "Café Harbour,Specialist,Town,Community delivery,x@example.org"
QUAY = "Quay,Specialist,Town,Community delivery,quay@example.org"


def remarks(register: Register) -> list[Problem]:
    return [problem for problem in register.problems if not problem.serious]


def test_one_bad_byte_is_said_with_its_line_and_spoils_no_other(read_text: ReadText) -> None:
    content = f"{HEADINGS}\n{HARBOUR}\n{QUAY}\n".encode().replace(b"Quay,", "Quay São,".encode("cp1252"))
    register = read_text(content)
    assert register.tables["partnerships"].columns["name"] == ["Café Harbour", "Quay São"]
    assert [(problem.cell, problem.value) for problem in remarks(register)] == [("register.csv", "line 3")]
    assert "Windows-1252" in register.problems[0].expected


def test_the_lines_of_a_file_in_windows_1252_are_counted(read_text: ReadText) -> None:
    content = f"{HEADINGS}\n{HARBOUR}\n{HARBOUR.replace('H', 'h')}\n{QUAY}\n".encode("cp1252")
    assert [problem.value for problem in remarks(read_text(content))] == ["line 2 and 1 more"]


def test_utf_8_is_not_remarked_on(read_text: ReadText) -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        assert read_text(f"{HEADINGS}\n{HARBOUR}\n".encode(encoding)).problems == []


@pytest.mark.parametrize("byte", [b"\x81", b"\0"], ids=repr)
def test_a_byte_that_no_encoding_has_is_said_with_its_line(read_text: ReadText, byte: bytes) -> None:
    with pytest.raises(UnreadableError, match="from line 3 on"):
        read_text(f"{HEADINGS}\n{HARBOUR}\nQ".encode() + byte)


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        pytest.param("Quay,Specialist,Town,quay@example.org", 4, id="a cell short"),
        pytest.param("Quay,Specialist,Town,quay@example.org,Community delivery,x", 6, id="a cell long"),
    ],
)
def test_a_row_whose_cells_may_have_slipped_is_said_and_not_shown(read_text: ReadText, row: str, cells: int) -> None:
    register = read_text(f"{HEADINGS}\n{HARBOUR}\n{row}\n{QUAY}\n")
    assert any(f"{cells} cells under 5 headings" in problem.value for problem in at(register, "register.csv:3"))
    assert not any("quay@" in problem.value + problem.expected for problem in register.problems)


def test_several_uneven_rows_are_said_once(read_text: ReadText) -> None:
    rows = "\n".join(f"Quay {number},Specialist" for number in range(20))
    said = [problem for problem in remarks(read_text(f"{HEADINGS}\n{rows}\n")) if "every heading" in problem.expected]
    assert [problem.cell for problem in said] == ["register.csv:2"]
    assert "as in 19 more (rows 3, 4, 5, 6, 7, 8, 9, 10, 11, …)" in said[0].expected


@pytest.mark.parametrize("tail", ["", ",,,", ",\t, "], ids=repr)
def test_blank_cells_beyond_the_headings_are_nothing(read_text: ReadText, tail: str) -> None:
    assert read_text(f"{HEADINGS}{tail}\n{HARBOUR}\n{QUAY}{tail}\n").problems == []


def test_the_heading_of_a_section_is_no_partnership(read: Read) -> None:
    rows = [
        ["Name", "Lead Officer"],
        ["Homes"],
        ["Harbour", "Specialist"],
        ["Wellbeing", "Specialist"],
        ["Economy", ""],
    ]
    register = read({"Register": rows})
    assert register.tables["partnerships"].columns["name"] == ["Harbour", "Wellbeing"]
    for cell in ("Register!A2", "Register!A5"):
        (problem,) = at(register, cell)
        assert not problem.serious
        assert "heading of a section" in problem.expected


def test_a_whole_number_of_any_length_is_read_as_what_does_not_fit(read_text: ReadText) -> None:
    grant = '{"awardDate": "2020-06-01", "recipientOrganization": [{"name": "Quay"}], "amountAwarded": %s}'
    register = read_text(f'{{"grants": [{grant % ("9" * 10_000)}]}}', "grants.json")
    (problem,) = (problem for problem in register.problems if problem.serious)
    assert problem.value.startswith("9999")


def test_a_figure_of_no_one_council_names_the_text_that_it_replaces(read: Read) -> None:
    register = read(
        {"Register": [["Ref", "Name", "Financial arrangements"], ["P1", "Quay", "SHDC £10,000 pa"]]},
        {"Answers": [["Ref", "Name", "Fact", "Value"], ["P1", "Quay", "direct funding", 50000]]},
    )
    (remark,) = at(register, "Register!C2")
    assert "answers.xlsx:Answers!D2, which is followed" in remark.expected
