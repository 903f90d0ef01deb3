"""Layout: text made fit for a terminal: widths, wrapped paragraphs, tables, and nothing that a terminal would obey."""

import shlex
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from tabulate import tabulate

from tipstaff.policy.language.english import listed

NARROWEST = 60
"""The narrowest that a report is laid out for."""

NO_TERMINAL = 100
"""The width where there is no terminal."""

_GAP = 2
_PADDING = 2
"""What tabulate leaves free beside a heading."""

_LONGEST = 500
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


def shown(text: str, longest: int = _LONGEST) -> str:
    """A text of the register on one line, cut to ``longest`` characters, its control characters made visible."""
    line = " ".join(text[: 2 * longest].split())
    return visible(line if len(line) <= longest else line[: longest - 1] + "…")


def typed(*words: str) -> str:
    """The words of a command as they are typed, their control characters made visible: a file's name may have some."""
    return shlex.join(map(visible, words))


def visible(text: str) -> str:
    """A text with its control characters made visible."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "�" for character in text)


def place(cell: str, source: str) -> str:
    """A place in a file without the file's name where that is the source itself: ``row 212``, ``grants[3]``."""
    name, _, rest = cell.partition(":") if cell.startswith(f"{source}:") else ("", "", cell)
    return f"row {rest}" if name and rest.isdigit() else rest


def on_sheets(cells: Iterable[str]) -> Iterator[str]:
    """``Economy!E9``, ``J9``: a sheet said once for the cells on it that follow one another."""
    last = ""
    for cell in cells:
        sheet, mark, place = cell.rpartition("!")
        yield place if mark and sheet == last else cell
        last = sheet


def many(count: int, thing: str) -> str:
    """``1 rule``, ``1,200 rules``."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def run_of(rules: Sequence[str]) -> str:
    """``AGR-05 to 08, AGR-11 and 13``: rule ids, three or more in a row said by the first and the last."""
    runs: list[tuple[str, list[str]]] = []
    for rule in rules:
        series, _, number = rule.rpartition("-")
        if runs and runs[-1][0] == series and int(number) == int(runs[-1][1][-1]) + 1:
            runs[-1][1].append(number)
        else:
            runs.append((series, [number]))
    said: list[str] = []
    before = ""
    for series, numbers in runs:
        head = f"{series}-" if series != before else ""
        said += [f"{head}{numbers[0]} to {numbers[-1]}"] if len(numbers) > 2 else [head + numbers[0], *numbers[1:]]
        before = series
    return listed(said, "and")


def paragraph(text: str, width: int, indent: int = 0, label: str = "") -> list[str]:
    """A text wrapped, its lines indented but for ``label``, which stands before the first."""
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
