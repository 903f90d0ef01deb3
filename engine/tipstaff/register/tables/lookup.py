"""Lookup: the partnership that an officer means by a reference or a name."""

from dataclasses import dataclass

from rapidfuzz import fuzz, process

from tipstaff.facts.vocabulary import Shape
from tipstaff.register.tables.model import Register
from tipstaff.register.tables.references import spelling

LONGEST = 200
"""The most characters of a name that are compared."""

_LIKELY = 80
_MARGIN = 5
_SIMILAR = 55
_MOST_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Match:
    """The partnerships that a text may mean, by position, likeliest first; it is found if there is just one."""

    positions: tuple[int, ...]
    exact: bool
    """Whether reference or name is as the register has it, but for case, accents and punctuation."""

    @property
    def found(self) -> bool:
        return len(self.positions) == 1


def names(register: Register) -> list[str]:
    """The name of every partnership, in register order; blank if it has none."""
    rows = next(rows for rows in register.tables.values() if rows.table.shape is Shape.REGISTER)
    return [name or "" for name in rows.columns["name"]]


def find(register: Register, text: str) -> Match:
    """Find a partnership by reference, by name, or by a near name. Several candidates are for the officer to choose."""
    called = names(register)
    literal = [place for place, name in enumerate(called) if text in (name, register.refs[place])]
    if len(literal) == 1:
        return Match((literal[0],), exact=True)
    wanted = spelling(text[:LONGEST])
    spellings = [spelling(name[:LONGEST]) for name in called]
    same = [
        place for place, name in enumerate(spellings) if wanted and wanted in (name, spelling(register.refs[place]))
    ]
    if same:
        return Match(tuple(same), exact=True)
    return Match(_near(wanted, spellings), exact=False)


def _near(wanted: str, spellings: list[str]) -> tuple[int, ...]:
    ranked = process.extract(
        wanted, dict(enumerate(spellings)), scorer=fuzz.WRatio, score_cutoff=_SIMILAR, limit=_MOST_CANDIDATES
    )
    clear = ranked and ranked[0][1] >= _LIKELY and (len(ranked) == 1 or ranked[1][1] < ranked[0][1] - _MARGIN)
    return tuple(position for _, _, position in (ranked[:1] if clear else ranked))
