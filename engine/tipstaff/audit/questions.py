"""Questions: the facts to ask for, those first that settle most.

A fact is worth what its answers settle on average: the answers that could be given are tried, and the outcomes that
each settles are counted, those of the worst severity first. What an earlier question settles counts no more for a later
one. A fact that settles nothing by itself is asked together with the others that its outcome wants for.

The list goes on as if every question were given the answer that settles most, so that no officer is asked what may
never matter. Where another answer opens further questions, they are for the next round: apply the answers, ask again.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tipstaff.audit.audit import Audit, Outcome
from tipstaff.audit.findings import Explainer
from tipstaff.audit.statements import Missing
from tipstaff.audit.suppositions import (
    Blank,
    alone,
    is_settled,
    on_line,
    possible_answers,
    rests_on_others,
    suppose,
)
from tipstaff.facts.periods import financial_year_of
from tipstaff.facts.vocabulary import Fact, Shape
from tipstaff.policy.pack import JOINT, SEVERITIES, Rule
from tipstaff.register.council_years import NO_LINE, Line
from tipstaff.register.sheet import Raw
from tipstaff.register.tables import rows_by_partnership

MOST_PARTNERSHIPS = 500
"""The most partnerships that questions are asked about at once: those with most undetermined outcomes, worst first."""

_Key = tuple[object, ...]
_Counts = tuple[int, ...]
_Wanted = Mapping[int, Mapping[str, Sequence[Blank]]]
"""The blanks that undetermined outcomes want for, by partnership and rule."""


@dataclass(frozen=True, slots=True)
class Question:
    """A fact to ask for.

    ``settles`` holds the rules whose undetermined outcomes an answer to it can settle and no earlier question does, in
    the order of the pack; ``together`` is how many questions, this one included, it takes to settle them. ``answer`` is
    the one that settles most, of those tried.
    """

    blank: Blank
    fact: Fact
    settles: tuple[Rule, ...]
    together: int
    answer: Raw

    @property
    def severity(self) -> str:
        """The worst severity of what it can settle."""
        return min((rule.severity for rule in self.settles), key=SEVERITIES.index)


def questions(audit: Audit) -> tuple[Question, ...]:
    """What to ask, first what settles most undetermined outcomes of the worst severity; ties by the partnership's name.

    It asks about MOST_PARTNERSHIPS partnerships at most.
    """
    return tuple(_merged(_Asking(audit).by_partnership()))


def undetermined(audit: Audit) -> dict[int, list[Rule]]:
    """The rules that are undetermined for each partnership, by its position."""
    found: dict[int, list[Rule]] = defaultdict(list)
    for rule in audit.rules:
        for position, outcome in enumerate(audit.answers[rule.id].to_list()):
            if outcome == Outcome.UNDETERMINED:
                found[position].append(rule)
    return dict(found)


@dataclass(slots=True)
class _Partnership:
    """What is still open of a partnership, and what is asked about it so far, with the key that sorts it."""

    position: int
    open: list[Rule]
    asked: list[tuple[_Key, Question]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An answer to a blank, with the ids of the rules whose outcomes it settles."""

    answer: Raw
    settles: frozenset[str]


