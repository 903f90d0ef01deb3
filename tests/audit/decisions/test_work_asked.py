"""The work that is asked of durable-rules: it depends on the rules, and on no register."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from durable import engine

from support.registers import Partnership, register
from support.worlds import Worlds
from tipstaff.audit.decisions.audit import audit
from tipstaff.audit.decisions.decision_tables import decide
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.pack.model import Pack

AS_OF = date(2016, 8, 4)

WAYS_IN = ("assert_fact", "assert_facts", "post", "post_batch")
"""Every way in which something is given to durable-rules to decide."""


@pytest.fixture
def asserted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many facts were really given to durable-rules, by ruleset."""
    counted: Counter[str] = Counter()

    def counting(name: str) -> Any:
        real = getattr(engine.Host, name)

        def given(host: engine.Host, ruleset: str, facts: Any, *more: Any) -> Any:
            counted[ruleset] += len(facts) if isinstance(facts, list) else 1
            return real(host, ruleset, facts, *more)

        return given

    for name in WAYS_IN:
        monkeypatch.setattr(engine.Host, name, counting(name))
    return counted


def contrary(worlds: Worlds, number: int) -> Partnership:
    """A partnership of which nothing depends on anything, and every other fact is blank."""
    tables = {
        rules.table.name: [
            worlds.row(rules.table, 0.5, (rules.starts, rules.ends) if rules.starts and rules.ends else None)
        ]
        for rules in worlds.pack.tables.values()
        if rules.table.shape in (Shape.ONE, Shape.CURRENT, Shape.MANY)
    }
    own = next(rules.table for rules in worlds.pack.tables.values() if rules.table.shape is Shape.REGISTER)
    return Partnership(worlds.row(own, 0.5) | {"partners": f"{number**5:x}"}, tables)


@pytest.mark.parametrize("rows", [0, 10, 300])
@pytest.mark.parametrize("adversarial", [False, True])
def test_the_work_depends_on_the_rules_alone(pack: Pack, asserted: Counter[str], rows: int, adversarial: bool) -> None:
    """One combination of the inputs of one rule is one fact for durable-rules, and rules alike are asked once: however
    many rows there are, and however many combinations they show."""
    worlds = Worlds(pack, AS_OF, 1)
    made = [contrary(worlds, number) if adversarial else worlds.partnership(80) for number in range(rows)]
    audited = audit(register(pack, made), pack, AS_OF, worlds.cycle)
    expected = {rule.id: 3 ** len(rule.inputs) for rule in pack.rules.values()}
    assert asserted.items() <= expected.items()
    assert 0 < asserted.total() < sum(expected.values())
    of_audit = Counter(asserted)
    asserted.clear()
    decide(pack)
    assert of_audit == asserted, "what the rules alone ask"
    assert max(expected.values()) <= 3**6
    if adversarial:
        assert audited.answers.select(*pack.criteria).n_unique() == rows, "no two rows alike"
