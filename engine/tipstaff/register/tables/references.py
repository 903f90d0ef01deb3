"""Keys: the reference of every partnership, and how rows of other tables find theirs."""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from tipstaff.facts.spellings import normal
from tipstaff.register.tables.model import Rows

_LONGEST_SLUG = 60
_DISTINGUISHING = ("theme", "partners", "purpose")
_NOT_SLUG = re.compile(r"[^0-9a-z]+")
_MOST_SUGGESTIONS = 200
_NEAR = 60


def slug(name: str) -> str:
    """A name as a reference: lower case, words joined by hyphens, at most 60 characters; ``unnamed`` without any."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    joined = _NOT_SLUG.sub("-", ascii_name).strip("-")
    return joined[:_LONGEST_SLUG].rstrip("-") or "unnamed"


def references(register: Rows) -> list[str]:
    """One reference a partnership: its own, otherwise a slug of its name.

    Those that meet take a short hash of theme, partners and purpose behind; where these meet too, one of the whole row,
    at need a long one; and exact twins a number. But for twins, the order of rows does not matter.
    """
    columns = register.columns
    own = [ref or slug(name or "") for ref, name in zip(columns["ref"], columns["name"], strict=True)]
    if len({*own}) == len(own):
        return own
    some = [columns[name] for name in _DISTINGUISHING if name in columns]
    all_columns = [columns[name] for name in sorted(columns)]
    found = list(own)
    for by, length in ((some, 6), (all_columns, 6), (all_columns, 64)):
        for rows in _meeting(found):
            for row in rows:
                found[row] = f"{own[row]}-{_digest([column[row] for column in by])[:length]}"
    return _numbered(found)


def repeated_references(register: Rows) -> list[list[int]]:
    """The groups of rows that state the same reference, each in order."""
    return _meeting([ref and spelling(ref) for ref in register.columns["ref"]])


def spelling(text: str) -> str:
    """The ``normal`` spelling, or, of a text in another script than Latin, the text itself without regard to case."""
    return normal(text) or text.casefold()


def _meeting(keys: Sequence[str | None]) -> list[list[int]]:
    if len({*keys}) == len(keys):
        return []
    groups: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        if key is not None:
            groups[key].append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


def _numbered(keys: list[str]) -> list[str]:
    """Number the second and later of equal keys, past every key there is."""
    taken = set(keys)
    last: dict[str, int] = {}
    found: list[str] = []
    for key in keys:
        unique = key
        if key in last:
            while unique in taken:
                last[key] += 1
                unique = f"{key}-{last[key]}"
            taken.add(unique)
        else:
            last[key] = 1
        found.append(unique)
    return found


def _digest(values: Sequence[object]) -> str:
    text = "\x1f".join("" if value is None else str(value) for value in values)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Match:
    """The partnership that is named, by position; otherwise what was expected instead."""

    partnership: int | None
    why: str = ""


class Partnerships:
    """The partnerships of a register, found by reference or by name."""

    def __init__(self, register: Rows, references: Sequence[str]) -> None:
        self._register = register
        self._references = references
        self._suggestions = 0
        self._known: dict[tuple[str, str], Match] = {}

    @cached_property
    def _by_reference(self) -> dict[str, list[int]]:
        """The rows of each reference, as a row states it and as it is known by."""
        found: dict[str, list[int]] = {}
        for row, (stated, reference) in enumerate(zip(self._register.columns["ref"], self._references, strict=True)):
            spelt = spelling(reference)
            if spelt:
                found.setdefault(spelt, []).append(row)
            if stated and stated != reference and (own := spelling(stated)) not in ("", spelt):
                found.setdefault(own, []).append(row)
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row, name in enumerate(self._register.columns["name"]):
            if name:
                found.setdefault(spelling(name), []).append(row)
        return found

    def find(self, reference: str, name: str) -> Match:
        """The partnership with this reference, or, if it is blank, with this name or with it as its reference."""
        key = (reference, name)
        if key not in self._known:
            self._known[key] = self._found(reference, name)
        return self._known[key]

    def _found(self, reference: str, name: str) -> Match:
        if not reference and not name:
            return Match(None, "the reference or the name of its partnership")
        if reference:
            rows = self._by_reference.get(spelling(reference), [])
            if len(rows) == 1:
                return Match(rows[0])
            why = "a reference that occurs once in the register" if rows else "a reference that the register has"
            return Match(None, why)
        rows = self._by_name.get(spelling(name), []) or self._by_reference.get(spelling(name), [])
        if len(rows) == 1:
            return Match(rows[0])
        if rows:
            return Match(None, f"a reference, as {len(rows)} partnerships have this name")
        return Match(None, f"a name that the register has{self._suggestion(name)}")

    def _suggestion(self, name: str) -> str:
        """The nearest name, in brackets; empty if none is near, or after many suggestions, as each is a search."""
        self._suggestions += 1
        if self._suggestions > _MOST_SUGGESTIONS:
            return ""
        near = process.extractOne(spelling(name[:200]), self._by_name.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR)
        return f' (the nearest is "{self._register.columns["name"][self._by_name[near[0]][0]]}")' if near else ""
