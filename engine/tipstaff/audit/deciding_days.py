"""Deciding days: the days that the date which decides the law may be, and what the law says on them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from tipstaff.audit.audit import Audit
from tipstaff.audit.columns import Columns, column_of
from tipstaff.audit.ledgers import judged
from tipstaff.policy.expressions import Law, Node, facts_of
from tipstaff.policy.law import Segment, Series

Days = tuple[date, date | None]
"""From the earliest to the latest day; None where nothing limits it."""


@dataclass(frozen=True, slots=True)
class Cited:
    """What a series says on the days that its decisive date may be, in order."""

    series: Series
    segments: tuple[Segment, ...]


class DecidingDays:
    """Cites the law for some partnerships of an audit, by their positions in the register."""

    def __init__(self, audit: Audit, positions: Sequence[int]) -> None:
        self._audit = audit
        self._positions = list(positions)
        self._facts = audit.facts
        self._days: dict[Node, Mapping[int, Days]] = {}
        self._cited: dict[tuple[int, Days | None], Cited] = {}
        self._same: dict[tuple[object, ...], Cited] = {}

    def cited(self, law: Law, position: int) -> Cited:
        """What the law says on the days that decide; nothing of a partnership without a row that has the date.

        Where it is the same it is one object.
        """
        if law.at not in self._days:
            self._days[law.at] = self._decide(law.at)
        days = self._days[law.at].get(position)
        key = id(law.series), days
        if key not in self._cited:
            segments = () if days is None else law.series.within(*days)
            same = id(law.series), *(segment.first for segment in segments)
            self._cited[key] = self._same.setdefault(same, Cited(law.series, segments))
        return self._cited[key]

    def _frames(self, at: Node) -> Iterator[tuple[str, pl.DataFrame]]:
        """The frames that may have the date, and the column in which each has the partnership."""
        yield "row", self._facts.frame
        for rows in self._facts.rows.values():
            yield "partnership", rows
        for ledger in self._facts.ledgers.values():
            yield "partnership", judged(ledger.of_partnerships, self._facts.frame, [at])

    def _decide(self, at: Node) -> Mapping[int, Days]:
        """The days of each partnership, over all its rows where it is these that have the date."""
        read = {f"{name}_lo" for name in facts_of(at)}
        key, frame = next((key, frame) for key, frame in self._frames(at) if read <= {*frame.columns})
        frame = frame.filter(pl.col(key).is_in(self._positions))
        ends = Columns(dict(self._facts.moments)).ends(at)
        found = frame.with_columns(_first=column_of(ends.lo), _last=column_of(ends.hi)).select(key, "_first", "_last")
        days: dict[int, list[Days]] = {}
        for position, first, last in found.iter_rows():
            days.setdefault(position, []).append((first, last))
        return {position: _from_first_to_last(several) for position, several in days.items()}


def _from_first_to_last(several: Iterable[Days]) -> Days:
    first, last = zip(*several, strict=True)
    ends = [day for day in last if day is not None]
    return min(first), max(ends) if len(ends) == len(last) else None
