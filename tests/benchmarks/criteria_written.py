"""The criteria of a pack as a peer can be given them: three values over bounds, in the peer's own language.

A language says how it writes columns, comparisons and truths of three values; this walks the syntax tree. It shares no
code with the program's own reading of expressions (``tipstaff.audit.columns.compiler``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from tipstaff.facts.bounds import NEVER
from tipstaff.facts.periods import financial_year_of
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.nodes import (
    Compare,
    Constant,
    CountOf,
    CycleName,
    Every,
    Exists,
    FactRef,
    InForce,
    Law,
    Moment,
    Node,
    Not,
    Product,
    Shift,
    Some,
    Within,
    kind_of,
)


class Language(Protocol):
    """How a peer writes things. A truth is a question of three values; a condition is surely met, or is not."""

    def fact(self, column: str) -> Any:
        """The truth of a yes/no column."""

    def constant(self, value: bool | None) -> Any:
        """A truth known beforehand; None is unknown."""

    def negated(self, truth: Any) -> Any:
        """The truth of the contrary."""

    def joined(self, every: bool, truths: list[Any]) -> Any:
        """The truth that every one of several holds, else that some does."""

    def split(self, true: Any, false: Any) -> Any:
        """The truth that is true where one condition is met, false where the other is, and unknown elsewhere."""

    def same(self, column: str, other: str, literal: bool) -> Any:
        """The truth that a column of texts is equal to a text, or to another column."""

    def within(self, column: str, texts: list[str]) -> Any:
        """The truth that a column of texts is one of a list."""

    def given(self, column: str) -> Any:
        """The condition that a column is not missing."""

    def column(self, name: str) -> Any:
        """One end of a bound; of an upper one, missing stands for no limit."""

    def literal(self, value: int | date) -> Any:
        """A value known beforehand."""

    def compared(self, operator: str, left: Any, right: Any) -> Any:
        """The condition that two ends are so; not met where one is missing."""

    def together(self, every: bool, conditions: list[Any]) -> Any:
        """The condition that every one of several is met, else that some is."""

    def times(self, left: Any, right: Any, up: int) -> Any:
        """The product of two ends in hundredths, ``up`` added to the hundredths of it before they are dropped."""

    def hundreds(self, truths: list[Any], unknown: bool) -> Any:
        """A hundred for each truth that holds, or where ``unknown`` that may hold."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of expressions in the language of a peer."""

    language: Language
    moments: Mapping[str, date]
    unasked: frozenset[str]
    laws: Mapping[Law, str]

    def truth(self, node: Node) -> Any:
        """A yes/no question. Raises TypeError of an expression that no criterion has used so far."""
        write = self.language
        match node:
            case Constant(value=value):
                return write.constant(None if value is None else bool(value))
            case FactRef(name=name):
                return write.fact(name)
            case InForce(law=law):
                return write.fact(f"{self.laws[law]} in force")
            case Not(operand=operand):
                return write.negated(self.truth(operand))
            case Every(operands=parts) | Some(operands=parts):
                return write.joined(isinstance(node, Every), [self.truth(part) for part in parts])
            case Exists(fact=fact):
                return self._exists(fact)
            case Within(member=CycleName(), texts=texts):
                return write.constant(str(financial_year_of(self.moments["cycle_start"])) in texts.values)
            case Within(member=FactRef() as fact, texts=texts):
                return write.within(_text(fact), [_spelt(fact, text) for text in texts.values])
            case Compare(operator="!=", left=left, right=right):
                return write.negated(self.truth(Compare("==", left, right)))
            case Compare(operator="==", left=FactRef(kind=Kind.TEXT | Kind.CHOICE) as fact, right=right):
                literal = isinstance(right, Constant)
                return write.same(_text(fact), _spelt(fact, right.value) if literal else _text(right), literal)
            case Compare(operator=operator, left=left, right=right) if kind_of(left).bounded:
                return self._ordered(operator, self.ends(left), self.ends(right))
            case _:
                raise TypeError(f"{node} as a question")

    def ends(self, node: Node) -> tuple[Any, Any]:
        """The least and the most that an amount, a number or a date may be; None where nothing limits it."""
        write = self.language
        match node:
            case Constant(kind=kind, value=None):
                return write.literal(NEVER if kind is Kind.DATE else 0), None
            case Constant(value=value):
                return write.literal(value), write.literal(value)
            case Moment() | Shift():
                return write.literal(self._day(node)), write.literal(self._day(node))
            case FactRef(name=name):
                return write.column(f"{name}_lo"), write.column(f"{name}_hi")
            case Law():
                return write.column(f"{self.laws[node]} lo"), write.column(f"{self.laws[node]} hi")
            case Product(left=Constant(value=0), right=_) | Product(left=_, right=Constant(value=0)):
                return write.literal(0), write.literal(0)
            case Product(left=left, right=right):
                (least, most), (low, high) = self.ends(left), self.ends(right)
                return write.times(least, low, 0), None if most is None or high is None else write.times(most, high, 99)
            case CountOf(operands=parts):
                truths = [self.truth(part) for part in parts]
                return write.hundreds(truths, False), write.hundreds(truths, True)
            case _:
                raise TypeError(f"{node} as an amount or a date")

    def _day(self, node: Node) -> date:
        match node:
            case Moment(name=name):
                return self.moments[name]
            case Shift(moved=moved, period=period, law=None):
                return period.after(self._day(moved))
            case _:
                raise TypeError(f"{node} as a date known beforehand")

    def _exists(self, fact: FactRef) -> Any:
        write = self.language
        if fact.kind.bounded:
            floor = write.literal(NEVER if fact.kind is Kind.DATE else 0)
            above = write.compared(">", write.column(f"{fact.name}_lo"), floor)
            stated = write.together(False, [write.given(f"{fact.name}_hi"), above])
        else:
            stated = write.given(fact.name)
        return write.split(stated, None if fact.name in self.unasked else True)

    def _ordered(self, operator: str, left: tuple[Any, Any], right: tuple[Any, Any]) -> Any:
        (low, high), (least, most) = left, right
        compared = self._compared
        match operator:
            case ">=":
                return self.language.split(compared(">=", low, most), compared("<", high, least))
            case ">":
                return self.language.split(compared(">", low, most), compared("<=", high, least))
            case "<=":
                return self._ordered(">=", right, left)
            case "<":
                return self._ordered(">", right, left)
            case _:
                both = [compared(">=", low, most), compared("<=", high, least)]
                apart = [test for test in (compared("<", high, least), compared(">", low, most)) if test is not None]
                alike = None if any(test is None for test in both) else self.language.together(True, both)
                return self.language.split(alike, self.language.together(False, apart) if apart else None)

    def _compared(self, operator: str, left: Any, right: Any) -> Any:
        return None if left is None or right is None else self.language.compared(operator, left, right)


def _text(fact: Any) -> str:
    """The column of a text as it is compared: of a choice its name, of another its plain spelling."""
    return fact.name if fact.kind is Kind.CHOICE else f"{fact.name}_key"


def _spelt(fact: FactRef, text: Any) -> str:
    return text if fact.kind is Kind.CHOICE else normal(text)
