"""The Findings sheet of a workbook that came back: which of its rows are waivers."""

import io
from collections.abc import Sequence
from datetime import date

import openpyxl
import pytest

from tipstaff.errors import UnreadableError
from tipstaff.register.forms.responses import read_responses

HEADINGS = [
    "Severity", "Outcome", "Rule", "Ref", "Partnership", "Finding", "Where", "Lead officer", "What to do", "Who",
    "Paragraph", "Response", "Reason", "Approved by", "Until", "Fingerprint", "Rule fingerprint",
]  # fmt: skip
ROW = [
    "high", "finding", "AGR-05", "P16", "Counselling", "Not signed.", "I7", "Lead Specialist", "Sign it.", "legal",
    "4", "waive", "Trustees meet in October", "Head of Legal Services", date(2016, 10, 31), "a" * 16, "b" * 16,
]  # fmt: skip


def workbook(rows: Sequence[Sequence[object]], headings: Sequence[str] = HEADINGS, title: str = "Findings") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Economy"
    sheet.append(["Name", "Rule"])
    findings = book.create_sheet(title)
    for row in (headings, *rows):
        findings.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_cells(**cells: object) -> list[object]:
    return [cells.get(heading.replace(" ", "_"), cell) for heading, cell in zip(HEADINGS, ROW, strict=True)]


def test_a_row_answered_waive_is_a_waiver() -> None:
    (found,) = read_responses(workbook([ROW]), "audited.xlsx")
    assert dict(found.said) == {
        "rule": "AGR-05", "partnership": "P16", "reason": "Trustees meet in October",
        "approved_by": "Head of Legal Services", "until": date(2016, 10, 31), "fingerprint": "a" * 16,
        "rule_fingerprint": "b" * 16,
    }  # fmt: skip
    assert (found.place, found.problems) == ("audited.xlsx:Findings!L2", ())
    assert found.places["until"] == "audited.xlsx:Findings!O2"


@pytest.mark.parametrize("response", ["accept", "Dispute", None, "  "])
def test_other_responses_waive_nothing(response: object) -> None:
    assert read_responses(workbook([with_cells(Response=response)]), "audited.xlsx") == []


@pytest.mark.parametrize("response", ["waived", "wave", "yes", 1])
def test_a_response_that_is_none_of_the_three_is_a_problem(response: object) -> None:
    (found,) = read_responses(workbook([with_cells(Response=response)]), "audited.xlsx")
    assert [(one.cell, one.value) for one in found.problems] == [("audited.xlsx:Findings!L2", str(response))]


def test_without_a_reference_the_name_stands_for_the_partnership() -> None:
    (found,) = read_responses(workbook([with_cells(Ref=None)]), "audited.xlsx")
    assert found.said["partnership"] == "Counselling"


def test_columns_are_found_by_their_headings() -> None:
    turned = [[*row[::-1], "and more"] for row in (HEADINGS, ROW)]
    (found,) = read_responses(workbook([turned[1]], [str(heading) for heading in turned[0]]), "audited.xlsx")
    assert found.said["rule"] == "AGR-05"
    assert found.said["rule_fingerprint"] == "b" * 16


@pytest.mark.parametrize(
    ("heading", "place"), [("Reason", 0), ("Ref", 2), ("Rule", 0), ("Approved by", 12), ("Reason", len(HEADINGS))]
)
def test_a_column_that_officers_add_under_a_heading_of_ours_is_not_read(heading: str, place: int) -> None:
    headings, row = [*HEADINGS], [*ROW]
    headings.insert(place, heading)
    row.insert(place, "a note")
    (found,) = read_responses(workbook([row], headings), "audited.xlsx")
    (usual,) = read_responses(workbook([ROW]), "audited.xlsx")
    assert dict(found.said) == dict(usual.said)


def test_where_nothing_tells_which_of_two_columns_is_ours_the_workbook_is_refused() -> None:
    headings, row = [*HEADINGS], [*ROW]
    headings.insert(HEADINGS.index("Reason"), "Reason")
    row.insert(HEADINGS.index("Reason"), "a note")
    with pytest.raises(UnreadableError, match="two columns are headed Reason, at Findings!M1 and Findings!N1"):
        read_responses(workbook([row], headings), "audited.xlsx")


def test_short_rows_are_read() -> None:
    (found,) = read_responses(workbook([ROW[:12]]), "audited.xlsx")
    assert not found.said["fingerprint"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (workbook([ROW], title="Finds"), "has no sheet Findings"),
        (workbook([ROW], [heading for heading in HEADINGS if heading != "Until"]), "lacks the headings Until"),
        (workbook([], []), "lacks the headings Rule, Partnership"),
        (b"PK no workbook", "audited.xlsx"),
    ],
)
def test_what_is_no_workbook_of_findings_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read_responses(data, "audited.xlsx")
