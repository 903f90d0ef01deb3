"""Bounds are sound: whatever the values inside them, the result lies in the bounds, and a settled answer holds."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from tipstaff.audit.columns.compiler import Columns
from tipstaff.audit.columns.law import with_law
from tipstaff.facts.bounds import LATEST, NEVER, NO_END, Bounds
from tipstaff.facts.periods import Period, Yearly
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import (
    Compare,
    Constant,
    CountOf,
    Either,
    Every,
    FactRef,
    IncludesVat,
    InForce,
    Law,
    Length,
    Moment,
    Node,
    Not,
    OverTerm,
    Product,
    Recurring,
    Shift,
    Some,
    Sum,
    Texts,
    kind_of,
)
from tipstaff.policy.language.parsing import ExpressionError, Scope, parse
from tipstaff.policy.law.loading import load_law
from tipstaff.policy.law.series import LawStatus, Segment
from tipstaff.policy.pack.loading import bundled

AS_OF = date(2016, 8, 4)
MOMENTS = {"as_of": AS_OF}
AMPLE = {Kind.MONEY: 10**12, Kind.NUMBER: 10**7, Kind.DATE: LATEST}
"""A large value of each type, for a bound that nothing limits."""

KINDS = {
    **{f"m{index}": Kind.MONEY for index in range(3)},
    **{f"n{index}": Kind.NUMBER for index in range(3)},
    **{f"d{index}": Kind.DATE for index in range(3)},
    **{f"q{index}": Kind.YES_NO for index in range(3)},
}
Bound = tuple[Any, Any]

LAW = load_law(bundled("uk_law")).series
AMOUNTS = ("services_threshold", "light_touch_threshold", "publication_floor", "general_aid_ceiling")
OF_LAW = {
    Kind.MONEY: (25_000_00, 164_175_99, 164_176_00, 172_514_00, 213_477_00, 214_904_00, 589_148_00, 663_540_00),
    Kind.DATE: (
        date(2013, 12, 31), date(2014, 1, 1), date(2015, 2, 25), date(2015, 12, 31), date(2016, 1, 1), date(2018, 1, 1),
        date(2020, 1, 1), date(2022, 1, 1), date(2023, 12, 31), date(2024, 1, 1), date(2025, 2, 24), date(2026, 1, 1),
    ),
}  # fmt: skip
"""What the law makes matter: amounts at and beside its figures, and days around its changes."""


# Random expressions, in their own right


class Drawn:
    """Draws expressions of a type."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def fact(self, kind: Kind) -> Node:
        return FactRef(f"{kind.value[0] if kind is not Kind.YES_NO else 'q'}{self.random.randrange(3)}", kind)

    def amount(self, kind: Kind, depth: int) -> Node:
        chance = self.random.random()
        if depth == 0 or chance < 0.35:
            return self.fact(kind) if self.random.random() < 0.75 else self.constant(kind)
        if chance < 0.45:
            return Either(self.question(depth - 1), self.amount(kind, depth - 1), self.amount(kind, depth - 1))
        if kind is Kind.MONEY and chance < 0.55:
            return OverTerm(self.fact(kind), self.amount(Kind.DATE, depth - 1), self.amount(Kind.DATE, depth - 1))
        if kind is Kind.DATE:
            period = Period(months=self.random.choice((-13, -12, -1, 1, 12)))
            if self.random.random() < 0.4:
                period = Period(days=self.random.choice((-90, -1, 1, 90)))
            if self.random.random() < 0.3:
                # what is known never to have happened is not moved further back
                return Shift(self.fact(kind), Period(months=3), self.law("best_value_notice"))
            return Shift(self.amount(kind, depth - 1), period)
        if kind is Kind.NUMBER and chance < 0.55:
            return CountOf(tuple(self.question(depth - 1) for _ in range(self.random.choice((1, 2, 3)))))
        if kind is Kind.MONEY and chance < 0.65:
            return self.law(self.random.choice(AMOUNTS))
        if chance < 0.7:
            # what is multiplied cannot be negative
            return Product(Constant(Kind.NUMBER, self.random.choice((0, 100, 300, 1200))), self.fact(kind))
        return Sum(self.amount(kind, depth - 1), self.amount(kind, depth - 1), minus=self.random.random() < 0.5)

    def law(self, series: str, assumed: bool = False) -> Law:
        moved = Shift(self.fact(Kind.DATE), Period(months=-12))
        return Law(LAW[series], self.random.choice((self.fact(Kind.DATE), moved)), assumed)

    def of_law(self, depth: int) -> Node:
        """A question of law: whether it is in force, alone or beside what is asked of it, or includes VAT."""
        law = self.law(self.random.choice(AMOUNTS[:3]), assumed=True)
        in_force = InForce(law)
        chance = self.random.random()
        if chance < 0.3:
            return in_force
        if chance < 0.5:
            return Every((in_force, IncludesVat(law)))
        sign = self.random.choice(("<", "<=", ">=", ">"))
        return Every((in_force, Compare(sign, self.amount(Kind.MONEY, depth - 1), law)))

    def constant(self, kind: Kind) -> Node:
        if kind is Kind.DATE:
            return self.random.choice((Moment("as_of"), Constant(kind, date(2015, 1, 31)), Constant(kind, NO_END)))
        return Constant(kind, self.random.choice((0, 1, 400, 1000)))

    def question(self, depth: int) -> Node:
        chance = self.random.random()
        if depth == 0 or chance < 0.15:
            return self.fact(Kind.YES_NO)
        if chance < 0.25:
            return self.of_law(depth)
        if chance < 0.6:
            kind = self.random.choice((Kind.MONEY, Kind.NUMBER, Kind.DATE))
            sign = self.random.choice(("<", "<=", "==", "!=", ">=", ">"))
            return Compare(sign, self.amount(kind, depth - 1), self.amount(kind, depth - 1))
        if chance < 0.7:
            return Not(self.question(depth - 1))
        operands = tuple(self.question(depth - 1) for _ in range(2))
        return Every(operands) if chance < 0.85 else Some(operands)

    def bound(self, kind: Kind) -> Bound:
        """Bounds, few of them wide, so that comparisons are often settled."""
        if kind is Kind.YES_NO:
            return (self.random.choice((False, True, None)), None)
        pool: tuple[Any, ...] = (0, 1, 399, 400, 401, 1000, 1200)
        if kind is Kind.DATE:
            ends = (date(2015, 1, 30), date(2015, 1, 31), date(2016, 2, 29), AS_OF, AS_OF + timedelta(days=90))
            pool = (NEVER, *ends, NO_END)
        if kind in OF_LAW and self.random.random() < 0.5:
            pool = OF_LAW[kind]
        lo, hi = sorted((self.random.choice(pool), self.random.choice(pool)))
        return self.random.choice(((lo, lo), (lo, hi), (lo, None)))

    def point(self, kind: Kind, bound: Bound) -> Any:
        lo, hi = bound
        if kind is Kind.YES_NO:
            return self.random.random() < 0.5 if lo is None else lo
        top = max(lo, AMPLE[kind]) if hi is None else hi
        middle = lo + (top - lo) // 2
        return self.random.choice((lo, middle, top))

    def world(self, row: dict[str, Bound]) -> dict[str, Any]:
        """A value of every fact within its bounds, and what is taken of law that is not held."""
        facts = {name: self.point(kind, row[name]) for name, kind in KINDS.items()}
        return facts | {"unheld": self.random.random() < 0.5}


