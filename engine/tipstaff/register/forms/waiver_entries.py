"""Waivers: outcomes that somebody answerable has accepted, for a stated time and for the facts as they were."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tipstaff.facts.vocabulary import Fact, Kind
from tipstaff.register.tables.model import Problem

FIELDS: Mapping[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("rule", Kind.TEXT, "rule", "Rule"),
        Fact("partnership", Kind.TEXT, "partnership", "Partnership"),
        Fact("reason", Kind.TEXT, "reason", "Reason"),
        Fact("approved_by", Kind.TEXT, "approved by", "Approved by"),
        Fact("until", Kind.DATE, "until", "Until"),
        Fact("fingerprint", Kind.TEXT, "fingerprint", "Fingerprint"),
        Fact("rule_fingerprint", Kind.TEXT, "rule fingerprint", "Rule fingerprint"),
    )
}
"""The required parts of a waiver, each by its word."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """The acceptance of one rule's outcome for one partnership.

    ``fingerprint`` and ``rule_fingerprint`` are those of the outcome accepted: a waiver of other facts, or of another
    rule, is none.
    """

    rule: str
    partnership: str
    """The reference of the partnership."""
    reason: str
    approved_by: str
    """The post of whoever approved it."""
    until: date
    """The last day on which it holds."""
    fingerprint: str
    rule_fingerprint: str
    place: str
    """The place it was read from: ``waivers.yaml:12`` or ``audited.xlsx:Findings!H7``."""


@dataclass(frozen=True, slots=True)
class Written:
    """A waiver as somebody wrote it, before anything of it is believed.

    ``said`` maps each word to its value, whether or not it is one of ``FIELDS``, and ``places`` to its place;
    ``problems`` lists the faults already found in its file.
    """

    place: str
    said: Mapping[str, object] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def problem(self, word: str, value: str, expected: str) -> Problem:
        """Report a problem with the value of a word."""
        return Problem(self.places.get(word, self.place), value, expected)
