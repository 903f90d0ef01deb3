"""Organisations: which names and numbers in a list are of one organisation. Only exact keys join; near names never do.

An organisation identifier of the register of charities or of companies (GB-CHC-1146058, GB-COH-07597525; see
org-id.guide) is the number it ends with.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

from tipstaff.register.tables.references import spelling
from tipstaff.register.texts.answer_words import NONE, UNKNOWN

MOST_COMPARED = 2_000
"""The most organisations of which near names are looked for."""

_CLOSE = 88
_CLOSE_WORDS = 80
_DIGITS = re.compile(r"[0-9]+")
_CHARITY = re.compile(r"0*([1-9][0-9]{4,7}(?:-[0-9]{1,3})?)|((?:SC|NIC|NI)[0-9]{3,6})")
_COMPANY = re.compile(r"0*([1-9][0-9]{3,7})|([A-Z]{2}[0-9]{5,6}|[A-Z]{2}[0-9]{4,5}R)")
_NOTHING = NONE | UNKNOWN | {"", "0", "exempt", "not registered"}
_SCHEME = re.compile(r"GB-(CHC|SC|NIC|COH)-(.+)")


def charity_number(text: str) -> str | None:
    """A charity number in one spelling: ``1146058``, ``SC012345``, ``NIC100012``. None if it is not one."""
    match = _CHARITY.fullmatch(_compact(text))
    return match and (match[1] or match[2])


def company_number(text: str) -> str | None:
    """A company number in eight characters: ``07597525`` of ``7597525``, ``SC123456``. None if it is not one."""
    match = _COMPANY.fullmatch(_compact(text))
    if match is None:
        return None
    return match[1].zfill(8) if match[1] else match[2]


def numbers_in(identifier: str) -> tuple[str | None, str | None]:
    """The charity and the company number that an organisation identifier is, if it is one of them."""
    match = _SCHEME.fullmatch(_compact(identifier))
    if match is None:
        return None, None
    if match[1] == "COH":
        return None, company_number(match[2])
    prefix = "" if match[1] == "CHC" or match[2].startswith(match[1]) else match[1]
    return charity_number(prefix + match[2]), None


def says_nothing(text: str | None) -> bool:
    """Whether a number or an identifier is blank, or a word for having none ("n/a", "exempt")."""
    return text is None or spelling(text) in _NOTHING or not any(map(str.isalnum, text))


K = TypeVar("K", bound=Hashable)


class Groups(Generic[K]):
    """Groups of members that belong together, given pair by pair. Each group has a leader."""

    def __init__(self) -> None:
        self._leader: dict[K, K] = {}

    def leader(self, key: K) -> K:
        """The leader of the group that one belongs to, at first itself."""
        while self._leader.setdefault(key, key) != key:
            self._leader[key] = self._leader[self._leader[key]]
            key = self._leader[key]
        return key

    def join(self, one: K, other: K) -> None:
        """Put the group of the other to that of the one, which leads both."""
        self._leader[self.leader(other)] = self.leader(one)

    def __iter__(self) -> Iterator[K]:
        """All members given so far."""
        return iter(self._leader)


def joined(keys: Sequence[Collection[Hashable]], names: Sequence[Hashable | None]) -> list[int | None]:
    """The organisation of each row, as the first row of it; None for a row without key or name.

    ``names`` are what the names are compared by, such as their ``spelling``. Rows that share a key are one
    organisation, and so in turn are those that share one with any of these. A row without a key is the organisation of
    its name, if there is just one of that name.
    """
    groups: Groups[Hashable] = Groups()
    for own in keys:
        first, *others = own or (None,)
        for other in others:
            groups.join(first, other)
    of_key = [groups.leader(next(iter(own))) if own else None for own in keys]
    named: dict[Hashable, set[Hashable]] = defaultdict(set)
    for organisation, name in zip(of_key, names, strict=True):
        if organisation is not None and name is not None:
            named[name].add(organisation)
    firsts: dict[Hashable, int] = {}
    found: list[int | None] = []
    for index, (organisation, name) in enumerate(zip(of_key, names, strict=True)):
        if organisation is None and name is not None:
            same = named[name]
            organisation = next(iter(same)) if len(same) == 1 else ("name", name)
        found.append(None if organisation is None else firsts.setdefault(organisation, index))
    return found


def usual(values: Iterable[str | None]) -> str | None:
    """The value stated most often, case and punctuation aside; of several the first by its letters. None if none is."""
    counts = Counter(value for value in values if value)
    alike: Counter[str] = Counter()
    for value, count in counts.items():
        alike[spelling(value)] += count
    return min(counts, key=lambda value: (-alike[spelling(value)], -counts[value], value)) if counts else None


def near_names(names: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of names that may be one, the earlier first.

    They are spelt alike, with the same numbers in them, and word by word too: Ashton Park is not nearly Walton Park.
    """
    spellings = [spelling(name[:200]) for name in names]
    digits = [_DIGITS.findall(text) for text in spellings]
    pairs: list[tuple[int, int]] = []
    for index, text in enumerate(spellings):
        later = dict(enumerate(spellings[index + 1 :], index + 1))
        close = process.extract(text, later, scorer=fuzz.ratio, score_cutoff=_CLOSE, limit=None)
        pairs += sorted(
            (index, other)
            for spelt, _, other in close
            if digits[index] == digits[other] and _may_be_one(text.split(), spelt.split())
        )
    return pairs


def _may_be_one(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether the words that only one of two names has are none, or spelt like those that only the other has."""
    left = " ".join(word for word in words if word not in others)
    right = " ".join(word for word in others if word not in words)
    return not left or not right or fuzz.ratio(left, right) >= _CLOSE_WORDS


def _compact(text: str) -> str:
    return "".join(text.upper().split())[:60]
