"""Waivers: outcomes that somebody answerable has accepted, for a stated time and for the facts as they were."""

from dataclasses import dataclass
from datetime import date


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
    """Where it was read: ``waivers.yaml:12`` or ``audited.xlsx:Findings!H7``."""
