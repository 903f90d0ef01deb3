"""The form of the record: the keys of each part with their meaning, which the code that makes it is checked against.

The schema ``tipstaff/audit/1``. Dates are ISO, money is as an officer reads it; what is not known is null.
"""

from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from tipstaff.audit.decisions.audit import WaiverStatus
from tipstaff.audit.explaining.findings import REPORTED
from tipstaff.policy.pack.model import SEVERITIES

SCHEMA = "tipstaff/audit/1"

_STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)
_OPEN = ConfigDict(extra="allow", use_attribute_docstrings=True)

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Count = Annotated[int, Field(ge=0)]
Severity = Annotated[str, Field(json_schema_extra={"enum": list(SEVERITIES)})]
Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Cell = Annotated[
    str | None,
    Field(description="A place such as `Wellbeing!I14`, `grants.csv:212` or `register.json:partnerships[3]`, if any."),
]


@with_config(_STRICT)
class EvidencePart(TypedDict):
    """A fact that an outcome rests on, or that is stated of a partnership."""

    fact: str
    value: str
    """As an officer reads it, `not known` too."""
    cell: Cell


@with_config(_STRICT)
class MissingFact(TypedDict):
    """A fact that would settle an outcome that is undetermined."""

    fact: str
    table: str
    """The table that it belongs in."""
    cell: Cell
    question: str
    """The question to ask an officer."""


@with_config(_STRICT)
class Source(TypedDict):
    """The source of a rule."""

    paragraph: str
    words: str | None
    of: NotRequired[str]
    """The pack whose source has the paragraph, if that is not this pack's."""
    instrument: NotRequired[str]
    """The instrument, where law is used."""


@with_config(_STRICT)
class Action(TypedDict):
    """The next step on an outcome, and who takes it: the rule's action, or if the outcome is not known the question."""

    do: str
    by: str


@with_config(_STRICT)
class AcceptedBy(TypedDict):
    """The waiver that accepts a waived outcome."""

    reason: str
    approved_by: str
    """A post."""
    until: Day
    """The last day on which it holds."""
    place: str
    """The place from which the waiver was read."""


_Days = TypedDict(
    "_Days",
    {
        "from": Annotated[Day | None, Field(description="Null from the beginning.")],
        "to": Annotated[Day | None, Field(description="Null without an end.")],
    },
)


@with_config(_STRICT)
class LawUsed(_Days):
    """A figure of the law that an outcome rests on, with the days on which it holds."""

    series: str
    title: str
    figure: str
    instrument: str
    sources: list[str]
    corroborated: str
    """How well the stored sources bear the figure out."""


@with_config(_STRICT)
class FindingPart(TypedDict):
    """An outcome that is reported one by one. Rule and reference identify it from audit to audit."""

    rule: str
    title: str
    module: str
    ref: str
    """The register's own reference of the partnership, otherwise a slug of its name."""
    name: str
    lead_officer: str
    outcome: Annotated[str, Field(json_schema_extra={"enum": [outcome.word for outcome in REPORTED]})]
    severity: Severity
    message: str
    because: list[str]
    """The reasons for the outcome; empty if it is not known."""
    evidence: list[EvidencePart]
    missing: list[MissingFact]
    """The facts that would settle it, if it is not known."""
    law: list[LawUsed]
    sources: list[Source]
    """The source of the rule, and those of the questions that it asks itself."""
    consequence: str
    action: Action | None
    fingerprint: Fingerprint
    """Identifies the facts that it rests on."""
    rule_fingerprint: Fingerprint
    """Identifies the rule as declared."""
    waiver: NotRequired[AcceptedBy]


@with_config(_STRICT)
class Pointer(TypedDict):
    """A sign that is answered."""

    fact: str
    towards: str
    strength: str
    answer: bool
    evidence: list[EvidencePart]


@with_config(_STRICT)
class Net(TypedDict):
    """The net weight of the signs, whatever the blanks turn out to be."""

    least: str
    most: str


