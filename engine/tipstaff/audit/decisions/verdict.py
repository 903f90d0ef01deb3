"""The verdict: whether an audit found anything at or above a severity, or could not tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.policy.pack.model import SEVERITIES, Rule

NEVER = "never"
"""The severity that nothing reaches."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcomes that decide the exit code: those at or above the severities asked for, by severity, worst first."""

    findings: dict[str, int]
    undetermined: dict[str, int]
    fail_on: str
    fail_on_undetermined: str

    @property
    def failed(self) -> bool:
        """Whether anything reached its severity."""
        return bool(self.findings or self.undetermined)

    def fails(self, outcome: Outcome, severity: str) -> bool:
        """Whether an outcome of a rule of some severity fails the audit."""
        limits = {Outcome.FINDING: self.fail_on, Outcome.UNDETERMINED: self.fail_on_undetermined}
        return severity in _at_or_above(limits.get(outcome, NEVER))


def by_severity(audit: Audit, outcome: Outcome) -> dict[str, int]:
    """How often the reported rules of each severity came out a given way, worst severity first, nought included."""
    return severities(audit.rules, audit.outcomes(), outcome)


def severities(rules: Sequence[Rule], outcomes: Mapping[str, Mapping[str, int]], outcome: Outcome) -> dict[str, int]:
    """``by_severity``, of rules and how often each came out each way."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for rule in rules:
        counts[rule.severity] += outcomes[rule.id][outcome.word]
    return counts


def judge(audit: Audit, fail_on: str, fail_on_undetermined: str) -> Verdict:
    """The verdict on an audit. Each severity is one of SEVERITIES, or NEVER."""
    return judge_counts(audit.rules, audit.outcomes(), fail_on, fail_on_undetermined)


def judge_counts(
    rules: Sequence[Rule], outcomes: Mapping[str, Mapping[str, int]], fail_on: str, fail_on_undetermined: str
) -> Verdict:
    """The verdict on rules and how often each came out each way."""
    return Verdict(
        reached(severities(rules, outcomes, Outcome.FINDING), fail_on),
        reached(severities(rules, outcomes, Outcome.UNDETERMINED), fail_on_undetermined),
        fail_on,
        fail_on_undetermined,
    )


def reached(counts: dict[str, int], limit: str) -> dict[str, int]:
    """The counts of the severities that are at or above a limit, less noughts."""
    return {severity: counts[severity] for severity in _at_or_above(limit) if counts[severity]}


def _at_or_above(limit: str) -> tuple[str, ...]:
    return () if limit == NEVER else SEVERITIES[: SEVERITIES.index(limit) + 1]
