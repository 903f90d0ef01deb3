"""Flaws of a pack's rules, found in their decision tables: rules that never fire, always fire, repeat or contradict.

What is known of criteria: one that comes to a constant has one answer; two that are the same expression, or each
other's negation (up to the order of operands and the direction of comparisons), have the same or opposite answers. A
conclusion is followed down to the criteria it rests on while these stay few. Beyond that, criteria are taken to be
independent: every combination of their answers is taken to be possible.

A flaw that is found is one, therefore; not found is what rests on what criteria mean: that a type excludes another,
that an amount at least £20,000 is at least £10,000, that a date before another is not after it. Nor is a duty found
that a sign contradicts only if a further condition of the sign holds, unless that condition is under ``applies``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from itertools import chain, combinations
from operator import and_, or_

from tipstaff.audit.decisions.decision_tables import TRUE, Decision, Row, Table, least
from tipstaff.policy.language.canonical_forms import Form, form_of
from tipstaff.policy.pack.model import Pack, Rule
from tipstaff.policy.pack.switches import switching_off

MOST_QUESTIONS = 12
"""The most questions whose answers are combined; two rules read no more, conclusions not followed."""


class Flaw(StrEnum):
    """A flaw of a rule, or of two."""

    NEVER = "never"
    """It can never be a finding; of a conclusion, never true. A rule switched off by its ``applies`` is none."""
    ALWAYS = "always"
    """Wherever it applies it is a finding; of a conclusion, always true."""
    REPEATS = "repeats"
    """Both find, or conclude, the same from the same questions."""
    CONTRADICTS = "contradicts"
    """Wherever both apply, one of them is a finding, and it may be either."""


@dataclass(frozen=True, slots=True)
class Found:
    """A flaw, with its witness: answers to the questions that the rules read, by name.

    NEVER: what it would take, where its table has it at all. ALWAYS and REPEATS: if it fires. CONTRADICTS: where
    the first is the finding, and where the second is. ``settled`` are the questions that can have one answer only.
    """

    flaw: Flaw
    rules: tuple[str, ...]
    rows: tuple[Mapping[str, bool], ...]
    settled: Mapping[str, bool] = field(default_factory=dict)


def find_flaws(pack: Pack, decisions: Mapping[str, Decision]) -> list[Found]:
    """The flaws of a pack's rules, in the order of the pack: those of one rule, then those of two."""
    policy = _Policy(pack, decisions)
    found = [one for rule in pack.rules.values() for one in policy.alone(rule)]
    spoilt = {rule for one in found for rule in one.rules}
    sound = [rule for rule in pack.rules.values() if rule.id not in spoilt]
    return found + [one for first, second in combinations(sound, 2) for one in policy.together(first, second)]


class _Policy:
    def __init__(self, pack: Pack, decisions: Mapping[str, Decision]) -> None:
        self.pack = pack
        self.forms = {name: form_of(criterion.test) for name, criterion in pack.criteria.items()}
        self.concluding = {rule.concludes: rule for rule in pack.rules.values() if rule.concludes is not None}
        self.fires = {rule: _true_rows(decision.violation) for rule, decision in decisions.items()}
        self.applies = {
            rule: _true_rows(decision.applies) for rule, decision in decisions.items() if decision.applies is not None
        }
        self.rests_on: dict[str, tuple[object, ...]] = {}
        for layer in pack.layers:
            for rule in layer:
                self.rests_on[rule] = _each_once(map(self._questions_under, pack.rules[rule].inputs))

    def alone(self, rule: Rule) -> Iterator[Found]:
        world = _World(self, [rule])
        fires, applies = world.fires(rule), world.applies(rule)
        if switching_off(self.pack, rule):
            return
        if not fires:
            table = [_answered(rule, row) for row in self.fires[rule.id]]
            yield Found(Flaw.NEVER, (rule.id,), tuple(table[:1]), world.settled(rule))
        elif fires == applies:
            yield Found(Flaw.ALWAYS, (rule.id,), (world.row(fires, rule),), world.settled(rule))

    def together(self, first: Rule, second: Rule) -> Iterator[Found]:
        if (first.concludes is None) != (second.concludes is None):
            return
        names = (first.id, second.id)
        if set(self.asked(first)) == set(self.asked(second)):
            near = _World(self, [first, second], follow=False)
            if near.fires(first) == near.fires(second):
                yield Found(Flaw.REPEATS, names, (near.row(near.fires(first), first, second),))
                return
        if first.concludes is None and not set(self.rests_on[first.id]).isdisjoint(self.rests_on[second.id]):
            world = _World(self, [first, second])
            both = world.applies(first) & world.applies(second)
            one, other = world.fires(first) & both, world.fires(second) & both
            if both and one | other == both and one != both and other != both:
                rows = (world.row(one & ~other or one, first, second), world.row(other & ~one or other, first, second))
                yield Found(Flaw.CONTRADICTS, names, rows)

    def asked(self, rule: Rule) -> tuple[object, ...]:
        """The questions that a rule itself asks and that can have either answer; the same under two names is one."""
        forms = (self.forms.get(name, (True, name)) for name in rule.inputs)
        return tuple(form[1] for form in forms if not isinstance(form, bool))

    def _questions_under(self, name: str) -> tuple[object, ...]:
        if name in self.concluding:
            return self.rests_on[self.concluding[name].id]
        form = self.forms[name]
        return () if isinstance(form, bool) else (form[1],)


