"""Inference: the decision table of every rule, decided by durable-rules.

A rule reads at most six inputs, each false (0), true (1) or unknown (2). durable-rules is asked once for every
combination whether the formula is surely true and whether it is possible; rows then look their answer up. Everything
that is particular about durable-rules 2.0.28 is dealt with here and nowhere else: its background timers, the state
that must not be deleted before a rule has fired and else is never freed, exceptions that it swallows, and facts that no
rule handles.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod
from typing import Any

from tipstaff.errors import InferenceError
from tipstaff.policy.language.nodes import Constant, Every, FactRef, Node, Not, Some
from tipstaff.policy.pack.model import Pack, Rule

FALSE, TRUE, UNKNOWN = 0, 1, 2

MOST_PATHS = 300
"""The most ways in which one formula may be met: durable-rules fires once for each of them."""

_SESSION = "1"

_Asked = tuple[str, str, bool]
"""A question about a rule: its id, a formula, and whether in its surely-true form (otherwise the possible one)."""

_Condition = dict[str, Any] | bool
"""A condition of durable-rules, or what it comes to whatever the inputs are."""


@dataclass(frozen=True, slots=True)
class Table:
    """The decision table of one formula. ``answers[code]`` is FALSE, TRUE or UNKNOWN.

    ``code`` is the base-3 number of the inputs, the first input its lowest digit.
    """

    inputs: tuple[str, ...]
    answers: tuple[int, ...]

    def answer(self, digits: Sequence[int]) -> int:
        """The answer for one combination of the inputs."""
        code = 0
        for digit in reversed(digits):
            code = 3 * code + digit
        return self.answers[code]

    def codes(self, answer: int) -> list[int]:
        """The codes that have an answer."""
        return [code for code, found in enumerate(self.answers) if found == answer]


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision tables of a rule: its violation (for a conclusion, the conclusion), and whether it applies."""

    violation: Table
    applies: Table | None


def decide(pack: Pack) -> dict[str, Decision]:
    """The decision tables of every rule of a pack. Raises InferenceError."""
    by_inputs: dict[int, list[Rule]] = {}
    for rule in pack.rules.values():
        by_inputs.setdefault(len(rule.inputs), []).append(rule)
    found = {name: decision for rules in by_inputs.values() for name, decision in _decided(rules).items()}
    return {name: found[name] for name in pack.rules}


def decide_rule(rule: Rule) -> Decision:
    """The decision tables of one rule. Raises InferenceError."""
    return _decided([rule])[rule.id]


def _decided(rules: Sequence[Rule]) -> dict[str, Decision]:
    """The decision tables of rules of as many inputs, which are asked together; one by one, should that fail."""
    digits = combinations(len(rules[0].inputs))
    conditions = {
        (rule.id, label, sure): _condition(formula, rule.inputs, sure=sure, positive=True)
        for rule in rules
        for label, formula in (("violation", rule.violation), ("applies", rule.applies))
        if formula is not None
        for sure in (True, False)
    }
    try:
        met = _met(conditions, digits)
    except InferenceError:
        if len(rules) == 1:
            raise
        return {rule.id: decide_rule(rule) for rule in rules}

    def table(rule: Rule, label: str) -> Table:
        sure, possible = met[rule.id, label, True], met[rule.id, label, False]
        answers = (TRUE if code in sure else UNKNOWN if code in possible else FALSE for code in range(len(digits)))
        return Table(rule.inputs, tuple(answers))

    return {
        rule.id: Decision(table(rule, "violation"), None if rule.applies is None else table(rule, "applies"))
        for rule in rules
    }


@cache
def combinations(count: int) -> tuple[tuple[int, ...], ...]:
    """Every combination of that many inputs, in the order of their codes."""
    return tuple(digits[::-1] for digits in product((FALSE, TRUE, UNKNOWN), repeat=count))


def _met(conditions: Mapping[_Asked, _Condition], digits: Sequence[Sequence[int]]) -> dict[_Asked, set[int]]:
    """The codes of the combinations that meet each condition. durable-rules is asked once what several rules ask."""
    guard: set[int] = set()
    ruleset: dict[str, Any] = {"guard": _rule({"kind": "facts"}, 1, len(digits), guard)}
    found: dict[str, set[int]] = {}
    for (name, _, _), condition in conditions.items():
        if repr(condition) in found:
            continue
        found[repr(condition)] = codes = set[int]()
        if isinstance(condition, bool):
            codes.update(range(len(digits)) if condition else ())
            continue
        paths = _paths(condition)
        if paths > MOST_PATHS:
            raise InferenceError(
                f"The formula of {name} can be met in more than {MOST_PATHS} ways. Split it by a helper conclusion."
            )
        ruleset[f"condition {len(ruleset)}"] = _rule(condition, paths, len(digits), codes)
    (name, _, _), *_ = conditions
    _assert_all(name, ruleset, digits, guard)
    return {asked: found[repr(condition)] for asked, condition in conditions.items()}


def _rule(condition: dict[str, Any], paths: int, facts: int, found: set[int]) -> dict[str, Any]:
    """A rule of durable-rules that fires once, for all the facts that meet a condition together.

    It matches a fact once for every path by which the fact meets the condition.
    """
    return {"all": [{"m": condition}], "cap": paths * facts, "run": _collector(found)}


