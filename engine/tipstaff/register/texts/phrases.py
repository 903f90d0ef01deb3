"""Shared by both text grammars: cutting a text into the longest known phrases, and reading counts and terms."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from tipstaff.facts.periods import Period, read_period
from tipstaff.facts.spellings import normal
from tipstaff.facts.units import to_hundredths

Symbol = TypeVar("Symbol")

MOST_CHARACTERS = 500
"""Longer texts are not read."""

_PIECE = re.compile(r"£ ?[0-9]+(?:,[0-9]+)*(?:\.[0-9]+)?|[0-9]+(?:,[0-9]+)*(?:\.[0-9]+)?|[^\W\d_]+|\S")
_LONGEST_PHRASE = 100
_BREAKS = frozenset(",;:()+")

COUNTS = {
    word: count * 100
    for count, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
} | {"a": 100, "half": 50, "half a": 50, "½": 50}
_TERM = re.compile(
    r"(?P<count>[a-z]+|[0-9]{1,3}) ?-?(?P<unit>years?|yrs?|months?|mths?|weeks?|days?)(?: period| term)?"
)
_UNITS = {"y": "years", "m": "months", "w": "weeks", "d": "days"}


class Phrases(Generic[Symbol]):
    """The pieces that texts are cut into: phrases known by their keys, and figures.

    Every figure begins with a digit, or with one of the words or marks of ``leads`` (``3 years``, ``threeyears``).
    """

    def __init__(
        self,
        known: Mapping[str, Symbol],
        figure: Callable[[str], Symbol | None],
        leads: frozenset[str],
        most_pieces: int,
    ) -> None:
        self._known, self._figure, self._most_pieces = known, figure, most_pieces
        longer = (first[0] for key in known if (first := _PIECE.match(key)) is not None and first[0] != key)
        self._met: dict[str, Symbol] = {}
        self._known_begin = {"/", *map(_lead, longer)}
        self._figures_begin = (*"0123456789", *leads)

    def cut(self, text: str) -> Iterator[tuple[int, int, Symbol | None]]:
        """Cut a text into phrases, each the longest of so many words, numbers and marks that is recognised.

        Yields where each phrase starts and ends, and its symbol; None of a single piece that begins nothing recognised.
        """
        spans = [match.span() for match in _PIECE.finditer(text)]
        begun_by_pieces = text.replace("£", "").isascii()  # else marks of a letter are pieces that spelling leaves out
        position = 0
        while position < len(spans):
            start, first_end = spans[position]
            piece = text[start:first_end].lower()
            known = not begun_by_pieces or _lead(piece) in self._known_begin
            figure = not begun_by_pieces or piece.startswith(self._figures_begin)
            following = spans[position : position + (self._most_pieces if known or figure else 1)]
            for size in range(len(following), 0, -1):
                end = following[size - 1][1]
                if end - start > _LONGEST_PHRASE or not (size == 1 or text[end - 1].isalnum()):
                    continue
                phrase = text[start:end]
                symbol = self._met.get(phrase)
                if symbol is None and (known or size == 1):
                    symbol = self._known.get(phrase_key(phrase))
                if symbol is None and figure:
                    symbol = self._figure(phrase)
                if symbol is not None:
                    self._met[phrase] = symbol
                    yield start, end, symbol
                    position += size
                    break
            else:
                yield start, first_end, None
                position += 1


def _lead(piece: str) -> str:
    """The key of phrases that may begin with a piece: the word, or the first character of a number or a mark."""
    return piece if piece[0].isalpha() else piece[0]


def phrase_key(phrase: str) -> str:
    """The key of a phrase in a table: its ``normal`` spelling, a "/" before it as "per"; a mark is its own key."""
    if phrase[0] == "/" and len(phrase) > 1:
        return f"per {normal(phrase)}"
    if not phrase[0].isalnum() or not _BREAKS.isdisjoint(phrase):
        return phrase
    return normal(phrase)


def read_count(text: str) -> int | None:
    """A count in hundredths: ``2``, ``3.5``, ``half``, ``twelve``. The text is folded. None if it is not one."""
    return COUNTS.get(text) if not text[:1].isdigit() else to_hundredths(text)


def read_term(text: str) -> Period | None:
    """A length of time: ``3 years``, ``3yrs``, ``three-year period``. The text is folded. None if it is not one."""
    match = _TERM.fullmatch(text)
    if match is None:
        return None
    count = read_count(match["count"])
    if count is None or count % 100:
        return None
    return read_period(f"{count // 100} {_UNITS[match['unit'][0]]}")
