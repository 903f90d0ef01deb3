"""The possible days of the date that decides which law applies, and the law on them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from tipstaff.audit.columns.compiler import Columns, column_of
from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.ledgers.totals import judged
from tipstaff.policy.language.nodes import Law, Node, facts_of
from tipstaff.policy.law.series import Segment, Series

Days = tuple[date, date | None]
"""The earliest and the latest day; None if it is unlimited."""


@dataclass(frozen=True, slots=True)
class CitedLaw:
    """The segments of a series on the possible days of its decisive date, in order."""

    series: Series
    segments: tuple[Segment, ...]


class DecidingDays:
    """Cites the law for some partnerships of an audit, by their positions in the register."""

    def __init__(self, audit: Audit, positions: Sequence[int]) -> None:
        self._audit = audit
        self._positions = positions
        self._days: dict[Node, Mapping[int, Days]] = {}
        self._cited: dict[tuple[int, Days | None], CitedLaw] = {}
        self._same: dict[tuple[object, ...], CitedLaw] = {}

    def cite(self, law: Law, position: int) -> CitedLaw:
        """Return the law on the deciding days; it has no segments if the partnership has no row with the date.

        Equal results are the same object.
        """
        if law.at not in self._days:
            found = deciding_days(self._audit, law.at, self._positions)
            self._days[law.at] = {position: (first, last) for position, first, last in found.iter_rows()}
        days = self._days[law.at].get(position)
        key = id(law.series), days
        if key not in self._cited:
            segments = () if days is None else law.series.within(*days)
            same = id(law.series), *(segment.first for segment in segments)
            self._cited[key] = self._same.setdefault(same, CitedLaw(law.series, segments))
        return self._cited[key]


def deciding_days(audit: Audit, at: Node, positions: Sequence[int]) -> pl.DataFrame:
    """Return the ``first`` and ``last`` possible day of a date by ``position``, over all rows that have it.

    ``last`` is null if it is unlimited. Partnerships without a row that has the date are left out.
    """
    read = {f"{name}_lo" for name in facts_of(at)}
    of, frame = next((of, frame) for of, frame in _frames(audit, at, positions) if read <= {*frame.columns})
    ends = Columns(dict(audit.facts.moments)).ends(at)
    days = frame.select(pl.col(of).alias("position"), first=column_of(ends.lo), last=column_of(ends.hi))
    latest = pl.when(pl.col("last").is_not_null().all()).then(pl.col("last").max())
    return days.group_by("position").agg(pl.col("first").min(), latest)


def _frames(audit: Audit, at: Node, positions: Sequence[int]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The frames that may hold a date, limited to some partnerships, each with the name of its position column."""
    facts = audit.facts
    yield "row", facts.frame[positions]
    for rows in facts.rows.values():
        yield "partnership", rows.filter(pl.col("partnership").is_in(positions))
    for ledger in facts.ledgers.values():
        rows = ledger.of_partnerships.filter(pl.col("partnership").is_in(positions))
        yield "partnership", judged(rows, facts.frame, [at])