def _collector(found: set[int]) -> Any:
    """An action that collects the codes of the facts for which it is run."""
    return lambda c: found.update(int(fact["id"]) for fact in c.m)


def _assert_all(name: str, ruleset: dict[str, Any], digits: Sequence[Sequence[int]], guard: set[int]) -> None:
    """Assert every combination of the inputs, a fact each whose id is its code, to a ruleset of this name.

    ``guard`` collects the codes of those that the engine dealt with.
    """
    facts = [
        {
            "kind": "facts",
            "sid": _SESSION,
            "id": str(code),
            **{f"x{index}": digit for index, digit in enumerate(one)},
        }
        for code, one in enumerate(digits)
    ]
    host = _host(name, ruleset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = host.assert_facts(name, facts)
    if isinstance(state, dict) and (swallowed := state.get("exception")):
        raise InferenceError(f"durable-rules failed on {name}: {swallowed}. Please report this with the pack.")
    if len(guard) != len(digits):
        raise InferenceError(
            f"durable-rules decided {len(guard)} of the {len(digits)} combinations of {name}. Please report this with "
            "the pack."
        )
    host.delete_state(name, _SESSION)


def _host(name: str, ruleset: dict[str, Any]) -> Any:
    try:
        from durable import engine
    except ImportError as error:
        raise InferenceError(
            f"The rule engine durable-rules cannot be loaded ({error}). On Python 3.13 and later it must be built "
            "with a compiler flag. From the checkout run: "
            "CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject uv tool install --no-cache --reinstall . (with pip, "
            "in its place: pip install --no-cache-dir --force-reinstall .)"
        ) from None

    class QuietHost(engine.Host):  # type: ignore[misc]
        """A host without the background timers, which dispatch actions on other threads."""

        def _run(self) -> None:
            return None

    host = QuietHost()
    try:
        host.set_rulesets({name: ruleset})
    except Exception as error:
        raise InferenceError(
            f"durable-rules cannot compile {name} ({error}). Its formula is nested too deeply; "
            "split it by a helper conclusion."
        ) from None
    return host


def _condition(node: Node, inputs: Sequence[str], *, sure: bool, positive: bool) -> _Condition:
    """A formula, or its negation where not ``positive``, in its surely-true or its possible form.

    Negation is pushed to the leaves. Surely true: a literal is ``== 1`` or ``== 0``; possible: ``!= 0`` or ``!= 1``.
    """
    match node:
        case FactRef(name=name):
            wanted = (TRUE if positive else FALSE) if sure else (FALSE if positive else TRUE)
            answer = {f"x{inputs.index(name)}": wanted}
            return answer if sure else {"$neq": answer}
        case Constant(value=value):
            return bool(value) == positive
        case Not(operand=operand):
            return _condition(operand, inputs, sure=sure, positive=not positive)
        case Every(operands=operands) | Some(operands=operands):
            parts = [_condition(operand, inputs, sure=sure, positive=positive) for operand in operands]
            conjunction = isinstance(node, Every) == positive
            return _joined(parts, conjunction)
        case _:
            raise TypeError(f"{type(node).__name__} cannot occur in a rule")


def _paths(condition: dict[str, Any]) -> int:
    """In how many ways a condition can be met: those of its alternatives added, those of its conjuncts multiplied."""
    if "$or" in condition:
        return sum(_paths(part) for part in condition["$or"])
    return prod(_paths(part) for part in condition.get("$and", ()))


def _joined(parts: list[_Condition], conjunction: bool) -> _Condition:
    if (not conjunction) in parts:
        return not conjunction
    open_parts = [part for part in parts if not isinstance(part, bool)]
    if not open_parts:
        return conjunction
    return open_parts[0] if len(open_parts) == 1 else {"$and" if conjunction else "$or": open_parts}


Row = tuple[bool | None, ...]
"""An answer to each input, None if it does not matter."""


def finding_rows(decision: Decision) -> list[Row]:
    """The rows that make a finding, or for a rule that concludes, make the conclusion true."""
    return least(decision.violation, frozenset(decision.violation.codes(TRUE)))


def idle_rows(decision: Decision) -> list[Row]:
    """The rows in which the rule does not apply."""
    return [] if decision.applies is None else least(decision.applies, _idle(decision))


def clear_rows(decision: Decision) -> list[Row]:
    """The rows that make the rule clear, or for a rule that concludes, make the conclusion false."""
    return least(decision.violation, frozenset(decision.violation.codes(FALSE)) - _idle(decision))


def _idle(decision: Decision) -> frozenset[int]:
    if decision.applies is None:
        return frozenset()
    return frozenset(decision.applies.codes(FALSE)) & frozenset(decision.violation.codes(FALSE))


def least(table: Table, codes: frozenset[int]) -> list[Row]:
    """The rows among ``codes`` that no other of them covers by leaving more open.

    An answer that holds although an input is unknown holds whatever that input is, so an unknown means "either"; and
    a row that is covered at all is covered by one that leaves just one more input open.
    """
    digits = combinations(len(table.inputs))
    covered = {
        code - less * 3**place
        for code in codes
        for place, digit in enumerate(digits[code])
        if digit == UNKNOWN
        for less in (UNKNOWN - FALSE, UNKNOWN - TRUE)
    }
    found = sorted((digits[code] for code in codes - covered), key=lambda one: (-one.count(UNKNOWN), one))
    return [tuple(None if digit == UNKNOWN else digit == TRUE for digit in one) for one in found]
