"""Trials: mutants judged by the cases of the pack that they are mutants of.

A mutant is judged only as far as it can differ. What its criteria and derived facts come to is worked out for many
mutants in one frame: each changed fact, and each that rests on it, stands under a name of its own beside the others.
Its rules are then decided by Kleene's tables, for the cases that expect something of a rule that it touches.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from support.mutation import Mutant, questions, rewritten
from support.oracle import Truth, rule_truth
from tipstaff.audit.decisions.audit import Audit, answer, audit
from tipstaff.audit.decisions.decision_tables import Decision, decide, decide_rule
from tipstaff.audit.explaining.deciding_days import CitedLaw, DecidingDays
from tipstaff.audit.gathering.derived import with_formulas
from tipstaff.audit.gathering.facts import gather
from tipstaff.audit.testing.cases import TRUTHS, Case, judge, load_cases, registers
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import FactRef, Law, Node, facts_of
from tipstaff.policy.pack.model import (
    MESSAGE_FIELD,
    CouncilsIn,
    Criterion,
    Derived,
    Pack,
    Repeats,
    Rule,
    formulas_of,
    law_below,
)
from tipstaff.register.tables.model import Register

AT_ONCE = 60
"""Mutants whose criteria and facts stand in one frame."""


@dataclass(frozen=True)
class Setting:
    """A register made of cases with the same dates, and its audit under the pack as it is."""

    as_of: date
    cycle: FinancialYear
    register: Register
    placed: Sequence[tuple[Case, int]]
    done: Audit
    days: DecidingDays
    known: Mapping[str, list[Any]]
    """What the audit answers, by criterion and conclusion."""


@dataclass(frozen=True)
class Subject:
    """A mutant, and what it changes: each changed fact, and each that rests on it, under a name of its own."""

    mutant: Mutant
    tables: Mapping[str, list[Derived]]
    derived: list[Derived]
    by_formula: bool
    """Whether one formula of a fact of the partnership is all that is changed; it stands first in ``derived``."""
    tests: Mapping[str, Node]
    """The tests of the criteria that are changed, or that rest on a changed fact."""
    recast: frozenset[str]
    """The rules whose own formula is changed."""
    touched: frozenset[str]
    """The rules that may come out otherwise, through conclusions too."""


class Trial:
    """Judges mutants of a pack by its cases."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.decisions: dict[str, Decision] = decide(pack)
        self.read_by = {name: set(facts_of(one.test)) for name, one in pack.criteria.items()}
        self.law = law_below(pack, questions(pack))
        cases = load_cases(pack)
        by_size = sorted(registers(pack, cases), key=lambda made: -len(made[3]))  # most mutants fall to the first
        self.settings = [self._set(*made) for made in by_size]
        self.speaking = [one for one in self.settings if any(case.says for case, _ in one.placed)]

    def _set(
        self, as_of: date, cycle: FinancialYear, register: Register, placed: Sequence[tuple[Case, int]]
    ) -> Setting:
        done = audit(register, self.pack, as_of, cycle, self.decisions)
        assert not judge(done, placed), "the cases hold of the pack as it is"
        names = (*self.pack.criteria, *self.pack.conclusions)
        known = {name: done.answers[name].to_list() for name in names}
        return Setting(as_of, cycle, register, placed, done, DecidingDays(done, range(done.partnerships)), known)

    def survivors(self, mutants: Iterable[Mutant]) -> list[str]:
        """What was changed in the mutants that no case tells from the pack."""
        alive = [self._subject(mutant, f"~{number}") for number, mutant in enumerate(mutants)]
        for setting in self.settings:
            expected = {rule for case, _ in setting.placed for rule in case.expected}
            some = self._moving(setting, [subject for subject in alive if expected & subject.touched])
            killed = {
                subject.mutant.what
                for start in range(0, len(some), AT_ONCE)
                for subject, answers in self._answered(setting, some[start : start + AT_ONCE])
                if self._killed(setting, subject, answers)
            }
            alive = [subject for subject in alive if subject.mutant.what not in killed]
        return [subject.mutant.what for subject in alive if not self._says_otherwise(subject)]

    # What a mutant changes

    def _subject(self, mutant: Mutant, mark: str) -> Subject:
        pack, base = mutant.pack, self.pack
        names = {f"law.{name}": f"{name}{mark}" for name, one in pack.law.items() if one is not base.law[name]}
        tables = {
            key: found
            for key, rules in pack.tables.items()
            if (found := _changed(rules.derived, base.tables[key].derived, names, mark))
        }
        derived = _changed(pack.derived, base.derived, names, mark)
        tests = {
            name: _marked(one.test, names)
            for name, one in pack.criteria.items()
            if one is not base.criteria[name] or self.read_by[name] & names.keys()
        }
        recast = frozenset(rule for rule, one in pack.rules.items() if one is not base.rules[rule])
        direct = [one for one, other in zip(pack.derived, base.derived, strict=True) if one is not other]
        by_formula = len(direct) == 1 and not tables and pack.criteria is base.criteria
        by_formula = by_formula and isinstance(direct[0].formula, Node) and direct[0].kind is not Kind.TEXT
        return Subject(mutant, tables, derived, by_formula, tests, recast, self._touched(set(tests), set(recast)))

    def _touched(self, criteria: set[str], recast: set[str]) -> frozenset[str]:
        found: set[str] = set()
        rules = recast | {rule.id for rule in self.pack.rules.values() if criteria & set(rule.inputs)}
        while rules - found:
            found |= rules
            concluded = {self.pack.rules[rule].concludes for rule in rules}
            rules = {one.id for one in self.pack.rules.values() if concluded & set(one.inputs)}
        return frozenset(found)

    # Criteria and facts, many mutants at once

    def _moving(self, setting: Setting, subjects: Sequence[Subject]) -> list[Subject]:
        """The mutants less those of a formula that gives what it gave, so that nothing that rests on it differs."""
        by_formula = [subject for subject in subjects if subject.by_formula]
        facts, still = setting.done.facts, set()
        for start in range(0, len(by_formula), AT_ONCE):
            some = [subject.derived[0] for subject in by_formula[start : start + AT_ONCE]]
            made = pl.DataFrame(with_formulas(facts.frame, some, dict(facts.moments), facts.unasked))
            for one in some:
                ends = ("_lo", "_hi") if one.kind.bounded else ("",)
                columns = [(made[f"{one.name}{end}"], facts.frame[f"{_plain(one.name)}{end}"]) for end in ends]
                if all(new.equals(old, null_equal=True) for new, old in columns):
                    still.add(one.name)
        return [
            subject
            for subject in subjects
            if not (subject.by_formula and subject.derived[0].name in still) and self._law_differs(setting, subject)
        ]

    def _law_differs(self, setting: Setting, subject: Subject) -> bool:
        """Whether a mutant of the law says otherwise on a day that may decide it; of other mutants always."""
        other = subject.mutant.pack.law
        changed = [law for law in self.law if other[law.series.id] is not self.pack.law[law.series.id]]
        return other is self.pack.law or any(
            self._by_ledger(law) or _said(setting.days.cite(law, position)) != _said(setting.days.cite(moved, position))
            for law in changed
            for moved in [replace(law, series=other[law.series.id])]
            for position in range(setting.done.partnerships)
        )

    def _by_ledger(self, law: Law) -> bool:
        """Whether the day of an award decides, of which a partnership may have several."""
        return any(self.pack.facts[name].table in self.pack.ledgers for name in facts_of(law.at))

    def _answered(
        self, setting: Setting, subjects: Sequence[Subject]
    ) -> Iterator[tuple[Subject, Mapping[str, list[Truth]]]]:
        """Each mutant with the answers to the criteria that it changes, by partnership."""
        tables, derived, facts = dict(self.pack.tables), list(self.pack.derived), dict(self.pack.facts)
        criteria: dict[str, Criterion] = {}
        for subject in subjects:
            for key, more in subject.tables.items():
                tables[key] = replace(tables[key], derived=(*tables[key].derived, *more))
            derived += subject.derived
            for one in (*subject.derived, *(one for more in subject.tables.values() for one in more)):
                facts[one.name] = replace(facts[_plain(one.name)], name=one.name, derived=one)
            criteria |= {f"{len(criteria) + index}": _asking(test) for index, test in enumerate(subject.tests.values())}
        pack = replace(self.pack, tables=tables, derived=tuple(derived), facts=facts, criteria=criteria)
        read = _read(pack)
        pack = replace(pack, derived=tuple(one for one in derived if one.name in read))
        found = self._truths(setting, pack) if criteria else iter(())
        for subject in subjects:
            yield subject, {name: next(found) for name in subject.tests}

    def _truths(self, setting: Setting, pack: Pack) -> Iterator[list[Truth]]:
        """The answers to all criteria of a pack, in their order."""
        fresh = pack.tables != self.pack.tables or any("~" in one.name for one in pack.derived)
        facts = gather(setting.register, pack, setting.as_of, setting.cycle) if fresh else setting.done.facts
        found = answer(facts, replace(pack, layers=()), {})
        return (found[name].to_list() for name in pack.criteria)

    # Rules

    def _killed(self, setting: Setting, subject: Subject, answers: Mapping[str, list[Truth]]) -> bool:
        """Whether a case expects otherwise of a rule that the mutant touches."""
        rules = subject.mutant.pack.rules
        concluding = {rule.concludes: rule for rule in rules.values() if rule.id in subject.touched and rule.concludes}
        for case, position in setting.placed:
            expected = subject.touched & case.expected.keys()
            moved = any(column[position] is not setting.known[name][position] for name, column in answers.items())
            if not expected or not (moved or subject.recast):
                continue
            drawn: dict[str, Truth] = {name: column[position] for name, column in answers.items()}

            def truth(name: str, position: int = position, drawn: dict[str, Truth] = drawn) -> Truth:
                if name not in drawn:
                    rule = concluding.get(name)
                    if rule is None:
                        return setting.known[name][position]  # type: ignore[no-any-return]
                    drawn[name] = rule_truth(rule.violation, {read: truth(read) for read in rule.inputs})
                return drawn[name]

            for rule_id in expected:
                rule, wanted = rules[rule_id], case.expected[rule_id]
                if rule.concludes is not None:
                    if truth(rule.concludes) is not TRUTHS[wanted]:
                        return True
                elif word(rule, {name: truth(name) for name in rule.inputs}) != wanted:
                    return True
        return False

    # Messages

    def _says_otherwise(self, subject: Subject) -> bool:
        """Whether a finding of which a case asks for words comes out otherwise, or lacks them."""
        changed = {_plain(one.name) for more in (subject.derived, *subject.tables.values()) for one in more}
        fields = {
            rule: {field for field, _ in MESSAGE_FIELD.findall(one.says)} for rule, one in self.pack.rules.items()
        }
        telling = {rule for rule, named in fields.items() if rule in subject.touched or changed & named}
        for setting in self.speaking:
            placed = [(case, place) for case, place in setting.placed if telling & case.says.keys()]
            if not placed or not self._moving(setting, [subject]):
                continue
            pack = _restricted(subject.mutant.pack, telling & {rule for case, _ in placed for rule in case.says})
            recast = {rule: decide_rule(pack.rules[rule]) for rule in subject.recast & pack.rules.keys()}
            decisions = {**self.decisions, **recast}
            if subject.derived or subject.tables:
                done = audit(setting.register, pack, setting.as_of, setting.cycle, decisions)
            else:
                done = replace(setting.done, pack=pack, answers=answer(setting.done.facts, pack, decisions))
            if judge(done, [(_of_rules(case, pack), place) for case, place in placed]):
                return True
        return False


