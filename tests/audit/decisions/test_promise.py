"""The promise: filling in a blank settles answers, and never changes a settled one.

An example is a random partnership and the same with blanks filled in. The suite tries five hundred; for a million:

    TIPSTAFF_EXAMPLES=1000000 uv run --no-sync pytest tests/audit/test_promise.py
"""

import os
import random
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from support.packs import with_parameters
from support.registers import Partnership, register
from support.worlds import Worlds
from tipstaff.audit.decisions.audit import Audit, Outcome, audit
from tipstaff.audit.decisions.decision_tables import decide
from tipstaff.audit.gathering.derived import with_formulas
from tipstaff.facts.bounds import NEVER
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import Node, all_law_of, facts_of, reads_the_record
from tipstaff.policy.pack.loading import load_pack
from tipstaff.policy.pack.model import Aggregate, CouncilsIn, Derived, Pack, Repeats, criteria_below, formulas_of

AS_OF, CYCLE = date(2016, 8, 4), FinancialYear(2017)
EXAMPLES = int(os.environ.get("TIPSTAFF_EXAMPLES", "500"))
BATCH = 250 if EXAMPLES <= 10_000 else 2_000
NO_FINDING = (Outcome.CLEAR, Outcome.NOT_APPLICABLE)

OTHER_READING = {
    "value: null, meaning: The least": 'value: "£150", meaning: The least',
    "value: null, meaning: The most": 'value: "£300", meaning: The most',
    'value: "no", meaning: Whether support in kind': 'value: "yes", meaning: Whether support in kind',
    "value: together": "value: each",
    'value: "yes", meaning: "Whether a statutory': 'value: "no", meaning: "Whether a statutory',
    "value: [], meaning: Partnerships selected": "value: [Name 1, name-2], meaning: Partnerships selected",
}
"""Every parameter that changes how facts are read, set the other way."""


@pytest.fixture(scope="module")
def other_pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return load_pack(with_parameters(tmp_path_factory.mktemp("other"), OTHER_READING))


@pytest.fixture(params=["bundled", "other reading"])
def policy(request: pytest.FixtureRequest, pack: Pack) -> Pack:
    return pack if request.param == "bundled" else request.getfixturevalue("other_pack")