ANY_SUM, ANY_DAY = 7_00, date(2001, 1, 1)
"""What is taken where the law gives no figure, and so could be anything."""


def said(law: Law, world: dict[str, Any]) -> Segment | None:
    """What the law says in one world; None where it is not held."""
    found = law.series.within(*[concrete(law.at, world)] * 2)
    return None if not found or found[-1].status is LawStatus.NOT_HELD else found[-1]


def in_force(law: Law, world: dict[str, Any]) -> bool:
    """Whether a law is in force in one world, in which law that is not held is or is not."""
    segment = said(law, world)
    return bool(world["unheld"] if segment is None else segment.status is LawStatus.IN_FORCE)


def concrete(node: Node, world: dict[str, Any]) -> Any:
    """The value of an expression in one world."""
    match node:
        case Constant(value=value):
            return value
        case Moment():
            return AS_OF
        case FactRef(name=name):
            return world[name]
        case Sum(left=left, right=right, minus=minus):
            a, b = concrete(left, world), concrete(right, world)
            return a - b if minus else a + b
        case Product(left=left, right=right):
            return concrete(left, world) * concrete(right, world) / 100
        case Shift(law=Law() as law) if (segment := said(law, world)) is None or segment.value is None:
            return ANY_DAY
        case Shift(moved=moved, period=period):
            return concrete(moved, world) + relativedelta(months=period.months) + timedelta(days=period.days)
        case Law():
            segment = said(node, world)
            return segment.value.lo if segment is not None and isinstance(segment.value, Bounds) else ANY_SUM
        case InForce(law=law):
            return in_force(law, world)
        case IncludesVat(law=law):
            segment = said(law, world)
            return world["unheld"] if segment is None else bool(segment.includes_vat)
        case Either(test=test, yes=yes, no=no):
            return concrete(yes if concrete(test, world) else no, world)
        case OverTerm(yearly=yearly, start=start, end=end):
            return term_value(concrete(yearly, world), concrete(start, world), concrete(end, world))
        case CountOf(operands=operands):
            return 100 * sum(concrete(operand, world) for operand in operands)
        case Not(operand=operand):
            return not concrete(operand, world)
        case Every(operands=operands):
            return all(concrete(operand, world) for operand in operands)
        case Some(operands=operands):
            return any(concrete(operand, world) for operand in operands)
        case Compare(operator=sign, left=left, right=right):
            a, b = concrete(left, world), concrete(right, world)
            return {"<": a < b, "<=": a <= b, "==": a == b, "!=": a != b, ">=": a >= b, ">": a > b}[sign]
        case _:
            raise AssertionError(node)


