"""Bounds: what is known of an amount, a number or a date when it may be known only in part."""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

Point = TypeVar("Point", int, date)

NO_END = date(2999, 12, 31)
"""The end of an arrangement that is known to have none ("rolling")."""

NEVER = date(1900, 1, 1)
"""The floor of the date domain, and the date of something known never to have happened."""

EARLIEST = date(1900, 1, 2)
LATEST = date(2199, 12, 31)
"""Dates read from a source lie from EARLIEST to LATEST; others are located problems."""

MOST_PENCE = 10_000_000_000_000
"""The greatest amount read from a source, in pence (£100 billion): sums of it cannot wrap a 64-bit column."""

MOST_HUNDREDTHS = 100_000_000
"""The greatest plain number read from a source, in hundredths (one million)."""


@dataclass(frozen=True, slots=True)
class Bounds(Generic[Point]):
    """A closed interval that is certain to hold the value.

    ``lo`` is the lower bound (money in pence, numbers in hundredths, dates as dates); ``hi`` is the upper
    bound, or None if nothing limits the value from above.
    """

    lo: Point
    hi: Point | None

    def __post_init__(self) -> None:
        if self.hi is not None and self.hi < self.lo:
            raise ValueError(f"a bound that ends before it starts: {self.lo} to {self.hi}")

    @property
    def is_point(self) -> bool:
        """Whether the value is known exactly."""
        return self.lo == self.hi


def exactly(value: Point) -> Bounds[Point]:
    """The bounds of a value that is known."""
    return Bounds(value, value)
