"""Fingerprints of the facts that an outcome rests on.

They are independent of the order of rows, and leave out cells, messages and parameters.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tipstaff.audit.dates.turning_points import owners_below
from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.evidence import EvidenceReader
from tipstaff.policy.pack.model import Aggregate, FactInfo, Repeats, Rule, criteria_below, derived_below, stated_below

LENGTH = 16
"""The length of a fingerprint, in characters."""


@dataclass(frozen=True, slots=True)
class _Basis:
    """The basis of a rule, including that of its conclusions and derived facts."""

    facts: tuple[FactInfo, ...]
    """The stated facts, by name."""
    ledgers: tuple[str, ...]
    repeats: tuple[Repeats, ...]
    cycle: bool
    """Whether the question depends on the cycle."""


class Fingerprints:
    """Makes the fingerprints of outcomes, for the partnerships of ``evidence``."""

    def __init__(self, audit: Audit, evidence: EvidenceReader) -> None:
        self.audit = audit
        self.evidence = evidence
        self._bases: dict[str, _Basis] = {}
        self._stated: dict[tuple[str, int], tuple[str, list[str]]] = {}

    def of(self, rule: Rule, position: int) -> str:
        """The fingerprint of a rule's outcome for a partnership."""
        if rule.id not in self._bases:
            self._bases[rule.id] = self._basis_of(rule.id)
        basis = self._bases[rule.id]
        stated = [self._stated_of(info, position) for info in basis.facts]
        shared = list(self._shared(basis, position))
        cycle = str(self.audit.cycle) if basis.cycle else ""
        return _digest((rule.id, self.audit.register.refs[position], stated, shared, cycle))[:LENGTH]

    def _stated_of(self, info: FactInfo, position: int) -> tuple[str, list[str]]:
        """The name of a fact and its stated values, sorted."""
        key = info.name, position
        if key not in self._stated:
            values = (evidence.value for evidence in self.evidence.of_fact(info, position))
            self._stated[key] = info.name, sorted(values)
        return self._stated[key]

    def _basis_of(self, rule: str) -> _Basis:
        pack = self.audit.pack
        criteria = tuple(criteria_below(pack, pack.rules[rule]))
        formulas = [one.formula for one in derived_below(pack, pack.rules[rule])]
        ledgers = {one.table for one in formulas if isinstance(one, Aggregate) and one.table in pack.ledgers}
        owners = frozenset[tuple[str, str]]().union(*(owners_below(pack, one.name) for one in criteria))
        return _Basis(
            facts=stated_below(pack, pack.rules[rule]),
            ledgers=tuple(sorted(ledgers)),
            repeats=tuple(one for one in formulas if isinstance(one, Repeats)),
            cycle=not owners.isdisjoint({("moment", "cycle_start"), ("moment", "cycle_end")}),
        )

    def _shared(self, basis: _Basis, position: int) -> Iterator[object]:
        """The facts of other entries of the register that affect a partnership."""
        for ledger in basis.ledgers:
            found = self.evidence.ledgers.of_partnership(ledger, position)
            yield ledger, sorted(self._digest_of(ledger, beneficiary) for beneficiary in found)
        for repeats in basis.repeats:
            alike = self._alike[repeats]
            yield alike.get(position, "")

    def _digest_of(self, ledger: str, beneficiary: int) -> str:
        digests = self.evidence.ledgers.digests
        if (ledger, beneficiary) not in digests:
            digests[ledger, beneficiary] = self._digest_ledger(ledger, beneficiary)
        return digests[ledger, beneficiary]

    def _digest_ledger(self, ledger: str, beneficiary: int) -> str:
        """A digest of the sums and totals of a beneficiary, and of the facts of the organisation."""
        entries, refs = self.evidence.ledgers, self.audit.register.refs
        sums = [
            (refs[one.partnership], one.council, one.year, one.amount, one.granted)
            for one in entries.entries(ledger, beneficiary)
        ]
        totals = [(one.window, one.amount, one.granted) for one in entries.totals(ledger, beneficiary)]
        _, *facts = self.audit.facts.ledgers[ledger].beneficiaries.facts.row(beneficiary)
        return _digest((sorted(sums), sorted(totals), facts))

    @cached_property
    def _alike(self) -> dict[Repeats, dict[int, str]]:
        """A digest of the entries that share the keys of a partnership, for each partnership with all keys."""
        found: dict[Repeats, dict[int, str]] = {}
        frame = self.audit.facts.frame
        for repeats in {*self.audit.pack.repeats.values()}:
            keys, also = ([frame[f"{name}_key"].to_list() for name in names] for names in (repeats.keys, repeats.also))
            groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
            for position, own in enumerate(zip(*keys, strict=True)):
                if None not in own:
                    groups[own].append(position)
            found[repeats] = {}
            for group in groups.values():
                entries = sorted(
                    repr((self.audit.register.refs[one], [column[one] for column in also])) for one in group
                )
                found[repeats] |= dict.fromkeys(group, _digest(entries))
        return found


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()
