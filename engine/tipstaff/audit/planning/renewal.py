"""The renewal: what must be true by when before a cycle, of every partnership, and how far that has come.

A duty that is not yet due is no finding of the audit. Here it is judged as if it were due, so that it can be said
whether it is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tipstaff.audit.columns.compiler import Columns, column_of
from tipstaff.audit.decisions.audit import Audit, Outcome, rule_column
from tipstaff.audit.decisions.decision_tables import TRUE, Decision, Table, combinations
from tipstaff.audit.explaining.evidence import Missing
from tipstaff.audit.explaining.findings import Explainer, Step, next_step
from tipstaff.facts.bounds import NEVER, Bounds
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import Constant, Every, FactRef, Node, Not, Some
from tipstaff.policy.pack.model import SEVERITIES, Rule


class State(StrEnum):
    """How far a duty has come."""

    MISSING = "missing"
    """Owed today and not done; or a warning sign is there."""
    TO_DO = "to do"
    """Not done, and not surely due yet."""
    NOT_KNOWN = "not known"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Due:
    """The last day on which a duty is not yet late: bounds where the date is known in part, None where it is not.

    ``past`` is whether that day is over on the as-of date; None where that is not known.
    """

    on: Bounds[date] | None
    past: bool | None


@dataclass(frozen=True, slots=True)
class Duty:
    """One rule for one partnership. ``due`` is None where the rule names no date: it is owed at any time.

    ``message`` says what is missing or not known and is empty of what is done; ``missing`` holds the facts, with the
    questions to ask, that would settle what is not known.
    """

    rule: Rule
    state: State
    due: Due | None
    message: str
    missing: tuple[Missing, ...]

    def step(self, lead_officer: str) -> Step | None:
        """What to do next; of what is not known, what to find out."""
        return next_step(self.rule, self.missing, lead_officer, unknown=self.state is State.NOT_KNOWN)

    def days_left(self, as_of: date) -> int | None:
        """The days until it is due, at the earliest: nought on the last day, negative after it; None without a date."""
        if self.due is None or self.due.on is None:
            return None
        last = self.due.on.hi if self.due.past else self.due.on.lo
        return ((last or self.due.on.lo) - as_of).days


@dataclass(frozen=True, slots=True)
class Entry:
    """The duties of one partnership, in the order of their dates; those without a date are owed now and come first."""

    position: int
    ref: str
    name: str
    lead_officer: str
    duties: tuple[Duty, ...]

    @property
    def open(self) -> tuple[Duty, ...]:
        """What is not done."""
        return tuple(duty for duty in self.duties if duty.state is not State.DONE)


@dataclass(frozen=True, slots=True)
class Renewal:
    """The check list of a cycle: every partnership, those with the earliest open duty first."""

    audit: Audit
    entries: tuple[Entry, ...]

    def counts(self) -> dict[State, int]:
        """How many duties are in each state."""
        states = [duty.state for entry in self.entries for duty in entry.duties]
        return {state: states.count(state) for state in State}


def check_renewal(audit: Audit) -> Renewal:
    """The check list of the cycle that an audit is made for, from the rules that the pack lists for a renewal."""
    judged = treat_as_due(audit)
    explainer = Explainer(judged, range(audit.partnerships))
    dates = {rule.id: tuple(_due(audit, rule)) for rule in judged.rules if rule.due_on is not None}
    outcomes = [(rule, judged.answers[rule.id].to_list()) for rule in judged.rules]
    entries = []
    for position in range(audit.partnerships):
        duties = [
            _duty(explainer, rule, position, outcome, dates[rule.id][position] if rule.id in dates else None)
            for rule, found in outcomes
            if (outcome := Outcome(found[position])) is not Outcome.NOT_APPLICABLE
        ]
        entries.append(
            Entry(
                position,
                audit.register.refs[position],
                explainer.evidence.text("name", position),
                explainer.evidence.text("lead_officer", position),
                tuple(sorted(duties, key=lambda duty: _pressing(duty, audit.as_of))),
            )
        )
    entries.sort(key=lambda entry: min((_when(duty, audit.as_of) for duty in entry.open), default=date.max))
    return Renewal(audit, tuple(entries))


def treat_as_due(audit: Audit) -> Audit:
    """The rules of a renewal alone, each judged as if it were due. The audit itself is left as it is."""
    rules: list[Rule] = []
    decisions = dict(audit.decisions)
    for name in audit.pack.renewal:
        rule = audit.pack.rules[name]
        if rule.due_on is not None:
            decisions[name] = _given(decisions[name], rule.due)
            rule = _without_date(rule)
        rules.append(rule)
    frame = audit.answers.lazy()
    columns = [rule_column(rule, decisions[rule.id]) for rule in rules]
    answers = frame.with_columns(*columns).collect()
    return replace(audit, rules=tuple(rules), decisions=decisions, answers=answers)


def _without_date(rule: Rule) -> Rule:
    """A rule whose ``applies`` no longer asks whether it is due."""
    violation = _granted(rule.violation, rule.due)
    applies = None if rule.applies is None else _granted(rule.applies, rule.due)
    return replace(rule, violation=violation, applies=applies, inputs=tuple(n for n in rule.inputs if n != rule.due))


def _granted(node: Node, name: str) -> Node:
    """A formula in which one name is taken to be true."""
    match node:
        case FactRef(name=found) if found == name:
            return Constant(Kind.YES_NO, True)
        case Not(operand=operand):
            return Not(_granted(operand, name))
        case Every(operands=operands):
            return Every(tuple(_granted(operand, name) for operand in operands))
        case Some(operands=operands):
            return Some(tuple(_granted(operand, name) for operand in operands))
        case _:
            return node


def _given(decision: Decision, name: str) -> Decision:
    """The rows of the decision tables in which one input is true, without that input."""

    def rows(table: Table) -> Table:
        place = table.inputs.index(name)
        rest = (*table.inputs[:place], *table.inputs[place + 1 :])
        codes = (([*digits[:place], TRUE, *digits[place:]]) for digits in combinations(len(rest)))
        return Table(rest, tuple(table.answer(digits) for digits in codes))

    return Decision(rows(decision.violation), None if decision.applies is None else rows(decision.applies))


def _due(audit: Audit, rule: Rule) -> Iterator[Due]:
    """When a rule is due, partnership by partnership."""
    assert rule.due_on is not None
    ends = Columns(dict(audit.facts.moments)).ends(rule.due_on)
    frame = audit.facts.frame.lazy().with_columns(_lo=column_of(ends.lo), _hi=column_of(ends.hi))
    days = frame.select("_lo", "_hi").collect()
    for (lo, hi), past in zip(days.iter_rows(), audit.answers[rule.due], strict=True):
        yield Due(None if hi is None and lo in (None, NEVER) else Bounds(lo, hi), past)


def _duty(explainer: Explainer, rule: Rule, position: int, outcome: Outcome, due: Due | None) -> Duty:
    """What a rule that applies, or may apply, asks of a partnership."""
    if outcome is Outcome.CLEAR:
        return Duty(rule, State.DONE, due, "", ())
    finding = explainer.finding(rule, position, outcome)
    if outcome is Outcome.UNDETERMINED:
        return Duty(rule, State.NOT_KNOWN, due, finding.message, finding.missing)
    state = State.MISSING if due is None or due.past else State.TO_DO
    return Duty(rule, state, due, finding.message, ())


def _when(duty: Duty, as_of: date) -> date:
    """The day by which to sort a duty: the as-of date where it is owed at any time, last where the day is not known."""
    if duty.due is None:
        return as_of
    return date.max if duty.due.on is None else duty.due.on.lo


def _pressing(duty: Duty, as_of: date) -> tuple[date, int, int]:
    return _when(duty, as_of), list(State).index(duty.state), SEVERITIES.index(duty.rule.severity)
