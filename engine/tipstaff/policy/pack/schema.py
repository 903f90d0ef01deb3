"""The files of a pack, as pydantic models: their permitted parts, each with its meaning."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.yaml.validation import Name, Part, Words

RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}-[0-9]{2,4}$")]
InterpretationId = Annotated[str, StringConstraints(pattern=r"^INT-[0-9]{2,3}$")]
Severity = Literal["high", "medium", "low", "advisory"]


class CouncilPart(Part):
    name: Words
    also: list[Words] = []


class ParameterPart(Part):
    """A figure of the policy that a council may change, with its reason."""

    type: Literal["money", "number", "period", "date", "text", "texts", "yes/no", "yearly"]
    value: str | list[Words] | None
    meaning: Words


class InterpretationPart(Part):
    """The words of the source, and how they are read if they leave room."""

    says: Words
    paragraph: Words
    of: Name | None = None
    """The pack whose source says so, if that is not this pack's."""
    reading: Words
    parameters: list[Name] = []


class AdoptionPart(Part):
    """By which body, when and by which minute a council adopted the policy; blank is not shown."""

    body: str | None = None
    date: str | None = None
    minute: str | None = None


class WaiversPart(Part):
    """The policy on waivers."""

    longest: Words
    """How long after the date of an audit a waiver may last at most: ``1 year``."""


class PackPart(Part):
    """``pack.yaml``: who the policy belongs to, its parameters and interpretations, and the modules it consists of."""

    id: Name
    title: Words
    version: Words
    source: Words
    councils: Annotated[dict[Name, CouncilPart], Field(min_length=1)]
    both: list[Words] = []
    themes: Annotated[dict[Words, list[Words]], Field(min_length=1)]
    adopted: dict[Name, AdoptionPart] = {}
    classes: list[Name] = []
    """The conclusions that class a partnership, of which one at most is true."""
    named: list[Name] = []
    """The conclusions whose partnerships a report names."""
    modules: Annotated[list[Name], Field(min_length=1)]
    renewal: list[Name | RuleId] = []
    """The modules and rules that are gone through before a renewal, beside every rule with ``due_on``."""
    waivers: WaiversPart | None = None
    """Without it the policy takes no waivers."""
    law: Name | None = None
    """The folder of law beside the pack's own; if there is none of that name, the one that ships with tipstaff."""
    parameters: dict[Name, ParameterPart] = {}
    interpretations: dict[InterpretationId, InterpretationPart] = {}
    description: dict[str, Words] = {}
    """Paragraphs of the source that state no rule, and why."""


class SourcePart(Part):
    """The source of a rule: the paragraph with its words, and the instrument if law is used."""

    paragraph: Words
    of: Name | None = None
    """The pack whose source has the paragraph, if that is not this pack's."""
    words: str | None = None
    instrument: str | None = None


class ExtensionPart(Part):
    """``pack.yaml`` of a pack that extends another: its changes and additions. The rest is as in the pack extended.

    Whether councils adopted the pack extended says nothing of this one, so ``adopted`` is not inherited; nor is
    ``both`` where the councils are others, nor ``description`` where the source is another: what is inherited is then
    cited as the other pack's. A parameter is given as its value alone or whole.
    """

    extend: Name
    """The pack extended: the folder of that name beside this one's, otherwise the pack that ships with tipstaff."""
    id: Name
    title: Words
    version: Words
    source: Words | None = None
    councils: Annotated[dict[Name, CouncilPart], Field(min_length=1)] = {}
    both: list[Words] = []
    themes: Annotated[dict[Words, list[Words]], Field(min_length=1)] = {}
    adopted: dict[Name, AdoptionPart] = {}
    classes: list[Name] = []
    named: list[Name] = []
    modules: list[Name] = []
    """Modules of its own, after those inherited."""
    renewal: list[Name | RuleId] = []
    waivers: WaiversPart | None = None
    law: Name | None = None
    parameters: dict[Name, ParameterPart | str | list[Words] | None] = {}
    interpretations: dict[InterpretationId, InterpretationPart] = {}
    description: dict[str, Words] = {}
    severities: dict[RuleId, Severity] = {}
    """The severity of rules inherited."""
    sources: dict[RuleId, SourcePart] = {}
    """The paragraphs in which the source of this pack has inherited rules."""
    without: list[Words] = []
    """Rules inherited, or modules with all their rules, that are switched off; their criteria may still be read."""


