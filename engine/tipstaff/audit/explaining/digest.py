"""The digest of an audit: the outcomes that a report for people shows. The record holds every outcome.

Findings of low severity are grouped by rule, and so are numerous findings short of the worst severity. A duty that two
rules ask for is reported once, under the more severe rule. A rule may fold others: while these are undetermined, they
are reported with its finding, or under what it is missing.

If there are few outcomes, all of them are explained, and findings with the same message are reported once. Otherwise
the work is in proportion to what is shown: the partnerships with the most severe findings, and what is missing for some
partnerships. The rest is counted, in columns. What the register as a whole lacks is then found from a sample of each
rule's outcomes, and reported for every partnership with such a rule undetermined.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import polars as pl

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.blocked import KINDS, Blocked, Grouping
from tipstaff.audit.explaining.findings import Explainer, Finding, Undetermined
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.policy.language.nodes import Node
from tipstaff.policy.pack.model import MINOR, SEVERITIES, Rule, rank
from tipstaff.policy.pack.switches import switching_off

SEVERAL = 4
"""The most findings of a rule that are reported one by one, unless they are of the worst severity."""

MOST_EXPLAINED = 2_500
"""The most findings and undetermined outcomes for which all are explained."""

MOST_FINDINGS = 60
"""The most findings reported one by one if not all are explained; a partnership's are kept together."""

MOST_UNKNOWN = 30
"""The number of partnerships whose missing facts are listed if not all outcomes are explained."""

_SAMPLE = 12
"""The number of undetermined outcomes of a rule that show what the register as a whole lacks."""

Place = tuple[str, int]
"""An outcome: the id of its rule, and the position of its partnership."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """The findings of one rule, reported as one line, in the order of the register."""

    rule: Rule
    positions: tuple[int, ...]
    findings: tuple[Finding, ...]
    """The findings; empty if there are more than SEVERAL."""
    dependents: tuple[str, ...]
    """Rules that are undetermined because of some of these findings."""


@dataclass(frozen=True, slots=True)
class Omitted:
    """Counts of the outcomes that a report has no room for."""

    findings: int
    with_findings: int
    """The number of partnerships with such findings."""
    undetermined: int
    with_undetermined: int
    """The number of partnerships with such undetermined outcomes."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The outcomes of an audit as a report shows them."""

    is_complete: bool
    """Whether every outcome is explained."""
    explainer: Explainer
    """Explains the partnerships shown."""
    findings: tuple[tuple[Finding, ...], ...]
    """Findings reported one by one, in a group for each partnership, worst first."""
    grouped: tuple[Grouped, ...]
    reported_with: Mapping[Place, tuple[Place, ...]]
    """Findings reported with another one: of the same duty, or with the same message for other partnerships."""
    dependents: Mapping[Place, tuple[str, ...]]
    """Rules that are undetermined because of a finding, in the order of the pack."""
    switched_off: Mapping[str, tuple[str, ...]]
    """Rules that do not apply while a parameter of the pack is blank, by parameter, in the order of the pack."""
    register_wide: tuple[Blocked, ...]
    """Outcomes blocked by what the register as a whole lacks: unasked facts, sheets and columns."""
    by_partnership: tuple[tuple[Blocked, ...], ...]
    """Other undetermined outcomes, in a group for each partnership, worst first."""
    minor_counts: Mapping[str, int]
    """The number of undetermined outcomes of each low severity."""
    omitted: Omitted


def digest(audit: Audit) -> Digest:
    """Return the digest of an audit."""
    return _Digester(audit).digest()


