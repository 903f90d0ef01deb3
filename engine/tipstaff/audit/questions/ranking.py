"""Questions ranked by the outcomes that their answers settle.

A question is a fact to ask for wherever it is blank and an answer would help. Its rank is the average number of
outcomes that its possible answers settle, counting the worst severity first. Outcomes that an earlier question settles
do not count again. Facts that settle an outcome only together are asked one after another.

Each further question assumes that every earlier blank got the answer that settles most, so that officers are not asked
for facts that may never matter. If other answers raise further questions, ask again after applying them.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.questions.blanks import Blank, Blanks
from tipstaff.audit.questions.suppositions import FactKey, Settled, Trial, find_settled, rests_on_others, suppose
from tipstaff.facts.vocabulary import Fact
from tipstaff.policy.pack.model import SEVERITIES, Rule
from tipstaff.register.files.sheet import Raw

MOST_PARTNERSHIPS = 500
"""The most partnerships to ask about: those with the most undetermined outcomes of the worst severity."""

ENOUGH_CASES, ENOUGH_TRIALS = 3_000, 20
"""A batch of trials is large enough when it has this many cases and this many trials."""

_FEW = 5
"""The most facts tried together at first; more are tried only if these settle no outcome."""

_Outcome = tuple[int, str]
"""An undetermined outcome: the position of the partnership, and the id of the rule."""

_Needed = Mapping[_Outcome, Mapping[Blank, Sequence[Raw]]]
"""The blanks that undetermined outcomes need, with the answers to try."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A blank to fill.

    ``settles`` holds the rules, in the order of the pack, whose undetermined outcomes an answer can settle. ``answer``
    is the tried answer that settles most.
    """

    blank: Blank
    settles: tuple[Rule, ...]
    answer: Raw


@dataclass(frozen=True, slots=True)
class Question:
    """A fact to ask for wherever it is blank and an answer would help.

    ``settles`` holds the undetermined outcomes that its answers can settle, by position and rule, without those of
    earlier questions. ``together`` is the number of questions, including this one, that it takes to settle them.
    """

    fact: Fact
    gaps: tuple[Gap, ...]
    settles: tuple[tuple[int, Rule], ...]
    together: int

    @property
    def severity(self) -> str:
        """The worst severity among the outcomes that it can settle."""
        return min((rule.severity for _, rule in self.settles), key=SEVERITIES.index)


def rank_questions(audit: Audit) -> Iterator[Question]:
    """Yield the questions to ask, beginning with the one that settles most outcomes of the worst severity.

    Ties are in the order of the names of facts. At most MOST_PARTNERSHIPS partnerships are asked about. Questions are
    worked out on demand.
    """
    return _Asker(audit).questions()


class _Asker:
    """Asks in rounds until no open outcome can be settled by an answer."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self._names = audit.facts.frame["name"].to_list()
        self._rules = {rule.id: rule for rule in audit.rules}
        self._others = {rule.id for rule in audit.rules if rests_on_others(audit.pack, rule)}
        rules = audit.undetermined()
        worst = sorted(rules, key=lambda position: ([-count for count in _counted(rules[position])], position))
        self._chosen = sorted(worst[:MOST_PARTNERSHIPS])
        self._supposed: dict[int, dict[Blank, Raw]] = {position: {} for position in range(audit.partnerships)}
        self._given_up: set[_Outcome] = set()
        self._left: set[_Outcome] = set()
        """The outcomes that are still open in this round."""

    def questions(self) -> Iterator[Question]:
        state = self.audit
        while needed := self._needed(state):
            self._left = set(needed)
            yield from self._round(needed, state)
            state = suppose(self.audit, list(self._supposed.items()))

    def _needed(self, state: Audit) -> _Needed:
        """The outcomes undetermined after the supposed answers, with the blanks still to ask for."""
        blanks, rules = Blanks(state), state.undetermined()
        found: dict[_Outcome, dict[Blank, Sequence[Raw]]] = {}
        for position in self._chosen:
            for rule in rules.get(position, ()):
                own = [one for one in blanks.needed(rule, position) if one not in self._supposed[one.position]]
                if own and (position, rule.id) not in self._given_up:
                    found[position, rule.id] = {blank: blanks.possible_answers(blank) for blank in own}
        return found

    def _round(self, needed: _Needed, state: Audit) -> Iterator[Question]:
        """Ask the questions that settle most of the worst severity, otherwise all that one outcome needs."""
        before = {position: frozenset(rule.id for rule in rules) for position, rules in state.undetermined().items()}
        for most in (_FEW, None):
            for worst, severity in enumerate(SEVERITIES):
                for trials in self._batches(needed, severity, most):
                    settled = _without_singles(trials, find_settled(self.audit, trials, self._supposed, before))
                    asked = list(self._ask_greedily(needed, trials, settled, worst))
                    yield from asked
                    if asked:
                        return
        yield from self._ask_everything(needed)

    def _batches(self, needed: _Needed, severity: str, most: int | None) -> Iterator[list[Trial]]:
        """Trials of the facts that outcomes of a severity need, in batches for one audit each.

        Each fact is tried alone, and the first and last few that an outcome needs are tried together. Facts with the
        greatest share in the needs of such outcomes come first.
        """
        by_fact: dict[FactKey, dict[int, dict[Blank, Sequence[Raw]]]] = defaultdict(lambda: defaultdict(dict))
        needing: dict[FactKey, set[_Outcome]] = defaultdict(set)
        shares: dict[FactKey, Fraction] = defaultdict(Fraction)
        groups: dict[tuple[FactKey, ...], None] = {}
        everything: dict[int, set[str]] = defaultdict(set)
        for one, blanks in needed.items():
            everything[one[0]].add(one[1])
            facts = tuple(dict.fromkeys((blank.table, blank.fact) for blank in blanks))
            for blank, answers in blanks.items():
                by_fact[blank.table, blank.fact][blank.position][blank] = answers
            for fact in facts:
                needing[fact].add(one)
            if self._rules[one[1]].severity == severity:
                groups |= dict.fromkeys((fact,) for fact in facts)
                if most is None or len(facts) <= most:
                    groups |= dict.fromkeys(part for size in range(2, len(facts) + 1) for part in _ends(facts, size))
                for fact in facts:
                    shares[fact] += Fraction(1, len(facts))
        batch: list[Trial] = []
        cases = 0
        for group in sorted(groups, key=lambda group: (-sum(shares[fact] for fact in group), group)):
            filled: dict[int, dict[Blank, Sequence[Raw]]] = defaultdict(dict)
            for fact in group:
                for position, possible in by_fact[fact].items():
                    filled[position] |= possible
            may_settle = {position: set(everything[position]) for position in filled}
            whole_register = False
            for position, rule in set[_Outcome]().union(*(needing[fact] for fact in group)):
                may_settle.setdefault(position, set()).add(rule)
                whole_register = whole_register or rule in self._others
            others = set() if whole_register else self._others
            trial = Trial(
                group,
                filled,
                {position: frozenset(rules - others) for position, rules in may_settle.items()},
                whole_register,
            )
            batch.append(trial)
            cases += sum(len(trial.positions(self.audit, attempt)) for attempt in trial.attempts)
            if cases >= ENOUGH_CASES and len(batch) >= ENOUGH_TRIALS:
                yield batch
                batch, cases = [], 0
        if batch:
            yield batch

    def _ask_greedily(
        self, needed: _Needed, trials: Sequence[Trial], settled: Sequence[Settled], worst: int
    ) -> Iterator[Question]:
        """Ask the best remaining trial repeatedly, as long as it settles outcomes of the worst severity.

        The worth of a trial never rises, so only the best in the queue has to be weighed again.
        """
        queue = [(self._worth(trial, settled[number]), number) for number, trial in enumerate(trials)]
        heapq.heapify(queue)
        answered: set[FactKey] = set()
        while queue:
            (weight, _), number = heapq.heappop(queue)
            trial = trials[number]
            if not any(weight[: worst + 1]) or not answered.isdisjoint(trial.facts):
                continue
            again = self._worth(trial, settled[number]), number
            if queue and again > queue[0]:
                heapq.heappush(queue, again)
            elif any(again[0][0][: worst + 1]):
                answered |= set(trial.facts)
                yield from self._ask(needed, trial, settled[number])

    def _worth(self, trial: Trial, settled: Settled) -> tuple[tuple[Fraction, ...], tuple[FactKey, ...]]:
        """The sort key of a trial, best first: the average outcomes settled per fact, negative, by severity."""
        total = [Fraction(0)] * len(SEVERITIES)
        for position, attempts in settled.items():
            gained = [
                self._rules[rule] for rules in attempts.values() for rule in rules if (position, rule) in self._left
            ]
            for severity, count in enumerate(_counted(gained)):
                total[severity] -= Fraction(count, len(attempts) * len(trial.facts))
        return tuple(total), trial.facts

    def _ask(self, needed: _Needed, trial: Trial, settled: Settled) -> Iterator[Question]:
        """Ask for the facts of a trial, and suppose the best answers at each position, otherwise the best overall."""
        gains = {
            position: {
                attempt: {(position, rule) for rule in rules} & self._left for attempt, rules in attempts.items()
            }
            for position, attempts in settled.items()
        }

        def counted(attempt: int, *positions: int) -> tuple[int, ...]:
            return _counted(self._rules[rule] for at in positions for _, rule in gains[at].get(attempt, ()))

        anywhere = max(trial.attempts, key=lambda attempt: counted(attempt, *gains))
        best = {
            position: max(own, key=lambda attempt: counted(attempt, position))
            for position, own in gains.items()
            if any(own.values())
        }
        answers: dict[Blank, Raw] = {}
        for position in trial.blanks:
            answers |= trial.answers(position, best.get(position, anywhere))
        can = {one for own in gains.values() for outcomes in own.values() for one in outcomes}
        yield from self._questions_of(needed, trial.facts, can, answers)
        self._left -= {one for position, attempt in best.items() for one in gains[position][attempt]}

    def _ask_everything(self, needed: _Needed) -> Iterator[Question]:
        """Ask for all that one outcome needs, then give it up, with the outcomes of its rule that need the same facts.

        The outcome is the one of the worst severity that needs fewest facts.
        """

        def facts_of(one: _Outcome) -> tuple[FactKey, ...]:
            return tuple(dict.fromkeys((blank.table, blank.fact) for blank in needed[one]))

        chosen = min(needed, key=lambda one: (SEVERITIES.index(self._rules[one[1]].severity), len(facts_of(one)), one))
        facts = facts_of(chosen)
        alike = {one for one in needed if one[1] == chosen[1] and facts_of(one) == facts}
        answers = {blank: possible[-1] for one in alike for blank, possible in needed[one].items()}
        yield from self._questions_of(needed, facts, alike, answers)
        self._given_up |= alike

    def _questions_of(
        self, needed: _Needed, facts: Sequence[FactKey], can: AbstractSet[_Outcome], answers: Mapping[Blank, Raw]
    ) -> Iterator[Question]:
        """Make the questions about these facts that can settle outcomes ``can``, and suppose the answers."""
        gaps: dict[FactKey, dict[Blank, set[str]]] = {fact: {} for fact in facts}
        for blank in answers:
            settles = {rule for position, rule in can if position == blank.position or blank in needed[position, rule]}
            if settles:
                gaps[blank.table, blank.fact][blank] = settles
        together = sum(map(bool, gaps.values()))
        for (table, name), own in gaps.items():
            for blank in own:
                self._supposed[blank.position][blank] = answers[blank]
            found = [
                Gap(blank, tuple(rule for rule in self.audit.rules if rule.id in own[blank]), answers[blank])
                for blank in sorted(own, key=self._sort_key)
            ]
            if found:
                outcomes = tuple((position, self._rules[rule]) for position, rule in sorted(can))
                yield Question(self.audit.register.tables[table].table.facts[name], tuple(found), outcomes, together)

    def _sort_key(self, blank: Blank) -> tuple[str, int, str, int]:
        """The sort key of a gap: the name of the partnership, then council and year."""
        return self._names[blank.position] or "", blank.position, blank.line.council or "", blank.line.year or 0


def _without_singles(trials: Sequence[Trial], settled: Sequence[Settled]) -> list[Settled]:
    """Remove from trials of several facts the outcomes that one fact settles by itself."""
    singly: dict[int, set[str]] = defaultdict(set)
    for trial, own in zip(trials, settled, strict=True):
        for position, attempts in own.items() if len(trial.facts) == 1 else ():
            singly[position].update(*attempts.values())
    return [
        own
        if len(trial.facts) == 1
        else {
            position: {attempt: rules - singly[position] for attempt, rules in attempts.items()}
            for position, attempts in own.items()
        }
        for trial, own in zip(trials, settled, strict=True)
    ]


def _ends(facts: tuple[FactKey, ...], size: int) -> tuple[tuple[FactKey, ...], ...]:
    return facts[:size], facts[-size:]


def _counted(rules: Iterable[Rule]) -> tuple[int, ...]:
    """The number of rules of each severity, worst first."""
    counts = Counter(rule.severity for rule in rules)
    return tuple(counts[severity] for severity in SEVERITIES)
