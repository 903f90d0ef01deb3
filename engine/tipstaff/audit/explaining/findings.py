"""Findings: outcomes explained down to the cells they rest on. Only requested outcomes are explained."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

import polars as pl

from tipstaff.audit.columns.compiler import Columns
from tipstaff.audit.columns.law import truths
from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.decision_tables import FALSE, TRUE, UNKNOWN
from tipstaff.audit.decisions.reasons import Answers, Literal, answer_of, atoms_of, deciding_inputs, justify, unsettled
from tipstaff.audit.explaining.deciding_days import CitedLaw
from tipstaff.audit.explaining.evidence import Evidence, EvidenceReader, Missing
from tipstaff.audit.explaining.fingerprints import Fingerprints
from tipstaff.audit.explaining.ledger_entries import LedgerEntries
from tipstaff.audit.explaining.values import UNKNOWN as NOT_KNOWN
from tipstaff.policy.language.english import answer, cited, labels, listed, words
from tipstaff.policy.language.nodes import Every, FactRef, Law, Node, Texts, facts_of
from tipstaff.policy.pack.model import (
    MESSAGE_FIELD,
    SEVERITIES,
    Criterion,
    FactInfo,
    Pack,
    Rule,
    stated_below,
    walk_facts,
)
from tipstaff.register.forms.waiver_entries import Waiver

Part = TypeVar("Part")

REPORTED = (Outcome.FINDING, Outcome.UNDETERMINED, Outcome.WAIVED)
"""The outcomes that a report lists one by one."""

_MOST_QUESTIONS = 3
"""The most questions in one next step; ``Finding.missing`` has them all."""

_BATCH = 500
"""The number of partnerships explained at a time, which limits the memory that a large register needs."""


@dataclass(frozen=True, slots=True)
class Step:
    """The next action, and who takes it."""

    do: str
    by: str

    @property
    def sentence(self) -> str:
        """``Name a lead officer. (head of service)``."""
        return f"{self.do} ({self.by})"


def next_step(rule: Rule, missing: Iterable[Missing], lead_officer: str, *, unknown: bool) -> Step | None:
    """Return the action of the rule, or the questions to ask if the answer is unknown.

    Returns None if the rule has no action, or if no fact would settle the outcome.
    """
    if not unknown:
        return Step(rule.action.do, rule.action.by) if rule.action is not None else None
    questions = combine_questions(missing)
    return Step(f"Find out: {questions}", lead_officer or "lead officer") if questions else None


def combine_questions(missing: Iterable[Missing]) -> str:
    """Join the first questions about missing facts, without repeats; empty if no fact is missing."""
    asked = list(dict.fromkeys(one.question or f"What is the {one.label}?" for one in missing))
    more = [f"And {len(asked) - _MOST_QUESTIONS} more."] if len(asked) > _MOST_QUESTIONS else []
    return " ".join([*asked[:_MOST_QUESTIONS], *more])


@dataclass(frozen=True, slots=True)
class Finding:
    """A reported outcome: a finding or an undetermined outcome, waived or not.

    ``conclusions`` names the unknown conclusions that block an undetermined outcome. ``fingerprint`` identifies the
    facts that the outcome rests on (see ``fingerprints``).
    """

    rule: Rule
    position: int
    """The position of the partnership in the register."""
    ref: str
    name: str
    lead_officer: str
    outcome: Outcome
    message: str
    because: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    missing: tuple[Missing, ...]
    conclusions: tuple[str, ...]
    law: tuple[CitedLaw, ...]
    """The law that the outcome rests on; a series occurs once for each decisive date."""
    deciding_facts: frozenset[str]
    """The facts that show a missed duty or a warning sign, without those that only make the rule apply."""
    fingerprint: str
    unknown: bool
    """Whether the answer of the rule is unknown, waived or not."""
    waiver: Waiver | None = None
    """The waiver that accepts a waived outcome."""

    @property
    def step(self) -> Step | None:
        """The action of the rule, or the questions to ask if its answer is unknown."""
        return next_step(self.rule, self.missing, self.lead_officer, unknown=self.unknown)

    @property
    def step_beside_questions(self) -> Step | None:
        """The next step, for a report that lists every question separately."""
        step = self.step
        return replace(step, do="Find out what would settle it.") if step is not None and self.unknown else step


@dataclass(frozen=True, slots=True)
class Undetermined:
    """An undetermined outcome with what is missing, without the rest of a Finding."""

    rule: Rule
    position: int
    missing: tuple[Missing, ...]
    conclusions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason for the answer of a rule, conclusion or criterion for a partnership."""

    because: tuple[str, ...]
    change: tuple[str, ...]
    """The clauses that would have to change."""
    evidence: tuple[Evidence, ...]
    missing: tuple[Missing, ...]
    conclusions: tuple[str, ...]
    law: tuple[CitedLaw, ...]


