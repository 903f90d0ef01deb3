"""Snapshots: the reported outcomes and stated facts of an audit, as far as a comparison reads them.

A snapshot is taken of an audit or read from a record of one. It does not distinguish clear from not applicable: both
are no finding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.findings import explain_in_batches, facts_by_rule
from tipstaff.audit.explaining.ledger_entries import LedgerEntries


class Status(StrEnum):
    """The status of a rule for a partnership, in words."""

    FINDING = "finding"
    UNDETERMINED = "undetermined"
    WAIVED = "waived"
    NO_FINDING = "no finding"
    """Clear or not applicable."""
    NOT_REPORTED = "not reported"
    """The policy has no such rule, or it was left out."""
    NOT_THERE = "not in the register"

    @property
    def is_listed(self) -> bool:
        """Whether a report lists outcomes of this status."""
        return self in (Status.FINDING, Status.UNDETERMINED, Status.WAIVED)


_STATUS_OF = {
    Outcome.FINDING: Status.FINDING,
    Outcome.UNDETERMINED: Status.UNDETERMINED,
    Outcome.WAIVED: Status.WAIVED,
}


@dataclass(frozen=True, slots=True)
class StatedValue:
    """A stated value of a fact, as an officer reads it, with its cell."""

    value: str
    cell: str | None


@dataclass(frozen=True, slots=True)
class PartnershipFacts:
    """A partnership with its stated facts; blank facts are left out."""

    ref: str
    name: str
    facts: Mapping[str, tuple[StatedValue, ...]]


@dataclass(frozen=True, slots=True)
class ListedOutcome:
    """An outcome that a report lists. ``facts`` names the facts that decided it, or left it open.

    ``unknown`` is whether the answer of the rule is unknown, waived or not.
    """

    rule: str
    ref: str
    status: Status
    title: str
    severity: str
    lead_officer: str
    message: str
    action: str
    """The next step and who takes it; empty if there is none."""
    facts: tuple[str, ...]
    unknown: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of an audit."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The part of an audit that is compared."""

    register: str
    register_sha256: str
    as_of: date
    cycle: str
    policy: Policy
    rules: Mapping[str, tuple[str, ...]]
    """The reported rules, each with the facts that it may rest on."""
    partnerships: Mapping[str, PartnershipFacts]
    """The partnerships by reference."""
    listed: Mapping[tuple[str, str], ListedOutcome]
    """The outcomes that a report lists, by rule and reference."""
    labels: Mapping[str, str]
    """The label of each fact."""

    def status(self, rule: str, ref: str) -> Status:
        """The status of a rule for a partnership."""
        if ref not in self.partnerships:
            return Status.NOT_THERE
        if (rule, ref) in self.listed:
            return self.listed[rule, ref].status
        return Status.NO_FINDING if rule in self.rules else Status.NOT_REPORTED


def take_snapshot(audit: Audit, since: Snapshot | None = None) -> Snapshot:
    """Take a snapshot of an audit.

    Partnerships whose outcomes have not changed since the snapshot ``since`` keep the texts and facts of that snapshot,
    because a comparison of the two does not report them.
    """
    register, pack = audit.register, audit.pack
    partnerships = {} if since is None else _unchanged(audit, since)
    listed = {} if since is None else {key: one for key, one in since.listed.items() if one.ref in partnerships}
    entries, rests_on = LedgerEntries(audit), facts_by_rule(audit)
    others = [position for position, ref in enumerate(register.refs) if ref not in partnerships]
    for explainer in explain_in_batches(audit, entries, others):
        for position in explainer.positions:
            facts: dict[str, tuple[StatedValue, ...]] = {}
            for one in explainer.stated_evidence(position):
                facts[one.fact] = (*facts.get(one.fact, ()), StatedValue(one.value, one.cell))
            ref = register.refs[position]
            partnerships[ref] = PartnershipFacts(ref, explainer.evidence.text("name", position), facts)
        for found in explainer.findings():
            rule = found.rule
            listed[rule.id, found.ref] = ListedOutcome(
                rule=rule.id,
                ref=found.ref,
                status=_STATUS_OF[found.outcome],
                title=rule.title,
                severity=rule.severity,
                lead_officer=found.lead_officer,
                message=found.message,
                action=found.step.sentence if found.step is not None else "",
                facts=tuple(dict.fromkeys(one.fact for one in found.evidence)),
                unknown=found.unknown,
            )
    return Snapshot(
        register=register.name,
        register_sha256=register.sha256,
        as_of=audit.as_of,
        cycle=str(audit.cycle),
        policy=Policy(pack.id, pack.version, pack.sha256),
        rules={rule: tuple(info.name for info in infos) for rule, infos in rests_on.items()},
        partnerships=partnerships,
        listed=listed,
        labels={info.name: info.label for infos in rests_on.values() for info in infos},
    )


def _unchanged(audit: Audit, since: Snapshot) -> dict[str, PartnershipFacts]:
    """The partnerships of an audit whose outcomes and severities are as in an earlier snapshot."""
    refs = audit.register.refs
    after = {
        (rule.id, refs[position]): (status, rule.severity)
        for rule in audit.rules
        for outcome, status in _STATUS_OF.items()
        for position in (audit.answers[rule.id] == int(outcome)).arg_true()
    }
    before = {key: (one.status, one.severity) for key, one in since.listed.items()}
    changed = {ref for (_, ref), _ in after.items() ^ before.items()}
    return {ref: since.partnerships[ref] for ref in refs if ref in since.partnerships and ref not in changed}
