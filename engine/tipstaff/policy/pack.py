"""A pack, as an audit uses it: its facts, criteria and rules, with every name resolved and every expression typed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tipstaff.facts.vocabulary import Kind, Table, Vocabulary
from tipstaff.policy.expressions import (
    FactRef,
    Node,
    facts_of,
)
from tipstaff.policy.law import Series
from tipstaff.policy.schema import (
    ActionPart,
    AdoptionPart,
    InterpretationPart,
    ParameterPart,
    SourcePart,
)

JOINT = "joint"
"""The line of what is not tied to one council."""

SEVERITIES = ("high", "medium", "low", "advisory")
"""Severities, worst first."""

MESSAGE_FIELD = re.compile(r"\{([a-z_.]+)(?::([a-z_]+))?\}")
"""A field of a message: a fact, a parameter, ``because``, ``because:<criterion or conclusion>`` or ``failing``."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate over the rows of a table."""

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
class Derived:
    """A derived fact. ``otherwise`` is what it is taken to be where ``formula`` is not known: the first that is."""

    name: str
    kind: Kind
    label: str
    unit: str | None
    formula: Node | Aggregate | Repeats | CouncilsIn
    otherwise: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRules:
    """What a pack says of a table beyond its columns."""

    table: Table
    otherwise: Mapping[str, Node]
    """What a fact is taken to be where no source states it."""
    derived: tuple[Derived, ...]
    starts: str | None
    ends: str | None


@dataclass(frozen=True, slots=True)
class Criterion:
    """A named yes/no question over facts, evaluated for every partnership.

    ``record``: it asks what the register states (``exists``), directly or through a derived fact; a blank answers it.
    """

    name: str
    question: str
    test: Node
    record: bool
    source: SourcePart | None
    place: str


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
    sha256: str
    place: str


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
    folder: Path
    vocabulary: Vocabulary
    tables: Mapping[str, TableRules]
    derived: tuple[Derived, ...]
    parameters: Mapping[str, Node]
    parameter_parts: Mapping[str, ParameterPart]
    interpretations: Mapping[str, InterpretationPart]
    description: Mapping[str, str]
    adopted: Mapping[str, AdoptionPart]
    classes: tuple[str, ...]
    """The conclusions that class a partnership, in order."""
    named: tuple[str, ...]
    """The conclusions whose partnerships a report names."""
    modules: tuple[Module, ...]
    criteria: Mapping[str, Criterion]
    rules: Mapping[str, Rule]
    layers: tuple[tuple[str, ...], ...]
    """Rule ids by layer: a rule reads conclusions of earlier layers only."""
    law: Mapping[str, Series]
    facts: Mapping[str, "FactInfo"] = field(default_factory=dict)

    def concluding(self, conclusion: str) -> Rule:
        """The rule that concludes a status."""
        return next(rule for rule in self.rules.values() if rule.concludes == conclusion)

    @property
    def conclusions(self) -> tuple[str, ...]:
        """The names of all conclusions, in the order of their rules."""
        return tuple(rule.concludes for rule in self.rules.values() if rule.concludes is not None)

    def label(self, fact: str) -> str:
        """What an officer calls a fact."""
        return self.facts[fact].label if fact in self.facts else fact


@dataclass(frozen=True, slots=True)
class FactInfo:
    """Any fact of a pack, stated or derived: its type, its label, and where it comes from."""

    name: str
    kind: Kind
    label: str
    unit: str | None
    table: str | None
    """The table that states it (or whose rows it is derived from); None of a fact derived for the partnership."""
    question: str
    derived: Derived | None = None


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


def walk_facts(pack: Pack, names: tuple[str, ...]) -> Iterator[FactInfo]:
    """The stated facts that these facts rest on, each once, in order."""
    seen: set[str] = set()

    def visit(name: str) -> Iterator[FactInfo]:
        if name in seen:
            return
        seen.add(name)
        info = pack.facts[name]
        if info.derived is None:
            yield info
            return
        inner = [fact for part in formulas_of(info.derived) for fact in facts_of(part)]
        for fact in inner:
            yield from visit(fact)

    for name in names:
        yield from visit(name)