class _Digester:
    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self.entries = LedgerEntries(audit)
        self.main = [rule for rule in audit.rules if rule.severity not in MINOR]
        self.folded_by = {folded: rule for rule in audit.rules for folded in rule.folds}
        self.found = self._masks(Outcome.FINDING)
        self.unknown = self._masks(Outcome.UNDETERMINED)
        self.dependent = {
            rule.id: self.unknown[rule.id] & self.found[self.folded_by[rule.id].id]
            for rule in self.main
            if rule.id in self.folded_by
        }
        """Whether a rule is reported with the finding of the rule that folds it, by partnership."""
        self.alone = dict(self.found)
        """Whether a finding is reported by itself, by partnership."""
        self.reported_with: dict[Place, list[Place]] = defaultdict(list)
        self._findings: dict[Place, Finding] = {}

    def digest(self) -> Digest:
        audit, everyone = self.audit, range(self.audit.partnerships)
        totals = audit.totals()
        is_complete = totals[Outcome.FINDING] + totals[Outcome.UNDETERMINED] <= MOST_EXPLAINED
        self._merge_duties()
        if is_complete:
            explainer = Explainer(audit, everyone, self.entries)
            self._merge_messages(explainer)
        single, grouped = self._split()
        shown = self._most_severe(single, None if is_complete else MOST_FINDINGS)
        if is_complete:
            asked: Sequence[int] = everyone
            open_rules = self.main
            outcomes = self._undetermined(explainer, self.main, asked)
            register_wide, by_partnership = Grouping(audit, explainer).group(outcomes)
        else:
            register_wide = self._register_wide()
            lacking = {rule for blocked in register_wide for rule in blocked.rules}
            open_rules = [rule for rule in self.main if rule.id not in lacking]
            asked = self._first_unknown(open_rules)
            small = [position for positions in grouped.values() if len(positions) <= SEVERAL for position in positions]
            explainer = Explainer(audit, [*shown, *small, *asked], self.entries)
            _, by_partnership = Grouping(audit, explainer).group(self._undetermined(explainer, self.main, asked))
        findings, with_findings = self._count_omitted([self.alone[rule.id] for rule in single], list(shown))
        undetermined, with_undetermined = self._count_omitted([self._open(rule) for rule in open_rules], asked)
        return Digest(
            is_complete=is_complete,
            explainer=explainer,
            findings=tuple(
                tuple(self._finding(explainer, rule, position) for rule in rules) for position, rules in shown.items()
            ),
            grouped=tuple(self._grouped(audit.pack.rules[rule], at, explainer) for rule, at in grouped.items()),
            reported_with={place: tuple(others) for place, others in self.reported_with.items()},
            dependents=self._dependents(explainer.positions),
            switched_off=_switched_off(audit),
            register_wide=register_wide,
            by_partnership=by_partnership,
            minor_counts={
                severity: sum(int(self.unknown[rule.id].sum()) for rule in audit.rules if rule.severity == severity)
                for severity in MINOR
            },
            omitted=Omitted(findings, with_findings, undetermined, with_undetermined),
        )

    def _masks(self, outcome: Outcome) -> dict[str, pl.Series]:
        return {rule.id: self.audit.answers[rule.id] == int(outcome) for rule in self.audit.rules}

    # Findings

    def _merge_duties(self) -> None:
        """Report findings of the same duty with the one of the most severe rule."""
        duties: dict[tuple[str, Node], list[Rule]] = defaultdict(list)
        for rule in sorted(self.audit.rules, key=lambda rule: rank(rule.severity)):
            if self.found[rule.id].any():
                duties[rule.kind, rule.formula].append(rule)
        for rules in duties.values():
            for index, rule in enumerate(rules):
                for other in rules[index + 1 :]:
                    both = self.alone[rule.id] & self.alone[other.id]
                    if not both.any():
                        continue
                    self.alone[other.id] &= ~both
                    for position in both.arg_true().to_list():
                        self.reported_with[rule.id, position].append((other.id, position))

    def _merge_messages(self, explainer: Explainer) -> None:
        """Report findings of a rule that have the same message with the first of them."""
        for rule in self.audit.rules:
            if not self.alone[rule.id].any():
                continue
            first: dict[str, int] = {}
            repeated = []
            for position in self.alone[rule.id].arg_true().to_list():
                at = first.setdefault(self._finding(explainer, rule, position).message, position)
                if at != position:
                    others = self.reported_with.pop((rule.id, position), [])
                    self.reported_with[rule.id, at] += [*others, (rule.id, position)]
                    repeated.append(position)
            if repeated:
                self.alone[rule.id] &= ~self._mask(repeated)

    def _split(self) -> tuple[list[Rule], dict[str, list[int]]]:
        """The rules whose findings are reported one by one, and the positions of the others' findings, worst first."""
        single: list[Rule] = []
        grouped: list[Rule] = []
        for rule in self.audit.rules:
            count = int(self.alone[rule.id].sum())
            if rule.severity in MINOR or (rule.severity != SEVERITIES[0] and count > SEVERAL):
                grouped += [rule] * bool(count)
            else:
                single += [rule] * bool(count)
        grouped.sort(key=lambda rule: (rank(rule.severity), rule.id))
        return single, {rule.id: self.alone[rule.id].arg_true().to_list() for rule in grouped}

    def _most_severe(self, rules: Sequence[Rule], most: int | None) -> dict[int, list[Rule]]:
        """The rules with findings by partnership, worst first, for as many partnerships as have ``most`` findings."""
        if not rules:
            return {}
        none = pl.repeat(0, self.audit.partnerships, dtype=pl.Int32, eager=True)
        counts = pl.DataFrame(
            [
                sum((self.alone[rule.id].cast(pl.Int32) for rule in rules if rule.severity == severity), none).alias(
                    severity
                )
                for severity in SEVERITIES
            ]
        ).with_row_index("position")
        descending = [*(True for _ in SEVERITIES), False]
        ordered = counts.filter(pl.any_horizontal(pl.col(SEVERITIES) > 0)).sort(
            *SEVERITIES, "position", descending=descending
        )
        positions = ordered["position"] if most is None else ordered["position"].head(most)
        columns = [(rule, self.alone[rule.id][positions].to_list()) for rule in rules]
        shown: dict[int, list[Rule]] = {}
        count = 0
        for index, position in enumerate(positions.to_list()):
            own = [rule for rule, column in columns if column[index]]
            count += len(own)
            if shown and most is not None and count > most:
                break
            shown[position] = sorted(own, key=lambda rule: rank(rule.severity))
        return shown

    def _grouped(self, rule: Rule, positions: Sequence[int], explainer: Explainer) -> Grouped:
        shown = positions if len(positions) <= SEVERAL else ()
        dependents = [
            folded
            for folded, mask in self.dependent.items()
            if self.folded_by[folded] is rule and (mask & self.alone[rule.id]).any()
        ]
        findings = tuple(self._finding(explainer, rule, position) for position in shown)
        return Grouped(rule, tuple(positions), findings, tuple(dependents))

    def _finding(self, explainer: Explainer, rule: Rule, position: int) -> Finding:
        place = rule.id, position
        if place not in self._findings:
            self._findings[place] = explainer.finding(rule, position, Outcome.FINDING)
        return self._findings[place]

    # Undetermined outcomes

    def _dependents(self, positions: Sequence[int]) -> dict[Place, tuple[str, ...]]:
        found: dict[Place, list[str]] = defaultdict(list)
        for rule, mask in self.dependent.items():
            for position in _select(mask, positions):
                found[self.folded_by[rule].id, position].append(rule)
        return {place: tuple(rules) for place, rules in found.items()}

    def _open(self, rule: Rule) -> pl.Series:
        """Whether a rule is undetermined and not reported with a finding, by partnership."""
        dependent = self.dependent.get(rule.id)
        return self.unknown[rule.id] if dependent is None else self.unknown[rule.id] & ~dependent

    def _undetermined(
        self, explainer: Explainer, rules: Sequence[Rule], positions: Sequence[int]
    ) -> Iterator[Undetermined]:
        """The undetermined outcomes with what is missing; a folded rule takes that of an undetermined folding rule."""
        for rule in rules:
            folding = self.folded_by.get(rule.id)
            for position in _select(self._open(rule), positions):
                if folding is not None and self.unknown[folding.id][position]:
                    yield replace(explainer.undetermined(folding, position), rule=rule)
                else:
                    yield explainer.undetermined(rule, position)

    def _register_wide(self) -> tuple[Blocked, ...]:
        """Outcomes blocked by what a sample shows the register to lack, widened to all open outcomes of their rules."""
        samples = {rule.id: self._sample(rule) for rule in self.main}
        explainer = Explainer(self.audit, [one for positions in samples.values() for one in positions], self.entries)
        outcomes = [one for rule in self.main for one in self._undetermined(explainer, [rule], samples[rule.id])]
        widened = []
        for blocked in Grouping(self.audit, explainer).group(outcomes)[0]:
            every = reduce(or_, (self._open(self.audit.pack.rules[rule]) for rule in blocked.rules))
            widened.append(replace(blocked, positions=tuple(every.arg_true().to_list())))
        return tuple(sorted(widened, key=lambda one: (KINDS.index(one.kind), -len(one.positions), one.name)))

    def _sample(self, rule: Rule) -> list[int]:
        """Positions from all over the register at which a rule is undetermined."""
        positions: list[int] = self._open(rule).arg_true().to_list()
        return positions[:: max(1, len(positions) // _SAMPLE)][:_SAMPLE]

    def _first_unknown(self, rules: Sequence[Rule]) -> list[int]:
        """The first partnerships for which some of these rules are undetermined, worst first."""
        found: dict[int, None] = {}
        for severity in SEVERITIES:
            masks = [self._open(rule) for rule in rules if rule.severity == severity]
            if masks:
                found |= dict.fromkeys(reduce(or_, masks).arg_true().head(MOST_UNKNOWN).to_list())
        return list(found)[:MOST_UNKNOWN]

    # Omitted outcomes

    def _count_omitted(self, masks: Sequence[pl.Series], shown: Sequence[int]) -> tuple[int, int]:
        """The number of outcomes of partnerships that are not shown, and of these partnerships."""
        omitted = ~self._mask(shown)
        left = [mask & omitted for mask in masks]
        return sum(int(mask.sum()) for mask in left), int(reduce(or_, left).sum()) if left else 0

    def _mask(self, positions: Sequence[int]) -> pl.Series:
        return pl.int_range(self.audit.partnerships, eager=True).is_in(list(positions))


def _select(mask: pl.Series, positions: Sequence[int]) -> list[int]:
    """The positions at which a mask is true."""
    if not mask.any():
        return []
    return [position for position, is_true in zip(positions, mask[positions].to_list(), strict=True) if is_true]


def _switched_off(audit: Audit) -> dict[str, tuple[str, ...]]:
    """Rules that do not apply while a parameter of the pack is blank, by parameter."""
    off: dict[str, list[str]] = defaultdict(list)
    for rule in audit.rules:
        waited_for = [name for criterion in switching_off(audit.pack, rule) for name in criterion.waits_for]
        for name in dict.fromkeys(waited_for):
            off[name].append(rule.id)
    return {name: tuple(rules) for name, rules in off.items()}