class Explainer:
    """Explains outcomes of an audit for some partnerships, given by their positions in the register.

    ``ledgers`` are the ledger entries of the audit, if the caller already has them.
    """

    def __init__(self, audit: Audit, positions: Iterable[int], ledgers: LedgerEntries | None = None) -> None:
        self.audit = audit
        self.pack = audit.pack
        self.positions = sorted(set(positions))
        self._at = {position: index for index, position in enumerate(self.positions)}
        self._answers = audit.answers[self.positions]
        self.evidence = EvidenceReader(audit, self.positions, ledgers or LedgerEntries(audit))
        self._fingerprints = Fingerprints(audit, self.evidence)
        self._deciding_by_rule: dict[str, frozenset[str]] = {}
        self._answered: dict[str, list[Any]] = {}
        self._deciding: dict[tuple[str, tuple[int, ...]], tuple[str, ...]] = {}
        self._unsettled_by: dict[tuple[str, int], list[Node]] = {}
        self._made_by: dict[tuple[str, int], list[Literal]] = {}
        self._settling: dict[tuple[str, tuple[int, ...]], tuple[str, ...]] = {}
        self._patterns: dict[tuple[str, str, tuple[bool | None, ...]], list[Any]] = {}

    def findings(self, outcomes: Iterable[Outcome] = REPORTED) -> Iterator[Finding]:
        """Explain these outcomes by partnership, then by rule in the order of the pack."""
        requested = {int(outcome) for outcome in outcomes}
        columns = [(rule, self._answers[rule.id].to_list()) for rule in self.audit.rules]
        for position in self.positions:
            for rule, column in columns:
                outcome = column[self._at[position]]
                if outcome in requested:
                    yield self.finding(rule, position, Outcome(outcome))

    def finding(self, rule: Rule, position: int, outcome: Outcome) -> Finding:
        """Explain one outcome."""
        reason = self.reason(rule, position)
        name = self.evidence.text("name", position)
        unknown = self._is_unknown(rule, position)
        if unknown:
            law = [f"the {one.series.title} ({cited(one.series, one.segments)})" for one in reason.law if one.segments]
            unknowns = listed(list(dict.fromkeys(missing.label for missing in reason.missing)) or law, "and")
            message = f"{rule.title}: cannot be decided for {name}. Not known: {unknowns}."
        else:
            message = self._message(rule, position, reason)
        return Finding(
            rule=rule,
            position=position,
            ref=self.audit.register.refs[position],
            name=name,
            lead_officer=self.evidence.text("lead_officer", position),
            outcome=outcome,
            message=message,
            because=reason.because,
            evidence=reason.evidence,
            missing=reason.missing,
            conclusions=reason.conclusions,
            law=reason.law,
            deciding_facts=self._deciding_facts(rule),
            fingerprint=self.fingerprint(rule, position),
            unknown=unknown,
            waiver=self.audit.waivers.get((rule.id, position)),
        )

    def _deciding_facts(self, rule: Rule) -> frozenset[str]:
        if rule.id not in self._deciding_by_rule:
            facts = tuple(facts_read(self.pack, rule.formula))
            self._deciding_by_rule[rule.id] = frozenset(info.name for info in walk_facts(self.pack, facts))
        return self._deciding_by_rule[rule.id]

    def reason(self, rule: Rule, position: int) -> Reason:
        """Return what made the answer of a rule, or what could still settle it."""
        if self._is_unknown(rule, position):
            atoms, conclusions = self._open_questions(rule, position)
            return self._open_reason(atoms, position, conclusions)
        return self._settled_reason(self._literals(rule.id, rule.violation, rule.inputs, position), position)

    def law(self, rule: Rule, position: int) -> Iterator[Law]:
        """The law that the outcome of a rule rests on."""
        if self._is_unknown(rule, position):
            atoms: Sequence[Node] = self._open_questions(rule, position)[0]
        else:
            atoms = [atom for atom, _ in self._literals(rule.id, rule.violation, rule.inputs, position)]
        return (law for atom in atoms for law in self.evidence.law_below(atom))

    def _is_unknown(self, rule: Rule, position: int) -> bool:
        """Whether the answer of a rule is unknown, waived or not."""
        digits = tuple(self._digit(name, position) for name in rule.inputs)
        return self.audit.decisions[rule.id].violation.answer(digits) == UNKNOWN

    def undetermined(self, rule: Rule, position: int) -> Undetermined:
        """Return an undetermined outcome with what is missing."""
        atoms, conclusions = self._open_questions(rule, position)
        return Undetermined(rule, position, self._missing(atoms, position), conclusions)

    def conclusion(self, name: str, position: int) -> Reason:
        """Return the reason for the answer of a conclusion or criterion."""
        if self._digit(name, position) == UNKNOWN:
            atoms = _once(self._unsettled(name, position))
            return self._open_reason(atoms, position, ())
        return self._settled_reason(self._literals_of(name, position), position)

    def value(self, fact: str, position: int) -> str:
        """A fact of a partnership as an officer reads it."""
        return self.evidence.show(self.pack.facts[fact], position)

    def fingerprint(self, rule: Rule, position: int) -> str:
        """The fingerprint of the facts that an outcome rests on."""
        return self._fingerprints.of(rule, position)

    def stated_evidence(self, position: int) -> Iterator[Evidence]:
        """The stated values of the facts that the reported rules rest on, by fact, without blanks."""
        for info in self._facts_reported:
            yield from (one for one in self.evidence.of_fact(info, position) if one.value != NOT_KNOWN)

    @cached_property
    def _facts_reported(self) -> tuple[FactInfo, ...]:
        return tuple({info.name: info for infos in facts_by_rule(self.audit).values() for info in infos}.values())

    # Settled answers and open questions

    def _settled_reason(self, literals: list[Literal], position: int) -> Reason:
        def show(node: FactRef | Law) -> str:
            if isinstance(node, Law):
                return self.evidence.cite(node, position)
            return self.evidence.label_with_value(node.name, position)

        because = tuple(dict.fromkeys(answer(atom, truth, show) for atom, truth in literals))
        change = tuple(dict.fromkeys(answer(atom, not truth, show) for atom, truth in literals))
        atoms = [atom for atom, _ in literals]
        return Reason(because, change, self._evidence(atoms, position), (), (), self._law(atoms, position))

    def _open_questions(self, rule: Rule, position: int) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        """The atoms that could settle an undetermined rule, and the unknown conclusions that block it."""
        digits = tuple(self._fillable(name, self._digit(name, position)) for name in rule.inputs)
        names = self._deciding_inputs(rule, digits)
        atoms = _once(atom for name in names for atom in self._unsettled(name, position))
        return atoms, tuple(name for name in names if name not in self.pack.criteria)

    def _open_reason(self, atoms: Sequence[Node], position: int, conclusions: tuple[str, ...]) -> Reason:
        """The reason for an unknown answer."""
        missing, law = self._missing(atoms, position), self._law(atoms, position)
        return Reason((), (), self._evidence(atoms, position), missing, conclusions, law)

    def _missing(self, atoms: Sequence[Node], position: int) -> tuple[Missing, ...]:
        return tuple(dict.fromkeys(one for atom in atoms for one in self.evidence.missing(atom, position)))

    def _evidence(self, atoms: Sequence[Node], position: int) -> tuple[Evidence, ...]:
        return tuple(dict.fromkeys(one for atom in atoms for one in self.evidence.of_question(atom, position)))

    def _law(self, atoms: Sequence[Node], position: int) -> tuple[CitedLaw, ...]:
        found = (one for atom in atoms for one in self.evidence.law(atom, position))
        return tuple({id(one): one for one in found}.values())

    def _literals(self, of: str, node: Node, inputs: Sequence[str], position: int) -> list[Literal]:
        """The atoms of criteria that settle a formula over criteria and conclusions, with their answers.

        ``of`` is the id of the rule with this formula, and ``inputs`` are the names in it.
        """
        key = of, tuple(self._digit(name, position) for name in inputs)
        if key not in self._settling:
            settling = [atom for atom, _ in justify(node, lambda atom: self._truth(atom, position))]
            self._settling[key] = tuple(atom.name for atom in settling if isinstance(atom, FactRef))
        names = self._settling[key]
        return list(
            {id(literal[0]): literal for name in names for literal in self._literals_of(name, position)}.values()
        )

    def _literals_of(self, name: str, position: int) -> list[Literal]:
        key = name, position
        if key not in self._made_by:
            criterion = self.pack.criteria.get(name)
            if criterion is not None:
                self._made_by[key] = self._by_pattern(justify, criterion, position)
            else:
                rule = self.pack.concluding(name)
                self._made_by[key] = self._literals(rule.id, rule.formula, rule.inputs, position)
        return self._made_by[key]

    def _unsettled(self, name: str, position: int) -> list[Node]:
        """The atoms of criteria that could settle an unknown criterion or conclusion."""
        key = name, position
        if key not in self._unsettled_by:
            criterion = self.pack.criteria.get(name)
            digit = self._digit(name, position)
            if criterion is not None and self._fillable(name, digit) != digit:
                found = [atom for atom, _ in self._by_pattern(justify, criterion, position)]
            elif digit != UNKNOWN:
                found = []
            elif criterion is not None:
                found = self._by_pattern(unsettled, criterion, position)
            else:
                rule = self.pack.concluding(name)
                digits = tuple(self._digit(read, position) for read in rule.inputs)
                inputs = self._deciding_inputs(rule, digits)
                found = [atom for read in inputs for atom in self._unsettled(read, position)]
            self._unsettled_by[key] = found
        return self._unsettled_by[key]

    def _by_pattern(
        self, read: Callable[[Node, Answers], list[Part]], criterion: Criterion, position: int
    ) -> list[Part]:
        """Read a criterion once for each combination of answers to its atoms."""
        index = self._at[position]
        pattern = tuple(answers[index] for answers in self._answers_of[criterion.name])
        key = read.__name__, criterion.name, pattern
        if key not in self._patterns:
            self._patterns[key] = read(criterion.test, lambda atom: self._atom(atom, position))
        return self._patterns[key]

    @cached_property
    def _answers_of(self) -> Mapping[str, list[list[bool | None]]]:
        """The answers to the atoms of each criterion, in their order."""
        return {
            name: [self._atoms[id(atom)] for atom in atoms_of(criterion.test)]
            for name, criterion in self.pack.criteria.items()
        }

    def _fillable(self, name: str, digit: int) -> int:
        """Treat a no to a question of record as unknown, because the blank behind it may still be filled."""
        criterion = self.pack.criteria.get(name)
        return UNKNOWN if digit == FALSE and criterion is not None and criterion.record else digit

    def _deciding_inputs(self, rule: Rule, digits: tuple[int, ...]) -> tuple[str, ...]:
        """The unknown inputs that could change the answer of a rule."""
        key = rule.id, digits
        if key not in self._deciding:
            places = deciding_inputs(self.audit.decisions[rule.id].violation, digits)
            self._deciding[key] = tuple(rule.inputs[place] for place in places)
        return self._deciding[key]

    def _message(self, rule: Rule, position: int, reason: Reason) -> str:
        def fill(match: re.Match[str]) -> str:
            field, of = match[1], match[2]
            if field == "because" and of is None:
                return listed(list(reason.because), "and")
            if field == "because":
                return listed(list(self.conclusion(of, position).because), "and")
            if field in ("ledger", "ledger_latest"):
                return self.evidence.ledgers.words(of, position, latest=field == "ledger_latest")
            if field == "failing":
                return listed(self._failing(rule, position), "and")
            if field.startswith("policy."):
                return self._parameter(field.removeprefix("policy."))
            return self.evidence.show(self.pack.facts[field], position)

        return MESSAGE_FIELD.sub(fill, rule.says)

    def _parameter(self, name: str) -> str:
        match self.pack.parameters[name]:
            case Texts(values=values):
                return listed(list(values), "and")
            case node:
                return words(node, labels({}))

    def _failing(self, rule: Rule, position: int) -> list[str]:
        """The failing members of ``all_of`` in the criteria of a rule, each by the label of its last fact."""
        found: list[str] = []
        for name in rule.inputs:
            criterion = self.pack.criteria.get(name)
            if criterion is None or not (isinstance(criterion.test, Every) and criterion.test.listed):
                continue
            for operand in criterion.test.operands:
                if answer_of(operand, lambda atom: self._atom(atom, position)) is False:
                    found.append(self.pack.label(facts_of(operand)[-1]))
        return list(dict.fromkeys(found))

    # Answers and values of one partnership

    def _digit(self, name: str, position: int) -> int:
        truth = self._answer(name)[self._at[position]]
        return UNKNOWN if truth is None else TRUE if truth else FALSE

    def _truth(self, atom: Node, position: int) -> bool | None:
        assert isinstance(atom, FactRef)
        truth: bool | None = self._answer(atom.name)[self._at[position]]
        return truth

    def _answer(self, name: str) -> list[Any]:
        if name not in self._answered:
            self._answered[name] = self._answers[name].to_list()
        return self._answered[name]

    def _atom(self, atom: Node, position: int) -> bool | None:
        truth: bool | None = self._atoms[id(atom)][self._at[position]]
        return truth

    @cached_property
    def _atoms(self) -> Mapping[int, list[bool | None]]:
        """The answers to all atoms of all criteria, from the same columns as the criteria."""
        atoms = [atom for one in self.pack.criteria.values() for atom in atoms_of(one.test)]
        truths = atom_answers(self.audit, atoms, self.positions).to_dict()
        answers = {atom: column.to_list() for atom, column in zip(dict.fromkeys(atoms), truths.values(), strict=True)}
        return {id(atom): answers[atom] for atom in atoms}


