"""From files to registers: references, joins, texts beside sheets, and the same register from every format."""

import csv
import hashlib
import io
import json
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sources import at, write_workbook
from tipstaff.facts.bounds import NO_END
from tipstaff.register.reading import read_register

REGISTER = ["Ref", "Name", "Theme", "Purpose", "Partners", "Agreement dates", "Financial arrangements"]


def said(register, table, row, *facts):
    columns = register.tables[table].columns
    return [columns[fact][row] for fact in facts]


# Partnerships


def test_a_stated_theme_precedes_the_tab_and_one_that_is_none_is_a_problem(read):
    register = read({"Homes": [["Name", "Theme"], ["A", "Wellbeing"], ["B", None], ["C", "Sport"], ["D", "tbc"]]})
    rows = register.tables["partnerships"]
    assert rows.columns["theme"] == ["Wellbeing", "Homes", None, "Homes"]
    assert rows.columns["tab"] == ["Homes"] * 4
    assert [rows.cell(row, "theme") for row in range(4)] == ["Homes!B2", "Homes", "Homes!B4", "Homes"]
    assert [problem.cell for problem in register.problems] == ["Homes!B4"]


def test_references_are_the_own_ones_else_slugs_told_apart_by_content(read):
    rows = [
        ["R1", "Ignored", "Homes"],
        [None, "South Hams CAB!", "Homes", "Advice"],
        [None, "South Hams cab", "Homes", "Debt"],
        [None, "Twin", "Homes"],
        [None, "Twin", "Homes"],
        [None, "x" * 90, "Homes"],
    ]
    refs = read({"Register": [REGISTER, *rows]}).refs
    assert refs[0] == "R1"
    assert all(ref.startswith("south-hams-cab-") for ref in refs[1:3])
    assert refs[4] == f"{refs[3]}-2"
    assert refs[5] == "x" * 60
    assert len(set(refs)) == 6


def test_references_that_repeat_are_a_problem_and_made_unique(read):
    register = read({"Register": [REGISTER, ["R1", "A"], ["R1", "B", "Homes"]]})
    assert len(set(register.refs)) == 2
    (problem,) = at(register, "Register!A3")
    assert "Register!A2" in problem.expected


