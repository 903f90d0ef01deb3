"""The ledgers of the oracle: what each beneficiary had, added up award by award in plain Python.

Written from what the pack and ``schema.LedgerPart`` say of a ledger; shares no code with ``tipstaff.audit``.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from typing import Any

from rapidfuzz import fuzz

from support.registers import Partnership, Row
from tipstaff.facts.bounds import NEVER
from tipstaff.facts.spellings import normal as spelt
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.pack.model import Ledger, Pack, Recipients

Interval = tuple[Any, Any]
Env = dict[str, Any]
normal = cache(spelt)
NO_DAY = (NEVER.toordinal(), math.inf)
ALIKE = 90
"""How alike, of a hundred, two names are from which they may be one organisation."""


@dataclass(slots=True)
class Link:
    """A beneficiary of a partnership: whether it surely receives money of it, and whether nobody else does."""

    beneficiary: int
    surely: bool
    alone: bool


@dataclass(slots=True)
class Known:
    """What is known of an amount of a partnership: of a year, or of an award.

    ``hi`` is what it may come to, ``of_record`` what it comes to of what is recorded; ``surely`` and ``maybe`` say
    whether anything is recorded.
    """

    lo: Any
    hi: Any
    of_record: Any
    surely: bool
    maybe: bool
    date: Interval


class Organisations:
    """The organisations that partnerships name, each one beneficiary wherever it is named."""

    def __init__(self, to: Recipients, partnerships: Sequence[Partnership]) -> None:
        self.to = to
        named: list[tuple[int, Row]] = []
        for place, partnership in enumerate(partnerships):
            rows = partnership.tables.get(to.table, [])
            fallback = next((partnership.own[fact] for fact in to.otherwise if partnership.own.get(fact)), "")
            if len(rows) == 1 and not rows[0].get(to.named_by):
                rows = [{**rows[0], to.named_by: fallback}]
            named += [(place, row) for row in rows or [{to.named_by: fallback, "fallback": True}]]
        self.group = list(range(len(named)))
        for one, other in combinations(range(len(named)), 2):
            if any(self._same_number(named[one][1], named[other][1], fact) for fact in to.numbered_by):
                self._join(one, other)
        names = {self._name(row) for _, row in named} - {""}
        for name in names:
            members = [at for at, (_, row) in enumerate(named) if self._name(row) == name]
            bare = [at for at in members if not any(self._number(named[at][1], fact) for fact in to.numbered_by)]
            numbered = {self.group[at] for at in members if at not in bare}
            for at in members if len(numbered) < 2 else bare:
                self._join((members if len(numbered) < 2 else bare)[0], at)
        self.links = [self._links(place, named) for place in range(len(partnerships))]
        self.rows: dict[int, list[Row]] = {group: [] for group in self.group}
        for (_, row), group in zip(named, self.group, strict=True):
            self.rows[group].append(row)
        self.near: dict[int, list[int]] = {group: [] for group in self.rows}
        for one, other in combinations(self.rows, 2):
            if self._near(one, other):
                self.near[one].append(other)
                self.near[other].append(one)

    def _join(self, one: int, other: int) -> None:
        old, new = self.group[other], self.group[one]
        self.group = [new if group == old else group for group in self.group]

    def _name(self, row: Row) -> str:
        return normal(row.get(self.to.named_by) or "")

    def _number(self, row: Row, fact: str) -> str:
        return normal(row.get(fact) or "").replace(" ", "").lstrip("0")

    def _same_number(self, one: Row, other: Row, fact: str) -> bool:
        return self._number(one, fact) == self._number(other, fact) != ""

    def _links(self, place: int, named: Sequence[tuple[int, Row]]) -> list[Link]:
        """The only organisation of a partnership, else those that are not said to receive nothing."""
        may = [
            (group, row)
            for (of, row), group in zip(named, self.group, strict=True)
            if of == place and row.get(self.to.receives) is not False
        ]
        found = {group for group, _ in may}
        told = {group for group, row in may if row.get(self.to.receives) is True}
        return [Link(group, group in told or len(found) == 1, len(found) == 1) for group in sorted(found)]

    def _near(self, one: int, other: int) -> bool:
        """Whether two beneficiaries may be one under another name."""
        ours, theirs = self.rows[one], self.rows[other]
        for fact in self.to.numbered_by:
            numbers = [{self._number(row, fact) for row in rows} - {""} for rows in (ours, theirs)]
            if all(numbers) and not numbers[0] & numbers[1]:
                return False
        names = [{self._name(row) for row in rows} - {""} for rows in (ours, theirs)]
        return any(fuzz.token_sort_ratio(a, b) >= ALIKE for a in names[0] for b in names[1])

    def facts(self, beneficiary: int, names: Sequence[str]) -> Env:
        """The yes/no facts of a beneficiary: yes where any row says so, no where all rows do."""
        rows = [row for row in self.rows[beneficiary] if "fallback" not in row]
        told = {name: [row.get(name) for row in rows] for name in names}
        return {
            name: True if True in said else False if said and set(said) == {False} else None
            for name, said in told.items()
        }


class LedgerOracle:
    """Works out one ledger for all partnerships."""

    def __init__(
        self,
        ledger: Ledger,
        pack: Pack,
        partnerships: Sequence[Partnership],
        envs: Sequence[Env],
        years: tuple[int, int],
        amounts: Callable[[Sequence[Row]], Mapping[str | None, tuple[Interval, bool]]],
        moved_back: Callable[[Any], Any],
    ) -> None:
        """``years`` are the year of the audit and the cycle's; ``amounts`` says what each line states in some rows."""
        self.ledger = ledger
        self.partnerships, self.envs = partnerships, envs
        self.this, self.cycle = years
        self.amounts, self.moved_back = amounts, moved_back
        self.organisations = Organisations(ledger.to, partnerships)
        self.links = self.organisations.links
        self.shares: dict[int, list[tuple[int, Link]]] = {group: [] for group in self.organisations.rows}
        for place, links in enumerate(self.links):
            for link in links:
                self.shares[link.beneficiary].append((place, link))
        kinds = pack.tables[ledger.to.table].table.facts.values()
        self.yes_no = [fact.name for fact in kinds if fact.kind is Kind.YES_NO]
        current = next((rules for rules in pack.tables.values() if rules.starts is not None), None)
        self.term = (current.starts, current.ends) if current is not None else (None, None)
        self.totals: dict[int, list[tuple[Env, bool]]] = {}
        self.asked = {year - back for year in years for back in range(ledger.years or 0)}
        self.known: dict[tuple[int, int], Known] = {}

    def members(self, place: int) -> Iterator[tuple[Env, bool]]:
        """The rows of the ledger that concern a partnership, and whether each surely does."""
        for link in self.links[place]:
            facts = self.organisations.facts(link.beneficiary, self.yes_no)
            for point, surely in self._points(place, link):
                yield self.envs[place] | point | facts, surely and link.surely

    def _points(self, place: int, link: Link) -> Sequence[tuple[Env, bool]]:
        if not self.ledger.years:
            return list(self.awards_of(place, link))
        if link.beneficiary not in self.totals:
            self.totals[link.beneficiary] = list(self.years_of(link.beneficiary))
        return self.totals[link.beneficiary]

    # By years

    def of_year(self, place: int, year: int) -> Known:
        """What a partnership was given in a year."""
        if (place, year) not in self.known:
            self.known[place, year] = self._of_year(place, year)
        return self.known[place, year]

    def _of_year(self, place: int, year: int) -> Known:
        first, last = date(year, 4, 1).toordinal(), date(year + 1, 3, 31).toordinal()
        env = self.envs[place]
        stated = self.partnerships[place].tables.get(self.ledger.table, [])
        own = [row for row in stated if row["year"] == year]
        rates = [row for row in stated if row["year"] is None]
        start, end = (env[name] if name is not None else NO_DAY for name in self.term)
        before = self.ledger.begins is not None and env[self.ledger.begins][0] > last
        held = bool(own) or year in self.asked
        surely = year == self.this or (
            held and year < self.this and not before and start[1] <= first and end[0] >= last
        )
        maybe = surely or (held and year < self.this and not before and start[0] <= first and end[1] >= last)
        sure, may = own + (rates if surely else []), own + (rates if maybe else [])
        least, most = self._sums(sure), self._sums(may)
        hi = math.inf if math.isinf(least[1]) else max(least[1], most[1])
        if not may and before:
            hi = 0
        return Known(least[0], hi, max(least[2], most[2]), bool(sure), bool(may), self._granted(sure, may, first, last))

    def _sums(self, rows: Sequence[Row]) -> tuple[Any, Any, Any]:
        """At least, at most, and at most of what is recorded."""
        lines = self.amounts(rows)
        joint = lines[None][1]
        least = sum(bounds[0] for bounds, _ in lines.values())
        nothing = {line for line, (_, said) in lines.items() if not said and (joint or line is None)}
        most = sum(0 if line in nothing else bounds[1] for line, (bounds, _) in lines.items())
        blank = any(row.get(f"{self.ledger.amount}_hi") is None for row in rows)
        recorded = math.inf if blank and math.isinf(most) else sum(bounds[1] for bounds, said in lines.values() if said)
        return least, most, recorded

    def _granted(self, sure: Sequence[Row], may: Sequence[Row], first: int, last: int) -> Interval:
        """When the last award of a year was granted: a day that is not stated is some day of the year."""
        stated = [day for day in map(self._day, may) if day is not None]
        awards = [row for row in sure if self._may_be_an_award(row, sure)]
        given = [self._day(row) for row in awards if (row.get(f"{self.ledger.amount}_lo") or 0) > 0]
        sure_days = [day for day in given if day is not None]
        lo = max(day[0] for day in sure_days) if sure_days else min([first, *(day[0] for day in stated)])
        days = [self._day(row) for row in may if self._may_be_an_award(row, may)]
        ends = [day[1] for day in days if day is not None] + ([last] if None in days or not days else [])
        return lo, max(ends)

    def _may_be_an_award(self, row: Row, rows: Sequence[Row]) -> bool:
        """Not of nothing, nor read from text where the sheet has a figure in its place."""

        def figure(one: Row) -> bool:
            least, most = (one.get(f"{self.ledger.amount}_{end}") for end in ("lo", "hi"))
            return not one.get("text") and (most is not None or bool(least))

        if row.get(f"{self.ledger.amount}_hi") == 0:
            return False
        places = [one["council"] for one in rows if figure(one)]
        return not row.get("text") or not (places if row["council"] is None else {row["council"], None} & set(places))

    def _day(self, row: Row) -> Interval | None:
        lo, hi = (row.get(f"{self.ledger.granted}_{end}") for end in ("lo", "hi"))
        return None if hi is None else ((lo or NEVER).toordinal(), hi.toordinal())

    def years_of(self, beneficiary: int) -> Iterator[tuple[Env, bool]]:
        """The totals of a beneficiary at the end of each year, and whether it surely had an award in that year."""
        assert self.ledger.years is not None
        shares = self.shares[beneficiary]
        full = {self.this, self.cycle}
        recorded = {row["year"] for at, _ in shares for row in self.partnerships[at].tables.get(self.ledger.table, [])}
        for year in sorted((recorded - {None}) | self.asked):
            known = [(self.of_year(at, year), link.alone) for at, link in shares]
            if year not in full and (year > self.this or not any(one.maybe for one, _ in known)):
                continue
            window = [year - back for back in range(self.ledger.years)]
            lo = sum(self._least(at, link, one) for one in window for at, link in shares)
            possible = [beneficiary, *self.organisations.near[beneficiary]]
            hi = sum(self._most(one, part, year in full) for one in window for part in possible)
            point: Env = {self.ledger.total: (lo, hi), self.ledger.date: self._last_award(known, year, year in full)}
            if self.ledger.year_total is not None:
                least = sum(self._least(at, link, year) for at, link in shares)
                point[self.ledger.year_total] = (least, self._most(year, beneficiary, year in full))
            if self.ledger.planned is not None:
                point[self.ledger.planned] = year > self.this
            yield point, year in full or any(one.surely and alone for one, alone in known)

    def _least(self, place: int, link: Link, year: int) -> Any:
        return self.of_year(place, year).lo if link.alone else 0

    def _most(self, year: int, beneficiary: int, full: bool) -> Any:
        known = [self.of_year(at, year) for at, _ in self.shares[beneficiary]]
        return sum(one.hi if full else one.of_record if one.maybe else 0 for one in known)

    def _last_award(self, known: Sequence[tuple[Known, bool]], year: int, full: bool) -> Interval:
        first, last = date(year, 4, 1).toordinal(), date(year + 1, 3, 31).toordinal()
        recorded = [one for one, _ in known if one.maybe]
        sure = [one for one, alone in known if one.surely and alone and one.lo > 0]
        lo = max(one.date[0] for one in sure) if sure else min([first, *(one.date[0] for one in recorded)])
        hi = max((one.date[1] for one in recorded if one.hi != 0), default=last)
        more = full and any(math.isinf(one.hi) for one, _ in known)
        return lo, max(hi, last) if more else hi

    # By awards over a period

    def _awards(self, place: int) -> list[tuple[Interval, Interval]]:
        return [
            (row[self.ledger.amount], row[self.ledger.granted])
            for row in self.envs[place]["rows", self.ledger.table]  # type: ignore[index]
        ]

    def awards_of(self, place: int, link: Link) -> Iterator[tuple[Env, bool]]:
        """The awards of a partnership, each with what the beneficiary had in the period up to it."""
        for number, (amount, granted) in enumerate(self._awards(place)):
            opens = (self.moved_back(granted[0]), self.moved_back(granted[1]))
            lo: Any = 0
            hi: Any = 0
            for part in (link.beneficiary, *self.organisations.near[link.beneficiary]):
                for at, of in self.shares[part]:
                    alike = [self._alike(place, at, fact) for fact in self.ledger.alike]
                    for other, ((least, most), (earliest, latest)) in enumerate(self._awards(at)):
                        itself = (at, other) == (place, number)
                        if not itself and (earliest > granted[1] or latest <= opens[0] or False in alike):
                            continue
                        inside = latest <= granted[0] and earliest > opens[1] and None not in alike
                        if of.alone and part == link.beneficiary and (itself or inside):
                            lo += least
                        hi += most
            own = amount if link.alone else (0, amount[1])
            point: Env = {self.ledger.total: (lo, hi), self.ledger.date: granted, self.ledger.amount: own}
            yield point, True

    def _alike(self, place: int, other: int, fact: str) -> bool | None:
        ours, theirs = self.envs[place][fact], self.envs[other][fact]
        return None if ours is None or theirs is None else normal(ours) == normal(theirs)
