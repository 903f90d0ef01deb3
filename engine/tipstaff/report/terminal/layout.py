"""Layout: text made fit for a terminal: widths, wrapped paragraphs, tables, and nothing that a terminal would obey."""

import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence

from tabulate import tabulate

NARROWEST = 60
"""The narrowest that a report is laid out for."""

NO_TERMINAL = 100
"""The width if there is no terminal."""

_GAP = 2
_PADDING = 2
"""The width that tabulate leaves free beside a heading."""

_READABLE = 24
_NARROW = 6

Style = Callable[[str, str], str]
"""Sets off a text by its role: ``heading`` or a severity."""


def plain(role: str, text: str) -> str:
    """A Style that sets nothing off."""
    return text


def width_of_terminal() -> int:
    """The width to lay a report out for, in columns."""
    if not sys.stdout.isatty():
        return NO_TERMINAL
    return max(NARROWEST, shutil.get_terminal_size((NO_TERMINAL, 24)).columns)


def paragraph(text: str, width: int, indent: int = 0, label: str = "") -> list[str]:
    """A text wrapped, its lines indented; ``label`` is before the first."""
    first = f"{label:<{indent}}"
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=" " * indent)


def table(
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    wide: int,
    headers: Sequence[str] = (),
    indent: int = 0,
    most: int = 30,
) -> list[str]:
    """A table whose column ``wide`` takes what width the others leave; these wrap at ``most`` characters."""
    columns = range(len(rows[0]))
    natural = [max(len(line) for row in rows for line in (row[column].splitlines() or [""])) for column in columns]
    if headers:
        natural = [max(size, len(header) + _PADDING) for size, header in zip(natural, headers, strict=True)]
    widths = _fitted([min(size, most) for size in natural], wide, natural[wide], width - indent)
    # With a blank behind, which wrapping drops, tabulate takes no cell for a number or a yes/no to be said otherwise.
    laid = tabulate(
        [[f"{cell} " for cell in row] for row in rows],
        headers=headers,
        tablefmt="simple" if headers else "plain",
        maxcolwidths=widths,
        maxheadercolwidths=[size - _PADDING for size in widths],
        disable_numparse=True,
    )
    return [" " * indent + line.rstrip() for line in laid.splitlines()]


def _fitted(widths: list[int], wide: int, wanted: int, width: int) -> list[int]:
    """Widths of columns that fit together: ``wide`` takes what is left, and the widest of the others give way to it."""
    left = width - _GAP * (len(widths) - 1)
    others = [column for column in range(len(widths)) if column != wide]
    while sum(widths[column] for column in others) + min(wanted, _READABLE) > left:
        widest = max(others, key=lambda column: widths[column])
        if widths[widest] <= _NARROW:
            break
        widths[widest] -= 1
    widths[wide] = max(_NARROW, min(wanted, left - sum(widths[column] for column in others)))
    return widths
