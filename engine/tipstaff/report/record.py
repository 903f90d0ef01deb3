"""The record: an audit as JSON, the schema ``tipstaff/audit/1``. The same inputs give the same bytes."""

import json
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from tipstaff.audit.audit import Audit, Outcome
from tipstaff.audit.classes import UNDETERMINED, classes
from tipstaff.audit.comparison import Comparison
from tipstaff.audit.factor_sheet import factor_sheets
from tipstaff.audit.findings import Explainer, Finding, facts_by_rule
from tipstaff.audit.ledger_entries import LedgerEntries
from tipstaff.audit.statements import Evidence
from tipstaff.audit.verdict import Verdict, by_severity
from tipstaff.policy.pack import Pack, Rule
from tipstaff.policy.schema import SourcePart
from tipstaff.register.model import Problem
from tipstaff.register.waivers import Waiver
from tipstaff.report import law
from tipstaff.report.adoption import adoption
from tipstaff.report.comparison import baseline_record
from tipstaff.report.sheets import factor_record, ledger_records
from tipstaff.report.waivers import records

SCHEMA = "tipstaff/audit/1"

_BATCH = 2_000
"""Partnerships explained at a time, so that a large register needs no more memory than a small one."""

Json = dict[str, Any]


def record(audit: Audit, since: tuple[Comparison, Verdict] | None = None) -> Iterator[str]:
    """The record as JSON text, piece by piece: a partnership or a finding a line.

    ``since`` is the comparison with a baseline and the verdict on what got worse, where there is one.
    """
    rules = audit.outcomes()
    entries = LedgerEntries(audit)
    rests_on = facts_by_rule(audit)
    head: Json = {
        "schema": SCHEMA,
        "tool": {"name": "tipstaff", "version": version("tipstaff")},
        "as_of": audit.as_of.isoformat(),
        "cycle": str(audit.cycle),
        "register": _register(audit),
        "policy": _policy(audit),
        "summary": _summary(audit),
        "labels": {info.name: info.label for infos in rests_on.values() for info in infos},
    }
    yield "{\n"
    for key, value in head.items():
        yield f"{_dumped(key)}: {_dumped(value)},\n"
    yield '"waivers": '
    yield from _lines(records(audit))
    yield ',\n"partnerships": '
    yield from _lines(_partnerships(audit, entries))
    yield f',\n"outcomes_by_rule": {_dumped(rules)},\n'
    facts = {rule: [info.name for info in infos] for rule, infos in rests_on.items()}
    yield f'"facts_by_rule": {_dumped(facts)},\n'
    yield '"ledgers": '
    yield from _lines(one for ledger in audit.facts.ledgers for one in ledger_records(audit, entries, ledger))
    yield ",\n"
    yield '"findings": '
    yield from _lines(
        _finding(audit.pack, finding) for explainer in _batches(audit, entries) for finding in explainer.findings()
    )
    if since is not None:
        yield f',\n"since_baseline": {_dumped(baseline_record(*since))}'
    yield "\n}\n"


def problem(one: Problem) -> Json:
    """A problem of the register as the record has it."""
    return {"cell": one.cell, "value": one.value, "expected": one.expected, "serious": one.serious}


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(items: Iterable[Json]) -> Iterator[str]:
    """A list, an item a line."""
    opening = "[\n"
    for item in items:
        yield opening + _dumped(item)
        opening = ",\n"
    yield "[]" if opening == "[\n" else "\n]"


def _batches(audit: Audit, entries: LedgerEntries) -> Iterator[Explainer]:
    for start in range(0, audit.partnerships, _BATCH):
        yield Explainer(audit, range(start, min(start + _BATCH, audit.partnerships)), entries)


def _register(audit: Audit) -> Json:
    register = audit.register
    return {
        "name": register.name,
        "sha256": register.sha256,
        "partnerships": audit.partnerships,
        "problems": [problem(one) for one in register.problems],
    }


def _policy(audit: Audit) -> Json:
    pack = audit.pack
    return {
        "id": pack.id,
        "version": pack.version,
        "sha256": pack.sha256,
        "adopted": adoption(pack),
        "law_advisories": law.advisories(pack, audit.rules, audit.as_of),
    }


def _summary(audit: Audit) -> Json:
    belonging = classes(audit)
    return {
        "partnerships": audit.partnerships,
        **{name: belonging.count(name) for name in (*audit.pack.classes, UNDETERMINED)},
        "outcomes": {outcome.word: count for outcome, count in audit.totals().items()},
        "by_severity": by_severity(audit, Outcome.FINDING),
    }


def _partnerships(audit: Audit, entries: LedgerEntries) -> Iterator[Json]:
    belonging = classes(audit)
    answers = {name: audit.answers[name].to_list() for name in audit.pack.conclusions}
    stated = {
        key: audit.facts.frame[fact].to_list() if fact in audit.facts.frame.columns else [None] * audit.partnerships
        for key, fact in (
            ("name", "name"),
            ("theme", "theme"),
            ("type", "type"),
            ("declared_class", "registered_class"),
        )
    }
    for explainer in _batches(audit, entries):
        for position in explainer.positions:
            name = belonging[position]
            known = name in audit.pack.classes
            yield {
                "ref": audit.register.refs[position],
                **{key: column[position] for key, column in stated.items()},
                "class": name,
                "class_because": list(explainer.conclusion(name, position).because) if known else [],
                "conclusions": {key: column[position] for key, column in answers.items()},
                "factor_sheets": [
                    factor_record(sheet) for sheet in factor_sheets(audit, explainer.statements, position)
                ],
                "facts": [_evidence(one) for one in explainer.stated(position)],
            }


def _finding(pack: Pack, finding: Finding) -> Json:
    rule = finding.rule
    return {
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
        "law": law.record(finding.law),
        "sources": _sources(pack, rule),
        "consequence": rule.consequence,
        "action": rule.action.model_dump() if rule.action is not None else None,
        "fingerprint": finding.fingerprint,
        "rule_fingerprint": rule.fingerprint,
        **({"waiver": _waiver(finding.waiver)} if finding.waiver is not None else {}),
    }


def _evidence(one: Evidence) -> Json:
    return {"fact": one.fact, "value": one.value, "cell": one.cell}


def _waiver(one: Waiver) -> Json:
    return {"reason": one.reason, "approved_by": one.approved_by, "until": one.until.isoformat(), "place": one.place}


def _sources(pack: Pack, rule: Rule) -> list[Json]:
    """Where a rule comes from, and the criteria that it asks itself."""
    criteria = (pack.criteria[name].source for name in rule.inputs if name in pack.criteria)
    found = [_source(part) for part in (rule.source, *criteria) if part is not None]
    return [part for index, part in enumerate(found) if part not in found[:index]]


def _source(part: SourcePart) -> Json:
    said: Json = {"paragraph": part.paragraph, "words": part.words}
    if part.of is not None:
        said["of"] = part.of
    return said | ({"instrument": part.instrument} if part.instrument else {})
