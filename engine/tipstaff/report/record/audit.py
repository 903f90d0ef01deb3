"""The record: an audit as JSON, in parts of the form in ``record_form``. The same inputs give the same bytes."""

import json
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import cast

from tipstaff.audit.comparing.comparison import Comparison
from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.classes import UNDETERMINED, classes
from tipstaff.audit.decisions.verdict import Verdict, by_severity
from tipstaff.audit.explaining.evidence import Evidence
from tipstaff.audit.explaining.factor_sheet import factor_sheets
from tipstaff.audit.explaining.findings import Finding, explain_in_batches, facts_by_rule
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.policy.pack.model import Pack, Rule
from tipstaff.policy.pack.schema import SourcePart
from tipstaff.register.forms.waiver_entries import Waiver
from tipstaff.report.record.comparison import baseline_part
from tipstaff.report.record.parts import (
    advisories,
    factor_sheet_part,
    law_parts,
    ledger_parts,
    problem_part,
    waiver_parts,
)
from tipstaff.report.record.schema import (
    SCHEMA,
    AcceptedBy,
    EvidencePart,
    FindingPart,
    Head,
    LedgerPart,
    OutcomeCounts,
    PartnershipPart,
    PolicyPart,
    RegisterPart,
    Source,
    SummaryPart,
    WaiverPart,
)
from tipstaff.report.wording.summary import adoption

Since = tuple[Comparison, Verdict]
"""The comparison with a baseline, and the verdict on what got worse."""


def record(audit: Audit, since: Since | None = None) -> Iterator[str]:
    """The record as JSON text, piece by piece: a partnership or a finding a line."""
    entries = LedgerEntries(audit)
    yield "{\n"
    for key, value in head(audit).items():
        yield f"{dumped(key)}: {dumped(value)},\n"
    yield '"waivers": '
    yield from _lines(waivers(audit))
    yield ',\n"partnerships": '
    yield from _lines(partnerships(audit, entries))
    yield f',\n"outcomes_by_rule": {dumped(outcomes_by_rule(audit))},\n'
    yield f'"facts_by_rule": {dumped(names_of_facts(audit))},\n'
    yield '"ledgers": '
    yield from _lines(ledgers(audit, entries))
    yield ",\n"
    yield '"findings": '
    yield from _lines(findings(audit, entries))
    if since is not None:
        yield f',\n"since_baseline": {dumped(baseline_part(*since))}'
    yield "\n}\n"


def head(audit: Audit) -> Head:
    """The head of the record: what was audited, under which policy and as of when, and the result in figures."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "tipstaff", "version": version("tipstaff")},
        "as_of": audit.as_of.isoformat(),
        "cycle": str(audit.cycle),
        "register": _register(audit),
        "policy": _policy(audit),
        "summary": _summary(audit),
        "labels": {info.name: info.label for infos in facts_by_rule(audit).values() for info in infos},
    }


def partnerships(audit: Audit, entries: LedgerEntries) -> Iterator[PartnershipPart]:
    """Every partnership and what is concluded of it, in the order of the register."""
    belonging = classes(audit)
    answers = {name: audit.answers[name].to_list() for name in audit.pack.conclusions}
    frame, nothing = audit.facts.frame, [None] * audit.partnerships
    stated = {
        fact: frame[fact].to_list() if fact in frame.columns else nothing
        for fact in ("name", "theme", "type", "registered_class")
    }
    for explainer in explain_in_batches(audit, entries):
        for position in explainer.positions:
            name = belonging[position]
            known = name in audit.pack.classes
            yield {
                "ref": audit.register.refs[position],
                "name": stated["name"][position],
                "theme": stated["theme"][position],
                "type": stated["type"][position],
                "declared_class": stated["registered_class"][position],
                "class": name,
                "class_because": list(explainer.conclusion(name, position).because) if known else [],
                "conclusions": {key: column[position] for key, column in answers.items()},
                "factor_sheets": [
                    factor_sheet_part(sheet) for sheet in factor_sheets(audit, explainer.evidence, position)
                ],
                "facts": [_evidence(one) for one in explainer.stated_evidence(position)],
            }


def waivers(audit: Audit) -> Iterator[WaiverPart]:
    """Every waiver with its status, the worst first."""
    return waiver_parts(audit)


def outcomes_by_rule(audit: Audit) -> dict[str, OutcomeCounts]:
    """How often every rule reported came out each way, in the order of the policy."""
    return cast(dict[str, OutcomeCounts], audit.outcomes())


def names_of_facts(audit: Audit) -> dict[str, list[str]]:
    """The stated facts that every rule reported rests on, by name."""
    return {rule: [info.name for info in infos] for rule, infos in facts_by_rule(audit).items()}


def ledgers(audit: Audit, entries: LedgerEntries) -> Iterator[LedgerPart]:
    """The sums that every organisation of a ledger had."""
    return (one for ledger in audit.facts.ledgers for one in ledger_parts(audit, entries, ledger))


def findings(audit: Audit, entries: LedgerEntries) -> Iterator[FindingPart]:
    """Every outcome that is reported one by one, in the order of the register and of the policy."""
    return (
        _finding(audit.pack, finding)
        for explainer in explain_in_batches(audit, entries)
        for finding in explainer.findings()
    )


def dumped(value: object) -> str:
    """A value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def _lines(items: Iterable[object]) -> Iterator[str]:
    """A list, an item a line."""
    opening = "[\n"
    for item in items:
        yield opening + dumped(item)
        opening = ",\n"
    yield "[]" if opening == "[\n" else "\n]"