def term_value(yearly: int, start: date, end: date) -> Fraction:
    """A yearly amount from one day to another, both included, by the month and by the days of the last one."""
    after = end + timedelta(days=1)
    if after <= start:
        return Fraction(0)
    whole = relativedelta(after, start)
    months = 12 * whole.years + whole.months
    return Fraction(yearly * (31 * months + min(whole.days, 31)), 12 * 31)


def frame_of(rows: list[dict[str, Bound]]) -> Any:
    columns: dict[str, pl.Series] = {"row": pl.Series(range(len(rows)))}
    for name, kind in KINDS.items():
        values = [row[name] for row in rows]
        if kind is Kind.YES_NO:
            columns[name] = pl.Series([lo for lo, _ in values], dtype=pl.Boolean)
            continue
        dtype = pl.Date if kind is Kind.DATE else pl.Int64
        columns[f"{name}_lo"] = pl.Series([lo for lo, _ in values], dtype=dtype)
        columns[f"{name}_hi"] = pl.Series([hi for _, hi in values], dtype=dtype)
    return pl.DataFrame(columns)


def evaluated(frame: pl.DataFrame, made: dict[str, Any], nodes: Sequence[Node] = ()) -> pl.DataFrame:
    """What the columns of some expressions come to; ``nodes`` are those that read law."""
    frame = with_law(frame, nodes, Columns(MOMENTS))
    columns = [value if isinstance(value, pl.Expr) else pl.lit(value) for value in made.values()]
    return frame.select("row", *(column.alias(name) for name, column in zip(made, columns, strict=True)))


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_a_settled_answer_holds_in_every_world(seed: int) -> None:
    drawn = Drawn(seed)
    questions = [drawn.question(3) for _ in range(8)]
    rows = [{name: drawn.bound(kind) for name, kind in KINDS.items()} for _ in range(30)]
    columns = Columns(MOMENTS)
    truths = {f"q{index}": columns.truth(node) for index, node in enumerate(questions)}
    answers = evaluated(frame_of(rows), truths, questions)
    for index, question in enumerate(questions):
        for row, answer in zip(rows, answers[f"q{index}"], strict=True):
            if answer is None:
                continue
            for _ in range(12):
                world = drawn.world(row)
                assert concrete(question, world) is answer, (question, row, world)


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_every_result_lies_in_its_bounds(seed: int) -> None:
    drawn = Drawn(seed)
    amounts = [drawn.amount(kind, 3) for kind in (Kind.MONEY, Kind.NUMBER, Kind.DATE) for _ in range(3)]
    rows = [{name: drawn.bound(kind) for name, kind in KINDS.items()} for _ in range(30)]
    columns = Columns(MOMENTS)
    made: dict[str, Any] = {}
    for index, node in enumerate(amounts):
        ends = columns.ends(node)
        made |= {f"{index}_lo": ends.lo, f"{index}_hi": ends.hi}
    found = evaluated(frame_of(rows), made, amounts)
    for index, node in enumerate(amounts):
        for row, lo, hi in zip(rows, found[f"{index}_lo"], found[f"{index}_hi"], strict=True):
            for _ in range(12):
                world = drawn.world(row)
                value = concrete(node, world)
                assert lo is None or lo <= value, (node, row, world)
                assert hi is None or value <= hi, (node, row, world)


