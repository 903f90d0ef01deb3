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
from itertools import product
from math import prod
from typing import Any

from tipstaff.policy.expressions import Constant, Every, FactRef, Node, Not, Some
from tipstaff.policy.pack import Pack, Rule

FALSE, TRUE, UNKNOWN = 0, 1, 2

MOST_PATHS = 300
"""The most ways in which one formula may be met: durable-rules fires once for each of them."""

_SESSION = "1"

_Asked = dict[str, dict[str, tuple[int, ...]]]
"""What durable-rules answered, by the formulas: of rules that combine their inputs alike it is asked once."""


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
    asked: _Asked = {}
    return {rule.id: _decide(rule, asked) for rule in pack.rules.values()}


def decide_rule(rule: Rule) -> Decision:
    """The decision tables of one rule. Raises InferenceError."""
    return _decide(rule, {})


def _decide(rule: Rule, asked: _Asked) -> Decision:
    formulas = {"v": rule.violation}
    if rule.applies is not None:
        formulas["a"] = rule.applies
    answers = _ask(rule.id, rule.inputs, formulas, asked)
    return Decision(Table(rule.inputs, answers["v"]), Table(rule.inputs, answers["a"]) if "a" in answers else None)


def combinations(count: int) -> list[tuple[int, ...]]:
    """Every combination of so many inputs, in the order of their codes."""
    return [digits[::-1] for digits in product((FALSE, TRUE, UNKNOWN), repeat=count)]


def _ask(name: str, inputs: tuple[str, ...], formulas: Mapping[str, Node], asked: _Asked) -> dict[str, tuple[int, ...]]:
    """Let durable-rules decide formulas over the same inputs, for every combination."""
    keys = {key: f"x{index}" for index, key in enumerate(inputs)}
    conditions = {
        (label, sure): _condition(formula, keys, sure=sure, positive=True)
        for label, formula in formulas.items()
        for sure in (True, False)
    }
    alike = repr((len(inputs), conditions))
    if alike not in asked:
        digits = combinations(len(inputs))
        met = _met(name, conditions, digits)
        asked[alike] = {
            label: tuple(
                TRUE if code in met[label, True] else UNKNOWN if code in met[label, False] else FALSE
                for code in range(len(digits))
            )
            for label in formulas
        }
    return asked[alike]


def _met(
    name: str, conditions: Mapping[tuple[str, bool], dict[str, Any] | bool], digits: Sequence[Sequence[int]]
) -> dict[tuple[str, bool], set[int]]:
    """The codes of the combinations that meet each condition."""
    guard: set[int] = set()
    ruleset: dict[str, Any] = {"guard": _rule({"kind": "facts"}, 1, len(digits), guard)}
    met: dict[tuple[str, bool], set[int]] = {}
    for (label, sure), condition in conditions.items():
        if isinstance(condition, bool):
            met[label, sure] = set(range(len(digits))) if condition else set()
            continue
        paths = _paths(condition)
        if paths > MOST_PATHS:
            raise InferenceError(
                f"The formula of {name} can be met in more than {MOST_PATHS} ways. Split it by a helper conclusion."
            )
        found = met[label, sure] = set()
        ruleset[f"{label}_{'true' if sure else 'possible'}"] = _rule(condition, paths, len(digits), found)
    _assert_all(name, ruleset, digits, guard)
    return met


def _rule(condition: dict[str, Any], paths: int, facts: int, found: set[int]) -> dict[str, Any]:
    """A rule of durable-rules that fires once, for all the facts that meet a condition together.

    It matches a fact once for every path by which the fact meets the condition.
    """
    return {"all": [{"m": condition}], "cap": paths * facts, "run": _collector(found)}


def _collector(found: set[int]) -> Any:
    """An action that collects the codes of the facts for which it is run."""
    return lambda c: found.update(int(fact.id) for fact in c.m)


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
