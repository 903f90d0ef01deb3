"""Bounds in words: what is known of an amount or a date, as an officer reads it."""

from datetime import date

from tipstaff.audit.columns.compiler import floor_of
from tipstaff.facts.vocabulary import Kind
from tipstaff.policy.language.english import show_value

UNKNOWN = "not known"

Value = int | date | str | bool | None


def show_bounds(kind: Kind, lo: Value, hi: Value, unit: str | None = None) -> str:
    """Bounds as an officer reads them: ``£12,000``, ``£12,000 or more``, ``up to £5,000``, ``not known``."""
    floor = floor_of(kind)
    if lo is not None and lo == hi:
        return show_value(kind, lo, unit)
    if hi is None:
        if lo is None or lo == floor:
            return UNKNOWN
        return f"{show_value(kind, lo, unit)} or {'later' if kind is Kind.DATE else 'more'}"
    most = show_value(kind, hi, unit)
    if lo is None or lo == floor:
        return f"{most} or earlier" if kind is Kind.DATE else f"up to {most}"
    return f"{show_value(kind, lo)} to {most}"