# Traps, one by one

SCOPE = Scope(
    facts={
        **KINDS, "text": Kind.TEXT, "choice": Kind.CHOICE,
    },
    parameters={
        "unset": Constant(Kind.MONEY, None, "unset"), "unset_number": Constant(Kind.NUMBER, None, "unset_number"),
        "unset_date": Constant(Kind.DATE, None, "unset_date"), "month": Length(Period(months=1)),
        "day": Length(Period(days=1)), "roles": Texts(("Leader", "Portfolio-holder", "!"), "roles"),
        "council": Recurring(Yearly(5, (date(2014, 5, 15),)), "council"),
        "names": Texts(("Citizens' Advice & Co", "B"), "names"),
    },
    choices={"choice": ("one", "two")},
)  # fmt: skip


def asked(question: str, as_of: date = AS_OF, **facts: Any) -> bool | None:
    """The answer to one question for one row of facts; a pair is a pair of bounds, anything else is known."""
    data: dict[str, pl.Series] = {"row": pl.Series([0])}
    for name, kind in SCOPE.facts.items():
        value = facts.get(name)
        if kind.bounded:
            lo, hi = value if isinstance(value, tuple) else (value, value)
            floor = NEVER if kind is Kind.DATE else 0
            dtype = pl.Date if kind is Kind.DATE else pl.Int64
            data[f"{name}_lo"] = pl.Series([floor if lo is None else lo], dtype=dtype)
            data[f"{name}_hi"] = pl.Series([hi], dtype=dtype)
        elif kind is Kind.YES_NO:
            data[name] = pl.Series([value], dtype=pl.Boolean)
        else:
            data[name] = pl.Series([value], dtype=pl.String)
            data[f"{name}_key"] = pl.Series([None if value is None else normal(value)], dtype=pl.String)
    frame = pl.DataFrame(data)
    answer: bool | None = evaluated(
        frame, {"answer": Columns({"as_of": as_of}).truth(parse(question, SCOPE, Kind.YES_NO))}
    )["answer"][0]
    return answer


def test_more_than_a_threshold_although_a_part_is_unknown() -> None:
    assert asked("m0 + m1 >= 10 * m2", m0=12_000_00, m2=1_000_00) is True
    assert asked("m0 + m1 < 10 * m2", m0=9_000_00, m2=1_000_00) is None


def test_nothing_is_below_a_threshold_while_a_part_is_unlimited() -> None:
    assert asked("m0 - m1 > nil", m0=500, m1=(0, None)) is None
    assert asked("m0 - m1 <= m0", m0=500, m1=(0, None)) is True


def test_nil_times_anything_is_nil_even_without_limit() -> None:
    assert asked("n0 * policy.unset == nil", n0=0) is True
    assert asked("n0 * policy.unset == nil", n0=100) is None
    assert asked("policy.unset * n0 >= nil", n0=(0, None)) is True


def test_equality_is_true_of_equal_points_only() -> None:
    assert asked("m0 == m1", m0=5, m1=5) is True
    assert asked("m0 == m1", m0=(4, 6), m1=(4, 6)) is None
    assert asked("m0 != m1", m0=5, m1=5) is False


def test_equality_is_false_of_disjoint_bounds() -> None:
    assert asked("m0 == m1", m0=(4, 6), m1=(7, None)) is False
    assert asked("m0 == m1", m0=(7, None), m1=(4, 6)) is False
    assert asked("m0 == m1", m0=(4, 6), m1=(6, None)) is None
    assert asked("m0 != m1", m0=(4, 6), m1=(7, None)) is True


