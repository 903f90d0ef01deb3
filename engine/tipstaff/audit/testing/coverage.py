"""Coverage: which outcomes of a pack's rules, and which answers to its criteria, its cases bring about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.decision_tables import FALSE, TRUE, UNKNOWN, Decision
from tipstaff.audit.testing.cases import OUTCOMES, TRUTHS, Case
from tipstaff.policy.language.canonical_forms import form_of
from tipstaff.policy.language.nodes import Exists, FactRef, Law, Node, children, reads_the_record
from tipstaff.policy.pack.model import Criterion, Pack, formulas_of
from tipstaff.policy.pack.switches import switching_off

_DIGITS = {TRUE: "true", FALSE: "false", UNKNOWN: "unknown"}

Tried = Mapping[str, Mapping[str, int]]
"""For each name, how many cases bring about each of the outcomes or answers that it can have."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The cases that try each rule, by the outcome they expect, and each criterion, by the answer they bring about."""

    rules: Tried
    criteria: Tried

    @property
    def complete(self) -> bool:
        return not untried(self.rules) and not untried(self.criteria)


def untried(tried: Tried) -> dict[str, list[str]]:
    """The names of which some outcome or answer is in no case, with these."""
    gaps = {name: [word for word, count in counts.items() if not count] for name, counts in tried.items()}
    return {name: words for name, words in gaps.items() if words}


def coverage(
    pack: Pack,
    decisions: Mapping[str, Decision],
    audited: Iterable[tuple[Audit, Sequence[tuple[Case, int]]]],
    modules: Iterable[str] = (),
) -> Coverage:
    """The coverage of a pack's rules, or of some of its modules, and of the criteria that these read.

    Criteria that only switched-off rules read cannot be tried.
    """
    wanted = set(modules)
    chosen = [rule for rule in pack.rules.values() if not wanted or rule.module in wanted]
    possible = possible_outcomes(pack, decisions)
    rules = {rule.id: dict.fromkeys(possible[rule.id], 0) for rule in chosen}
    read = {name for rule in chosen if not switching_off(pack, rule) for name in rule.inputs}
    criteria = {
        name: dict.fromkeys((_DIGITS[digit] for digit in _answers(pack, criterion)), 0)
        for name, criterion in pack.criteria.items()
        if name in read
    }
    for done, placed in audited:
        for case, _ in placed:
            for rule_id, expected in case.expected.items():
                if expected in rules.get(rule_id, ()):
                    rules[rule_id][expected] += 1
        for name, counts in criteria.items():
            answers = done.answers[name]
            for _, position in placed:
                word = next(word for word, truth in TRUTHS.items() if truth is answers[position])
                if word in counts:
                    counts[word] += 1
    return Coverage(rules, criteria)


def possible_outcomes(pack: Pack, decisions: Mapping[str, Decision]) -> dict[str, list[str]]:
    """The outcomes that each rule can have by its table: of a conclusion true, false, unknown.

    A criterion that asks for nothing but the record is never unknown, and one that comes to a constant is nothing
    else; apart from that, what a rule reads is taken to be independent.
    """
    answers = {name: _answers(pack, criterion) for name, criterion in pack.criteria.items()}
    found: dict[str, list[str]] = {}
    for layer in pack.layers:
        for rule in (pack.rules[name] for name in layer):
            rows = list(product(*(answers[name] for name in rule.inputs)))
            decision = decisions[rule.id]
            if rule.concludes is None:
                outcomes = {_outcome(decision, row) for row in rows}
                found[rule.id] = [word for word, outcome in OUTCOMES.items() if outcome in outcomes]
            else:
                digits = {decision.violation.answer(row) for row in rows}
                answers[rule.concludes] = tuple(digit for digit in _DIGITS if digit in digits)
                found[rule.id] = [_DIGITS[digit] for digit in answers[rule.concludes]]
    return found


def _answers(pack: Pack, criterion: Criterion) -> tuple[int, ...]:
    form = form_of(criterion.test)
    if isinstance(form, bool):
        return (TRUE if form else FALSE,)
    settled = reads_the_record(criterion.test) or _always_known(pack, criterion.test)
    return (TRUE, FALSE) if settled else (TRUE, FALSE, UNKNOWN)


def _always_known(pack: Pack, node: Node) -> bool:
    """Whether a question is about nothing but the record and the dates of the audit, derived facts included."""
    if isinstance(node, FactRef):
        derived = pack.facts[node.name].derived
        return derived is not None and all(_always_known(pack, part) for part in formulas_of(derived))
    return isinstance(node, Exists) or (
        not isinstance(node, Law) and all(_always_known(pack, part) for part in children(node))
    )


def _outcome(decision: Decision, row: Sequence[int]) -> Outcome:
    violation = decision.violation.answer(row)
    if violation != FALSE:
        return Outcome.FINDING if violation == TRUE else Outcome.UNDETERMINED
    idle = decision.applies is not None and decision.applies.answer(row) == FALSE
    return Outcome.NOT_APPLICABLE if idle else Outcome.CLEAR
