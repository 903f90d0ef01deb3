"""Random registers, and the same registers with blanks filled in."""

import copy
import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from support.registers import Partnership, Row, child_tables
from tipstaff.facts.bounds import NEVER, NO_END, Bounds
from tipstaff.facts.periods import FinancialYear, financial_year_of
from tipstaff.facts.vocabulary import Fact, Kind, Shape, Table
from tipstaff.policy.language.nodes import Constant
from tipstaff.policy.law.series import LawKind, Series
from tipstaff.policy.pack.model import Pack, law_below

KEYS = ("ref", "name", "partners", "council", "year", "cycle", "organisation", "charity_number", "company_number")
"""What identifies a row or an entry: filling it in is no answer to a question."""

_FIRST_READ = {
    "grant_or_contract": (
        "terms_tightened", "outcomes_at_start", "outcomes_now", "monitoring_at_start", "monitoring_now", "notice_on",
        "first_approach_on", "awarded_on", "whole_life_value", "extended_end", "vat_position",
    ),
    "renewal": ("agreement_renewed", "reduction_on"),
}  # fmt: skip
"""Facts that go before another reading of the same, which counts in their place until they are stated."""

_MONEY = (0, 1, 1_00, 4_999_99, 5_000_00, 8_999_99, 9_000_00, 9_999_99, 10_000_00, 10_000_01, 12_000_00, 50_000_00)
_NUMBERS = (0, 1, 50, 100, 200, 359, 360, 399, 400, 401, 800)
_ROLES = ("Leader of the Council", "Director (SLT)", "Lead Specialist, Wellbeing")
_TEXTS = ("x", "South Hams", "both councils", "West Devon", "Advice", "advice!", "Selected", *_ROLES)
_FIRST = ("Aster", "Borage", "Clover", "Dogwood", "Elder", "Fennel", "Gorse", "Hawthorn", "Ivy", "Juniper")
_THIRD = ("", " of Totnes", " of Ivybridge", " of Salcombe", " of Okehampton", " of Tavistock", " of Dartmouth")
_SECOND = ("Trust", "Hub", "Advice", "Theatre", "Rangers", "Kitchens", "Outdoors", "Union", "Museum", "Ferry")
_WRITTEN = ("{}", "{}", "{}", "THE {}", "{}s", "{},", " {} ")
"""Ways of writing the name of an organisation: the same, and near ones."""
_NUMBERED = ("{}", "{}", "0{}", " {} ", "00{}")
"""Ways of writing the number of a charity or company, all the same."""
_BLANK_SHARES = (0.05, 0.3, 0.6, 0.9)


