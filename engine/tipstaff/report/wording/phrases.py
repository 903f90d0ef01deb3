"""Phrases that every report shares: texts made safe to print, commands, places, lists cut to a cap."""

import shlex
from collections.abc import Iterable, Iterator, Sequence

from tipstaff.policy.language.english import listed

_LONGEST = 500


def shown(text: str, longest: int = _LONGEST) -> str:
    """A text of the register on one line, cut to ``longest`` characters, its control characters made visible."""
    line = " ".join(text[: 2 * longest].split())
    return visible(line if len(line) <= longest else line[: longest - 1] + "…")


def visible(text: str) -> str:
    """A text with its control characters made visible."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "�" for character in text)


def typed(*words: str) -> str:
    """The words of a command as they are typed, their control characters made visible: a file's name may have some."""
    return shlex.join(map(visible, words))


def place(cell: str, source: str) -> str:
    """A place in a file without the file's name if that is the source itself: ``row 212``, ``grants[3]``."""
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
