"""The oracle: what an audit must say, worked out again row by row in plain Python.

It reads the syntax tree of a pack and shares no code with ``tipstaff.audit``: its own Kleene tables, its own intervals,
its own reading of contributions and of current agreements, and its own rules. It is slow and plain on purpose.
"""

import calendar
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

from support.oracle_ledgers import LedgerOracle
from support.registers import Partnership, Row
from tipstaff.facts.bounds import NEVER, Bounds
from tipstaff.facts.periods import FinancialYear, Period, Yearly
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Fact, Kind, Shape
from tipstaff.policy.language import nodes as ex
from tipstaff.policy.law.series import LawStatus, Segment
from tipstaff.policy.pack.model import Aggregate, CouncilsIn, Derived, Pack, Repeats, Rule, TableRules
from tipstaff.register.tables.cells import councils_named

Truth = bool | None
Interval = tuple[Any, Any]
"""From the one to the other, both included; plus or minus infinity where nothing limits it. Dates are ordinals."""

Env = dict[str, Any]
"""Facts by name: an interval, a text or None, true, false or None."""

AND = {
    (True, True): True, (True, False): False, (True, None): None, (False, True): False, (False, False): False,
    (False, None): False, (None, True): None, (None, False): False, (None, None): None,
}  # fmt: skip
OR = {
    (True, True): True, (True, False): True, (True, None): True, (False, True): True, (False, False): False,
    (False, None): None, (None, True): True, (None, False): None, (None, None): None,
}  # fmt: skip
NOT = {True: False, False: True, None: None}


def both(truths: Sequence[Truth]) -> Truth:
    answer: Truth = True
    for truth in truths:
        answer = AND[answer, truth]
    return answer


def either(truths: Sequence[Truth]) -> Truth:
    answer: Truth = False
    for truth in truths:
        answer = OR[answer, truth]
    return answer


# Intervals


def floor_of(kind: Kind) -> int:
    return NEVER.toordinal() if kind is Kind.DATE else 0


def interval(kind: Kind, lo: Any, hi: Any) -> Interval:
    """An interval of the two columns that hold a bounded fact."""
    plain = [end.toordinal() if isinstance(end, date) else end for end in (lo, hi)]
    return (floor_of(kind) if plain[0] is None else plain[0], math.inf if plain[1] is None else plain[1])


def blank(kind: Kind) -> Interval:
    return (floor_of(kind), math.inf)


def says_something(kind: Kind, value: Any) -> bool:
    """Whether anything is known of a fact."""
    if not kind.bounded:
        return value is not None
    return bool(value[0] > floor_of(kind) or not math.isinf(value[1]))


def add(a: Interval, b: Interval) -> Interval:
    return (a[0] + b[0], a[1] + b[1])


def may(operator: str, a: Interval, b: Interval) -> bool:
    """Whether some value of the one and some value of the other compare so."""
    match operator:
        case "<":
            return bool(a[0] < b[1])
        case "<=":
            return bool(a[0] <= b[1])
        case ">":
            return may("<", b, a)
        case ">=":
            return may("<=", b, a)
        case "==":
            return bool(max(a[0], b[0]) <= min(a[1], b[1]))
        case _:
            return not (a[0] == a[1] == b[0] == b[1])


OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def compare(operator: str, a: Interval, b: Interval) -> Truth:
    if not may(OPPOSITE[operator], a, b):
        return True
    return None if may(operator, a, b) else False


def shifted(ordinal: Any, period: Period) -> Any:
    """A day moved by months, clamped to the end of the month, then by days."""
    if math.isinf(ordinal):
        return ordinal
    day = date.fromordinal(ordinal)
    month = day.year * 12 + day.month - 1 + period.months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1])).toordinal() + period.days


