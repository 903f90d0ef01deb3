"""SARIF 2.1.0: an audit as the results of a static analysis, with a file and a cell for each.

A finding has the kind ``fail`` and a level by its severity; what is undetermined has the kind ``open``, which says that
there is not enough to go by and admits of no level. What is waived keeps its kind and is suppressed. What is clear or
not applicable is counted, with the other outcomes, in the properties of the run, and not listed one by one.

With a baseline every result has its state: ``new``, ``unchanged``, or ``updated`` if its outcome,
severity or message is another; and what the baseline lists and the audit does not is there as ``absent``. Code scanning
on GitHub reads no such state and would take what is absent for an alert: the action leaves it out of what it uploads.

A row of a sheet is given as a line, since viewers know nothing else; the cell itself is the logical location. A place
that has neither, as in JSON, is shown at line 1.
"""

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import islice
from typing import Any
from urllib.parse import quote

from tipstaff.audit.comparing.comparison import Comparison
from tipstaff.audit.comparing.snapshot import ListedOutcome
from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.findings import REPORTED, Finding, explain_worst
from tipstaff.facts.units import show_date
from tipstaff.policy.pack.model import Pack, Rule
from tipstaff.register.forms.waiver_entries import Waiver
from tipstaff.register.tables.model import Problem
from tipstaff.report.record.audit import dumped, head
from tipstaff.report.wording.citations import quoted
from tipstaff.report.wording.places import Places
from tipstaff.report.wording.waivers import list_failing

MOST_RESULTS = 5_000
"""The most results, worst first: GitHub shows no more of a run. A notification gives the number of the others."""

MOST_PROBLEMS = 1_000
"""The most problems of the register that are listed."""

MOST_RELATED = 100
"""The most cells listed with one result: GitHub shows no more."""

LEVELS = {"high": "error", "medium": "warning", "low": "note", "advisory": "note"}

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PROBLEM = "register"
_UNLISTED = "unlisted"
_WAIVER = "waiver"

Json = dict[str, Any]


def pieces(audit: Audit, places: Places, since: Comparison | None = None, *, failed: bool) -> Iterator[str]:
    """The log, piece by piece. ``since`` is the comparison with a baseline; ``failed`` is the verdict."""
    absent = [change.was for change in since.changes if change.now is None and change.was] if since is not None else []
    run: Json = {
        "tool": {"driver": _driver(audit)},
        "invocations": [_invocation(audit, places, len(absent), failed)],
        "artifacts": [
            {
                "location": {"uri": _uri(places.register)},
                "roles": ["analysisTarget"],
                "hashes": {"sha-256": audit.register.sha256},
            }
        ],
        "language": "en-GB",
        "columnKind": "unicodeCodePoints",
        "properties": {
            key: value for key, value in head(audit).items() if key in ("as_of", "cycle", "policy", "summary")
        },
    }
    yield f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{\n'
    for key, value in run.items():
        yield f"{dumped(key)}: {dumped(value)},\n"
    yield '"results": ['
    for number, result in enumerate(islice(_results(audit, places, since, absent), MOST_RESULTS)):
        yield f"{',' if number else ''}\n{dumped(result)}"
    yield "\n]}]}\n"


def _results(audit: Audit, places: Places, since: Comparison | None, absent: Sequence[ListedOutcome]) -> Iterator[Json]:
    """The results, worst first, then those that are absent since a baseline."""
    index = {rule.id: place for place, rule in enumerate(audit.rules)}
    for finding in explain_worst(audit, MOST_RESULTS):
        result = _result(finding, index[finding.rule.id], places)
        if since is not None:
            result["baselineState"] = _state(finding, since.old.listed.get((finding.rule.id, finding.ref)))
        yield result
    positions = {ref: position for position, ref in enumerate(audit.register.refs)} if absent else {}
    for one in absent:
        cell = places.own(positions[one.ref]) if one.ref in positions else ""
        yield _absent(one, index.get(one.rule), _location(cell, places))


def _state(finding: Finding, was: ListedOutcome | None) -> str:
    if was is None:
        return "new"
    same = (finding.outcome.word, finding.rule.severity, finding.message) == (was.status, was.severity, was.message)
    return "unchanged" if same else "updated"


def _absent(was: ListedOutcome, index: int | None, location: Json) -> Json:
    """The results that a baseline lists and the audit does not, as they were. Rule and partnership may be gone too."""
    return {
        "ruleId": was.rule,
        **({"ruleIndex": index} if index is not None else {}),
        "kind": "open" if was.unknown else "fail",
        "level": "none" if was.unknown else LEVELS[was.severity],
        "message": _message(was.message),
        "locations": [location],
        "baselineState": "absent",
        "properties": {
            "outcome": was.status.value,
            "severity": was.severity,
            "ref": was.ref,
            "lead_officer": was.lead_officer,
        },
    }


def _driver(audit: Audit) -> Json:
    return {
        "name": "tipstaff",
        "semanticVersion": version("tipstaff"),
        "rules": [_rule(audit.pack, rule) for rule in audit.rules],
        "notifications": [
            {"id": _PROBLEM, "shortDescription": {"text": "What could not be read in the register, or does not fit"}},
            {"id": _UNLISTED, "shortDescription": {"text": "What there is beyond what is listed"}},
            {"id": _WAIVER, "shortDescription": {"text": "A waiver that waives nothing"}},
        ],
    }


def _rule(pack: Pack, rule: Rule) -> Json:
    said = {"Source": quoted(rule.source), "Consequence": rule.consequence}
    if rule.action is not None:
        said["What to do"] = rule.action.said
    said = {label: text for label, text in said.items() if text}
    return {
        "id": rule.id,
        "name": "".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", rule.title)),
        "shortDescription": _message(rule.title),
        "fullDescription": _message(f"{rule.title}. {rule.consequence}".strip()),
        "help": {
            **_message("\n".join(f"{label}: {text}" for label, text in said.items())),
            "markdown": _escaped("\n".join(f"- **{label}**: {_plain(text)}" for label, text in said.items())),
        },
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "severity": rule.severity,
            "module": rule.module,
            "tags": [pack.id, rule.module],
            "rule_fingerprint": rule.fingerprint,
        },
    }


