"""The forecast: the days on which outcomes change if nothing is done, and why.

It is exact: the register is audited on its turning points only (see ``turning_points``), and nothing changes between
them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from dateutil.relativedelta import relativedelta

from tipstaff.audit.dates.drift import Drift
from tipstaff.audit.dates.turning_points import Turn, cycle_of, days_between, owners_below, turns
from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.decisions.classes import classes
from tipstaff.audit.decisions.decision_tables import Decision, decide
from tipstaff.audit.explaining.values import show_bounds
from tipstaff.audit.gathering.facts import moments
from tipstaff.errors import ForecastError
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.pack.model import MINOR, SEVERITIES, Pack, Rule
from tipstaff.policy.pack.schema import ActionPart
from tipstaff.register.tables.model import Register

MOST_YEARS = 10
"""The longest period of a forecast."""

CLASS = "class"
"""The subject of a change of class."""


class AnswerKind(StrEnum):
    """The kind of a changed answer."""

    OUTCOME = "outcome"
    CLASS = "class"
    CONCLUSION = "conclusion"


@dataclass(frozen=True, slots=True)
class Cause:
    """A date that has passed: a fact with its value and cell, or another date in words."""

    fact: str
    sentence: str
    cell: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """An answer that changes on a day.

    ``subject`` is the id of a rule, the name of a conclusion, or CLASS. ``rule`` is the rule that answers it; for a
    class, the rule that concludes the new class, otherwise the old one. ``old`` and ``new`` are words.
    """

    day: date
    position: int
    kind: AnswerKind
    subject: str
    rule: Rule
    old: str
    new: str
    causes: tuple[Cause, ...]

    @property
    def title(self) -> str:
        """The name of the changed answer."""
        return "Class" if self.kind is AnswerKind.CLASS else self.rule.title

    @property
    def action(self) -> ActionPart | None:
        """The action of the rule; None for an outcome that is not a finding."""
        return self.rule.action if self.kind is not AnswerKind.OUTCOME or self.new == Outcome.FINDING.word else None

    @property
    def needs_attention(self) -> bool:
        """Whether it is a class, a conclusion, a new finding or a newly undetermined outcome that is not minor."""
        if self.kind is not AnswerKind.OUTCOME or self.new == Outcome.FINDING.word:
            return True
        return self.new == Outcome.UNDETERMINED.word and self.rule.severity not in MINOR


@dataclass(frozen=True, slots=True)
class Forecast:
    """The changes from the day after the as-of date to ``until``, by day, partnership and importance."""

    audit: Audit
    """The audit on the first day."""
    until: date
    audited: int
    """The number of audited days."""
    changes: tuple[Change, ...]


def forecast(
    register: Register,
    pack: Pack,
    as_of: date,
    until: date,
    cycle: FinancialYear | None = None,
    decisions: Mapping[str, Decision] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Forecast:
    """Forecast the outcomes of a register up to and including a date.

    Without ``cycle``, each day is audited for the cycle after its own financial year. ``progress`` is called before
    each audit with the number made and the number planned. Raises ForecastError and InferenceError.
    """
    if until <= as_of:
        raise ForecastError(
            f"A forecast until {show_date(until)} would end before it begins: the as-of date is {show_date(as_of)}. "
            "Give a later date."
        )
    if until > as_of + relativedelta(years=MOST_YEARS):
        raise ForecastError(
            f"A forecast until {show_date(until)} would look more than {MOST_YEARS} years ahead of {show_date(as_of)}. "
            "Give an earlier date."
        )
    tables = decide(pack) if decisions is None else decisions
    drift = Drift(pack)
    days = days_between(as_of, until)
    by_day: dict[date, list[Turn]] = {}
    for turn in turns(register, pack, days, cycle, drift):
        by_day.setdefault(turn.day, []).append(turn)
    planned = len(days) if drift.always else len(by_day) + 1
    progress(0, planned)
    first = before = audit(register, pack, as_of, cycle_of(as_of, cycle), tables)
    causes = _Causes(register, pack)
    changes: list[Change] = []
    made = 1
    for day in days[1:]:
        turned = by_day.get(day, [])
        if not (turned or drift.always or _has_drifted(before, drift, day, cycle)):
            continue
        progress(made, max(planned, made + 1))
        now = audit(register, pack, day, cycle_of(day, cycle), tables)
        found = _changes(before, now, turned, causes)
        changes += sorted(found, key=lambda change: (change.position, not change.needs_attention, _rank(change)))
        before, made = now, made + 1
    return Forecast(first, until, made, tuple(changes))


def _has_drifted(before: Audit, drift: Drift, day: date, cycle: FinancialYear | None) -> bool:
    """Whether a criterion that drifts has another answer than on the last audited day."""
    if not drift.criteria:
        return False
    answers = drift.answers(before.facts, moments(day, cycle_of(day, cycle)))
    return not answers.equals(before.answers.select(drift.criteria))


def _rank(change: Change) -> int:
    return SEVERITIES.index(change.rule.severity) if change.rule.severity else -1


def _changes(before: Audit, now: Audit, turned: list[Turn], causes: "_Causes") -> Iterator[Change]:
    for kind, subject, old, new in _answers(before, now):
        for position, (was, is_now) in enumerate(zip(old, new, strict=True)):
            if was != is_now:
                rule = _rule(before.pack, kind, subject, was, is_now)
                why = causes.of(before, now, position, subject, turned)
                yield Change(now.as_of, position, kind, subject, rule, was, is_now, why)


def _answers(before: Audit, now: Audit) -> Iterator[tuple[AnswerKind, str, list[str], list[str]]]:
    """The reported answers before and now, in words, where any changed."""
    pack = before.pack
    yield AnswerKind.CLASS, CLASS, classes(before), classes(now)
    for name in pack.named:
        if name not in pack.classes and not before.answers[name].equals(now.answers[name]):
            yield AnswerKind.CONCLUSION, name, _truths(before, name), _truths(now, name)
    for rule in now.rules:
        if not before.answers[rule.id].equals(now.answers[rule.id]):
            yield AnswerKind.OUTCOME, rule.id, _outcomes(before, rule.id), _outcomes(now, rule.id)


def _truths(one: Audit, name: str) -> list[str]:
    return [{True: "yes", False: "no", None: "not known"}[truth] for truth in one.answers[name]]


def _outcomes(one: Audit, rule: str) -> list[str]:
    return [Outcome(number).word for number in one.answers[rule]]


def _rule(pack: Pack, kind: AnswerKind, subject: str, old: str, new: str) -> Rule:
    match kind:
        case AnswerKind.OUTCOME:
            return pack.rules[subject]
        case AnswerKind.CONCLUSION:
            return pack.concluding(subject)
        case AnswerKind.CLASS:
            return pack.concluding(next((name for name in (new, old) if name in pack.classes), pack.classes[0]))


class _Causes:
    """Finds the dates that changed an answer by passing."""

    def __init__(self, register: Register, pack: Pack) -> None:
        self.register = register
        self.pack = pack
        self._below = cache(lambda criterion: owners_below(pack, criterion))

    def of(self, before: Audit, now: Audit, position: int, subject: str, turned: list[Turn]) -> tuple[Cause, ...]:
        """The dates behind the criteria that changed with an answer."""
        changed = list(dict.fromkeys(self._changed(before, now, position, subject)))
        owners = {owner for criterion in changed for owner in self._below(criterion)}
        relevant = (turn for turn in turned if turn.position in (None, position) and turn.owner in owners)
        dated = tuple(dict.fromkeys(self._cause(turn) for turn in relevant))
        return dated or tuple(Cause("", f"time: {self.pack.criteria[name].question}", None) for name in changed)

    def _changed(self, before: Audit, now: Audit, position: int, subject: str) -> Iterator[str]:
        """The changed criteria behind a rule or conclusion."""
        rules = (
            [self.pack.concluding(name) for name in self.pack.classes]
            if subject == CLASS
            else [self.pack.rules[subject] if subject in self.pack.rules else self.pack.concluding(subject)]
        )
        for name in dict.fromkeys(name for rule in rules for name in rule.inputs):
            if before.answers[name][position] is now.answers[name][position]:
                continue
            if name in self.pack.criteria:
                yield name
            else:
                yield from self._changed(before, now, position, name)

    def _cause(self, turn: Turn) -> Cause:
        if not turn.fact:
            return Cause("", turn.said, None)
        info = self.pack.facts[turn.fact]
        assert info.table is not None
        rows = self.register.tables[info.table]
        lo, hi = (rows.columns[f"{info.column}_{end}"][turn.index] for end in ("lo", "hi"))
        return Cause(turn.fact, f"{info.label} ({show_bounds(Kind.DATE, lo, hi)})", rows.cell(turn.index, info.column))
