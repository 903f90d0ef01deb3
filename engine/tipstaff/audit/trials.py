"""Trials: what the answers to a few facts would settle of what is undetermined, many of them tried in one audit."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.questions.suppositions import Answered, Blank, suppose
from tipstaff.register.files.sheet import Raw

FactKey = tuple[str, str]
"""The name of a table, and of a fact of it."""

Settled = Mapping[int, Mapping[int, frozenset[str]]]
"""What a trial settles: the ids of rules, by the position of the partnership and the number of the attempt."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Facts to answer together, everywhere at once: one fact by each possible answer, several by all first or all last.

    ``blanks`` has the blanks they fill, by position, with the answers to try; ``may_settle`` the ids of the rules whose
    undetermined outcomes they may settle. ``whole`` says that such an outcome rests on other entries, so that the whole
    register must be tried with the answers, and not these positions alone.
    """

    facts: tuple[FactKey, ...]
    blanks: Mapping[int, Mapping[Blank, Sequence[Raw]]]
    may_settle: Mapping[int, frozenset[str]]
    whole: bool

    @property
    def attempts(self) -> Sequence[int]:
        """The numbers of the answers to try."""
        return range(max(map(self._possible, self.blanks))) if len(self.facts) == 1 else (0, -1)

    def answers(self, position: int, attempt: int) -> dict[Blank, Raw]:
        """The answers to the blanks of a position: those of this number, the last where there are fewer."""
        blanks = self.blanks.get(position, {})
        return {blank: possible[min(attempt, len(possible) - 1)] for blank, possible in blanks.items()}

    def tells(self, position: int, attempt: int) -> bool:
        """Whether an attempt tries what no earlier one does at a position where something may be settled."""
        return position in self.may_settle and (position not in self.blanks or attempt < self._possible(position))

    def places(self, audit: Audit, attempt: int) -> Sequence[int]:
        """The positions whose cases an attempt takes."""
        if self.whole:
            return range(audit.partnerships)
        return [place for place in sorted(self.blanks) if self.tells(place, attempt)]

    def _possible(self, position: int) -> int:
        return max(map(len, self.blanks[position].values()))


def settled_by(
    audit: Audit, trials: Sequence[Trial], supposed: Mapping[int, Answered], before: Mapping[int, frozenset[str]]
) -> list[Settled]:
    """What each trial settles of what is undetermined ``before`` it, with the answers supposed already.

    An attempt that would open an outcome anew contradicts what is supposed, and is left out.
    """
    worlds = [(number, attempt) for number, trial in enumerate(trials) for attempt in trial.attempts]
    places = [
        (world, place)
        for world, (number, attempt) in enumerate(worlds)
        for place in trials[number].places(audit, attempt)
    ]
    cases = []
    for world, place in places:
        number, attempt = worlds[world]
        cases.append((place, {**supposed.get(place, {}), **trials[number].answers(place, attempt)}))
    after = suppose(audit, cases, [world for world, _ in places]).undetermined()
    found: list[dict[int, dict[int, frozenset[str]]]] = [defaultdict(dict) for _ in trials]
    for case, (world, place) in enumerate(places):
        number, attempt = worlds[world]
        still = {rule.id for rule in after.get(case, ())}
        if trials[number].tells(place, attempt) and still <= before[place]:
            found[number][place][attempt] = trials[number].may_settle[place] - still
    return list(found)