def test_touching_bounds() -> None:
    assert asked("m0 >= m1", m0=(5, None), m1=(0, 5)) is True
    assert asked("m0 > m1", m0=(5, None), m1=(0, 5)) is None
    assert asked("m0 > m1", m0=(0, 5), m1=(5, None)) is False
    assert asked("m0 >= m1", m0=(0, 5), m1=(5, None)) is None


def test_a_parameter_without_a_value_is_unknown() -> None:
    assert asked("m0 >= policy.unset", m0=10**12) is None
    assert asked("m0 >= policy.unset and m0 < nil", m0=1) is False
    assert asked("policy.unset >= nil") is True
    assert asked("n0 > policy.unset_number", n0=1) is None
    assert asked("as_of > policy.unset_date") is None


def test_no_end_is_after_every_day() -> None:
    assert asked("d0 >= as_of", d0=NO_END) is True
    assert asked("d0 <= as_of + policy.month", d0=NO_END) is False
    assert asked("d0 - policy.month > as_of", d0=NO_END) is True


def test_known_never_to_have_happened_is_before_every_day() -> None:
    assert asked("d0 >= as_of - policy.month", d0=NEVER) is False
    assert asked("d0 >= as_of - policy.month", d0=None) is None


@pytest.mark.parametrize(
    ("day", "then"),
    [
        (date(2015, 1, 31), date(2015, 2, 28)), (date(2016, 1, 31), date(2016, 2, 29)),
        (date(2015, 3, 31), date(2015, 4, 30)), (date(2015, 12, 31), date(2016, 1, 31)),
        (date(2016, 2, 29), date(2016, 3, 29)),
    ],
)  # fmt: skip
def test_month_ends_clamp(day: date, then: date) -> None:
    assert asked("d0 + policy.month == d1", d0=day, d1=then) is True


def test_a_month_back_from_the_end_of_march_is_the_end_of_february() -> None:
    assert asked("d0 - policy.month == d1", d0=date(2015, 3, 31), d1=date(2015, 2, 28)) is True


def test_a_month_is_added_to_both_bounds() -> None:
    assert asked("d0 + policy.month <= d1", d0=(date(2015, 1, 29), date(2015, 1, 31)), d1=date(2015, 2, 28)) is True


def test_a_constant_day_clamps_as_a_column_does() -> None:
    node = Compare("==", Shift(Constant(Kind.DATE, date(2015, 1, 31)), Period(months=1)), FactRef("d0", Kind.DATE))
    row = {name: (date(2015, 2, 28),) * 2 if kind is Kind.DATE else (0, 0) for name, kind in KINDS.items()}
    row |= {name: (None, None) for name, kind in KINDS.items() if kind is Kind.YES_NO}
    assert evaluated(frame_of([row]), {"answer": Columns(MOMENTS).truth(node)})["answer"][0] is True


def test_a_blank_is_in_no_list_and_out_of_none() -> None:
    assert asked("choice in ['one']") is None
    assert asked("choice not in ['one']") is None
    assert asked("choice in ['one']", choice="two") is False
    assert asked("text in policy.names") is None


def test_texts_are_compared_by_their_normal_spelling() -> None:
    """The key of a text is its normal spelling already; what it is compared with is spelt likewise."""
    assert asked("text in policy.names", text="citizens advice and co") is True
    assert asked("text == 'CITIZENS’ advice and Co!'".replace("’", " "), text="citizens advice and co") is True
    assert asked("'B' != text", text="b") is False


def test_counts_hold_the_unknown_open() -> None:
    assert asked("count_of(q0, q1, q2) >= 2", q0=True, q1=True) is True
    assert asked("count_of(q0, q1, q2) >= 2", q0=True) is None
    assert asked("count_of(q0, q1, q2) >= 2", q0=True, q1=False, q2=False) is False
    assert asked("count_of(q0, q1, q2) <= 2", q0=False) is True


def test_yes_no_is_compared_in_three_values() -> None:
    assert asked("q0 == q1", q0=True) is None
    assert asked("q0 == no", q0=False) is True
    assert asked("q0 != yes", q0=None) is None


def test_kleene() -> None:
    truths: tuple[bool | None, ...] = (True, False, None)
    for a in truths:
        for b in truths:
            assert asked("q0 and q1", q0=a, q1=b) is (False if False in (a, b) else None if None in (a, b) else True)
            assert asked("q0 or q1", q0=a, q1=b) is (True if True in (a, b) else None if None in (a, b) else False)
    assert asked("q0 or not q0") is None, "sound, not complete"