def _restricted(pack: Pack, rules: Iterable[str]) -> Pack:
    """A pack with some of its rules, and what these rest on or speak of."""
    kept: set[str] = set()
    named: set[str] = set()

    def keep(rule: Rule) -> None:
        if rule.id in kept:
            return
        kept.add(rule.id)
        for name in (*rule.inputs, *(of for _, of in MESSAGE_FIELD.findall(rule.says) if of)):
            named.add(name)
            if name in pack.conclusions:
                keep(pack.concluding(name))

    for rule_id in rules:
        keep(pack.rules[rule_id])
    layers = (tuple(rule for rule in layer if rule in kept) for layer in pack.layers)
    return replace(
        pack,
        criteria={name: one for name, one in pack.criteria.items() if name in named},
        rules={rule: one for rule, one in pack.rules.items() if rule in kept},
        layers=tuple(layer for layer in layers if layer),
    )


def _of_rules(case: Case, pack: Pack) -> Case:
    """A case, as far as it is about the rules of a pack."""
    said = {rule: words for rule, words in case.says.items() if rule in pack.rules}
    return replace(case, expected={rule: case.expected[rule] for rule in said}, says=said)


def word(rule: Rule, inputs: Mapping[str, Truth]) -> str:
    """The outcome of a rule that requires or warns, as a case expects it."""
    violation = rule_truth(rule.violation, inputs)
    if violation is None:
        return "undetermined"
    if violation:
        return "finding"
    idle = rule.applies is not None and rule_truth(rule.applies, inputs) is False
    return "not applicable" if idle else "clear"


