"""Titles: which sheet of a source states which table."""

from collections.abc import Sequence
from dataclasses import dataclass

from tipstaff.errors import UnreadableError
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Shape, Table, Vocabulary
from tipstaff.register.files.sheet import Sheet, is_blank
from tipstaff.register.tables.headings import JOIN_FACTS, Header, close_spelling, find_header, report_headings
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.returned_sheets import QUESTIONS, own_sheet

GUIDANCE = "Guidance"
"""The title of a sheet for people to read: it is not read here, and not missed."""

_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class HeadedSheet:
    """A sheet with the table it states, its heading row, and, of a sheet titled by a theme, the theme."""

    sheet: Sheet
    table: Table
    header: Header
    theme: str | None = None


def headed_sheets(sheets: Sequence[Sheet], name: str, vocabulary: Vocabulary, problems: Problems) -> list[HeadedSheet]:
    """The sheets of a register called ``name`` that can be read, in its order, at least one of the register's own.

    Titles decide. Of the sheets that tipstaff added to a returned workbook, the questions are read as answers, and the
    others are not part of the register. If no title names the register, the only sheet with the register's headings is
    the register. Raises UnreadableError if there is no such sheet.
    """
    register = vocabulary.table_of_shape(Shape.REGISTER)
    if register is None:
        raise ValueError("a vocabulary without a register")
    titles = _titles(vocabulary)
    found: list[HeadedSheet] = []
    others: list[tuple[Sheet, Header | None]] = []
    for sheet in sheets:
        if _is_guidance(sheet):
            continue
        if (own := own_sheet(sheet)) is not None:
            found += _questions(sheet, vocabulary) if own == QUESTIONS else []
            continue
        title = _title(sheet, titles, problems)
        if title is None:
            others.append((sheet, find_header(sheet, register, vocabulary)))
            continue
        table, theme = titles[title]
        header = find_header(sheet, table, vocabulary)
        if header is not None:
            found.append(HeadedSheet(sheet, table, header, theme))
        elif _is_blank(sheet):
            problems.with_sheet(sheet, "", "rows under headings: the sheet is blank", serious=False)
        else:
            problems.with_sheet(sheet, "", f"a row of headings such as {_headings(table)}: the sheet is not read")
    if not any(each.table is register for each in found):
        likely = [(sheet, header) for sheet, header in others if header is not None]
        if len(likely) != 1:
            raise UnreadableError(_no_register(sheets, name, vocabulary, register, len(likely)))
        sheet, header = likely[0]
        found.append(HeadedSheet(sheet, register, header))
        others.remove(likely[0])
        if sheet.name is not None:
            problems.with_sheet(sheet, sheet.name, "a title that is known: read as the register", serious=False)
    for sheet, header in others:
        if header is not None:
            expected = (
                f"the title of a theme, or {register.sheet}, as it has a register's headings: the sheet is not read"
            )
            problems.with_sheet(sheet, sheet.name, expected)
        elif not _is_blank(sheet):
            problems.with_sheet(sheet, sheet.name, "a title that is known: the sheet is not read", serious=False)
    for each in found:
        report_headings(each.sheet, each.header, each.table, vocabulary, problems)
    return found


def answer_sheets(sheets: Sequence[Sheet], name: str, vocabulary: Vocabulary, problems: Problems) -> list[HeadedSheet]:
    """The sheets of answers in a file of its own called ``name``. Raises UnreadableError if there is none."""
    table = vocabulary.table_of_shape(Shape.LONG)
    found: list[HeadedSheet] = []
    for sheet in sheets:
        header = find_header(sheet, table, vocabulary) if table is not None else None
        if table is not None and header is not None and {"fact", "value"} <= header.columns.keys():
            found.append(HeadedSheet(sheet, table, header))
            report_headings(sheet, header, table, vocabulary, problems)
        elif not (_is_blank(sheet) or _is_guidance(sheet) or own_sheet(sheet)):
            problems.with_sheet(sheet, sheet.name, "answers: the sheet is not read", serious=False)
    if not found:
        headings = f" It needs the headings {_headings(table)} and Name or Ref." if table is not None else ""
        raise UnreadableError(f"{name} holds no answers that can be recognised.{headings}")
    return found


def _titles(vocabulary: Vocabulary) -> dict[str, tuple[Table, str | None]]:
    """Tables, and themes of the register's sheets, by the ``normal`` spellings of titles."""
    found: dict[str, tuple[Table, str | None]] = {}
    for table in vocabulary.tables.values():
        for title in (table.sheet, table.name, *table.aliases):
            found.setdefault(normal(title), (table, None))
        if table.shape is Shape.REGISTER:
            for theme in vocabulary.themes:
                found |= {normal(spelling): (table, theme.name) for spelling in theme.spellings}
    return found


def _title(sheet: Sheet, titles: dict[str, tuple[Table, str | None]], problems: Problems) -> str | None:
    """The known title that a sheet has, exactly or by close spelling."""
    spelling = normal(sheet.name or "")
    if spelling in titles:
        return spelling
    meant = close_spelling(spelling, {title: title for title in titles}) if spelling else None
    if meant is not None:
        table, theme = titles[meant]
        problems.with_sheet(
            sheet, sheet.name, f'a title that is known: read as "{theme or table.sheet}"', serious=False
        )
    return meant


def _questions(sheet: Sheet, vocabulary: Vocabulary) -> list[HeadedSheet]:
    """The questions of a returned workbook, as a sheet of answers; empty if the policy has no such table."""
    table = vocabulary.table_of_shape(Shape.LONG)
    header = find_header(sheet, table, vocabulary) if table is not None else None
    return [HeadedSheet(sheet, table, header)] if table is not None and header is not None else []


def _is_guidance(sheet: Sheet) -> bool:
    return normal(sheet.name or "") == normal(GUIDANCE)


def _is_blank(sheet: Sheet) -> bool:
    return all(is_blank(cell) for row in sheet.rows for cell in row)


def _headings(table: Table) -> str:
    headings = [fact.heading for fact in table.facts.values() if fact.heading and fact.name not in JOIN_FACTS]
    return _listed(headings)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_LISTED])
    return f"{shown} and others" if len(names) > _MOST_LISTED else shown


def _no_register(sheets: Sequence[Sheet], name: str, vocabulary: Vocabulary, register: Table, likely: int) -> str:
    seen = _listed([f'"{sheet.name[:60]}"' for sheet in sheets if sheet.name is not None])
    themes = _listed([theme.name for theme in vocabulary.themes])
    name_heading = register.facts["name"].heading
    what = f"{likely} sheets that may be the register" if likely else "no register that can be recognised"
    return (
        f"{name} holds {what}{f' (its sheets: {seen})' if seen else ''}. Title the sheet {register.sheet}, "
        f"or one sheet a theme ({themes}), each with headings: {name_heading} and some of {_headings(register)}. "
        "A published list of grants has the headings Recipient Org:Name, Amount Awarded and Award Date."
    )
