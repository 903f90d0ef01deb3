"""What is particular about durable-rules. ``test_oracle`` tests what it answers, ``test_work_asked`` how much it is
asked."""

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.paths import ROOT
from tipstaff.audit.decisions import decision_tables as inference
from tipstaff.audit.decisions.decision_tables import FALSE, TRUE, UNKNOWN, Table, combinations, decide, decide_rule
from tipstaff.errors import InferenceError
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import Every, FactRef, Node, Not, Some, facts_of
from tipstaff.policy.pack.model import Pack, Rule
from tipstaff.policy.pack.schema import SourcePart


def rule_of(violation: Node) -> Rule:
    """A rule that warns of a formula."""
    return Rule(
        id="TST-01", module="test", title="Test", kind="warns", formula=violation, applies=None, violation=violation,
        inputs=facts_of(violation), concludes=None, record=False, severity="low", says="", consequence="", action=None,
        source=SourcePart(paragraph="1"), interpretations=(), place="test.yaml:1",
    )  # fmt: skip


def names(*wanted: str) -> tuple[Node, ...]:
    return tuple(FactRef(name, Kind.YES_NO) for name in wanted)


def test_rules_that_combine_their_inputs_alike_are_decided_as_each_alone(pack: Pack) -> None:
    assert decide(pack) == {rule.id: decide_rule(rule) for rule in pack.rules.values()}


def test_a_swallowed_exception_surfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """durable-rules swallows what an action raises; here it must not."""

    def failing(found: set[int]) -> Callable[[Any], None]:
        def run(c: Any) -> None:
            raise ZeroDivisionError("in an action")

        return run

    monkeypatch.setattr(inference, "_collector", failing)
    with pytest.raises(InferenceError, match="TST-01") as caught:
        decide_rule(rule_of(Every(names("a", "b"))))
    assert "in an action" in str(caught.value)


def test_what_an_action_raises_in_one_rule_does_not_stick_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(inference, "_collector", lambda found: lambda c: 1 / 0)
        with pytest.raises(InferenceError):
            decide_rule(rule_of(Every(names("a", "b"))))
    assert decide_rule(rule_of(Every(names("a", "b")))).violation.answer((TRUE, TRUE)) == TRUE