def atom_answers(audit: Audit, atoms: Iterable[Node], positions: Sequence[int]) -> pl.DataFrame:
    """Return the answers to atoms for some partnerships, with a column for each distinct atom in their order."""
    columns = Columns(dict(audit.facts.moments), unasked=audit.facts.unasked)
    distinct = {str(place): atom for place, atom in enumerate(dict.fromkeys(atoms))}
    return truths(audit.facts.frame[positions], distinct, columns)


def facts_read(pack: Pack, formula: Node) -> Iterator[str]:
    """The facts that a formula over criteria and conclusions reads."""
    for name in facts_of(formula):
        if name in pack.criteria:
            yield from facts_of(pack.criteria[name].test)
        else:
            yield from facts_read(pack, pack.concluding(name).formula)


def deciding_cells(finding: Finding) -> list[str]:
    """The cells of the deciding facts, without repeats."""
    cells = [one.cell for one in finding.evidence if one.cell is not None and one.fact in finding.deciding_facts]
    return list(dict.fromkeys(cells))


def facts_by_rule(audit: Audit) -> dict[str, tuple[FactInfo, ...]]:
    """The stated facts that each reported rule rests on, including those behind conclusions."""
    return {rule.id: stated_below(audit.pack, rule) for rule in audit.rules}