def test_rows_under_a_merged_name_are_not_partnerships_and_not_lost_in_silence(vocabulary, tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (["Name", "Lead Officer", "Purpose"], ["A", "Lead", "one"], [None, None, "two"], ["B", None, "three"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B4")
    workbook.save(tmp_path / "r.xlsx")
    register = read_register(tmp_path / "r.xlsx", vocabulary)
    assert said(register, "partnerships", slice(None), "name", "lead_officer") == [["A", "B"], ["Lead", "Lead"]]
    assert [problem.cell for problem in register.problems if problem.serious] == ["Sheet:3"]


# Other tables


def test_rows_join_on_reference_else_on_name(read):
    register = read(
        {
            "Register": [REGISTER, ["R1", "Shelter"], ["R2", "Advice Trust"], ["R3", "Advice Trust"]],
            "Risk": [
                ["Ref", "Name", "Political risk"],
                ["r1", None, "Low"],
                [None, "ADVICE TRUST", "Low"],
                [None, "Advise Trust", "Low"],
                ["R9", "Shelter", "Low"],
                [None, None, "Low"],
                ["R3", "Advice Trust", "High"],
            ],
        }
    )
    rows = register.tables["risk"]
    assert rows.partnership == [0, 2]
    assert rows.columns["political_risk"] == ["low", "significant"]
    assert [problem.cell for problem in register.problems if problem.cell.startswith("Risk")] == [
        "Risk!B3",
        "Risk!B4",
        "Risk!A5",
        "Risk!B6",
    ]
    assert '"Advice Trust"' in at(register, "Risk!B4")[0].expected


def test_a_second_row_of_a_partnership_is_joined_and_disagreement_is_unknown(read):
    register = read(
        {
            "Register": [REGISTER, [None, "A"], [None, "B"]],
            "Risk": [
                ["Name", "Political risk", "Legal risk", "Required by statute"],
                ["A", "Low", None],
                ["B", "High", "Low"],
                ["A", "High", "Low"],
            ],
        }
    )
    rows = register.tables["risk"]
    assert rows.partnership == [0, 1]
    assert rows.columns["political_risk"] == [None, "significant"]
    assert rows.columns["legal_risk"] == ["low", "low"]
    assert rows.cell(0, "legal_risk") == "Risk!C4"
    assert "political risk" in at(register, "Risk:4")[0].expected


def test_contributions_by_council_and_year(read):
    register = read(
        {
            "Register": [REGISTER, [None, "A"]],
            "Contributions": [
                ["Name", "Council", "Financial year", "Direct funding", "Officer days"],
                ["A", "SHDC", "2016/17", 5000, "2 days"],
                ["A", "both", None, "£1k", None],
                ["A", None, "17-18", "nil", None],
                ["A", "Devon", "2016/17", 1, None],
                ["A", "SHDC", 2016, 1, None],
                ["A", "South Hams Council", "2016/17", 1, None],
                ["A", "SHDC", "2016/17", -1, None],
            ],
        }
    )
    rows = register.tables["contributions"]
    assert list(zip(rows.council, rows.year, strict=True)) == [
        ("sh", 2016), (None, None), (None, 2017), ("sh", 2016), ("sh", 2016),
    ]  # fmt: skip
    assert rows.columns["direct_funding_lo"] == [500_000, 100_000, 0, 100, None]
    assert rows.cell(0, "direct_funding") == "Contributions!D2"
    assert [(problem.cell, problem.serious) for problem in register.problems] == [
        ("Contributions!B5", True),
        ("Contributions!C6", True),
        ("Contributions!B7", False),
        ("Contributions!D8", True),
    ]


def test_contributions_that_are_alike_are_told_of_and_counted(read):
    register = read(
        {
            "Register": [REGISTER, [None, "A"], [None, "B"]],
            "Contributions": [
                ["Name", "Council", "Financial year", "Direct funding", "Date granted"],
                ["A", "SHDC", "2016/17", 5000, "1 May 2016"],
                ["A", "WDBC", "2016/17", 5000, "1 May 2016"],
                ["A", "SHDC", "2017/18", 5000, "1 May 2016"],
                ["B", "SHDC", "2016/17", 5000, "1 May 2016"],
                ["A", "SHDC", "2016/17", 5000, "2 May 2016"],
                ["A", "South Hams", "2016-17", "£5k", "01/05/2016"],
                ["A", "SHDC", "2018/19", None, None],
                ["A", "SHDC", "2018/19", None, None],
            ],
        }
    )
    assert len(register.tables["contributions"].partnership) == 8
    assert [(one.cell, one.expected, one.value, one.serious) for one in register.problems] == [
        (
            "Contributions:7",
            "something that Contributions:2 does not state already, if it is not that row again: each is counted",
            "A",
            False,
        )
    ]


# Texts


def test_texts_fill_tables_that_have_no_sheet_and_stand_in_their_cell(read):
    register = read({"Homes": [REGISTER, [None, "A", None, None, None, "2014-17", "£24,000 over 3 years"]]})
    agreements, contributions = register.tables["agreements"], register.tables["contributions"]
    assert said(register, "agreements", 0, "agreement_recorded", "agreement_start_lo", "agreement_end_hi") == [
        True, date(2014, 4, 1), date(2017, 3, 31),
    ]  # fmt: skip
    assert agreements.cell(0, "agreement_end") == "Homes!F2"
    assert contributions.columns["direct_funding_lo"] == [800_000]
    assert (contributions.council, contributions.year) == ([None], [None])
    assert contributions.cell(0, "direct_funding") == "Homes!G2"
    assert {"agreements", "contributions"} <= set(register.missing)


def test_a_text_that_is_not_read_is_quoted_with_its_cell(read):
    register = read({"Homes": [REGISTER, [None, "A", None, None, None, "soon", "SHDC £5,000 pa, a van"]]})
    assert [problem.value for problem in at(register, "Homes!F2")] == ["soon"]
    assert "van" in at(register, "Homes!G2")[0].value


def test_a_text_fills_the_blanks_of_the_only_row_of_the_sheet(read):
    register = read(
        {
            "Homes": [REGISTER, [None, "A", None, None, None, "2014-17"]],
            "Agreements": [["Name", "Form", "End"], ["A", "SLA", "March 2017"]],
        }
    )
    rows = register.tables["agreements"]
    assert len(rows) == 1
    assert said(register, "agreements", 0, "agreement_start_lo", "agreement_end_lo") == [
        date(2014, 4, 1), date(2017, 3, 1),
    ]  # fmt: skip
    assert rows.cell(0, "agreement_start") == "Homes!F2"
    assert rows.cell(0, "agreement_end") == "Agreements!C2"
    assert register.problems == []


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("2014-17", ["A", None, None, "31/03/2018"]),
        ("2014-17", ["A", None, None, "31/03/2013"]),
        ("none", ["A", None, None, "31/03/2018"]),
        ("none", ["A", "SLA", None, None]),
        ("SLA 2014-17", ["A", "contract", None, None]),
    ],
)
def test_where_sheet_and_text_contradict_the_sheet_is_followed_and_both_cells_named(read, text, row):
    register = read(
        {
            "Homes": [REGISTER, [None, "A", None, None, None, text]],
            "Agreements": [["Name", "Form", "Start", "End"], row],
        }
    )
    rows = register.tables["agreements"]
    assert len(rows) == 1
    assert said(register, "agreements", 0, "agreement_start_lo", "form") == [
        None, {"SLA": "service level agreement"}.get(row[1], row[1]),
    ]  # fmt: skip
    (remark,) = at(register, "Homes!F2")
    assert "Agreements!" in remark.expected
    assert not remark.serious


def test_of_several_rows_on_the_sheet_the_text_fills_none(read):
    sheets = {
        "Homes": [REGISTER, [None, "A", None, None, None, "2014-17"]],
        "Agreements": [["Name", "Start"], ["A", "1 April 2014"], ["A", "1 April 2017"]],
    }
    register = read(sheets)
    assert len(register.tables["agreements"]) == 2
    assert register.tables["agreements"].columns["agreement_end_lo"] == [None, None]
    assert register.problems == []
    sheets["Agreements"][1][1] = "1 April 2011"
    assert [problem.serious for problem in read(sheets).problems] == [False]


def test_texts_and_the_sheet_of_contributions_stand_side_by_side(read):
    register = read(
        {
            "Homes": [REGISTER, [None, "A", None, None, None, None, "SHDC £5,000 pa"]],
            "Contributions": [["Name", "Council", "Direct funding"], ["A", "SHDC", 6000]],
        }
    )
    rows = register.tables["contributions"]
    places = [rows.cell(row, "direct_funding") for row in range(len(rows))]
    assert places == ["Contributions!C2", "Homes!G2", "Homes!G2"]
    assert [letter is None for letter in rows.letter] == [True, False, False]


def test_an_agreement_that_rolls_states_no_end_date(read):
    register = read(
        {
            "Homes": [REGISTER, [None, "A"], [None, "B"]],
            "Agreements": [["Name", "End", "States an end date"], ["A", "rolling", None], ["B", "rolling", "yes"]],
        }
    )
    rows = register.tables["agreements"]
    assert rows.columns["agreement_end_lo"] == [NO_END, NO_END]
    assert rows.columns["end_date_stated"] == [False, True]
    assert rows.cell(0, "end_date_stated") == "Agreements!B2"


def test_a_bare_number_in_financial_arrangements_is_pounds(read):
    register = read({"Homes": [REGISTER, [None, "A", None, None, None, None, 12000]]})
    assert register.tables["contributions"].columns["direct_funding_lo"] == [1_200_000]


# Formats


WORDS = st.text("abcdefghij", min_size=3, max_size=12)
PARTNERSHIPS = st.lists(
    st.fixed_dictionaries(
        {
            "name": WORDS,
            "theme": st.sampled_from(["Homes", "Wellbeing", "housing", None]),
            "purpose": st.none() | WORDS,
            "partners": st.none() | WORDS,
            "registered_class": st.sampled_from(["Significant", "Des", None, "odd one"]),
            "agreement_dates": st.sampled_from(["2014-17", "rolling", "tbc", None, "whenever"]),
            "financial_arrangements": st.sampled_from(["£5k each", "nil", None, "SHDC £10 pa, and more"]),
        }
    ),
    max_size=6,
)
CONTRIBUTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "council": st.sampled_from(["SHDC", "West Devon", "both", None, "Devon"]),
            "year": st.sampled_from(["2016/17", None, "2016"]),
            "direct_funding": st.none() | st.integers(0, 10**6) | st.sampled_from(["nil", "£5k", "tbc", "lots"]),
            "officer_days": st.none() | st.floats(0, 30).map(lambda days: round(days, 1)) | st.just("2 days"),
        }
    ),
    max_size=4,
)


