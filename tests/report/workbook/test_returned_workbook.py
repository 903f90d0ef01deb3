"""The workbook: the officer's own file returned, nothing in it lost, and read back by independent readers."""

import io
import re
import time
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import python_calamine
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from support.officers_workbooks import EXAMPLE, audit_of, changed, parts, saved_as, with_everything
from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.audit.questions.ranking import Question, rank_questions
from tipstaff.policy.pack.model import Pack
from tipstaff.register.forms.waiver_entries import Waiver
from tipstaff.register.tables.returned_sheets import FINDINGS_HEADINGS
from tipstaff.report.workbook.workbook import Written, workbook

OWN = ["Summary", "Findings", "Questions"]
SHEET_DATA = re.compile(rb"<sheetData>.*</sheetData>", re.DOTALL)


def returned(path: Path, pack: Pack) -> Written:
    return workbook(audit_of(path, pack), path.read_bytes(), ())


def asked_of(audit: Audit) -> tuple[Question, ...]:
    """The first questions of an audit, as working out all of them takes long."""
    return tuple(islice(rank_questions(audit), 4))


def again(data: bytes, pack: Pack, folder: Path, name: str = "again.xlsx") -> bytes:
    """A workbook audited and returned once more."""
    return returned(saved_as(folder / name, data), pack).data


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    headings, *others = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in others]


def filled_in(data: bytes, sheet: str, row: int, **said: object) -> bytes:
    """A workbook in which an officer has written in columns of a row, saved by another program."""
    book = opened(data)
    columns = {cell.value: cell.column for cell in book[sheet][1]}
    for heading, value in said.items():
        book[sheet].cell(row, columns[heading.replace("_", " ")], value)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


@pytest.fixture(scope="module")
def officers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_as(tmp_path_factory.mktemp("officers") / "register.xlsx", with_everything())


@pytest.fixture(scope="module")
def mine(officers: Path, pack: Pack) -> Audit:
    return audit_of(officers, pack)


