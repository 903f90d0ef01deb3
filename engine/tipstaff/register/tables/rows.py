"""Tables: the data rows of a sheet become rows of a table, column by column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import eq
from typing import Any, NamedTuple

from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Fact, Shape, Table, Vocabulary
from tipstaff.register.files.sheet import Cells, Raw, Sheet, is_blank, place
from tipstaff.register.tables.cells import CellReader, Reading, physical_columns, plain_text
from tipstaff.register.tables.headings import JOIN_FACTS, Header
from tipstaff.register.tables.model import Rows
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.references import Partnerships
from tipstaff.register.texts.answer_words import is_unknown

_TOTALS = frozenset(
    {"total", "totals", "grand total", "sub total", "subtotal", "sub totals", "subtotals", "overall total"}
)
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of a value: a row of a sheet, and the letter of its column, empty if columns have none."""

    title: str
    number: int
    letter: str

    @property
    def place(self) -> str:
        """The place in words: ``Wellbeing!I14``."""
        return place(self.title, self.number, self.letter)


@dataclass(frozen=True, slots=True)
class Block:
    """The data rows of a sheet under its heading row."""

    sheet: Sheet
    header: Header
    positions: Sequence[int]

    def __len__(self) -> int:
        return len(self.positions)

    def only(self, chosen: Sequence[int]) -> "Block":
        """The block of the rows chosen from it, by their index in it."""
        if len(chosen) == len(self):
            return self
        return Block(self.sheet, self.header, [self.positions[index] for index in chosen])

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the rows, as their source counts."""
        first = self.sheet.first
        if isinstance(self.positions, range):
            return range(self.positions.start + first, self.positions.stop + first)
        return [position + first for position in self.positions]

    def number(self, index: int) -> int:
        """The number of a row, as its source counts."""
        return self.sheet.first + self.positions[index]

    def letter(self, fact: str) -> str:
        """The letter of a fact's column; empty without one."""
        column = self.header.columns.get(fact)
        return "" if column is None else self.sheet.letter(column)

    def spot(self, index: int, fact: str) -> Spot:
        return Spot(self.sheet.title, self.number(index), self.letter(fact))

    def cells(self, fact: str) -> Cells:
        """The cells of a fact's column; blanks without one."""
        column = self.header.columns.get(fact)
        if column is None:
            return Cells([""], bytes(len(self)))
        return self.sheet.column(column).at(self.positions)


def data_rows(sheet: Sheet, header: Header, problems: Problems) -> Block:
    """The rows under a heading row, without blank ones, totals, and repetitions of the headings."""
    headings = sheet.rows[header.row]
    columns = sorted(header.columns.values())
    keys = {header.columns[fact] for fact in JOIN_FACTS if fact in header.columns}
    name = header.columns.get("name", -1)
    repeated = [headings[column] for column in columns]
    left_out: set[int] = set()
    for position in _doubtful(sheet, header):
        row = sheet.rows[position]
        filled = next((column for column, cell in enumerate(row) if not is_blank(cell)), None)
        if filled is None or [row[column] if column < len(row) else "" for column in columns] == repeated:
            left_out.add(position)
        elif _is_total(row[filled]) or (filled in keys and 0 <= name < len(row) and _is_total(row[name])):
            problems.at(
                sheet.title, sheet.first + position, sheet.letter(filled), row[filled],
                "read as a row of totals, and left out", serious=False,
            )  # fmt: skip
            left_out.add(position)
    below = range(header.row + 1, len(sheet.rows))
    positions = [position for position in below if position not in left_out] if left_out else below
    _report_uneven(sheet, header, positions, problems)
    return Block(sheet, header, positions)


def _doubtful(sheet: Sheet, header: Header) -> list[int]:
    """The positions of all rows under a heading row that may be blank, totals, or the headings again, and of others.

    A row that holds something in the fullest column is not blank, and what it begins with is there or before.
    """
    fullest, *_ = fullest_columns(sheet, header)
    found = {*fullest.blanks, *fullest.cells.where(partial(eq, fullest.cells[header.row]))}
    for column in {*range(fullest.column + 1), header.columns.get("name", 0)}:
        found.update(sheet.column(column).where(_is_total))
    return sorted(position for position in found if position > header.row)


class Filled(NamedTuple):
    """A column of a sheet with the positions of the rows in which it is blank."""

    column: int
    cells: Cells
    blanks: list[int]


def fullest_columns(sheet: Sheet, header: Header) -> list[Filled]:
    """The columns of facts, the fullest first; no more than two where these have no blanks."""
    found: list[Filled] = []
    for column in sorted(header.columns.values()):
        cells = sheet.column(column)
        found.append(Filled(column, cells, [row for row in cells.where(is_blank) if row > header.row]))
        if sum(not one.blanks for one in found) == 2:
            break
    return sorted(found, key=lambda one: len(one.blanks))