def grid(records, names):
    return [names, *([record.get(name) for name in names] for record in records)]


def tables(register):
    return {
        name: (rows.columns, rows.partnership, rows.council, rows.year) for name, rows in register.tables.items()
    }, register.refs


@settings(max_examples=15)
@given(partnerships=PARTNERSHIPS, contributions=CONTRIBUTIONS)
def test_a_workbook_and_json_give_the_same_tables(partnerships, contributions, vocabulary, tmp_path):
    partnerships.append({"name": "the last one"})
    children = [{"name": record["name"], **line} for record in partnerships for line in contributions]
    names = ["name", "theme", "purpose", "partners", "registered_class", "agreement_dates", "financial_arrangements"]
    lines = ["name", "council", "year", "direct_funding", "officer_days"]
    workbook = write_workbook(
        tmp_path / "r.xlsx", {"Contributions": grid(children, lines), "Register": grid(partnerships, names)}
    )
    text = tmp_path / "r.json"
    content = {
        "contributions": [dict.fromkeys(lines), *children],
        "partnerships": [dict.fromkeys(names), *partnerships],
    }
    text.write_text(json.dumps(content))
    one, other = read_register(workbook, vocabulary), read_register(text, vocabulary)
    assert tables(one) == tables(other)
    assert sorted(problem.value for problem in one.problems) == sorted(problem.value for problem in other.problems)


