"""Answers in long form: what they fill, what they correct, and what they cannot."""

import pytest

from support.sources import at
from tipstaff.errors import UnreadableError

HEADINGS = ["Partnership", "Fact", "Value", "Evidence", "Council", "Financial year"]
HOMES = [["Name", "Lead Officer", "Agreement dates", "Financial arrangements"], ["A", "Head of Homes"], ["B"]]


def one(register, table, fact):
    """The values of a fact, row by row, with their places."""
    rows = register.tables[table]
    return [(value, rows.cell(index, fact.removesuffix("_lo"))) for index, value in enumerate(rows.columns[fact])]


@pytest.mark.parametrize(
    "fact", ["lead_member", "Lead member", "LEAD MEMBER", "Which member leads on it?", "Lead Cllr"]
)
def test_a_fact_is_named_by_name_label_heading_or_question(read, fact):
    register = read({"Homes": HOMES, "Answers": [HEADINGS, ["A", fact, "Portfolio holder"]]})
    assert one(register, "partnerships", "lead_member")[0] == ("Portfolio holder", "Answers!C2")
    assert register.problems == []


def test_a_partnership_may_be_named_by_its_reference(read):
    homes = [["Ref", "Name", "Lead Officer"], ["P1", "A", "Head of Homes"], ["P2", "P1", None]]
    answers = [HEADINGS, ["P2", "Lead officer", "Head of Place"], ["P1", "Lead member", "Portfolio holder"]]
    register = read({"Homes": homes, "Answers": answers})
    assert register.tables["partnerships"].columns["lead_officer"] == ["Head of Homes", "Head of Place"]
    # what is a name of one and the reference of another names the one
    assert register.tables["partnerships"].columns["lead_member"] == [None, "Portfolio holder"]


def test_a_close_spelling_of_a_fact_is_a_remark(read):
    register = read({"Homes": HOMES, "Answers": [HEADINGS, ["A", "Lead membr", "Portfolio holder"]]})
    assert one(register, "partnerships", "lead_member")[0][0] == "Portfolio holder"
    assert [(problem.cell, problem.serious) for problem in register.problems] == [("Answers!B2", False)]


@pytest.mark.parametrize("fact", ["", "Colour", "Ref", "Name", "Council", "Outcomes of it all"])
def test_what_names_no_fact_is_a_problem(read, fact):
    register = read({"Homes": HOMES, "Answers": [HEADINGS, ["A", fact, "x"]]})
    assert [problem.serious for problem in at(register, "Answers!B2")] == [True]


def test_a_correction_is_a_remark_with_both_cells(read):
    register = read({"Homes": HOMES, "Answers": [HEADINGS, ["A", "Lead officer", "Head of Place"]]})
    assert one(register, "partnerships", "lead_officer")[0] == ("Head of Place", "Answers!C2")
    (remark,) = register.problems
    assert (remark.cell, remark.value, remark.serious) == ("Answers!C2", "Head of Place", False)
    assert "Homes!B2" in remark.expected


def test_answers_that_disagree_leave_the_fact_unknown(read):
    lines = [["B", "Lead officer", who] for who in ("Head of Place", "Head of Homes", "Head of Homes")]
    register = read({"Homes": HOMES, "Answers": [HEADINGS, *lines]})
    assert one(register, "partnerships", "lead_officer")[1][0] is None
    assert "Answers!C2" in at(register, "Answers!C3")[0].expected


def test_an_open_question_and_a_repeated_answer_say_nothing_new(read):
    lines = [["A", "Lead officer", None], ["A", "Lead officer", "tbc"], ["A", "Lead officer", "Head of Homes"]]
    register = read({"Homes": HOMES, "Answers": [HEADINGS, *lines]})
    assert one(register, "partnerships", "lead_officer")[0][0] == "Head of Homes"
    assert register.problems == []


def test_answers_are_read_as_the_fact_they_state(read):
    lines = [["A", "Statutory requirement", "perhaps"], ["A", "Political risk", "High"], ["Z", "Political risk", "Low"]]
    register = read({"Homes": HOMES, "Answers": [HEADINGS, *lines]})
    assert one(register, "risk", "political_risk") == [("significant", "Answers!C3")]
    assert [problem.cell for problem in register.problems] == ["Answers!C2", "Answers!A4"]


