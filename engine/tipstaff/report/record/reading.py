"""Records read back: how an audit stood, from the JSON that ``tipstaff check`` wrote of it.

A record may have been cut short or changed by hand, so it is checked against itself: an outcome that is not in it would
count as settled.
"""

from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from tipstaff.audit.comparing.snapshot import ListedOutcome, PartnershipFacts, Policy, Snapshot, StatedValue, Status
from tipstaff.audit.explaining.findings import Step
from tipstaff.errors import RecordError
from tipstaff.policy.pack.schema import RuleId, Severity
from tipstaff.policy.yaml.validation import Name
from tipstaff.report.record.schema import SCHEMA
from tipstaff.report.wording.phrases import shown

_FAMILY = SCHEMA.partition("/")[0] + "/"

_CUT = 80
_ADVICE = "Make the record again: tipstaff check REGISTER -o FILE.json"

Text = Annotated[str, StringConstraints(max_length=100_000)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


class _Read(BaseModel):
    """A part of a record. What a comparison does not read is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Statement(_Read):
    fact: Name
    value: Text
    cell: Text | None


class _Partnership(_Read):
    ref: Text
    name: Text | None
    facts: list[_Statement]


class _Action(_Read):
    do: Text
    by: Text


class _Finding(_Read):
    rule: RuleId
    ref: Text
    outcome: Literal["finding", "undetermined", "waived"]
    title: Text
    severity: Severity
    lead_officer: Text
    message: Text
    because: list[Text]
    action: _Action | None
    evidence: list[_Statement]


class _Counts(_Read):
    clear: Count
    finding: Count
    undetermined: Count
    not_applicable: Count
    waived: Count

    @property
    def total(self) -> int:
        return self.clear + self.finding + self.undetermined + self.not_applicable + self.waived

    def listed(self) -> dict[str, int]:
        return {"finding": self.finding, "undetermined": self.undetermined, "waived": self.waived}


class _Register(_Read):
    name: Text
    sha256: Text


class _Policy(_Read):
    id: Text
    version: Text
    sha256: Text


class _Record(_Read):
    as_of: date
    cycle: Text
    register_: Annotated[_Register, Field(alias="register")]
    policy: _Policy
    labels: dict[Name, Text]
    partnerships: list[_Partnership]
    outcomes_by_rule: dict[RuleId, _Counts]
    facts_by_rule: dict[RuleId, tuple[Name, ...]]
    findings: list[_Finding]


class _Head(_Read):
    schema_: Annotated[str, Field(alias="schema")] = ""


def is_record(data: bytes) -> bool:
    """Whether a file is something that tipstaff wrote for programs, a record of an audit or another."""
    try:
        return _Head.model_validate_json(data.removeprefix(BOM_UTF8)).schema_.startswith(_FAMILY)
    except ValidationError:
        return False


def read_record(data: bytes, name: str) -> Snapshot:
    """How an audit stood by its record; ``name`` is what the officer calls the file. Raises RecordError."""
    data = data.removeprefix(BOM_UTF8)
    try:
        head = _Head.model_validate_json(data)
    except ValidationError as error:
        raise _misfit(name, error) from None
    if head.schema_ != SCHEMA:
        found = f"is {shown(head.schema_, _CUT)}" if head.schema_ else "names no schema"
        raise RecordError(f"{name}: {found}, where {SCHEMA} was expected. {_ADVICE}")
    try:
        read = _Record.model_validate_json(data)
    except ValidationError as error:
        raise _misfit(name, error) from None
    flaw = next(_flaws(read), None)
    if flaw is not None:
        raise RecordError(f"{name}: does not agree with itself: {flaw}. It was cut short or changed. {_ADVICE}")
    return _snapshot(read)


def _misfit(name: str, error: ValidationError) -> RecordError:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    return RecordError(f"{name}: is not the record of an audit: {shown(where, _CUT)}: {shown(first['msg'])}. {_ADVICE}")


def _flaws(read: _Record) -> Iterator[str]:
    """The contradictions within a record."""
    refs = {one.ref for one in read.partnerships}
    if len(refs) < len(read.partnerships):
        yield "a partnership is in it twice"
    listed = Counter[tuple[str, str]]((one.rule, one.outcome) for one in read.findings)
    if len({(one.rule, one.ref) for one in read.findings}) < len(read.findings):
        yield "an outcome is in it twice"
    for one in read.findings:
        if one.ref not in refs or one.rule not in read.outcomes_by_rule:
            yield f"it lists {one.rule} for {shown(one.ref, _CUT)}, which is not among its partnerships and rules"
    for rule, counts in read.outcomes_by_rule.items():
        if counts.total != len(refs):
            yield f"it has {len(refs)} partnerships and counts {counts.total} outcomes of {rule}"
        for outcome, count in counts.listed().items():
            if listed[rule, outcome] != count:
                yield f"it counts {count} {outcome} of {rule} and lists {listed[rule, outcome]}"


def _snapshot(read: _Record) -> Snapshot:
    return Snapshot(
        register=read.register_.name,
        register_sha256=read.register_.sha256,
        as_of=read.as_of,
        cycle=read.cycle,
        policy=Policy(read.policy.id, read.policy.version, read.policy.sha256),
        rules={rule: read.facts_by_rule.get(rule, ()) for rule in read.outcomes_by_rule},
        partnerships={
            one.ref: PartnershipFacts(one.ref, one.name or "", _facts(one.facts)) for one in read.partnerships
        },
        listed={(one.rule, one.ref): _listed(one) for one in read.findings},
        labels=read.labels,
    )


def _facts(statements: list[_Statement]) -> dict[str, tuple[StatedValue, ...]]:
    grouped: dict[str, list[StatedValue]] = {}
    for one in statements:
        grouped.setdefault(one.fact, []).append(StatedValue(one.value, one.cell))
    return {fact: tuple(stated) for fact, stated in grouped.items()}


def _listed(one: _Finding) -> ListedOutcome:
    return ListedOutcome(
        rule=one.rule,
        ref=one.ref,
        status=Status(one.outcome),
        title=one.title,
        severity=one.severity,
        lead_officer=one.lead_officer,
        message=one.message,
        action=Step(one.action.do, one.action.by).sentence if one.action is not None else "",
        facts=tuple(dict.fromkeys(evidence.fact for evidence in one.evidence)),
        unknown=one.outcome != "finding" and not one.because,
    )