def times(a: Interval, b: Interval) -> Interval:
    """The product of two amounts in hundredths, neither negative."""

    def one(x: Any, y: Any, up: bool) -> Any:
        if x == 0 or y == 0:
            return 0
        if math.isinf(x) or math.isinf(y):
            return math.inf
        return -(-x * y // 100) if up else x * y // 100

    return (one(a[0], b[0], False), one(a[1], b[1], True))


def months_of(start: Any, end: Any) -> tuple[int, int]:
    """The whole months from a day to the end of another, and the months begun."""
    if math.isinf(end) or end >= date(2316, 1, 1).toordinal():
        return 3600, 10**9
    first, after = date.fromordinal(start), date.fromordinal(end + 1)
    whole = 0
    if after < first:
        return 0, 0
    while shifted_strictly(first, whole + 1) <= (after.year, after.month, after.day):
        whole += 1
    return whole, whole + (first.day != after.day)


def shifted_strictly(day: date, months: int) -> tuple[int, int, int]:
    """Year, month and day so many months later, the day as it is though the month may not have it."""
    month = day.year * 12 + day.month - 1 + months
    return month // 12, month % 12 + 1, day.day


def over_term(yearly: Interval, start: Interval, end: Interval) -> Interval:
    """What a yearly amount comes to: by whole months at least, by months begun at most."""
    lo = 0 if math.isinf(start[1]) else min(yearly[0] * min(months_of(start[1], end[0])[0], 3600) // 12, 10**15)
    if yearly[1] == 0:
        return lo, 0
    longest = months_of(start[0], end[1])[1]
    most = math.inf if math.isinf(yearly[1]) or longest > 3600 else -(-yearly[1] * longest // 12)
    return lo, most if most <= 10**15 else math.inf


# Expressions


class Expressions:
    """Evaluates expressions for one row of facts."""

    def __init__(self, moments: Mapping[str, date]) -> None:
        self.moments = moments

    def truth(self, node: ex.Node, env: Env) -> Truth:
        match node:
            case ex.Constant(value=value):
                return None if value is None else bool(value)
            case ex.FactRef(name=name):
                return env[name]  # type: ignore[no-any-return]
            case ex.Not(operand=operand):
                return NOT[self.truth(operand, env)]
            case ex.Every(operands=operands):
                return both([self.truth(operand, env) for operand in operands])
            case ex.Some(operands=operands):
                return either([self.truth(operand, env) for operand in operands])
            case ex.Exists(fact=fact):
                value = env[fact.name]
                return value != blank(fact.kind) if fact.kind.bounded else value is not None
            case ex.Within(member=ex.CycleName(), texts=texts):
                start = self.moments["cycle_start"].year
                return f"{start}/{(start + 1) % 100:02d}" in texts.values
            case ex.Within(member=member, texts=texts):
                return either([self._same(member, ex.Constant(Kind.TEXT, text), env) for text in texts.values])
            case ex.Mentions(text=text, texts=texts):
                found = normal(env[text.name] or "").split()
                sought = [normal(value).split() for value in texts.values]
                return True if any(held(found, phrase) for phrase in sought if phrase) else None
            case ex.InForce(law=law):
                statuses = {segment.status for segment in self._held_to(law, env)}
                return {(LawStatus.IN_FORCE,): True, (LawStatus.NOT_IN_FORCE,): False}.get(tuple(statuses))
            case ex.IncludesVat(law=law):
                bases = [segment.includes_vat for segment in self._in_force(law, env) or ()]
                return bases[0] if bases and all(base is bases[0] for base in bases) else None
            case ex.Compare(operator=operator, left=left, right=right):
                kind = ex.kind_of(left)
                if kind.bounded:
                    return compare(operator, self.interval(left, env), self.interval(right, env))
                if kind is Kind.YES_NO:
                    a, b = self.truth(left, env), self.truth(right, env)
                    same = None if a is None or b is None else a is b
                else:
                    same = self._same(left, right, env)
                return same if operator == "==" else NOT[same]
            case _:
                raise AssertionError(node)

    def _same(self, left: ex.Node, right: ex.Node, env: Env) -> Truth:
        spelt = []
        for side in (left, right):
            value = env[side.name] if isinstance(side, ex.FactRef) else side.value  # type: ignore[union-attr]
            if value is None:
                return None
            spelt.append(normal(str(value)))
        return spelt[0] == spelt[1]

    def interval(self, node: ex.Node, env: Env) -> Interval:
        match node:
            case ex.Constant(kind=kind, value=value):
                return interval(kind, value, value)
            case ex.Moment(name=name):
                return interval(Kind.DATE, self.moments[name], self.moments[name])
            case ex.FactRef(name=name):
                return env[name]  # type: ignore[no-any-return]
            case ex.Sum(left=left, right=right, minus=minus):
                a, b = self.interval(left, env), self.interval(right, env)
                return add(a, (-b[1], -b[0]) if minus else b)
            case ex.Product(left=left, right=right):
                return times(self.interval(left, env), self.interval(right, env))
            case ex.Shift(law=ex.Law() as law) if not self._in_force(law, env):
                return blank(Kind.DATE)
            case ex.Shift(moved=moved, period=period):
                a = self.interval(moved, env)
                return (shifted(a[0], period), shifted(a[1], period))
            case ex.Law():
                figures = [segment.value for segment in self._in_force(node, env) or ()]
                ends = [(one.lo, math.inf if one.hi is None else one.hi) for one in figures if isinstance(one, Bounds)]
                return (min(lo for lo, _ in ends), max(hi for _, hi in ends)) if ends else blank(ex.kind_of(node))
            case ex.Between(lowest=lowest, highest=highest):
                sides = self.interval(lowest, env), self.interval(highest, env)
                return (min(lo for lo, _ in sides), max(hi for _, hi in sides))
            case ex.QuarterEnd(by=by):
                return next(
                    (day, day)
                    for day in self._back_from(by)
                    if date.fromordinal(day + 1).day == 1 and date.fromordinal(day).month % 3 == 0
                )
            case ex.Latest(of=ex.Recurring(yearly=yearly), by=by):
                days = list(self._back_from(by))
                own, before = (possible_days(yearly, date.fromordinal(days[0]).year - back) for back in (0, 1))
                latest = [one if one in days else other for one in own for other in before]
                return (min(latest), max(latest))
            case ex.Either(test=test, yes=yes, no=no):
                truth = self.truth(test, env)
                chosen = [self.interval(part, env) for part, gone in ((yes, False), (no, True)) if truth is not gone]
                return (min(lo for lo, _ in chosen), max(hi for _, hi in chosen))
            case ex.OverTerm(yearly=yearly, start=start, end=end):
                return over_term(*(self.interval(part, env) for part in (yearly, start, end)))
            case ex.CountOf(operands=operands):
                truths = [self.truth(operand, env) for operand in operands]
                return (100 * truths.count(True), 100 * (len(truths) - truths.count(False)))
            case _:
                raise AssertionError(node)

    def _back_from(self, node: ex.Node) -> range:
        """A known day and the two years before it, backwards."""
        known = self.interval(node, {})[0]
        return range(known, known - 731, -1)

    # Law

    def _held_to(self, law: ex.Law, env: Env) -> list[Segment]:
        """What the law says on the days that the decisive date may be, by trying the days that matter.

        Nothing changes between the first and the last day of a segment, so these and the ends of the bounds are all.
        """
        earliest, latest = self.interval(law.at, env)
        spans = [(one.first.toordinal(), one.last.toordinal(), one) for one in law.series.segments]
        days = {earliest, latest, *(day for first, last, _ in spans for day in (first, last))}
        tried = [day for day in days if earliest <= day <= latest]
        return [one for first, last, one in spans if any(first <= day <= last for day in tried)]

    def _in_force(self, law: ex.Law, env: Env) -> list[Segment] | None:
        """The segments whose figure may be the one; None where there may be no figure.

        Where something beside it asks whether the law is in force, days on which it is not do not count.
        """
        said = self._held_to(law, env)
        if law.assumed:
            said = [one for one in said if one.status is not LawStatus.NOT_IN_FORCE]
        return said if said and all(one.status is LawStatus.IN_FORCE for one in said) else None


def held(found: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether some words hold others, side by side and in order."""
    return any(found[at : at + len(phrase)] == phrase for at in range(len(found)))


def possible_days(yearly: Yearly, year: int) -> list[int]:
    """The days that a yearly day may be in a year."""
    known = [day for day in yearly.known if day.year == year]
    month = [date(year, yearly.month, day + 1) for day in range(calendar.monthrange(year, yearly.month)[1])]
    return [day.toordinal() for day in known or month]


# Rules


def rule_truth(node: ex.Node, inputs: Mapping[str, Truth]) -> Truth:
    """A formula of a rule over its inputs."""
    return Expressions({}).truth(node, dict(inputs))


# Current rows


def current(rows: Sequence[tuple[Interval, Interval]], as_of: int) -> set[int]:
    """The rows that are current when their starts and ends are known: of points only."""
    in_force = [i for i, (start, end) in enumerate(rows) if start[0] <= as_of <= end[0]]
    if in_force:
        latest = max(rows[i][0][0] for i in in_force)
        return {i for i in in_force if rows[i][0][0] == latest}
    ended = [i for i, (_, end) in enumerate(rows) if end[0] < as_of]
    if ended:
        latest = max(rows[i][1][0] for i in ended)
        return {i for i in ended if rows[i][1][0] == latest}
    earliest = min((start[0] for start, _ in rows), default=0)
    return {i for i, (start, _) in enumerate(rows) if start[0] == earliest}


FAR = date(3500, 1, 1).toordinal()
"""Beyond every date of a register: a point of what nothing limits."""


def possibly_current(rows: Sequence[tuple[Interval, Interval]], as_of: int) -> set[int]:
    """The rows that are current for some starts and ends within their bounds, by trying the points that matter."""
    cuts = {as_of - 1, as_of, as_of + 1}
    for row in rows:
        cuts |= {FAR if math.isinf(end) else end for bounds in row for end in bounds}
    near = sorted(cuts | {cut + step for cut in cuts for step in (-1, 1)})

    def points(bounds: Interval) -> list[int]:
        return [cut for cut in near if bounds[0] <= cut <= bounds[1]]

    worlds = [
        [(s, e) for s, e in product(points(start), points(end)) if s <= e or start[0] > end[1]] for start, end in rows
    ]
    return {i for i in range(len(rows)) if _current_somewhere(i, worlds, as_of)}


def _current_somewhere(row: int, worlds: Sequence[Sequence[tuple[int, int]]], as_of: int) -> bool:
    """Whether a row is current in some world. The others are chosen each on its own, to get least in its way."""

    def rank(world: tuple[int, int]) -> tuple[int, int]:
        start, end = world
        if start <= as_of <= end:
            return (2, start)
        return (1, end) if end < as_of else (0, -start)

    weakest = [min(rank(world) for world in other) for i, other in enumerate(worlds) if i != row]
    return max(rank(world) for world in worlds[row]) >= max(weakest, default=(0, -FAR))


# The audit


class Oracle:
    """Audits partnerships one by one."""

    def __init__(self, pack: Pack, as_of: date, cycle: FinancialYear) -> None:
        self.pack = pack
        self.as_of = as_of
        self.year = FinancialYear(as_of.year if as_of >= date(as_of.year, 4, 1) else as_of.year - 1)
        moments = {
            "as_of": as_of, "year_start": self.year.first_day, "year_end": self.year.last_day,
            "cycle_start": cycle.first_day, "cycle_end": cycle.last_day,
        }  # fmt: skip
        self.expressions = Expressions(moments)
        self.cycle = cycle
        self.councils = [council.key for council in pack.vocabulary.councils]

    def answers(self, partnerships: Sequence[Partnership]) -> list[dict[str, Any]]:
        """For every partnership its facts, criteria and conclusions, and the word for the outcome of every rule."""
        envs = [self._stated(partnership) for partnership in partnerships]
        ledgers: dict[str, LedgerOracle] = {}
        for derived in self.pack.derived:
            if isinstance(derived.formula, Aggregate) and (name := derived.formula.table) in self.pack.ledgers:
                if name not in ledgers:
                    ledgers[name] = self._ledger(name, partnerships, envs)
                for position, env in enumerate(envs):
                    env[derived.name] = self._over(derived.formula, list(ledgers[name].members(position)))
                continue
            for position, env in enumerate(envs):
                env[derived.name] = self._derived(derived, position, envs)
        return [env | self._judged(env) for env in envs]

    def _stated(self, partnership: Partnership) -> Env:
        env: Env = {}
        for name, rules in self.pack.tables.items():
            rows = [self._row(row, rules) for row in partnership.tables.get(name, [])]
            match rules.table.shape:
                case Shape.REGISTER:
                    env |= self._row(partnership.own, rules)
                case Shape.ONE:
                    env |= rows[0] if rows else self._row({}, rules)
                case Shape.CYCLE:
                    years = [row["year"] for row in partnership.tables.get(name, [])]
                    mine = [row for row, year in zip(rows, years, strict=True) if year == self.cycle.start]
                    env |= mine[0] if mine else self._row({}, rules)
                case Shape.MANY:
                    env["rows", name] = rows  # type: ignore[index]
                case Shape.CURRENT:
                    env |= self._current(rows, rules)
                    env["rows", name] = rows  # type: ignore[index]
                case Shape.COUNCIL_YEAR:
                    env["lines", name] = self._lines(partnership.tables.get(name, []), rules)  # type: ignore[index]
        return env

    def _row(self, row: Row, rules: TableRules) -> Env:
        """The facts of one row, those derived of it included."""
        env: Env = {}
        for fact in rules.table.facts.values():
            if fact.kind is Kind.COUNCILS:
                env |= {f"{fact.name}_{council}": row.get(f"{fact.name}_{council}") for council in self.councils}
            elif fact.kind.bounded:
                env[fact.name] = interval(fact.kind, row.get(f"{fact.name}_lo"), row.get(f"{fact.name}_hi"))
            else:
                env[fact.name] = row.get(fact.name)
        if rules.table.shape in (Shape.CURRENT, Shape.MANY, Shape.ONE, Shape.CYCLE):
            for derived in rules.derived:
                assert isinstance(derived.formula, ex.Node)
                env[derived.name] = self._formula(derived, env)
        return env

    def _formula(self, derived: Derived, env: Env) -> Any:
        parts: tuple[Any, ...] = (derived.formula, *derived.otherwise)
        read = self.expressions.interval if derived.kind.bounded else self.expressions.truth
        values = [read(part, env) for part in parts]
        return next((value for value in values if says_something(derived.kind, value)), values[-1])

    def _current(self, rows: Sequence[Env], rules: TableRules) -> Env:
        if not rows:
            return self._row({}, rules)
        dates = [(row[rules.starts], row[rules.ends]) for row in rows]
        found = [rows[i] for i in sorted(possibly_current(dates, self.as_of.toordinal()))]
        env: Env = {}
        for name, value in found[0].items():
            values = [row[name] for row in found]
            if isinstance(value, tuple):
                env[name] = (min(lo for lo, _ in values), max(hi for _, hi in values))
            else:
                env[name] = value if all(other == value for other in values) else None
        return env

    # Contributions

    def _lines(self, rows: Sequence[Row], rules: TableRules) -> dict[str, dict[str | None, Env]]:
        """What each council's line and the joint line count in a total, and a council's with its share."""
        counted = [row for row in rows if row["year"] in (None, self.year.start)]
        planned = [row for row in rows if row["year"] == self.cycle.start]
        names: list[str | None] = [*self.councils, None]
        stated_facts = [fact for fact in rules.table.facts.values() if fact.name not in ("council", "year")]
        facts = [fact for fact in stated_facts if fact.kind is not Kind.DATE]
        own: dict[str | None, Env] = {line: {} for line in names}
        stated: dict[tuple[str, str | None], bool] = {}
        for fact in facts:
            for line in names:
                if fact.kind.bounded:
                    own[line][fact.name], stated[fact.name, line] = self._measure(fact, line, counted)
                else:
                    own[line][fact.name] = self._agreed(fact, line, counted)
        for name, node in rules.otherwise.items():
            joint = stated[name, None]
            for line in names:
                if stated[name, line] or (line is not None and joint):
                    continue
                if any(stated[read, line] for read in ex.facts_of(node)):
                    own[line][name], stated[name, line] = self.expressions.interval(node, own[line]), True
        for name, of in rules.in_cycle.items():
            in_cycle = replace(rules.table.facts[of], name=name)
            facts.append(in_cycle)
            for line in names:
                own[line][name], stated[name, line] = self._measure(rules.table.facts[of], line, planned)
        total: dict[str | None, Env] = {line: dict(env) for line, env in own.items()}
        share: dict[str | None, Env] = {line: dict(own[line]) for line in self.councils}
        for fact in facts:
            if not fact.kind.bounded:
                continue
            joint = stated[fact.name, None]
            for line in names:
                if not stated[fact.name, line] and (line is None or joint):
                    total[line][fact.name] = (0, 0)
                if line is not None and joint:
                    most = total[line][fact.name][1] + own[None][fact.name][1]
                    share[line][fact.name] = (own[line][fact.name][0], most)
        return {"total": total, "share": share}

    def _measure(self, fact: Fact, line: str | None, rows: Sequence[Row]) -> tuple[Interval, bool]:
        def found(of: str | None, text: bool) -> list[tuple[Row, Interval]]:
            return [
                (row, interval(fact.kind, row.get(f"{fact.name}_lo"), row.get(f"{fact.name}_hi")))
                for row in rows
                if row["council"] == of and bool(row.get("text")) is text
            ]

        def says(of: str | None, text: bool) -> bool:
            return any(bounds != blank(fact.kind) for _, bounds in found(of, text))

        if says(line, text=False):
            sheet = found(line, text=False)
            rates = [bounds for row, bounds in sheet if row["year"] is None]
            years = [bounds for row, bounds in sheet if row["year"] is not None]
            unlimited = any(math.isinf(hi) for _, hi in rates + years)
            least, most = (max(sum(b[end] for b in rates), sum(b[end] for b in years)) for end in (0, 1))
            return (least, math.inf if unlimited else most), True
        replaced = any(says(other, text=False) for other in (self.councils if line is None else [None]))
        if says(line, text=True) and not replaced:
            read = [bounds for _, bounds in found(line, text=True) if bounds != blank(fact.kind)]
            return (sum(lo for lo, _ in read), sum(hi for _, hi in read)), True
        return blank(fact.kind), False

    def _agreed(self, fact: Fact, line: str | None, rows: Sequence[Row]) -> Any:
        own = [row for row in rows if row["council"] == line]
        values = {row.get(fact.name) for row in own if row.get(fact.name) is not None or not row.get("text")}
        return values.pop() if len(values) == 1 else None

    # Derived facts

    def _derived(self, derived: Derived, position: int, envs: Sequence[Env]) -> Any:
        env = envs[position]
        match derived.formula:
            case Aggregate(table=table) as aggregate if ("rows", table) in env:
                rows = env["rows", table]  # type: ignore[index]
                return self._over(aggregate, [(env | row, True) for row in rows])
            case Aggregate() as aggregate:
                return self._aggregate(aggregate, env)
            case Repeats(keys=keys, also=also):
                return self._repeated(keys, also, position, envs)
            case CouncilsIn(fact=fact):
                named = councils_named(env[fact], self.pack.vocabulary) if env[fact] is not None else None
                return " ".join(sorted(named)) if named else None
            case _:
                return self._formula(derived, env)

    def _aggregate(self, aggregate: Aggregate, env: Env) -> Any:
        lines = env["lines", aggregate.table]  # type: ignore[index]
        by_council = aggregate.function in ("greatest", "every", "count")
        members: list[Env] = []
        for line in self.councils if by_council else [*self.councils, None]:
            member = dict(env) | lines["share" if by_council else "total"][line]
            member |= {name[: -len(line) - 1]: value for name, value in env.items() if line and _ends(name, line)}
            members.append(member)
        return self._over(aggregate, [(member, True) for member in members])

    def _over(self, aggregate: Aggregate, rows: Sequence[tuple[Env, bool]]) -> Any:
        """An aggregate over rows, of which some are only possible. Where there is none nothing is known."""
        if not rows:
            return None if aggregate.function in ("any", "every") else (0, math.inf)
        truth, interval_of = self.expressions.truth, self.expressions.interval
        members = [one for one, _ in rows]
        counts: list[Truth] = [
            AND[surely or None, True if aggregate.where is None else truth(aggregate.where, one)]
            for one, surely in rows
        ]
        match aggregate.function:
            case "any":
                return either([AND[c, truth(aggregate.over, one)] for c, one in zip(counts, members, strict=True)])
            case "every":
                return both([OR[NOT[c], truth(aggregate.over, one)] for c, one in zip(counts, members, strict=True)])
            case "count":
                hits = [AND[c, truth(aggregate.over, one)] for c, one in zip(counts, members, strict=True)]
                return (100 * hits.count(True), 100 * (len(hits) - hits.count(False)))
        ends = []
        for counted, one in zip(counts, members, strict=True):
            lo, hi = interval_of(aggregate.over, one)
            ends.append((lo if counted is True else 0, 0 if counted is False else hi))
        joined: Callable[[Any], Any] = sum if aggregate.function == "sum" else max
        return (joined(lo for lo, _ in ends), joined(hi for _, hi in ends))

    def _ledger(self, name: str, partnerships: Sequence[Partnership], envs: Sequence[Env]) -> LedgerOracle:
        ledger = self.pack.ledgers[name]
        fact = self.pack.tables[ledger.table].table.facts[ledger.amount]

        def amounts(rows: Sequence[Row]) -> dict[str | None, tuple[Interval, bool]]:
            return {line: self._measure(fact, line, rows) for line in (*self.councils, None)}

        def moved_back(ordinal: Any) -> Any:
            assert ledger.period is not None
            return shifted(ordinal, -ledger.period)

        years = (self.year.start, self.cycle.start)
        return LedgerOracle(ledger, self.pack, partnerships, envs, years, amounts, moved_back)

    def _repeated(self, keys: tuple[str, ...], also: tuple[str, ...], position: int, envs: Sequence[Env]) -> Truth:
        own = envs[position]

        def same(name: str, env: Env) -> Truth:
            values = (own[name], env[name])
            return None if None in values else normal(values[0]) == normal(values[1])

        others = [
            env for at, env in enumerate(envs) if at != position and all(same(name, env) is True for name in keys)
        ]
        return either([both([same(name, env) for name in also]) for env in others])

    # Rules

    def _judged(self, env: Env) -> Env:
        known: Env = {name: self.expressions.truth(one.test, env) for name, one in self.pack.criteria.items()}

        def conclude(name: str) -> Truth:
            if name not in known:
                rule = next(rule for rule in self.pack.rules.values() if rule.concludes == name)
                known[name] = rule_truth(rule.formula, {read: conclude(read) for read in rule.inputs})
            return known[name]  # type: ignore[no-any-return]

        for rule in self.pack.rules.values():
            if rule.concludes is not None:
                conclude(rule.concludes)
            else:
                known[rule.id] = outcome(rule, {read: conclude(read) for read in rule.inputs})
        return known


def _ends(name: Any, line: str) -> bool:
    return isinstance(name, str) and name.endswith(f"_{line}")


def outcome(rule: Rule, inputs: Mapping[str, Truth]) -> str:
    """The outcome of a rule that requires or warns."""
    applies = True if rule.applies is None else rule_truth(rule.applies, inputs)
    sign = rule_truth(rule.formula, inputs)
    violation = AND[applies, NOT[sign] if rule.kind == "requires" else sign]
    if violation is None:
        return "undetermined"
    if violation:
        return "finding"
    return "not_applicable" if applies is False else "clear"
