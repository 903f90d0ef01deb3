"""The audit: criteria in columns, rules by decision tables, one counted outcome for every rule and partnership."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from functools import reduce
from operator import and_, or_
from typing import Any

from tipstaff.audit.columns.compiler import Columns
from tipstaff.audit.columns.dialect import pl
from tipstaff.audit.columns.law import with_law
from tipstaff.audit.decisions.decision_tables import Decision, Row, clear_rows, decide, finding_rows, idle_rows
from tipstaff.audit.gathering import facts as facts_module
from tipstaff.audit.gathering.facts import Facts
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack, Rule
from tipstaff.register.forms.waiver_entries import Waiver
from tipstaff.register.tables.model import Problem, Register


class Outcome(IntEnum):
    """The outcome of a rule for a partnership."""

    CLEAR = 0
    FINDING = 1
    UNDETERMINED = 2
    NOT_APPLICABLE = 3
    WAIVED = 4
    """A finding or an undetermined outcome that a waiver accepts."""

    @property
    def word(self) -> str:
        """``not_applicable``."""
        return self.name.lower()

    @property
    def words(self) -> str:
        """``not applicable``."""
        return self.word.replace("_", " ")


WAIVABLE = (Outcome.FINDING, Outcome.UNDETERMINED)
"""The outcomes that a waiver can accept."""


class WaiverStatus(StrEnum):
    """The status of a waiver, the worst first."""

    MALFORMED = "malformed"
    RULE_CHANGED = "rule changed"
    FACTS_CHANGED = "facts changed"
    LAPSED = "lapsed by date"
    UNUSED = "unused"
    """There is nothing to waive: the outcome is another, or is not reported."""
    HELD = "held"


@dataclass(frozen=True, slots=True)
class WaiverAccount:
    """A waiver and its status. Only one that holds waives anything."""

    status: WaiverStatus
    place: str
    rule: str
    """The rule's id; of a malformed waiver, what it says instead."""
    partnership: str
    """The partnership's reference; of a malformed waiver, what it says instead."""
    position: int | None = None
    """The position of the partnership in the register, if it is known."""
    waiver: Waiver | None = None
    """None for a malformed one."""
    outcome: Outcome | None = None
    """The rule's outcome without the waiver; None for a malformed one, and if the rule is not reported."""
    problems: tuple[Problem, ...] = ()
    """The faults of a malformed one."""


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit of a register.

    ``answers`` has one row a partnership, in register order: a nullable boolean column for every criterion and
    conclusion by its name, and for every rule that requires or warns a column of its id with the Outcome's number.
    """

    pack: Pack
    register: Register
    as_of: date
    cycle: FinancialYear
    facts: Facts
    decisions: Mapping[str, Decision]
    answers: pl.DataFrame
    rules: tuple[Rule, ...]
    """The rules reported, in the order of the pack: those that require or warn, less those left out."""
    waivers: Mapping[tuple[str, int], Waiver] = field(default_factory=dict)
    """The waiver of every waived outcome, by rule and position."""
    waiver_accounts: tuple[WaiverAccount, ...] = ()
    """Every waiver given, with its status, the worst first."""

    @property
    def partnerships(self) -> int:
        """How many partnerships the register has."""
        return len(self.answers)

    def outcomes(self) -> dict[str, dict[str, int]]:
        """How often each rule came out each way: ``{rule: {outcome: count}}``, every outcome counted."""
        counted = {}
        for rule in self.rules:
            counts = dict(self.answers[rule.id].value_counts().iter_rows())
            counted[rule.id] = {outcome.word: counts.get(int(outcome), 0) for outcome in Outcome}
        return counted

    def totals(self) -> dict[Outcome, int]:
        """How often each outcome came out over all the rules reported, noughts included."""
        counts = self.outcomes().values()
        return {outcome: sum(one[outcome.word] for one in counts) for outcome in Outcome}

    def undetermined(self) -> dict[int, list[Rule]]:
        """The rules that are undetermined for each partnership that has any, by its position."""
        found: dict[int, list[Rule]] = {}
        for rule in self.rules:
            open_rows = (self.answers[rule.id] == int(Outcome.UNDETERMINED)).arg_true()
            for position in open_rows.to_list():
                found.setdefault(position, []).append(rule)
        return found

    def conclusions(self) -> dict[str, dict[str, int]]:
        """How often each conclusion came out true, false and unknown."""
        return {name: _truths(self.answers[name]) for name in self.pack.conclusions}


def _truths(column: pl.Series) -> dict[str, int]:
    true, unknown = int(column.sum() or 0), column.null_count()
    return {"true": true, "false": len(column) - true - unknown, "unknown": unknown}


def audit(
    register: Register,
    pack: Pack,
    as_of: date,
    cycle: FinancialYear,
    decisions: Mapping[str, Decision] | None = None,
    only: frozenset[str] = frozenset(),
    without: frozenset[str] = frozenset(),
    progress: Callable[[str], None] = lambda step: None,
) -> Audit:
    """Audit a register under a pack as of a date.

    ``only`` and ``without`` name the rules or modules to report; every conclusion is drawn all the same.
    ``decisions`` are the pack's decision tables where the caller has them already. A register that names councils
    of its own is audited for these. ``progress`` is called as each step begins, with its name. Raises InferenceError.
    """
    pack = pack.among(register.councils)
    progress("decision tables")
    tables = decide(pack) if decisions is None else decisions
    progress("facts")
    facts = facts_module.gather(register, pack, as_of, cycle)
    answers = answer(facts, pack, tables, progress)
    return Audit(pack, register, as_of, cycle, facts, tables, answers, reported(pack, only, without))


def reported(pack: Pack, only: frozenset[str], without: frozenset[str]) -> tuple[Rule, ...]:
    """The rules that are reported, in the order of the pack: ``only`` and ``without`` name rules or modules."""
    return tuple(
        rule
        for rule in pack.rules.values()
        if rule.concludes is None
        and (not only or {rule.id, rule.module} & only)
        and not {rule.id, rule.module} & without
    )


def answer(
    facts: Facts,
    pack: Pack,
    decisions: Mapping[str, Decision],
    progress: Callable[[str], None] = lambda step: None,
) -> pl.DataFrame:
    """The answers of a pack's criteria and rules to facts, as ``Audit.answers`` holds them.

    ``progress`` is called as each step begins, with its name.
    """
    progress("criteria and rules")
    columns = Columns(dict(facts.moments), unasked=facts.unasked)
    stated = with_law(facts.frame.lazy(), (one.test for one in pack.criteria.values()), columns)
    found: pl.DataFrame = answer_columns(stated, pack, decisions, columns).collect().drop("row")
    return found


def answer_columns(stated: Any, pack: Pack, decisions: Mapping[str, Decision], columns: Columns) -> Any:
    """The answers to facts that hold the figures of the law (``with_law``), beside their column ``row``.

    The facts and the answers are a lazy frame, of polars or of the dialect that expressions are built of.
    """
    asked = [columns.truth(criterion.test).alias(name) for name, criterion in pack.criteria.items()]
    return add_rule_columns(stated.select("row", *asked), pack, decisions)


def add_rule_columns(answers: Any, pack: Pack, decisions: Mapping[str, Decision]) -> Any:
    """The answers to criteria, with those of the rules, layer by layer: a lazy frame as ``answer_columns`` takes it."""
    for layer in pack.layers:
        answers = answers.with_columns(*(rule_column(pack.rules[rule], decisions[rule]) for rule in layer))
    return answers


def mark_waived(answers: pl.DataFrame, held: Iterable[tuple[str, int]]) -> pl.DataFrame:
    """Answers in which the outcomes of some rules at some positions are waived, if they can be."""
    positions: dict[str, list[int]] = {}
    for rule, position in held:
        positions.setdefault(rule, []).append(position)
    can_be = [int(outcome) for outcome in WAIVABLE]
    return answers.with_columns(
        pl.when(pl.int_range(pl.len()).is_in(places) & pl.col(rule).is_in(can_be))
        .then(pl.lit(int(Outcome.WAIVED), dtype=pl.Int8))
        .otherwise(pl.col(rule))
        .alias(rule)
        for rule, places in positions.items()
    )


def rule_column(rule: Rule, decision: Decision) -> pl.Expr:
    """The column of a rule: its conclusion, or its outcome, by the rows of its decision table."""
    finding, clear = finding_rows(decision), clear_rows(decision)
    kind: Any = pl.Boolean
    rest: int | None = None
    rows_by_answer: list[tuple[int, list[Row]]] = [(False, clear), (True, finding)]
    if rule.concludes is None:
        kind, rest = pl.Int8, int(Outcome.UNDETERMINED)
        by_outcome = {Outcome.CLEAR: clear, Outcome.NOT_APPLICABLE: idle_rows(decision), Outcome.FINDING: finding}
        rows_by_answer = [(int(outcome), rows) for outcome, rows in by_outcome.items()]
    inputs = [{True: pl.col(name), False: ~pl.col(name)} for name in rule.inputs]
    column = pl.lit(rest, dtype=kind)
    for answer, rows in rows_by_answer:
        if rows:
            met = reduce(or_, (_is_met(inputs, row) for row in rows))
            column = pl.when(met).then(pl.lit(answer, dtype=kind)).otherwise(column)
    return column.alias(rule.concludes or rule.id)


def _is_met(inputs: Sequence[Mapping[bool, pl.Expr]], row: Row) -> pl.Expr:
    """Whether the inputs of a rule, each as it is and negated, are as a row of its decision table has them."""
    answers = [either[answer] for either, answer in zip(inputs, row, strict=True) if answer is not None]
    return reduce(and_, answers or [pl.lit(True)])
