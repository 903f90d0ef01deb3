"""Waivers in reports: the status of each, why, and what to do; and the outcomes that they waive."""

from collections.abc import Iterator, Sequence

from tipstaff.audit.decisions.audit import Audit, Outcome, WaiverAccount, WaiverStatus
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.units import show_date
from tipstaff.policy.pack.model import SEVERITIES
from tipstaff.register.forms.waiver_entries import Waiver
from tipstaff.register.tables.model import Problem
from tipstaff.report.wording.phrases import many, shown

_NAME = 60
MOST = 100
"""The most waivers, and the most outcomes waived, that the report of an audit lists."""


def why(audit: Audit, account: WaiverAccount) -> str:
    """The fault of a waiver, or how long it holds."""
    match account.status:
        case WaiverStatus.MALFORMED:
            return "; ".join(_misfit(problem) for problem in account.problems)
        case WaiverStatus.RULE_CHANGED:
            return "the rule, or what it rests on, has changed since it was approved"
        case WaiverStatus.FACTS_CHANGED:
            return "the facts that it was approved for have changed"
        case WaiverStatus.UNUSED:
            outcome = account.outcome
            left_out = "the rule is left out of this audit"
            return f"nothing to waive: {left_out if outcome is None else f'the outcome is {outcome.words}'}"
        case _:
            return f"{'holds' if account.status is WaiverStatus.HELD else 'held'} {_until(audit, account.waiver)}"


def advice(account: WaiverAccount) -> str:
    """The action on a waiver; empty if it holds."""
    match account.status:
        case WaiverStatus.HELD:
            return ""
        case WaiverStatus.MALFORMED:
            return "Correct it."
        case WaiverStatus.UNUSED:
            return "Take it out." if account.outcome is not None else ""
        case _:
            return "Settle what it waived, or draft it again and have it approved."


def days_left(audit: Audit, waiver: Waiver) -> int:
    """The days from the as-of date to the last on which a waiver holds; negative once it is over."""
    return (waiver.until - audit.as_of).days


def failing(audit: Audit) -> tuple[WaiverAccount, ...]:
    """The waivers that waive nothing, the worst first."""
    return tuple(one for one in audit.waiver_accounts if one.status is not WaiverStatus.HELD)


def _misfit(problem: Problem) -> str:
    found = f", found {shown(problem.value, _NAME)!r}" if problem.value else ""
    return f"{shown(problem.cell)}{found}, expected {shown(problem.expected)}"


def _until(audit: Audit, waiver: Waiver | None) -> str:
    if waiver is None:
        return ""
    left = days_left(audit, waiver)
    when = "the last day" if left == 0 else f"{many(left, 'day')} left" if left > 0 else f"{many(-left, 'day')} ago"
    return f"until {show_date(waiver.until)} ({when})"


# In the report of an audit


def list_failing(audit: Audit) -> list[str]:
    """The waivers that waive nothing, the worst first, each with what is the matter; no more than a report lists."""
    found = failing(audit)
    listed = [f"{one.status.capitalize()}: {describe_waiver(audit, one)}" for one in found[:MOST]]
    return listed + [f"and {len(found) - MOST:,} more: tipstaff waivers list"] * (len(found) > MOST)


def waived_rows(audit: Audit) -> Iterator[Sequence[str]]:
    """The outcomes waived, the worst first and those that lapse soonest: severity, rule, what, until when."""
    rules = audit.pack.rules

    def weight(item: tuple[tuple[str, int], Waiver]) -> tuple[object, ...]:
        (rule, position), waiver = item
        return SEVERITIES.index(rules[rule].severity), waiver.until, rule, position

    first = sorted(audit.waivers.items(), key=weight)[:MOST]
    explainer = Explainer(audit, (position for (_, position), _ in first))
    for (rule, position), waiver in first:
        message = explainer.finding(rules[rule], position, Outcome.WAIVED).message
        by = f"{shown(message)} Waived by {shown(waiver.approved_by)}: {shown(waiver.reason)}"
        yield [rules[rule].severity, rule, f"{by} ({shown(audit.register.refs[position])})", _until(audit, waiver)]
    if len(audit.waivers) > MOST:
        yield ["", "", f"and {len(audit.waivers) - MOST:,} more", ""]


def of_outcome(audit: Audit, rule: str, position: int) -> Iterator[tuple[str, str]]:
    """The notes on the waivers of one outcome, each a label and a text."""
    waiver = audit.waivers.get((rule, position))
    if waiver is not None:
        by = f"{_until(audit, waiver)}, by {shown(waiver.approved_by)}: {shown(waiver.reason)} ({waiver.place})"
        yield "waived", by
    for one in failing(audit):
        if (one.rule, one.position) == (rule, position):
            yield "waiver", _status_in_full(audit, one)


# By themselves


def describe_waiver(audit: Audit, account: WaiverAccount) -> str:
    """A waiver by rule and partnership, with its status."""
    named = dict.fromkeys(filter(None, (account.rule, account.partnership, name_of(audit, account))))
    called = " ".join(shown(name, _NAME) for name in named)
    return f"{called}: {_status_in_full(audit, account)}" if called else _status_in_full(audit, account)


def name_of(audit: Audit, account: WaiverAccount) -> str | None:
    """The name of the partnership, if it is known."""
    return None if account.position is None else audit.facts.frame["name"][account.position]


def _status_in_full(audit: Audit, account: WaiverAccount) -> str:
    """The status of a waiver, in sentences, with its place, who approved it and why."""
    said = f"{why(audit, account)}. {advice(account)}".strip()
    if account.waiver is None:
        return said
    by = f"Approved by {shown(account.waiver.approved_by)}: {shown(account.waiver.reason)}"
    return f"{said} {by} ({account.waiver.place})"
