"""The template: the workbook of a register without partnerships, made from what a policy declares.

A tab a theme has the register's own columns, and every other table has its sheet; each heading carries its question and
what may be written below it, and each column with choices a drop-down.
"""

from collections.abc import Iterator

from openpyxl.utils import get_column_letter

from tipstaff.facts.vocabulary import Fact, Kind, Shape, Table, Vocabulary
from tipstaff.register.forms.guidance import allowed_answers, drop_down, shown_as
from tipstaff.register.forms.workbook_writer import MOST_ROWS, Book, Column, advise
from tipstaff.register.tables.headings import JOIN_FACTS
from tipstaff.register.tables.sheet_titles import GUIDANCE

_ROWS = {
    Shape.REGISTER: "One row a partnership.",
    Shape.ONE: "One row a partnership, named by its reference or its name.",
    Shape.CURRENT: "A row for each of a partnership's agreements, old ones too: the one in force counts.",
    Shape.MANY: "A row for each of them; several rows may belong to one partnership.",
    Shape.CYCLE: "One row a partnership and cycle, such as 2017/18.",
    Shape.COUNCIL_YEAR: "A row for each council and financial year; without a year, a yearly rate.",
    Shape.LONG: "A row for each answer to a question about a partnership.",
}
_WIDE = {Kind.TEXT: 28, Kind.CHOICE: 22, Kind.COUNCILS: 28}


def template(vocabulary: Vocabulary, title: str) -> bytes:
    """The workbook, as a file. ``title`` is that of the policy."""
    book = Book(f"Partnership register: {title}")
    book.text(GUIDANCE, _guidance(vocabulary, title))
    for table in vocabulary.tables.values():
        for sheet, facts in _sheets(table, vocabulary):
            _add(book, sheet, facts, vocabulary)
    return book.data()


def _sheets(table: Table, vocabulary: Vocabulary) -> Iterator[tuple[str, list[Fact]]]:
    """The sheets of a table by title, with the facts of their columns; a tab of a theme needs no column for it."""
    headed = [fact for fact in table.facts.values() if fact.heading]
    if table.shape is not Shape.REGISTER:
        register = vocabulary.table_of_shape(Shape.REGISTER)
        keys = [register.facts[name] for name in JOIN_FACTS if name in register.facts] if register is not None else []
        yield table.sheet, [*(key for key in keys if key.heading and key.name not in table.facts), *headed]
    elif vocabulary.themes:
        for theme in vocabulary.themes:
            yield theme.name, [fact for fact in headed if fact.name != "theme"]
    else:
        yield table.sheet, headed


def _add(book: Book, title: str, facts: list[Fact], vocabulary: Vocabulary) -> None:
    sheet = book.table(
        title,
        [Column(fact.heading, _WIDE.get(fact.kind, 18), _note(fact, vocabulary), shown_as(fact)) for fact in facts],
    )
    for number, fact in enumerate(facts, 1):
        letter = get_column_letter(number)
        choices = drop_down(fact, vocabulary)
        cells = [f"{letter}2:{letter}{MOST_ROWS + 1}"]
        advise(sheet, cells, allowed_answers(fact, vocabulary), choices, strict=fact.kind is not Kind.COUNCILS)


def _note(fact: Fact, vocabulary: Vocabulary) -> str:
    """The question of a column, its type, and what may be written below its heading."""
    said = [fact.question, fact.guidance, f"Type: {fact.kind.value}. Write {allowed_answers(fact, vocabulary)}."]
    if fact.personal:
        said.append("Personal data: no report shows it.")
    return " ".join(part for part in said if part)


def _guidance(vocabulary: Vocabulary, title: str) -> Iterator[str]:
    yield f"Partnership register for the {title}"
    yield "Point at a heading to see its question and what may be written below it; some cells offer a list."
    yield 'A blank means that the answer is not known yet. "None", "nil" and "never" are answers.'
    yield "Sheets and columns that are of no use may stay blank. Do not change the headings."
    for table in vocabulary.tables.values():
        titles = [sheet for sheet, _ in _sheets(table, vocabulary)]
        named = titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"
        yield f"{named}: {_ROWS[table.shape]}"
    yield "Then: tipstaff validate register.xlsx, and tipstaff check register.xlsx"
