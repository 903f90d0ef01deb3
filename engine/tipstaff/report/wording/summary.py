"""The summary: what was audited and the result, in labelled lines that open every report for people."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.classes import UNDETERMINED, classes
from tipstaff.audit.decisions.verdict import NEVER, Verdict, by_severity
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.units import show_date
from tipstaff.policy.language.english import listed
from tipstaff.policy.pack.model import Pack
from tipstaff.policy.pack.schema import AdoptionPart
from tipstaff.report.wording.phrases import many, shown


def summary(audit: Audit) -> dict[str, str]:
    """The summary by label: Register, As of, Policy, Classes, Findings, Outcomes; Cycle, Complete, Rules if they apply.

    All five outcomes are counted, noughts too.
    """
    belonging = classes(audit)
    words = (*audit.pack.classes, UNDETERMINED)
    rows = {
        "Register": f"{shown(audit.register.name)}, {many(audit.partnerships, 'partnership')}",
        "As of": dated(audit.as_of, audit.cycle),
        "Policy": policy(audit.pack),
        "Classes": ", ".join(f"{belonging.count(word)} {word}" for word in words),
        "Findings": counted(by_severity(audit, Outcome.FINDING)) or "none",
        "Outcomes": ", ".join(f"{count} {outcome.words}" for outcome, count in audit.totals().items()),
    }
    rows |= begun(audit.pack, audit.as_of, audit.cycle)
    if complete := list(_complete(audit)):
        rows["Complete"] = f"{'; '.join(complete)}: there, what the list does not state is nil; beyond, not known"
    reported = sum(rule.concludes is None for rule in audit.pack.rules.values())
    if len(audit.rules) < reported:
        rows["Rules"] = f"{len(audit.rules)} of {reported}: the others are left out"
    return rows


def dated(as_of: date, cycle: FinancialYear) -> str:
    """``4 August 2016, for the cycle 2017/18``."""
    return f"{show_date(as_of)}, for the cycle {cycle}"


def begun(pack: Pack, as_of: date, cycle: FinancialYear) -> dict[str, str]:
    """A caution, labelled Cycle, if a policy compares a cycle with the current year and the cycle has begun."""
    if as_of < cycle.first_day or not any(table.in_cycle for table in pack.tables.values()):
        return {}
    day_before = cycle.first_day - timedelta(days=1)
    said = f"{cycle} has begun, so how its figures differ from the level before it is not seen"
    return {"Cycle": f"{said}. Audit as of {show_date(day_before)} as well (--as-of {day_before} --cycle {cycle})"}


def policy(pack: Pack) -> str:
    """Title, id and version of a policy, and whether the councils adopted it."""
    said: dict[str, str] = {}
    for council, adopted in adoption(pack).items():
        said[adopted] = f"{said[adopted]}, {council}" if adopted in said else council
    own = list(said) == [NOT_SHOWN]
    adopted = NOT_SHOWN if own else "; ".join(f"{words} ({councils})" for words, councils in said.items())
    return f"{pack.title} ({pack.id} {pack.version}): {adopted}"


def counted(counts: Mapping[str, int]) -> str:
    """``10 high, 51 medium and 9 advisory``; nothing of what is not there."""
    return listed([f"{count} {severity}" for severity, count in counts.items() if count], "and")


def decided(verdict: Verdict, *, since: bool = False) -> str:
    """The exit code and what decided it: ``Exit code 1: 10 high findings and 2 high outcomes undetermined.``

    ``since`` says that the verdict is on what got worse alone.
    """
    found = [
        _numbered(verdict.findings, "finding", "findings"),
        _numbered(verdict.undetermined, "outcome undetermined", "outcomes undetermined"),
    ]
    if verdict.failed:
        return f"Exit code 1{', for what got worse' if since else ''}: {' and '.join(filter(None, found))}."
    limits = {"finding": verdict.fail_on, "outcome undetermined": verdict.fail_on_undetermined}
    asked = [f"no {what} of severity {limit} or above" for what, limit in limits.items() if limit != NEVER]
    if not asked:
        return "Exit code 0: nothing was asked to fail it."
    return f"Exit code 0: {' and '.join(asked)}{' is worse' if since else ''}."


def _numbered(counts: Mapping[str, int], one: str, several: str) -> str:
    return f"{counted(counts)} {one if sum(counts.values()) == 1 else several}" if counts else ""


def _complete(audit: Audit) -> Iterator[str]:
    """The figures that the register has in full: ``direct funding of Trafford, 2012/13 to 2024/25``."""
    for council in audit.pack.vocabulary.councils:
        of_council = [one for one in audit.register.closed if one.council == council.key]
        for fact in sorted({one.fact for one in of_council}):
            years = sorted(one.year for one in of_council if one.fact == fact)
            firsts = [year for year in years if year - 1 not in years]
            lasts = [year for year in years if year + 1 not in years]
            spans = [
                str(FinancialYear(first)) + (f" to {FinancialYear(last)}" if last > first else "")
                for first, last in zip(firsts, lasts, strict=True)
            ]
            yield f"{audit.pack.label(fact)} by {council.name}, {listed(spans, 'and')}"


NOT_SHOWN = "recommended; adoption not shown"
NOT_ITS_OWN = "not its own policy"


def adoption(pack: Pack) -> dict[str, str]:
    """For each council by name: by which body, when and by which minute it adopted the policy; otherwise NOT_SHOWN, or
    NOT_ITS_OWN of a council that the policy is not made for.
    """
    return {council.name: _said(pack.adopted.get(council.key)) for council in pack.vocabulary.councils}


def _said(part: AdoptionPart | None) -> str:
    if part is None:
        return NOT_ITS_OWN
    if part == AdoptionPart():
        return NOT_SHOWN
    body = f" by {part.body}" if part.body else ""
    day = f" on {part.date}" if part.date else ""
    minute = f", minute {part.minute}" if part.minute else ""
    return f"adopted{body}{day}{minute}"


MEANINGS = {
    Outcome.FINDING: "A duty is not met, or a warning sign is there.",
    Outcome.UNDETERMINED: "A fact is missing that could make it a finding. It is never counted as passed.",
    Outcome.WAIVED: "A finding, or an undetermined outcome, that somebody answerable has accepted until a day.",
    Outcome.CLEAR: "Surely in order.",
    Outcome.NOT_APPLICABLE: "The rule does not concern the partnership, or is not yet due.",
}
"""The meaning of each outcome, in the order in which to explain them."""
