"""The problems met on the way, in the order of the source."""

from collections.abc import Iterable

from tipstaff.register.files.sheet import Sheet, place, plain
from tipstaff.register.tables.model import Problem

MOST_PROBLEMS = 100_000
"""The most problems that are listed one by one."""

_LONGEST_SHOWN = 60
_ENCODING = "UTF-8: read as Windows-1252. Look at the letters with accents there, or save it as UTF-8"


def shortened(value: object) -> str:
    """A value short enough to show, on one line."""
    text = plain(str(value)[: 2 * _LONGEST_SHOWN])
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


class Problems:
    """Collects problems as they are met, and gives them sheet by sheet, row by row, column by column."""

    def __init__(self) -> None:
        self._order: dict[str, int] = {}
        self._met: list[tuple[tuple[int, int, int, str], Problem]] = []
        self._unlisted = 0
        self._withheld: dict[tuple[str, int], str] = {}

    def expect(self, sheets: Iterable[Sheet]) -> None:
        """Take the order of sheets, and say which were not in the encoding that they should be in."""
        for sheet in sheets:
            self._order.setdefault(sheet.title, len(self._order))
            if sheet.recoded:
                self.with_sheet(sheet, sheet.recoded, _ENCODING, serious=False)

    def withhold(self, title: str, number: int, why: str) -> None:
        """Show no value of a row from now on: its cells may be under the wrong headings."""
        self._withheld[title, number] = why

    def at(self, title: str, number: int, letter: str, value: object, expected: str, *, serious: bool = True) -> None:
        """Add a problem at a row of a sheet, or at one cell of it where ``letter`` is not empty."""
        key = (self._order.get(title, -1), number, len(letter), letter)
        value = self._withheld.get((title, number), value)
        self._add(key, Problem(place(title, number, letter), shortened(value), expected, serious))

    def with_sheet(self, sheet: Sheet, value: object, expected: str, *, serious: bool = True) -> None:
        """Add a problem with a sheet as a whole."""
        key = (self._order.get(sheet.title, -1), -2, 0, "")
        self._add(key, Problem(sheet.title.removesuffix("[]"), shortened(value), expected, serious))

    def _add(self, key: tuple[int, int, int, str], problem: Problem) -> None:
        if len(self._met) < MOST_PROBLEMS:
            self._met.append((key, problem))
        else:
            self._unlisted += 1

    def in_order(self, name: str) -> list[Problem]:
        """The problems, in the order of the source; last a count of those beyond ``MOST_PROBLEMS``, if any.

        ``name`` is that of the source.
        """
        listed = [problem for _, problem in sorted(self._met)]
        if self._unlisted:
            listed.append(Problem(name, f"{self._unlisted:,} further problems", "fewer: they are not listed"))
        return listed
