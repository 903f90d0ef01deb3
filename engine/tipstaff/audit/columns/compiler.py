"""The column reading of an expression: Kleene's three values over bounds, as expressions of polars, or of narwhals.

``dialect.build_with`` puts another engine in the place of polars. A yes/no
question becomes a nullable boolean, null for unknown. An amount or a date becomes two expressions, its bounds. None
means a bound that nothing limits, as does a null in a column for one row.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from tipstaff.audit.columns.dialect import pl
from tipstaff.facts.bounds import NEVER
from tipstaff.facts.periods import Period, financial_year_of, latest_quarter_end
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import (
    Between,
    Compare,
    Constant,
    CountOf,
    CycleName,
    Either,
    Every,
    Exists,
    FactRef,
    IncludesVat,
    InForce,
    Latest,
    Law,
    Mentions,
    Moment,
    Node,
    Not,
    OverTerm,
    Product,
    QuarterEnd,
    Shift,
    Some,
    Sum,
    Texts,
    Within,
    kind_of,
)
from tipstaff.policy.language.parsing import MOST_TOTAL

End = pl.Expr | int | date | None
"""One end of a bound: a column, a constant, or None if nothing limits it."""

Test = pl.Expr | bool | None
"""A condition that is surely met: a column (null counts as no), a constant, or None for never."""


def floor_of(kind: Kind) -> int | date:
    """The least value of a bounded type: nil, or the date that means never."""
    return NEVER if kind is Kind.DATE else 0


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a bound."""

    lo: End
    hi: End