class Worlds:
    """Draws partnerships for a pack and a date, and fills in their blanks."""

    def __init__(self, pack: Pack, as_of: date, seed: int, cycle: FinancialYear | None = None) -> None:
        self.pack = pack
        self.cycle = cycle or financial_year_of(as_of).next()
        self.random = random.Random(seed)
        self.names = 1
        self.year = financial_year_of(as_of)
        anchors = (
            as_of, as_of + timedelta(days=90), as_of - timedelta(days=366), self.year.first_day, self.year.last_day,
            date(2015, 4, 1), date(2017, 4, 1), date(2014, 1, 31), date(2018, 3, 31),
        )  # fmt: skip
        self.dates = tuple(sorted({day + timedelta(days=step) for day in anchors for step in (-1, 0, 1)}))
        read = {law.series.id: law.series for law in law_below(pack, (one.test for one in pack.criteria.values()))}
        self.law_days = [_first_days(series) for series in read.values()]
        self.law_money = [_amounts(series) for series in read.values() if series.kind is LawKind.MONEY]

    # Values

    def point(self, fact: Fact) -> Any:
        match fact.kind:
            case Kind.MONEY:
                return self.random.choice(self._now_and_then(self.law_money) or _MONEY)
            case Kind.NUMBER:
                return self.random.choice(_NUMBERS)
            case Kind.DATE:
                special = {"never": NEVER, "no end": NO_END}.get(fact.none_means)
                if special is not None and self.random.random() < 0.2:
                    return special
                return self.random.choice(self._now_and_then(self.law_days) or self.dates)
            case Kind.CHOICE:
                return self.random.choice(fact.choices).name
            case Kind.TEXT:
                return self.random.choice(_TEXTS)
            case _:
                return self.random.random() < 0.5

    def _now_and_then(self, of_the_law: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """What some series of the law makes matter, for half of the values; else nothing."""
        return self.random.choice(of_the_law) if of_the_law and self.random.random() < 0.5 else ()

    def value(self, fact: Fact) -> Row:
        """A value of a fact: of a bounded one a point, two ends, or a lower end only."""
        if fact.kind is Kind.COUNCILS:
            return {f"{fact.name}_{council.key}": self.point(fact) for council in self.pack.vocabulary.councils}
        if not fact.kind.bounded:
            return {fact.name: self.point(fact)}
        lo, hi = sorted((self.point(fact), self.point(fact)))
        shape = self.random.random()
        return _bounds(fact, lo, lo if shape < 0.7 else hi if shape < 0.85 else None)

    def blank(self, fact: Fact) -> Row:
        """Nothing known of a fact, in either of the ways in which a bounded one is left blank."""
        if fact.kind.bounded:
            return _bounds(fact, self.random.choice((None, _floor(fact))), None)
        if fact.kind is Kind.COUNCILS:
            return {f"{fact.name}_{council.key}": None for council in self.pack.vocabulary.councils}
        return {fact.name: None}

    # Partnerships

    def row(self, table: Table, blanks: float, dated: tuple[str, str] | None = None) -> Row:
        while True:
            found: Row = {}
            for fact in table.facts.values():
                if fact.name not in ("council", "year"):
                    found |= self.blank(fact) if self.random.random() < blanks else self.value(fact)
            if dated is None or _in_order(found, *dated):
                return found

    def partnership(self, names: int) -> Partnership:
        """A partnership, named by one of so many names."""
        own = next(rules.table for rules in self.pack.tables.values() if rules.table.shape is Shape.REGISTER)
        blanks = self.random.choice(_BLANK_SHARES)
        row = self.row(own, blanks) | {"name": f"Name {self.random.randrange(names)}"}
        row["partners"] = self.organisation(names) if self.random.random() < 0.8 else None
        self.names = names
        made = Partnership(row)
        for name in child_tables(self.pack):
            table = self.pack.tables[name].table
            blanks = self.random.choice(_BLANK_SHARES)
            one = table.shape in (Shape.ONE, Shape.CYCLE)
            count = self.random.choice((0, 1) if one else (0, 1, 1, 1, 2, 3, 4))
            made.tables[name] = [self._child(name, blanks) for _ in range(count)]
            if table.shape is Shape.COUNCIL_YEAR and self.random.random() < 0.3:
                made.tables[name] = self._every_year(name, blanks)
        return made

    def organisation(self, names: int) -> str:
        """The name of one of so many organisations, now and then in another spelling."""
        number = self.random.randrange(names)
        third = _THIRD[number // 100 % len(_THIRD)]
        name = f"{_FIRST[number % 10]} {_SECOND[number // 10 % 10]}{third}"
        return self.random.choice(_WRITTEN).format(name) if self.random.random() < 0.2 else name

    def _every_year(self, name: str, blanks: float) -> list[Row]:
        """Rows of every council for every year of the windows, and for the cycle."""
        years = (*range(self.year.start - 2, self.year.start + 1), self.cycle.start)
        return [
            self._of_year(self.row(self.pack.tables[name].table, min(blanks, 0.3)), council.key, year)
            for council in self.pack.vocabulary.councils
            for year in sorted(set(years))
        ]

    def _of_year(self, row: Row, council: str | None, year: int | None) -> Row:
        row |= {"council": council, "year": year, "text": False}
        if year is not None and row.get("granted_on_hi") is not None and self.random.random() < 0.8:
            row |= _bounds_of("granted_on", *sorted(self._day_of(year) for _ in range(2)))
        return row

    def _day_of(self, year: int) -> date:
        """A day of a financial year: the first, the last, or one on which some law may change."""
        own = FinancialYear(year)
        inside = [day for day in self.dates if own.first_day <= day <= own.last_day]
        return self.random.choice([own.first_day, own.last_day, *inside])

    def _child(self, name: str, blanks: float) -> Row:
        rules = self.pack.tables[name]
        if rules.table.shape is Shape.CURRENT:
            assert rules.starts is not None
            assert rules.ends is not None
            return self.row(rules.table, blanks, (rules.starts, rules.ends))
        row = self.row(rules.table, blanks)
        if rules.table.shape is Shape.COUNCIL_YEAR:
            councils = [council.key for council in self.pack.vocabulary.councils]
            this = self.year.start
            years = (None, None, None, this, this, this, this, this - 1, this - 2, this - 3, self.cycle.start)
            row = self._of_year(row, self.random.choice([*councils, *councils, None]), self.random.choice(years))
            row["text"] = row["year"] is None and self.random.random() < 0.4
        if rules.table.shape is Shape.CYCLE:
            row["year"] = self.cycle.start + self.random.choice((0, 0, 0, 1, -1))
        if name == "partners":
            row["organisation"] = self.organisation(self.names) if self.random.random() < 0.9 else None
            for fact in ("charity_number", "company_number"):
                number = self.random.choice(_NUMBERED).format(1000 + self.random.randrange(self.names))
                row[fact] = number if self.random.random() < 0.3 else None
        return row

    # Filling in

    def filled(self, partnership: Partnership) -> Partnership:
        """The partnership with blanks filled in, bounds narrowed, and rows added where none states anything."""
        eager = self.random.choice((0.1, 0.5, 1.0))
        made = copy.deepcopy(partnership)
        for fact in next(t.table for t in self.pack.tables.values() if t.table.shape is Shape.REGISTER).facts.values():
            self._fill(made.own, fact, eager)
        for name in child_tables(self.pack):
            rules = self.pack.tables[name]
            rows = made.tables[name]
            if rules.table.shape is Shape.COUNCIL_YEAR:
                entered = [row["entered_on_lo"] for row in partnership.tables["monitoring"]] or [None]
                self._fill_contributions(name, rows, entered[0] or NEVER, eager)
                continue
            for row in rows:
                self._fill_row(name, row, eager)
            if not rows and self.random.random() < eager:
                rows += self._first_rows(name, made)
        self._kept(partnership, made)
        return made

    def _first_rows(self, name: str, made: Partnership) -> list[Row]:
        """The first row of a table, which adds nothing to what other partnerships of an organisation had.

        An organisation that is named anew is another one, unless nobody else names it.
        """
        row = self._child(name, self.random.choice(_BLANK_SHARES))
        if name == "agreements":
            row |= _bounds_of("agreement_value", 0, 0)
        if name == "partners":
            if made.own["partners"] is not None:
                return []
            row |= {"organisation": made.own["name"], "charity_number": None, "company_number": None}
            row["receives_funding"] = row["receives_funding"] or None
        return [row]

    def _kept(self, before: Partnership, made: Partnership) -> None:
        """Take back what would correct another reading.

        That is a role that a text names; the start of an agreement, before the day of entry is known; that nobody
        receives the money; the term of an agreement which lets a rate fill years that are not asked for; and what goes
        before another reading (``_FIRST_READ``).
        """
        columns = []
        if any(before.own[fact] in _ROLES for fact in ("lead_member", "lead_officer")):
            columns.append("represented_by")
        if any(row["agreement_start_hi"] is not None for row in before.tables["agreements"]):
            columns += ["entered_on_lo", "entered_on_hi"]
        receiving = [
            place for place, row in enumerate(before.tables["partners"]) if row["receives_funding"] is not False
        ]
        rows = made.tables["partners"]
        if receiving and all(row["receives_funding"] is False for row in rows):
            rows[receiving[0]]["receives_funding"] = before.tables["partners"][receiving[0]]["receives_funding"]
        if any(row["year"] is None for row in made.tables["contributions"]):
            first = FinancialYear(min(self.year.start, self.cycle.start) - 2).first_day
            dates = [f"{fact}_{end}" for fact in ("agreement_start", "agreement_end") for end in ("lo", "hi")]
            old = before.tables["agreements"] or [dict.fromkeys(dates)] * len(made.tables["agreements"])
            if any((row["agreement_start_lo"] or NEVER) < first for row in [*old, *made.tables["agreements"]]):
                for row, was in zip(made.tables["agreements"], old, strict=True):
                    row |= {column: was[column] for column in dates}
        stated = before.tables["monitoring"] or [{}] * len(made.tables["monitoring"])
        for row, old in zip(made.tables["monitoring"], stated, strict=True):
            row |= {column: old.get(column) for column in columns}
        for name, facts in _FIRST_READ.items():
            added: list[Row] = [{} for _ in made.tables[name][len(before.tables[name]) :]]
            for row, old in zip(made.tables[name], before.tables[name] + added, strict=True):
                columns = [key for fact in facts for key in (fact, f"{fact}_lo", f"{fact}_hi") if key in row]
                row |= {key: old.get(key) for key in columns}
        table = self.pack.tables["agreements"].table
        for row, old in zip(made.tables["agreements"], before.tables["agreements"], strict=False):
            blank = [
                fact for fact in ("agreement_start", "agreement_end") if is_blank(old, table.facts[fact], self.pack)
            ]
            row |= {key: old[key] for fact in blank for key in (f"{fact}_lo", f"{fact}_hi")}
        if not before.tables["agreements"]:
            for row in made.tables["agreements"]:
                row |= {"agreement_end_lo": None, "agreement_end_hi": None}

    def _fill_row(self, name: str, row: Row, eager: float) -> None:
        rules = self.pack.tables[name]
        before = dict(row)
        implied = {"form"} if row.get("agreement_recorded") is not None else set()
        while True:
            row.update(before)
            for fact in rules.table.facts.values():
                if fact.name not in implied:
                    self._fill(row, fact, eager)
            if rules.starts is None or rules.ends is None or _in_order(row, rules.starts, rules.ends):
                return

    def _fill(self, row: Row, fact: Fact, eager: float) -> None:
        if fact.name in KEYS or self.random.random() > eager:
            return
        if is_blank(row, fact, self.pack):
            row |= self.value(fact)
        elif fact.kind.bounded:
            row |= self._narrowed(row, fact)
        elif fact.kind is Kind.COUNCILS:
            row |= {key: value for key, value in self.value(fact).items() if row.get(key) is None}

    def _narrowed(self, row: Row, fact: Fact) -> Row:
        lo, hi = row[f"{fact.name}_lo"], row[f"{fact.name}_hi"]
        inside = [lo, *(point for point in (self.point(fact) for _ in range(6)) if point >= lo)]
        inside = [point for point in inside if hi is None or point <= hi] + ([] if hi is None else [hi])
        least, most = sorted((self.random.choice(inside), self.random.choice(inside)))
        return _bounds(fact, least, most)

    def _fill_contributions(self, name: str, rows: list[Row], entered: date, eager: float) -> None:
        """Fill in sheets only, and nothing that another source states for the line.

        A figure in place of a reading of text is a correction. What is not tied to one council covers the councils that
        state nothing themselves, and the other way round. Days say what they cost where they are nil or the pack prices
        them; days of the joint line without a cost may cost anything. A day of grant that is blank is some day of the
        year; a row more is of this year or of the cycle's, since earlier years are judged as recorded, and of none
        before the day of entry, which says that there was nothing (INT-16).
        """
        before = copy.deepcopy(rows)
        for row in rows:
            if row["text"]:
                continue
            counted = {one["year"] for one in before if one["year"] is not None and one["year"] < self.year.start}
            years = [row["year"]] if row["year"] is not None else [*counted, self.year.start]
            self._fill_contribution(name, row, [self._beside(before, year) for year in years], eager)
        councils = [council.key for council in self.pack.vocabulary.councils]
        for year in sorted({self.year.start, self.cycle.start}):
            if entered > FinancialYear(year).last_day:
                continue
            beside = self._beside(before, year)
            for council in councils:
                if not any(row["council"] in (council, None) for row in beside) and self.random.random() < eager:
                    row = self.row(self.pack.tables[name].table, self.random.choice(_BLANK_SHARES))
                    row |= {"council": council, "year": year, "text": False} | _bounds_of("granted_on", None, None)
                    self._fill_granted(row)
                    rows.append(row)
        self.random.shuffle(rows)

    def _beside(self, rows: Sequence[Row], year: int) -> list[Row]:
        """The rows that may be counted in a year."""
        return [row for row in rows if row["year"] == year or (row["year"] is None and year <= self.year.start)]

    def _fill_contribution(self, name: str, row: Row, besides: Sequence[Sequence[Row]], eager: float) -> None:
        for fact in self.pack.tables[name].table.facts.values():
            if fact.name == "granted_on":
                if self.random.random() < eager:
                    self._fill_granted(row)
            elif fact.name not in ("council", "year") and not any(
                self._said_elsewhere(name, fact, row["council"], beside) for beside in besides
            ):
                self._fill(row, fact, eager)

    def _said_elsewhere(self, name: str, fact: Fact, line: str | None, beside: Sequence[Row]) -> bool:
        """Whether what a line does not state is taken from a text, or another line or fact covers it."""
        table = self.pack.tables[name].table
        councils = [council.key for council in self.pack.vocabulary.councils]

        def stated(fact: str, council: str | None, *, text: bool | None = None) -> bool:
            return any(
                one["council"] == council
                and (text is None or one["text"] is text)
                and not is_blank(one, table.facts[fact], self.pack)
                for one in beside
            )

        others = councils if line is None else [None]
        corrected = any(stated(fact.name, other, text=True) for other in (line, *others))
        own, joint = stated(fact.name, line), stated(fact.name, None)
        covered = fact.kind.bounded and not own and (line is None or joint)
        if fact.name == "officer_cost":
            days, joint_days = stated("officer_days", line), stated("officer_days", None)
            covered = (covered and not (days and not joint)) or self._implied(beside, line)
            covered = covered or (line is not None and not own and not days and joint_days)
        return corrected or covered

    def _fill_granted(self, row: Row) -> None:
        """The day of a grant: some day of the year where it is blank, else narrower."""
        fact = self.pack.tables["contributions"].table.facts["granted_on"]
        if row["granted_on_hi"] is not None:
            row |= self._narrowed(row, fact)
        elif row["year"] is not None:
            row |= _bounds_of("granted_on", *sorted(self._day_of(row["year"]) for _ in range(2)))

    def _implied(self, rows: Sequence[Row], line: str | None) -> bool:
        """Whether the days of a line say what they cost: they are nil, or the pack prices them."""
        rate = self.pack.parameters["officer_day_rate_high"]
        priced = isinstance(rate, Constant) and rate.value is not None
        days = self.pack.tables["contributions"].table.facts["officer_days"]
        stated = [row for row in rows if row["council"] == line and not is_blank(row, days, self.pack)]
        return any(priced or row["officer_days_hi"] == 0 for row in stated)


def _first_days(series: Series) -> list[date]:
    """The first day of each segment and the day before it."""
    first = [segment.first for segment in series.segments if segment.first > NEVER]
    return [day + timedelta(days=step) for day in first for step in (-1, 0)]


def _amounts(series: Series) -> list[int]:
    """Each amount, a penny less and a penny more."""
    values = [segment.value for segment in series.segments if isinstance(segment.value, Bounds)]
    return [value.lo + step for value in values for step in (-1, 0, 1)]


def is_blank(row: Row, fact: Fact, pack: Pack) -> bool:
    """Whether a row says nothing of a fact."""
    if fact.kind.bounded:
        return row.get(f"{fact.name}_hi") is None and row.get(f"{fact.name}_lo") in (None, _floor(fact))
    if fact.kind is Kind.COUNCILS:
        return all(row.get(f"{fact.name}_{council.key}") is None for council in pack.vocabulary.councils)
    return row.get(fact.name) is None


def _floor(fact: Fact) -> Any:
    return NEVER if fact.kind is Kind.DATE else 0


def _bounds(fact: Fact, lo: Any, hi: Any) -> Row:
    return _bounds_of(fact.name, lo, hi)


def _bounds_of(fact: str, lo: Any, hi: Any) -> Row:
    return {f"{fact}_lo": lo, f"{fact}_hi": hi}


def _in_order(row: Row, starts: str, ends: str) -> bool:
    """Whether some start and end within the bounds are in order."""
    start, end = row[f"{starts}_lo"], row[f"{ends}_hi"]
    return start is None or end is None or start <= end