def _read(pack: Pack) -> set[str]:
    """The facts that the criteria of a pack rest on."""
    found: set[str] = set()
    names = {name for one in pack.criteria.values() for name in facts_of(one.test)}
    while names:
        found |= names
        derived = (pack.facts[name].derived for name in names if name in pack.facts)
        names = {name for one in derived for part in formulas_of(one) for name in facts_of(part)} - found
    return found


def _said(cited: CitedLaw) -> list[object]:
    """What an outcome can depend on of the law."""
    return [(segment.status, segment.value, segment.includes_vat) for segment in cited.segments]


def _plain(name: str) -> str:
    """The name of a fact without the mark of a mutant."""
    return name.partition("~")[0]


def _asking(test: Node) -> Criterion:
    return Criterion("", "", test, record=False, source=None, place="")


def _changed(facts: Sequence[Derived], before: Sequence[Derived], names: dict[str, str], mark: str) -> list[Derived]:
    """The derived facts that are changed, or that read one in ``names``, under names that are added to these.

    ``names`` has the law that is changed too: the columns of a figure bear the name of its series.
    """
    found = []
    for one, other in zip(facts, before, strict=True):
        if one is not other or names.keys() & {name for part in formulas_of(one) for name in facts_of(part)}:
            formula = _marked(one.formula, names)
            otherwise = tuple(_marked(part, names) for part in one.otherwise)
            names[one.name] = f"{one.name}{mark}"
            found.append(replace(one, name=names[one.name], formula=formula, otherwise=otherwise))
    return found


def _marked(formula: Any, names: Mapping[str, str]) -> Any:
    """A formula that reads facts under their new names."""
    match formula:
        case Repeats(keys=keys, also=also):
            return Repeats(tuple(names.get(key, key) for key in keys), tuple(names.get(key, key) for key in also))
        case CouncilsIn(fact=fact):
            return CouncilsIn(names.get(fact, fact))
        case _:
            return rewritten(formula, lambda node: _under_name(node, names))


def _under_name(node: Node, names: Mapping[str, str]) -> Node:
    match node:
        case FactRef(name=name) if name in names:
            return replace(node, name=names[name])
        case Law(series=series) if f"law.{series.id}" in names:
            return replace(node, series=replace(series, id=names[f"law.{series.id}"]))
        case _:
            return node
