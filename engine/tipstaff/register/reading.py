"""Reading a register: the one door from a file to tables of facts."""

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tipstaff.facts.bounds import NO_END
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Shape, Vocabulary
from tipstaff.register.files.sheet import Cells, Sheet, is_blank, plain
from tipstaff.register.files.source_file import MOST_BYTES, Spreadsheet, read_bytes, read_sheets
from tipstaff.register.published import payments
from tipstaff.register.published.as_register import read_published
from tipstaff.register.published.awards import AwardSheet, award_sheets, read_awards
from tipstaff.register.published.payments import heading_of_payments, read_payments
from tipstaff.register.tables.answers import Answers
from tipstaff.register.tables.cells import plain_text
from tipstaff.register.tables.from_texts import read_texts
from tipstaff.register.tables.model import Register, Rows, empty_rows
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.references import Partnerships, references, repeated_references
from tipstaff.register.tables.row_keys import cycles_of, lines_of
from tipstaff.register.tables.rows import (
    Block,
    Spot,
    append_block,
    cell_readers,
    data_rows,
    fullest_columns,
    in_lists,
    join,
    merge_repeated,
    said_by_dates,
    say_alike,
)
from tipstaff.register.tables.sheet_titles import HeadedSheet, answer_sheets, headed_sheets
from tipstaff.register.texts.answer_words import is_unknown


def read_register(
    path: Path, vocabulary: Vocabulary, answers: Path | None = None, begun: Spreadsheet | None = None
) -> Register:
    """Read a register from a workbook (.xlsx, .xls, .ods), a CSV, JSON or Parquet file, or a folder of Parquet.

    ``answers`` is a file of further answers, applied after those that the register itself holds; ``begun`` is the
    workbook if it is being read already. What does not fit is a located problem of the register, and counts as
    unknown. Raises UnreadableError if a file cannot be read at all
    or holds no register, or no answers.
    """
    if path.suffix.lower() == ".parquet" or path.is_dir():
        from tipstaff.register.tables.parquet import is_parquet, read_parquet, state_in_columns

        if is_parquet(path):
            problems = Problems()
            register = read_parquet(path, vocabulary, problems)
            answering = [] if answers is None else _answers_file(answers, vocabulary, problems)
            answered = _answered(register, answering, vocabulary, problems)
            for rows in register.tables.values():
                (state_what_dates_say if in_lists(rows) else state_in_columns)(rows)
            read_texts(register.tables, vocabulary, answered, problems, answers_alone=True)
            register.problems = problems.in_order(register.name)
            return register

    def most(beginning: bytes) -> int:
        return MOST_BYTES if heading_of_payments(beginning, path.name) is None else payments.MOST_BYTES

    data = read_bytes(path, most) if begun is None else begun.data
    return register_from(data, plain(path.name), vocabulary, answers, begun)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the collector of cycles: what is read has none, and grows too fast for it to be looked through again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_collector_paused()
def register_from(
    data: bytes,
    name: str,
    vocabulary: Vocabulary,
    answers: Path | None = None,
    begun: Spreadsheet | None = None,
) -> Register:
    """Read a register from the content of a file called ``name``, as ``read_register`` does."""
    problems = Problems()
    sha256 = hashlib.sha256(data).hexdigest()
    answering: list[HeadedSheet] = []
    heading = heading_of_payments(data, name)
    if heading is not None:
        paid = read_payments(data, name, heading, vocabulary, problems)
        register = read_published(paid, name, sha256, vocabulary, problems)
        vocabulary = replace(vocabulary, councils=register.councils)
    else:
        sheets = read_sheets(data, name) if begun is None else begun.sheets()
        problems.expect(sheets)
        awards = award_sheets(sheets, vocabulary)
        if awards:
            listed = read_awards(awards, vocabulary, problems)
            register = read_published(listed, name, sha256, vocabulary, problems)
            vocabulary = replace(vocabulary, councils=register.councils)
            _report_unread(sheets, awards, problems)
        else:
            headed = headed_sheets(sheets, name, vocabulary, problems)
            register = _read_workbook(headed, name, sha256, vocabulary, problems)
            answering = [sheet for sheet in headed if sheet.table.shape is Shape.LONG]
    if answers is not None:
        answering += _answers_file(answers, vocabulary, problems)

    answered = _answered(register, answering, vocabulary, problems)
    for rows in register.tables.values():
        state_what_dates_say(rows)
    read_texts(register.tables, vocabulary, answered, problems)
    register.problems = problems.in_order(name)
    return register


