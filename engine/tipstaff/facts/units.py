"""Units: money in integer pence and plain numbers in integer hundredths, and how both are read and shown."""

from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from tipstaff.facts.bounds import NEVER, NO_END


def to_hundredths(text: str) -> int | None:
    """Hundredths (pence of pounds, hundredths of days) of a plain decimal such as ``12000`` or ``3.6``.

    None if the text is not a finite decimal, has more than two decimal places, or has over 25 digits.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or len(value.as_tuple().digits) > 25 or abs(value.adjusted()) > 25:
        return None
    scaled = value * 100
    return int(scaled) if scaled == scaled.to_integral_value() else None


def show_money(pence: int) -> str:
    """``1200050`` as ``£12,000.50``, whole pounds without pence, nothing as ``nil``."""
    if not pence:
        return "nil"
    sign = "-" if pence < 0 else ""
    pounds, rest = divmod(abs(pence), 100)
    return f"{sign}£{pounds:,}" + (f".{rest:02d}" if rest else "")


def show_number(hundredths: int, unit: str | None = None) -> str:
    """``450`` as ``4.5``, with its unit behind where one is given (``4.5 days a month``, ``1 day a month``)."""
    sign = "-" if hundredths < 0 else ""
    whole, rest = divmod(abs(hundredths), 100)
    shown = f"{sign}{whole:,}" + (f".{rest:02d}".rstrip("0") if rest else "")
    if unit and shown == "1":
        first, _, rest_of_unit = unit.partition(" ")
        unit = f"{first.removesuffix('s')} {rest_of_unit}".strip()
    return f"{shown} {unit}" if unit else shown


@lru_cache(maxsize=10_000)
def show_date(value: date) -> str:
    """``2017-03-31`` as ``31 March 2017``; the sentinels as ``no end`` and ``never``."""
    if value == NO_END:
        return "no end"
    if value == NEVER:
        return "never"
    return f"{value.day} {value:%B} {value.year}"