def test_chained_comparisons_are_one_question() -> None:
    assert asked("1 < n0 <= 4", n0=400) is True
    assert asked("1 < n0 <= 4", n0=(0, None)) is None
    assert asked("1 < n0 <= 4", n0=(500, None)) is False


def test_a_product_that_could_wrap_is_refused() -> None:
    with pytest.raises(ExpressionError, match="beyond what can be held"):
        asked("1000000 * m0 >= m0", m0=1_000_000_000_00)


def test_a_constant_nil_times_a_fact_without_limit() -> None:
    assert asked("0 * m0 == nil", m0=(0, None)) is True


def test_a_product_of_a_difference_is_refused() -> None:
    with pytest.raises(ExpressionError, match="cannot be negative"):
        asked("policy.unset_number * (m0 - m1) >= nil", m0=0, m1=5)


def test_the_type_of_every_drawn_expression_is_known() -> None:
    drawn = Drawn(0)
    for kind in (Kind.MONEY, Kind.NUMBER, Kind.DATE):
        assert {kind_of(drawn.amount(kind, 3)) for _ in range(50)} == {kind}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Leader", True), ("The LEADER of the Council", True), ("Portfolio  Holder, Homes", True),
        ("Deputy, Portfolio holder", True), ("Leadership team", None), ("Holder of the portfolio", None),
        ("Cheerleader", None), ("!", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_a_text_that_mentions_none_of_a_list_says_nothing(text: str | None, expected: bool | None) -> None:
    assert asked("mentions(text, policy.roles)", text=text) is expected
    assert asked("not mentions(text, policy.roles)", text=text) is (None if expected is None else False)
    assert asked("mentions(text, ['!'])", text=text) is None


@pytest.mark.parametrize(
    ("as_of", "end"),
    [
        (date(2016, 6, 29), date(2016, 3, 31)), (date(2016, 6, 30), date(2016, 6, 30)),
        (date(2016, 7, 1), date(2016, 6, 30)), (date(2016, 9, 30), date(2016, 9, 30)),
        (date(2016, 12, 30), date(2016, 9, 30)), (date(2016, 12, 31), date(2016, 12, 31)),
        (date(2016, 1, 1), date(2015, 12, 31)), (date(2016, 3, 31), date(2016, 3, 31)),
        (date(2016, 3, 30), date(2015, 12, 31)),
    ],
)  # fmt: skip
def test_the_latest_quarter_of_the_financial_year(as_of: date, end: date) -> None:
    assert asked("d0 == latest_quarter_end(as_of)", as_of, d0=end) is True
    assert asked("d0 == latest_quarter_end(as_of - policy.day)", as_of + timedelta(days=1), d0=end) is True


@pytest.mark.parametrize(
    ("as_of", "lo", "hi"),
    [
        (date(2016, 8, 4), date(2016, 5, 1), date(2016, 5, 31)),
        (date(2016, 5, 31), date(2016, 5, 1), date(2016, 5, 31)),
        (date(2016, 5, 30), date(2015, 5, 1), date(2016, 5, 30)),
        (date(2016, 5, 1), date(2015, 5, 1), date(2016, 5, 1)),
        (date(2016, 4, 30), date(2015, 5, 1), date(2015, 5, 31)),
        (date(2015, 5, 10), date(2014, 5, 15), date(2015, 5, 10)),
        (date(2014, 5, 15), date(2014, 5, 15), date(2014, 5, 15)),
        (date(2014, 5, 14), date(2013, 5, 1), date(2013, 5, 31)),
    ],
)  # fmt: skip
def test_the_latest_of_a_yearly_day_that_may_be_known(as_of: date, lo: date, hi: date) -> None:
    day = timedelta(days=1)
    assert asked("d0 >= latest(policy.council, as_of)", as_of, d0=hi) is True
    assert asked("d0 >= latest(policy.council, as_of)", as_of, d0=lo - day) is False
    assert asked("d0 >= latest(policy.council, as_of)", as_of, d0=lo) is (True if lo == hi else None)
    assert asked("d0 > latest(policy.council, as_of)", as_of, d0=hi) is (False if lo == hi else None)
