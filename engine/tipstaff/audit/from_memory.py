"""From memory: the figures of the law that outcomes rest on although no stored source corroborates them."""

from dataclasses import dataclass
from datetime import date

from tipstaff.audit.audit import Outcome
from tipstaff.audit.findings import Explainer
from tipstaff.policy.law import Corroborated, Segment, Series
from tipstaff.policy.pack import law_read


@dataclass(frozen=True, slots=True)
class FromMemory:
    """Such a figure, with the rules whose findings and undetermined outcomes rest on it, and for which partnerships."""

    series: Series
    segment: Segment
    rules: tuple[str, ...]
    positions: tuple[int, ...]


def from_memory(explainer: Explainer) -> list[FromMemory]:
    """The figures from memory that outcomes of the partnerships explained rest on, in the order of the rules."""
    audit = explainer.audit
    found: dict[tuple[str, date], tuple[Series, Segment]] = {}
    resting: dict[tuple[str, date], list[tuple[str, int]]] = {}
    for rule in audit.rules:
        segments = [segment for series in law_read(audit.pack, [rule]).values() for segment in series.segments]
        if not any(map(_is_from_memory, segments)):
            continue
        outcomes = audit.answers[rule.id].to_list()
        for position in explainer.positions:
            if outcomes[position] not in (Outcome.FINDING, Outcome.UNDETERMINED):
                continue
            for cited in explainer.reason(rule, position).law:
                for segment in filter(_is_from_memory, cited.segments):
                    key = cited.series.id, segment.first
                    found[key] = cited.series, segment
                    resting.setdefault(key, []).append((rule.id, position))
    return [
        FromMemory(
            *found[key],
            rules=tuple(dict.fromkeys(rule for rule, _ in pairs)),
            positions=tuple(sorted({position for _, position in pairs})),
        )
        for key, pairs in resting.items()
    ]


def _is_from_memory(segment: Segment) -> bool:
    return segment.corroborated is Corroborated.NO