def _result(finding: Finding, index: int, places: Places) -> Json:
    rule = finding.rule
    result: Json = {
        "ruleId": rule.id,
        "ruleIndex": index,
        "kind": "open" if finding.unknown else "fail",
        "level": "none" if finding.unknown else LEVELS[rule.severity],
        "message": _message(finding.message),
        "locations": [_location(places.principal(finding), places)],
        "partialFingerprints": {
            "tipstaff/v1": finding.fingerprint,
            # What GitHub knows results by from run to run; else it would hash a line of the file, read as text.
            "primaryLocationLineHash": f"{finding.fingerprint}:1",
        },
        "properties": {
            "outcome": finding.outcome.word,
            "severity": rule.severity,
            "ref": finding.ref,
            "name": finding.name,
            "lead_officer": finding.lead_officer,
            "because": list(finding.because),
            "missing": list(dict.fromkeys(one.question for one in finding.missing)),
        },
    }
    said: dict[str, list[str]] = {}
    for one in finding.evidence:
        if one.cell is not None:
            said.setdefault(one.cell, []).append(f"{one.label}: {one.value}")
    related = [
        {"id": number, **_location(cell, places), "message": _message("; ".join(dict.fromkeys(texts)))}
        for number, (cell, texts) in enumerate(said.items(), 1)
    ]
    if related:
        result["relatedLocations"] = related[:MOST_RELATED]
    if finding.waiver is not None:
        result["suppressions"] = [_suppression(finding.waiver)]
    return result


def _suppression(waiver: Waiver) -> Json:
    return {
        "kind": "external",
        "status": "accepted",
        "justification": f"{waiver.reason} (approved by {waiver.approved_by}, until {show_date(waiver.until)}; "
        f"{waiver.place})",
    }


def _location(cell: str, places: Places) -> Json:
    place = places.place(cell)
    found: Json = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place.path)},
            "region": {"startLine": place.line or 1},
        }
    }
    if place.cell:
        kind = "element" if place.line is None else "cell"
        found["logicalLocations"] = [{"fullyQualifiedName": place.cell, "kind": kind}]
    return found


def _invocation(audit: Audit, places: Places, absent: int, failed: bool) -> Json:
    problems = audit.register.problems
    serious = sorted(problems, key=lambda problem: not problem.serious)
    listed = [_problem(problem, places) for problem in serious[:MOST_PROBLEMS]]
    unlisted = []
    listable = sum(audit.totals()[outcome] for outcome in REPORTED) + absent
    if listable > MOST_RESULTS:
        unlisted.append(f"{listable - MOST_RESULTS:,} of {listable:,} outcomes are not listed here, the least severe.")
    if len(problems) > MOST_PROBLEMS:
        unlisted.append(
            f"{len(problems) - MOST_PROBLEMS:,} of {len(problems):,} problems of the register are not listed."
        )
    return {
        "executionSuccessful": True,
        "exitCode": int(failed),
        "toolConfigurationNotifications": listed + [_lapsed(text) for text in list_failing(audit)],
        "toolExecutionNotifications": [
            {
                "descriptor": {"id": _UNLISTED, "index": 1},
                "level": "warning",
                "message": _message(f"{text} tipstaff check --format json has them all."),
            }
            for text in unlisted
        ],
    }


def _problem(problem: Problem, places: Places) -> Json:
    return {
        "descriptor": {"id": _PROBLEM, "index": 0},
        "level": "warning" if problem.serious else "note",
        "message": _message(f"Found “{problem.value}”; expected {problem.expected}."),
        "locations": [_location(problem.cell, places)],
    }


def _lapsed(said: str) -> Json:
    return {"descriptor": {"id": _WAIVER, "index": 2}, "level": "warning", "message": _message(said)}


def _message(text: str) -> Json:
    """A plain text message that means what it says: no placeholder and no link."""
    return {"text": _escaped(text.replace("](", "] ("))}


def _escaped(text: str) -> str:
    """A message without placeholders."""
    return text.replace("{", "{{").replace("}", "}}")


def _plain(text: str) -> str:
    """A text in Markdown that is nothing but text."""
    return re.sub(r"([\\`*_\[\]<>#|&])", r"\\\1", text)


def _uri(path: str) -> str:
    return quote(path, errors="replace")
