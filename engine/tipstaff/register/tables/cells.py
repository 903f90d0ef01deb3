"""Cells: one raw value of a source becomes the value of a fact, or unknown with the reason why it does not fit."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from tipstaff.errors import OutOfLimitsError
from tipstaff.facts.bounds import EARLIEST, LATEST, MOST_HUNDREDTHS, MOST_PENCE, NEVER, NO_END, Bounds, exactly
from tipstaff.facts.spellings import normal
from tipstaff.facts.units import show_date, show_number
from tipstaff.facts.vocabulary import Fact, Kind, Vocabulary
from tipstaff.register.files.sheet import Raw, plain
from tipstaff.register.tables.headings import close_spelling, spellings_of
from tipstaff.register.texts.answer_words import is_endless, is_none, is_unknown
from tipstaff.register.texts.dates import EXPECTED_DATE, from_serial, read_date
from tipstaff.register.texts.money import EXPECTED_AMOUNT, read_money

MOST_CHARACTERS = 32_767
"""The longest text of a cell: a spreadsheet's own limit, which CSV and JSON can exceed."""

GIVEN = "given"
"""The text kept in place of personal data, to show that there is some."""

_YES = frozenset({"yes", "y", "true", "t", "1"})
_NO = frozenset({"no", "n", "false", "f", "0", "none", "nil", "never"})
_LARGEST_SERIAL = 10_000_000
_YEARS = range(1901, 2200)
_PENNY_NOISE = Decimal("0.000001")
_ERROR = re.compile(r"#(?:REF|DIV/0|VALUE|N/A|NAME|NULL|NUM|SPILL|CALC|FIELD|BLOCKED|GETTING_DATA)[!?]?|Err:[0-9]{3}")
_UNCALCULATED = "#UNCALCULATED!"
_NUMBER = re.compile(r"(?P<number>-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,12})?)(?P<unit>[^0-9]{0,40})")
_UNIT_WORDS = frozenset({"a", "an", "per", "each", "every"})


class Misfit(NamedTuple):
    """A value that does not fit in a cell: as shown, and what was expected. A remark is not serious."""

    value: object
    expected: str
    serious: bool = True


class Reading(NamedTuple):
    """The values of a fact's physical columns, in their order, and what does not fit."""

    values: tuple[Any, ...]
    misfit: Misfit | None = None