class _Asking:
    """Asks about every partnership at once, round by round, until nothing is open that an answer could settle."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self._names = audit.facts.frame["name"].to_list()
        self._about_others = {rule.id for rule in audit.rules if rests_on_others(audit.pack, rule)}
        self._alone = alone(audit.pack)
        self._supposed: dict[int, dict[Blank, Raw]] = defaultdict(dict)

    def by_partnership(self) -> list[list[tuple[_Key, Question]]]:
        """The questions about each partnership, in the order to ask them, with the keys that sort them."""
        open_rules = undetermined(self.audit)
        worst = sorted(open_rules, key=lambda place: (_negative(_counted(open_rules[place])), place))
        chosen = [_Partnership(place, open_rules[place]) for place in worst[:MOST_PARTNERSHIPS]]
        pending = chosen
        while pending:
            self._ask_round(pending)
            pending = [one for one in pending if one.open]
        return [one.asked for one in chosen if one.asked]

    def _ask_round(self, pending: Sequence[_Partnership]) -> None:
        """Ask what settles something by itself, given the answers supposed so far; where nothing does, a group."""
        places = range(self.audit.partnerships)
        supposed = [(place, self._supposed[place]) for place in places] if self._supposed else []
        state = _State(suppose(self.audit, supposed) if supposed else self.audit)
        wanted: dict[int, dict[str, list[Blank]]] = {}
        for one in pending:
            one.open = [rule for rule in one.open if rule.id in state.open[one.position]]
            wanted[one.position] = {
                rule.id: [
                    blank for blank in state.blanks(rule, one.position) if blank not in self._supposed[blank.position]
                ]
                for rule in one.open
            }
        tried = self._tried(state, wanted)
        stuck = [one for one in pending if one.open and not self._ask_singly(one, tried[one.position], wanted)]
        if stuck:
            self._ask_together(state, stuck, wanted)

    def _tried(self, state: "_State", wanted: _Wanted) -> dict[int, dict[Blank, list[_Attempt]]]:
        """What each possible answer to each blank settles, by partnership. An audit of copies, one an answer, says so.

        Of rules on other entries it cannot; see ``_tried_on_others``. An answer that would open an outcome anew
        contradicts those supposed, and is left out.
        """
        attempts: list[tuple[int, Blank, Raw]] = [
            (position, blank, raw)
            for position, by_rule in wanted.items()
            for blank in dict.fromkeys(blank for blanks in by_rule.values() for blank in blanks)
            for raw in state.possible_answers(blank)
        ]
        cases = [(place, {**self._supposed[place], blank: raw}) for place, blank, raw in attempts]
        if not cases:
            return {position: {} for position in wanted}
        answers = suppose(self.audit, cases, self._alone).answers
        columns = {rule.id: answers[rule.id].to_list() for rule in self.audit.rules if rule.id in answers.columns}
        on_others = self._tried_on_others(state, wanted)
        tried: dict[int, dict[Blank, list[_Attempt]]] = {position: defaultdict(list) for position in wanted}
        for case, (position, blank, raw) in enumerate(attempts):
            still = {rule for rule, column in columns.items() if column[case] == Outcome.UNDETERMINED}
            if still <= state.open[position]:
                own = (wanted[position].keys() & columns.keys()) - still if blank.position == position else set()
                others = on_others.get((position, blank, raw), set())
                tried[position][blank].append(_Attempt(raw, frozenset(own | others)))
        return tried

    def _tried_on_others(self, state: "_State", wanted: _Wanted) -> dict[tuple[int, Blank, Raw], set[str]]:
        """What the first and the last answer to one blank of each partnership settle of the rules on other entries.

        It is the first blank that the worst of these outcomes wants for, and all partnerships are tried at once.
        """
        probed: dict[int, Blank] = {}
        for position, by_rule in wanted.items():
            rules = [rule for rule in by_rule if rule in self._about_others and by_rule[rule]]
            if rules:
                worst = min(rules, key=lambda rule: SEVERITIES.index(self.audit.pack.rules[rule].severity))
                probed[position] = by_rule[worst][0]
        found: dict[tuple[int, Blank, Raw], set[str]] = {}
        for end in (0, -1) if probed else ():
            answers = {blank: state.possible_answers(blank)[end] for blank in probed.values()}
            supposed = {place: dict(self._supposed[place]) for place in range(self.audit.partnerships)}
            for blank, raw in answers.items():
                supposed[blank.position][blank] = raw
            after = undetermined(suppose(self.audit, list(supposed.items())))
            for position, blank in probed.items():
                still = {rule.id for rule in after.get(position, [])}
                found[position, blank, answers[blank]] = (wanted[position].keys() & self._about_others) - still
        return found

    def _ask_singly(self, one: _Partnership, tried: Mapping[Blank, Sequence[_Attempt]], wanted: _Wanted) -> bool:
        """Ask greedily what settles something by itself; whether there was anything.

        What an outcome wants for beside a fact that is asked waits for the next round: the answer may make it idle.
        """
        rules = {rule.id: rule for rule in one.open}
        left, idle = set(rules), set[Blank]()

        def gain(attempt: _Attempt) -> _Counts:
            return _counted(rules[rule] for rule in attempt.settles & left)

        def worth(blank: Blank) -> _Key:
            gains = [gain(attempt) for attempt in tried[blank]]
            mean = tuple(Fraction(sum(column), len(gains)) for column in zip(*gains, strict=True))
            return _negative(mean), _negative(max(gains)), *self._called(blank)

        found = False
        while useful := {
            blank: worth(blank)
            for blank, attempts in tried.items()
            if blank not in idle and any(attempt.settles & left for attempt in attempts)
        }:
            found = True
            blank = min(useful, key=lambda each: useful[each])
            best = max(tried[blank], key=gain)
            can = frozenset[str]().union(*(attempt.settles for attempt in tried[blank])) & left
            self._ask(one, useful[blank], blank, [rule for rule in one.open if rule.id in can], 1, best.answer)
            left -= best.settles
            idle.update(*(blanks for blanks in wanted[one.position].values() if blank in blanks))
        return found

    def _ask_together(self, state: "_State", stuck: Sequence[_Partnership], wanted: _Wanted) -> None:
        """Ask for what an outcome wants for: of those of the worst severity, the one that wants for least.

        A few of its facts may do, where they show that all is in order; else it is all of them. They are supposed to
        settle it. An outcome that wants for nothing that an answer could fill is given up.
        """
        cases: list[tuple[int, dict[Blank, Raw]]] = []
        groups: list[tuple[_Partnership, Rule, range]] = []
        for one in stuck:
            blanks = wanted[one.position]
            rule = min(one.open, key=lambda rule: (SEVERITIES.index(rule.severity), len(blanks[rule.id])))
            one.open.remove(rule)
            first = len(cases)
            cases += [(one.position, few) for few in _fewer(state, blanks[rule.id])]
            groups.append((one, rule, range(first, len(cases))))
        if not cases:
            return
        answered = [(place, {**self._supposed[place], **few}) for place, few in cases]
        tried = suppose(self.audit, answered, self._alone).answers
        for one, rule, numbers in groups:
            of_rule = tried[rule.id].to_list() if rule.id in tried.columns else [Outcome.UNDETERMINED] * len(cases)
            told = (Outcome.CLEAR, Outcome.NOT_APPLICABLE)
            in_order = [cases[each][1] for each in numbers if of_rule[each] in told]
            everything = [cases[each][1] for each in numbers[-1:]]
            chosen = (in_order or everything or [{}])[0]
            for blank, answer in chosen.items():
                weight = _negative(tuple(Fraction(count, len(chosen)) for count in _counted([rule])))
                self._ask(one, (weight, weight, *self._called(blank)), blank, [rule], len(chosen), answer)

    def _ask(
        self, one: _Partnership, key: _Key, blank: Blank, settles: Iterable[Rule], together: int, answer: Raw
    ) -> None:
        fact = self.audit.register.tables[blank.table].table.facts[blank.fact]
        one.asked.append((key, Question(blank, fact, tuple(settles), together, answer)))
        self._supposed[blank.position][blank] = answer

    def _called(self, blank: Blank) -> tuple[str, int, str, str, int]:
        """Sorts questions of equal worth: by the names of partnership and fact, then by council and year."""
        line = blank.line
        return self._names[blank.position] or "", blank.position, blank.fact, line.council or "", line.year or 0


class _State:
    """The register with the answers supposed so far, audited."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self._explainer = Explainer(audit, range(audit.partnerships))
        self._vocabulary = audit.pack.vocabulary
        self._rows = {name: rows_by_partnership(rows) for name, rows in audit.register.tables.items()}
        self._year = financial_year_of(audit.as_of).start
        self.open: dict[int, set[str]] = defaultdict(set)
        """The ids of the rules that are undetermined, by partnership."""
        for position, rules in undetermined(audit).items():
            self.open[position] = {rule.id for rule in rules}

    def blanks(self, rule: Rule, position: int) -> list[Blank]:
        """The blanks that hold the facts an undetermined outcome wants for."""
        wanting = self._explainer.wanting(rule, position)
        return list(dict.fromkeys(blank for missing in wanting.missing for blank in self._blanks(missing)))

    def possible_answers(self, blank: Blank) -> list[Raw]:
        """Answers to try for a blank, within what is known."""
        fact = self.audit.register.tables[blank.table].table.facts[blank.fact]
        base = blank.fact
        if self.audit.register.tables[blank.table].table.shape is Shape.COUNCIL_YEAR:
            in_cycle = blank.line.year == self.audit.cycle.start
            base = f"{self._measure(blank.table, blank.fact, in_cycle)}#{blank.line.council or JOINT}"
        frame = self.audit.facts.frame
        known = (None, None)
        if f"{base}_hi" in frame.columns:
            known = frame[f"{base}_lo"][blank.position], frame[f"{base}_hi"][blank.position]
        return possible_answers(fact, self._vocabulary, self.audit.as_of, known)

    def _blanks(self, missing: Missing) -> Iterator[Blank]:
        rows = self.audit.register.tables[missing.table]
        fact = rows.table.facts[missing.fact]
        own = self._rows[missing.table].get(missing.position, [])
        unsettled = [index for index in own if not is_settled(rows, index, fact, self._vocabulary)]
        if rows.table.shape is not Shape.COUNCIL_YEAR:
            line = Line(year=self.audit.cycle.start) if rows.table.shape is Shape.CYCLE else NO_LINE
            of_line = [index for index in own if on_line(rows, index, line)]
            if not of_line or set(of_line) & set(unsettled):
                yield Blank(missing.position, missing.table, missing.fact, line)
            return
        measure = self._measure(missing.table, missing.fact, bool(missing.year))
        years = (self.audit.cycle.start,) if missing.year else (None, self._year)
        for council in self._explainer.statements.lines_not_known(measure, missing.position):
            lines = [Line(None if council == JOINT else council, year) for year in years]
            blank = [line for line in lines if any(on_line(rows, index, line) for index in unsettled)]
            for line in blank or lines[-1:]:
                yield Blank(missing.position, missing.table, missing.fact, line)

    def _measure(self, table: str, fact: str, in_cycle: bool) -> str:
        """What a fact by council and year is called where it is of the year of the cycle."""
        of_cycle = {fact: name for name, fact in self.audit.pack.tables[table].in_cycle.items()} if in_cycle else {}
        return of_cycle.get(fact, fact)