@with_config(_STRICT)
class FactorSheetPart(TypedDict):
    """The signs that the policy weighs."""

    name: str
    pointers: list[Pointer]
    not_answered: list[str]
    net: Net
    verdict: str


_Class = TypedDict(
    "_Class",
    {"class": Annotated[str, Field(description="One of the policy's classes, else `undetermined` or `none`.")]},
)


@with_config(_STRICT)
class PartnershipPart(_Class):
    """A partnership and what is concluded of it."""

    ref: str
    name: str | None
    theme: str | None
    type: str | None
    declared_class: str | None
    class_because: list[str]
    conclusions: dict[str, bool | None]
    factor_sheets: list[FactorSheetPart]
    facts: list[EvidencePart]
    """The facts stated of it, among those that the rules reported rest on."""


@with_config(_STRICT)
class Sum(TypedDict):
    """A sum that an organisation had."""

    ref: str
    year: str | None
    council: str | None
    amount: str
    granted: str
    cell: Cell


@with_config(_STRICT)
class Total(TypedDict):
    """The total of the sums over a window, beside the law."""

    window: str
    amount: str
    granted: str
    planned: bool
    law: dict[str, str]


@with_config(_STRICT)
class LedgerPart(TypedDict):
    """The sums that an organisation had, over all partnerships."""

    ledger: str
    organisation: str
    partnerships: list[str]
    """Their references."""
    may_be_the_same: list[str]
    """Organisations that may be this one, whose sums are not added."""
    sums: list[Sum]
    totals: list[Total]


@with_config(_STRICT)
class ProblemPart(TypedDict):
    """Something in the register that does not fit."""

    cell: str
    value: str
    expected: str
    serious: bool
    """False for a remark: what it tells is used all the same."""


@with_config(_STRICT)
class RegisterPart(TypedDict):
    """The register that was audited."""

    name: str
    sha256: Sha256
    partnerships: Count
    problems: list[ProblemPart]


@with_config(_STRICT)
class Advisory(TypedDict):
    """A figure of the law to check before it is relied on."""

    series: str
    expected_end: Day | None
    advice: str


@with_config(_STRICT)
class PolicyPart(TypedDict):
    """The policy that it was audited under."""

    id: str
    version: str
    sha256: Sha256
    adopted: dict[str, str]
    """For each council, what is known of its adoption of the policy."""
    law_advisories: list[Advisory]


@with_config(_STRICT)
class OutcomeCounts(TypedDict):
    """How often each outcome came out."""

    clear: Count
    finding: Count
    undetermined: Count
    not_applicable: Count
    waived: Count


@with_config(_STRICT)
class SeverityCounts(TypedDict):
    """Findings by severity."""

    high: Count
    medium: Count
    low: Count
    advisory: Count


@with_config(_OPEN)
class SummaryPart(TypedDict):
    """The audit in figures; beside the keys named here, how many partnerships each of the policy's classes has."""

    partnerships: Count
    undetermined: Count
    """Partnerships whose class is not known."""
    outcomes: OutcomeCounts
    by_severity: SeverityCounts


@with_config(_STRICT)
class Tool(TypedDict):
    """The program that made the record."""

    name: str
    version: str


HeadSchema = Annotated[str, Field(json_schema_extra={"const": SCHEMA})]


@with_config(_STRICT)
class Head(TypedDict):
    """The head of the record: what was audited, under which policy and as of when, and the result in figures."""

    schema: HeadSchema
    tool: Tool
    as_of: Day
    cycle: Annotated[str, Field(pattern=r"^\d{4}/\d{2}$")]
    register: RegisterPart
    policy: PolicyPart
    summary: SummaryPart
    labels: dict[str, str]
    """The name that an officer uses for each fact."""


@with_config(_STRICT)
class WaiverProblem(TypedDict):
    """A fault of a malformed waiver."""

    cell: str
    value: str
    expected: str