def _register(audit: Audit) -> RegisterPart:
    register = audit.register
    return {
        "name": register.name,
        "sha256": register.sha256,
        "partnerships": audit.partnerships,
        "problems": [problem_part(one) for one in register.problems],
    }


def _policy(audit: Audit) -> PolicyPart:
    pack = audit.pack
    return {
        "id": pack.id,
        "version": pack.version,
        "sha256": pack.sha256,
        "adopted": adoption(pack),
        "law_advisories": advisories(pack, audit.rules, audit.as_of),
    }


def _summary(audit: Audit) -> SummaryPart:
    belonging = classes(audit)
    said = {
        "partnerships": audit.partnerships,
        **{name: belonging.count(name) for name in (*audit.pack.classes, UNDETERMINED)},
        "outcomes": {outcome.word: count for outcome, count in audit.totals().items()},
        "by_severity": by_severity(audit, Outcome.FINDING),
    }
    return cast(SummaryPart, said)


def _finding(pack: Pack, finding: Finding) -> FindingPart:
    rule = finding.rule
    said: FindingPart = {
        "rule": rule.id,
        "title": rule.title,
        "module": rule.module,
        "ref": finding.ref,
        "name": finding.name,
        "lead_officer": finding.lead_officer,
        "outcome": finding.outcome.word,
        "severity": rule.severity,
        "message": finding.message,
        "because": list(finding.because),
        "evidence": [_evidence(one) for one in finding.evidence],
        "missing": [
            {"fact": one.fact, "table": one.table, "cell": one.cell, "question": one.question}
            for one in finding.missing
        ],
        "law": law_parts(finding.law),
        "sources": _sources(pack, rule),
        "consequence": rule.consequence,
        "action": {"do": step.do, "by": step.by} if (step := finding.step) is not None else None,
        "fingerprint": finding.fingerprint,
        "rule_fingerprint": rule.fingerprint,
    }
    if finding.waiver is not None:
        said["waiver"] = _waiver(finding.waiver)
    return said


def _evidence(one: Evidence) -> EvidencePart:
    return {"fact": one.fact, "value": one.value, "cell": one.cell}


def _waiver(one: Waiver) -> AcceptedBy:
    return {"reason": one.reason, "approved_by": one.approved_by, "until": one.until.isoformat(), "place": one.place}


def _sources(pack: Pack, rule: Rule) -> list[Source]:
    """The source of a rule, and those of the criteria that it asks itself."""
    criteria = (pack.criteria[name].source for name in rule.inputs if name in pack.criteria)
    found = [_source(part) for part in (rule.source, *criteria) if part is not None]
    return [part for index, part in enumerate(found) if part not in found[:index]]


def _source(part: SourcePart) -> Source:
    said: Source = {"paragraph": part.paragraph, "words": part.words}
    if part.of is not None:
        said["of"] = part.of
    if part.instrument:
        said["instrument"] = part.instrument
    return said