class _World:
    """Every combination of answers to the questions under some rules, each a bit of the numbers that represent truths.

    Conclusions are followed to the criteria they rest on, unless these are too many or ``follow`` forbids it; they are
    then questions themselves.
    """

    def __init__(self, policy: _Policy, rules: Iterable[Rule], *, follow: bool = True) -> None:
        self.policy = policy
        chosen = list(rules)
        questions = _each_once(policy.rests_on[rule.id] for rule in chosen)
        self.follow = follow and len(questions) <= MOST_QUESTIONS
        if not self.follow:
            questions = _each_once(policy.asked(rule) for rule in chosen)
        self.all = (1 << (1 << len(questions))) - 1
        self.true = {
            question: self.all ^ self.all // ((1 << (1 << index)) + 1) for index, question in enumerate(questions)
        }
        self.known: dict[str, int] = {}

    def fires(self, rule: Rule) -> int:
        return self._met(rule, self.policy.fires[rule.id])

    def applies(self, rule: Rule) -> int:
        rows = self.policy.applies.get(rule.id)
        return self.all if rows is None else self._met(rule, rows)

    def row(self, truth: int, *rules: Rule) -> dict[str, bool]:
        """The answers to what rules read, in the first combination of a truth."""
        bit = (truth & -truth).bit_length() - 1
        return {name: bool(self._answer(name) >> bit & 1) for rule in rules for name in rule.inputs}

    def settled(self, rule: Rule) -> dict[str, bool]:
        """The criteria that a rule reads and that can have one answer only."""
        answers = {name: self._answer(name) for name in rule.inputs}
        return {name: bool(answer) for name, answer in answers.items() if answer in (0, self.all)}

    def _met(self, rule: Rule, rows: Iterable[Row]) -> int:
        return reduce(or_, (self._so(rule, row) for row in rows), 0)

    def _so(self, rule: Rule, row: Row) -> int:
        answers = (
            self._answer(name) if answer else self.all ^ self._answer(name)
            for name, answer in zip(rule.inputs, row, strict=True)
            if answer is not None
        )
        return reduce(and_, answers, self.all)

    def _answer(self, name: str) -> int:
        if name not in self.known:
            concluding = self.policy.concluding.get(name)
            if concluding is None:
                self.known[name] = self._formed(self.policy.forms[name])
            else:
                self.known[name] = self.fires(concluding) if self.follow else self.true[name]
        return self.known[name]

    def _formed(self, form: Form) -> int:
        if isinstance(form, bool):
            return self.all if form else 0
        positive, question = form
        return self.true[question] if positive else self.all ^ self.true[question]


def _each_once(groups: Iterable[Iterable[object]]) -> tuple[object, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(groups)))


def _true_rows(table: Table) -> list[Row]:
    return least(table, frozenset(table.codes(TRUE)))


def _answered(rule: Rule, row: Row) -> dict[str, bool]:
    return {name: answer for name, answer in zip(rule.inputs, row, strict=True) if answer is not None}