def _report_uneven(sheet: Sheet, header: Header, positions: Sequence[int], problems: Problems) -> None:
    """Say once which rows of a CSV file have fewer or more cells than headings, and show none of their values.

    Their cells may have slipped under another heading, contact details under one that is shown.
    """
    if not sheet.records:
        return
    width = _width(sheet.rows[header.row])
    uneven = [at for at in positions if len(sheet.rows[at]) < width or _width(sheet.rows[at]) > width]
    for position in uneven:
        cells = len(sheet.rows[position])
        problems.withhold(sheet.title, sheet.first + position, f"(withheld: {cells} cells under {width} headings)")
    if uneven:
        numbers = ", ".join(str(sheet.first + position) for position in uneven[1:_MOST_NAMED])
        more = f", as in {len(uneven) - 1:,} more (rows {numbers}{', …' if len(uneven) > _MOST_NAMED else ''})"
        expected = "a cell under every heading: the values of this row may be under the wrong headings"
        problems.at(
            sheet.title, sheet.first + uneven[0], "", "", expected + (more if len(uneven) > 1 else ""), serious=False
        )


def _width(cells: Sequence[Raw]) -> int:
    """The number of cells up to the last that holds anything."""
    return next((column + 1 for column in reversed(range(len(cells))) if not is_blank(cells[column])), 0)


def join(block: Block, partnerships: Partnerships, problems: Problems) -> list[int | None]:
    """The partnership that each row of a block names, by position; None, with a problem, if it names none."""
    refs, names = block.cells("ref"), block.cells("name")
    ref_texts, name_texts = list(map(_stated_text, refs.values)), list(map(_stated_text, names.values))
    pairs = list(zip(refs.codes, names.codes, strict=True))
    matches = {pair: partnerships.find(ref_texts[pair[0]], name_texts[pair[1]]) for pair in dict.fromkeys(pairs)}
    found = [matches[pair].partnership for pair in pairs]
    if None in found:
        for index, pair in enumerate(pairs):
            if found[index] is None:
                ref, name = ref_texts[pair[0]], name_texts[pair[1]]
                spot = block.spot(index, "ref" if ref or "name" not in block.header.columns else "name")
                expected = f"{matches[pair].why}: the row is not used"
                problems.at(spot.title, spot.number, spot.letter, ref or name, expected)
    return found


def _stated_text(raw: Raw) -> str:
    """The text of a cell; blank if it says nothing."""
    text = plain_text(raw) or ""
    return "" if is_unknown(text) else text


def cell_readers(table: Table, vocabulary: Vocabulary) -> dict[str, CellReader]:
    """A reader of cells for every fact of a table."""
    return {name: CellReader(fact, vocabulary) for name, fact in table.facts.items()}


def append_block(
    rows: Rows, block: Block, partnerships: Sequence[int], readers: dict[str, CellReader], problems: Problems
) -> None:
    """Append the rows of a block, which belong to these partnerships, value by value."""
    count, title = len(block), block.sheet.title
    for name, reader in readers.items():
        lists = [rows.columns[column] for column in reader.columns]
        if name not in block.header.columns:
            for values in lists:
                values.extend([None] * count)
            continue
        letter = rows.letters[title, name] = block.letter(name)
        cells = block.cells(name)
        parts, misfits = reader.each(cells.values)
        for values, part in zip(lists, parts, strict=True):
            values.extend(map(part.__getitem__, cells.codes))
        if misfits:
            for index, code in enumerate(cells.codes):
                if code in misfits:
                    report(problems, Spot(title, block.number(index), letter), misfits[code])
    rows.partnership.extend(partnerships)
    rows.sheet.extend([title] * count)
    rows.row.extend(block.numbers)
    rows.letter.extend([None] * count)


def in_lists(rows: Rows) -> bool:
    """Whether the columns are lists, so that values can be set and rows added."""
    return isinstance(rows.row, list)


def put_in_lists(rows: Rows) -> None:
    """Make lists of the columns, if they are not."""
    if in_lists(rows):
        return
    rows.columns = {name: list(column) for name, column in rows.columns.items()}
    rows.partnership, rows.sheet, rows.row, rows.letter = map(
        list, (rows.partnership, rows.sheet, rows.row, rows.letter)
    )
    rows.council, rows.year = list(rows.council), list(rows.year)


def append_row(
    rows: Rows, partnership: int, spot: Spot, letter: str | None, council: str | None = None, year: int | None = None
) -> int:
    """Append a row that states nothing yet, and return its index.

    ``letter`` is that of the only cell that the row rests on, or None. Only rows by council and year have these.
    """
    for values in rows.columns.values():
        values.append(None)
    rows.partnership.append(partnership)
    rows.sheet.append(spot.title)
    rows.row.append(spot.number)
    rows.letter.append(letter)
    if rows.table.shape is Shape.COUNCIL_YEAR:
        rows.council.append(council)
    if rows.table.shape in (Shape.COUNCIL_YEAR, Shape.CYCLE):
        rows.year.append(year)
    return len(rows) - 1


def report(problems: Problems, spot: Spot, reading: Reading) -> None:
    """Report what does not fit in a cell, if anything."""
    if reading.misfit is not None:
        value, expected, serious = reading.misfit
        problems.at(spot.title, spot.number, spot.letter, value, expected, serious=serious)


