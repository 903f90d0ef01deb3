"""A pack, as an audit uses it: its facts, criteria and rules, with every name resolved and every expression typed."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tipstaff.facts.periods import Period
from tipstaff.facts.vocabulary import Kind, Table, Term, Vocabulary
from tipstaff.policy.language.nodes import FactRef, Law, Node, facts_of, parts_of
from tipstaff.policy.law.series import Series
from tipstaff.policy.pack.schema import ActionPart, AdoptionPart, InterpretationPart, ParameterPart, SourcePart

JOINT = "joint"
"""The line of what is not tied to one council."""

SEVERITIES = ("high", "medium", "low", "advisory")
"""Severities, worst first."""

MESSAGE_FIELD = re.compile(r"\{([a-z_.]+)(?::([a-z_]+))?\}")
"""A field of a message: a fact, a parameter, ``because``, ``because:<criterion or conclusion>``, ``ledger:<ledger>`` or
``failing``."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate over the rows of a table, or of a ledger."""

    function: str
    table: str
    over: Node
    where: Node | None


@dataclass(frozen=True, slots=True)
class Repeats:
    """Whether another row of the register has the same ``keys`` and agrees on ``also``, which may be unknown."""

    keys: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CouncilsIn:
    """The councils that a text names, as a key."""

    fact: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """A yes/no fact that points one way. ``weight`` in hundredths; None is set out and not weighed."""

    fact: str
    towards: str
    strength: str
    weight: int | None


@dataclass(frozen=True, slots=True)
class Weighing:
    """The pointers two ways that a derived number weighs, and what is said of the whole (see ``schema.WeighPart``)."""

    towards: str
    against: str
    pointers: tuple[Pointer, ...]
    title: str
    verdict: Mapping[str, str]
    unknown: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who receives what a ledger lists (see ``schema.RecipientsPart``)."""

    table: str
    named_by: str
    numbered_by: tuple[str, ...]
    receives: str
    otherwise: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The sums that each beneficiary had over a window up to each award (see ``schema.LedgerPart``)."""

    name: str
    label: str
    table: str
    amount: str
    granted: str
    to: Recipients
    years: int | None
    """The window in financial years, of a table by council and year; else ``period`` is."""
    period: Period | None
    alike: tuple[str, ...]
    begins: str | None
    total: str
    date: str
    year_total: str | None
    planned: str | None
    terms: Mapping[str, Node] = field(default_factory=dict)
    """The expressions that formulas over its rows use by a name."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A derived fact. ``otherwise`` is what it is taken to be where ``formula`` is not known: the first that is."""

    name: str
    kind: Kind
    label: str
    unit: str | None
    formula: Node | Aggregate | Repeats | CouncilsIn
    otherwise: tuple[Node, ...] = ()
    weighing: Weighing | None = None
    """The pointers that a formula weighs, each with its side and strength."""