def test_filling_in_a_blank_never_changes_a_settled_answer(policy: Pack) -> None:
    decisions = decide(policy)
    settled = 0
    for seed in range(max(1, EXAMPLES // BATCH)):
        worlds = Worlds(policy, AS_OF, seed, CYCLE)
        before = [worlds.partnership(BATCH) for _ in range(BATCH)]
        after = [worlds.filled(partnership) for partnership in before]
        audits = [audit(register(policy, rows), policy, AS_OF, CYCLE, decisions) for rows in (before, after)]
        broken, changed = _broken(*audits)
        settled += changed
        if broken:
            name, position, old, new = broken[0]
            pytest.fail(
                f"seed {seed}: {name} of partnership {position} went from {old} to {new} ({len(broken)} in all)\n"
                f"before: {_shown(before[position])}\nafter:  {_shown(after[position])}"
            )
    assert settled > 0, "filling in blanks must settle something, or nothing was tried"


def _broken(before: Audit, after: Audit) -> tuple[list[tuple[str, int, object, object]], int]:
    """The settled answers that changed, and how many unknown ones were settled."""
    pack = before.pack
    found: list[tuple[str, int, object, object]] = []
    settled = 0
    on_record = _facts_on_record(pack)
    for name in [*pack.conclusions, *(n for n, c in pack.criteria.items() if not _on_record(c.test, on_record))]:
        for position, (old, new) in enumerate(zip(before.answers[name], after.answers[name], strict=True)):
            settled += old is None and new is not None
            if old is not None and new is not old:
                found.append((name, position, old, new))
    for rule in before.rules:
        if rule.record:
            continue
        for position, (old, new) in enumerate(zip(before.answers[rule.id], after.answers[rule.id], strict=True)):
            settled += old == Outcome.UNDETERMINED != new
            kept = new in NO_FINDING if old in NO_FINDING else new == old
            if old != Outcome.UNDETERMINED and not kept:
                found.append((rule.id, position, Outcome(old).word, Outcome(new).word))
    for fact in pack.derived:
        if not fact.kind.bounded or fact.name in on_record:
            continue
        bounds = [_values(one, fact.name, fact.kind) for one in (before, after)]
        for position, (old, new) in enumerate(zip(*bounds, strict=True)):
            if not _within(new, old):
                found.append((fact.name, position, old, new))
    corrected = _corrected(before, after)
    below = {one[0]: _facts_below(pack, one[0]) for one in found}
    return [one for one in found if not any(one[1] in corrected.get(name, ()) for name in below[one[0]])], settled


def _facts_below(pack: Pack, name: str) -> set[str]:
    """The derived facts that an answer, or a derived fact, rests on, itself included."""
    rules = [rule for rule in pack.rules.values() if name in (rule.id, rule.concludes)]
    tests = [criterion.test for rule in rules for criterion in criteria_below(pack, rule)]
    tests += [pack.criteria[name].test] if name in pack.criteria else []
    found: set[str] = set()

    def visit(fact: str) -> None:
        derived = pack.facts[fact].derived
        if derived is not None and fact not in found:
            found.add(fact)
            for part in formulas_of(derived):
                for one in _read(part):
                    visit(one)

    for fact in [one for test in tests for one in _read(test)] or [name]:
        visit(fact)
    return found


def _read(node: Node) -> list[str]:
    """The facts that a formula reads, the dates that decide its law included."""
    return [*facts_of(node), *(fact for law in all_law_of(node) for fact in facts_of(law.at))]


def _corrected(before: Audit, after: Audit) -> dict[str, set[int]]:
    """Where a fact was taken from elsewhere (``else``), and is now stated otherwise: of which partnerships, by fact."""
    found: dict[str, set[int]] = {}
    for fact in before.pack.derived:
        if not fact.otherwise:
            continue
        sources = [_source(one, fact) for one in (before, after)]
        values = [_values(one, fact.name, fact.kind) for one in (before, after)]
        for position, (old, new) in enumerate(zip(*sources, strict=True)):
            if new < old and not _within(values[1][position], values[0][position]):
                found.setdefault(fact.name, set()).add(position)
    return found


def _source(done: Audit, fact: Derived) -> list[int]:
    """Which of its formulas a derived fact was taken from, by partnership: the first of which anything is known."""
    assert isinstance(fact.formula, Node)
    parts = (fact.formula, *fact.otherwise)
    found = [len(parts)] * done.partnerships
    for number, part in reversed(list(enumerate(parts))):
        alone = replace(fact, name="alone", formula=part, otherwise=())
        frame = done.facts.frame.with_columns(
            with_formulas(done.facts.frame, [alone], dict(done.facts.moments), frozenset())
        )
        floor = NEVER if fact.kind is Kind.DATE else 0
        for position, value in enumerate(_of(frame.sort("row"), "alone", fact.kind)):
            known = (
                value is not None
                if not isinstance(value, tuple)
                else value[1] is not None or (value[0] or floor) > floor
            )
            found[position] = number if known else found[position]
    return found


def _values(done: Audit, name: str, kind: Kind) -> list[Any]:
    return _of(done.facts.frame, name, kind)


def _of(frame: pl.DataFrame, name: str, kind: Kind) -> list[Any]:
    if not kind.bounded:
        return frame[name].to_list()
    return list(zip(frame[f"{name}_lo"], frame[f"{name}_hi"], strict=True))


def _within(new: Any, old: Any) -> bool:
    """Whether what is known now is among what was possible."""
    if not isinstance(old, tuple):
        return old is None or new == old
    above = old[0] is None or (new[0] is not None and new[0] >= old[0])
    return above and (old[1] is None or (new[1] is not None and new[1] <= old[1]))


def _facts_on_record(pack: Pack) -> set[str]:
    """The derived facts that rest on ``exists``."""
    found: set[str] = set()
    for derived in pack.derived:
        match derived.formula:
            case Aggregate(over=over, where=where):
                nodes: tuple[Node, ...] = (over,) if where is None else (over, where)
            case Repeats() | CouncilsIn():
                nodes = ()
            case formula:
                nodes = (formula,)
        if any(_on_record(node, found) for node in nodes):
            found.add(derived.name)
    return found


def _on_record(node: Node, known: set[str]) -> bool:
    return reads_the_record(node) or bool(known & set(facts_of(node)))


def _shown(partnership: Partnership) -> str:
    rows = {"own": [partnership.own], **partnership.tables}
    return "\n".join(
        f"  {name}: { {key: str(value) for key, value in row.items() if value is not None} }"
        for name, found in rows.items()
        for row in found
    )


def test_the_order_of_partnerships_and_of_rows_does_not_matter(policy: Pack) -> None:
    decisions = decide(policy)
    for seed in range(2):
        worlds = Worlds(policy, AS_OF, seed, CYCLE)
        rows = [worlds.partnership(BATCH // 3) for _ in range(BATCH)]
        order = list(range(BATCH))
        random.Random(seed).shuffle(order)
        turned = [
            Partnership(rows[at].own, {name: found[::-1] for name, found in rows[at].tables.items()}) for at in order
        ]
        first = audit(register(policy, rows), policy, AS_OF, CYCLE, decisions)
        second = audit(register(policy, turned), policy, AS_OF, CYCLE, decisions)
        assert first.answers[order].equals(second.answers)


def test_the_same_register_gives_the_same_answers_and_facts(policy: Pack) -> None:
    worlds = Worlds(policy, AS_OF, 1)
    rows = register(policy, [worlds.partnership(20) for _ in range(50)])
    first, second = (audit(rows, policy, AS_OF, CYCLE) for _ in range(2))
    assert first.answers.equals(second.answers)
    assert first.facts.frame.equals(second.facts.frame)


def test_every_partnership_has_one_outcome_of_every_rule(policy: Pack) -> None:
    worlds = Worlds(policy, AS_OF, 2)
    done = audit(register(policy, [worlds.partnership(20) for _ in range(50)]), policy, AS_OF, CYCLE)
    assert done.partnerships == 50
    for rule, counts in done.outcomes().items():
        assert sum(counts.values()) == 50, rule
    for name, counts in done.conclusions().items():
        assert sum(counts.values()) == 50, name
