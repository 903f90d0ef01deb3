"""Fingerprints of rules: what identifies a rule together with all that it rests on.

A rule is another where its own declaration is, or a criterion, a conclusion or a derived fact below it, a parameter or
a figure of the law that these read. The fingerprint ignores the rule's position and all other rules.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from tipstaff.policy.language.nodes import facts_of
from tipstaff.policy.pack.model import Pack, Rule, formulas_of, ledger_facts


def with_fingerprints(pack: Pack) -> Pack:
    """The pack with rules that give the SHA-256 of themselves and of what they rest on: worked out when first asked."""
    digests = _Digests(pack)
    return replace(pack, rules={name: replace(rule, digests=digests) for name, rule in pack.rules.items()})


class _Digests:
    """The SHA-256 of the rules of a pack."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    def __call__(self) -> Mapping[str, str]:
        return self._found

    @cached_property
    def _found(self) -> Mapping[str, str]:
        return _digests(self._pack)


def _digests(pack: Pack) -> dict[str, str]:
    ledgers = {name: repr(ledger) for name, ledger in pack.ledgers.items()}
    facts = {name: _fact(pack, name, ledgers) for name in pack.facts}
    questions = {
        name: _digest(repr(one.test), *sorted(facts[fact][0] for fact in _below(facts, facts_of(one.test))))
        for name, one in pack.criteria.items()
    }
    digests: dict[str, str] = {}
    for rule in (pack.rules[name] for layer in pack.layers for name in layer):
        below = sorted(questions[name] for name in rule.inputs)
        if rule.concludes is not None:
            questions[rule.concludes] = _digest(repr(rule.formula), *below)
        digests[rule.id] = _digest(_declared(rule), *below)
    return digests


def _declared(rule: Rule) -> str:
    """The parts that a rule itself declares, wherever they are declared."""
    said = (
        rule.id, rule.title, rule.kind, rule.formula, rule.applies, rule.due_on, rule.concludes, rule.severity,
        rule.says, rule.consequence, rule.action, rule.source, rule.interpretations, rule.folds,
    )  # fmt: skip
    return repr(said)


def _fact(pack: Pack, name: str, ledgers: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The declaration of a fact, stated or derived, and the facts that it reads; ``ledgers`` as declared."""
    info = pack.facts[name]
    said: list[object] = [name, info.kind, info.unit, info.of_cycle]
    formulas = list(formulas_of(info.derived))
    reads: tuple[str, ...] = ()
    if info.derived is not None:
        said += [info.derived.formula, info.derived.otherwise]
    if info.table is not None and info.table in pack.tables:
        rules = pack.tables[info.table]
        said += [rules.table.name, rules.table.shape, rules.starts, rules.ends]
        if info.column in rules.otherwise:
            said.append(rules.otherwise[info.column])
            formulas.append(rules.otherwise[info.column])
    in_words = list(map(repr, said))
    if info.table is not None and info.table in pack.ledgers:
        in_words.append(ledgers[info.table])
        reads = ledger_facts(pack.ledgers[info.table])
    return f"[{', '.join(in_words)}]", (*reads, *(fact for formula in formulas for fact in facts_of(formula)))


def _below(facts: dict[str, tuple[str, tuple[str, ...]]], names: Iterable[str]) -> set[str]:
    """These facts and all that they are made of."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += facts[name][1]
    return found


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