def test_an_answer_fills_the_only_agreement_or_makes_one(read):
    lines = [["A", "Agreement signed", "yes"], ["B", "Agreement signed", "no"], ["B", "Form", "SLA"]]
    sheets = {
        "Homes": HOMES,
        "Agreements": [["Name", "Form"], ["A", "contract"]],
        "Answers": [HEADINGS, *lines],
    }
    register = read(sheets)
    rows = register.tables["agreements"]
    assert rows.partnership == [0, 1]
    assert one(register, "agreements", "signed") == [(True, "Answers!C2"), (False, "Answers!C3")]
    assert rows.columns["form"] == ["contract", "service level agreement"]
    sheets["Agreements"].append(["A", "SLA"])
    assert "fill in that sheet" in at(read(sheets), "Answers!C2")[0].expected


def test_an_answer_fills_the_line_of_its_council_and_year(read):
    lines = [
        ["A", "Officer cost", 400, None, "SHDC", "2016/17"],
        ["A", "Officer cost", 500, None, "WDBC", "2016/17"],
        ["A", "Officer cost", 600, None, "Devon", "2016/17"],
    ]
    register = read(
        {
            "Homes": HOMES,
            "Contributions": [["Name", "Council", "Year", "Direct funding"], ["A", "SHDC", "2016/17", 9]],
            "Answers": [HEADINGS, *lines],
        }
    )
    rows = register.tables["contributions"]
    assert list(zip(rows.council, rows.year, rows.letter, strict=True)) == [("sh", 2016, None), ("wd", 2016, None)]
    assert one(register, "contributions", "officer_cost_lo") == [(40_000, "Answers!C2"), (50_000, "Answers!C3")]
    assert rows.columns["direct_funding_lo"] == [900, None]
    assert [problem.cell for problem in register.problems] == ["Answers!E4"]


def test_a_text_that_is_answered_is_read_from_the_answer(read):
    lines = [["A", "Agreement dates", "2014-17"], ["A", "Financial arrangements", "SHDC £10 pa"]]
    register = read({"Homes": HOMES, "Answers": [HEADINGS, *lines]})
    assert register.tables["agreements"].cell(0, "agreement_end") == "Answers!C2"
    assert register.tables["contributions"].cell(0, "direct_funding") == "Answers!C3"


def test_answers_of_another_file_come_after_and_name_it(read):
    own = [HEADINGS, ["A", "Political risk", "Low"]]
    register = read({"Homes": HOMES, "Answers": own}, answers={"Sheet1": [HEADINGS, ["B", "Political risk", "High"]]})
    assert one(register, "risk", "political_risk") == [("low", "Answers!C2"), ("significant", "answers.xlsx:Sheet1!C2")]


def test_a_file_without_answers_is_unreadable(read):
    with pytest.raises(UnreadableError, match=r"answers\.xlsx holds no answers"):
        read({"Homes": HOMES}, answers={"Sheet1": [["Name", "Purpose"], ["A", "x"]]})


def test_a_figure_that_contradicts_a_text_is_a_remark_with_both_cells(read):
    homes = [["Name", "Financial arrangements"], ["A", "SHDC £15,000 pa"], ["B", "SHDC £5,000 pa"]]
    funding = [
        ["Name", "Council", "Financial year", "Direct funding"],
        ["A", "SHDC", "2016/17", 5000],
        ["B", "SHDC", "", 5000],
    ]
    register = read({"Homes": homes, "Contributions": funding})
    (remark,) = register.problems
    assert (remark.cell, remark.serious) == ("Homes!B2", False)
    assert "Contributions!D2" in remark.expected


def test_what_is_said_of_an_organisation_lands_where_no_row_names_one(read):
    register = read({"Homes": HOMES, "Answers": [HEADINGS, ["B", "Economic activity", "no"]]})
    assert one(register, "partners", "economic_activity") == [(False, "Answers!C2")]
    assert register.tables["partners"].partnership == [1]
    assert register.problems == []
