"""The renewal check list: the duties of every partnership before a cycle, with due dates and states.

A duty that is not yet due is not a finding of the audit. The check list treats it as due, to find out whether it is
done.
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
    """The state of a duty."""

    MISSING = "missing"
    """Due and not done; or a warning sign applies."""
    TO_DO = "to do"
    """Not done, and not certainly due yet."""
    NOT_KNOWN = "not known"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Due:
    """The last day on which a duty is not late, as bounds; None if it is unknown.

    ``past`` is whether that day is over on the as-of date; None if that is not known.
    """

    on: Bounds[date] | None
    past: bool | None


@dataclass(frozen=True, slots=True)
class Duty:
    """One rule for one partnership. ``due`` is None if the rule names no date, so that the duty is always due.

    ``message`` says what is not done or not known, and is empty for a duty that is done. ``missing`` holds the facts
    that would settle a duty that is not known.
    """

    rule: Rule
    state: State
    due: Due | None
    message: str
    missing: tuple[Missing, ...]

    def step(self, lead_officer: str) -> Step | None:
        """The next step: the action of the rule, or the questions to ask."""
        return next_step(self.rule, self.missing, lead_officer, unknown=self.state is State.NOT_KNOWN)

    def days_left(self, as_of: date) -> int | None:
        """The fewest days until it is due: 0 on the last day, negative after it; None without a date."""
        if self.due is None or self.due.on is None:
            return None
        last = self.due.on.hi if self.due.past else self.due.on.lo
        return ((last or self.due.on.lo) - as_of).days


@dataclass(frozen=True, slots=True)
class Entry:
    """The duties of one partnership, in the order of their dates; those without a date come first."""

    position: int
    ref: str
    name: str
    lead_officer: str
    duties: tuple[Duty, ...]

    @property
    def open(self) -> tuple[Duty, ...]:
        """The duties that are not done."""
        return tuple(duty for duty in self.duties if duty.state is not State.DONE)


@dataclass(frozen=True, slots=True)
class Renewal:
    """The check list of a cycle, with the partnerships in the order of their earliest open duty."""

    audit: Audit
    entries: tuple[Entry, ...]

    def counts(self) -> dict[State, int]:
        """The number of duties in each state."""
        states = [duty.state for entry in self.entries for duty in entry.duties]
        return {state: states.count(state) for state in State}


def check_renewal(audit: Audit) -> Renewal:
    """Make the check list of the audit's cycle from the rules that the pack lists for a renewal."""
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
                tuple(sorted(duties, key=lambda duty: _urgency(duty, audit.as_of))),
            )
        )
    entries.sort(key=lambda entry: min((_sort_day(duty, audit.as_of) for duty in entry.open), default=date.max))
    return Renewal(audit, tuple(entries))


def treat_as_due(audit: Audit) -> Audit:
    """Return the audit with the rules of a renewal only, each treated as due."""
    rules: list[Rule] = []
    decisions = dict(audit.decisions)
    for name in audit.pack.renewal:
        rule = audit.pack.rules[name]
        if rule.due_on is not None:
            decisions[name] = _fix_true(decisions[name], rule.due)
            rule = _without_date(rule)
        rules.append(rule)
    frame = audit.answers.lazy()
    columns = [rule_column(rule, decisions[rule.id]) for rule in rules]
    answers = frame.with_columns(*columns).collect()
    return replace(audit, rules=tuple(rules), decisions=decisions, answers=answers)


def _without_date(rule: Rule) -> Rule:
    """Remove the due date from a rule's conditions."""
    violation = _assume_true(rule.violation, rule.due)
    applies = None if rule.applies is None else _assume_true(rule.applies, rule.due)
    return replace(rule, violation=violation, applies=applies, inputs=tuple(n for n in rule.inputs if n != rule.due))


def _assume_true(node: Node, name: str) -> Node:
    """Replace one name in a formula by true."""
    match node:
        case FactRef(name=found) if found == name:
            return Constant(Kind.YES_NO, True)
        case Not(operand=operand):
            return Not(_assume_true(operand, name))
        case Every(operands=operands):
            return Every(tuple(_assume_true(operand, name) for operand in operands))
        case Some(operands=operands):
            return Some(tuple(_assume_true(operand, name) for operand in operands))
        case _:
            return node


def _fix_true(decision: Decision, name: str) -> Decision:
    """Keep the rows of the decision tables in which one input is true, and drop that input."""

    def rows(table: Table) -> Table:
        place = table.inputs.index(name)
        rest = (*table.inputs[:place], *table.inputs[place + 1 :])
        codes = (([*digits[:place], TRUE, *digits[place:]]) for digits in combinations(len(rest)))
        return Table(rest, tuple(table.answer(digits) for digits in codes))

    return Decision(rows(decision.violation), None if decision.applies is None else rows(decision.applies))


def _due(audit: Audit, rule: Rule) -> Iterator[Due]:
    """The due date of a rule, by partnership."""
    assert rule.due_on is not None
    ends = Columns(dict(audit.facts.moments)).ends(rule.due_on)
    frame = audit.facts.frame.lazy().with_columns(_lo=column_of(ends.lo), _hi=column_of(ends.hi))
    days = frame.select("_lo", "_hi").collect()
    for (lo, hi), past in zip(days.iter_rows(), audit.answers[rule.due], strict=True):
        yield Due(None if hi is None and lo in (None, NEVER) else Bounds(lo, hi), past)


def _duty(explainer: Explainer, rule: Rule, position: int, outcome: Outcome, due: Due | None) -> Duty:
    """The duty of a partnership under a rule that applies or may apply."""
    if outcome is Outcome.CLEAR:
        return Duty(rule, State.DONE, due, "", ())
    finding = explainer.finding(rule, position, outcome)
    if outcome is Outcome.UNDETERMINED:
        return Duty(rule, State.NOT_KNOWN, due, finding.message, finding.missing)
    state = State.MISSING if due is None or due.past else State.TO_DO
    return Duty(rule, state, due, finding.message, ())


def _sort_day(duty: Duty, as_of: date) -> date:
    """The day to sort a duty by: the as-of date if it is always due, the last possible day if its date is unknown."""
    if duty.due is None:
        return as_of
    return date.max if duty.due.on is None else duty.due.on.lo


def _urgency(duty: Duty, as_of: date) -> tuple[date, int, int]:
    return _sort_day(duty, as_of), list(State).index(duty.state), SEVERITIES.index(duty.rule.severity)
