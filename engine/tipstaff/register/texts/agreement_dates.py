"""Read a text of agreement dates: ``1 April 2014 – 31 March 2017``, ``2014-17``, ``rolling``, ``none``.

The text is cut into dates, terms and a few known words, which are then taken from left to right. A word that is not
known, a contradiction, or a date that may be a start as well as an end leaves the text unread: nothing is guessed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from typing import NamedTuple, TypeAlias

from tipstaff.errors import OutOfLimitsError
from tipstaff.facts.bounds import EARLIEST, LATEST, NO_END, Bounds, exactly
from tipstaff.facts.periods import FinancialYear, Period
from tipstaff.facts.spellings import normal
from tipstaff.register.texts.answer_words import ENDLESS, NONE, fold, is_unknown
from tipstaff.register.texts.dates import MONTHS, read_date
from tipstaff.register.texts.phrases import COUNTS, MOST_CHARACTERS, Phrases, read_term


class AgreementDates(NamedTuple):
    """The statements of a text about an agreement; None for what it does not state."""

    recorded: bool | None = None
    """Whether there is an agreement: dates, a term, a form or "rolling" say yes, "none" says no."""
    start: Bounds[date] | None = None
    end: Bounds[date] | None = None
    """The last day; NO_END of an agreement known to have none."""
    end_stated: bool | None = None
    """Whether a date ends it: False of "rolling", "ongoing" and "annual", with dates beside them or not."""
    form: str | None = None
    """The canonical name of the form of agreement."""
    unread: str = ""
    """The text, if it was not understood in full."""


class _Mark(Enum):
    FROM = auto()
    TO = auto()
    DASH = auto()
    ENDLESS = auto()
    ANNUAL = auto()
    FILLER = auto()


@dataclass(frozen=True, slots=True)
class _Years:
    """A span of whole financial years: ``2014-17``, ``2014/15``."""

    first: FinancialYear
    last: FinancialYear

    @property
    def bounds(self) -> Bounds[date]:
        return Bounds(self.first.first_day, self.last.last_day)


@dataclass(frozen=True, slots=True)
class _Form:
    name: str


_Symbol: TypeAlias = _Mark | _Years | _Form | Period | Bounds[date]

_FROM = (
    "from", "since", "start", "starts", "started", "starting", "start date", "commenced", "commences", "commencing",
    "began", "begins", "effective from", "with effect from",
)  # fmt: skip
_TO = (
    "to", "until", "till", "up to", "end", "ends", "ended", "ending", "end date", "expires", "expired", "expiring",
    "expiry", "expiry date",
)  # fmt: skip
_FILLERS = (
    "agreement", "date", "dates", "term", "period", "the", "a", "an", "for", "of", "on", "in", "is", "runs",
    ",", ";", ":", ".", "(", ")",
)  # fmt: skip
_WORDS: Mapping[str, _Symbol] = (
    dict.fromkeys(_FROM, _Mark.FROM)
    | dict.fromkeys(_TO, _Mark.TO)
    | dict.fromkeys(ENDLESS, _Mark.ENDLESS)
    | dict.fromkeys(("annual", "annually", "yearly"), _Mark.ANNUAL)
    | dict.fromkeys(_FILLERS, _Mark.FILLER)
    | {"-": _Mark.DASH}
)
_NO_AGREEMENT = NONE | {"no agreement", "no agreements"}
_YEARS = re.compile(r"(?P<century>19|20)(?P<first>[0-9]{2}) ?(?:-|/|to) ?(?P<last_century>19|20)?(?P<last>[0-9]{2})")
_YEAR_BEFORE_WORD = re.compile(r"[0-9]{4}.*[^\W\d_]{3}")
"""No date, years or term states a year and then a word; most of the phrases looked at do."""
_PLAIN_DATE = re.compile(
    rf"\b([0-9]{{1,2}} (?:{'|'.join(MONTHS)}) (?:19|20)[0-9]{{2}}|[0-9]{{1,2}}/[0-9]{{1,2}}/(?:19|20)[0-9]{{2}})\b"
)
_DIGIT = re.compile(r"[0-9]")
_NO_DATE = re.compile(r"(?!)()")
_MAY_JOIN_A_DATE = re.compile(rf"[0-9]|{'|'.join(MONTHS)}")
"""Words beside a date that may form a phrase with some days and years and not with others: ``April 14 May 2015``."""
_LEADS = frozenset({"fy", *MONTHS, *COUNTS})
_MOST_PIECES = 8


class AgreementDatesReader:
    """Reads texts of agreement dates. Those that differ in plain dates alone are cut once.

    ``forms`` gives the canonical names of the forms of agreement by their ``normal`` spellings.
    """

    def __init__(self, forms: Mapping[str, str]) -> None:
        self._forms = forms
        known: dict[str, _Symbol] = dict(_WORDS)
        known.update((spelling, _Form(name)) for spelling, name in forms.items() if normal(name) not in NONE)
        self._phrases = Phrases(known, _read_figures, _LEADS, _MOST_PIECES)
        self._dates = _NO_DATE if any(map(_DIGIT.search, known)) else _PLAIN_DATE
        self._read_dates: dict[str, _Symbol | None] = {}
        self._cuts: dict[tuple[str, ...], list[_Symbol | int | None] | None] = {}

    def read(self, text: str) -> AgreementDates:
        """Read a text.

        ``Apr 2016`` as a start is some day of that month; ``(3 yrs)`` after it ends the day before the third
        anniversary; ``2014-17`` is from 1 April 2014 to 31 March 2017. A blank and "tbc" say nothing. Any text is
        accepted.
        """
        if is_unknown(text):
            return AgreementDates()
        if len(text) > MOST_CHARACTERS:
            return AgreementDates(unread=text.strip())
        whole = normal(text)
        if whole in _NO_AGREEMENT or self._forms.get(whole) in NONE:
            return AgreementDates(recorded=False, form=self._forms.get(whole))
        taken = _Taken()
        for symbol in self._symbols(fold(text)):
            if symbol is None or not taken.take(symbol):
                return AgreementDates(unread=text.strip())
        return taken.result(text.strip()) or AgreementDates(unread=text.strip())

    def _symbols(self, line: str) -> Iterable[_Symbol | None]:
        """Cut a line into pieces; None for a word that is not known."""
        parts = self._dates.split(line)
        dates = [self._read_dates.get(written) or self._date(written) for written in parts[1::2]]
        if dates and None not in dates:
            around = tuple(parts[::2])
            if around not in self._cuts:
                self._cuts[around] = self._cut_around_dates(line, around)
            cut = self._cuts[around]
            if cut is not None:
                return [dates[symbol] if isinstance(symbol, int) else symbol for symbol in cut]
        return (symbol for _, _, symbol in self._phrases.cut(line))

    def _date(self, written: str) -> _Symbol | None:
        read = self._read_dates[written] = _read_figures(written)
        return read

    def _cut_around_dates(self, line: str, around: Iterable[str]) -> list[_Symbol | int | None] | None:
        """Cut lines that differ only in their dates, which are numbered.

        None if other dates there might be cut otherwise.
        """
        if any(map(_MAY_JOIN_A_DATE.search, around)):
            return None
        numbers = {match.span(): number for number, match in enumerate(self._dates.finditer(line))}
        cut = [numbers.pop((start, end), symbol) for start, end, symbol in self._phrases.cut(line)]
        return None if numbers else cut


def _read_figures(phrase: str) -> _Symbol | None:
    """The years, date or term that a phrase states."""
    if _YEAR_BEFORE_WORD.search(phrase):
        return None
    match = _YEARS.fullmatch(phrase)
    if match is not None:
        first = FinancialYear(int(match["century"] + match["first"]))
        last = FinancialYear(int((match["last_century"] or match["century"]) + match["last"]) - 1)
        return _Years(first, last) if first <= last else None
    try:
        return read_date(phrase) or read_term(phrase)
    except OutOfLimitsError:
        return None


class _Taken:
    """Takes the symbols of a text from left to right; a bare date or span of years waits until it proves a start."""

    def __init__(self) -> None:
        self._start: Bounds[date] | None = None
        self._end: Bounds[date] | None = None
        self._bare: Bounds[date] | _Years | None = None
        self._term: Period | None = None
        self._form: str | None = None
        self._endless = False
        self._annual = False
        self._role: _Mark | None = None
        self._previous: _Symbol | None = None

    def take(self, symbol: _Symbol) -> bool:
        """Take the next symbol. False if it contradicts those before it."""
        after_dash = self._previous is _Mark.DASH
        if symbol is _Mark.DASH and not isinstance(self._previous, Bounds | _Years):
            symbol = _Mark.FILLER
        self._previous = symbol
        if after_dash and (symbol is _Mark.ENDLESS or isinstance(symbol, Bounds | _Years)) and self._role is None:
            self._role = _Mark.TO
        match symbol:
            case Bounds() | _Years():
                return self._take_dates(symbol)
            case _Mark.FROM | _Mark.TO:
                role, self._role = self._role, symbol
                return role in (None, symbol)
            case _Mark.ENDLESS:
                self._endless = True
                role, self._role = self._role, None
                return role is None or (role is _Mark.TO and self._bare_becomes_start())
            case _Mark.ANNUAL:
                self._annual = True
                return self._role is None
            case _Form(name):
                form, self._form = self._form, name
                return form in (None, name)
            case Period():
                return self._take_term(symbol)
            case _:
                return True

    def _take_term(self, term: Period) -> bool:
        if self._term is not None or self._role is not None:
            return False
        self._term = term
        return isinstance(self._bare, _Years) or self._bare_becomes_start()

    def _take_dates(self, dates: Bounds[date] | _Years) -> bool:
        role, self._role = self._role, None
        bounds = dates.bounds if isinstance(dates, _Years) else dates
        if role is _Mark.FROM:
            taken, self._start = self._start, bounds
            return taken is None
        if role is None:
            waiting, self._bare = self._bare, dates
            return waiting is None
        if isinstance(self._bare, _Years) and isinstance(dates, _Years):
            single = self._bare.first == self._bare.last and dates.first == dates.last
            self._bare = _Years(self._bare.first, dates.last)
            return single and self._bare.first <= self._bare.last
        taken, self._end = self._end, bounds
        return taken is None and self._bare_becomes_start()

    def _bare_becomes_start(self) -> bool:
        """Make the date that waits the start, if one does. False if there is a start already."""
        if self._bare is None:
            return True
        taken, self._start = self._start, self._bare.bounds if isinstance(self._bare, _Years) else self._bare
        self._bare = None
        return taken is None

    def result(self, text: str) -> AgreementDates | None:
        """Read the whole text. None if it contradicts itself or states nothing."""
        if isinstance(self._bare, _Years) and self._start is self._end is None:
            self._start, self._end = exactly(self._bare.first.first_day), exactly(self._bare.last.last_day)
            self._bare = None
        dated = self._start or self._end or self._term
        if self._role is not None or not (dated or self._bare or self._form or self._endless or self._annual):
            return None
        if self._bare is not None:
            return None if dated else AgreementDates(recorded=True, form=self._form, unread=text)
        if self._endless and self._end:
            return None
        start, end = self._start, self._end
        if self._term and not self._endless:
            start, end = start or (end and _start_of(self._term, end)), end or (start and _end_of(self._term, start))
            if self._start and self._end and not _fits(self._term, self._start, self._end):
                return None
        if self._endless and not (self._annual or self._term):
            end = _ENDLESS
        if not _in_order(start, end):
            return None
        recurs = self._endless or self._annual
        return AgreementDates(True, start, end, False if recurs else bool(end) or None, self._form)


_ENDLESS = exactly(NO_END)
_DAY = timedelta(days=1)


def _end_of(term: Period, start: Bounds[date]) -> Bounds[date]:
    """The last day of a term: the day before the anniversary of its start."""
    return Bounds(term.after(start.lo) - _DAY, term.after(start.hi or start.lo) - _DAY)


def _start_of(term: Period, end: Bounds[date]) -> Bounds[date]:
    """The first day of a term that has its last day at ``end``."""
    return Bounds((-term).after(end.lo + _DAY), (-term).after((end.hi or end.lo) + _DAY))


def _fits(term: Period, start: Bounds[date], end: Bounds[date]) -> bool:
    """Whether a term agrees with its dates, to the day either side (many end on the anniversary itself)."""
    expected = _end_of(term, start)
    return expected.lo - _DAY <= (end.hi or end.lo) and end.lo <= (expected.hi or expected.lo) + _DAY


def _in_order(start: Bounds[date] | None, end: Bounds[date] | None) -> bool:
    """Whether the dates are within limits, and the end can be on or after the start."""
    for bounds in (start, end):
        if bounds and bounds != _ENDLESS and not EARLIEST <= bounds.lo <= (bounds.hi or bounds.lo) <= LATEST:
            return False
    return not (start and end) or (end.hi or end.lo) >= start.lo
