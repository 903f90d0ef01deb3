"""Changes and due days in words."""

from collections.abc import Iterable

from tipstaff.audit.explaining.values import UNKNOWN, show_bounds
from tipstaff.audit.planning.forecast import Cause, Change, Forecast
from tipstaff.audit.planning.renewal import Duty
from tipstaff.facts.vocabulary import Kind
from tipstaff.report.wording.phrases import many, shown

_NAME = 60


def describe_change(change: Change) -> str:
    """``Agreement has run out, clear → finding``."""
    return f"{change.title}, {change.old.replace('_', ' ')} → {change.new.replace('_', ' ')}"


def because(causes: Iterable[Cause]) -> str:
    """The dates that are past, with their cells."""
    parts = [f"{shown(cause.sentence)} in {cause.cell}" if cause.cell else shown(cause.sentence) for cause in causes]
    return "; ".join(parts) or "the date alone"


def display_name(found: Forecast, position: int) -> str:
    """A partnership by its reference, if the register gives one, and its name."""
    audit = found.audit
    ref, name = audit.register.refs[position], audit.facts.frame["name"][position]
    stated = audit.facts.frame["ref"][position] if "ref" in audit.facts.frame.columns else None
    return shown(" ".join(part for part in (ref if stated or not name else "", name) if part), _NAME)


def lead_officer(found: Forecast, position: int) -> str:
    """The post that leads on a partnership; empty if the register names none."""
    frame = found.audit.facts.frame
    return (frame["lead_officer"][position] or "") if "lead_officer" in frame.columns else ""


def describe_due(duty: Duty) -> str:
    """The date by which a duty is to be done, in words; empty where the rule names none."""
    if duty.due is None:
        return ""
    return UNKNOWN if duty.due.on is None else show_bounds(Kind.DATE, duty.due.on.lo, duty.due.on.hi)


def in_days(left: int) -> str:
    if left == 0:
        return "today"
    return f"{many(left, 'day')} left" if left > 0 else f"{many(-left, 'day')} ago"
