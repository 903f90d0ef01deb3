"""Finding sheets and headings, and saying what was matched."""

import pytest

from support.sources import at
from tipstaff.errors import UnreadableError

HEADINGS = ["Name", "Lead Officer", "Purpose"]


def test_themes_are_sheets_in_any_order_with_title_rows_above(read):
    register = read(
        {
            "Wellbeing": [["Partnership register"], [], ["NAME ", "Lead  officer"], ["Advice", "Head of Wellbeing"]],
            "Our communities": [["Name", "Lead Cllr"], ["Village halls", "Portfolio holder"]],
        }
    )
    rows = register.tables["partnerships"]
    assert rows.columns["theme"] == rows.columns["tab"] == ["Wellbeing", "Communities"]
    assert rows.columns["lead_member"] == [None, "Portfolio holder"]
    assert rows.cell(0, "lead_officer") == "Wellbeing!B4"
    assert rows.cell(0, "theme") == "Wellbeing"
    assert register.problems == []


def test_a_single_sheet_of_unknown_title_is_the_register(read):
    register = read({"Sheet1": [HEADINGS, ["Advice"]], "Sheet2": []})
    assert register.refs == ["advice"]
    assert [(problem.cell, problem.serious) for problem in register.problems] == [("Sheet1", False)]


def test_a_sheet_like_the_register_under_an_unknown_title_is_not_lost_in_silence(read):
    register = read({"Homes": [HEADINGS, ["Shelter"]], "Miscellaneous": [HEADINGS, ["Advice"]]})
    assert register.refs == ["shelter"]
    assert [problem.serious for problem in at(register, "Miscellaneous")] == [True]


def test_extra_and_blank_sheets_are_left_out(read):
    register = read({"Homes": [HEADINGS, ["Shelter"]], "Notes": [["any", "thing"]], "Blank": [], "Heritage": []})
    assert [(problem.cell, problem.serious) for problem in register.problems] == [("Notes", False), ("Heritage", False)]


def test_a_theme_without_headings_is_a_serious_problem(read):
    register = read({"Homes": [HEADINGS, ["Shelter"]], "Heritage": [["Museum", "x"]]})
    assert [problem.serious for problem in at(register, "Heritage")] == [True]


def test_no_register_names_the_sheets_seen_and_the_headings_expected(read):
    with pytest.raises(UnreadableError, match=r'no register.*"Notes".*Wellbeing.*Name.*Lead Officer'):
        read({"Notes": [["any", "thing"]]})


def test_two_possible_registers_are_not_chosen_between(read):
    with pytest.raises(UnreadableError, match="2 sheets that may be the register"):
        read({"Old": [HEADINGS, ["Shelter"]], "New": [HEADINGS, ["Shelter"]]})


@pytest.mark.parametrize(("written", "meant"), [("Wellbieng", "Wellbeing"), ("Contributons", "Contributions")])
def test_titles_are_matched_by_close_spelling_with_a_remark(read, written, meant):
    register = read({"Homes": [HEADINGS, ["Shelter"]], written: [["Name", "Purpose", "Council"]]})
    (remark,) = at(register, written)
    assert meant in remark.expected
    assert not remark.serious


def test_headings_are_matched_by_close_spelling_with_a_remark(read):
    register = read({"Homes": [["Name", "Lead Oficer"], ["Shelter", "Head of Homes"]]})
    assert register.tables["partnerships"].columns["lead_officer"] == ["Head of Homes"]
    (remark,) = register.problems
    assert (remark.cell, remark.serious) == ("Homes!B1", False)
    assert "Lead Officer" in remark.expected


def test_unknown_headings_and_columns_without_one_are_remarks(read):
    register = read({"Homes": [["Name", "Purpose", "Colour", None], ["Shelter", "Advice", "red", "stray"]]})
    assert [(problem.cell, problem.serious) for problem in register.problems] == [
        ("Homes!C1", False),
        ("Homes!D1", False),
    ]


@pytest.mark.parametrize(
    ("headings", "read_cell", "lost_cell"),
    [
        (["Name", "Lead Officer", "Lead officer"], "B", "C"),
        (["Name", "Lead Oficer", "Lead Officer"], "C", "B"),
    ],
)
def test_of_two_columns_for_a_fact_the_exact_then_the_first_is_read(read, headings, read_cell, lost_cell):
    register = read({"Homes": [headings, ["Shelter", "b", "c"]]})
    assert register.tables["partnerships"].columns["lead_officer"] == [read_cell.lower()]
    (problem,) = at(register, f"Homes!{lost_cell}1")
    assert problem.serious
    assert f"Homes!{read_cell}1" in problem.expected


def test_totals_blank_rows_and_repeated_headings_are_no_partnerships(read):
    rows = [HEADINGS, ["Shelter"], [], HEADINGS, ["Hostel"], ["TOTAL", None, 3], [None, "Grand total", 4]]
    register = read({"Homes": rows})
    assert register.refs == ["shelter", "hostel"]
    assert [(problem.cell, problem.serious) for problem in register.problems] == [
        ("Homes!A6", False),
        ("Homes!B7", False),
    ]


def test_a_row_without_a_name_is_a_partnership_and_a_problem(read):
    register = read({"Homes": [HEADINGS, ["Shelter"], [None, "Head of Homes"]]})
    assert register.refs == ["shelter", "unnamed"]
    assert [problem.serious for problem in at(register, "Homes!A3")] == [True]


def test_missing_tables_and_absent_columns_are_told(read):
    register = read({"Homes": [HEADINGS], "Contributions": [["Name", "Council", "Direct funding"]]})
    assert {"agreements", "risk"} <= set(register.missing)
    assert "contributions" not in register.missing
    assert "officer_days" in register.absent
    assert "lead_member" in register.absent
    assert not {"theme", "name", "council", "reputational_risk"} & set(register.absent)


def test_a_wide_sheet_is_read_as_far_as_columns_go(read_text):
    register = read_text("Name,Purpose" + "," * 5000 + "Lead Officer\nShelter,Advice\n")
    assert register.refs == ["shelter"]
    assert any("1,000 columns" in problem.expected for problem in register.problems)