class Columns:
    """Compiles expressions for frames whose physical columns ``physical`` names.

    ``unasked`` names the facts of which a blank says nothing, not even that the register leaves them blank.
    """

    def __init__(
        self,
        moments: dict[str, date],
        physical: Callable[[str], str] = lambda name: name,
        unasked: frozenset[str] = frozenset(),
    ) -> None:
        self.moments = moments
        self.physical = physical
        self.unasked = unasked

    def truth(self, node: Node) -> pl.Expr:
        """A yes/no question as a nullable boolean column."""
        match node:
            case Constant(value=value):
                return pl.lit(value, dtype=pl.Boolean)
            case FactRef(name=name):
                return pl.col(self.physical(name))
            case Not(operand=operand):
                return ~self.truth(operand)
            case Every(operands=operands):
                return reduce(and_, (self.truth(operand) for operand in operands))
            case Some(operands=operands):
                return reduce(or_, (self.truth(operand) for operand in operands))
            case Exists(fact=fact):
                stated = self._stated(fact)
                return settled(stated, pl.lit(False)) if fact.name in self.unasked else stated
            case InForce(law=law):
                return pl.col(f"{law_column(law)} in force")
            case IncludesVat(law=law):
                return pl.col(f"{law_column(law)} with VAT")
            case Within(member=CycleName(), texts=texts):
                cycle = str(financial_year_of(self.moments["cycle_start"]))
                return pl.lit(cycle in texts.values)
            case Within(member=member, texts=texts):
                keys = [self._spelling(member, text) for text in texts.values]
                column = self._text(member)
                known = ~column.is_null()
                return pl.when(known).then(column.is_in(keys))
            case Mentions(text=text, texts=texts):
                return pl.when(self._holds(text, texts)).then(pl.lit(True))
            case Compare(operator=operator, left=left, right=right):
                if kind_of(left) is Kind.YES_NO:
                    same = self.truth(left) == self.truth(right)
                    return same if operator == "==" else ~same
                if kind_of(left).bounded:
                    return self._ordered(operator, self.ends(left), self.ends(right))
                return self._same_text(operator, left, right)
            case _:
                raise TypeError(f"{type(node).__name__} is no yes/no question")

    def ends(self, node: Node) -> Ends:
        """An amount, a number or a date as its bounds."""
        match node:
            case Constant(kind=kind, value=None):
                return Ends(floor_of(kind), None)
            case Constant(value=int() | date() as value):
                return Ends(value, value)
            case Moment(name=name):
                return Ends(self.moments[name], self.moments[name])
            case QuarterEnd(by=by):
                end = latest_quarter_end(self._day(by))
                return Ends(end, end)
            case Latest(of=of, by=by):
                latest = of.yearly.latest(self._day(by))
                return Ends(latest.lo, latest.hi)
            case FactRef(name=name):
                base = self.physical(name)
                return Ends(pl.col(f"{base}_lo"), pl.col(f"{base}_hi"))
            case Sum(left=left, right=right, minus=minus):
                a, b = self.ends(left), self.ends(right)
                if minus:
                    return Ends(_plus(a.lo, _negative(b.hi)), _plus(a.hi, _negative(b.lo)))
                return Ends(_plus(a.lo, b.lo), _plus(a.hi, b.hi))
            case Product(left=left, right=right):
                return _product(self.ends(left), self.ends(right))
            case Shift(moved=moved, period=period, law=law):
                a = self.ends(moved)
                ends = Ends(_shifted(a.lo, period), _shifted(a.hi, period))
                return ends if law is None else _where(pl.col(f"{law_column(law)} sure"), ends)
            case Law():
                return Ends(pl.col(f"{law_column(node)} lo"), pl.col(f"{law_column(node)} hi"))
            case Between(lowest=lowest, highest=highest):
                a, b = self.ends(lowest), self.ends(highest)
                return Ends(_least(a.lo, b.lo), _most(a.hi, b.hi))
            case Either(test=test, yes=yes, no=no):
                return _either_of(self.truth(test), self.ends(yes), self.ends(no))
            case OverTerm(yearly=yearly, start=start, end=end):
                return _over_term(self.ends(yearly), self.ends(start), self.ends(end))
            case CountOf(operands=operands):
                truths = [self.truth(operand) for operand in operands]
                sure = reduce(_plus, (_hundred_where(truth) for truth in truths))
                ruled_out = reduce(_plus, (_hundred_where(~truth) for truth in truths))
                return Ends(sure, _plus(100 * len(truths), _negative(ruled_out)))
            case _:
                raise TypeError(f"{type(node).__name__} has no bounds")

    def _day(self, node: Node) -> date:
        """A date built of moments."""
        match node:
            case Moment(name=name):
                return self.moments[name]
            case Shift(moved=moved, period=period):
                return period.after(self._day(moved))
            case _:
                raise TypeError(f"{type(node).__name__} is not built of moments")

    def _holds(self, text: FactRef, texts: Texts) -> pl.Expr:
        """Whether a text holds one of a list as whole words; a normal spelling is words with one space between."""
        phrases = "|".join(spelt for value in texts.values if (spelt := normal(value)))
        return self._text(text).str.contains(f"(?:^| )(?:{phrases})(?: |$)") if phrases else pl.lit(False)

    def _stated(self, fact: FactRef) -> pl.Expr:
        base = self.physical(fact.name)
        if not fact.kind.bounded:
            return ~pl.col(base).is_null()
        return ~pl.col(f"{base}_hi").is_null() | (pl.col(f"{base}_lo") > floor_of(fact.kind))

    def _ordered(self, operator: str, a: Ends, b: Ends) -> pl.Expr:
        match operator:
            case ">=":
                return _settled(_compare(">=", a.lo, b.hi), _compare("<", a.hi, b.lo))
            case ">":
                return _settled(_compare(">", a.lo, b.hi), _compare("<=", a.hi, b.lo))
            case "<=":
                return self._ordered(">=", b, a)
            case "<":
                return self._ordered(">", b, a)
            case "==":
                equal = _both(_compare(">=", a.lo, b.hi), _compare("<=", a.hi, b.lo))
                return _settled(equal, _either(_compare("<", a.hi, b.lo), _compare(">", a.lo, b.hi)))
            case _:
                return ~self._ordered("==", a, b)

    def _same_text(self, operator: str, left: Node, right: Node) -> pl.Expr:
        if isinstance(left, Constant):
            left, right = right, left
        column = self._text(left)
        other = self._text(right) if not isinstance(right, Constant) else self._spelling(left, str(right.value))
        same = column == other
        return same if operator == "==" else ~same

    def _text(self, node: Node) -> pl.Expr:
        if not isinstance(node, FactRef):
            raise TypeError(f"{type(node).__name__} is no text")
        base = self.physical(node.name)
        return pl.col(f"{base}_key" if node.kind is Kind.TEXT else base)

    def _spelling(self, fact: Node, text: str) -> str:
        return normal(text) if kind_of(fact) is Kind.TEXT else text