def _answered(
    register: Register, sheets: Iterable[HeadedSheet], vocabulary: Vocabulary, problems: Problems
) -> Mapping[tuple[int, str], Spot]:
    """Apply the answers of sheets, and return the places of those that state facts of the register itself."""
    partnerships = next(rows for rows in register.tables.values() if rows.table.shape is Shape.REGISTER)
    answers = Answers(register.tables, vocabulary, Partnerships(partnerships, register.refs), problems)
    for sheet in sheets:
        answers.apply(data_rows(sheet.sheet, sheet.header, problems))
    return answers.register_spots


def _read_workbook(
    headed: Sequence[HeadedSheet], name: str, sha256: str, vocabulary: Vocabulary, problems: Problems
) -> Register:
    """The register that headed sheets are, before answers and texts; its problems are left in ``problems``."""
    tables = {table.name: empty_rows(table, vocabulary) for table in vocabulary.tables.values()}
    register = next(rows for rows in tables.values() if rows.table.shape is Shape.REGISTER)
    for sheet in headed:
        if sheet.table is register.table:
            _read_partnerships(sheet, register, vocabulary, problems)
    refs = references(register)
    _report_repeated_references(register, problems)
    partnerships = Partnerships(register, refs)
    for sheet in headed:
        if sheet.table.shape not in (Shape.REGISTER, Shape.LONG):
            _read_children(sheet, tables[sheet.table.name], partnerships, vocabulary, problems)
    names = [called or ref for called, ref in zip(register.columns["name"], refs, strict=True)]
    for rows in tables.values():
        if rows.table.shape in (Shape.ONE, Shape.CYCLE):
            merge_repeated(rows, vocabulary, names, problems)
        elif rows.table.shape is Shape.COUNCIL_YEAR:
            say_alike(rows, names, vocabulary, problems)
    return Register(
        name=name,
        sha256=sha256,
        tables=tables,
        refs=refs,
        problems=[],
        missing=_missing(headed, vocabulary),
        absent=_absent(headed, vocabulary),
    )


def _report_unread(sheets: Iterable[Sheet], awards: Iterable[AwardSheet], problems: Problems) -> None:
    """Say which sheets of a workbook of awards are not read."""
    read = {each.sheet.title for each in awards}
    for sheet in sheets:
        if sheet.lettered and sheet.title not in read and any(not is_blank(cell) for row in sheet.rows for cell in row):
            problems.with_sheet(sheet, sheet.name, "awards, as on another sheet: this one is not read", serious=False)


def _answers_file(path: Path, vocabulary: Vocabulary, problems: Problems) -> list[HeadedSheet]:
    """The sheets of a file of answers; places in its workbook name the file too."""
    name = plain(path.name)
    sheets = read_sheets(read_bytes(path), name)
    sheets = [replace(sheet, title=f"{name}:{sheet.title}") if sheet.lettered else sheet for sheet in sheets]
    problems.expect(sheets)
    return answer_sheets(sheets, name, vocabulary, problems)


def _read_partnerships(headed: HeadedSheet, rows: Rows, vocabulary: Vocabulary, problems: Problems) -> None:
    block = _without_continued(data_rows(headed.sheet, headed.header, problems), problems)
    block = _without_sections(block, vocabulary, problems)
    first = len(rows)
    append_block(rows, block, range(first, first + len(block)), cell_readers(rows.table, vocabulary), problems)
    if "name" in headed.header.columns:
        for index in range(len(block)):
            if rows.columns["name"][first + index] is None:
                spot = block.spot(index, "name")
                problems.at(spot.title, spot.number, spot.letter, "", "the name of the partnership")
    if headed.theme is not None:
        _set_theme(rows, first, headed.theme, block.cells("theme"))


def _without_continued(block: Block, problems: Problems) -> Block:
    """Leave out the rows under a name that is merged down over them; what they state is a problem."""
    name = block.header.columns.get("name")
    covered = block.sheet.covered
    if not covered:
        return block
    own: list[int] = []
    for index, position in enumerate(block.positions):
        if (position, name) not in covered:
            own.append(index)
            continue
        cells = block.sheet.rows[position]
        if any(
            column < len(cells) and not is_blank(cells[column]) and (position, column) not in covered
            for column in block.header.columns.values()
        ):
            spot = block.spot(index, "name")
            expected = "one row a partnership: this row, under a name merged over several, is not read"
            problems.at(spot.title, spot.number, "", plain_text(cells[name or 0]), expected)
    return block.only(own)


