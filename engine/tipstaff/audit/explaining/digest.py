"""Folding: outcomes that a report for people says together. The record keeps every one of them.

An undetermined outcome is said by what it wants for: what the register has no place for; else a sheet or a column that
it does not have; else a conclusion that is itself not known; else a row of a sheet; else a fact. Of several sheets it
is the one that has most of what the duty or the sign itself asks for, whatever else may say whether the rule applies. A
rule may fold others: while these are undetermined they are said with its finding, or want for what it wants for.

Findings of little weight, and where there are many all but the worst, are said rule by rule. A duty that two rules ask
for is said once, with the worse; so is what a finding says in the same words of several partnerships.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.evidence import Missing
from tipstaff.audit.explaining.findings import Explainer, Finding, Wanting
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.language.nodes import Node, facts_of
from tipstaff.policy.pack.model import MINOR, SEVERITIES, Rule, rank, walk_facts
from tipstaff.policy.pack.switches import switching_off

SEVERAL = 4
"""Findings of one rule, short of the worst severity, are said together where there are more than this."""


class Root(StrEnum):
    """What undetermined outcomes want for."""

    UNASKED = "unasked"
    SHEET = "sheet"
    COLUMN = "column"
    CONCLUSION = "conclusion"
    ROW = "row"
    FACT = "fact"


_LACKING = (Root.UNASKED, Root.SHEET, Root.COLUMN)
"""What a whole register may lack, in the order it is said."""


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Undetermined outcomes that one thing holds up: a table, a fact or a conclusion, by its name.

    ``labels`` says which facts are not known, as an officer calls them; ``rules`` and ``positions`` which rules are
    held up, in the order of the pack, and for which partnerships.
    """

    root: Root
    name: str
    labels: tuple[str, ...]
    rules: tuple[str, ...]
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Findings of one rule, said together, in the order of the register."""

    rule: Rule
    positions: tuple[int, ...]
    findings: tuple[Finding, ...]
    """The findings themselves; none where only what is said of them all is told."""
    holds_up: tuple[str, ...]
    """Rules that are undetermined for want of what some of them say."""


Place = tuple[str, int]
"""An outcome: the id of its rule, and the position of its partnership."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a report has no room for: findings that would be said one by one, and what is not known, each counted."""

    findings: int = 0
    partnerships: int = 0
    """How many partnerships the findings are of."""
    unknown: int = 0
    unknown_of: int = 0
    """How many partnerships these are of."""


@dataclass(frozen=True, slots=True)
class Folded:
    """The outcomes of an audit as a report says them."""

    explainer: Explainer
    """Explains the partnerships that are said."""
    findings: tuple[tuple[Finding, ...], ...]
    """Findings said one by one: a group a partnership, worst first."""
    together: tuple[Together, ...]
    said_with: Mapping[Place, tuple[Place, ...]]
    """Findings that are said with another: of the same duty, or in the same words of other partnerships."""
    under: Mapping[Place, tuple[str, ...]]
    """Rules that are undetermined for want of what a finding says, in the order of the pack."""
    off: Mapping[str, tuple[str, ...]]
    """Rules that do not apply while a parameter of the pack is blank, by parameter, in the order of the pack."""
    shared: tuple[HeldUp, ...]
    """What is not assessed because the register has no such place, sheet or column."""
    own: tuple[tuple[HeldUp, ...], ...]
    """What is not known of single partnerships: a group a partnership, worst first."""
    counted: Mapping[str, int]
    """Undetermined outcomes that are only counted, by severity."""
    beyond: Beyond = Beyond()


def fold(audit: Audit, explainer: Explainer) -> Folded:
    """Fold the outcomes of the partnerships that ``explainer`` explains."""
    findings = list(explainer.findings([Outcome.FINDING]))
    undetermined: list[Wanting] = []
    under: dict[Place, list[str]] = defaultdict(list)
    folding = {folded: rule for rule in audit.rules for folded in rule.folds}
    counted = dict.fromkeys(MINOR, 0)
    for rule in audit.rules:
        column = audit.answers[rule.id].to_list()
        places = [place for place in explainer.positions if column[place] == Outcome.UNDETERMINED]
        if rule.severity in MINOR:
            counted[rule.severity] += len(places)
            continue
        above = folding.get(rule.id)
        answers = [None] * len(column) if above is None else audit.answers[above.id].to_list()
        for place in places:
            if above is not None and answers[place] == Outcome.FINDING:
                under[above.id, place].append(rule.id)
            elif above is not None and answers[place] == Outcome.UNDETERMINED:
                undetermined.append(replace(explainer.wanting(above, place), rule=rule))
            else:
                undetermined.append(explainer.wanting(rule, place))
    shared, own = Roots(audit, explainer).fold(undetermined)
    alone, said_with = _said_once(findings)
    single, together = _split(alone, under)
    return Folded(
        explainer=explainer,
        findings=by_partnership(single),
        together=together,
        said_with=said_with,
        under={place: tuple(rules) for place, rules in under.items()},
        off=switched_off(audit),
        shared=shared,
        own=own,
        counted=counted,
    )


