"""Turning points: the days on which an answer may change by the passing of time alone.

Answers change with time only where a comparison of dates comes out another way. Found are all such days and no audit is
made: every comparison of a pack, and every figure of dated law, is taken apart into *ends*: a date of the register, of
the pack or of the law, or a moment of the audit, each moved by periods. A moment never goes back, so it passes a given
date once. The rest (which agreement is current, whose year a contribution is for) follows from such comparisons too.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise, product

from tipstaff.audit.dates.drift import Drift, formulas_below
from tipstaff.audit.gathering.facts import moments
from tipstaff.facts.bounds import NEVER
from tipstaff.facts.periods import FinancialYear, Period, financial_year_of
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.language.english import labels, words
from tipstaff.policy.language.nodes import (
    Between,
    Compare,
    Constant,
    CycleName,
    Either,
    FactRef,
    Law,
    Moment,
    Node,
    Shift,
    children,
    kind_of,
)
from tipstaff.policy.pack.model import FactInfo, Pack
from tipstaff.register.tables.model import Register, Rows

Owner = tuple[str, str]
"""A part that a day may change: ``("criterion", name)``, or a ``"fact"``, ``"table"`` or ``"moment"`` by name."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A day on which one comparison may come out otherwise than on the day before.

    ``position`` is the partnership, None for all of them. It is a date of the register that is passed (``fact``, in the
    row ``index`` of its table), or another that ``said`` names.
    """

    day: date
    owner: Owner
    position: int | None
    fact: str = ""
    index: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class _End:
    """A moment, a fact of the register (both by name) or a date, moved by periods in turn."""

    root: Moment | FactRef | date
    moved: tuple[Period, ...] = ()

    def on(self, day: date) -> date:
        """The date, where the root is a given day."""
        for period in self.moved:
            day = period.after(day)
        return day


def days_between(as_of: date, until: date) -> list[date]:
    """Every day from the one to the other, both included."""
    return [as_of + timedelta(days=step) for step in range((until - as_of).days + 1)]


def cycle_of(day: date, cycle: FinancialYear | None) -> FinancialYear:
    """The cycle prepared for on a day: a given one, otherwise the financial year after the day's own."""
    return cycle or financial_year_of(day).next()


def turns(
    register: Register, pack: Pack, days: Sequence[date], cycle: FinancialYear | None, drift: Drift
) -> list[Turn]:
    """The turning points after the first of some consecutive days, in the order of the days; of what drifts, none."""
    found = dict.fromkeys(_Clock(register, pack, days, cycle, drift).turns())
    return sorted(found, key=lambda turn: turn.day)


def owners_below(pack: Pack, criterion: str) -> frozenset[Owner]:
    """The parts that a criterion rests on: itself, facts stated and derived, their tables, and the moments it reads."""
    found: dict[Owner, None] = {("criterion", criterion): None}

    def visit(node: Node) -> None:
        if isinstance(node, Moment | CycleName):
            found["moment", node.name if isinstance(node, Moment) else "cycle_start"] = None
        if isinstance(node, FactRef) and ("fact", node.name) not in found:
            found["fact", node.name] = None
            found.update(dict.fromkeys(_owners_of(pack, pack.facts[node.name])))
            for part in formulas_below(pack, node.name):
                visit(part)
        for part in children(node):
            visit(part)

    visit(pack.criteria[criterion].test)
    return frozenset(found)


def _owners_of(pack: Pack, info: FactInfo) -> Iterator[Owner]:
    """The table that states a fact, and the moments that say which of its rows count.

    A ledger looks at the years of the as-of date and of the cycle, and at the terms of current agreements.
    """
    year, cycle = ("moment", "year_start"), ("moment", "cycle_start")
    if info.table in pack.ledgers:
        yield from (year, cycle)
        yield from (("table", name) for name, rules in pack.tables.items() if rules.starts is not None)
    elif info.table is not None:
        yield "table", info.table
        shape = pack.tables[info.table].table.shape
        if info.of_cycle or shape is Shape.CYCLE:
            yield cycle
        elif shape is Shape.COUNCIL_YEAR:
            yield year


