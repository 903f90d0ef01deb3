"""Read a text of financial arrangements: ``SHDC £12,000 pa, WDBC £8,500 pa + officer time 2 days/month``.

The text is cut into clauses at commas, semicolons, full stops, "+", "plus" and "and"; a clause states at most one
amount or number of days, whose it is, and how often. A clause that holds any other word is unread. Nothing is stated
that the unread part could change: an unread clause that begins with a council's name speaks of the councils it names,
any other may speak of the whole cell. What is not tied to one council may be part of anyone's, so it too is left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import NamedTuple, TypeAlias

from tipstaff.errors import OutOfLimitsError
from tipstaff.facts.bounds import MOST_HUNDREDTHS, MOST_PENCE, Bounds, exactly
from tipstaff.facts.periods import FinancialYear, Period, read_financial_year
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Term
from tipstaff.register.texts.answer_words import NONE, UNKNOWN, flatten, fold, is_unknown
from tipstaff.register.texts.money import read_money
from tipstaff.register.texts.phrases import COUNTS, MOST_CHARACTERS, Phrases, read_count, read_term


class Contribution(NamedTuple):
    """The commitment of one council, or, if ``council`` is None, one that is not tied to a single council."""

    council: str | None
    """The council's key."""
    direct_funding: Bounds[int] | None = None
    """Pence a year; None if not stated, as in the next two."""
    officer_days: Bounds[int] | None = None
    """Hundredths of days a month."""
    officer_cost: Bounds[int] | None = None
    """Pence a year."""
    year: int | None = None
    """The start of the financial year the text names; None for a yearly rate."""


class FinancialArrangements(NamedTuple):
    """The statements of a text about financial arrangements."""

    entries: tuple[Contribution, ...] = ()
    """At most one for each council and year."""
    unread: str = ""
    """The parts that were not understood."""


class _Mark(Enum):
    EACH = auto()
    BOTH = auto()
    OFFICER = auto()
    ONLY = auto()
    NONE = auto()
    IN_KIND = auto()
    UNKNOWN = auto()
    SEPARATOR = auto()
    AND = auto()
    OPEN = auto()
    CLOSE = auto()
    DASH = auto()
    FILLER = auto()


class _Rate(Enum):
    WEEK = auto()
    MONTH = auto()
    QUARTER = auto()
    YEAR = auto()


@dataclass(frozen=True, slots=True)
class _Council:
    key: str


@dataclass(frozen=True, slots=True)
class _Amount:
    pence: int
    number: int | None = None
    """Which amount of the line it is, where the line is read as a pattern for others."""


