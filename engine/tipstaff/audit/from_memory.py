"""From memory: the figures of the law that outcomes rest on although no stored source corroborates them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import compress

import polars as pl

from tipstaff.audit.audit import Audit, Outcome
from tipstaff.audit.findings import Explainer, explainers
from tipstaff.audit.ledger_entries import LedgerEntries
from tipstaff.policy.law import Corroborated, Segment, Series
from tipstaff.policy.pack import Rule, law_read


@dataclass(frozen=True, slots=True)
class FromMemory:
    """Such a figure, with the rules whose findings and undetermined outcomes rest on it, and for which partnerships."""

    series: Series
    segment: Segment
    rules: tuple[str, ...]
    positions: tuple[int, ...]


def from_memory(audit: Audit, explainer: Explainer | None = None) -> list[FromMemory]:
    """The figures from memory that outcomes rest on, in the order of the rules.

    ``explainer`` is used where it explains the whole register.
    """
    found: dict[tuple[str, date], tuple[Series, Segment]] = {}
    resting: dict[tuple[str, date], list[tuple[str, int]]] = {}
    rules = [rule for rule in audit.rules if _from_memory_in(audit, rule)]
    reported = [int(Outcome.FINDING), int(Outcome.UNDETERMINED)]
    doubted = frozenset(name for rule in rules for name in _from_memory_in(audit, rule))
    explaining: Iterable[Explainer]
    if explainer is not None and len(explainer.positions) == audit.partnerships:
        explaining = [explainer]
    else:
        some = pl.any_horizontal(False, *(pl.col(rule.id).is_in(reported) for rule in rules))
        positions = audit.answers.select(some.arg_true().alias("position"))["position"].to_list()
        explaining = explainers(audit, LedgerEntries(audit), positions)
    for explainer in explaining:
        of_law: dict[int, list[Segment]] = {}
        for rule in rules:
            outcomes = audit.answers[rule.id].gather(explainer.positions).to_list()
            for position in compress(explainer.positions, (outcome in reported for outcome in outcomes)):
                for cited in explainer.law(rule, position, doubted):
                    if id(cited) not in of_law:
                        of_law[id(cited)] = [segment for segment in cited.segments if _is_from_memory(segment)]
                    for segment in of_law[id(cited)]:
                        key = cited.series.id, segment.first
                        found[key] = cited.series, segment
                        resting.setdefault(key, []).append((rule.id, position))
    order = {rule.id: place for place, rule in enumerate(audit.rules)}
    for pairs in resting.values():
        pairs.sort(key=lambda pair: (order[pair[0]], pair[1]))
    return [
        FromMemory(
            *found[key],
            rules=tuple(dict.fromkeys(rule for rule, _ in pairs)),
            positions=tuple(sorted({position for _, position in pairs})),
        )
        for key, pairs in sorted(resting.items(), key=lambda item: (order[item[1][0][0]], item[1][0][1]))
    ]


def _from_memory_in(audit: Audit, rule: Rule) -> list[str]:
    """The series that a rule reads and that have a figure from memory."""
    read = law_read(audit.pack, [rule])
    return [name for name, series in read.items() if any(map(_is_from_memory, series.segments))]


def _is_from_memory(segment: Segment) -> bool:
    return segment.corroborated is Corroborated.NO