def law_column(law: Law) -> str:
    """The stem of the columns that hold a figure of the law for the day that decides in each row.

    ``lo`` and ``hi`` are its bounds, ``sure`` whether there surely is one; ``in force`` and ``with VAT`` say in three
    values whether it is in force and includes value added tax.
    """
    day = hashlib.sha256(repr(law.at).encode()).hexdigest()[:12]
    return f"law {law.series.id} {day}{' assumed' if law.assumed else ''}"


def column_of(end: End) -> pl.Expr:
    """One end of a bound as a column."""
    return end if isinstance(end, pl.Expr) else pl.lit(end)


def settled(true: pl.Expr, false: pl.Expr) -> pl.Expr:
    """True where the first condition is surely met, false where the second is, otherwise unknown."""
    unknown = pl.lit(None, dtype=pl.Boolean)
    return pl.when(true).then(pl.lit(True)).otherwise(pl.when(false).then(pl.lit(False)).otherwise(unknown))


def _settled(true: Test, false: Test) -> pl.Expr:
    def column(test: Test) -> pl.Expr:
        return test if isinstance(test, pl.Expr) else pl.lit(bool(test))

    return settled(column(true), column(false))


def _compare(operator: str, a: End, b: End) -> Test:
    if a is None or b is None:
        return None
    left: Any = a
    match operator:
        case ">=":
            return left >= b  # type: ignore[no-any-return]
        case ">":
            return left > b  # type: ignore[no-any-return]
        case "<=":
            return left <= b  # type: ignore[no-any-return]
        case _:
            return left < b  # type: ignore[no-any-return]


def _both(a: Test, b: Test) -> Test:
    return None if a is None or b is None else a & b


def _either(a: Test, b: Test) -> Test:
    if a is None or b is None:
        return b if a is None else a
    return a | b


def _plus(a: Any, b: Any) -> Any:
    return None if a is None or b is None else a + b


def _negative(a: Any) -> Any:
    return None if a is None else -a


def _least(a: End, b: End) -> End:
    return _outermost(a, b, min, pl.min_horizontal)


def _most(a: End, b: End) -> End:
    return _outermost(a, b, max, pl.max_horizontal)


def _outermost(a: Any, b: Any, of_constants: Callable[..., Any], of_columns: Callable[..., pl.Expr]) -> End:
    """The outer of two ends on one side; empty if nothing limits one of them."""
    if a is None or b is None:
        return None
    if isinstance(a, pl.Expr) or isinstance(b, pl.Expr):
        limited = ~column_of(a).is_null() & ~column_of(b).is_null()
        return pl.when(limited).then(of_columns(column_of(a), column_of(b)))
    return of_constants(a, b)  # type: ignore[no-any-return]


def _hundred_where(truth: pl.Expr) -> pl.Expr:
    return pl.when(truth).then(pl.lit(100)).otherwise(pl.lit(0))


def _product(a: Ends, b: Ends) -> Ends:
    """The product of two values that cannot be negative, one of them in hundredths: nil times anything is nil."""

    def times(x: Any, y: Any, up: int) -> Any:
        if 0 in [factor for factor in (x, y) if isinstance(factor, int)]:
            return 0
        if x is None and y is None:
            return None
        if x is None or y is None:
            known = y if x is None else x
            if not isinstance(known, pl.Expr):
                return None
            return pl.when(known == 0).then(pl.lit(0))
        return (x * y + up) // 100

    return Ends(times(a.lo, b.lo, 0), times(a.hi, b.hi, 99))


