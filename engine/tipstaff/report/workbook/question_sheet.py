"""The questions of an audit as a workbook to fill in, which the reader of answers takes back."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from openpyxl.utils import get_column_letter

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.questions.ranking import Question
from tipstaff.facts.spellings import normal
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Kind, Shape, Table, Vocabulary
from tipstaff.register.forms.answer_entries import Entry
from tipstaff.register.forms.guidance import drop_down, shown_as
from tipstaff.register.forms.workbook_writer import Book, Column, Value, advise
from tipstaff.register.tables.headings import BESIDE_ANSWERS, heading_spellings
from tipstaff.register.tables.sheet_titles import GUIDANCE
from tipstaff.report.wording.questions import Asked, by_officer, why

_WIDTHS = (10, 10, 26, 60, 26, 44)
_KEYS = {"ref": ("Ref", 12), "name": ("Partnership", 26)}
_TO_FILL_IN = ("value", "evidence")


def question_sheet(audit: Audit, questions: Sequence[Question]) -> bytes:
    """The workbook, as a file: a sheet of guidance, and one with a row an answer, by lead officer and question."""
    vocabulary = audit.pack.vocabulary
    asked = [one for group in by_officer(audit, questions).values() for one in group]
    book = Book(f"Questions on {audit.register.name}", audit.as_of)
    answers = vocabulary.table_of_shape(Shape.LONG)
    book.text(GUIDANCE, _guidance(audit, answers, [one for one in asked if one.entry is None]))
    if answers is not None:
        rows = [(one, one.entry) for one in asked if one.entry is not None]
        add_questions(book, answers.sheet, answers, rows, vocabulary)
    return book.data()


def add_questions(
    book: Book,
    title: str,
    answers: Table,
    rows: Sequence[tuple[Asked, Entry]],
    vocabulary: Vocabulary,
    answered: Sequence[Mapping[str, Value]] = (),
) -> None:
    """Add the sheet with a row an answer that is asked for.

    ``answered`` are the rows of an earlier such sheet that have been filled in, by the ``normal`` spellings of their
    headings; they come first, unchanged.
    """
    columns = question_columns(answers, vocabulary)
    kept = [[row.get(normal(column.heading), "") for column in columns] for row in answered]
    sheet = book.table(title, columns, [*kept, *(_row(one, entry, answers) for one, entry in rows)])
    letter = get_column_letter(len(columns) - len(answers.facts) + 1 + list(answers.facts).index("value"))
    places: dict[str, list[str]] = defaultdict(list)
    for row, (one, _) in enumerate(rows, 2 + len(kept)):
        sheet[f"{letter}{row}"].number_format = shown_as(one.question.fact)
        places[one.question.fact.name].append(f"{letter}{row}")
    asked = {one.question.fact.name: one for one, _ in rows}
    for name, cells in places.items():
        fact = asked[name].question.fact
        advise(sheet, cells, asked[name].allowed, drop_down(fact, vocabulary), strict=fact.kind is not Kind.COUNCILS)


def question_columns(answers: Table, vocabulary: Vocabulary) -> list[Column]:
    """The columns of the sheet."""
    beside = [Column(heading, width) for heading, width in zip(BESIDE_ANSWERS, _WIDTHS, strict=True)]
    keys = [_key(fact, answers, vocabulary) for fact in _KEYS]
    own = [Column(fact.heading, 24, fill_in=fact.name in _TO_FILL_IN) for fact in answers.facts.values()]
    return [*beside, *keys, *own]


def _key(fact: str, answers: Table, vocabulary: Vocabulary) -> Column:
    """The column that names a partnership, by the usual heading where the policy knows it."""
    heading, width = _KEYS[fact]
    spellings = heading_spellings(answers, vocabulary)
    if spellings.get(normal(heading)) != fact:
        register = vocabulary.table_of_shape(Shape.REGISTER)
        heading = register.facts[fact].heading if register is not None and fact in register.facts else heading
    return Column(heading, width)


def _row(one: Asked, entry: Entry, answers: Table) -> list[str]:
    cells = {"fact": entry.fact, **entry.keys}
    return [
        str(one.number),
        one.severity,
        one.officer,
        f"{one.name}: {one.text}",
        one.allowed,
        why(one),
        entry.ref,
        entry.name,
        *(cells.get(fact, "") for fact in answers.facts),
    ]


def _guidance(audit: Audit, answers: Table | None, elsewhere: Sequence[Asked]) -> Iterator[str]:
    yield f"Questions on {audit.register.name}, as of {show_date(audit.as_of)}"
    if answers is not None:
        value, evidence = (answers.facts[name].heading for name in _TO_FILL_IN)
        yield (
            f"On the sheet {answers.sheet}, write the answer under {value}, and under {evidence} its source: the "
            "agreement, a minute, the ledger. The other columns say what is asked, and why; leave them as they are."
        )
    yield 'Leave blank what you do not know. "None", "nil" and "never" are answers.'
    yield (
        "The questions to a lead officer are together, question by question, with a row for each partnership that a "
        "question is asked of. The question that settles most is no. 1; low numbers are worth answering first."
    )
    yield (
        "Then run tipstaff check with this file under --answers. An answer may open further questions: run tipstaff "
        "ask with this file under --answers, and add its new rows below these."
    )
    if elsewhere:
        yield "To be filled in on their own sheets, as several rows there may be meant:"
        for one in elsewhere:
            yield f"{one.officer}: {one.name}: {one.text} ({one.allowed})"