@settings(max_examples=50)
@given(partnerships=PARTNERSHIPS, delimiter=st.sampled_from(",;\t"))
def test_csv_and_json_give_the_same_tables(partnerships, delimiter, vocabulary, tmp_path):
    partnerships.append({"name": "the last one", "theme": "Homes"})
    names = ["name", "theme", "purpose", "partners", "registered_class", "agreement_dates", "financial_arrangements"]
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(grid(partnerships, names))
    (tmp_path / "r.csv").write_text(stream.getvalue())
    (tmp_path / "r.json").write_text(json.dumps([dict.fromkeys(names) | record for record in partnerships]))
    one, other = (read_register(tmp_path / name, vocabulary) for name in ("r.csv", "r.json"))
    assert tables(one) == tables(other)
    assert [problem.value for problem in one.problems] == [problem.value for problem in other.problems]


@settings(max_examples=50)
@given(partnerships=PARTNERSHIPS, data=st.data())
def test_the_order_of_rows_does_not_change_references(partnerships, data, vocabulary, tmp_path):
    partnerships = [{**record, "name": record["name"][:3]} for record in [*partnerships, {"name": "abc"}]]
    shuffled = data.draw(st.permutations(partnerships))

    def refs(records):
        path = tmp_path / "r.json"
        path.write_text(json.dumps([{"name": None, "purpose": None}, *records]))
        found = read_register(path, vocabulary).refs
        return sorted((ref, json.dumps(record, sort_keys=True)) for ref, record in zip(found, records, strict=True))

    assert refs(partnerships) == refs(shuffled)


def test_places_in_csv_and_json(read_text):
    from_csv = read_text("Name,Type,Financial arrangements\nA,odd,nil\n")
    assert [problem.cell for problem in from_csv.problems] == ["register.csv:2"]
    assert from_csv.tables["contributions"].cell(0, "direct_funding") == "register.csv:2"
    assert from_csv.tables["contributions"].letter == ["", ""]
    from_json = read_text(json.dumps({"partnerships": [{"name": "A"}, {"name": "B", "type": "odd"}]}), "r.json")
    assert [problem.cell for problem in from_json.problems] == ["r.json:partnerships[1]"]


def test_problems_stand_in_the_order_of_the_source(read):
    register = read(
        {
            "Risk": [["Name", "Political risk"], ["A", "odd"], ["Z", "Low"]],
            "Homes": [[*REGISTER, "Type"], [None, "A", "odd", None, None, "soon", None, "odd"]],
        }
    )
    cells = [problem.cell for problem in register.problems]
    assert cells == ["Risk!B2", "Risk!A3", "Homes!C2", "Homes!F2", "Homes!H2"]


def test_the_name_has_no_folder_and_the_hash_is_of_the_file(read_text):
    register = read_text("Name,Purpose\nA,B\n")
    assert register.name == "register.csv"
    assert register.sha256 == hashlib.sha256(b"Name,Purpose\nA,B\n").hexdigest()
