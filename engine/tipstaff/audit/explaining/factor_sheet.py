"""Factor sheets: the pointers that a policy weighs, in each direction, with the evidence for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.evidence import Evidence, EvidenceReader
from tipstaff.facts.units import show_number
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import FactRef
from tipstaff.policy.pack.model import Derived, Weighing


@dataclass(frozen=True, slots=True)
class Factor:
    """A pointer with its answer. ``weight`` is the weight of its strength, in hundredths; None if it is not weighed."""

    fact: str
    label: str
    towards: str
    strength: str
    weight: int | None
    answer: bool | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class FactorSheet:
    """The pointers of a partnership. ``least`` and ``most`` are the bounds of their total weight, in hundredths."""

    name: str
    weighing: Weighing
    factors: tuple[Factor, ...]
    least: int
    most: int
    verdict: str

    @property
    def answered(self) -> bool:
        """Whether any pointer has an answer."""
        return any(factor.answer is not None for factor in self.factors)

    @property
    def net(self) -> str:
        """The total weight of the pointers: ``5``, or ``-3 to 9`` if some are not answered."""
        least, most = show_number(self.least), show_number(self.most)
        return least if least == most else f"{least} to {most}"


def factor_sheets(audit: Audit, evidence: EvidenceReader, position: int) -> Iterator[FactorSheet]:
    """Make the factor sheets of a partnership, one for each derived number that weighs pointers."""
    for derived in audit.pack.derived:
        if derived.weighing is not None:
            yield _sheet(audit, evidence, position, derived, derived.weighing)


def _sheet(audit: Audit, evidence: EvidenceReader, position: int, derived: Derived, weighing: Weighing) -> FactorSheet:
    def factor(fact: str, towards: str, strength: str, weight: int | None) -> Factor:
        answer: bool | None = audit.facts.frame[fact][position]
        stated = evidence.of_question(_question(fact), position)
        with_cells = tuple(one for one in stated if one.cell is not None)
        return Factor(fact, audit.pack.facts[fact].label, towards, strength, weight, answer, with_cells)

    return FactorSheet(
        name=derived.name,
        weighing=weighing,
        factors=tuple(factor(one.fact, one.towards, one.strength, one.weight) for one in weighing.pointers),
        least=audit.facts.frame[f"{derived.name}_lo"][position],
        most=audit.facts.frame[f"{derived.name}_hi"][position],
        verdict=_verdict(audit, weighing, position),
    )


@cache
def _question(fact: str) -> FactRef:
    """A pointer as a question; one object per fact, because evidence is cached by the identity of its question."""
    return FactRef(fact, Kind.YES_NO)


def _verdict(audit: Audit, weighing: Weighing, position: int) -> str:
    for name, verdict in weighing.verdict.items():
        truth = audit.answers[name][position]
        if truth is None:
            return weighing.unknown
        if truth:
            return verdict
    return weighing.otherwise
