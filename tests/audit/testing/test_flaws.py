"""Flaws of rules: each kind in small rules, what hides behind other words or conclusions, and what is no flaw."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings

from support.paths import COUNCILS
from support.questions import questions, truths
from tipstaff.audit.decisions.decision_tables import decide, decide_rule
from tipstaff.audit.testing.flaws import Flaw, Found, find_flaws
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import FactRef, Node, facts_of
from tipstaff.policy.pack.loading import load_pack
from tipstaff.policy.pack.model import Pack
from tipstaff.report.terminal.flaws import lines

PACKS = COUNCILS
REST = "severity: low, says: x, consequence: x, action: {do: x, by: x}, source: {paragraph: x}"

FACTS = """tables:
  friends:
    shape: register
    sheet: Friends
    facts:
      ref: {type: text, label: reference, heading: No}
      name: {type: text, label: name, heading: Friend}
      amount: {type: money, label: amount, heading: Amount}
      day: {type: date, label: day, heading: Day}
      kind: {type: choice, label: kind, heading: Kind, choices: {one: [], two: []}}
"""
FACTS += "".join(f"      f{n}: {{type: yes/no, label: f{n}, heading: F{n}}}\n" for n in range(16))

Check = Callable[..., list[Found]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """The flaws of rules such as ``warns: a``, over criteria that by default ask a fact each, ``a`` to ``p``."""

    def checked(*rules: str, **tests: str) -> list[Found]:
        folder = Path(shutil.copytree(PACKS / "tiny", tmp_path / "tiny"))
        (folder / "facts.yaml").write_text(FACTS, encoding="utf-8")
        asked = {letter: f"f{index}" for index, letter in enumerate("abcdefghijklmnop")} | tests
        text = "title: x\ncriteria:\n"
        text += "".join(f"  {name}: {{question: '{name}?', test: \"{test}\"}}\n" for name, test in asked.items())
        text += "rules:\n"
        for number, rule in enumerate(rules, 1):
            rest = "source: {paragraph: x}" if rule.startswith("concludes") else REST
            text += f"  TST-{number:02}: {{title: Rule {number}, {rule}, {rest}}}\n"
        (folder / "green.yaml").write_text(text, encoding="utf-8")
        pack = load_pack(folder)
        found = find_flaws(pack, decide(pack))
        assert len(list(lines(pack, found, 100))) > 2 * len(found)
        return found

    return checked


FLAWED: Sequence[tuple[str, tuple[str, ...], dict[str, str], Flaw, tuple[int, ...]]] = [
    ("a sign and its absence", ("warns: a and not a",), {}, Flaw.NEVER, (1,)),
    ("a criterion that is always no", ("warns: a and b",), {"b": "no"}, Flaw.NEVER, (1,)),
    ("in an empty list", ("warns: a",), {"a": "kind in []"}, Flaw.NEVER, (1,)),
    ("a comparison of figures", ("warns: a and b",), {"b": "3 > 4"}, Flaw.NEVER, (1,)),
    ("a duty that is always met", ("requires: a or not a",), {}, Flaw.NEVER, (1,)),
    ("a duty that applies nowhere", ("applies: a and b, requires: c",), {"b": "not f0"}, Flaw.NEVER, (1,)),
    ("one question under two names", ("warns: a and not b",), {"b": "f0"}, Flaw.NEVER, (1,)),
    ("a question and its negation", ("warns: a and b",), {"b": "not f0"}, Flaw.NEVER, (1,)),
    ("a comparison turned round", ("warns: a and b",), {"a": "day < as_of", "b": "as_of <= day"}, Flaw.NEVER, (1,)),
    ("not equal", ("warns: a and b",), {"a": "kind == 'one'", "b": "kind != 'one'"}, Flaw.NEVER, (1,)),
    ("and in another order", ("warns: a and not b",), {"a": "f0 and f1", "b": "f1 and f0"}, Flaw.NEVER, (1,)),
    ("or for and", ("warns: a and b",), {"a": "f0 and f1", "b": "not f0 or not f1"}, Flaw.NEVER, (1,)),
    ("never by a conclusion", ("concludes: x, when: a or b", "warns: not x and a"), {}, Flaw.NEVER, (2,)),
    (
        "never by conclusions in a row",
        ("concludes: x, when: a and b", "concludes: y, when: x or c", "warns: a and b and not y"),
        {},
        Flaw.NEVER,
        (3,),
    ),
    ("a conclusion never true", ("concludes: x, when: a and not a",), {}, Flaw.NEVER, (1,)),
    ("always", ("warns: a or not a",), {}, Flaw.ALWAYS, (1,)),
    ("always where it applies", ("applies: a, warns: a or b",), {}, Flaw.ALWAYS, (1,)),
    ("a duty that is never met", ("applies: a, requires: b and not b",), {}, Flaw.ALWAYS, (1,)),
    ("always by a conclusion", ("concludes: x, when: a", "warns: a or not x"), {}, Flaw.ALWAYS, (2,)),
    ("a conclusion always true", ("concludes: x, when: a",), {"a": "yes"}, Flaw.ALWAYS, (1,)),
    ("the same twice", ("warns: a and b", "warns: b and a"), {}, Flaw.REPEATS, (1, 2)),
    ("a duty that repeats a sign", ("applies: a, requires: not b", "warns: a and b"), {}, Flaw.REPEATS, (1, 2)),
    ("a conclusion twice", ("concludes: x, when: not a", "concludes: y, when: not a"), {}, Flaw.REPEATS, (1, 2)),
    ("the same by other criteria", ("warns: a", "warns: not b"), {"b": "not f0"}, Flaw.REPEATS, (1, 2)),
    ("required and warned of", ("requires: a", "warns: a"), {}, Flaw.CONTRADICTS, (1, 2)),
    (
        "required and warned of in part",
        ("applies: b, requires: a", "applies: c, warns: a"),
        {},
        Flaw.CONTRADICTS,
        (1, 2),
    ),
    ("required and its opposite required", ("requires: a", "requires: b"), {"b": "not f0"}, Flaw.CONTRADICTS, (1, 2)),
    (
        "required and warned of by a conclusion",
        ("concludes: x, when: a or b", "requires: x", "applies: not b, warns: a"),
        {},
        Flaw.CONTRADICTS,
        (2, 3),
    ),
]


@pytest.mark.parametrize(
    ("rules", "tests", "flaw", "numbers"), [pytest.param(*rest, id=name) for name, *rest in FLAWED]
)
def test_a_flaw_is_found(
    check: Check, rules: tuple[str, ...], tests: dict[str, str], flaw: Flaw, numbers: tuple[int, ...]
) -> None:
    found = check(*rules, **tests)
    assert [(one.flaw, one.rules) for one in found] == [(flaw, tuple(f"TST-{number:02}" for number in numbers))]


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(("warns: a", "requires: a or b"), id="a duty that can be met without the sign"),
        pytest.param(("applies: a, requires: b", "applies: not a, warns: b"), id="never both"),
        pytest.param(("concludes: x, when: a", "warns: x"), id="a conclusion reported"),
        pytest.param(("warns: a", "warns: a and b"), id="one within the other"),
        pytest.param(("requires: a", "requires: b"), id="two duties"),
    ],
)
def test_what_is_no_flaw(check: Check, rules: tuple[str, ...]) -> None:
    assert check(*rules) == []


def test_a_rule_switched_off_by_what_it_applies_to_is_no_flaw(check: Check) -> None:
    assert check("applies: a and b, requires: c", b="no") == []


def test_a_rule_that_applies_by_another_question_is_not_switched_off(check: Check) -> None:
    assert [one.flaw for one in check("applies: a or b, requires: c and not c", b="no")] == [Flaw.ALWAYS]


def test_a_long_way_down_conclusions_are_questions_themselves(check: Check) -> None:
    rules = [f"concludes: x{n}, when: {' or '.join(letters)}" for n, letters in enumerate(["abcde", "fghij", "klmno"])]
    assert check(*rules, "warns: x0 and x1 and x2 and not x0")[0].rules == ("TST-04",)


def test_a_witness_is_a_row_of_answers(check: Check) -> None:
    (found,) = check("concludes: x, when: a or b", "warns: not x and a and c")
    assert found.rows == ({"x": False, "a": True, "c": True},)
    assert found.settled == {}


def test_what_settles_a_rule_is_named(check: Check) -> None:
    (found,) = check("warns: a and b", b="no")
    assert found.settled == {"b": False}


def test_a_contradiction_is_witnessed_both_ways(check: Check) -> None:
    (found,) = check("applies: b, requires: a", "applies: c, warns: a")
    assert found.rows == ({"a": False, "b": True, "c": True}, {"a": True, "b": True, "c": True})


def test_the_bundled_pack_and_those_that_extend_it_have_none(pack: Pack) -> None:
    for one in (pack, load_pack(PACKS / "fenwick_2020"), load_pack(PACKS / "three_vales_2021")):
        assert find_flaws(one, decide(one)) == []


@settings(max_examples=60)
@given(questions)
def test_a_rule_is_flawed_as_trying_every_answer_says(formula: Node) -> None:
    tiny = load_pack(PACKS / "tiny")
    assume(facts_of(formula))
    asked = {name: replace(tiny.criteria["mown"], name=name, test=FactRef(name, Kind.YES_NO)) for name in "abc"}
    rule = replace(tiny.rules["GRN-01"], violation=formula, inputs=facts_of(formula))
    changed = replace(tiny, criteria=asked, rules={rule.id: rule})
    came_to = set(truths(formula))
    expected = [] if len(came_to) == 2 else [Flaw.ALWAYS if came_to == {True} else Flaw.NEVER]
    assert [one.flaw for one in find_flaws(changed, {rule.id: decide_rule(rule)})] == expected
