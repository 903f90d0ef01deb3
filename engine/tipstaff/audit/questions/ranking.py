"""Questions: the facts to ask for, those first that settle most.

A question is a fact, asked wherever it is blank and an answer would help. It is worth what its answers settle on
average: the answers that could be given are tried, and the outcomes that each settles are counted, those of the worst
severity first. What an earlier question settles counts no more for a later one. Facts that settle an outcome only
together are asked one after another.

The list goes on as if every blank were given the answer that settles most, so that no officer is asked what may never
matter. Where another answer opens further questions, they are for the next round: apply the answers, ask again.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.questions.blanks import Blanks
from tipstaff.audit.questions.suppositions import Blank, FactKey, Settled, Trial, find_settled, rests_on_others, suppose
from tipstaff.facts.vocabulary import Fact
from tipstaff.policy.pack.model import SEVERITIES, Rule
from tipstaff.register.files.sheet import Raw

MOST_PARTNERSHIPS = 500
"""The most partnerships that questions are asked about at once: those with most undetermined outcomes, worst first."""

ENOUGH_CASES, ENOUGH_TRIALS = 3_000, 20
"""An audit tries so many cases and trials, and no more than it takes for both."""

_FEW = 5
"""Up to so many facts are tried together at first; more where these settle nothing."""

_Outcome = tuple[int, str]
"""An undetermined outcome: the position of the partnership, and the id of the rule."""

_Wanted = Mapping[_Outcome, Mapping[Blank, Sequence[Raw]]]
"""The blanks that undetermined outcomes want, with the answers to try."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A blank that a question is to fill.

    ``settles`` holds the rules, in the order of the pack, whose undetermined outcomes the question can settle with it.
    ``answer`` is the one that settles most, of those tried.
    """

    blank: Blank
    settles: tuple[Rule, ...]
    answer: Raw


@dataclass(frozen=True, slots=True)
class Question:
    """A fact to ask for, wherever it is blank and an answer would help.

    ``settles`` holds the undetermined outcomes that answers to it can settle, by position and rule: those that no
    earlier question settles. ``together`` is how many questions, this one included, it takes to settle them.
    """

    fact: Fact
    gaps: tuple[Gap, ...]
    settles: tuple[tuple[int, Rule], ...]
    together: int

    @property
    def severity(self) -> str:
        """The worst severity of what it can settle."""
        return min((rule.severity for _, rule in self.settles), key=SEVERITIES.index)


def rank_questions(audit: Audit) -> Iterator[Question]:
    """What to ask, first what settles most undetermined outcomes of the worst severity; ties by the name of the fact.

    It asks about MOST_PARTNERSHIPS partnerships at most. Each question is worked out when it is called for.
    """
    return _Asking(audit).questions()


class _Asking:
    """Asks round by round, until nothing is open that an answer could settle."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self._names = audit.facts.frame["name"].to_list()
        self._rules = {rule.id: rule for rule in audit.rules}
        self._others = {rule.id for rule in audit.rules if rests_on_others(audit.pack, rule)}
        rules = audit.undetermined()
        worst = sorted(rules, key=lambda place: ([-count for count in _counted(rules[place])], place))
        self._chosen = sorted(worst[:MOST_PARTNERSHIPS])
        self._supposed: dict[int, dict[Blank, Raw]] = {place: {} for place in range(audit.partnerships)}
        self._given_up: set[_Outcome] = set()
        self._left: set[_Outcome] = set()
        """What is open in this round."""

    def questions(self) -> Iterator[Question]:
        state = self.audit
        while wanted := self._wanted(state):
            self._left = set(wanted)
            yield from self._round(wanted, state)
            state = suppose(self.audit, list(self._supposed.items()))

    def _wanted(self, state: Audit) -> _Wanted:
        """What is undetermined with the answers supposed so far, with the blanks that are still to be asked for."""
        blanks, rules = Blanks(state), state.undetermined()
        found: dict[_Outcome, dict[Blank, Sequence[Raw]]] = {}
        for place in self._chosen:
            for rule in rules.get(place, ()):
                own = [one for one in blanks.wanted(rule, place) if one not in self._supposed[one.position]]
                if own and (place, rule.id) not in self._given_up:
                    found[place, rule.id] = {blank: blanks.possible_answers(blank) for blank in own}
        return found

    def _round(self, wanted: _Wanted, state: Audit) -> Iterator[Question]:
        """Ask what settles most of the worst severity that anything settles; where nothing does, all that one wants."""
        before = {place: frozenset(rule.id for rule in rules) for place, rules in state.undetermined().items()}
        for most in (_FEW, None):
            for worst, severity in enumerate(SEVERITIES):
                for trials in self._batches(wanted, severity, most):
                    settled = _without_singles(trials, find_settled(self.audit, trials, self._supposed, before))
                    asked = list(self._ask_greedily(wanted, trials, settled, worst))
                    yield from asked
                    if asked:
                        return
        yield from self._ask_everything(wanted)

    def _batches(self, wanted: _Wanted, severity: str, most: int | None) -> Iterator[list[Trial]]:
        """Trials of the facts that outcomes of a severity want, as many at once as an audit should hold.

        Each fact is tried, and the first or last few that one outcome wants; those with the greatest share in what such
        outcomes want come first.
        """
        places: dict[FactKey, dict[int, dict[Blank, Sequence[Raw]]]] = defaultdict(lambda: defaultdict(dict))
        wanting: dict[FactKey, set[_Outcome]] = defaultdict(set)
        shares: dict[FactKey, Fraction] = defaultdict(Fraction)
        groups: dict[tuple[FactKey, ...], None] = {}
        everything: dict[int, set[str]] = defaultdict(set)
        for one, blanks in wanted.items():
            everything[one[0]].add(one[1])
            facts = tuple(dict.fromkeys((blank.table, blank.fact) for blank in blanks))
            for blank, answers in blanks.items():
                places[blank.table, blank.fact][blank.position][blank] = answers
            for fact in facts:
                wanting[fact].add(one)
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
                for place, possible in places[fact].items():
                    filled[place] |= possible
            may_settle = {place: set(everything[place]) for place in filled}
            whole = False
            for place, rule in set[_Outcome]().union(*(wanting[fact] for fact in group)):
                may_settle.setdefault(place, set()).add(rule)
                whole = whole or rule in self._others
            others = set() if whole else self._others
            trial = Trial(
                group, filled, {place: frozenset(rules - others) for place, rules in may_settle.items()}, whole
            )
            batch.append(trial)
            cases += sum(len(trial.places(self.audit, attempt)) for attempt in trial.attempts)
            if cases >= ENOUGH_CASES and len(batch) >= ENOUGH_TRIALS:
                yield batch
                batch, cases = [], 0
        if batch:
            yield batch

    def _ask_greedily(
        self, wanted: _Wanted, trials: Sequence[Trial], settled: Sequence[Settled], worst: int
    ) -> Iterator[Question]:
        """Ask what settles most of what is left, again and again, as long as it settles some of the worst severity.

        What a trial settles only dwindles, so that none but the best need be weighed again.
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
                yield from self._ask(wanted, trial, settled[number])

    def _worth(self, trial: Trial, settled: Settled) -> tuple[tuple[Fraction, ...], tuple[FactKey, ...]]:
        """Sorts trials, the best first: by what their answers settle on average, for each fact to be asked."""
        total = [Fraction(0)] * len(SEVERITIES)
        for place, attempts in settled.items():
            gained = [self._rules[rule] for rules in attempts.values() for rule in rules if (place, rule) in self._left]
            for severity, count in enumerate(_counted(gained)):
                total[severity] -= Fraction(count, len(attempts) * len(trial.facts))
        return tuple(total), trial.facts

    def _ask(self, wanted: _Wanted, trial: Trial, settled: Settled) -> Iterator[Question]:
        """Ask for the facts of a trial, and suppose the answers that settle most at each position, else anywhere."""
        gains = {
            place: {attempt: {(place, rule) for rule in rules} & self._left for attempt, rules in attempts.items()}
            for place, attempts in settled.items()
        }

        def counted(attempt: int, *places: int) -> tuple[int, ...]:
            return _counted(self._rules[rule] for at in places for _, rule in gains[at].get(attempt, ()))

        anywhere = max(trial.attempts, key=lambda attempt: counted(attempt, *gains))
        best = {
            place: max(own, key=lambda attempt: counted(attempt, place))
            for place, own in gains.items()
            if any(own.values())
        }
        answers: dict[Blank, Raw] = {}
        for place in trial.blanks:
            answers |= trial.answers(place, best.get(place, anywhere))
        can = {one for own in gains.values() for outcomes in own.values() for one in outcomes}
        yield from self._questions_of(wanted, trial.facts, can, answers)
        self._left -= {one for place, attempt in best.items() for one in gains[place][attempt]}

    def _ask_everything(self, wanted: _Wanted) -> Iterator[Question]:
        """Ask for all that an outcome wants, of those of the worst severity the one that wants least, and give it up.

        So are the outcomes of its rule that want the same facts.
        """

        def facts_of(one: _Outcome) -> tuple[FactKey, ...]:
            return tuple(dict.fromkeys((blank.table, blank.fact) for blank in wanted[one]))

        chosen = min(wanted, key=lambda one: (SEVERITIES.index(self._rules[one[1]].severity), len(facts_of(one)), one))
        facts = facts_of(chosen)
        alike = {one for one in wanted if one[1] == chosen[1] and facts_of(one) == facts}
        answers = {blank: possible[-1] for one in alike for blank, possible in wanted[one].items()}
        yield from self._questions_of(wanted, facts, alike, answers)
        self._given_up |= alike

    def _questions_of(
        self, wanted: _Wanted, facts: Sequence[FactKey], can: AbstractSet[_Outcome], answers: Mapping[Blank, Raw]
    ) -> Iterator[Question]:
        """The questions about these facts that can settle these outcomes, their answers supposed from now on."""
        gaps: dict[FactKey, dict[Blank, set[str]]] = {fact: {} for fact in facts}
        for blank in answers:
            settles = {rule for place, rule in can if place == blank.position or blank in wanted[place, rule]}
            if settles:
                gaps[blank.table, blank.fact][blank] = settles
        together = sum(map(bool, gaps.values()))
        for (table, name), own in gaps.items():
            for blank in own:
                self._supposed[blank.position][blank] = answers[blank]
            found = [
                Gap(blank, tuple(rule for rule in self.audit.rules if rule.id in own[blank]), answers[blank])
                for blank in sorted(own, key=self._called)
            ]
            if found:
                outcomes = tuple((place, self._rules[rule]) for place, rule in sorted(can))
                yield Question(self.audit.register.tables[table].table.facts[name], tuple(found), outcomes, together)

    def _called(self, blank: Blank) -> tuple[str, int, str, int]:
        """Sorts the gaps of a question: by the name of the partnership, then by council and year."""
        return self._names[blank.position] or "", blank.position, blank.line.council or "", blank.line.year or 0


def _without_singles(trials: Sequence[Trial], settled: Sequence[Settled]) -> list[Settled]:
    """What trials settle, those of several facts without what one fact settles by itself."""
    singly: dict[int, set[str]] = defaultdict(set)
    for trial, own in zip(trials, settled, strict=True):
        for place, attempts in own.items() if len(trial.facts) == 1 else ():
            singly[place].update(*attempts.values())
    return [
        own
        if len(trial.facts) == 1
        else {
            place: {attempt: rules - singly[place] for attempt, rules in attempts.items()}
            for place, attempts in own.items()
        }
        for trial, own in zip(trials, settled, strict=True)
    ]


def _ends(facts: tuple[FactKey, ...], size: int) -> tuple[tuple[FactKey, ...], ...]:
    return facts[:size], facts[-size:]


def _counted(rules: Iterable[Rule]) -> tuple[int, ...]:
    """How many rules there are of each severity, the worst first."""
    counts = Counter(rule.severity for rule in rules)
    return tuple(counts[severity] for severity in SEVERITIES)
