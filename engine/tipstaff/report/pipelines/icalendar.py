"""The forecast as a calendar (iCalendar, RFC 5545): one all-day event for each partnership and date.

The same forecast gives the same bytes, and an event keeps its UID from one forecast to the next, so that a calendar
which imports both does not show it twice.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from icalendar import Calendar, Event

from tipstaff.audit.planning.forecast import AnswerKind, Change, Forecast
from tipstaff.report.wording.forecast import because, describe_change, display_name, lead_officer
from tipstaff.report.wording.phrases import shown

PRODUCT = "-//tipstaff//tipstaff//EN"


def calendar(found: Forecast) -> str:
    """The changes of a forecast to attend to, as the text of an iCalendar file, its lines ended by CR LF."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", f"tipstaff: {shown(found.audit.register.name)}")
    pressing = (change for change in found.changes if change.needs_attention)
    for (day, position), changes in groupby(pressing, lambda change: (change.day, change.position)):
        made.add_component(_event(found, day, position, list(changes)))
    return str(made.to_ical(), "utf-8")


def _event(found: Forecast, day: date, position: int, changes: Sequence[Change]) -> Event:
    ref = found.audit.register.refs[position]
    heading = min(changes, key=lambda change: (change.kind is not AnswerKind.OUTCOME, changes.index(change)))
    identity = "\n".join((heading.subject, ref, day.isoformat()))
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    event = Event()
    event.add("uid", f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}@tipstaff")
    event.add("dtstamp", datetime.combine(found.audit.as_of, time(), UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"{display_name(found, position)}: {_headline(heading)}{more}")
    officer = shown(lead_officer(found, position)) or "none named"
    event.add("description", "\n\n".join([*map(_described, changes), f"Lead officer: {officer}"]))
    event.add("transp", "TRANSPARENT")
    return event


def _headline(change: Change) -> str:
    return f"{change.subject} {change.title}" if change.kind is AnswerKind.OUTCOME else describe_change(change)


def _described(change: Change) -> str:
    """One change in full: what, why, and what to do."""
    label = f"{change.subject} " if change.kind is AnswerKind.OUTCOME else ""
    action = change.action
    parts = [f"{label}{describe_change(change)}", f"Why: {because(change.causes)}"]
    return "\n".join([*parts, f"Do: {action.said}"] if action is not None else parts)
