"""The worst: the outcomes of a register that has more of them than a report for people can say.

What is explained is then in proportion to what is said: the findings of the partnerships that have the worst, and what
is not known of some more. The others are counted, in columns. What the register lacks as a whole is found in some
outcomes of every rule, and is then said of all the partnerships for which such a rule is not known.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_

import polars as pl

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.digest import (
    SEVERAL,
    Beyond,
    Folded,
    HeldUp,
    Place,
    Root,
    Roots,
    Together,
    by_partnership,
    fold,
    switched_off,
)
from tipstaff.audit.explaining.findings import Explainer, Finding, Wanting
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.policy.language.nodes import Node
from tipstaff.policy.pack.model import MINOR, SEVERITIES, Rule, rank

MOST_FOLDED = 2_500
"""The most findings and undetermined outcomes that are all explained."""

MOST_FINDINGS = 60
"""Of a register that has more, how many findings are said one by one, and a partnership's are not parted."""

MOST_UNKNOWN = 30
"""Of how many of its partnerships it is said what is not known of them."""

_OF_A_RULE = 12
"""In how many undetermined outcomes of a rule it is looked for what the register lacks as a whole."""


def few(audit: Audit) -> bool:
    """Whether an audit has no more outcomes than a report for people can say."""
    totals = audit.totals()
    return totals[Outcome.FINDING] + totals[Outcome.UNDETERMINED] <= MOST_FOLDED


def folded(audit: Audit) -> Folded:
    """The outcomes of an audit as a report for people says them: all of them where they are few, else the worst."""
    return fold(audit, Explainer(audit, range(audit.partnerships))) if few(audit) else _Worst(audit).folded()