def explain_in_batches(
    audit: Audit, ledgers: LedgerEntries, positions: Sequence[int] | None = None
) -> Iterator[Explainer]:
    """Yield an explainer for each batch of the register, or of some positions, in order.

    Drop each explainer before taking the next, to save memory.
    """
    chosen = range(audit.partnerships) if positions is None else positions
    for start in range(0, len(chosen), _BATCH):
        yield Explainer(audit, chosen[start : start + _BATCH], ledgers)


def list_findings(audit: Audit, outcomes: Iterable[Outcome] = REPORTED) -> Iterator[Finding]:
    """Explain all outcomes of these kinds, by partnership, then by rule in the order of the pack."""
    wanted = list(outcomes)
    for explainer in explain_in_batches(audit, LedgerEntries(audit)):
        yield from explainer.findings(wanted)


def explain_worst(audit: Audit, most: int) -> Iterator[Finding]:
    """Explain the worst reported outcomes, ``most`` of them at most, in the order of ``reported_places``."""
    places = list(islice(reported_places(audit), most))
    explainer = Explainer(audit, (position for _, position, _ in places))
    return (explainer.finding(*place) for place in places)


def reported_places(audit: Audit) -> Iterator[tuple[Rule, int, Outcome]]:
    """The places of the reported outcomes, worst first.

    They are sorted by severity, findings before undetermined outcomes, then by the order of the register and the pack.
    Waived outcomes come last.
    """
    for outcomes in ((Outcome.FINDING, Outcome.UNDETERMINED), (Outcome.WAIVED,)):
        for severity in SEVERITIES:
            rules = [rule for rule in audit.rules if rule.severity == severity]
            for outcome in outcomes:
                found = [(audit.answers[rule.id] == int(outcome)).arg_true().to_list() for rule in rules]
                places = sorted((position, index) for index, positions in enumerate(found) for position in positions)
                yield from ((rules[index], position, outcome) for position, index in places)


def _once(atoms: Iterable[Node]) -> tuple[Node, ...]:
    return tuple({id(atom): atom for atom in atoms}.values())
