"""JUnit XML: an audit as tests, a rule of a partnership each, for whatever shows the tests of a pipeline.

A finding is a failure, whatever severity fails the audit. What is undetermined is an error if it fails the audit,
and else skipped; skipped is also what is waived, with its reason, and what does not apply. What is clear has passed.
The properties of the suite count all five outcomes, and its errors in text name the waivers that waive nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.verdict import Verdict
from tipstaff.audit.explaining.findings import REPORTED, Explainer, Finding, explain_in_batches
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.facts.units import show_date
from tipstaff.policy.pack.model import Rule
from tipstaff.report.wording.citations import quoted
from tipstaff.report.wording.phrases import shown
from tipstaff.report.wording.places import Places
from tipstaff.report.wording.waivers import list_failing

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may hold."""


def pieces(audit: Audit, verdict: Verdict, places: Places) -> Iterator[str]:
    """The file, piece by piece: the partnerships in register order, of each the rules in the order of the pack."""
    errors = sum(
        int((audit.answers[rule.id] == int(Outcome.UNDETERMINED)).sum())
        for rule in audit.rules
        if verdict.fails(Outcome.UNDETERMINED, rule.severity)
    )
    totals = audit.totals()
    tests, failures = sum(totals.values()), totals[Outcome.FINDING]
    skipped = tests - failures - errors - totals[Outcome.CLEAR]
    counted = f'name="tipstaff" tests="{tests}" failures="{failures}" errors="{errors}"'
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites {counted}>\n<testsuite {counted} skipped="{skipped}">\n'
    yield "<properties>\n"
    for name, value in _properties(audit).items():
        yield f"<property name={_attribute(name)} value={_attribute(value)}/>\n"
    yield "</properties>\n"
    names = _names(audit)
    for explainer in explain_in_batches(audit, LedgerEntries(audit)):
        for position in explainer.positions:
            for rule in audit.rules:
                yield _test(explainer, verdict, places, rule, position, names[position])
    if lapsed := list_failing(audit):
        text = "\n".join(["Waivers that waive nothing:", *lapsed])
        yield f"<system-err>{_text(text)}</system-err>\n"
    yield "</testsuite>\n</testsuites>\n"


def _properties(audit: Audit) -> dict[str, str]:
    return {
        "register": audit.register.name,
        "as_of": audit.as_of.isoformat(),
        "cycle": str(audit.cycle),
        "policy": f"{audit.pack.id} {audit.pack.version}",
        **{f"outcomes.{outcome.word}": str(count) for outcome, count in audit.totals().items()},
    }


def _names(audit: Audit) -> list[str]:
    """The name of each partnership, with its reference if the register gives one, or if names are the same."""
    frame = audit.facts.frame
    own = frame["ref"].to_list() if "ref" in frame.columns else [None] * audit.partnerships
    names = [shown(name or "") for name in frame["name"].to_list()]
    counts = Counter(names)
    return [
        f"{name} ({shown(ref)})" if stated or counts[name] > 1 else name
        for name, stated, ref in zip(names, own, audit.register.refs, strict=True)
    ]


def _test(explainer: Explainer, verdict: Verdict, places: Places, rule: Rule, position: int, name: str) -> str:
    """A test and its result."""
    outcome = Outcome(explainer.audit.answers[rule.id][position])
    opening = f"<testcase classname={_attribute(f'{rule.module}.{rule.id}')} name={_attribute(name)}"
    if outcome is Outcome.CLEAR:
        return f"{opening}/>\n"
    if outcome not in REPORTED:
        return f'{opening}><skipped type="{outcome.word}" message="does not apply, or is not yet due"/></testcase>\n'
    finding = explainer.finding(rule, position, outcome)
    if outcome is Outcome.FINDING:
        element, kind = "failure", rule.severity
    else:
        element = "error" if verdict.fails(outcome, rule.severity) else "skipped"
        kind = outcome.word
    said = f"type={_attribute(kind)} message={_attribute(_message(finding))}"
    return f"{opening}><{element} {said}>{_text(_details(finding, places))}</{element}></testcase>\n"


def _message(finding: Finding) -> str:
    waiver = finding.waiver
    if waiver is None:
        return finding.message
    accepted = f"{waiver.reason} (approved by {waiver.approved_by}, until {show_date(waiver.until)})"
    return f"Waived: {accepted}. {finding.message}"


def _details(finding: Finding, places: Places) -> str:
    rule = finding.rule
    lines = {
        "Rule": f"{rule.id}, {rule.title}; severity {rule.severity}",
        "Where": f"{places.register}, {places.principal(finding)}",
        "Lead officer": finding.lead_officer,
        "Because": "; ".join(finding.because),
        "Not known": "; ".join(dict.fromkeys(one.question for one in finding.missing)),
        "What to do": step.sentence if (step := finding.step_beside_questions) else "",
        "Source": quoted(rule.source),
    }
    return "\n".join(f"{label}: {text}" for label, text in lines.items() if text)


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))
