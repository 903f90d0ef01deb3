"""The blanks of a register whose answers undetermined outcomes need, and the answers to try."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tipstaff.audit.columns.compiler import floor_of
from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.evidence import Missing
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.bounds import EARLIEST, LATEST, NEVER, NO_END
from tipstaff.facts.periods import financial_year_of
from tipstaff.facts.units import show_money, show_number
from tipstaff.facts.vocabulary import Fact, Kind, Shape, Vocabulary
from tipstaff.policy.pack.model import JOINT, Rule
from tipstaff.register.files.sheet import Raw
from tipstaff.register.tables.model import Rows
from tipstaff.register.tables.row_keys import NO_LINE, Line
from tipstaff.register.tables.rows import rows_by_partnership, stated

_LARGE = {Kind.MONEY: 10_000_000_000, Kind.NUMBER: 100_000}
"""Large values to try: £100 million in pence, and a thousand in hundredths."""

_TRIED_DAYS = (-3_650, -400, -30, 30, 400, 3_650)
"""Dates to try, in days from the as-of date."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A place in a register that an answer can fill: a fact of a partnership, with its line if it has lines."""

    position: int
    """The position of the partnership in the register."""
    table: str
    fact: str
    line: Line = NO_LINE


class Blanks:
    """Finds the blanks of an audited register that its undetermined outcomes need."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self._explainer = Explainer(audit, range(audit.partnerships))
        self._vocabulary = audit.pack.vocabulary
        self._rows = {name: rows_by_partnership(rows) for name, rows in audit.register.tables.items()}
        self._year = financial_year_of(audit.as_of).start
        self._possible: dict[Blank, list[Raw]] = {}

    def needed(self, rule: Rule, position: int) -> list[Blank]:
        """The blanks of the facts missing for an undetermined outcome, if there is an answer to try."""
        undetermined = self._explainer.undetermined(rule, position)
        found = dict.fromkeys(blank for missing in undetermined.missing for blank in self._blanks(missing))
        return [blank for blank in found if self.possible_answers(blank)]

    def possible_answers(self, blank: Blank) -> Sequence[Raw]:
        """The answers to try for a blank, within its known bounds."""
        if blank not in self._possible:
            self._possible[blank] = self._answers(blank)
        return self._possible[blank]

    def _answers(self, blank: Blank) -> list[Raw]:
        fact = self.audit.register.tables[blank.table].table.facts[blank.fact]
        base = blank.fact
        if self.audit.register.tables[blank.table].table.shape is Shape.COUNCIL_YEAR:
            in_cycle = blank.line.year == self.audit.cycle.start
            base = f"{self._measure(blank.table, blank.fact, in_cycle)}#{blank.line.council or JOINT}"
        frame = self.audit.facts.frame
        known = (None, None)
        if f"{base}_hi" in frame.columns:
            known = frame[f"{base}_lo"][blank.position], frame[f"{base}_hi"][blank.position]
        return possible_answers(fact, self._vocabulary, self.audit.as_of, known)

    def _blanks(self, missing: Missing) -> Iterator[Blank]:
        rows = self.audit.register.tables[missing.table]
        fact = rows.table.facts[missing.fact]
        own = self._rows[missing.table].get(missing.position, [])
        unsettled = [index for index in own if not is_settled(rows, index, fact, self._vocabulary)]
        if rows.table.shape is not Shape.COUNCIL_YEAR:
            line = Line(year=self.audit.cycle.start) if rows.table.shape is Shape.CYCLE else NO_LINE
            of_line = [index for index in own if on_line(rows, index, line)]
            if not of_line or set(of_line) & set(unsettled):
                yield Blank(missing.position, missing.table, missing.fact, line)
            return
        measure = self._measure(missing.table, missing.fact, bool(missing.year))
        years = (self.audit.cycle.start,) if missing.year else (None, self._year)
        for council in self._explainer.evidence.unknown_lines(measure, missing.position):
            lines = [Line(None if council == JOINT else council, year) for year in years]
            blank = [line for line in lines if any(on_line(rows, index, line) for index in unsettled)]
            for line in blank or lines[-1:]:
                yield Blank(missing.position, missing.table, missing.fact, line)

    def _measure(self, table: str, fact: str, in_cycle: bool) -> str:
        """The name of a fact by council and year, in the year of the cycle if ``in_cycle``."""
        of_cycle = {fact: name for name, fact in self.audit.pack.tables[table].in_cycle.items()} if in_cycle else {}
        return of_cycle.get(fact, fact)


def possible_answers(
    fact: Fact, vocabulary: Vocabulary, as_of: date, known: tuple[Any, Any] = (None, None)
) -> list[Raw]:
    """Return the answers to try for a fact, as an officer would write them.

    They are all choices, or the extremes of amounts and dates. ``known`` are the known bounds of the value, in pence,
    hundredths or dates.
    """
    match fact.kind:
        case Kind.YES_NO:
            return ["yes", "no"]
        case Kind.CHOICE:
            return [choice.name for choice in fact.choices]
        case Kind.COUNCILS:
            names = [council.name for council in vocabulary.councils]
            return list(dict.fromkeys([" and ".join(names), "none", *names]))
        case Kind.DATE:
            return _dates(fact, as_of, *known)
        case Kind.TEXT:
            return ["stated"]
    lo, hi = known
    ends = [lo or 0, hi if hi is not None else (lo or 0) + _LARGE[fact.kind]]
    shown = [show_money(end) if fact.kind is Kind.MONEY else show_number(end) for end in ends]
    return list(dict.fromkeys(shown))


def _dates(fact: Fact, as_of: date, lo: date | None, hi: date | None) -> list[Raw]:
    open_below = lo is None or lo == floor_of(Kind.DATE)
    tried = [as_of + timedelta(days=days) for days in _TRIED_DAYS]
    tried += [end for end in (lo, hi) if end is not None and end not in (NEVER, NO_END)]
    words = [fact.none_means] if fact.none_means and open_below and hi is None else []
    return [
        *words,
        *(
            day
            for day in dict.fromkeys(tried)
            if EARLIEST <= day <= LATEST and (open_below or lo is None or lo <= day) and (hi is None or day <= hi)
        ),
    ]


def on_line(rows: Rows, index: int, line: Line) -> bool:
    """Whether an answer on this line applies to a row; by council and year, only rows of the sheet itself."""
    match rows.table.shape:
        case Shape.COUNCIL_YEAR:
            own = Line(rows.council[index], rows.year[index])
            return rows.letter[index] is None and own == line
        case Shape.CYCLE:
            return Line(year=rows.year[index]) == line
        case _:
            return True


def is_settled(rows: Rows, index: int, fact: Fact, vocabulary: Vocabulary) -> bool:
    """Whether a row states a fact, as a single value if it is an amount or a date."""
    values = stated(rows, index, fact, vocabulary)
    return values is not None and (values[0] == values[1] if fact.kind.bounded else None not in values)
