"""Figures: what the page draws, gathered from the audit. Where there is nothing to draw there is no figure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.explaining.ledger_entries import LedgerEntries, Total
from tipstaff.audit.explaining.values import show_bounds
from tipstaff.facts.bounds import NEVER, NO_END, Bounds
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.pack.model import SEVERITIES

MOST_AGREEMENTS = 25
"""The most agreements that are drawn: those that end first."""

MOST_BENEFICIARIES = 20
"""The most organisations that are drawn beside the law: those that had most."""

NO_THEME = "No theme known"


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """How many findings of each severity the partnerships of a theme have, worst first, noughts too."""

    theme: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The current agreement of a partnership. ``start`` is None if it is not known; an end may be NO_END."""

    position: int
    start: date | None
    """The earliest day that it may have begun."""
    ends: Bounds[date]
    said_start: str
    said_end: str


@dataclass(frozen=True, slots=True)
class Agreements:
    """The agreements whose end is known, the first to end first, and how many partnerships have none such."""

    drawn: tuple[Agreement, ...]
    beyond: int
    """How many more end later than those drawn."""
    unknown: int


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """The most that an organisation had, beside the figures of the law on the day of the last award."""

    name: str
    total: Total


@dataclass(frozen=True, slots=True)
class LedgerFigure:
    """A ledger: its organisations, those that had most first, and how many more there are."""

    label: str
    drawn: tuple[Beneficiary, ...]
    beyond: int


def themes(audit: Audit) -> tuple[ThemeCount, ...]:
    """The findings of each theme of the policy, in its order, and those of no known theme; none without findings."""
    known = [theme.name for theme in audit.pack.vocabulary.themes]
    stated = audit.facts.frame["theme"].to_list() if "theme" in audit.facts.frame.columns else []
    if not stated:
        return ()
    counts = {theme: [0] * len(SEVERITIES) for theme in (*known, NO_THEME)}
    for rule in audit.rules:
        for position in (audit.answers[rule.id] == int(Outcome.FINDING)).arg_true().to_list():
            theme = stated[position]
            counts[theme if theme in counts else NO_THEME][SEVERITIES.index(rule.severity)] += 1
    if not any(map(sum, counts.values())):
        return ()
    return tuple(ThemeCount(theme, tuple(found)) for theme, found in counts.items() if theme != NO_THEME or any(found))


def agreements(audit: Audit) -> Agreements | None:
    """The current agreements to their ends; None if no end is known."""
    rules = next((one for one in audit.pack.tables.values() if one.starts is not None and one.ends is not None), None)
    if rules is None:
        return None
    columns = [audit.facts.frame[f"{fact}_{end}"].to_list() for fact in (rules.starts, rules.ends) for end in _ENDS]
    found = [
        Agreement(
            position,
            None if start_lo in (None, NEVER) else start_lo,
            Bounds(end_lo, end_hi),
            show_bounds(Kind.DATE, start_lo, start_hi),
            show_bounds(Kind.DATE, end_lo, end_hi),
        )
        for position, (start_lo, start_hi, end_lo, end_hi) in enumerate(zip(*columns, strict=True))
        if end_lo not in (None, NEVER) and end_hi is not None
    ]
    found.sort(key=lambda one: (one.ends.hi, one.ends.lo, one.position))
    if not found:
        return None
    drawn = tuple(found[:MOST_AGREEMENTS])
    return Agreements(drawn, len(found) - len(drawn), audit.partnerships - len(found))


_ENDS = ("lo", "hi")


def ends_open(ends: Bounds[date]) -> bool:
    """Whether an agreement is known to have no end."""
    return ends.lo == NO_END


def ledgers(audit: Audit, entries: LedgerEntries) -> Iterator[LedgerFigure]:
    """The ledgers with a sum to set against a figure of the law."""
    for name, rows in audit.facts.ledgers.items():
        found = []
        for number, called in enumerate(rows.beneficiaries.names):
            totals = [total for total in entries.totals(name, number) if total.bounds and _known(total)]
            if (most := greatest(totals)) is not None:
                found.append(Beneficiary(called, most))
        found.sort(key=lambda one: (-one.total.least, one.name))
        if found:
            drawn = tuple(found[:MOST_BENEFICIARIES])
            yield LedgerFigure(audit.pack.ledgers[name].label, drawn, len(found) - len(drawn))


def greatest(totals: Sequence[Total]) -> Total | None:
    """The greatest total, one that is only planned if there is no other; None if there is none."""
    judged = [total for total in totals if not total.planned] or totals
    return max(judged, key=lambda total: total.least, default=None)


def _known(total: Total) -> bool:
    """Whether anything is known of a sum."""
    return total.least > 0 or total.most is not None