def _where(sure: pl.Expr, ends: Ends) -> Ends:
    """The bounds of a date if they surely are so; nothing is known of it elsewhere."""
    lo, hi = column_of(ends.lo), column_of(ends.hi)
    return Ends(pl.when(sure).then(lo).otherwise(pl.lit(NEVER)), pl.when(sure).then(hi))


def _either_of(truth: pl.Expr, a: Ends, b: Ends) -> Ends:
    """One where a question is surely answered yes, the other where surely no, else from the least to the greatest."""

    def chosen(of_a: End, of_b: End, of_both: End) -> pl.Expr:
        both = column_of(of_both)
        return pl.when(truth).then(column_of(of_a)).otherwise(pl.when(~truth).then(column_of(of_b)).otherwise(both))

    return Ends(chosen(a.lo, b.lo, _least(a.lo, b.lo)), chosen(a.hi, b.hi, _most(a.hi, b.hi)))


_MOST_MONTHS = 3_600
"""The longest term that a sum is counted over, in months; a longer one counts as without end."""


def _over_term(yearly: Ends, start: Ends, end: Ends) -> Ends:
    """A yearly amount by the month: least over the shortest term by whole months, most over the longest begun ones."""
    lo: End = 0
    if start.hi is not None:
        shortest = _least_of(_months(start.hi, end.lo, 0), _MOST_MONTHS)
        lo = _least_of(column_of(yearly.lo) * shortest // 12, MOST_TOTAL).fill_null(0)
    if yearly.hi is None:
        return Ends(lo, None)
    longest = pl.lit(None, dtype=pl.Int64) if end.hi is None else _months(start.lo, end.hi, 1)
    most = (column_of(yearly.hi) * pl.when(longest <= _MOST_MONTHS).then(longest) + 11) // 12
    nil = column_of(yearly.hi) == 0
    return Ends(lo, pl.when(nil).then(pl.lit(0)).otherwise(pl.when(most <= MOST_TOTAL).then(most)))


def _least_of(column: pl.Expr, most: int) -> pl.Expr:
    return pl.when(column > most).then(pl.lit(most)).otherwise(column)


def _months(start: End, end: End, begun: int) -> pl.Expr:
    """The months from one day to the end of another: whole ones, and one more where ``begun`` and days are over."""
    first, after = column_of(start).dt, column_of(end).dt.offset_by("1d").dt
    months = (after.year() - first.year()).cast(pl.Int64) * 12 + (after.month() - first.month()).cast(pl.Int64)
    whole = months - one_where(after.day() < first.day())
    count = whole + begun * one_where(after.day() != first.day())
    return pl.when(count < 0).then(pl.lit(0, dtype=pl.Int64)).otherwise(count)


def _shifted(end: End, period: Period) -> End:
    if end is None or isinstance(end, int):
        return end
    if isinstance(end, date):
        return period.after(end)
    if period.months:
        end = end.dt.offset_by(f"{period.months}mo")
    return end.dt.offset_by(f"{period.days}d") if period.days else end


def first_known(all_ends: Sequence[Ends], kind: Kind) -> Ends:
    """The first of several bounds of which anything is known."""
    found = all_ends[-1]
    for ends in reversed(all_ends[:-1]):
        lo, hi = column_of(ends.lo), column_of(ends.hi)
        known = ~hi.is_null() | (lo > floor_of(kind))
        found = Ends(
            pl.when(known).then(lo).otherwise(column_of(found.lo)),
            pl.when(known).then(hi).otherwise(column_of(found.hi)),
        )
    return found


def bounded(name: str, ends: Ends) -> list[pl.Expr]:
    """The two physical columns of a bounded fact."""

    return [column_of(ends.lo).alias(f"{name}_lo"), column_of(ends.hi).alias(f"{name}_hi")]


def one_where(truth: pl.Expr) -> pl.Expr:
    """One where a condition holds, otherwise nought."""
    return pl.when(truth).then(pl.lit(1)).otherwise(pl.lit(0))