def _said_once(findings: Sequence[Finding]) -> tuple[list[Finding], dict[Place, tuple[Place, ...]]]:
    """The findings to say, and those that are said with one of them."""
    by_duty: dict[tuple[int, str, Node], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_duty[finding.position, finding.rule.kind, finding.rule.formula].append(finding)
    with_it: dict[Place, list[Place]] = defaultdict(list)
    by_words: dict[tuple[str, str], Finding] = {}
    for same in by_duty.values():
        worst, *others = sorted(same, key=lambda finding: rank(finding.rule.severity))
        first = by_words.setdefault((worst.rule.id, worst.message), worst)
        with_it[_place_of(first)] += [_place_of(other) for other in (*others, worst) if other is not first]
    alone = [finding for finding in findings if _place_of(finding) in with_it]
    return alone, {place: tuple(places) for place, places in with_it.items() if places}


def _place_of(finding: Finding) -> Place:
    return finding.rule.id, finding.position


def switched_off(audit: Audit) -> dict[str, tuple[str, ...]]:
    """Rules that do not apply while a parameter of the pack is blank, by parameter."""
    off: dict[str, list[str]] = defaultdict(list)
    for rule in audit.rules:
        waited_for = [name for criterion in switching_off(audit.pack, rule) for name in criterion.waits_for]
        for name in dict.fromkeys(waited_for):
            off[name].append(rule.id)
    return {name: tuple(rules) for name, rules in off.items()}


def _split(
    findings: Sequence[Finding], under: Mapping[Place, Sequence[str]]
) -> tuple[list[Finding], tuple[Together, ...]]:
    """The findings said one by one, and those said rule by rule, worst first."""
    counts = Counter(finding.rule.id for finding in findings)
    single: list[Finding] = []
    together: dict[str, list[Finding]] = {}
    for finding in findings:
        severity = finding.rule.severity
        if severity in MINOR or (severity != SEVERITIES[0] and counts[finding.rule.id] > SEVERAL):
            together.setdefault(finding.rule.id, []).append(finding)
        else:
            single.append(finding)
    groups = [
        Together(
            rule=members[0].rule,
            positions=tuple(one.position for one in members),
            findings=tuple(members),
            holds_up=tuple(dict.fromkeys(rule for one in members for rule in under.get(_place_of(one), ()))),
        )
        for members in together.values()
    ]
    return single, tuple(sorted(groups, key=lambda group: (rank(group.rule.severity), group.rule.id)))


def by_partnership(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], ...]:
    """Findings in groups of a partnership, worst first."""
    groups: dict[int, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.position, []).append(finding)
    ordered = [tuple(sorted(group, key=lambda finding: rank(finding.rule.severity))) for group in groups.values()]
    return tuple(sorted(ordered, key=_badness))


def _badness(group: Sequence[Finding]) -> tuple[list[int], int]:
    """Sorts partnerships with more findings of the worst severity first, then of the next; else as in the register."""
    counts = Counter(finding.rule.severity for finding in group)
    return [-counts[severity] for severity in SEVERITIES], group[0].position


