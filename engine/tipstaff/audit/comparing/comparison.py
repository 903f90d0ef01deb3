"""Comparison of two audits: new, worse, settled, waived and gone outcomes, with the facts that changed.

Outcomes of two audits are matched by rule and by the reference of the partnership. A finding that becomes undetermined
is not an improvement; only a settled or waived outcome is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tipstaff.audit.comparing.snapshot import ListedOutcome, Snapshot, StatedValue, Status
from tipstaff.audit.decisions.verdict import Verdict, reached
from tipstaff.policy.pack.model import SEVERITIES


class Kind(StrEnum):
    """The kind of a change, worst first."""

    NEW = "new"
    """There is a finding or an undetermined outcome, and there was neither."""
    WORSENED = "worsened"
    """An undetermined outcome became a finding, or the severity rose."""
    LAPSED = "lapsed"
    """No longer waived."""
    OBSCURED = "obscured"
    """A finding became undetermined."""
    GONE = "gone"
    """The partnership is no longer in the register, or the rule is no longer reported."""
    WAIVED = "waived"
    EASED = "eased"
    """The severity fell."""
    SETTLED = "settled"
    """There is no longer a finding or an undetermined outcome."""

    @property
    def worse(self) -> bool:
        """Whether the outcome got worse."""
        return self in (Kind.NEW, Kind.WORSENED, Kind.LAPSED, Kind.OBSCURED)


class Cause(StrEnum):
    """The cause of a change other than a stated fact of the partnership."""

    PARTNERSHIP = "the partnership"
    """The partnership is in one register only."""
    RULE = "the rule"
    """The rule is reported in one audit only."""
    WAIVER = "the waiver"
    POLICY = "the policy"
    DATE = "the date"
    CYCLE = "the cycle"
    ELSEWHERE = "other entries of the register"


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact of a partnership whose stated values changed, with the removed and the added values.

    ``old`` or ``new`` is empty if the fact was, or is, unknown.
    """

    fact: str
    label: str
    old: tuple[StatedValue, ...]
    new: tuple[StatedValue, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An outcome that changed."""

    kind: Kind
    rule: str
    ref: str
    name: str
    old: Status
    new: Status
    was: ListedOutcome | None
    """The old outcome, if a report listed it."""
    now: ListedOutcome | None
    facts: tuple[FactChange, ...]
    """The changed facts among those that decided the outcome, otherwise among those the rule may rest on."""
    causes: tuple[Cause, ...]
    """Other possible causes; empty if facts changed, except for a waiver."""

    @property
    def listed(self) -> ListedOutcome:
        """The new outcome, otherwise the old one."""
        one = self.now or self.was
        assert one is not None
        return one

    @property
    def severity(self) -> str:
        """The severity of the rule in the new audit, otherwise in the old one."""
        return self.listed.severity


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two audits and the changes from the old to the new, by kind and then severity, worst first."""

    old: Snapshot
    new: Snapshot
    changes: tuple[Change, ...]

    @property
    def worse(self) -> tuple[Change, ...]:
        """The changes for the worse."""
        return tuple(change for change in self.changes if change.kind.worse)

    def counts(self) -> dict[Kind, int]:
        """The number of changes of each kind, including zeros."""
        counted = Counter(change.kind for change in self.changes)
        return {kind: counted[kind] for kind in Kind}

    def unchanged(self) -> dict[Status, int]:
        """The number of unchanged outcomes by listed status."""
        changed = {(change.rule, change.ref) for change in self.changes}
        counted = Counter(one.status for key, one in self.new.listed.items() if key not in changed)
        return {status: counted[status] for status in Status if status.is_listed}

    def other_rules(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The rules that only the old audit reports, and those that only the new audit reports."""
        old, new = self.old.rules, self.new.rules
        return tuple(rule for rule in old if rule not in new), tuple(rule for rule in new if rule not in old)


def compare(old: Snapshot, new: Snapshot) -> Comparison:
    """Compare two audits."""
    keys = dict.fromkeys((*new.listed, *old.listed))
    found = (change for rule, ref in keys if (change := _change(old, new, rule, ref)) is not None)
    return Comparison(old, new, tuple(sorted(found, key=_weight)))


def judge(comparison: Comparison, fail_on: str, fail_on_undetermined: str) -> Verdict:
    """Judge the changes for the worse. Each severity is one of SEVERITIES, or NEVER."""
    return Verdict(
        reached(_by_severity(comparison.worse, Status.FINDING), fail_on),
        reached(_by_severity(comparison.worse, Status.UNDETERMINED), fail_on_undetermined),
        fail_on,
        fail_on_undetermined,
    )


def _by_severity(changes: Iterable[Change], status: Status) -> dict[str, int]:
    counted = Counter(change.severity for change in changes if change.new is status)
    return {severity: counted[severity] for severity in SEVERITIES}


_KINDS = tuple(Kind)


def _weight(change: Change) -> tuple[int, int, str, str]:
    return _KINDS.index(change.kind), SEVERITIES.index(change.severity), change.ref, change.rule


def _change(old: Snapshot, new: Snapshot, rule: str, ref: str) -> Change | None:
    was, now = old.listed.get((rule, ref)), new.listed.get((rule, ref))
    before, after = old.status(rule, ref), new.status(rule, ref)
    kind = _kind(before, after) if before is not after else _severity_change(was, now)
    if kind is None:
        return None
    facts = _facts(old, new, rule, ref, was, now)
    causes = tuple(_causes(old, new, before, after, facts))
    name = (new.partnerships.get(ref) or old.partnerships[ref]).name
    return Change(kind, rule, ref, name, before, after, was, now, facts, causes)


def _kind(old: Status, new: Status) -> Kind:
    """The kind of a change from one status to another, one of which at least is listed."""
    match old, new:
        case (_, Status.WAIVED):
            return Kind.WAIVED
        case (_, Status.NO_FINDING):
            return Kind.SETTLED
        case (_, Status.NOT_REPORTED | Status.NOT_THERE):
            return Kind.GONE
        case (Status.WAIVED, _):
            return Kind.LAPSED
        case (Status.UNDETERMINED, _):
            return Kind.WORSENED
        case (Status.FINDING, _):
            return Kind.OBSCURED
        case _:
            return Kind.NEW


def _severity_change(was: ListedOutcome | None, now: ListedOutcome | None) -> Kind | None:
    """The kind of a change of severity alone; None if there is none, or if the outcome is waived."""
    if was is None or now is None or now.status is Status.WAIVED or was.severity == now.severity:
        return None
    rose = SEVERITIES.index(now.severity) < SEVERITIES.index(was.severity)
    return Kind.WORSENED if rose else Kind.EASED


def _facts(
    old: Snapshot, new: Snapshot, rule: str, ref: str, was: ListedOutcome | None, now: ListedOutcome | None
) -> tuple[FactChange, ...]:
    """The changed facts among those that decided an outcome, otherwise among those the rule may rest on."""
    if ref not in old.partnerships or ref not in new.partnerships:
        return ()
    deciding = dict.fromkeys(fact for one in (now, was) if one is not None for fact in one.facts)
    others = dict.fromkeys((*new.rules.get(rule, ()), *old.rules.get(rule, ())))
    return _changed_facts(old, new, ref, deciding) or _changed_facts(old, new, ref, others)


def _changed_facts(old: Snapshot, new: Snapshot, ref: str, facts: Iterable[str]) -> tuple[FactChange, ...]:
    found = []
    for fact in facts:
        before, after = old.partnerships[ref].facts.get(fact, ()), new.partnerships[ref].facts.get(fact, ())
        removed, added = _without(before, after), _without(after, before)
        if removed or added:
            label = new.labels.get(fact) or old.labels.get(fact) or fact
            found.append(FactChange(fact, label, removed, added))
    return tuple(found)


def _without(some: Iterable[StatedValue], others: Iterable[StatedValue]) -> tuple[StatedValue, ...]:
    """The values that are not among the others, as often as they exceed them."""
    left = Counter(one.value for one in others)
    found = []
    for one in some:
        if left[one.value]:
            left[one.value] -= 1
        else:
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.value, one.cell or "")))


def _causes(
    old: Snapshot, new: Snapshot, before: Status, after: Status, facts: tuple[FactChange, ...]
) -> Iterator[Cause]:
    if Status.NOT_THERE in (before, after):
        yield Cause.PARTNERSHIP
        return
    if Status.NOT_REPORTED in (before, after):
        yield Cause.RULE
        return
    if Status.WAIVED in (before, after):
        yield Cause.WAIVER
    if facts or Status.WAIVED in (before, after):
        return
    others = differences(old, new)
    yield from others or [Cause.ELSEWHERE]


def differences(old: Snapshot, new: Snapshot) -> list[Cause]:
    """The ways in which two audits differ apart from their registers."""
    return [
        cause
        for cause, differ in (
            (Cause.POLICY, old.policy != new.policy),
            (Cause.DATE, old.as_of != new.as_of),
            (Cause.CYCLE, old.cycle != new.cycle),
        )
        if differ
    ]