@pytest.fixture(scope="module")
def written(mine: Audit, officers: Path) -> Written:
    return workbook(mine, officers.read_bytes(), asked_of(mine))


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without a formula in the register, whose result the program that officers are played by would lose."""
    book = opened(with_everything())
    book["Homes"]["G3"] = "SHDC £24,000 pa"
    saved = io.BytesIO()
    book.save(saved)
    return saved_as(tmp_path_factory.mktemp("worded") / "register.xlsx", saved.getvalue())


@pytest.fixture
def book(written: Written) -> openpyxl.Workbook:
    return opened(written.data)


# What is the officer's stays as it is


def test_cells_formulas_and_their_results_stay_byte_for_byte(officers: Path, written: Written) -> None:
    before, after = parts(officers.read_bytes()), parts(written.data)
    for sheet in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        assert SHEET_DATA.findall(after[sheet]) == SHEET_DATA.findall(before[sheet])
    sheet = python_calamine.load_workbook(io.BytesIO(written.data)).get_sheet_by_name("Working out")
    assert sheet.to_python() == [["Sum", 3.0]]
    assert opened(written.data)["Homes"]["G3"].value == "=12000*2"


def test_every_other_part_stays_byte_for_byte(officers: Path, written: Written) -> None:
    before, after = parts(officers.read_bytes()), parts(written.data)
    differing = {name for name, content in before.items() if after.get(name) != content}
    assert differing == {
        "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
        "xl/worksheets/sheet1.xml", "xl/comments/comment1.xml", "xl/drawings/commentsDrawing1.vml",
    }  # fmt: skip
    assert any("chart" in name for name in before)


def test_formats_names_rules_and_hidden_sheets_stay(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["Homes", "Working out", *OWN]
    assert book["Working out"].sheet_state == "hidden"
    assert book.defined_names["Half"].attr_text == "'Working out'!$B$1"
    homes = book["Homes"]
    assert (homes["D3"].fill.fgColor.rgb, homes["D3"].font.bold) == ("FF00B050", True)
    assert homes.column_dimensions["B"].width == 41
    assert [str(one) for one in homes.merged_cells.ranges] == ["A1:H1"]
    assert any(one.formula1 == '"Significant,Desirable"' for one in homes.data_validations.dataValidation)
    rules = [rule for one in homes.conditional_formatting for rule in one.rules if rule.type == "cellIs"]
    assert [rule.priority for rule in rules] == [1]


def test_the_audit_of_the_returned_workbook_is_the_same(
    mine: Audit, written: Written, pack: Pack, tmp_path: Path
) -> None:
    other = audit_of(saved_as(tmp_path / "returned.xlsx", written.data), pack)
    assert other.register.problems == mine.register.problems
    assert _told(other) == _told(mine)


def _told(audit: Audit) -> list[tuple[object, ...]]:
    found = Explainer(audit, range(audit.partnerships)).findings()
    return [(one.rule.id, one.ref, one.outcome, one.message, one.evidence, one.fingerprint) for one in found]


def test_the_example_returned_is_the_same_audit_too(example: Audit, pack: Pack, tmp_path: Path) -> None:
    data = workbook(example, EXAMPLE.read_bytes(), ()).data
    assert _told(audit_of(saved_as(tmp_path / "returned.xlsx", data), pack)) == _told(example)


# Notes on cells


def test_a_cell_says_what_is_found_there_below_what_it_said(book: openpyxl.Workbook) -> None:
    comment = book["Homes"]["F3"].comment
    assert comment is not None
    assert comment.text.startswith("Ask legal about this one.\n\n▸ tipstaff, as of 4 August 2016\n")
    assert "HIGH AGR-02: The agreement with Alpha ended on 31 March 2014." in comment.text
    assert "What to do: " in comment.text
    untouched = book["Homes"]["B5"].comment
    assert untouched is None or "▸" in untouched.text


def test_a_fill_lies_over_the_format_of_a_cell_by_the_worst_severity(book: openpyxl.Workbook) -> None:
    over = {
        f"{get_column_letter(column)}{row}": rule.dxf.fill.bgColor.rgb
        for one in book["Homes"].conditional_formatting
        for rule in one.rules
        if rule.type == "expression"
        for cells in one.sqref.ranges
        for row, column in cells.cells
    }
    commented = {
        cell.coordinate
        for row in book["Homes"].iter_rows()
        for cell in row
        if cell.comment and "▸" in cell.comment.text
    }
    assert set(over) == commented
    assert over["F3"] == "FFF08A5D"


def test_a_settled_finding_takes_its_note_and_its_fill_along(written: Written, pack: Pack, tmp_path: Path) -> None:
    settled = filled_in(written.data, "Homes", 2)
    book = opened(settled)
    book["Homes"]["F3"] = "1 April 2015 – 31 March 2019"
    saved = io.BytesIO()
    book.save(saved)
    after = opened(again(saved.getvalue(), pack, tmp_path))["Homes"]
    comment = after["F3"].comment
    assert comment is not None
    assert comment.text.strip() == "Ask legal about this one."
    fills = [
        cells.coord
        for one in after.conditional_formatting
        for rule in one.rules
        if rule.type == "expression"
        for cells in one.sqref.ranges
    ]
    assert not any(coord.startswith("F3") for coord in fills)


def test_what_an_officer_adds_to_a_note_of_ours_stays(written: Written, pack: Pack, tmp_path: Path) -> None:
    book = opened(written.data)
    comment = book["Homes"]["C3"].comment
    assert comment is not None
    comment.text += "\nHead of Place has it in hand."
    saved = io.BytesIO()
    book.save(saved)
    for data in (once := again(saved.getvalue(), pack, tmp_path), again(once, pack, tmp_path)):
        after = opened(data)["Homes"]["C3"].comment
        assert after is not None
        assert "Head of Place has it in hand." in after.text
        assert after.text.count("▸ tipstaff") == 1


def test_a_note_has_a_box_to_show_in(written: Written, book: openpyxl.Workbook) -> None:
    boxes = Counter(
        re.findall(
            rb"Row>(\d+)</\w+:Row>\s*<\w+:Column>(\d+)<",
            parts(written.data)["xl/drawings/commentsDrawing1.vml"],
        )
    )
    cells = [cell for row in book["Homes"].iter_rows() for cell in row if cell.comment]
    assert boxes == Counter((b"%d" % (cell.row - 1), b"%d" % (cell.column - 1)) for cell in cells)


def test_a_cell_with_a_conversation_is_left_alone_and_named(officers: Path, pack: Pack, tmp_path: Path) -> None:
    data = officers.read_bytes()
    relations = "xl/worksheets/_rels/sheet1.xml.rels"
    kind = b"http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    thread = b'<Relationship Id="rId77" Type="%s" Target="/xl/threadedComments/threadedComment1.xml"/>' % kind
    thread += b"</Relationships>"
    talk = b'<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
    talk += b'<threadedComment ref="F3" id="{1}"><text>Who?</text></threadedComment></ThreadedComments>'
    data = changed(data, {relations: (b"</Relationships>", thread)}, {"xl/threadedComments/threadedComment1.xml": talk})
    one = returned(saved_as(tmp_path / "register.xlsx", data), pack)
    comment = opened(one.data)["Homes"]["F3"].comment
    assert comment is not None
    assert comment.text == "Ask legal about this one."
    assert any("Homes!F3" in remark for remark in one.remarks)
    said = [str(cell.value) for row in opened(one.data)["Summary"] for cell in row]
    assert any("Homes!F3" in text for text in said)


# The sheets


def test_findings_are_the_contract_and_all_there(mine: Audit, book: openpyxl.Workbook) -> None:
    sheet = book["Findings"]
    assert tuple(cell.value for cell in sheet[1]) == FINDINGS_HEADINGS
    listed = {
        (row["Rule"], row["Ref"], row["Outcome"], row["Fingerprint"], row["Rule fingerprint"]) for row in rows(sheet)
    }
    told = Explainer(mine, range(mine.partnerships)).findings()
    assert listed == {(one.rule.id, one.ref, one.outcome.words, one.fingerprint, one.rule.fingerprint) for one in told}
    worst = [(row["Outcome"], row["Severity"]) for row in rows(sheet)]
    order = [
        (outcome, severity)
        for outcome in ("finding", "undetermined", "waived")
        for severity in ("high", "medium", "low", "advisory")
    ]
    assert worst == sorted(worst, key=order.index)  # type: ignore[arg-type]
    assert sheet.freeze_panes == "F2"
    assert sheet.auto_filter.ref == f"A1:Q{sheet.max_row}"


def test_findings_lead_to_their_cells_and_take_responses(book: openpyxl.Workbook) -> None:
    sheet = book["Findings"]
    (row,) = [number for number, one in enumerate(rows(sheet), 2) if (one["Rule"], one["Ref"]) == ("AGR-02", "P1")]
    assert sheet.cell(row, FINDINGS_HEADINGS.index("Where") + 1).value == "Homes!F3"
    assert sheet.cell(row, FINDINGS_HEADINGS.index("Where") + 1).hyperlink.location == "'Homes'!F3"
    assert sheet.cell(row, FINDINGS_HEADINGS.index("Ref") + 1).hyperlink.location == "'Homes'!B3"
    kinds = {one.type: one for one in sheet.data_validations.dataValidation}
    assert kinds["list"].formula1 == '"accept,dispute,waive"'
    assert kinds["date"].showErrorMessage


def test_contact_details_are_on_none_of_our_sheets(written: Written, book: openpyxl.Workbook) -> None:
    said = [str(cell.value) for title in OWN for row in book[title].iter_rows() for cell in row]
    said += [cell.comment.text for row in book["Homes"].iter_rows() for cell in row if cell.comment]
    assert "secret" not in "".join(said)
    assert b"secret" in b"".join(parts(written.data).values())


@pytest.fixture(scope="module")
def some_waived(mine: Audit) -> Audit:
    column = mine.answers["AGR-02"].to_list()
    place = column.index(Outcome.FINDING)
    column[place] = int(Outcome.WAIVED)
    waiver = Waiver(
        "AGR-02",
        mine.register.refs[place],
        "=Being renewed",
        "Monitoring Officer",
        date(2016, 12, 31),
        "",
        "",
        "w.yaml:1",
    )
    answers = mine.answers.with_columns(pl.Series("AGR-02", column, mine.answers["AGR-02"].dtype))
    return replace(mine, answers=answers, waivers={("AGR-02", place): waiver})


def test_all_five_outcomes_are_counted(some_waived: Audit, officers: Path) -> None:
    book = opened(workbook(some_waived, officers.read_bytes(), ()).data)
    lines = [[cell.value for cell in row] for row in book["Summary"].iter_rows()]
    counts = {line[0]: line[2] for line in lines}
    totals = {outcome.words: count for outcome, count in some_waived.totals().items()}
    assert {word: counts[word] for word in totals} == totals
    assert all(totals.values())
    listed = Counter(row["Outcome"] for row in rows(book["Findings"]))
    assert listed == {word: count for word, count in totals.items() if word in ("finding", "undetermined", "waived")}


def test_a_waiver_stands_in_the_response_and_in_the_note(some_waived: Audit, officers: Path) -> None:
    book = opened(workbook(some_waived, officers.read_bytes(), ()).data)
    (row,) = [row for row in rows(book["Findings"]) if row["Outcome"] == "waived"]
    said = [row[heading] for heading in ("Response", "Reason", "Approved by")]
    assert said == ["waive", "=Being renewed", "Monitoring Officer"]
    assert str(row["Until"]).startswith("2016-12-31")
    comment = book["Homes"]["F3"].comment
    assert comment is not None
    assert "WAIVED until 31 December 2016 (Monitoring Officer) AGR-02" in comment.text


def test_no_text_of_ours_is_a_formula(some_waived: Audit, officers: Path) -> None:
    book = opened(workbook(some_waived, officers.read_bytes(), ()).data)
    cells = [cell for title in OWN for row in book[title].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}


# Returned again


def test_responses_are_carried_over_while_facts_and_rule_are_the_same(worded: Path, pack: Pack, tmp_path: Path) -> None:
    written = returned(worded, pack)
    number = next(n for n, row in enumerate(rows(opened(written.data)["Findings"]), 2) if row["Rule"] == "AGR-02")
    said = {"Response": "waive", "Reason": "In hand", "Approved_by": "Monitoring Officer", "Until": date(2016, 12, 31)}
    answered = filled_in(written.data, "Findings", number, **said)
    carried = returned(saved_as(tmp_path / "same.xlsx", answered), pack)
    row = next(row for row in rows(opened(carried.data)["Findings"]) if row["Rule"] == "AGR-02")
    assert [row["Response"], row["Reason"], row["Approved by"]] == ["waive", "In hand", "Monitoring Officer"]
    assert str(row["Until"]).startswith("2016-12-31")
    assert carried.remarks == ()

    book = opened(answered)
    book["Homes"]["F3"] = "1 April 2012 – 31 March 2015"
    saved = io.BytesIO()
    book.save(saved)
    lapsed = returned(saved_as(tmp_path / "other.xlsx", saved.getvalue()), pack)
    row = next(row for row in rows(opened(lapsed.data)["Findings"]) if row["Rule"] == "AGR-02")
    assert row["Response"] is None
    assert lapsed.remarks == ("1 response given before not carried over: see the sheet Summary.",)
    lines = [[cell.value for cell in line] for line in opened(lapsed.data)["Summary"].iter_rows()]
    assert ["AGR-02 P1", "waive; In hand; Monitoring Officer; 31 December 2016", "the facts have changed since"] in [
        line[:3] for line in lines
    ]


def with_columns(data: bytes, sheet: str, *columns: tuple[str | None, dict[int, object]]) -> bytes:
    """A workbook to which an officer has added columns: the heading of each and its cells, by row."""
    book = opened(data)
    for number, (heading, cells) in enumerate(columns, book[sheet].max_column + 1):
        book[sheet].cell(1, number, heading)
        for row, value in cells.items():
            book[sheet].cell(row, number, value)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_columns_that_officers_add_to_the_findings_are_kept(worded: Path, pack: Pack, tmp_path: Path) -> None:
    written = returned(worded, pack)
    found = rows(opened(written.data)["Findings"])
    number = next(n for n, row in enumerate(found, 2) if row["Rule"] == "AGR-02")
    added = with_columns(
        written.data,
        "Findings",
        ("Seen by", {number: "- J. Smith", len(found) + 9: "all to be done by June"}),
        ("Reason", {number: "not known"}),
        ("Days", {number: 4}),
        ("Still to come", {}),
        (None, {number: date(2016, 9, 1)}),
    )
    book = opened(added)
    book["Homes"]["F3"] = "1 April 2012 – 31 March 2015"  # of other facts a response does not hold; a note does
    book["Findings"].cell(number, 1 + list(found[0]).index("Reason"), "In hand")
    book["Findings"].cell(number, 1 + list(found[0]).index("Response"), "accept")
    saved = io.BytesIO()
    book.save(saved)

    once = returned(saved_as(tmp_path / "added.xlsx", saved.getvalue()), pack)
    for data in (once.data, again(once.data, pack, tmp_path)):
        sheet = opened(data)["Findings"]
        headings = [cell.value for cell in sheet[1]]
        assert headings == [*FINDINGS_HEADINGS, "Seen by", "Reason", "Days", "Still to come", "Column V"]
        row = next(line for line in sheet.iter_rows(min_row=2, values_only=True) if line[2] == "AGR-02")
        assert row[11:15] == (None,) * 4
        assert (row[17], row[19], row[20]) == ("- J. Smith", 4, None)
        assert str(row[21]).startswith("2016-09-01")
        assert {line[17] for line in sheet.iter_rows(min_row=2, values_only=True)} == {row[17], None}
    assert once.remarks == ("1 response and 1 note given before not carried over: see the sheet Summary.",)
    said = [[cell.value for cell in line[:3]] for line in opened(once.data)["Summary"].iter_rows()]
    assert [f"row {len(found) + 9}", "Seen by: all to be done by June", "on the row of no finding"] in said
    assert any("Seen by, Reason, Days, Still to come, Column V" in str(line[1]) for line in said)


def test_what_officers_write_keeps_its_lines_and_becomes_no_formula(worded: Path, pack: Pack, tmp_path: Path) -> None:
    noted = with_columns(returned(worded, pack).data, "Findings", ("Notes", {2: "+Asked\n\n in\u200b  June\n+1"}))
    said = filled_in(noted, "Findings", 2, Response="accept", Reason="In hand.\nBy June.")
    once = again(said, pack, tmp_path)
    for data in (once, again(once, pack, tmp_path)):
        row = rows(opened(data)["Findings"])[0]
        assert (row["Notes"], row["Reason"]) == ("+Asked\n\nin June\n+1", "In hand.\nBy June.")
        cell = opened(data)["Findings"].cell(2, len(FINDINGS_HEADINGS) + 1)
        assert (cell.data_type, cell.quotePrefix, cell.alignment.wrap_text) == ("s", True, True)
        sheet = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_name("Findings")
        assert sheet.to_python()[1][len(FINDINGS_HEADINGS)] == "+Asked\n\nin June\n+1"


def test_notes_on_what_is_no_longer_found_are_told_of(worded: Path, pack: Pack, tmp_path: Path) -> None:
    written = returned(worded, pack)
    number = next(n for n, row in enumerate(rows(opened(written.data)["Findings"]), 2) if row["Rule"] == "AGR-02")
    book = opened(with_columns(written.data, "Findings", ("Notes", {number: "Asked in June"})))
    book["Homes"]["F3"] = "rolling"
    saved = io.BytesIO()
    book.save(saved)
    settled = returned(saved_as(tmp_path / "settled.xlsx", saved.getvalue()), pack)
    assert settled.remarks == ("1 note given before not carried over: see the sheet Summary.",)
    said = [[cell.value for cell in line[:3]] for line in opened(settled.data)["Summary"].iter_rows()]
    assert ["AGR-02 P1", "Notes: Asked in June", "no longer found"] in said


@pytest.mark.parametrize(("heading", "place"), [("Reason", 1), ("Ref", 3), ("Response", 11)])
def test_a_column_added_under_a_heading_of_ours_takes_nothing_of_its_place(
    worded: Path, pack: Pack, tmp_path: Path, heading: str, place: int
) -> None:
    book = opened(filled_in(returned(worded, pack).data, "Findings", 2, Response="accept", Reason="In hand"))
    sheet = book["Findings"]
    sheet.insert_cols(place)
    sheet.cell(1, place, heading)
    sheet.cell(2, place, "a note")
    saved = io.BytesIO()
    book.save(saved)
    once = returned(saved_as(tmp_path / "inserted.xlsx", saved.getvalue()), pack)
    sheet = opened(once.data)["Findings"]
    assert [cell.value for cell in sheet[1]] == [*FINDINGS_HEADINGS, heading]
    row = [cell.value for cell in sheet[2]]
    assert (row[11], row[12], row[17]) == ("accept", "In hand", "a note")
    assert once.remarks == ()
    said = [str(cell.value) for line in opened(once.data)["Summary"] for cell in line]
    assert any(f"added to Findings by hand are kept: {heading}." in text for text in said)


def lost_of(written: Written) -> list[list[object]]:
    """What the summary of a workbook tells to be not carried over."""
    lines = [[cell.value for cell in line[:3]] for line in opened(written.data)["Summary"].iter_rows()]
    start = lines.index(["Rule and partnership", "Response or note", "Why"])
    return lines[start + 1 : lines.index([None] * 3, start)]


def test_of_a_finding_on_two_rows_the_first_is_kept_and_the_others_are_told_of(
    worded: Path, pack: Pack, tmp_path: Path
) -> None:
    written = returned(worded, pack)
    noted = with_columns(written.data, "Findings", ("Notes", {2: "one"}), ("Seen by", {2: "Both"}))
    book = opened(filled_in(noted, "Findings", 2, Response="accept", Reason="First part"))
    sheet = book["Findings"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    first = [cell.value for cell in sheet[2]]
    for row, reason, note in ((sheet.max_row + 1, "Second part", "two"), (sheet.max_row + 2, "First part", "one")):
        for number, value in enumerate(first, 1):
            sheet.cell(row, number, value)
        sheet.cell(row, columns["Reason"], reason)
        sheet.cell(row, columns["Notes"], note)
    loose = sheet.max_row + 3
    sheet.cell(loose, columns["Response"], "dispute")
    saved = io.BytesIO()
    book.save(saved)

    split = returned(saved_as(tmp_path / "split.xlsx", saved.getvalue()), pack)
    row = rows(opened(split.data)["Findings"])[0]
    assert [row[name] for name in ("Response", "Reason", "Notes", "Seen by")] == ["accept", "First part", "one", "Both"]
    of = f"{row['Rule']} {row['Ref']}"
    assert lost_of(split) == [
        [of, "accept; Second part", "on a second row of a finding"],
        [f"row {loose}", "dispute", "on the row of no finding"],
        [of, "Notes: two", "on a second row of a finding"],
    ]
    assert split.remarks == ("2 responses and 1 note given before not carried over: see the sheet Summary.",)


def test_of_a_finding_on_two_rows_the_response_that_still_holds_is_kept(
    worded: Path, pack: Pack, tmp_path: Path
) -> None:
    book = opened(filled_in(returned(worded, pack).data, "Findings", 2, Response="accept", Reason="Of these facts"))
    sheet = book["Findings"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for number, value in enumerate([cell.value for cell in sheet[2]], 1):
        sheet.cell(sheet.max_row + (number == 1), number, value)
    sheet.cell(2, columns["Reason"], "Of other facts")
    sheet.cell(2, columns["Fingerprint"], "0" * 16)
    saved = io.BytesIO()
    book.save(saved)
    split = returned(saved_as(tmp_path / "held.xlsx", saved.getvalue()), pack)
    row = rows(opened(split.data)["Findings"])[0]
    assert (row["Response"], row["Reason"]) == ("accept", "Of these facts")
    assert lost_of(split) == [
        [f"{row['Rule']} {row['Ref']}", "accept; Of other facts", "the facts have changed since"],
    ]


def test_columns_added_to_the_questions_are_told_of(worded: Path, pack: Pack, tmp_path: Path) -> None:
    mine = audit_of(worded, pack)
    written = workbook(mine, worded.read_bytes(), asked_of(mine))
    added = with_columns(written.data, "Questions", ("Asked on", {2: "3 May"}))
    remarks = returned(saved_as(tmp_path / "asked.xlsx", added), pack).remarks
    assert len(remarks) == 1
    assert "(Asked on)" in remarks[0]


def test_notes_of_a_workbook_given_for_its_responses_are_kept(worded: Path, pack: Pack, tmp_path: Path) -> None:
    written = returned(worded, pack)
    given = with_columns(written.data, "Findings", ("Notes", {2: "Asked in June"}))
    taken = workbook(audit_of(worded, pack), worded.read_bytes(), (), (), [(given, "given.xlsx")])
    first = rows(opened(taken.data)["Findings"])[0]
    assert first["Notes"] == "Asked in June"


def test_answers_are_read_where_they_stand_and_stay(worded: Path, pack: Pack, tmp_path: Path) -> None:
    mine = audit_of(worded, pack)
    written = workbook(mine, worded.read_bytes(), asked_of(mine))
    asked = rows(opened(written.data)["Questions"])
    number = next(n for n, row in enumerate(asked, 2) if row["Allowed answers"] == "yes or no" and n > 3)
    answered = filled_in(written.data, "Questions", number, Value="yes", Evidence="Minute 12")
    path = saved_as(tmp_path / "answered.xlsx", answered)
    audit = audit_of(path, pack)
    assert audit.totals()[Outcome.UNDETERMINED] < mine.totals()[Outcome.UNDETERMINED]
    data = workbook(audit, answered, ()).data
    first = rows(opened(data)["Questions"])[0]
    assert (first["Value"], first["Evidence"], first["Fact"]) == ("yes", "Minute 12", asked[number - 2]["Fact"])
    assert audit_of(saved_as(tmp_path / "further.xlsx", data), pack).totals() == audit.totals()


def test_returned_again_it_has_each_sheet_once_and_grows_no_further(
    written: Written, pack: Pack, tmp_path: Path
) -> None:
    once = again(written.data, pack, tmp_path)
    twice = again(once, pack, tmp_path)
    assert opened(twice).sheetnames == ["Homes", "Working out", *OWN]
    assert twice == once
    assert parts(once).keys() == parts(written.data).keys()


def test_a_sheet_of_the_officers_by_the_same_title_stays(officers: Path, pack: Pack, tmp_path: Path) -> None:
    book = opened(officers.read_bytes())
    book.create_sheet("findings").append(["Findings of the committee"])
    saved = io.BytesIO()
    book.save(saved)
    data = again(saved.getvalue(), pack, tmp_path)
    assert opened(data).sheetnames[2:] == ["findings", "Summary", "Findings (tipstaff)", "Questions"]
    assert opened(data)["findings"]["A1"].value == "Findings of the committee"
    assert opened(again(data, pack, tmp_path)).sheetnames == opened(data).sheetnames


# Other files


def test_of_a_csv_file_the_three_sheets_are_written(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("Ref,Name,Theme,Agreement dates\nP1,Alpha,Homes,1/4/2012 to 31/3/2014\n")
    one = returned(path, pack)
    assert opened(one.data).sheetnames == OWN
    assert (one.ending, one.remarks) == (".xlsx", ())
    row = next(row for row in rows(opened(one.data)["Findings"]) if row["Rule"] == "AGR-02")
    assert row["Where"] == "row 2"


def as_ods(data: bytes) -> bytes:
    """A workbook as a spreadsheet program saves it as .ods, its cells as texts."""
    document = OpenDocumentSpreadsheet()
    for sheet in opened(data):
        table = Table(name=sheet.title)
        document.spreadsheet.addElement(table)
        for cells in sheet.iter_rows(values_only=True):
            line = TableRow()
            table.addElement(line)
            for value in cells:
                cell = TableCell(valuetype="string") if value is not None else TableCell()
                if value is not None:
                    cell.addElement(P(text=str(value)))
                line.addElement(cell)
    saved = io.BytesIO()
    document.write(saved)
    return saved.getvalue()


@pytest.mark.parametrize("made", ["ods", "damaged"])
def test_what_officers_wrote_is_kept_where_the_register_is_not_returned(
    worded: Path, pack: Pack, tmp_path: Path, made: str
) -> None:
    mine = audit_of(worded, pack)
    noted = with_columns(workbook(mine, worded.read_bytes(), asked_of(mine)).data, "Findings", ("Notes", {2: "Asked"}))
    said = filled_in(noted, "Findings", 2, Response="dispute", Reason="In hand")
    said = filled_in(said, "Questions", 2, Evidence="Minute 12", Value="yes")
    other = as_ods(said) if made == "ods" else changed(said, {"xl/comments/comment1.xml": (b"<authors>", b"<writers>")})
    one = returned(saved_as(tmp_path / f"register.{'ods' if made == 'ods' else 'xlsx'}", other), pack)
    book = opened(one.data)
    assert book.sheetnames == OWN
    row = rows(book["Findings"])[0]
    assert [row[name] for name in ("Response", "Reason", "Notes")] == ["dispute", "In hand", "Asked"]
    asked = rows(book["Questions"])[0]
    assert (asked["Value"], asked["Evidence"]) == ("yes", "Minute 12")


def test_macros_stay_and_the_ending_says_so(officers: Path, pack: Pack, tmp_path: Path) -> None:
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    data = changed(officers.read_bytes(), {"[Content_Types].xml": (plain, macro)}, {"xl/vbaProject.bin": b"\0macros"})
    one = returned(saved_as(tmp_path / "register.xlsm", data), pack)
    assert one.ending == ".xlsm"
    assert parts(one.data)["xl/vbaProject.bin"] == b"\0macros"


def test_a_workbook_that_gives_its_elements_a_prefix_is_returned(officers: Path, pack: Pack, tmp_path: Path) -> None:
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for name, content in parts(officers.read_bytes()).items():
            if main in content:
                content = re.sub(rb"<(/?)(?=[A-Za-z])(?![a-z]+:)", rb"<\1x:", content).replace(
                    main, main.replace(b"xmlns", b"xmlns:x")
                )
            new.writestr(name, content)
    one = returned(saved_as(tmp_path / "register.xlsx", made.getvalue()), pack)
    book = opened(one.data)
    assert book.sheetnames[-3:] == OWN
    comment = book["Homes"]["F3"].comment
    assert comment is not None
    assert "AGR-02" in comment.text
    assert book["Findings"]["A1"].fill.fgColor.rgb == "FF1F3864"


@pytest.mark.parametrize(
    ("part", "before", "after", "said"),
    [
        (
            "xl/styles.xml",
            b"<styleSheet",
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><styleSheet',
            "document type",
        ),
        ("xl/comments/comment1.xml", b"</comments>", b"", "damaged"),
        ("xl/comments/comment1.xml", b"<authors>", b"<writers>", "damaged"),
        ("xl/workbook.xml", b'sheetId="1"', b'sheetId="one"', "no number"),
        ("xl/worksheets/sheet1.xml", b'priority="1"', b'priority="%s"' % (b"9" * 5_000), "no number"),
    ],
)
def test_a_workbook_that_cannot_be_changed_is_not_returned_and_that_is_said(
    mine: Audit, officers: Path, part: str, before: bytes, after: bytes, said: str
) -> None:
    one = workbook(mine, changed(officers.read_bytes(), {part: (before, after)}), ())
    assert opened(one.data).sheetnames == OWN
    (remark,) = one.remarks
    assert said in remark
    assert "it is not returned" in remark


@pytest.mark.parametrize(
    "said", ["&#10;" * 100_000, "\n" * 500_000, "▸ tipstaff, " * 100_000, "▸ tipstaff, ◂" * 100_000], ids=lambda _: ""
)
def test_a_comment_that_means_harm_takes_no_time(mine: Audit, officers: Path, said: str) -> None:
    comments = {"xl/comments/comment1.xml": (b"Not for tipstaff.", f"Kept.{said}".encode())}
    begun = time.process_time()
    one = workbook(mine, changed(officers.read_bytes(), comments), ())
    assert time.process_time() - begun < 10
    assert one.remarks == ()
    assert b"Kept." in parts(one.data)["xl/comments/comment1.xml"]


def test_boxes_that_never_close_take_no_time(written: Written, pack: Pack, tmp_path: Path) -> None:
    drawing = {"xl/drawings/commentsDrawing1.vml": (b"</xml>", b"<v:shape>" * 100_000 + b"</xml>")}
    book = opened(changed(written.data, drawing))
    assert book.sheetnames
    begun = time.process_time()
    settled = changed(
        changed(written.data, drawing), {"xl/worksheets/sheet1.xml": (b"31 March 2014", b"31 March 2018")}
    )
    again(settled, pack, tmp_path)
    assert time.process_time() - begun < 10


def test_elements_in_elements_without_end_are_left_alone(mine: Audit, officers: Path) -> None:
    deep = b"<a>" * 20_000 + b"</a>" * 20_000
    data = changed(
        officers.read_bytes(),
        {"xl/worksheets/sheet2.xml": (b"</worksheet>", b"<extLst>%s</extLst></worksheet>" % deep)},
    )
    assert deep in parts(workbook(mine, data, ()).data)["xl/worksheets/sheet2.xml"]


def test_a_bomb_beside_the_register_is_not_unpacked(
    mine: Audit, officers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tipstaff.report.workbook.package._MOST_UNPACKED", 3_000_000)
    data = changed(officers.read_bytes(), {}, {"xl/media/image1.png": bytes(4_000_000)})
    one = workbook(mine, data, ())
    assert opened(one.data).sheetnames == OWN
    assert "unpacks to more than is allowed" in one.remarks[0]


def test_the_same_audit_makes_the_same_bytes(mine: Audit, officers: Path) -> None:
    assert workbook(mine, officers.read_bytes(), ()).data == workbook(mine, officers.read_bytes(), ()).data
