"""Beneficiaries: which organisations receive what the partnerships are given, each known across all its partnerships.

Rows of the table of organisations are of one beneficiary where they have the same number (of the same register), or
the same name and no contrary number. Names that are merely alike are proposed, and never taken to be the same. Where a
partnership has no such row, or its only one has no name, the register itself names the beneficiary.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from tipstaff.facts.vocabulary import Kind, Shape, normal
from tipstaff.policy.pack import Pack, Recipients
from tipstaff.register.keys import spelling
from tipstaff.register.model import Register
from tipstaff.register.organisations import joined

NEAR = 90
"""From this likeness on, of a hundred, two names may be one organisation."""

LONGEST = 200
"""The most characters of a name that are compared."""

MOST_IN_BLOCK = 1_000
"""The most names, of those with one first letter, that are each set against all others."""


@dataclass(frozen=True, slots=True)
class Beneficiaries:
    """The beneficiaries of a register, by number from nought.

    ``links`` has a row for each partnership and each of its beneficiaries: ``partnership``, ``beneficiary``, whether
    it surely ``receives`` money of it, and whether it ``alone`` does. ``facts`` has a row a beneficiary: the yes/no
    facts of its rows, yes where any row says so and no where all do.
    """

    names: tuple[str, ...]
    rows: Mapping[int, tuple[int, ...]]
    """The rows of the table of organisations, by beneficiary."""
    links: pl.DataFrame
    facts: pl.DataFrame
    near: tuple[tuple[int, int], ...]
    """Pairs that may be the same, in order."""


def beneficiaries(register: Register, pack: Pack, to: Recipients) -> Beneficiaries:
    """The beneficiaries that the partnerships of a register name."""
    rows = register.tables[to.table]
    own = next(one for one in register.tables.values() if one.table.shape is Shape.REGISTER)
    names = [list(own.columns[fact]) for fact in to.otherwise]
    owners = list(rows.partnership)
    of_partnership: dict[int, list[int]] = defaultdict(list)
    for index, partnership in enumerate(owners):
        of_partnership[partnership].append(index)
    without = [place for place in range(len(own)) if place not in of_partnership]

    def named_by_register(place: int) -> str:
        return next((column[place] for column in names if column[place]), "")

    fallback = [named_by_register(place) for place in without]
    numbers = list(zip(*([_digits(text or "") for text in rows.columns[fact]] for fact in to.numbered_by), strict=True))
    called = [
        name or (named_by_register(place) if len(of_partnership[place]) == 1 else "")
        for name, place in zip(rows.columns[to.named_by], owners, strict=True)
    ]
    places = [*owners, *without]
    apart = [register.apart[place] if register.apart else 0 for place in places]
    keys = [
        frozenset((group, kind, number) for kind, number in enumerate(own) if number)
        for group, own in zip(apart, [*numbers, *([] for _ in without)], strict=True)
    ]
    spelt = [(group, spelling(name)) if name else None for group, name in zip(apart, [*called, *fallback], strict=True)]
    groups = [index if first is None else first for index, first in enumerate(joined(keys, spelt))]
    place_of = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    number_of = [place_of[group] for group in groups]

    shown: dict[int, str] = {}
    kept_apart: dict[int, int] = {}
    for number, name, group in zip(number_of, [*called, *fallback], apart, strict=True):
        shown.setdefault(number, name or "an organisation without a name")
        kept_apart[number] = group
    names_of: list[list[str]] = [[] for _ in place_of]
    for number, name in dict.fromkeys(zip(number_of, [*called, *fallback], strict=True)):
        names_of[number].append(name)
    by_beneficiary: dict[int, list[int]] = defaultdict(list)
    for index in range(len(rows)):
        by_beneficiary[number_of[index]].append(index)
    receives = list(rows.columns[to.receives])
    links = [
        link
        for partnership, indices in of_partnership.items()
        for link in _links(partnership, indices, number_of, receives)
    ]
    links += [(place, number_of[len(rows) + at], True, True) for at, place in enumerate(without)]
    schema = {"partnership": pl.UInt32, "beneficiary": pl.UInt32, "receives": pl.Boolean, "alone": pl.Boolean}
    count = len(place_of)
    return Beneficiaries(
        names=tuple(shown[number] for number in range(count)),
        rows={number: tuple(indices) for number, indices in by_beneficiary.items()},
        links=pl.DataFrame(links, schema=schema, orient="row").sort("partnership", "beneficiary"),
        facts=_facts(rows, by_beneficiary, count),
        near=_near(
            names_of,
            [kept_apart[number] for number in range(count)],
            _kinds(numbers, number_of, count),
        ),
    )


def _links(
    partnership: int, indices: Sequence[int], number_of: Sequence[int], receives: Sequence[bool | None]
) -> Iterable[tuple[int, int, bool, bool]]:
    """The beneficiaries of a partnership: its only organisation, else those that are not said to receive nothing."""
    may = [index for index in indices if receives[index] is not False]
    found = dict.fromkeys(number_of[index] for index in may)
    told = {number_of[index] for index in may if receives[index]}
    for number in found:
        yield partnership, number, number in told or len(found) == 1, len(found) == 1


def _digits(number: str) -> str:
    """A charity or company number as it is compared: without spaces, marks and leading noughts."""
    return normal(number).replace(" ", "").lstrip("0")


def _facts(rows: Any, by_beneficiary: Mapping[int, Sequence[int]], count: int) -> pl.DataFrame:
    """The yes/no facts of every beneficiary: yes where any of its rows says so, no where all of them do."""
    columns: dict[str, list[bool | None]] = {}
    for fact in rows.table.facts.values():
        if fact.kind is not Kind.YES_NO:
            continue
        column = list(rows.columns[fact.name])
        told = [[column[index] for index in by_beneficiary.get(number, ())] for number in range(count)]
        columns[fact.name] = [True if True in one else None if None in one or not one else False for one in told]
    return pl.DataFrame(
        {"beneficiary": range(count), **columns},
        schema={"beneficiary": pl.UInt32, **dict.fromkeys(columns, pl.Boolean)},
    )


def _kinds(numbers: Sequence[Sequence[str]], number_of: Sequence[int], count: int) -> list[frozenset[int]]:
    """The kinds of number that are known of every beneficiary."""
    found: list[set[int]] = [set() for _ in range(count)]
    for index, own in enumerate(numbers):
        found[number_of[index]] |= {kind for kind, number in enumerate(own) if number}
    return [frozenset(kinds) for kinds in found]


def _near(
    names: Sequence[Sequence[str]], apart: Sequence[int], kinds: Sequence[frozenset[int]]
) -> tuple[tuple[int, int], ...]:
    """The pairs of which some names are alike, less those that have numbers of one kind, which then differ."""
    blocks: dict[tuple[int, str], dict[str, dict[frozenset[int], list[int]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for number, own_names in enumerate(names):
        for spelt in dict.fromkeys(normal(name[:LONGEST]) for name in own_names):
            for first in dict.fromkeys((min(spelt.split())[:1], spelt[:1])) if spelt else ():
                blocks[apart[number], first][spelt][kinds[number]].append(number)
    found: set[tuple[int, int]] = set()
    for members in blocks.values():
        others = sorted(members)
        in_order = [" ".join(sorted(spelt.split())) for spelt in others]
        for at, own in enumerate(others[:MOST_IN_BLOCK]):
            alike = process.extract(in_order[at], in_order[at:], scorer=fuzz.ratio, score_cutoff=NEAR, limit=None)
            found |= {
                (min(one, other), max(one, other))
                for _, _, beyond in alike
                for (own_kinds, ones), (other_kinds, more) in product(
                    members[own].items(), members[others[at + beyond]].items()
                )
                if not own_kinds & other_kinds
                for one, other in product(ones, more)
                if one != other
            }
    return tuple(sorted(found))
