"""An answer written as an entry says is read back into its own fact, whatever the register calls things."""

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipstaff.audit.questions.blanks import possible_answers
from tipstaff.facts.vocabulary import Fact, Shape, Table, Vocabulary
from tipstaff.register.forms.answer_entries import Entries
from tipstaff.register.reading import read_register
from tipstaff.register.tables.cells import CellReader, physical_columns
from tipstaff.register.tables.model import Register
from tipstaff.register.tables.row_keys import NO_LINE, Line

AS_OF = date(2016, 8, 4)
LINES = {
    Shape.COUNCIL_YEAR: [Line("sh", 2016), Line("wd", None), Line(None, 2015), NO_LINE],
    Shape.CYCLE: [Line(year=2017)],
}
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)


def written(rows: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


def answerable(vocabulary: Vocabulary) -> list[tuple[Table, Fact]]:
    return [
        (table, fact)
        for table in vocabulary.tables.values()
        if table.shape is not Shape.LONG
        for fact in table.facts.values()
        if fact.name not in ("ref", "name", "tab", *table.keys) and not fact.reads
    ]


@settings(max_examples=60)
@given(st.data())
def test_an_answer_lands_in_its_fact(vocabulary: Vocabulary, tmp_path: Path, data: st.DataObject) -> None:
    names = data.draw(st.lists(TEXTS.filter(str.strip), min_size=1, max_size=4))
    refs = data.draw(st.lists(TEXTS, min_size=len(names), max_size=len(names)))
    table, fact = data.draw(st.sampled_from(answerable(vocabulary)))
    line = data.draw(st.sampled_from(LINES.get(table.shape, [NO_LINE])))
    raw = str(data.draw(st.sampled_from(possible_answers(fact, vocabulary, AS_OF))))
    path = tmp_path / "register.csv"
    path.write_text(written([["Ref", "Name", "Theme"], *([*pair, "Homes"] for pair in zip(refs, names, strict=True))]))
    before = read_register(path, vocabulary)
    place = data.draw(st.integers(0, len(before.refs) - 1))
    entry = Entries(before, vocabulary).entry(place, table.name, fact.name, line)
    if entry is None:
        own = before.tables["partnerships"].columns
        assert before.refs.count(before.refs[place]) > 1 or len(before.refs) > 1 or own["name"][place] is None
        return
    answers = tmp_path / "answers.csv"
    headings = ["Ref", "Partnership", "Fact", "Value", "Council", "Financial year", "Cycle"]
    keys = [entry.keys.get(key, "") for key in ("council", "year", "cycle")]
    answers.write_text(written([headings, [entry.ref, entry.name, entry.fact, raw, *keys]]))
    after = read_register(path, vocabulary, answers)
    assert [one for one in after.problems if one.cell.startswith("answers.csv")] == []
    rows = after.tables[table.name]
    (row,) = [row for row, owner in enumerate(rows.partnership) if owner == place]
    read = tuple(rows.columns[column][row] for column in physical_columns(fact, vocabulary))
    assert read == CellReader(fact, vocabulary)(raw).values
    if table.keys:
        assert ((rows.council[row] if rows.council else None), rows.year[row]) == (line.council, line.year)


SHEETS = {
    "Homes": [["Name", "Agreement dates"], ["A", None], ["B", "2014-17"]],
    "Agreements": [["Name", "Form", "Start"], ["A", "SLA", "1/4/2014"], ["A", "SLA", "1/4/2017"], ["B", "SLA", None]],
    "Contributions": [
        ["Name", "Council", "Financial year", "Direct funding"],
        ["A", "SHDC", "2016/17", 5], ["A", "SHDC", "2016/17", None], ["A", "WDBC", "2016/17", None],
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("position", "table", "fact", "line", "fits"),
    [
        (0, "agreements", "signed", NO_LINE, False),
        (1, "agreements", "signed", NO_LINE, True),
        (0, "contributions", "direct_funding", Line("sh", 2016), False),
        (0, "contributions", "direct_funding", Line("wd", 2016), True),
        (0, "contributions", "direct_funding", Line("sh", 2015), True),
        (0, "partnerships", "name", NO_LINE, False),
    ],
)
def test_an_answer_that_would_fit_several_rows_or_none_has_no_entry(
    read: Callable[..., Register], vocabulary: Vocabulary,
    position: int, table: str, fact: str, line: Line, fits: bool,
) -> None:  # fmt: skip
    entries = Entries(read(SHEETS), vocabulary)
    assert (entries.entry(position, table, fact, line) is not None) is fits


def test_a_name_alone_finds_what_a_reference_does_not(read: Callable[..., Register], vocabulary: Vocabulary) -> None:
    register = read({"Homes": [["Ref", "Name", "Lead Officer"], ["P-1", "A", None], ["P 1", "B", None]]})
    entry = Entries(register, vocabulary).entry(1, "partnerships", "lead_officer", NO_LINE)
    assert entry is not None
    assert (entry.ref, entry.name) == ("", "B")
