"""Peers that are rule engines, a row at a time: each is given the answers to the criteria, which favours it.

The rules are written for each as its documentation writes rules, and by layers, so that conclusions are drawn before
they are read.
"""

import json
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.rules_written import Syntax, Written, rules_of
from tipstaff.policy.pack.model import Pack

Row = dict[str, int]
Fired = set[tuple[str, str]]

FORMS = ("surely", "possibly", "idle")


def _answered(folder: Path, pack: Pack, answer: Callable[[Row], None]) -> pl.DataFrame:
    """The answers to rules, which ``answer`` adds to each row of answers to criteria."""
    names = [pack.rules[name].concludes or name for layer in pack.layers for name in layer]
    found: list[list[int]] = []
    for row in pl.read_parquet(folder / "criteria.parquet").iter_rows(named=True):
        answer(row)
        found.append([row[name] for name in names])
    return pl.DataFrame(found, schema=dict.fromkeys(names, pl.Int8), orient="row")


def _digit(one: Written, fired: Fired) -> int:
    """The answer to a rule by which of its forms fired."""
    if (one.answers, "surely") in fired:
        return 1
    if (one.answers, "possibly") in fired:
        return 2
    return 3 if (one.answers, "idle") in fired else 0


def _forms(rules: list[Written]) -> Iterator[tuple[Written, str, Any]]:
    """Every form of every rule, with its condition."""
    for one in rules:
        for form in FORMS:
            condition = getattr(one, form)
            if condition is not None and not (form == "idle" and one.rule.concludes):
                yield one, form, condition


def _collector(fired: Fired, key: tuple[str, str]) -> Callable[[Any], None]:
    return lambda c: fired.add(key)


_RULES_IN_ONE = 10
"""Of more rules together, more than 64 conditions may match one fact, which durable-rules refuses."""


def durable_raw(folder: Path, pack: Pack) -> pl.DataFrame:
    """Rulesets of durable-rules, through its public interface: a row asserted to each, and retracted."""
    from durable import engine

    class Host(engine.Host):  # type: ignore[misc]
        def _run(self) -> None:
            """No timers."""

    syntax = Syntax(
        lambda name, digit: {name: digit},
        lambda name, digit: {"$neq": {name: digit}},
        lambda truth: {"kind": "row"} if truth else {"kind": "none"},
        lambda every, parts: {"$and" if every else "$or": parts},
    )
    fired: Fired = set()
    host = Host()
    steps: list[tuple[str, list[Written], list[str]]] = []
    for depth, layer in enumerate(rules_of(pack, syntax)):
        for start in range(0, len(layer), _RULES_IN_ONE):
            some = layer[start : start + _RULES_IN_ONE]
            rules: dict[str, Any] = {"guard": {"all": [{"m": {"kind": "row"}}], "run": lambda c: None}}
            for one, form, condition in _forms(some):
                run = _collector(fired, (one.answers, form))
                rules[f"{one.answers} {form}"] = {"all": [{"m": condition}], "run": run}
            name = f"layer {depth} from {start}"
            host.set_rulesets({name: rules})
            steps.append((name, some, sorted({fact for one in some for fact in one.rule.inputs})))

    def answer(row: Row) -> None:
        for name, some, inputs in steps:
            fired.clear()
            fact = {"kind": "row", "sid": "1", "id": "1", **{read: row[read] for read in inputs}}
            host.assert_fact(name, fact)
            host.retract_fact(name, fact)
            row.update((one.answers, _digit(one, fired)) for one in some)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _answered(folder, pack, answer)


_ROWS_IN_ENVIRONMENT = 500
"""An environment of CLIPS slows down and grows with every fact that was ever asserted to it."""


def clips_rules(folder: Path, pack: Pack) -> pl.DataFrame:
    """Rules of CLIPS: a template for each layer, and a row asserted to each, run and retracted."""
    import clips

    names = _aliases(pack)
    syntax = Syntax(
        lambda name, digit: f"(= ?{names[name]} {digit})",
        lambda name, digit: f"(<> ?{names[name]} {digit})",
        lambda truth: str(truth).upper(),
        lambda every, parts: f"({'and' if every else 'or'} {' '.join(parts)})",
    )
    layers = rules_of(pack, syntax)
    inputs = [sorted({fact for one in layer for fact in one.rule.inputs}) for layer in layers]
    keys = [(one.answers, form) for layer in layers for one, form, _ in _forms(layer)]

    def environment() -> list[Any]:
        made = clips.Environment()
        made.build("(defglobal ?*fired* = (create$))")
        for depth, read in enumerate(inputs):
            made.build(f"(deftemplate layer{depth} {' '.join(f'(slot {names[fact]})' for fact in read)})")
        tested = ((depth, one, condition) for depth, layer in enumerate(layers) for one, _, condition in _forms(layer))
        for number, (depth, one, condition) in enumerate(tested):
            slots = " ".join(f"({names[fact]} ?{names[fact]})" for fact in one.rule.inputs)
            pattern = f"(layer{depth} {slots}) (test {condition})"
            made.build(f"(defrule rule{number} {pattern} => (bind ?*fired* (create$ ?*fired* {number})))")
        return [made.find_global("fired"), made, *(made.find_template(f"layer{depth}") for depth in range(len(layers)))]

    current: list[Any] = []
    rows = 0

    def answer(row: Row) -> None:
        nonlocal current, rows
        if rows % _ROWS_IN_ENVIRONMENT == 0:
            current = environment()
        rows += 1
        told, made, *templates = current
        for template, layer, read in zip(templates, layers, inputs, strict=True):
            told.value = ()
            fact = template.assert_fact(**{names[name]: row[name] for name in read})
            made.run()
            fact.retract()
            fired = {keys[number] for number in told.value}
            row.update((one.answers, _digit(one, fired)) for one in layer)

    return _answered(folder, pack, answer)