@pytest.mark.parametrize("flags", [["-W", "error"], ["-W", "error", "-X", "dev"]])
def test_warnings_as_errors_do_not_reach_inside(flags: list[str]) -> None:
    program = (
        "from tipstaff.policy.pack.loading import bundled, load_pack\n"
        "from tipstaff.audit.decisions.decision_tables import decide\n"
        "tables = decide(load_pack(bundled()))\n"
        "print(sum(len(one.violation.answers) for one in tables.values()))\n"
        "print(tables['CLS-01'].violation.answers[1], tables['CLS-02'].violation.answers)\n"
    )
    done = subprocess.run(
        [sys.executable, *flags, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.splitlines()[1] == "1 (1, 0, 2)"


@pytest.mark.parametrize("missing", ["durable", "durable_rules_engine"])
def test_a_failed_import_gives_the_command_that_builds_it(missing: str) -> None:
    program = (
        f"import sys\nsys.modules[{missing!r}] = None\n"
        "from tipstaff.policy.pack.loading import bundled, load_pack\n"
        "from tipstaff.audit.decisions.decision_tables import InferenceError, decide\n"
        "try:\n    decide(load_pack(bundled()))\n"
        "except InferenceError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert len(done.stdout.splitlines()) == 1
    assert "CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject uv tool install --no-cache" in done.stdout


def test_no_timer_threads_are_left(pack: Pack) -> None:
    before = threading.active_count()
    decide(pack)
    assert threading.active_count() == before


@settings(max_examples=15)
@given(st.lists(st.text("abcdefghij_0123456789", min_size=1, max_size=30), min_size=2, max_size=6, unique=True))
def test_names_however_long_or_alike_are_told_apart(inputs: list[str]) -> None:
    """durable-rules tells properties apart by a 32-bit hash; it never sees these names."""
    table = decide_rule(rule_of(Every((FactRef(inputs[0], Kind.YES_NO), Not(Some(names(*inputs[1:]))))))).violation
    for digits in combinations(len(inputs)):
        first, others = digits[0], digits[1:]
        wanted = FALSE if first == FALSE or TRUE in others else UNKNOWN if UNKNOWN in digits else TRUE
        assert table.answer(digits) == wanted


def test_the_keys_given_to_durable_rules_do_not_collide() -> None:
    """FNV-1a of 32 bits, as durable-rules computes it, over every name that a fact or a ruleset can carry."""

    def fnv(text: str) -> int:
        value = 2166136261
        for byte in text.encode():
            value = (value ^ byte) * 16777619 % 2**32
        return value

    carried = ["kind", "facts", "sid", "id", "$s", "guard", *(f"x{index}" for index in range(6))]
    assert len({fnv(name) for name in carried}) == len(carried)


def test_many_rules_in_one_process() -> None:
    for index in range(150):
        inputs = names(f"a{index}", f"b{index}")
        assert decide_rule(rule_of(Some(inputs))).violation.answer((FALSE, TRUE)) == TRUE


def test_threads_may_decide_at_once(pack: Pack) -> None:
    expected = decide(pack)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(decide(pack))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 3


def test_codes_number_the_first_input_lowest() -> None:
    table = Table(("a", "b"), tuple(range(9)))
    assert [table.answer(digits) for digits in combinations(2)] == list(range(9))
    assert table.answer((2, 1)) == 5


@pytest.mark.parametrize("depth", [10, 40, 150])
def test_deep_formulas_are_decided_or_refused_in_one_sentence(depth: int) -> None:
    node: Node = FactRef("a", Kind.YES_NO)
    for level in range(depth):
        parts = (FactRef("bcdef"[level % 5], Kind.YES_NO), node)
        node = Every(parts) if level % 2 else Some(parts)
    try:
        table = decide_rule(rule_of(node)).violation
    except InferenceError as error:
        sentence = str(error)
    else:
        sentence = "TST-01: split" if table.answer([TRUE] * len(table.inputs)) == TRUE else ""
    assert "TST-01" in sentence
    assert "split" in sentence


HOSTILE = """
import sys
sys.path[:0] = [{folder!r}, {tests!r}]
from test_decision_tables import names, rule_of
from tipstaff.audit.decisions.decision_tables import decide_rule
from tipstaff.errors import InferenceError
from tipstaff.policy.language.nodes import Every, Some
clause = Some(names(*"abcdef"))
try:
    decide_rule(rule_of(Every((clause,) * 8)))
except InferenceError as error:
    print(error)
"""


def test_a_long_formula_of_few_inputs_is_refused_at_once(request: pytest.FixtureRequest) -> None:
    """Eight times ``(a or b or c or d or e or f)`` has 6 to the 8 paths, and durable-rules fires once for each."""
    program = HOSTILE.format(folder=str(request.path.parent), tests=str(ROOT / "tests"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=10, check=True)
    assert "TST-01" in done.stdout
    assert "Split it by a helper conclusion" in done.stdout


def test_a_formula_of_many_paths_is_decided() -> None:
    """Eight clauses of two have 256 paths, which is as many as are allowed, about."""
    clauses = tuple(Some(names("abcdef"[index % 6], "abcdef"[(index + 1) % 6])) for index in range(8))
    table = decide_rule(rule_of(Every(clauses))).violation
    for digits in combinations(6):
        parts = [(digits[index % 6], digits[(index + 1) % 6]) for index in range(8)]
        truths = [TRUE if TRUE in part else UNKNOWN if UNKNOWN in part else FALSE for part in parts]
        assert table.answer(digits) == (FALSE if FALSE in truths else UNKNOWN if UNKNOWN in truths else TRUE)


def test_the_memory_of_tables_is_given_back() -> None:
    """Of the engine's facts, that is: what it keeps of a ruleset it never frees."""
    program = """
import resource
from tipstaff.audit.decisions.decision_tables import decide
from tipstaff.policy.pack.loading import bundled, load_pack

pack = load_pack(bundled())
decide(pack)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(4):
    decide(pack)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 4)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) < 20_000, "kilobytes for the tables of the bundled pack"
