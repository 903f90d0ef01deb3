"""Cells in columns, and the spelling of many texts: the quick ways give what the plain ones do."""

import re
import unicodedata
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Fact, Kind, Vocabulary
from tipstaff.register.files.sheet import Cells, Grid
from tipstaff.register.files.spreadsheet_worker import columns
from tipstaff.register.tables.cells import CellReader
from tipstaff.register.texts.answer_words import UNKNOWN, is_unknown
from tipstaff.register.texts.phrases import Phrases, phrase_key

PLAIN = st.text(alphabet=" tTbBcC£&_-.?!aeé0159\u0301\n", max_size=12) | st.sampled_from(sorted(UNKNOWN)) | st.text()
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 2.5, "", "1", "x"])
DAYS = st.dates() | st.datetimes()


def spelt_plainly(text: str) -> str:
    text = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return re.sub(r"[\W_]+", " ", text.casefold().replace("&", " and ")).strip()


def told(cells: list[Any]) -> list[tuple[type, Any]]:
    return [(type(cell), cell) for cell in cells]


@given(PLAIN)
def test_a_text_is_spelt_the_same_whatever_its_characters(text: str) -> None:
    assert normal(text) == spelt_plainly(text)
    assert is_unknown(text) == (spelt_plainly(text) in UNKNOWN or not any(map(str.isalnum, text)))


@given(st.lists(SCALARS | DAYS | st.lists(st.integers(), max_size=2), max_size=12))
def test_a_column_gives_back_its_cells(cells: list[Any]) -> None:
    coded = Cells.of(cells)
    assert told([coded[row] for row in range(len(cells))]) == told(cells)
    rows = [row for row in range(len(cells)) if row % 3]
    assert told([coded.at(rows)[row] for row in range(len(rows))]) == told([cells[row] for row in rows])
    assert coded.where(lambda cell: cell is None) == [row for row, cell in enumerate(cells) if cell is None]


@given(
    st.lists(st.booleans() | st.floats(allow_nan=False) | st.sampled_from(["", "x", "R1"]) | DAYS, max_size=12),
    st.sampled_from([0, 10_000]),
)
def test_a_column_is_handed_over_as_it_was(cells: list[Any], different_before: int) -> None:
    before = [[f"R{row}"] for row in range(different_before)]
    [(values, held)] = columns(chain(before, ([cell] for cell in cells)), 1)
    codes = memoryview(held).cast("I")[different_before:]
    assert [repr(values[code]) if cell else values[code] == cell for code, cell in zip(codes, cells, strict=True)] == [
        repr(cell) if cell else True for cell in cells
    ]
    assert [type(values[code]) for code in codes] == [type(cell) for cell in cells]


def test_a_grid_is_its_rows() -> None:
    grid = Grid([Cells.of(["a", "b", "c"]), Cells.of([1.0, True, date(2016, 8, 4)])], 3)
    rows = [["a", 1.0], ["b", True], ["c", date(2016, 8, 4)]]
    assert (list(grid), grid[1:], grid[-1]) == (rows, rows[1:], rows[-1])


@given(st.lists(SCALARS | PLAIN | DAYS | st.sampled_from(["#REF!", "Err:502", " a ", "a  b", "x" * 32_768])))
def test_cells_read_together_are_read_as_each_alone(raws: list[Any]) -> None:
    vocabulary = Vocabulary(councils=(), themes=(), tables={})
    plain = Fact("fact", Kind.TEXT, "label")
    for fact in (plain, replace(plain, kind=Kind.MONEY), replace(plain, personal=True)):
        reader = CellReader(fact, vocabulary)
        parts, misfits = reader.each(raws)
        readings = [CellReader(fact, vocabulary)(raw) for raw in raws]
        assert [tuple(part[place] for part in parts) for place in range(len(raws))] == [one.values for one in readings]
        assert misfits == {place: one for place, one in enumerate(readings) if one.misfit is not None}


KNOWN = {"south hams": "SH", "south": "S", "per week": "W", "p a": "A", "area51": "51", "-": "-", "(": "(", "tbc": "?"}


@given(st.lists(st.sampled_from([
    "South", "hams", "-", " ", "/", "week", "p", "'", "a", "area", "51", "(", ")", "£5", "2", "days", "one", "tbc",
    "tb\u0301c", "é",
])).map("".join))  # fmt: skip
def test_phrases_are_looked_for_wherever_one_may_begin(text: str) -> None:
    def figure(phrase: str) -> str | None:
        return phrase if re.fullmatch(r"(?:£?[0-9]|one)(?: ?days)?", phrase) else None

    def symbol(phrase: str) -> str | None:
        return KNOWN.get(phrase_key(phrase)) or figure(phrase)

    found: list[tuple[int, int, str | None]] = []
    spans = [match.span() for match in re.finditer(r"£[0-9]+|[0-9.]*[0-9]|[^\W\d_]+|\S", text)]
    while spans:
        ends = [end for place, (_, end) in enumerate(spans[:4]) if place == 0 or text[end - 1].isalnum()]
        start, end = spans[0][0], next((end for end in reversed(ends) if symbol(text[spans[0][0] : end])), ends[0])
        found.append((start, end, symbol(text[start:end])))
        spans = [span for span in spans if span[0] >= end]
    assert list(Phrases(KNOWN, figure, frozenset({"£", "one"}), 4).cut(text)) == found
