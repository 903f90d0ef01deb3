"""Markdown: a document in GitHub's flavour. No text in it makes a link, HTML, a list or another cell."""

import re
from collections.abc import Iterator

from tipstaff.report.paper.document import (
    STRONG,
    TO_FILL_IN,
    Block,
    Bullets,
    Cell,
    Document,
    Heading,
    Line,
    Numbered,
    Paragraph,
    Table,
    lines_of,
    words,
)

_MARKS = re.compile(r"[\\`*_\[\]<>&|~$#]|/(?=/)|(?<=\w)\.(?=[^\W\d_])")
"""Characters that may begin a mark or be part of a web address, anywhere in a line."""

_OPENING = re.compile(r"^(?:[+=-]|\d+(?=[.)]))")
"""Characters that may begin a list, or underline a heading, at the beginning of a line."""

_ADDRESS = re.compile(r"(?<=[\w.+-])@(?=[\w.-])")
_NOTHING = "<!-- -->"
"""Parts what would be read as one address, and is not shown."""


def markdown(document: Document) -> Iterator[str]:
    """The document as Markdown, block by block."""
    for part in document.parts:
        for block in part.blocks:
            yield from _block(block)
            yield "\n"


def escaped(text: str) -> str:
    """A text on one line as Markdown that shows just that text, at any place of a line."""
    marked = _MARKS.sub(r"\\\g<0>", text)
    opening = _OPENING.match(marked)
    if opening is not None:
        end = opening.end()
        marked = f"\\{marked}" if not opening[0].isdigit() else f"{marked[:end]}\\{marked[end:]}"
    return _ADDRESS.sub(f"{_NOTHING}@", marked)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(level=level, text=text):
            yield f"{'#' * (level + 1)} {_line(text)}\n"
        case Paragraph(line=line, number=number):
            yield f"{number} {_line(line)}\n" if number else f"{_line(line)}\n"
        case Bullets(items=items):
            yield from (f"- {_line(item)}\n" for item in items)
        case Numbered(items=items):
            for place, one in enumerate(items, 1):
                yield f"{place}. {_line(one.line)}\n"
                yield from (f"{' ' * len(f'{place}. ')}- {_line(point)}\n" for point in one.points)
        case Table():
            yield from _table(block)


def _table(table: Table) -> Iterator[str]:
    yield _row(table.headings)
    yield f"|{'|'.join(' ---: ' if table.figures(column) else ' --- ' for column in range(len(table.headings)))}|\n"
    yield from map(_row, table.rows)


def _row(cells: tuple[Cell, ...]) -> str:
    return f"| {' | '.join('<br>'.join(map(_line, lines_of(cell))) for cell in cells)} |\n"


def _line(line: Line) -> str:
    return "".join(
        f"**{escaped(one.text)}**" if one.text and one.role in (STRONG, TO_FILL_IN) else escaped(one.text)
        for one in words(line)
    )