class Roots:
    """Finds what each undetermined outcome wants for."""

    def __init__(self, audit: Audit, explainer: Explainer) -> None:
        self.audit = audit
        self.explainer = explainer
        self._asked: dict[str, frozenset[str]] = {}
        self._order = {rule.id: index for index, rule in enumerate(audit.rules)}

    def fold(self, outcomes: Iterable[Wanting]) -> tuple[tuple[HeldUp, ...], tuple[tuple[HeldUp, ...], ...]]:
        """What the outcomes want for: what the whole register lacks, and what is not known of single partnerships."""
        shared: dict[tuple[Root, str], list[Wanting]] = defaultdict(list)
        own: dict[tuple[int, Root, str], list[Wanting]] = defaultdict(list)
        by_fact: dict[int, list[Wanting]] = defaultdict(list)
        for outcome in outcomes:
            lacking = self._lacking(outcome)
            for key in lacking:
                shared[key].append(outcome)
            if lacking:
                continue
            if (above := self._conclusion_or_row(outcome)) is None:
                by_fact[outcome.position].append(outcome)
            else:
                own[(outcome.position, *above)].append(outcome)
        for position, members in by_fact.items():
            for fact, held in _greedy(members):
                own[(position, Root.FACT, fact)] += held
        lacked = [self._held_up(*key, members) for key, members in sorted(shared.items(), key=self._place)]
        groups: dict[int, list[HeldUp]] = defaultdict(list)
        for (position, root, name), members in own.items():
            groups[position].append(self._held_up(root, name, members))
        return tuple(lacked), tuple(sorted(map(tuple, groups.values()), key=self._weight))

    def _weight(self, group: tuple[HeldUp, ...]) -> tuple[int, int]:
        rules = (self.audit.pack.rules[rule] for held in group for rule in held.rules)
        return min(rank(rule.severity) for rule in rules), group[0].positions[0]

    def _place(self, item: tuple[tuple[Root, str], list[Wanting]]) -> tuple[int, int, str]:
        (root, name), members = item
        return _LACKING.index(root), -len(members), name

    def _lacking(self, outcome: Wanting) -> list[tuple[Root, str]]:
        """What the register does not have and an outcome wants for: places for facts, else sheets, else columns."""
        if any(missing.fact in self.audit.facts.unasked for missing in outcome.missing):
            return [(Root.UNASKED, "")]
        register = self.audit.register
        lacking = [missing for missing in outcome.missing if missing.table in register.missing]
        itself = [missing for missing in lacking if missing.fact in self._asked_by(outcome.rule)]
        if lacking:
            wanted = Counter(missing.table for missing in itself or lacking)
            most = max(wanted.values()) if itself else 0
            return [(Root.SHEET, table) for table, count in wanted.items() if count >= most]
        absent = dict.fromkeys(missing.fact for missing in outcome.missing if missing.fact in register.absent)
        return [(Root.COLUMN, fact) for fact in absent]

    def _asked_by(self, rule: Rule) -> frozenset[str]:
        """The stated facts that the duty or the sign of a rule itself asks for, not those of conclusions."""
        if rule.id not in self._asked:
            pack = self.audit.pack
            criteria = [pack.criteria[name] for name in facts_of(rule.formula) if name in pack.criteria]
            facts = tuple(fact for criterion in criteria for fact in facts_of(criterion.test))
            self._asked[rule.id] = frozenset(info.column for info in walk_facts(pack, facts))
        return self._asked[rule.id]

    def _conclusion_or_row(self, outcome: Wanting) -> tuple[Root, str] | None:
        if outcome.conclusions:
            return Root.CONCLUSION, self._deepest(outcome.conclusions[0], outcome.position)
        for missing in outcome.missing:
            table = self.audit.pack.vocabulary.tables[missing.table]
            stated = table.shape is Shape.REGISTER or self.explainer.statements.on_sheet(table.name, outcome.position)
            if not stated:
                return Root.ROW, missing.table
        return None

    def _deepest(self, conclusion: str, position: int) -> str:
        """The conclusion at the bottom: one that is not known, though every conclusion it rests on is."""
        pack = self.audit.pack
        for name in pack.concluding(conclusion).inputs:
            if name not in pack.criteria and self.audit.answers[name][position] is None:
                return self._deepest(name, position)
        return conclusion

    def _held_up(self, root: Root, name: str, outcomes: Sequence[Wanting]) -> HeldUp:
        rules = sorted({outcome.rule.id for outcome in outcomes}, key=lambda rule: self._order[rule])
        positions = tuple(sorted({outcome.position for outcome in outcomes}))
        missing: Iterable[Missing] = (one for outcome in outcomes for one in outcome.missing)
        if root is Root.CONCLUSION:
            missing = self.explainer.conclusion(name, positions[0]).missing
        elif root is Root.FACT:
            missing = (one for one in missing if one.fact == name)
        elif root is Root.UNASKED:
            missing = (one for one in missing if one.fact in self.audit.facts.unasked)
        elif root in (Root.ROW, Root.SHEET):
            missing = (one for one in missing if one.table == name)
        labels = dict.fromkeys(one.label for one in missing)
        return HeldUp(root, name, tuple(labels), tuple(rules), positions)


def _greedy(outcomes: Sequence[Wanting]) -> Iterable[tuple[str, list[Wanting]]]:
    """Outcomes of one partnership by missing fact: first the fact that holds most of them up, and so on.

    An outcome that no fact of the register would settle comes last, under a blank name.
    """
    left = list(outcomes)
    while left:
        counts = Counter(fact for outcome in left for fact in dict.fromkeys(one.fact for one in outcome.missing))
        if not counts:
            yield "", left
            return
        fact = counts.most_common(1)[0][0]
        held = [outcome for outcome in left if any(one.fact == fact for one in outcome.missing)]
        yield fact, held
        left = [outcome for outcome in left if outcome not in held]
