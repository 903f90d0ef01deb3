"""Undetermined outcomes grouped by what blocks them.

An outcome is blocked by a fact that nobody is asked for, otherwise by a sheet or column that the register lacks,
otherwise by an unknown conclusion, otherwise by a missing row, otherwise by a fact. If several sheets are missing, it
is blocked by those with most of the facts that the duty or sign itself asks for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.evidence import Missing
from tipstaff.audit.explaining.findings import Explainer, Undetermined
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.language.nodes import facts_of
from tipstaff.policy.pack.model import Rule, rank, walk_facts


class MissingKind(StrEnum):
    """The kind of thing that is missing, in order of precedence."""

    UNASKED = "unasked"
    """Facts that a published list is not asked for."""
    SHEET = "sheet"
    COLUMN = "column"
    CONCLUSION = "conclusion"
    ROW = "row"
    FACT = "fact"


KINDS = tuple(MissingKind)


@dataclass(frozen=True, slots=True)
class Blocked:
    """Undetermined outcomes that one missing thing blocks: a table, a fact or a conclusion, by its name.

    ``labels`` are the facts that are not known, as an officer calls them; ``rules`` are the blocked rules in the order
    of the pack, and ``positions`` their partnerships.
    """

    kind: MissingKind
    name: str
    labels: tuple[str, ...]
    rules: tuple[str, ...]
    positions: tuple[int, ...]


class Grouping:
    """Groups undetermined outcomes by what blocks them."""

    def __init__(self, audit: Audit, explainer: Explainer) -> None:
        self.audit = audit
        self.explainer = explainer
        self._asked: dict[str, frozenset[str]] = {}
        self._order = {rule.id: index for index, rule in enumerate(audit.rules)}

    def group(self, outcomes: Iterable[Undetermined]) -> tuple[tuple[Blocked, ...], tuple[tuple[Blocked, ...], ...]]:
        """Return what the register as a whole lacks, then what is missing for each partnership, worst first."""
        register_wide: dict[tuple[MissingKind, str], list[Undetermined]] = defaultdict(list)
        single: dict[tuple[int, MissingKind, str], list[Undetermined]] = defaultdict(list)
        by_fact: dict[int, list[Undetermined]] = defaultdict(list)
        for outcome in outcomes:
            lacking = self._lacking(outcome)
            for key in lacking:
                register_wide[key].append(outcome)
            if lacking:
                continue
            if (blocker := self._conclusion_or_row(outcome)) is None:
                by_fact[outcome.position].append(outcome)
            else:
                single[(outcome.position, *blocker)].append(outcome)
        for position, members in by_fact.items():
            for fact, blocked in _greedy(members):
                single[(position, MissingKind.FACT, fact)] += blocked
        lacked = [
            self._blocked(*key, members) for key, members in sorted(register_wide.items(), key=_order_of_register_wide)
        ]
        groups: dict[int, list[Blocked]] = defaultdict(list)
        for (position, kind, name), members in single.items():
            groups[position].append(self._blocked(kind, name, members))
        return tuple(lacked), tuple(sorted(map(tuple, groups.values()), key=self._weight))

    def _weight(self, group: tuple[Blocked, ...]) -> tuple[int, int]:
        rules = (self.audit.pack.rules[rule] for blocked in group for rule in blocked.rules)
        return min(rank(rule.severity) for rule in rules), group[0].positions[0]

    def _lacking(self, outcome: Undetermined) -> list[tuple[MissingKind, str]]:
        """Return what the register as a whole lacks for an outcome: unasked facts, otherwise sheets or columns."""
        if any(missing.fact in self.audit.facts.unasked for missing in outcome.missing):
            return [(MissingKind.UNASKED, "")]
        register = self.audit.register
        lacking = [missing for missing in outcome.missing if missing.table in register.missing]
        itself = [missing for missing in lacking if missing.fact in self._asked_by(outcome.rule)]
        if lacking:
            counts = Counter(missing.table for missing in itself or lacking)
            most = max(counts.values()) if itself else 0
            return [(MissingKind.SHEET, table) for table, count in counts.items() if count >= most]
        absent = dict.fromkeys(missing.fact for missing in outcome.missing if missing.fact in register.absent)
        return [(MissingKind.COLUMN, fact) for fact in absent]

    def _asked_by(self, rule: Rule) -> frozenset[str]:
        """The stated facts that the duty or sign of a rule itself asks for, without those of conclusions."""
        if rule.id not in self._asked:
            pack = self.audit.pack
            criteria = [pack.criteria[name] for name in facts_of(rule.formula) if name in pack.criteria]
            facts = tuple(fact for criterion in criteria for fact in facts_of(criterion.test))
            self._asked[rule.id] = frozenset(info.column for info in walk_facts(pack, facts))
        return self._asked[rule.id]

    def _conclusion_or_row(self, outcome: Undetermined) -> tuple[MissingKind, str] | None:
        if outcome.conclusions:
            return MissingKind.CONCLUSION, self._deepest(outcome.conclusions[0], outcome.position)
        for missing in outcome.missing:
            table = self.audit.pack.vocabulary.tables[missing.table]
            has_row = table.shape is Shape.REGISTER or self.explainer.evidence.has_own_row(table.name, outcome.position)
            if not has_row:
                return MissingKind.ROW, missing.table
        return None

    def _deepest(self, conclusion: str, position: int) -> str:
        """The unknown conclusion below this one that rests on known conclusions only."""
        pack = self.audit.pack
        for name in pack.concluding(conclusion).inputs:
            if name not in pack.criteria and self.audit.answers[name][position] is None:
                return self._deepest(name, position)
        return conclusion

    def _blocked(self, kind: MissingKind, name: str, outcomes: Sequence[Undetermined]) -> Blocked:
        rules = sorted({outcome.rule.id for outcome in outcomes}, key=lambda rule: self._order[rule])
        positions = tuple(sorted({outcome.position for outcome in outcomes}))
        missing: Iterable[Missing] = (one for outcome in outcomes for one in outcome.missing)
        if kind is MissingKind.CONCLUSION:
            missing = self.explainer.conclusion(name, positions[0]).missing
        elif kind is MissingKind.FACT:
            missing = (one for one in missing if one.fact == name)
        elif kind is MissingKind.UNASKED:
            missing = (one for one in missing if one.fact in self.audit.facts.unasked)
        elif kind in (MissingKind.ROW, MissingKind.SHEET):
            missing = (one for one in missing if one.table == name)
        labels = dict.fromkeys(one.label for one in missing)
        return Blocked(kind, name, tuple(labels), tuple(rules), positions)


def _order_of_register_wide(item: tuple[tuple[MissingKind, str], list[Undetermined]]) -> tuple[int, int, str]:
    (kind, name), members = item
    return KINDS.index(kind), -len(members), name


def _greedy(outcomes: Sequence[Undetermined]) -> Iterator[tuple[str, list[Undetermined]]]:
    """The outcomes of one partnership by missing fact, beginning with the fact that blocks most of them.

    Outcomes that no fact of the register would settle come last, under a blank name.
    """
    left = list(outcomes)
    while left:
        counts = Counter(fact for outcome in left for fact in dict.fromkeys(one.fact for one in outcome.missing))
        if not counts:
            yield "", left
            return
        fact = counts.most_common(1)[0][0]
        yield fact, [outcome for outcome in left if _is_missing(fact, outcome)]
        left = [outcome for outcome in left if not _is_missing(fact, outcome)]


def _is_missing(fact: str, outcome: Undetermined) -> bool:
    return any(one.fact == fact for one in outcome.missing)
