"""Inference: the decision table of every rule, decided by durable-rules.

A rule reads at most six inputs, each false (0), true (1) or unknown (2). durable-rules is asked once for every
combination whether the formula is surely true and whether it is possible; rows then look their answer up. Everything
that is particular about durable-rules 2.0.28 is dealt with here and nowhere else: its background timers, the state
that must not be deleted, exceptions that it swallows, and facts that no rule handles.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from tipstaff.policy.expressions import Constant, Every, FactRef, Node, Not, Some
from tipstaff.policy.pack import Pack, Rule

FALSE, TRUE, UNKNOWN = 0, 1, 2

MOST_PATHS = 300
"""The most ways in which one formula may be met: durable-rules fires once for each of them."""


class InferenceError(Exception):
    """The rule engine cannot be used, or did not do what it was asked. Its text says which rule and what to do."""


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
    """What durable-rules decided of a rule: its violation (of a conclusion: the conclusion), and whether it applies."""

    violation: Table
    applies: Table | None


def decide(pack: Pack) -> dict[str, Decision]:
    """The decision tables of every rule of a pack. Raises InferenceError."""
    return {rule.id: decide_rule(rule) for rule in pack.rules.values()}


def decide_rule(rule: Rule) -> Decision:
    """The decision tables of one rule. Raises InferenceError."""
    formulas = {"v": rule.violation}
    if rule.applies is not None:
        formulas["a"] = rule.applies
    answers = _ask(rule.id, rule.inputs, formulas)
    return Decision(Table(rule.inputs, answers["v"]), Table(rule.inputs, answers["a"]) if "a" in answers else None)


def combinations(count: int) -> list[tuple[int, ...]]:
    """Every combination of so many inputs, in the order of their codes."""
    return [digits[::-1] for digits in product((FALSE, TRUE, UNKNOWN), repeat=count)]


def _ask(name: str, inputs: tuple[str, ...], formulas: Mapping[str, Node]) -> dict[str, tuple[int, ...]]:
    """Let durable-rules decide formulas over the same inputs, for every combination."""
    fired: set[str] = set()
    keys = {key: f"x{index}" for index, key in enumerate(inputs)}
    ruleset: dict[str, Any] = {"guard": {"all": [{"m": {"kind": "facts"}}], "run": lambda c: None}}
    settled: dict[str, int] = {}
    for label, formula in formulas.items():
        for form, sure in (("true", True), ("possible", False)):
            condition = _condition(formula, keys, sure=sure, positive=True)
            rule = f"{label}_{form}"
            if isinstance(condition, bool):
                settled[rule] = condition
            elif _paths(condition) > MOST_PATHS:
                raise InferenceError(
                    f"The formula of {name} can be met in more than {MOST_PATHS} ways. Split it by a helper conclusion."
                )
            else:
                ruleset[rule] = {"all": [{"m": condition}], "run": _collector(fired, rule)}
    answers: dict[str, list[int]] = {label: [] for label in formulas}
    host, ruleset_name = _host(name, ruleset)
    for digits in combinations(len(inputs)):
        fired.clear()
        fact = {"kind": "facts", "sid": "1", "id": "1", **{f"x{index}": digit for index, digit in enumerate(digits)}}
        _assert_and_retract(host, ruleset_name, fact, name)
        for label in formulas:
            true = settled.get(f"{label}_true", f"{label}_true" in fired)
            possible = settled.get(f"{label}_possible", f"{label}_possible" in fired)
            answers[label].append(TRUE if true else UNKNOWN if possible else FALSE)
    return {label: tuple(found) for label, found in answers.items()}


def _collector(fired: set[str], rule: str) -> Any:
    return lambda c: fired.add(rule)


def _host(name: str, ruleset: dict[str, Any]) -> tuple[Any, str]:
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
    return host, name


def _assert_and_retract(host: Any, ruleset: str, fact: dict[str, Any], name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = host.assert_fact(ruleset, fact)
        swallowed = state.get("exception") if isinstance(state, dict) else None
        host.retract_fact(ruleset, fact)
    if swallowed:
        raise InferenceError(f"durable-rules failed on {name}: {swallowed}. Please report this with the pack.")


def _condition(node: Node, keys: Mapping[str, str], *, sure: bool, positive: bool) -> dict[str, Any] | bool:
    """A formula, or its negation where not ``positive``, in its surely-true or its possible form.

    Negation is pushed to the leaves. Surely true: a literal is ``== 1`` or ``== 0``; possible: ``!= 0`` or ``!= 1``.
    """
    match node:
        case FactRef(name=name):
            wanted = (TRUE if positive else FALSE) if sure else (FALSE if positive else TRUE)
            return {keys[name]: wanted} if sure else {"$neq": {keys[name]: wanted}}
        case Constant(value=value):
            return bool(value) == positive
        case Not(operand=operand):
            return _condition(operand, keys, sure=sure, positive=not positive)
        case Every(operands=operands) | Some(operands=operands):
            parts = [_condition(operand, keys, sure=sure, positive=positive) for operand in operands]
            conjunction = isinstance(node, Every) == positive
            return _joined(parts, conjunction)
        case _:
            raise TypeError(f"{type(node).__name__} cannot stand in a rule")


def _paths(condition: dict[str, Any]) -> int:
    """In how many ways a condition can be met: those of its alternatives added, those of its conjuncts multiplied."""
    if "$or" in condition:
        return sum(_paths(part) for part in condition["$or"])
    return prod(_paths(part) for part in condition.get("$and", ()))


def _joined(parts: list[dict[str, Any] | bool], conjunction: bool) -> dict[str, Any] | bool:
    if (not conjunction) in parts:
        return not conjunction
    open_parts = [part for part in parts if not isinstance(part, bool)]
    if not open_parts:
        return conjunction
    return open_parts[0] if len(open_parts) == 1 else {"$and" if conjunction else "$or": open_parts}