class _Clock:
    """The moments of the audit, day by day, held against the dates of a register and a pack."""

    def __init__(
        self, register: Register, pack: Pack, days: Sequence[date], cycle: FinancialYear | None, drift: Drift
    ) -> None:
        self.register = register
        self.pack = pack
        self.drift = drift
        self.days = days
        self._show = labels({name: info.label for name, info in pack.facts.items()})
        by_day = [moments(day, cycle_of(day, cycle)) for day in days]
        self._moments: Mapping[str, list[date]] = {name: [on[name] for on in by_day] for name in by_day[0]}
        self._courses: dict[_End, list[date]] = {}
        self._passed: dict[tuple[_End, date], tuple[int, ...]] = {}

    def turns(self) -> Iterator[Turn]:
        for owner, node in self._expressions():
            yield from self._of(owner, node)
        for name, rules in self.pack.tables.items():
            for fact in (rules.starts, rules.ends):
                if fact is not None:
                    yield from self._current(name, FactRef(fact, Kind.DATE))
        for name, said in (("year_start", "the financial year"), ("cycle_start", "the cycle")):
            for step in _steps(self._moments[name]):
                year = financial_year_of(self._moments[name][step])
                yield Turn(self.days[step], ("moment", name), None, said=f"{said} {year}")

    def _expressions(self) -> Iterator[tuple[Owner, Node]]:
        for criterion in self.pack.criteria.values():
            yield ("criterion", criterion.name), criterion.test
        for fact in self.pack.facts:
            for node in formulas_below(self.pack, fact):
                yield ("fact", fact), node

    def _of(self, owner: Owner, node: Node) -> Iterator[Turn]:
        """The turns of every comparison in an expression, and of the law that it reads."""
        match node:
            case Compare(left=left, right=right) if kind_of(left) is Kind.DATE and not self.drift.asks(node):
                for one, other in product(self._ends(left), self._ends(right)):
                    said = words(right if isinstance(one.root, Moment) else left, self._show)
                    yield from self._pair(owner, one, other, said)
            case Law(series=series, at=at) if not self.drift.drifts(at):
                edges = {edge for segment in series.segments for edge in (segment.first, segment.last)}
                for end, edge in product(self._ends(at), sorted(edges)):
                    yield from self._pair(owner, end, _End(edge), f"the {series.title}")
        for part in children(node):
            yield from self._of(owner, part)

    def _current(self, table: str, fact: FactRef) -> Iterator[Turn]:
        """Which of several rows is the current one: their dates are held against the as-of date and the days by it."""
        counts: Counter[int] = Counter(self.register.tables[table].partnership)
        for beside in (-1, 0, 1):
            moment = _End(Moment("as_of"), (Period(days=beside),))
            for end in self._ends(fact):
                for turn in self._pair(("table", table), moment, end, ""):
                    if turn.position is None or counts[turn.position] > 1:
                        yield turn

    def _ends(self, node: Node) -> list[_End]:
        """The values that a date may come from."""
        match node:
            case Constant(value=date() as value):
                return [_End(value)]
            case Constant():
                return [_End(NEVER)]
            case Moment():
                return [_End(node)]
            case Shift(moved=moved, period=period):
                return [_End(end.root, (*end.moved, period)) for end in self._ends(moved)]
            case FactRef(name=name):
                stated = [_End(node)] if self.pack.facts[name].derived is None else []
                parts: Iterable[Node] = formulas_below(self.pack, name)
            case Between() | Either():
                stated, parts = [], children(node)
            case _:
                raise TypeError(f"{type(node).__name__} is a date that cannot be followed")
        return [*stated, *(end for part in parts if kind_of(part) is Kind.DATE for end in self._ends(part))]

    def _pair(self, owner: Owner, one: _End, other: _End, said: str) -> Iterator[Turn]:
        """The days on which one end comes to lie otherwise towards the other."""
        match one.root, other.root:
            case FactRef(), Moment():
                yield from self._pair(owner, other, one, said)
            case Moment(), FactRef(name=name) if self.pack.facts[name].table in self.pack.ledgers:
                for day in self.days[1:]:
                    yield Turn(day, owner, None, said=said)
            case Moment(), FactRef(name=name):
                for position, index, value in self._stated(name):
                    for step in self._passing(one, other.on(value)):
                        yield Turn(self.days[step], owner, position, fact=name, index=index)
            case (Moment(), _) | (_, Moment()):
                lies = [(a > b) - (a < b) for a, b in zip(self._course(one), self._course(other), strict=True)]
                held = other if isinstance(one.root, Moment) else one
                for step in _steps(lies):
                    day = self._course(held)[step]
                    yield Turn(self.days[step], owner, None, said=f"{said}{_dated(said, day)}")
            case _:
                return

    def _course(self, end: _End) -> list[date]:
        """An end that no partnership changes, day by day."""
        if end not in self._courses:
            match end.root:
                case Moment(name=name):
                    self._courses[end] = [end.on(day) for day in self._moments[name]]
                case date() as day:
                    self._courses[end] = [end.on(day)] * len(self.days)
                case FactRef(name=name):
                    raise TypeError(f"{name} differs from partnership to partnership")
        return self._courses[end]

    def _passing(self, moment: _End, value: date) -> tuple[int, ...]:
        """When a moment reaches a date, and when it goes beyond."""
        key = moment, value
        if key not in self._passed:
            course = self._course(moment)
            reached = {bisect_left(course, value), bisect_right(course, value)}
            self._passed[key] = tuple(step for step in sorted(reached) if 0 < step < len(course))
        return self._passed[key]

    def _stated(self, fact: str) -> Iterator[tuple[int, int, date]]:
        """The bounds that the register states of a date: partnership, row, date."""
        info = self.pack.facts[fact]
        assert info.table is not None
        rows: Rows = self.register.tables[info.table]
        for column in (rows.columns[f"{info.column}_lo"], rows.columns[f"{info.column}_hi"]):
            for index, value in enumerate(column):
                if value is not None:
                    yield rows.partnership[index], index, value


def _steps(course: Sequence[object]) -> Iterator[int]:
    """The indices at which a course differs from the item before."""
    return (index for index, (before, now) in enumerate(pairwise(course), 1) if before != now)


def _dated(said: str, day: date) -> str:
    shown = words(Constant(Kind.DATE, day), str)
    return "" if shown in said else f" ({shown})"