@with_config(_STRICT)
class WaiverPart(TypedDict):
    """A waiver and its status."""

    status: Annotated[str, Field(json_schema_extra={"enum": [status.value for status in WaiverStatus]})]
    rule: str
    ref: str
    """The reference of the partnership. Of a malformed waiver, rule and reference are what it says instead."""
    name: str | None
    outcome: str | None
    """How the rule came out, if it is reported."""
    reason: str | None
    approved_by: str | None
    until: Day | None
    days_left: int | None
    place: str
    problems: list[WaiverProblem]


@with_config(_STRICT)
class ComparedRegister(TypedDict):
    """The register of an audit that is compared."""

    name: str
    sha256: Sha256
    partnerships: Count


@with_config(_STRICT)
class ComparedPolicy(TypedDict):
    """The policy of an audit that is compared."""

    id: str
    version: str
    sha256: Sha256


@with_config(_STRICT)
class ComparedAudit(TypedDict):
    """An audit that is compared."""

    register: ComparedRegister
    as_of: Day
    cycle: str
    policy: ComparedPolicy


@with_config(_STRICT)
class StatementPart(TypedDict):
    """The statement of a fact."""

    value: str
    cell: Cell


@with_config(_STRICT)
class ChangedFact(TypedDict):
    """A fact that changed."""

    fact: str
    label: str
    old: list[StatementPart]
    new: list[StatementPart]


@with_config(_STRICT)
class ChangePart(TypedDict):
    """An outcome that changed since the baseline."""

    kind: str
    rule: str
    title: str
    ref: str
    name: str
    lead_officer: str
    old: str
    new: str
    old_severity: Severity | None
    new_severity: Severity | None
    message: str
    facts: list[ChangedFact]
    causes: list[str]


@with_config(_OPEN)
class Changes(TypedDict):
    """How many outcomes changed, by kind of change."""

    unchanged: dict[str, int]


@with_config(_STRICT)
class Failed(TypedDict):
    """The changes that fail the audit, by severity."""

    findings: dict[str, int]
    undetermined: dict[str, int]


@with_config(_STRICT)
class BaselinePart(TypedDict):
    """The changes since a baseline."""

    old: ComparedAudit
    differ: list[str]
    """The differences between the two other than facts: the day, the cycle, the policy."""
    rules_only_old: list[str]
    rules_only_new: list[str]
    summary: Changes
    failed: Failed
    changes: list[ChangePart]


@with_config(_STRICT)
class Record(Head):
    """An audit whole: the format json."""

    waivers: list[WaiverPart]
    partnerships: list[PartnershipPart]
    outcomes_by_rule: dict[str, OutcomeCounts]
    facts_by_rule: dict[str, list[str]]
    """The stated facts that every rule reported rests on."""
    ledgers: list[LedgerPart]
    findings: list[FindingPart]
    since_baseline: NotRequired[BaselinePart]


@with_config(_STRICT)
class AuditLine(Head):
    """The first line of the format jsonl."""

    kind: Literal["audit"]


@with_config(_STRICT)
class WaiverLine(WaiverPart):
    """A line for every waiver, the worst first."""

    kind: Literal["waiver"]


@with_config(_STRICT)
class PartnershipLine(PartnershipPart):
    """A line for every partnership, in the order of the register."""

    kind: Literal["partnership"]


@with_config(_STRICT)
class RuleLine(TypedDict):
    """A line for every rule reported, in the order of the policy: how often it came out each way."""

    kind: Literal["rule"]
    rule: str
    outcomes: OutcomeCounts
    facts: list[str]
    """The stated facts that it rests on."""


@with_config(_STRICT)
class LedgerLine(LedgerPart):
    """A line for every organisation of a ledger."""

    kind: Literal["ledger"]


@with_config(_STRICT)
class FindingLine(FindingPart):
    """A line for every outcome that is reported one by one."""

    kind: Literal["finding"]


@with_config(_STRICT)
class BaselineLine(BaselinePart):
    """The last line, if there is a baseline."""

    kind: Literal["baseline"]


Line = Annotated[
    AuditLine | WaiverLine | PartnershipLine | RuleLine | LedgerLine | FindingLine | BaselineLine,
    Field(discriminator="kind"),
]
"""A line of the format jsonl: a part of the record, of the given ``kind``."""
