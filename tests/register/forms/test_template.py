"""The workbook of a register: read back, it is a register without partnerships and without problems."""

from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook

from tipstaff.audit.questions.blanks import possible_answers
from tipstaff.facts.vocabulary import Kind, Shape, Vocabulary
from tipstaff.register.forms.template import template
from tipstaff.register.reading import read_register
from tipstaff.register.tables.model import Register


@pytest.fixture(scope="module")
def written(vocabulary: Vocabulary) -> bytes:
    return template(vocabulary, "Partnership Policy")


@pytest.fixture
def book(written: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(written))


def reread(book: Workbook, vocabulary: Vocabulary, folder: Path) -> Register:
    book.save(folder / "register.xlsx")
    return read_register(folder / "register.xlsx", vocabulary)


def test_it_reads_back_as_an_empty_register(book: Workbook, vocabulary: Vocabulary, tmp_path: Path) -> None:
    register = reread(book, vocabulary, tmp_path)
    assert (register.refs, register.problems, register.missing, register.absent) == ([], [], (), ())


def test_every_theme_has_a_tab_and_every_table_a_sheet(book: Workbook, vocabulary: Vocabulary) -> None:
    others = [table.sheet for table in vocabulary.tables.values() if table.shape is not Shape.REGISTER]
    assert book.sheetnames == ["Guidance", *(theme.name for theme in vocabulary.themes), *others]


def test_a_filled_row_of_every_sheet_is_read(book: Workbook, vocabulary: Vocabulary, tmp_path: Path) -> None:
    homes = book["Homes"]
    homes["A2"], homes["B2"] = "P1", "Harbour Trust"
    keys = {"council": "SHDC", "year": "2016/17", "cycle": "2017/18"}
    given: dict[str, dict[str, object]] = {}
    for table in vocabulary.tables.values():
        if table.shape in (Shape.REGISTER, Shape.LONG):
            continue
        sheet = book[table.sheet]
        columns = {cell.value: cell.column for cell in sheet[1]}
        sheet.cell(2, columns["Ref"], "P1")
        for fact in table.facts.values():
            if fact.heading:
                raw = keys.get(fact.name) or possible_answers(fact, vocabulary, date(2016, 8, 4))[0]
                sheet.cell(2, columns[fact.heading], raw)
                given.setdefault(table.name, {})[fact.name] = raw
    register = reread(book, vocabulary, tmp_path)
    assert register.refs == ["P1"]
    assert [problem for problem in register.problems if problem.serious] == []
    assert register.tables["partnerships"].columns["theme"] == ["Homes"]
    for table, facts in given.items():
        rows = register.tables[table]
        assert rows.partnership == [0]
        for name in facts:
            fact = rows.table.facts[name]
            column = name if not fact.kind.bounded else f"{name}_lo"
            if fact.kind is not Kind.COUNCILS:
                assert rows.columns[column][0] is not None, name


def test_headings_carry_their_question_and_what_may_be_written(book: Workbook, vocabulary: Vocabulary) -> None:
    notes = {cell.value: cell.comment.text for cell in book["Agreements"][1] if cell.comment is not None}
    for fact in vocabulary.tables["agreements"].facts.values():
        if fact.heading:
            assert fact.question in notes[fact.heading]
            assert f"Type: {fact.kind.value}" in notes[fact.heading]


def test_choices_have_drop_downs(book: Workbook) -> None:
    lists = {one.formula1 for one in book["Agreements"].data_validations.dataValidation if one.type == "list"}
    assert '"yes,no"' in lists
    assert any("memorandum" in choices for choices in lists)


def test_a_policy_without_themes_has_one_sheet(vocabulary: Vocabulary) -> None:
    plain = Vocabulary(vocabulary.councils, (), vocabulary.tables, vocabulary.both)
    assert openpyxl.load_workbook(BytesIO(template(plain, "x"))).sheetnames[:2] == ["Guidance", "Register"]


def test_the_same_policy_makes_the_same_bytes(written: bytes, vocabulary: Vocabulary) -> None:
    assert template(vocabulary, "Partnership Policy") == written