def zen_decision(folder: Path, pack: Pack) -> pl.DataFrame:
    """A decision of zen-engine (GoRules): an expression node for each layer, and a row evaluated at a time."""
    import zen

    names = _aliases(pack)
    syntax = Syntax(
        lambda name, digit: f"{names[name]} == {digit}",
        lambda name, digit: f"{names[name]} != {digit}",
        lambda truth: str(truth).lower(),
        lambda every, parts: f"({(' and ' if every else ' or ').join(parts)})",
    )

    def expression(one: Written) -> dict[str, str]:
        idle = "0" if one.idle is None or one.rule.concludes else f"({one.idle} ? 3 : 0)"
        value = f"{one.surely} ? 1 : ({one.possibly} ? 2 : {idle})"
        return {"id": names[one.answers], "key": names[one.answers], "value": value}

    def node(name: str, kind: str, **content: Any) -> dict[str, Any]:
        return {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}, **content}

    layers = rules_of(pack, syntax)
    nodes = [node("request", "inputNode")]
    for depth, layer in enumerate(layers):
        content = {"expressions": [expression(one) for one in layer], "passThrough": True}
        nodes.append(node(f"layer{depth}", "expressionNode", content=content))
    nodes.append(node("response", "outputNode"))
    edges = [
        {"id": f"edge{place}", "type": "edge", "sourceId": source["id"], "targetId": target["id"]}
        for place, (source, target) in enumerate(pairwise(nodes))
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    answers = [one.answers for layer in layers for one in layer]

    def answer(row: Row) -> None:
        result = decision.evaluate({names[name]: digit for name, digit in row.items()})["result"]
        row.update((name, int(result[names[name]])) for name in answers)

    return _answered(folder, pack, answer)


def business_rules(folder: Path, pack: Pack) -> pl.DataFrame:
    """Rules of business-rules, whose variables are yes/no methods, run over a row at a time, the surest last."""
    from business_rules import run_all
    from business_rules.actions import BaseActions, rule_action
    from business_rules.variables import BaseVariables, boolean_rule_variable

    names = _aliases(pack)

    def condition(name: str, digit: int, operator: str) -> dict[str, Any]:
        return {"name": f"{names[name]}_is_{digit}", "operator": operator, "value": ""}

    always = {"name": "always", "operator": "is_true", "value": ""}
    never = {"name": "always", "operator": "is_false", "value": ""}
    syntax = Syntax(
        lambda name, digit: condition(name, digit, "is_true"),
        lambda name, digit: condition(name, digit, "is_false"),
        lambda truth: always if truth else never,
        lambda every, parts: {"all" if every else "any": parts},
    )

    def variable(name: str, digit: int) -> Any:
        def asked(self: Any) -> bool:
            return bool(self.row[name] == digit)

        return boolean_rule_variable(label=f"{name} is {digit}")(asked)

    def given(self: Any, row: Row) -> None:
        self.row = row

    methods: dict[str, Any] = {"__init__": given, "always": boolean_rule_variable(label="always")(lambda self: True)}
    for name, alias in names.items():
        methods |= {f"{alias}_is_{digit}": variable(name, digit) for digit in (0, 1)}
    variables = type("Variables", (BaseVariables,), methods)

    class Actions(BaseActions):  # type: ignore[misc]
        def __init__(self, row: Row) -> None:
            self.row = row

        @rule_action(params=[])
        def answer(self, name: str, digit: int) -> None:
            self.row[name] = digit

    digits = {"surely": 1, "possibly": 2, "idle": 3}
    rules: list[dict[str, Any]] = []
    answers: list[str] = []
    for one in (one for layer in rules_of(pack, syntax) for one in layer):
        answers.append(one.answers)
        for _, form, tested in reversed([*_forms([one])]):
            params = {"name": one.answers, "digit": digits[form]}
            rules.append({"conditions": tested, "actions": [{"name": "answer", "params": params}]})

    def answer(row: Row) -> None:
        row.update(dict.fromkeys(answers, 0))
        run_all(rules, variables(row), Actions(row))

    return _answered(folder, pack, answer)


def _aliases(pack: Pack) -> dict[str, str]:
    """A plain name for every criterion and answer: those of a pack hold colons and hyphens."""
    answers = (rule.concludes or rule.id for rule in pack.rules.values())
    return {name: f"x{number}" for number, name in enumerate((*pack.criteria, *answers))}