class FactPart(Part):
    """A fact that a column states."""

    type: Kind
    label: Words
    heading: str = ""
    also: list[Words] = []
    choices: Literal["themes"] | dict[Words, list[Words]] = {}
    unit: str | None = None
    question: str = ""
    guidance: str = ""
    none_means: Literal["", "never", "no end"] = ""
    reads: Literal["", "agreement dates", "financial arrangements"] = ""
    personal: bool = False
    else_: Annotated[str | None, Field(alias="else")] = None
    """The default of a fact that no source states."""

    @model_validator(mode="after")
    def _choices_go_with_choice(self) -> "FactPart":
        if (self.type is Kind.CHOICE) != bool(self.choices):
            raise ValueError("choices belong to a fact of type choice, and such a fact needs them")
        return self


class RepeatsPart(Part):
    """Whether another row of the register has the same known values, and agrees on some that may be blank."""

    same: Annotated[list[Name], Field(min_length=1)]
    and_: Annotated[list[Name], Field(alias="and", max_length=3)] = []


class PointerPart(Part):
    """A yes/no fact that points one way, and how strongly."""

    fact: Name
    towards: Words
    strength: Words


class WeighPart(Part):
    """The weight of what points ``towards`` one side, less that of what points ``against`` it.

    ``weights`` gives a number for every strength; a strength without one is set out, and not weighed. The sheet that
    sets the pointers out bears the ``title``, and ends with what the first conclusion of ``verdict`` says that is true,
    with ``unknown`` where one before it is not known, and with ``otherwise`` where all are false.
    """

    title: Words
    verdict: dict[Name, Words]
    unknown: Words
    otherwise: Words

    towards: Words
    against: Words
    weights: dict[Words, Words | None]
    pointers: Annotated[list[PointerPart], Field(min_length=1)]

    @model_validator(mode="after")
    def _sides_and_strengths_are_known(self) -> "WeighPart":
        for pointer in self.pointers:
            if pointer.towards not in (self.towards, self.against) or pointer.strength not in self.weights:
                raise ValueError(f"{pointer.fact} points towards a side, and by a strength, that weigh names")
        return self


class DerivedPart(Part):
    """A fact derived from others: by a formula (``is``), by weighing, by an aggregate of rows, or by comparing rows."""

    type: Kind
    label: Words
    unit: str | None = None
    is_: Annotated[str | None, Field(alias="is")] = None
    else_: Annotated[list[str] | str, Field(alias="else")] = []
    """The default if the formula is not known: the first of these that is known."""
    law_at: str | None = None
    """The date that decides which law a formula reads (``law.x``)."""
    sum: str | None = None
    greatest: str | None = None
    count: str | None = None
    any: str | None = None
    every: str | None = None
    where: str | None = None
    of: Name | None = None
    repeats: RepeatsPart | None = None
    councils_in: Name | None = None
    weigh: WeighPart | None = None

    @property
    def aggregate(self) -> tuple[str, str] | None:
        """The aggregate and its expression, if there is one."""
        for name in ("sum", "greatest", "count", "any", "every"):
            if (expression := getattr(self, name)) is not None:
                return name, expression
        return None

    @model_validator(mode="after")
    def _derived_one_way(self) -> "DerivedPart":
        aggregates = (self.sum, self.greatest, self.count, self.any, self.every)
        ways = (self.is_, *aggregates, self.repeats, self.councils_in, self.weigh)
        if sum(way is not None for way in ways) != 1:
            raise ValueError(
                "a derived fact has exactly one of is, sum, greatest, count, any, every, repeats, councils_in, weigh"
            )
        if (self.aggregate is None) != (self.of is None) or (self.where is not None and self.aggregate is None):
            raise ValueError("of names the table or ledger of an aggregate; where goes with it")
        if self.is_ is None and (self.else_ or (self.law_at is not None and self.aggregate is None)):
            raise ValueError("else goes with is; law_at with is or an aggregate")
        return self


class CyclePart(Part):
    """A fact by council and year, as it is in the year of the cycle prepared for."""

    of: Name
    label: Words
    question: Words


class RecipientsPart(Part):
    """Who receives what a ledger lists: the organisations named by the rows of a table.

    Rows are of one beneficiary if they have the same number, or the same name and no contrary number. ``receives``
    says whether a row's organisation receives the money; a partnership without rows is named by the first of
    ``otherwise`` that is known.
    """

    table: Name
    named_by: Name
    numbered_by: list[Name]
    receives: Name
    otherwise: Annotated[list[Name], Field(min_length=1)]