class _Worst:
    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self.entries = LedgerEntries(audit)
        self.found = self._where(Outcome.FINDING)
        self.unknown = self._where(Outcome.UNDETERMINED)
        self.under = self._under()

    def folded(self) -> Folded:
        audit = self.audit
        alone, said_with = self._said_once()
        counts = {rule.id: int(alone[rule.id].sum()) for rule in audit.rules}
        single = [rule for rule in audit.rules if counts[rule.id] and not _said_together(rule, counts[rule.id])]
        together = [rule for rule in audit.rules if counts[rule.id] and _said_together(rule, counts[rule.id])]
        chosen = self._worst_of(single, alone, MOST_FINDINGS)
        main = [rule for rule in audit.rules if rule.severity not in MINOR]
        spread = {rule.id: self._spread(rule) for rule in main}
        sampled = [position for positions in spread.values() for position in positions]
        lacked = self._lacked(Explainer(audit, sampled, self.entries), main, spread)
        of_register = {rule for held in lacked for rule in held.rules}
        asked = self._not_known([rule for rule in main if rule.id not in of_register])
        at = sorted({position for _, position in chosen})
        explainer = Explainer(audit, [*at, *asked], self.entries)
        findings = [explainer.finding(rule, position, Outcome.FINDING) for rule, position in chosen]
        roots = Roots(audit, explainer)
        _, own = roots.fold(self._wanting(explainer, main, asked))
        return Folded(
            explainer=explainer,
            findings=by_partnership(findings),
            together=self._together(together, alone, explainer),
            said_with=said_with,
            under={place: tuple(rules) for place, rules in self._under_of(at).items()},
            off=switched_off(audit),
            shared=tuple(lacked),
            own=own,
            counted={name: sum(self._count(rule) for rule in audit.rules if rule.severity == name) for name in MINOR},
            beyond=self._beyond(single, alone, at, [rule for rule in main if rule.id not in of_register], asked),
        )

    def _where(self, outcome: Outcome) -> dict[str, pl.Series]:
        return {rule.id: self.audit.answers[rule.id] == int(outcome) for rule in self.audit.rules}

    def _count(self, rule: Rule) -> int:
        return int(self.unknown[rule.id].sum())

    # Findings

    def _said_once(self) -> tuple[dict[str, pl.Series], dict[Place, tuple[Place, ...]]]:
        """Where each rule's findings are said by themselves, and those that are said with another of the same duty."""
        duties: dict[tuple[str, Node], list[Rule]] = defaultdict(list)
        for rule in sorted(self.audit.rules, key=lambda rule: rank(rule.severity)):
            duties[rule.kind, rule.formula].append(rule)
        alone = dict(self.found)
        said_with: dict[Place, list[Place]] = defaultdict(list)
        for rules in duties.values():
            for index, rule in enumerate(rules):
                for other in rules[index + 1 :]:
                    both = alone[rule.id] & alone[other.id]
                    alone[other.id] = alone[other.id] & ~both
                    for position in both.arg_true().to_list():
                        said_with[rule.id, position].append((other.id, position))
        return alone, {place: tuple(others) for place, others in said_with.items()}

    def _worst_of(self, rules: Sequence[Rule], where: Mapping[str, pl.Series], most: int) -> list[tuple[Rule, int]]:
        """The findings of the partnerships that have the worst, as many partnerships as come to ``most`` findings."""
        if not rules:
            return []
        counts = pl.DataFrame(
            [
                reduce(
                    pl.Series.__add__,
                    [where[rule.id].cast(pl.Int32) for rule in rules if rule.severity == severity],
                    pl.repeat(0, self.audit.partnerships, dtype=pl.Int32, eager=True),
                ).alias(severity)
                for severity in SEVERITIES
            ]
        )
        in_order = counts.with_row_index("position").sort(
            *SEVERITIES, "position", descending=[*(True for _ in SEVERITIES), False]
        )
        chosen: list[tuple[Rule, int]] = []
        for position in in_order["position"].head(most).to_list():
            own = [(rule, position) for rule in rules if where[rule.id][position]]
            if chosen and len(chosen) + len(own) > most:
                break
            chosen += own
        return chosen

    def _together(
        self, rules: Iterable[Rule], where: Mapping[str, pl.Series], explainer: Explainer
    ) -> tuple[Together, ...]:
        groups = []
        for rule in rules:
            positions = where[rule.id].arg_true().to_list()
            held = [
                folded for folded in rule.folds if folded in self.under and (self.under[folded] & where[rule.id]).any()
            ]
            groups.append(Together(rule, tuple(positions), self._explained(rule, positions), tuple(held)))
        return tuple(sorted(groups, key=lambda group: (rank(group.rule.severity), group.rule.id)))

    def _explained(self, rule: Rule, positions: Sequence[int]) -> tuple[Finding, ...]:
        """The findings of a rule, where they are so few that each is said with its cell."""
        if len(positions) > SEVERAL:
            return ()
        explainer = Explainer(self.audit, positions, self.entries)
        return tuple(explainer.finding(rule, position, Outcome.FINDING) for position in positions)

    # What is not known

    def _under(self) -> dict[str, pl.Series]:
        """Where a rule that is undetermined is said with the finding of the rule that folds it."""
        reported = {rule.id for rule in self.audit.rules}
        return {
            folded: self.unknown[folded] & self.found[rule.id]
            for rule in self.audit.rules
            for folded in rule.folds
            if folded in reported and self.audit.pack.rules[folded].severity not in MINOR
        }

    def _under_of(self, positions: Iterable[int]) -> dict[Place, list[str]]:
        found: dict[Place, list[str]] = defaultdict(list)
        above = {folded: rule.id for rule in self.audit.rules for folded in rule.folds}
        for position in positions:
            for rule in self.audit.rules:
                if rule.id in self.under and self.under[rule.id][position]:
                    found[above[rule.id], position].append(rule.id)
        return found

    def _open(self, rule: Rule) -> pl.Series:
        """Where a rule is undetermined and not said with a finding."""
        under = self.under.get(rule.id)
        return self.unknown[rule.id] if under is None else self.unknown[rule.id] & ~under

    def _spread(self, rule: Rule) -> list[int]:
        """Some of the partnerships for which a rule is undetermined, from all over the register."""
        positions: list[int] = self._open(rule).arg_true().to_list()
        return positions[:: max(1, len(positions) // _OF_A_RULE)][:_OF_A_RULE]

    def _wanting(self, explainer: Explainer, rules: Sequence[Rule], positions: Iterable[int]) -> Iterator[Wanting]:
        """What undetermined outcomes want for; of one that another folds, what this other wants for."""
        above = {folded: rule for rule in self.audit.rules for folded in rule.folds}
        for rule in rules:
            where, over = self._open(rule), above.get(rule.id)
            for position in positions:
                if not where[position]:
                    continue
                if over is not None and self.unknown[over.id][position]:
                    yield replace(explainer.wanting(over, position), rule=rule)
                else:
                    yield explainer.wanting(rule, position)

    def _lacked(
        self, explainer: Explainer, rules: Sequence[Rule], spread: Mapping[str, Sequence[int]]
    ) -> Sequence[HeldUp]:
        """What the register lacks as a whole, with all the partnerships for which a rule that wants it is not known."""
        sampled = [one for rule in rules for one in self._wanting(explainer, [rule], spread[rule.id])]
        found, _ = Roots(self.audit, explainer).fold(sampled)
        widened = []
        for held in found:
            those = reduce(or_, (self._open(self.audit.pack.rules[rule]) for rule in held.rules))
            widened.append(replace(held, positions=tuple(those.arg_true().to_list())))
        in_order = list(Root)
        return sorted(widened, key=lambda held: (in_order.index(held.root), -len(held.positions), held.name))

    def _not_known(self, rules: Sequence[Rule]) -> list[int]:
        """The first partnerships of which something is not known that the register has a place for, worst first."""
        found: dict[int, None] = {}
        for severity in SEVERITIES:
            those = [self._open(rule) for rule in rules if rule.severity == severity]
            if those:
                found |= dict.fromkeys(reduce(or_, those).arg_true().head(MOST_UNKNOWN).to_list())
        return list(found)[:MOST_UNKNOWN]

    # What is not said

    def _beyond(
        self,
        single: Sequence[Rule],
        alone: Mapping[str, pl.Series],
        shown: Sequence[int],
        not_known: Sequence[Rule],
        asked: Sequence[int],
    ) -> Beyond:
        findings, of = self._besides([alone[rule.id] for rule in single], shown)
        unknown, unknown_of = self._besides([self._open(rule) for rule in not_known], asked)
        return Beyond(findings, of, unknown, unknown_of)

    def _besides(self, where: Sequence[pl.Series], said: Sequence[int]) -> tuple[int, int]:
        """How many outcomes there are besides those of the partnerships that are said, and of how many partnerships."""
        rest = ~pl.int_range(self.audit.partnerships, eager=True).is_in(list(said))
        left = [one & rest for one in where]
        return sum(int(one.sum()) for one in left), int(reduce(or_, left).sum()) if left else 0


def _said_together(rule: Rule, count: int) -> bool:
    return rule.severity in MINOR or (rule.severity != SEVERITIES[0] and count > SEVERAL)