def stated(rows: Rows, index: int, fact: Fact, vocabulary: Vocabulary) -> tuple[Any, ...] | None:
    """The values of a fact's physical columns in a row; None if all are unknown."""
    values = tuple(rows.columns[column][index] for column in physical_columns(fact, vocabulary))
    return None if all(value is None for value in values) else values


def state(rows: Rows, index: int, fact: Fact, values: Sequence[Any], vocabulary: Vocabulary) -> None:
    """Set the values of a fact's physical columns in a row."""
    for column, value in zip(physical_columns(fact, vocabulary), values, strict=True):
        rows.columns[column][index] = value


def rows_by_partnership(rows: Rows) -> dict[int, list[int]]:
    """The indices of the rows of each partnership that has any."""
    found: dict[int, list[int]] = {}
    for index, partnership in enumerate(rows.partnership):
        found.setdefault(partnership, []).append(index)
    return found


def merge_repeated(rows: Rows, vocabulary: Vocabulary, names: Sequence[str], problems: Problems) -> None:
    """Leave one row a partnership, and of each cycle where rows have one.

    What later rows add is kept; a value on which rows disagree becomes unknown.
    """
    dropped: set[int] = set()
    groups: dict[tuple[int, int | None], list[int]] = {}
    for index, partnership in enumerate(rows.partnership):
        groups.setdefault((partnership, rows.year[index] if len(rows.year) else None), []).append(index)
    for (partnership, _), (first, *others) in groups.items():
        conflicting: set[str] = set()
        for index in others:
            disagreed: list[str] = []
            for fact in rows.table.facts.values():
                later, sooner = stated(rows, index, fact, vocabulary), stated(rows, first, fact, vocabulary)
                if later is None or later == sooner:
                    continue
                if sooner is None and fact.name not in conflicting:
                    state(rows, first, fact, later, vocabulary)
                    rows.cells[first, fact.name] = rows.cell(index, fact.name)
                else:
                    state(rows, first, fact, [None] * len(later), vocabulary)
                    conflicting.add(fact.name)
                    disagreed.append(fact.label)
            unsettled = f"; they disagree on {', '.join(disagreed)}, which count as unknown" if disagreed else ""
            problems.at(
                rows.sheet[index], rows.row[index], "", names[partnership],
                f"one row a partnership: joined with that at {place(rows.sheet[first], rows.row[first])}{unsettled}",
            )  # fmt: skip
            dropped.add(index)
    if dropped:
        _drop(rows, dropped)


def say_alike(rows: Rows, names: Sequence[str], vocabulary: Vocabulary, problems: Problems) -> None:
    """Say which rows of a partnership, a council and a year state nothing but what another states: each is counted."""
    columns = [rows.columns[name] for name in own_columns(rows.table, vocabulary)]
    firsts: dict[tuple[object, ...], int] = {}
    for index, values in enumerate(zip(rows.partnership, rows.council, rows.year, *columns, strict=True)):
        if any(value is not None for value in values[3:]) and (first := firsts.setdefault(values, index)) != index:
            say_stated_already(rows, index, first, names[values[0]], problems)


def say_stated_already(rows: Rows, index: int, first: int, name: str, problems: Problems) -> None:
    """Say that a row of the partnership of this name states nothing but what an earlier one, the first, does."""
    one = place(rows.sheet[first], rows.row[first])
    expected = f"something that {one} does not state already, if it is not that row again: each is counted"
    problems.at(rows.sheet[index], rows.row[index], "", name, expected, serious=False)


def own_columns(table: Table, vocabulary: Vocabulary) -> list[str]:
    """The physical columns of the facts of a table that do not say what its rows are of."""
    own = (fact for fact in table.facts.values() if fact.name not in (*JOIN_FACTS, *table.keys))
    return [name for fact in own for name in physical_columns(fact, vocabulary)]


def said_by_dates(table: Table) -> Iterator[tuple[str, str]]:
    """The dates of an agreement, each with a yes/no fact of the same table that it answers if it is blank."""
    for dated, said in (
        ("agreement_end", "end_date_stated"),
        ("agreement_start", "agreement_recorded"),
        ("agreement_end", "agreement_recorded"),
    ):
        if {dated, said} <= table.facts.keys():
            yield dated, said


def _drop(rows: Rows, dropped: set[int]) -> None:
    kept = [index for index in range(len(rows)) if index not in dropped]
    new_index = {index: new for new, index in enumerate(kept)}
    rows.columns = {name: [values[index] for index in kept] for name, values in rows.columns.items()}
    rows.partnership = [rows.partnership[index] for index in kept]
    rows.sheet = [rows.sheet[index] for index in kept]
    rows.letter = [rows.letter[index] for index in kept]
    rows.row = [rows.row[index] for index in kept]
    rows.year = [rows.year[index] for index in kept] if len(rows.year) else []
    rows.cells = {(new_index[index], fact): cell for (index, fact), cell in rows.cells.items() if index in new_index}


def _is_total(cell: Raw) -> bool:
    if not isinstance(cell, str) or len(cell) >= 40 or (cell.isascii() and "total" not in cell.lower()):
        return False
    return normal(cell) in _TOTALS
