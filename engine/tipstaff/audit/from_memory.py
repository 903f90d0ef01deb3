"""From memory: the figures of the law that outcomes rest on although no stored source corroborates them."""

from dataclasses import dataclass
from datetime import date

from tipstaff.audit.audit import Audit, Outcome
from tipstaff.audit.findings import explainers
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


def from_memory(audit: Audit) -> list[FromMemory]:
    """The figures from memory that outcomes rest on, in the order of the rules."""
    found: dict[tuple[str, date], tuple[Series, Segment]] = {}
    resting: dict[tuple[str, date], list[tuple[str, int]]] = {}
    rules = [rule for rule in audit.rules if _may_rest(audit, rule)]
    reported = [int(Outcome.FINDING), int(Outcome.UNDETERMINED)]
    where = {rule.id: audit.answers[rule.id].is_in(reported).arg_true().to_list() for rule in rules}
    positions = sorted({position for those in where.values() for position in those})
    for explainer in explainers(audit, LedgerEntries(audit), positions):
        mine = set(explainer.positions)
        of_law: dict[int, list[Segment]] = {}
        for rule in rules:
            for position in filter(mine.__contains__, where[rule.id]):
                for cited in explainer.law(rule, position):
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


def _may_rest(audit: Audit, rule: Rule) -> bool:
    """Whether a rule reads any figure from memory."""
    return any(_is_from_memory(one) for series in law_read(audit.pack, [rule]).values() for one in series.segments)


def _is_from_memory(segment: Segment) -> bool:
    return segment.corroborated is Corroborated.NO