@dataclass(frozen=True, slots=True)
class TableRules:
    """The rules of a table beyond its columns."""

    table: Table
    otherwise: Mapping[str, Node]
    """The default of a fact that no source states."""
    derived: tuple[Derived, ...]
    starts: str | None
    ends: str | None
    in_cycle: Mapping[str, str]
    """Facts of the year of the cycle, by the fact that they are in that year."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A named yes/no question over facts, evaluated for every partnership.

    ``record``: it asks what the register states (``exists``), directly or through a derived fact; a blank answers it.
    ``waits_for``: the parameters that it asks to be given and that this pack leaves blank.
    """

    name: str
    question: str
    test: Node
    record: bool
    source: SourcePart | None
    place: str
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over criteria and earlier conclusions.

    ``formula`` is the condition of a conclusion, the duty that ``requires``, or the sign that ``warns``; ``violation``
    is what makes a finding (of a conclusion, the conclusion itself); ``inputs`` are the names it reads.
    """

    id: str
    module: str
    title: str
    kind: str
    formula: Node
    applies: Node | None
    violation: Node
    inputs: tuple[str, ...]
    concludes: str | None
    record: bool
    severity: str
    says: str
    consequence: str
    action: ActionPart | None
    source: SourcePart
    interpretations: tuple[str, ...]
    place: str
    digests: Callable[[], Mapping[str, str]] = field(default=dict, repr=False, compare=False)
    """Gives the SHA-256 of the rules of its pack, by id (see ``fingerprints``)."""
    due_on: Node | None = None
    """The date up to and including which the duty is not yet due; ``applies`` then asks ``due`` as well."""
    folds: tuple[str, ...] = ()
    """The rules that say nothing further while they are undetermined and this one is a finding."""

    @property
    def sha256(self) -> str:
        """The fingerprint of the rule as declared and of all that it rests on; empty for a rule of no pack."""
        return self.digests().get(self.id, "")

    @property
    def fingerprint(self) -> str:
        """Identifies the rule and all that it rests on, in 16 characters."""
        return self.sha256[:16]

    @property
    def due(self) -> str:
        """The criterion that asks whether a rule with ``due_on`` is due."""
        return due_criterion(self.id)


def due_criterion(rule: str) -> str:
    """The name of the criterion that asks whether a rule is due; no other criterion can have such a name."""
    return f"due:{rule}"


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the policy: its title and the ids of its rules, in order."""

    name: str
    title: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A policy pack, ready to audit with."""

    id: str
    title: str
    version: str
    source: str
    sha256: str
    folders: tuple[Path, ...]
    """Those it was read from: its own, then those of the packs that it extends, then that of the law."""
    vocabulary: Vocabulary
    tables: Mapping[str, TableRules]
    ledgers: Mapping[str, Ledger]
    derived: tuple[Derived, ...]
    parameters: Mapping[str, Node]
    parameter_parts: Mapping[str, ParameterPart]
    interpretations: Mapping[str, InterpretationPart]
    description: Mapping[str, str]
    adopted: Mapping[str, AdoptionPart]
    """The adoption of each of its own councils, by the council's key."""
    classes: tuple[str, ...]
    """The conclusions that class a partnership, in order."""
    named: tuple[str, ...]
    """The conclusions whose partnerships a report names."""
    modules: tuple[Module, ...]
    renewal: tuple[str, ...]
    """The rules that are gone through before a renewal, in the order of the pack."""
    longest_waiver: Period | None
    """How long a waiver may last after the as-of date; None if the policy takes no waivers."""
    criteria: Mapping[str, Criterion]
    rules: Mapping[str, Rule]
    layers: tuple[tuple[str, ...], ...]
    """Rule ids by layer: a rule reads conclusions of earlier layers only."""
    law: Mapping[str, Series]
    facts: Mapping[str, "FactInfo"] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder of the pack itself."""
        return self.folders[0]

    def among(self, councils: tuple[Term, ...]) -> "Pack":
        """The pack for other councils than its own: the same rules and figures. For none given, the pack as it is."""
        if not councils or councils == self.vocabulary.councils:
            return self
        return replace(self, vocabulary=replace(self.vocabulary, councils=councils))

    @property
    def ledgers_read(self) -> tuple[Ledger, ...]:
        """The ledgers that some derived fact reads."""
        read = {one.formula.table for one in self.derived if isinstance(one.formula, Aggregate)}
        return tuple(ledger for name, ledger in self.ledgers.items() if name in read)

    @property
    def repeats(self) -> dict[str, Repeats]:
        """The derived facts that ask which partnerships say the same, and how."""
        return {one.name: one.formula for one in self.derived if isinstance(one.formula, Repeats)}

    def concluding(self, conclusion: str) -> Rule:
        """The rule that concludes a status."""
        return next(rule for rule in self.rules.values() if rule.concludes == conclusion)

    @property
    def conclusions(self) -> tuple[str, ...]:
        """The names of all conclusions, in the order of their rules."""
        return tuple(rule.concludes for rule in self.rules.values() if rule.concludes is not None)

    def label(self, fact: str) -> str:
        """The name that an officer uses for a fact."""
        return self.facts[fact].label if fact in self.facts else fact


@dataclass(frozen=True, slots=True)
class FactInfo:
    """Any fact of a pack, stated or derived: its type, its label, and if it comes from."""

    name: str
    kind: Kind
    label: str
    unit: str | None
    table: str | None
    """The table that states it (or whose rows it is derived from); None for a fact derived for the partnership."""
    question: str
    derived: Derived | None = None
    of_cycle: str = ""
    """The fact that it is in the year of the cycle, if it is that; otherwise it is of the as-of date."""

    @property
    def column(self) -> str:
        """The fact under which its table holds it."""
        return self.of_cycle or self.name


def formulas_of(derived: Derived | None) -> tuple[Node, ...]:
    """The expressions that a derived fact is made of; none of a fact that a source states."""
    if derived is None:
        return ()
    match derived.formula:
        case Aggregate(over=over, where=where):
            parts: tuple[Node, ...] = (over,) if where is None else (over, where)
        case Repeats(keys=keys, also=also):
            parts = tuple(FactRef(name, Kind.TEXT) for name in (*keys, *also))
        case CouncilsIn(fact=fact):
            parts = (FactRef(fact, Kind.TEXT),)
        case formula:
            parts = (formula,)
    return (*parts, *derived.otherwise)


def ledger_facts(ledger: Ledger) -> tuple[str, ...]:
    """The stated facts that the total of a ledger rests on."""
    facts = (ledger.amount, ledger.granted, ledger.to.receives, *ledger.alike)
    return facts if ledger.begins is None else (*facts, ledger.begins)


def walk_facts(pack: Pack, names: tuple[str, ...]) -> Iterator[FactInfo]:
    """The stated facts that these facts rest on, each once, in order."""
    seen: set[str] = set()

    def visit(name: str) -> Iterator[FactInfo]:
        if name in seen:
            return
        seen.add(name)
        info = pack.facts[name]
        if info.table in pack.ledgers:
            return
        if info.derived is None:
            yield info
            return
        inner = [fact for part in formulas_of(info.derived) for fact in facts_of(part)]
        if isinstance(info.derived.formula, Aggregate) and info.derived.formula.table in pack.ledgers:
            inner += ledger_facts(pack.ledgers[info.derived.formula.table])
        for fact in inner:
            yield from visit(fact)

    for name in names:
        yield from visit(name)


def criteria_below(pack: Pack, rule: Rule) -> Iterator[Criterion]:
    """The criteria that a rule rests on, through conclusions too, each once, in order."""
    seen: set[str] = set()

    def visit(one: Rule) -> Iterator[Criterion]:
        for name in one.inputs:
            if name in seen:
                continue
            seen.add(name)
            if name in pack.criteria:
                yield pack.criteria[name]
            else:
                yield from visit(pack.concluding(name))

    yield from visit(rule)


def stated_below(pack: Pack, rule: Rule) -> tuple[FactInfo, ...]:
    """The stated facts that a rule rests on, through conclusions and derived facts too, by name."""
    asked = (fact for one in criteria_below(pack, rule) for fact in facts_of(one.test))
    found = {info.name: info for info in walk_facts(pack, tuple(asked))}
    return tuple(found[name] for name in sorted(found))


def law_below(pack: Pack, questions: Iterable[Node]) -> tuple[Law, ...]:
    """The law that questions rest on, through derived facts too: each series once for each date that decides it."""
    found: dict[tuple[str, Node], Law] = {}
    seen: set[str] = set()

    def visit(node: Node) -> None:
        parts = list(parts_of(node))
        for part in parts:
            if isinstance(part, Law):
                found.setdefault((part.series.id, part.at), part)
        for part in parts:
            if isinstance(part, FactRef) and part.name not in seen:
                seen.add(part.name)
                for formula in formulas_of(pack.facts[part.name].derived):
                    visit(formula)

    for question in questions:
        visit(question)
    return tuple(found.values())


def law_read(pack: Pack, rules: Iterable[Rule]) -> dict[str, Series]:
    """The series of the law that rules rest on, by name, in the order in which they are read."""
    questions = (criterion.test for rule in rules for criterion in criteria_below(pack, rule))
    return {law.series.id: law.series for law in law_below(pack, questions)}


def derived_below(pack: Pack, rule: Rule) -> tuple[Derived, ...]:
    """The derived facts that a rule rests on, through conclusions and other derived facts too, each once."""
    found: dict[str, Derived] = {}

    def visit(names: tuple[str, ...]) -> None:
        for name in names:
            info = pack.facts.get(name)
            if info is not None and info.derived is not None and name not in found:
                found[name] = info.derived
                for part in formulas_of(info.derived):
                    visit(facts_of(part))

    for criterion in criteria_below(pack, rule):
        visit(facts_of(criterion.test))
    return tuple(found.values())


MINOR = ("low", "advisory")
"""The severities whose undetermined outcomes are only counted, and whose findings are said rule by rule."""


def rank(severity: str) -> int:
    """Sorts severities, the worst first."""
    return SEVERITIES.index(severity)
