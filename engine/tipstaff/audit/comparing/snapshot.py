"""Snapshot: how every reported rule stands for every partnership, and the facts stated: all that a comparison reads.

Both an audit and a record of one give it. A record does not tell clear from not applicable, which are one answer: no
finding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.findings import explain_in_batches, facts_by_rule
from tipstaff.audit.explaining.ledger_entries import LedgerEntries


class Status(StrEnum):
    """How a rule stands for a partnership, in words."""

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
        """Whether a report lists it."""
        return self in (Status.FINDING, Status.UNDETERMINED, Status.WAIVED)


_OF_OUTCOME = {
    Outcome.FINDING: Status.FINDING,
    Outcome.UNDETERMINED: Status.UNDETERMINED,
    Outcome.WAIVED: Status.WAIVED,
}


@dataclass(frozen=True, slots=True)
class StatedValue:
    """What a source states of a fact: the value as an officer reads it, and the cell."""

    value: str
    cell: str | None


@dataclass(frozen=True, slots=True)
class PartnershipFacts:
    """A partnership of the register. ``facts`` has what is stated; what is blank is not in it."""

    ref: str
    name: str
    facts: Mapping[str, tuple[StatedValue, ...]]


@dataclass(frozen=True, slots=True)
class ListedOutcome:
    """An outcome that a report lists. ``facts`` names those that decided it, or left it open.

    ``unknown`` says whether the rule's answer is not known, waived or not.
    """

    rule: str
    ref: str
    status: Status
    title: str
    severity: str
    lead_officer: str
    message: str
    action: str
    """What to do next, or of what is not known to find out, and who does it; empty where there is nothing to say."""
    facts: tuple[str, ...]
    unknown: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """Which policy an audit was made under."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An audit, as far as it is compared."""

    register: str
    register_sha256: str
    as_of: date
    cycle: str
    policy: Policy
    rules: Mapping[str, tuple[str, ...]]
    """The rules reported, each with the facts that it may rest on."""
    partnerships: Mapping[str, PartnershipFacts]
    """The partnerships by reference."""
    listed: Mapping[tuple[str, str], ListedOutcome]
    """The outcomes that a report lists, by rule and reference."""
    labels: Mapping[str, str]
    """What an officer calls each fact."""

    def status(self, rule: str, ref: str) -> Status:
        """How a rule stands for a partnership."""
        if ref not in self.partnerships:
            return Status.NOT_THERE
        if (rule, ref) in self.listed:
            return self.listed[rule, ref].status
        return Status.NO_FINDING if rule in self.rules else Status.NOT_REPORTED


def take_snapshot(audit: Audit, since: Snapshot | None = None) -> Snapshot:
    """How an audit stands.

    Of a partnership whose outcomes all stand as they did ``since``, which a comparison of the two has nothing to say
    of, what was said and stated then is kept.
    """
    register, pack = audit.register, audit.pack
    members = {} if since is None else _as_before(audit, since)
    listed = {} if since is None else {key: one for key, one in since.listed.items() if one.ref in members}
    entries, rests_on = LedgerEntries(audit), facts_by_rule(audit)
    others = [position for position, ref in enumerate(register.refs) if ref not in members]
    for explainer in explain_in_batches(audit, entries, others):
        for position in explainer.positions:
            facts: dict[str, tuple[StatedValue, ...]] = {}
            for one in explainer.stated_evidence(position):
                facts[one.fact] = (*facts.get(one.fact, ()), StatedValue(one.value, one.cell))
            ref = register.refs[position]
            members[ref] = PartnershipFacts(ref, explainer.evidence.text("name", position), facts)
        for found in explainer.findings():
            rule = found.rule
            listed[rule.id, found.ref] = ListedOutcome(
                rule=rule.id,
                ref=found.ref,
                status=_OF_OUTCOME[found.outcome],
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
        partnerships=members,
        listed=listed,
        labels={info.name: info.label for infos in rests_on.values() for info in infos},
    )


def _as_before(audit: Audit, since: Snapshot) -> dict[str, PartnershipFacts]:
    """The partnerships of an audit whose outcomes all stand as they did before, at the same severity."""
    refs = audit.register.refs
    stands = {
        (rule.id, refs[position]): (stand, rule.severity)
        for rule in audit.rules
        for outcome, stand in _OF_OUTCOME.items()
        for position in (audit.answers[rule.id] == int(outcome)).arg_true()
    }
    stood = {key: (one.status, one.severity) for key, one in since.listed.items()}
    moved = {ref for (_, ref), _ in stands.items() ^ stood.items()}
    return {ref: since.partnerships[ref] for ref in refs if ref in since.partnerships and ref not in moved}