@dataclass(frozen=True, slots=True)
class _Part(Bounds[int]):
    """A figure that follows from an amount of the line, so that it can be worked out for another."""

    number: int
    factors: tuple[int, int]
    parts: int
    from_nil: bool = False

    def of(self, amounts: Sequence[int]) -> Bounds[int]:
        """The figure for these amounts, in pence."""
        amount, (least, most) = amounts[self.number], self.factors
        return Bounds(0 if self.from_nil else amount * least // self.parts, -(-amount * most // self.parts))

    def up_to(self) -> "_Part":
        """From nil to the figure."""
        return replace(self, lo=0, from_nil=True)


@dataclass(frozen=True, slots=True)
class _Days:
    hundredths: Bounds[int]


@dataclass(frozen=True, slots=True)
class _Term:
    """A length of time; ``spread`` where an amount is said to be spent over it."""

    period: Period
    spread: bool


@dataclass(frozen=True, slots=True)
class _Refused:
    """A figure out of limits."""

    expected: str


_Symbol: TypeAlias = _Mark | _Rate | _Council | _Amount | _Days | _Term | _Refused | FinancialYear

_TIMES_A_YEAR = {_Rate.WEEK: (52, 53), _Rate.MONTH: (12, 12), _Rate.QUARTER: (4, 4), _Rate.YEAR: (1, 1)}
_DAYS_PER_MONTH = {_Rate.WEEK: (4, 5, 1), _Rate.MONTH: (1, 1, 1), _Rate.QUARTER: (1, 1, 3), _Rate.YEAR: (1, 1, 12)}
"""Least and most times a month, and what to divide by. A calendar month holds four or five of any day of the week."""

_UNITS = {
    _Rate.WEEK: ("week", "wk"),
    _Rate.MONTH: ("month", "mth", "calendar month"),
    _Rate.QUARTER: ("quarter", "qtr"),
    _Rate.YEAR: ("year", "yr", "annum", "financial year"),
}
_RATES = {
    f"{each} {unit}": rate for rate, units in _UNITS.items() for unit in units for each in ("per", "a", "each", "every")
}
_RATE_WORDS = {
    "pa": _Rate.YEAR, "p a": _Rate.YEAR, "annual": _Rate.YEAR, "annually": _Rate.YEAR, "yearly": _Rate.YEAR,
    "quarterly": _Rate.QUARTER, "pcm": _Rate.MONTH, "pm": _Rate.MONTH, "monthly": _Rate.MONTH, "weekly": _Rate.WEEK,
}  # fmt: skip
_OFFICER = ("officer", "officers", "officer time", "officers time", "staff time", "officer support", "officer days")
_FILLERS = (
    "grant", "grants", "funding", "contribution", "contributions", "payment", "payments", "direct", "financial",
    "revenue", "core", "cash", "cost", "costs", "towards", "council", "councils", "pays", "contributes",
    "of", "a", "the", "in", "for", ":",
)  # fmt: skip
"""Words that do not change what a clause says."""
_WORDS: dict[str, _Symbol] = {
    **_RATES,
    **_RATE_WORDS,
    **dict.fromkeys(_OFFICER, _Mark.OFFICER),
    **dict.fromkeys(("each", "per council", "apiece"), _Mark.EACH),
    **dict.fromkeys(("in kind", "in kind support", "support in kind"), _Mark.IN_KIND),
    **dict.fromkeys(NONE | {"no", "0"}, _Mark.NONE),
    **dict.fromkeys(UNKNOWN, _Mark.UNKNOWN),
    **dict.fromkeys((",", ";", ".", "+", "plus", "•", "*"), _Mark.SEPARATOR),
    **dict.fromkeys(("and", "&", "/"), _Mark.AND),
    **dict.fromkeys(_FILLERS, _Mark.FILLER),
    "only": _Mark.ONLY,
    "(": _Mark.OPEN,
    ")": _Mark.CLOSE,
    "-": _Mark.DASH,
}

_MONEY = re.compile(r"-?(?:£|gbp).*|-?[0-9].*(?:,|k$).*|-?[0-9]{5,}.*")
"""Figures that can only be money: a bare number under 10,000 may also count days or name a year."""
_DAYS = re.compile(r"(?P<least>[0-9.]+|[a-z½]+(?: a)?)(?: ?(?:-|to) ?(?P<most>[0-9.]+))? ?(?:officer |staff )?days?")
_FINANCIAL_YEAR = re.compile(r"[0-9]{4} ?[-/] ?[0-9]{2,4}")
_LED_TERM = re.compile(r"(?:(?P<over>over)|for) (?:the next |the |a )?(?P<term>.+)")
_PER_ANNUM = re.compile(r"\bp\. ?a\.", re.IGNORECASE)
_JOINING_DASH = re.compile(r"(?<=\w)-(?=£)")
"""A dash between words, not the sign of an amount."""
_MOST_PIECES = 9
_LEADS = frozenset({"£", "-", "gbp", "over", "for", *COUNTS})
_DIGIT = re.compile(r"[0-9]")
_PLAIN_AMOUNT = re.compile(
    r"£([1-9][0-9]{0,2}(?:,[0-9]{3}){1,2}|[1-9][0-9]{0,6})(?![0-9]|[,.][0-9]| ?[kmbt])", re.IGNORECASE
)
"""An amount above nil, so far within limits that lines of other such amounts mean the same of them. (What may follow of
one that is not: more digits, thousands, millions.)"""
_ONES = str.maketrans("0123456789", "1111111111")
_NO_AMOUNT = re.compile(r"(?!)()")


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The statements of lines that differ only in their amounts. ``entries`` is None if nothing is certain."""

    entries: tuple[Contribution, ...] | None = None
    unread: tuple["_Clause", ...] = ()

    def of(self, line: str, text: str, amounts: Sequence[int]) -> FinancialArrangements:
        """Read one of the lines, by its amounts in pence."""
        if self.entries is None:
            return FinancialArrangements(unread=text.strip())
        entries = self.entries
        if amounts:
            entries = tuple(
                [
                    Contribution(
                        council,
                        funding.of(amounts) if isinstance(funding, _Part) else funding,
                        days,
                        cost.of(amounts) if isinstance(cost, _Part) else cost,
                        year,
                    )
                    for council, funding, days, cost, year in entries
                ]
            )
        return FinancialArrangements(entries, "; ".join([_quoted(clause, line) for clause in self.unread]))


class FinancialArrangementsReader:
    """Reads texts of financial arrangements. Those that differ in their amounts alone are understood once.

    ``councils`` have keys; ``both`` are the words that mean all of them together.
    """

    def __init__(self, councils: Sequence[Term], both: Sequence[str]) -> None:
        self._councils = [council.key for council in councils]
        known = _known(councils, both)
        self._phrases = Phrases(known, _figure, _LEADS, _MOST_PIECES)
        self._amounts = _NO_AMOUNT if any(map(_DIGIT.search, known.keys() - {"0"})) else _PLAIN_AMOUNT
        self._patterns: dict[str, _Pattern] = {}
        self._understood: dict[tuple[str, ...], _Pattern] = {}

    def read(self, text: str) -> FinancialArrangements:
        """Read a text.

        An amount with no period is a yearly figure, as the register's column holds yearly commitments; ``£24,000 over 3
        years`` is £8,000 a year. "Each" gives every council the amount; an amount of "both", or of several councils by
        name, may be the sum of their shares, so each is from nil to it. A text read in full that ties an amount to some
        councils means nil from the others. "Officer time only" and "nil" mean no direct funding from any. A blank and
        "tbc" say nothing. Any text is accepted; figures out of limits are unread.
        """
        around = tuple((found := self._amounts.split(text))[::2])
        pattern = self._understood.get(around)
        if pattern is not None and len(text) <= MOST_CHARACTERS:
            return pattern.of(text, text, _pence(found[1::2]))
        if is_unknown(text):
            return FinancialArrangements()
        if len(text) > MOST_CHARACTERS:
            return FinancialArrangements(unread=text.strip())
        line = _JOINING_DASH.sub(" - ", _PER_ANNUM.sub("pa", flatten("; ".join(text.splitlines()))))
        parts = self._amounts.split(line)
        amounts = parts[1::2]
        parts[1::2] = [f"£{amount.translate(_ONES)}" for amount in amounts]
        shape = "".join(parts)
        if shape not in self._patterns:
            self._patterns[shape] = self._pattern(shape)
        pattern = self._patterns[shape]
        if pattern.entries is not None and not pattern.unread and amounts == found[1::2]:
            self._understood[around] = pattern
        return pattern.of(line, text, _pence(amounts))

    def _pattern(self, line: str) -> _Pattern:
        clauses = [(clause, _statement(clause)) for clause in self._clauses(line)]
        statements = [statement for _, statement in clauses if statement is not None]
        unread = tuple(clause for clause, statement in clauses if statement is None)
        table = _Table(self._councils)
        for statement in statements:
            table.add(statement)
        if table.contradicts_itself or not clauses:
            return _Pattern()
        if not unread:
            table.close(except_for={council for statement in statements for council in statement.awaited})
            return _Pattern(table.entries())
        in_doubt = {key for clause in unread for key in _in_doubt(clause, self._councils)}
        certain = tuple(
            entry for entry in table.entries() if entry.council is not None and entry.council not in in_doubt
        )
        return _Pattern(certain, unread)

    def _clauses(self, line: str) -> list["_Clause"]:
        """The clauses of a line that hold anything."""
        numbers = {match.start(): number for number, match in enumerate(self._amounts.finditer(line))}
        scanned = [
            (end, replace(symbol, number=numbers.get(start)) if isinstance(symbol, _Amount) else symbol)
            for start, end, symbol in self._phrases.cut(line)
        ]
        found = [_Clause()]
        depth = 0
        for position, (end, symbol) in enumerate(scanned):
            if symbol is _Mark.AND:
                around = [beside for _, beside in scanned[max(position - 1, 0) : position + 2]]
                joins_councils = sum(isinstance(beside, _Council) for beside in around) == 2
                symbol = _Mark.FILLER if joins_councils else _Mark.SEPARATOR
            if symbol is _Mark.SEPARATOR and depth == 0:
                found.append(_Clause(end, end))
                continue
            depth += (symbol is _Mark.OPEN) - (symbol is _Mark.CLOSE)
            found[-1].end = end
            if symbol not in (_Mark.FILLER, _Mark.OPEN, _Mark.CLOSE):
                found[-1].symbols.append(symbol)
        if depth:
            found[-1].symbols.append(None)
        return [clause for clause in found if clause.symbols]


def _pence(amounts: Sequence[str]) -> list[int]:
    return [int(amount.replace(",", "")) * 100 for amount in amounts]


@dataclass(slots=True)
class _Clause:
    """Part of a line: its pieces, without words that change nothing, and None for each piece that is not known."""

    start: int = 0
    end: int = 0
    symbols: list[_Symbol | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Statement:
    """The statements of a clause about the councils it names."""

    councils: tuple[str, ...] = ()
    every_council: bool = False
    """Whether it speaks of every council without naming them."""
    each: bool = False
    """Whether a figure is each council's own, not the sum of their shares."""
    year: int | None = None
    figures: tuple[tuple[str, Bounds[int]], ...] = ()
    """Fields of a Contribution with their values."""
    awaited: tuple[str, ...] = ()
    """Councils whose figure is said to be unknown yet."""


def _known(councils: Sequence[Term], both: Sequence[str]) -> dict[str, _Symbol]:
    """The known phrases by their keys, with the names of councils and the words for all of them."""
    names: dict[str, _Symbol] = {normal(name): _Council(term.key) for term in councils for name in term.spellings}
    for words in both:
        names[normal(words)] = _Mark.EACH if "each" in normal(words).split() else _Mark.BOTH
    names["each"] = _Mark.EACH
    return _WORDS | names | {f"{lead} {name}": symbol for name, symbol in names.items() for lead in ("from", "by")}


def _figure(phrase: str) -> _Symbol | None:
    """The amount, days, financial year or length of time that a phrase states."""
    phrase = fold(phrase)
    if _MONEY.fullmatch(phrase):
        try:
            amount = read_money(phrase)
        except OutOfLimitsError as error:
            return _Refused(str(error))
        return _Amount(amount.lo) if amount else None
    if match := _DAYS.fullmatch(phrase):
        least = read_count(match["least"])
        most = read_count(match["most"]) if match["most"] else least
        return _Days(Bounds(least, most)) if least is not None and most is not None and least <= most else None
    if _FINANCIAL_YEAR.fullmatch(phrase):
        return read_financial_year(phrase)
    led = _LED_TERM.fullmatch(phrase)
    term = read_term(led["term"] if led else phrase)
    return _Term(term, spread=bool(led and led["over"])) if term else None


@dataclass(slots=True)
class _Parts:
    """The contents of a clause: at most one figure, how often and how long, a year, and whose it is."""

    councils: list[str] = field(default_factory=list)
    marks: set[_Mark] = field(default_factory=set)
    figure: _Amount | _Days | None = None
    rate: _Rate | None = None
    term: _Term | None = None
    year: FinancialYear | None = None

    def take(self, symbol: _Symbol | None) -> bool:
        """Take one symbol. False if it is not known, out of limits, or a second of its kind."""
        match symbol:
            case _Council(key):
                self.councils.append(key)
            case _Amount() | _Days() if self.figure is None:
                self.figure = symbol
            case _Rate() if self.rate is None:
                self.rate = symbol
            case _Term() if self.term is None:
                self.term = symbol
            case FinancialYear() if self.year is None:
                self.year = symbol
            case _Mark() if symbol is not _Mark.SEPARATOR:
                self.marks.add(symbol)
            case _:
                return False
        return True

    @property
    def only_words(self) -> bool:
        """Whether it has no figure and no time."""
        return not (self.figure or self.rate or self.term or self.year)


def _statement(clause: _Clause) -> _Statement | None:
    """Read a clause. None if any of it is not known, or does not go together."""
    parts = _Parts()
    if clause.symbols[0] is _Mark.DASH or not all(map(parts.take, clause.symbols)):
        return None
    councils, each, every = tuple(dict.fromkeys(parts.councils)), _Mark.EACH in parts.marks, _Mark.BOTH in parts.marks
    if (each and len(councils) == 1) or (every and councils):
        return None
    marks = parts.marks - {_Mark.EACH, _Mark.BOTH, _Mark.DASH}
    if parts.only_words and marks == {_Mark.IN_KIND}:
        return _Statement()
    if parts.only_words and councils and marks == {_Mark.UNKNOWN}:
        return _Statement(awaited=councils)
    if parts.only_words and marks == {_Mark.UNKNOWN, _Mark.OFFICER}:
        return _Statement()
    figures = None if marks & {_Mark.IN_KIND, _Mark.UNKNOWN} else _figures(parts)
    if figures is None:
        return None
    year = parts.year.start if parts.year else None
    return _Statement(councils, (each or every) and not councils, each, year, figures)


def _figures(parts: _Parts) -> tuple[tuple[str, Bounds[int]], ...] | None:
    """The fields a clause fills, which are empty if it only mentions officer time. None if it is not clear."""
    officer, only = _Mark.OFFICER in parts.marks, _Mark.ONLY in parts.marks
    if _Mark.NONE in parts.marks:
        if parts.figure or parts.term or only:
            return None
        fields = ("officer_days", "officer_cost") if officer else ("direct_funding",)
        return tuple((name, exactly(0)) for name in fields)
    no_funding = (("direct_funding", exactly(0)),) if only and officer else ()
    match parts.figure:
        case _Amount() as amount:
            name, value = "officer_cost" if officer else "direct_funding", _yearly(amount, parts)
        case _Days(hundredths):
            name, value = "officer_days", _monthly(hundredths, parts)
        case None:
            return no_funding if officer and parts.only_words else None
    return (*no_funding, (name, value)) if value else None


def _yearly(amount: _Amount, parts: _Parts) -> Bounds[int] | None:
    """Pence a year. An amount with no period is a yearly figure. None if the text leaves open what it is."""
    factors, among = _TIMES_A_YEAR[parts.rate or _Rate.YEAR], 1
    if parts.term and parts.rate is None:
        factors, among = (12, 12), parts.term.period.months
        if not parts.term.spread or among < 12 or parts.year:
            return None
    bounds = _shared(amount.pence * factors[0], amount.pence * factors[1], among, MOST_PENCE)
    if bounds is None or amount.number is None:
        return bounds
    return _Part(bounds.lo, bounds.hi, amount.number, factors, among)


def _monthly(hundredths: Bounds[int], parts: _Parts) -> Bounds[int] | None:
    """Hundredths of days a month. None if the text leaves open what it is."""
    if parts.rate is None or (parts.term and parts.term.spread):
        return None
    least, most, months = _DAYS_PER_MONTH[parts.rate]
    return _shared(hundredths.lo * least, (hundredths.hi or hundredths.lo) * most, months, MOST_HUNDREDTHS)


def _shared(least: int, most: int, parts: int, limit: int) -> Bounds[int] | None:
    """One of equal parts of what lies between two figures; None beyond the limit."""
    bounds = Bounds(least // parts, -(-most // parts))
    return bounds if bounds.hi is not None and bounds.hi <= limit else None


class _Table:
    """Figures by council and year, as they are put together from statements."""

    def __init__(self, councils: Sequence[str]) -> None:
        self._councils = councils
        self._figures: dict[tuple[str | None, int | None], dict[str, Bounds[int]]] = {}
        self.contradicts_itself = False

    def add(self, statement: _Statement) -> None:
        """Add the figures of a statement. A second figure for one thing is a contradiction."""
        for name, value in statement.figures:
            for council, share in self._shares(statement, value).items():
                if not self._goes_with(council, statement.year, name, share):
                    self.contradicts_itself = True
                self._figures.setdefault((council, statement.year), {})[name] = share

    def _shares(self, statement: _Statement, value: Bounds[int]) -> dict[str | None, Bounds[int]]:
        nothing = value == exactly(0)
        sharing: Sequence[str | None] = statement.councils
        if not sharing:
            sharing = self._councils if nothing or statement.every_council else (None,)
        if len(sharing) > 1 and not statement.each:
            value = value.up_to() if isinstance(value, _Part) else Bounds(0, value.hi)
        return dict.fromkeys(sharing, value)

    def _goes_with(self, council: str | None, year: int | None, name: str, share: Bounds[int]) -> bool:
        """Whether no other figure is the same, its sum or its part: a tied and an untied one, a rate and a year's."""
        for (other, other_year), figures in self._figures.items():
            if name not in figures:
                continue
            if other == council:
                if other_year == year and not figures[name] == share == exactly(0):
                    return False
                if (other_year is None) != (year is None):
                    return False
            elif other is None or council is None:
                return False
        return True

    def close(self, except_for: set[str]) -> None:
        """State that the councils without direct funding give none, where others by name give some."""
        giving = {
            place: figures["direct_funding"] for place, figures in self._figures.items() if "direct_funding" in figures
        }
        tied = {council for council, _ in giving}
        if None in tied or not any(value.hi for value in giving.values()):
            return
        for council in self._councils:
            if council not in tied | except_for:
                for year in {year for _, year in giving}:
                    self._figures.setdefault((council, year), {})["direct_funding"] = exactly(0)

    def entries(self) -> tuple[Contribution, ...]:
        """The figures in the order of the councils, those of none last, then of the years."""
        order = {council: position for position, council in enumerate((*self._councils, None))}
        places = sorted(self._figures, key=lambda place: (order[place[0]], place[1] or 0))
        return tuple(Contribution(council, year=year, **self._figures[council, year]) for council, year in places)


def _in_doubt(clause: _Clause, councils: Sequence[str]) -> Sequence[str]:
    """The councils that a clause which is not understood may speak of."""
    named = [symbol.key for symbol in clause.symbols if isinstance(symbol, _Council)]
    says_more = len(named) < len(clause.symbols)
    return named if isinstance(clause.symbols[0], _Council) and says_more else councils


def _quoted(clause: _Clause, line: str) -> str:
    """A clause as written in a line, and what was expected of a figure out of limits."""
    refused = next((symbol for symbol in clause.symbols if isinstance(symbol, _Refused)), None)
    text = line[clause.start : clause.end].strip()
    return f"{text} (expected {refused.expected})" if refused else text