def _without_sections(block: Block, vocabulary: Vocabulary, problems: Problems) -> Block:
    """Leave out the rows that hold the name of a theme and nothing else: they head a section."""
    themes = {normal(spelling) for theme in vocabulary.themes for spelling in theme.spellings}
    first, second, *_ = fullest_columns(block.sheet, block.header)
    one_is_blank = {*first.blanks, *second.blanks}
    own: list[int] = []
    for index, position in enumerate(block.positions):
        if position not in one_is_blank:
            own.append(index)
            continue
        filled = [column for column, cell in enumerate(block.sheet.rows[position]) if not is_blank(cell)]
        text = plain_text(block.sheet.rows[position][filled[0]])
        if len(filled) > 1 or normal(text or "") not in themes:
            own.append(index)
            continue
        title, number, letter = block.sheet.title, block.number(index), block.sheet.letter(filled[0])
        expected = "a partnership: read as the heading of a section, and left out; a column Theme gives themes"
        problems.at(title, number, letter, text, expected, serious=False)
    return block.only(own)


def _set_theme(rows: Rows, first: int, theme: str, stated: Cells) -> None:
    """Give the partnerships from ``first`` on the theme of their tab, if they state none themselves."""
    blanks = [is_unknown(plain_text(raw) or "") for raw in stated.values]
    for index, code in enumerate(stated.codes, first):
        blank = blanks[code]
        for fact, is_stated in (("tab", False), ("theme", not blank)):
            if fact in rows.columns and not is_stated:
                rows.columns[fact][index] = theme
                rows.cells[index, fact] = rows.sheet[index].removesuffix("[]")


def _report_repeated_references(register: Rows, problems: Problems) -> None:
    for first, *others in repeated_references(register):
        for row in others:
            title = register.sheet[row]
            expected = f"a reference of its own: {register.cell(first, 'ref')} has the same"
            problems.at(
                title,
                register.row[row],
                register.letters.get((title, "ref"), ""),
                register.columns["ref"][row],
                expected,
            )


def _read_children(
    headed: HeadedSheet, rows: Rows, partnerships: Partnerships, vocabulary: Vocabulary, problems: Problems
) -> None:
    """Append the rows of a sheet whose partnership, council, year and cycle are certain; the others are problems."""
    block = data_rows(headed.sheet, headed.header, problems)
    owners = join(block, partnerships, problems)
    used = [index for index, owner in enumerate(owners) if owner is not None]
    if rows.table.shape is Shape.COUNCIL_YEAR:
        lines = lines_of(block.only(used), vocabulary, problems)
        used = [index for index, line in zip(used, lines, strict=True) if line is not None]
        rows.council += [line.council for line in lines if line is not None]
        rows.year += [line.year for line in lines if line is not None]
    elif rows.table.shape is Shape.CYCLE:
        cycles = cycles_of(block.only(used), problems)
        used = [index for index, cycle in zip(used, cycles, strict=True) if cycle is not None]
        rows.year += [cycle for cycle in cycles if cycle is not None]
    belonging = [owner for owner in map(owners.__getitem__, used) if owner is not None]
    append_block(rows, block.only(used), belonging, cell_readers(rows.table, vocabulary), problems)


def state_what_dates_say(rows: Rows) -> None:
    """The dates of an agreement say that there is one, and its end whether it states an end date, where blank."""
    for dated, said in said_by_dates(rows.table):
        known = rows.columns[said]
        for index, latest in enumerate(rows.columns[f"{dated}_hi"]):
            if latest is not None and known[index] is None:
                known[index] = said == "agreement_recorded" or latest != NO_END
                rows.cells[index, said] = rows.cell(index, dated)


def _missing(headed: Iterable[HeadedSheet], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The tables without a sheet; answers are not missed."""
    present = {sheet.table.name for sheet in headed}
    return tuple(
        table.name
        for table in vocabulary.tables.values()
        if table.name not in present and table.shape is not Shape.LONG
    )


def _absent(headed: Iterable[HeadedSheet], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The facts without a column on any sheet of their table; a sheet titled by a theme states the theme."""
    columns: dict[str, set[str]] = {}
    for sheet in headed:
        columns.setdefault(sheet.table.name, set()).update(sheet.header.columns, ["theme"] if sheet.theme else [])
    return tuple(
        fact.name
        for table in vocabulary.tables.values()
        if table.name in columns and table.shape is not Shape.LONG
        for fact in table.facts.values()
        if fact.heading and fact.name not in columns[table.name]
    )