def _merged(sequences: Iterable[list[tuple[_Key, Question]]]) -> Iterator[Question]:
    """The best of what comes next of each sequence, again and again; a blank once."""
    heads = [(sequence[0][0], number, 0, sequence) for number, sequence in enumerate(sequences)]
    heapq.heapify(heads)
    asked: set[Blank] = set()
    while heads:
        _, number, place, sequence = heapq.heappop(heads)
        question = sequence[place][1]
        if question.blank not in asked:
            asked.add(question.blank)
            yield question
        if place + 1 < len(sequence):
            heapq.heappush(heads, (sequence[place + 1][0], number, place + 1, sequence))


def _fewer(state: _State, blanks: Sequence[Blank]) -> list[dict[Blank, Raw]]:
    """Answers to the first few of these blanks, or the last few, all the first or all the last possible ones.

    Fewest first; at the end answers to all of them.
    """
    possible = {blank: found for blank in blanks if (found := state.possible_answers(blank))}
    return [
        {blank: possible[blank][end] for blank in order[:count]}
        for count in range(1, len(possible) + 1)
        for order in (list(possible), list(possible)[::-1])
        for end in (-1, 0)
    ]


def _counted(rules: Iterable[Rule]) -> _Counts:
    """How many rules there are of each severity, the worst first."""
    counts = Counter(rule.severity for rule in rules)
    return tuple(counts[severity] for severity in SEVERITIES)


def _negative(counts: Sequence[Fraction] | _Counts) -> tuple[Fraction | int, ...]:
    return tuple(-count for count in counts)
