"""The current agreement, against every world that its dates allow.

A world picks a start and an end within the bounds, in order. In it the current agreement is the one in force with the
latest start, else the latest ended, else the earliest to come; ties are all current.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.registers import Partnership, amount, register
from tipstaff.audit.gathering.facts import gather
from tipstaff.facts.bounds import NEVER, NO_END
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack

AS_OF, CYCLE = date(2016, 8, 4), FinancialYear(2017)
Dates = tuple[date | None, date | None, date | None, date | None]
"""From when to when it may start, and from when to when it may end; None where nothing is known."""
DAYS = [AS_OF + timedelta(days=step) for step in (-400, -2, -1, 0, 1, 2, 400)]
BEYOND = date(3500, 1, 1)


def picked(world: Sequence[tuple[date, date]]) -> set[int]:
    """The current agreements of one world."""
    in_force = {i: start for i, (start, end) in enumerate(world) if start <= AS_OF <= end}
    if in_force:
        return {i for i, start in in_force.items() if start == max(in_force.values())}
    ended = {i: end for i, (_, end) in enumerate(world) if end < AS_OF}
    if ended:
        return {i for i, end in ended.items() if end == max(ended.values())}
    to_come = {i: start for i, (start, _) in enumerate(world)}
    return {i for i, start in to_come.items() if start == min(to_come.values())}


def worlds_of(dates: Dates) -> list[tuple[date, date]]:
    """The starts and ends in order that an agreement may have, of the days that matter."""
    start_lo, start_hi, end_lo, end_hi = (
        dates[0] or NEVER, dates[1] or BEYOND, dates[2] or NEVER, dates[3] or BEYOND,
    )  # fmt: skip
    points = sorted({*DAYS, *(day for day in dates if day is not None), NEVER, BEYOND})
    return [
        (start, end)
        for start, end in product(points, points)
        if start_lo <= start <= start_hi and end_lo <= end <= end_hi and start <= end
    ]


def found(pack: Pack, groups: Sequence[Sequence[Dates]]) -> tuple[list[set[int]], Any]:
    """The rows of each partnership that may be current, and its facts."""
    partnerships = [
        Partnership(
            {}, {"agreements": [
                amount("agreement_start", start_lo, start_hi)
                | amount("agreement_end", end_lo, end_hi)
                | {"signed": bool(index % 2)}
                for index, (start_lo, start_hi, end_lo, end_hi) in enumerate(group)
            ]},
        )
        for group in groups
    ]  # fmt: skip
    facts = gather(register(pack, partnerships), pack, AS_OF, CYCLE)
    rows = facts.rows["agreements"].sort("index")
    possible: list[set[int]] = [set() for _ in groups]
    seen = [0] * len(groups)
    for partnership, may_be in zip(rows["partnership"], rows["possible"], strict=True):
        if may_be:
            possible[partnership].add(seen[partnership])
        seen[partnership] += 1
    return possible, facts.frame


def bounds(draw: random.Random) -> tuple[date | None, date | None]:
    lo, hi = sorted((draw.choice(DAYS), draw.choice(DAYS)))
    return draw.choice(((lo, lo), (lo, lo), (lo, hi), (lo, None), (None, None), (None, hi)))


def agreement(draw: random.Random) -> Dates:
    while True:
        start, end = bounds(draw), bounds(draw)
        if draw.random() < 0.15:
            end = (NO_END, NO_END)
        if worlds_of((*start, *end)):
            return (*start, *end)


@settings(max_examples=6)
@given(st.integers(0, 2**32))
def test_every_agreement_that_some_world_picks_may_be_current(pack: Pack, seed: int) -> None:
    draw = random.Random(seed)
    groups = [[agreement(draw) for _ in range(draw.choice((1, 2, 2, 3)))] for _ in range(60)]
    possible, frame = found(pack, groups)
    for position, group in enumerate(groups):
        seen: set[int] = set()
        ends: set[date] = set()
        for world in product(*(draw.sample(one, min(len(one), 14)) for one in map(worlds_of, group))):
            now = picked(world)
            seen |= now
            ends |= {world[row][1] for row in now}
        assert seen <= possible[position], (group, seen, possible[position])
        lo, hi = frame["agreement_end_lo"][position], frame["agreement_end_hi"][position]
        assert lo <= min(ends), (group, lo, ends)
        assert hi is None or hi >= max(ends), (group, hi, ends)
        signed = frame["signed"][position]
        assert signed is None or {bool(row % 2) for row in seen} == {signed}, (group, seen, signed)


@settings(max_examples=6)
@given(st.integers(0, 2**32))
def test_of_known_dates_exactly_the_pick_is_current(pack: Pack, seed: int) -> None:
    draw = random.Random(seed)
    groups = []
    for _ in range(150):
        pairs = [sorted((draw.choice(DAYS), draw.choice([*DAYS, NO_END]))) for _ in range(draw.choice((1, 2, 3, 4)))]
        groups.append([(start, start, end, end) for start, end in pairs])
    possible, frame = found(pack, groups)
    for position, group in enumerate(groups):
        expected = picked([(start, end) for start, _, end, _ in group])
        assert possible[position] == expected, group
        ends = {group[row][2] for row in expected}
        assert (frame["agreement_end_lo"][position], frame["agreement_end_hi"][position]) == (min(ends), max(ends))


P, T, N = AS_OF - timedelta(days=400), AS_OF, AS_OF + timedelta(days=400)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        pytest.param([(P, P, T, T), (T, T, N, N)], {1}, id="ends today and starts today are both in force"),
        pytest.param([(P, P, NO_END, NO_END), (T, T, N, N)], {1}, id="no end, with an earlier start"),
        pytest.param([(P, P, P, P), (N, N, NO_END, NO_END)], {0}, id="the latest ended comes before the next"),
        pytest.param([(N, N, N, N), (N, N, NO_END, NO_END)], {0, 1}, id="ties are all current"),
        pytest.param([(P, P, N, N), (None, None, None, None)], {0, 1}, id="blank dates may be anything"),
        pytest.param([(N, N, N, N), (None, None, None, None)], {0, 1}, id="blank dates beside one to come"),
        pytest.param([(None, None, None, None)], {0}, id="alone"),
        pytest.param([(P, P, None, None), (T, T, N, N)], {1}, id="beaten whatever its end"),
        pytest.param([(P, None, N, N), (T, T, N, N)], {0, 1}, id="in force since when is not known"),
    ],
)
def test_current_agreements(pack: Pack, group: list[Dates], expected: set[int]) -> None:
    assert found(pack, [group])[0] == [expected]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        pytest.param([(P, P, P, P), (T, T, None, None)], {1}, id="one ran out, the next started and its end is blank"),
        pytest.param(
            [(P, P, P, P), (N, N, None, None)], {0}, id="one ran out, the next is to come and its end is blank"
        ),
    ],
)
def test_an_agreement_cannot_have_ended_before_it_started(pack: Pack, group: list[Dates], expected: set[int]) -> None:
    assert found(pack, [group])[0] == [expected]


def test_without_agreements_nothing_is_known(pack: Pack) -> None:
    frame = found(pack, [[]])[1]
    assert frame["signed"][0] is None
    assert frame["formal_agreement"][0] is None
    assert (frame["agreement_end_lo"][0], frame["agreement_end_hi"][0]) == (NEVER, None)