def physical_columns(fact: Fact, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The physical columns that hold a fact, COUNCILS facts included."""
    if fact.kind is Kind.COUNCILS:
        return tuple(f"{fact.name}_{council.key}" for council in vocabulary.councils)
    return fact.columns


def plain_text(raw: Raw) -> str | None:
    """The text of a cell: whole numbers without a fraction, dates in words. None if it is not a plain value."""
    if raw is None:
        return ""
    if isinstance(raw, str):
        return plain(raw)
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, int | float):
        return _shown(raw)
    if isinstance(raw, date):
        return show_date(raw.date() if isinstance(raw, datetime) else raw)
    return None


def councils_named(text: str, vocabulary: Vocabulary) -> frozenset[str]:
    """The keys of the councils that a text names, by whole words; words such as "both" name all of them."""
    rest = f" {normal(text)} "
    spelt = [(normal(spelling), council.key) for council in vocabulary.councils for spelling in council.spellings]
    named: set[str] = set()
    for spelling, key in sorted(spelt, key=lambda pair: -len(pair[0])):
        if spelling and f" {spelling} " in rest:
            named.add(key)
            rest = rest.replace(f" {spelling} ", " / ")
    if any(f" {normal(word)} " in rest for word in vocabulary.both):
        return frozenset(council.key for council in vocabulary.councils)
    return frozenset(named)


class CellReader:
    """Reads the cells of one fact. Texts and numbers that return are read once."""

    def __init__(self, fact: Fact, vocabulary: Vocabulary) -> None:
        self.fact = fact
        self.columns = physical_columns(fact, vocabulary)
        self._vocabulary = vocabulary
        self._blank = Reading((None,) * len(self.columns))
        self._choices = spellings_of(fact.choices)
        self._known: dict[Any, Reading] = {}
        self._read: Callable[[Raw], Reading] = {
            Kind.TEXT: self._text,
            Kind.CHOICE: self._choice,
            Kind.YES_NO: self._yes_no,
            Kind.COUNCILS: self._councils,
            Kind.MONEY: self._money,
            Kind.NUMBER: self._number,
            Kind.DATE: self._date,
        }[fact.kind]

    def __call__(self, raw: Raw) -> Reading:
        """The value of a cell. What says nothing ("", "tbc", "?") and what does not fit is unknown."""
        key = raw if type(raw) is str else (type(raw), raw)
        try:
            known = self._known.get(key)
        except TypeError:  # lists and objects
            return self._private(self._misfit(raw, "a plain value, not a list or an object"))
        if known is None:
            known = self._known[key] = self._private(self._parsed(raw))
        return known

    def each(self, raws: Iterable[Raw]) -> tuple[list[Sequence[Any]], dict[int, Reading]]:
        """The values of cells by physical column, and by position the readings of those that do not fit."""
        readings: dict[int, Reading] = {}
        if self.fact.kind is Kind.TEXT and not self.fact.personal:
            texts = list(raws)
            for place, raw in enumerate(texts):
                if not _is_plain(raw):
                    reading = self(raw)
                    (texts[place],) = reading.values
                    if reading.misfit is not None:
                        readings[place] = reading
            return [texts], readings
        read = list(map(self, raws))
        readings = {place: reading for place, reading in enumerate(read) if reading.misfit is not None}
        return [[reading.values[part] for reading in read] for part in range(len(self.columns))], readings

    def _parsed(self, raw: Raw) -> Reading:
        if raw is None:
            return self._blank
        if isinstance(raw, str):
            if len(raw) > MOST_CHARACTERS:
                return self._misfit(raw, f"no more than {MOST_CHARACTERS:,} characters")
            raw = plain(raw)
            if _ERROR.fullmatch(raw):
                return self._misfit(raw, "a value: the cell holds an error value")
            if raw == _UNCALCULATED:
                return self._misfit(
                    "a formula", "its result, which is not stored: open the file, let it calculate, save it"
                )
            if is_unknown(raw):
                return self._blank
        try:
            return self._read(raw)
        except OutOfLimitsError as error:
            return self._misfit(raw, str(error))

    def _private(self, reading: Reading) -> Reading:
        if not self.fact.personal:
            return reading
        values = tuple(None if value is None else GIVEN for value in reading.values)
        misfit = reading.misfit and reading.misfit._replace(value=f"({self.fact.label} withheld)")
        return Reading(values, misfit)

    def _misfit(self, raw: Raw, expected: str) -> Reading:
        value = plain_text(raw)
        return Reading(self._blank.values, Misfit(raw if value is None else value, f"{self.fact.label}: {expected}"))

    def _bounds(self, bounds: Bounds[Any]) -> Reading:
        return Reading((bounds.lo, bounds.hi))

    def _text(self, raw: Raw) -> Reading:
        text = plain_text(raw)
        if self.fact.reads == "financial arrangements" and isinstance(raw, int | float) and not isinstance(raw, bool):
            text = f"£{text}"  # a number in a column of money is an amount
        return self._misfit(raw, "text") if text is None else Reading((text,))

    def _choice(self, raw: Raw) -> Reading:
        text = plain_text(raw)
        spelling = normal(text or "")
        if spelling in self._choices:
            return Reading((self._choices[spelling],))
        meant = close_spelling(spelling, self._choices) if spelling else None
        if meant is not None:
            return Reading((meant,), Misfit(text, f'{self.fact.label}: read as "{meant}"', serious=False))
        return self._misfit(raw, _listed([term.name for term in self.fact.choices]))

    def _yes_no(self, raw: Raw) -> Reading:
        spelling = normal(plain_text(raw) or "")
        if spelling in _YES:
            return Reading((True,))
        if spelling in _NO:
            return Reading((False,))
        return self._misfit(raw, "yes or no")

    def _councils(self, raw: Raw) -> Reading:
        text = plain_text(raw) or ""
        named = councils_named(text, self._vocabulary)
        if not named and not is_none(text):
            councils = [council.name for council in self._vocabulary.councils]
            return self._misfit(raw, f"the name of {_listed(councils)}, or a word for all of them")
        return Reading(tuple(council.key in named for council in self._vocabulary.councils))

    def _money(self, raw: Raw) -> Reading:
        expected = 'an amount in pounds, such as 12000 or "nil"'
        if isinstance(raw, str):
            bounds = read_money(raw)
            return self._misfit(raw, expected) if bounds is None else self._bounds(bounds)
        pence = _hundredths(raw)
        if pence is None:
            return self._misfit(raw, expected)
        nearest = pence.to_integral_value()
        if abs(pence - nearest) > _PENNY_NOISE:
            return self._misfit(raw, "an amount in pounds and whole pence")
        if not 0 <= nearest <= MOST_PENCE:
            return self._misfit(raw, EXPECTED_AMOUNT)
        return self._bounds(exactly(int(nearest)))

    def _number(self, raw: Raw) -> Reading:
        expected = f"a number{f' of {self.fact.unit}' if self.fact.unit else ''}, such as 2"
        hundredths = _hundredths(self._number_in(raw) if isinstance(raw, str) else raw)
        if hundredths is None:
            return self._misfit(raw, expected)
        if not 0 <= hundredths <= MOST_HUNDREDTHS:
            return self._misfit(raw, f"a number from 0 to {show_number(MOST_HUNDREDTHS)}")
        whole = hundredths.to_integral_value()
        if abs(hundredths - whole) <= _PENNY_NOISE:
            return self._bounds(exactly(int(whole)))
        lo, hi = (int(hundredths.to_integral_value(rounding)) for rounding in (ROUND_FLOOR, ROUND_CEILING))
        return self._bounds(Bounds(lo, hi))

    def _number_in(self, text: str) -> Decimal | None:
        """The number of a text that states no other unit than the fact's: ``2``, ``3.5 days/month``, ``none``."""
        if is_none(text):
            return Decimal(0)
        match = _NUMBER.fullmatch(text)
        if match is None:
            return None
        own = set(normal(self.fact.unit or "").split())
        own |= _UNIT_WORDS | {word.removesuffix("s") for word in own}
        if not own.issuperset(normal(match["unit"]).split()):
            return None
        return Decimal(match["number"].replace(",", ""))

    def _date(self, raw: Raw) -> Reading:
        if isinstance(raw, datetime):
            raw = raw.date()
        if isinstance(raw, date):
            return self._bounds(exactly(raw)) if EARLIEST <= raw <= LATEST else self._misfit(raw, EXPECTED_DATE)
        if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < _LARGEST_SERIAL:
            if raw in _YEARS:
                raw = str(int(raw))
            elif (day := from_serial(raw)) is not None:
                return self._bounds(exactly(day))
        bounds = self._date_in(raw) if isinstance(raw, str) else None
        return self._misfit(raw, "a date, such as 1 April 2014") if bounds is None else self._bounds(bounds)

    def _date_in(self, text: str) -> Bounds[date] | None:
        none_means = self.fact.none_means
        if none_means and (is_none(text) or normal(text) == normal(none_means)):
            return exactly(NO_END if none_means == "no end" else NEVER)
        if none_means == "no end" and is_endless(text):
            return exactly(NO_END)
        return read_date(text)


def _is_plain(raw: Raw) -> bool:
    """Whether a cell is a text that says what it says, as it is written."""
    return (
        isinstance(raw, str)
        and raw.isprintable()
        and raw[:1] not in " #E"
        and raw[-1] != " "
        and "  " not in raw
        and len(raw) <= MOST_CHARACTERS
        and not is_unknown(raw)
    )


def _hundredths(raw: Raw) -> Decimal | None:
    """A number in hundredths, unrounded; None if it is not a finite number."""
    if isinstance(raw, Decimal):
        return raw * 100
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    if isinstance(raw, float):
        return Decimal(repr(raw)) * 100 if math.isfinite(raw) else None
    return Decimal(raw) * 100


def _shown(number: int | float) -> str:
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e15:
        number = int(number)
    return repr(number)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