class LedgerPart(Part):
    """The sums that each beneficiary had, across partnerships and councils, over a window up to each award.

    For a table by council and year the window counts financial years, each sum dated at the end of its year: of the
    year of the as-of date and of the cycle every year of the window is asked for, of earlier years what is recorded.
    Of a table of current rows it is a period, and every row is an award.
    """

    label: Words
    of: Name
    amount: Name
    granted: Name
    """When it was granted; of a table by council and year, if it is blank, some day of the year.

    A row of nothing grants nothing, nor does what was read from text where the sheet has a figure in its place.
    """
    to: RecipientsPart
    window: Words
    """``3 financial years``, or a period such as ``12 months``."""
    alike: list[Name] = []
    """Texts of the partnership that must be the same for two awards to be counted together."""
    begins: Name | None = None
    """A date of the partnership before which it had nothing."""
    total: Name
    total_label: Words
    date: Name
    date_label: Words
    year_total: Name | None = None
    """For a table by council and year: the amount granted in the year itself."""
    planned: Name | None = None
    """For a table by council and year: whether the year is that of the cycle, not yet granted."""
    terms: dict[Name, Words] = {}
    """Expressions over a row that the formulas over the ledger use by name, in order; one may use those before it."""


class TablePart(Part):
    """A table of the register."""

    shape: Shape
    sheet: Words
    also: list[Words] = []
    facts: dict[Name, FactPart]
    derived: dict[Name, DerivedPart] = {}
    """Facts derived row by row from the row's own facts."""
    starts: Name | None = None
    ends: Name | None = None
    in_cycle: dict[Name, CyclePart] = {}
    """For a table by council and year: facts of the year of the cycle prepared for."""

    @model_validator(mode="after")
    def _current_rows_have_dates(self) -> "TablePart":
        if (self.shape is Shape.CURRENT) != (self.starts is not None and self.ends is not None):
            raise ValueError("a table of current rows says which facts its rows start and end by; others do not")
        return self


class FactsPart(Part):
    """``facts.yaml``."""

    tables: dict[Name, TablePart]
    ledgers: dict[Name, LedgerPart] = {}
    derived: dict[Name, DerivedPart] = {}


class ExtensionTablePart(Part):
    """A table in a pack that extends another: a new one, or ``facts`` and ``derived`` for one inherited."""

    shape: Shape | None = None
    sheet: Words | None = None
    also: list[Words] = []
    facts: dict[Name, FactPart] = {}
    derived: dict[Name, DerivedPart] = {}
    starts: Name | None = None
    ends: Name | None = None


class ExtensionFactsPart(Part):
    """``facts.yaml`` of a pack that extends another: the tables and facts it adds. None may be there already."""

    tables: dict[Name, ExtensionTablePart] = {}
    derived: dict[Name, DerivedPart] = {}


class CriterionPart(Part):
    """A named yes/no question over facts."""

    question: Words
    test: Words
    law_at: Words | None = None
    """The date that decides which law the test reads (``law.x``): a fact, or any other expression of a date."""
    source: SourcePart | None = None


class ActionPart(Part):
    do: Words
    by: Words

    @property
    def said(self) -> str:
        """The action to take and who takes it: ``Name a lead officer. (head of service)``"""
        return f"{self.do} ({self.by})"


class RulePart(Part):
    """A rule: it concludes a status, requires a duty, or warns of a sign."""

    title: Words
    concludes: Name | None = None
    when: str | None = None
    requires: str | None = None
    warns: str | None = None
    applies: str | None = None
    due_on: str | None = None
    severity: Severity | None = None
    says: str | None = None
    consequence: str | None = None
    action: ActionPart | None = None
    source: SourcePart
    interpretations: list[str] = []
    folds: list[RuleId] = []
    """Rules that say nothing further while they are undetermined and this one is a finding: they are said with it."""

    @model_validator(mode="after")
    def _one_kind(self) -> "RulePart":
        if sum(part is not None for part in (self.concludes, self.requires, self.warns)) != 1:
            raise ValueError("a rule has exactly one of concludes, requires, warns")
        if (self.concludes is None) != (self.when is None):
            raise ValueError("concludes goes with when")
        reported = (self.severity, self.says, self.consequence, self.action)
        if self.concludes is None and None in reported:
            raise ValueError("a rule that requires or warns needs severity, says, consequence and action")
        only_reported = (*reported, self.applies, self.due_on, self.folds or None)
        if self.concludes is not None and any(part is not None for part in only_reported):
            raise ValueError(
                "a rule that concludes has no applies, due_on, severity, says, consequence, action or folds"
            )
        return self


class ModulePart(Part):
    """A module of the policy: its criteria and its rules."""

    title: Words
    criteria: dict[Name, CriterionPart] = {}
    rules: dict[RuleId, RulePart]
