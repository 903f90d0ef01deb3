"""Published data read as a register: a list of awards gives a partnership for every organisation that received one.

An award is a contribution of its funder in the financial year of its date, and its planned dates are an agreement. The
list is complete for its funder from the year of its first award to that of its last: there, who is not on it received
nothing. What cannot be read takes no part in that: an award of unknown amount leaves its year open for its recipient,
one of unknown date every year, and one of unknown recipient its year for all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from typing import Any, NamedTuple

from tipstaff.facts.bounds import LATEST, NEVER
from tipstaff.facts.periods import FinancialYear, Period, financial_year_of
from tipstaff.facts.vocabulary import Shape, Term, Vocabulary
from tipstaff.register.published.awards import Awards
from tipstaff.register.published.organisations import says_nothing
from tipstaff.register.published.recipients import Recipient, Source, funders, recipients, references, say
from tipstaff.register.tables.cells import physical_columns
from tipstaff.register.tables.headings import JOIN_FACTS
from tipstaff.register.tables.model import Closed, Register, Rows, empty_rows
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.references import spelling

_POUNDS = frozenset({"", "gbp", "pound", "pounds", "sterling", "pound sterling", "pounds sterling"})
_FUNDING = "direct_funding"
_ORGANISATION = "organisation"

Stated = Mapping[str, tuple[tuple[Any, ...], Source | None]]
"""The physical values of facts, each with the row and column of the list that state it; None of what the list is."""


class _Award(NamedTuple):
    """The amount an award counts for: pence, the column it came from, and its financial years.

    Several years are those that its date may fall in; None is any year.
    """

    lo: int
    hi: int | None
    column: str
    years: tuple[int | None, ...]


class _Added(NamedTuple):
    """A row to be written: its recipient, its place, and the facts it states."""

    position: int
    at: int
    facts: Stated
    council: str | None
    year: int | None


def read_published(awards: Awards, name: str, sha256: str, vocabulary: Vocabulary, problems: Problems) -> Register:
    """The register that awards are; its problems are left in ``problems``.

    Raises UnreadableError if they name more funders than one audit takes.
    """
    councils, funder_of = funders(awards, name, vocabulary, problems)
    found = recipients(awards.rows, problems)
    used = frozenset(index for recipient in found for index in recipient.awards)
    counted = _counted(awards, problems)
    dropped = _repeated(awards.rows, found, funder_of, counted, problems)
    if not awards.paid:
        _say_alike(awards.rows, found, funder_of, counted, problems)
    writer = _Writer(awards.rows, replace(vocabulary, councils=councils), awards.paid)
    for position, recipient in enumerate(found):
        writer.entry(position, recipient)
        for index in recipient.awards:
            if index not in dropped:
                writer.contributions(position, index, counted[index], funder_of[index])
        writer.agreements(position, recipient.awards, problems)
    writer.write()
    _say_durations(awards.rows, problems)
    return Register(
        name=name,
        sha256=sha256,
        tables=writer.tables,
        refs=references(found),
        problems=[],
        councils=councils,
        closed=frozenset() if awards.paid else _closed(funder_of, counted, councils, used),
        unasked=writer.unasked(),
    )


def _counted(awards: Awards, problems: Problems) -> list[_Award]:
    """The amount each award counts for. One that does not fit is a problem and counts as not known."""
    rows = awards.rows
    currencies = rows.columns["currency"]
    in_pounds = {text for text in {*currencies} if spelling(text or "") in _POUNDS}
    blanks, disbursed_blanks, undated = (
        awards.blank.get(fact, frozenset()) for fact in ("awarded", "disbursed", "awarded_on")
    )
    amounts = {column: rows.columns[f"{column}_hi"] for column in ("awarded", "disbursed")}
    firsts, lasts = rows.columns["awarded_on_lo"], rows.columns["awarded_on_hi"]
    years_of = {
        (first, last): tuple(range(financial_year_of(first).start, financial_year_of(last).start + 1))
        for first, last in {*zip(firsts, lasts, strict=True)}
        if last is not None
    }
    found: list[_Award] = []
    for index in range(len(rows)):
        blank = index in blanks
        column = "disbursed" if blank and index not in disbursed_blanks else "awarded"
        blank = blank and column == "awarded"
        amount = amounts[column][index]
        if currencies[index] not in in_pounds:
            say(problems, rows, index, "currency", "GBP: other currencies are not counted", currencies[index])
            amount = None
        elif blank:
            label = rows.table.facts[column].label
            say(problems, rows, index, column, f"{label}: an amount in pounds, such as 12000")
        elif amount == 0 and not awards.paid:
            label = rows.table.facts[column].label
            say(problems, rows, index, column, f"{label}: an amount above nil", "nil")
            amount = None
        if index in undated:
            say(problems, rows, index, "awarded_on", "award date: a date, such as 1 April 2014")
        first, last = firsts[index], lasts[index]
        if last is None:
            found.append(_Award(0, None, column, (None,)))
            continue
        years = years_of[first, last]
        found.append(_Award(amount if amount and len(years) == 1 else 0, amount, column, years))
    return found


def _repeated(
    rows: Rows,
    found: Sequence[Recipient],
    funder_of: Sequence[str | None],
    counted: list[_Award],
    problems: Problems,
) -> frozenset[int]:
    """The awards whose money another under the same identifier states already, not to be counted.

    Where those that share an identifier disagree none can be ruled out: each then counts as up to its amount.
    """
    recipient_of = {index: number for number, one in enumerate(found) for index in one.awards}
    dates = list(zip(rows.columns["awarded_on_lo"], rows.columns["awarded_on_hi"], strict=True))
    groups: dict[tuple[str | None, str], list[int]] = defaultdict(list)
    for index in sorted(recipient_of):
        identifier = rows.columns["identifier"][index]
        if not says_nothing(identifier):
            groups[funder_of[index], identifier.casefold()].append(index)
    dropped: set[int] = set()
    for first, *others in groups.values():
        members = (first, *others)
        if not others:
            continue
        same = len({(recipient_of[index], counted[index].hi, dates[index]) for index in members}) == 1
        for index in others:
            said = "is the same award, which counts once" if same else "is another: each counts as up to its amount"
            expected = f"an identifier of its own: that at {rows.cell(first, 'identifier')} {said}"
            say(problems, rows, index, "identifier", expected, rows.columns["identifier"][index])
        if same:
            dropped.update(others)
        else:
            for index in members:
                counted[index] = counted[index]._replace(lo=0)
    return frozenset(dropped)


def _say_alike(
    rows: Rows,
    found: Sequence[Recipient],
    funder_of: Sequence[str | None],
    counted: Sequence[_Award],
    problems: Problems,
) -> None:
    """Say which awards without an identifier are as another is: perhaps one award listed twice, yet each is counted."""
    columns = rows.columns
    dates = ("awarded_on", "planned_start", "planned_end", "months")
    stated = list(zip(*(columns[f"{fact}_{end}"] for fact in dates for end in ("lo", "hi")), strict=True))
    firsts: dict[tuple[object, ...], int] = {}
    for number, recipient in enumerate(found):
        for index in sorted(recipient.awards):
            if not counted[index].hi or not says_nothing(columns["identifier"][index]):
                continue
            purpose = spelling(columns["purpose"][index] or "")
            first = firsts.setdefault((number, funder_of[index], stated[index], counted[index].hi, purpose), index)
            if first != index:
                column = counted[index].column
                expected = (
                    f"an identifier, if it is not the award at {rows.cell(first, column)}, which is as this one is"
                )
                say(problems, rows, index, column, f"{expected}: each is counted", serious=False)


def _say_durations(rows: Rows, problems: Problems) -> None:
    """Say once that durations without a start or an end give no dates."""
    months, start, end = (rows.columns[f"{fact}_hi"] for fact in ("months", "planned_start", "planned_end"))
    alone = [index for index in range(len(rows)) if months[index] and start[index] is None and end[index] is None]
    if alone:
        expected = "planned start dates beside them: a duration alone does not say when an agreement ends"
        say(problems, rows, alone[0], "months", expected, f"{len(alone):,} durations", serious=False)


def _closed(
    funder_of: Sequence[str | None], counted: Sequence[_Award], councils: Iterable[Term], used: Collection[int]
) -> frozenset[Closed]:
    """The years of each funder from its first award to its last, less those of awards that could be anybody's.

    These are the awards whose recipient is not known, and those of which neither funder nor amount is.
    """
    years: dict[str | None, set[int]] = defaultdict(set)
    unsure: dict[str | None, set[int | None]] = defaultdict(set)
    for index, (funder, award) in enumerate(zip(funder_of, counted, strict=True)):
        if index not in used or (funder is None and award.hi is None):
            unsure[funder].update(award.years)
        if len(award.years) == 1 and award.years[0] is not None:
            years[funder].add(award.years[0])
    closed: set[Closed] = set()
    for council in councils:
        unclear = unsure[council.key] | unsure[None]
        if years[council.key] and None not in unclear:
            span = range(min(years[council.key]), max(years[council.key]) + 1)
            closed.update(Closed(_FUNDING, council.key, year) for year in span if year not in unclear)
    return frozenset(closed)


class _Writer:
    """Writes what awards say of their recipients into the tables of a register, as far as these have a place for it."""

    def __init__(self, awards: Rows, vocabulary: Vocabulary, paid: bool) -> None:
        self._awards = awards
        self._paid = paid
        self._day = awards.columns["awarded_on_lo"], awards.columns["awarded_on_hi"]
        self._vocabulary = vocabulary
        self._councils = {council.key: council.name for council in vocabulary.councils}
        self.tables = {table.name: empty_rows(table, vocabulary) for table in vocabulary.tables.values()}
        self.register = next(rows for rows in self.tables.values() if rows.table.shape is Shape.REGISTER)
        self._contributions = self._of_shape(Shape.COUNCIL_YEAR)
        self._agreements = self._of_shape(Shape.CURRENT)
        partners = (rows for rows in self.tables.values() if _ORGANISATION in rows.table.facts)
        self._partners = next(partners, None)
        self._added: dict[str, list[_Added]] = {name: [] for name in self.tables}
        self._years: dict[int, str] = {}

    def entry(self, position: int, recipient: Recipient) -> None:
        """The entry of an organisation in the register, and its row among the partner organisations."""
        name = (recipient.name,), (recipient.named_at, "recipient")
        spelt = {text for index in recipient.awards if (text := self._awards.columns["recipient"][index])}
        facts = {"name": name, "partners": (("; ".join(sorted(spelt)) or recipient.name,), name[1])}
        latest = sorted(recipient.awards, key=self._age)
        for fact, column in (("purpose", "purpose"), ("area_covered", "area")):
            texts = self._awards.columns[column]
            source = next((index for index in latest if texts[index]), None)
            if source is not None:
                facts[fact] = (texts[source],), (source, column)
        self._add(self.register, position, recipient.named_at, facts)
        numbers = {fact: ((number,), source) for fact, (number, source) in recipient.numbers.items()}
        self._add(
            self._partners, position, recipient.named_at,
            {_ORGANISATION: name, "receives_funding": ((True,), None), **numbers},
        )  # fmt: skip

    def contributions(self, position: int, index: int, award: _Award, funder: str | None) -> None:
        """The rows of an award: one, or one for every financial year that its date may fall in."""
        day = self._day[0][index], self._day[1][index]
        for year in award.years:
            facts: dict[str, tuple[tuple[Any, ...], Source | None]] = {
                _FUNDING: ((award.lo, award.hi), (index, award.column)),
            }
            if not self._paid:
                facts["funding_kind"] = ("grant",), None
            if funder is not None:
                facts["council"] = (self._councils[funder],), (index, "funder")
            if year is not None:
                if year not in self._years:
                    self._years[year] = str(FinancialYear(year))
                facts["year"] = (self._years[year],), (index, "awarded_on")
                facts["granted_on"] = day, (index, "awarded_on")
            self._add(self._contributions, position, index, facts, funder, year)

    def agreements(self, position: int, indices: Sequence[int], problems: Problems) -> None:
        """A row an award, where any of them has planned dates: those without may be of an agreement that is current."""
        planned = {index: self._planned(index, problems) for index in indices}
        if any(planned.values()):
            for index, facts in planned.items():
                self._add(self._agreements, position, index, facts)

    def unasked(self) -> frozenset[str]:
        """The facts that nothing in the list states for anybody."""
        found: set[str] = set()
        for rows in self.tables.values():
            if rows.table.shape is Shape.LONG:
                continue
            for fact in rows.table.facts.values():
                columns = (rows.columns[column] for column in physical_columns(fact, self._vocabulary))
                asked = fact.heading or not len(rows)
                if asked and fact.name not in (*JOIN_FACTS, *rows.table.keys) and not any(map(_any_stated, columns)):
                    found.add(fact.name)
        return frozenset(found)

    def _planned(self, index: int, problems: Problems) -> Stated:
        """The planned start and end of an award; an end that is not stated follows from start and duration."""
        columns = self._awards.columns
        start = columns["planned_start_lo"][index], columns["planned_start_hi"][index]
        end = columns["planned_end_lo"][index], columns["planned_end_hi"][index]
        months = columns["months_lo"][index], columns["months_hi"][index]
        facts: dict[str, tuple[tuple[Any, ...], Source | None]] = {}
        ended_by = "planned_end"
        if start[1] is not None and end[1] is None and months[1] and months[0] == months[1] and not months[0] % 100:
            end, ended_by = (_last_day(start[0], months[0] // 100), _last_day(start[1], months[0] // 100)), "months"
        if start[1] is not None and end[1] is not None and end[1] < start[0]:
            say(problems, self._awards, index, ended_by, "an end that is not before the start: neither is used", end[1])
            return {}
        if start[1] is not None:
            facts["agreement_start"] = start, (index, "planned_start")
        if end[1] is not None:
            facts["agreement_end"] = end, (index, ended_by)
        return facts

    def _of_shape(self, shape: Shape) -> Rows | None:
        table = self._vocabulary.table_of_shape(shape)
        return None if table is None else self.tables[table.name]

    def _age(self, index: int) -> tuple[int, tuple[str, ...]]:
        """Sorts awards, the latest first, whatever their order in the list."""
        day = self._awards.columns["awarded_on_lo"][index] or NEVER
        texts = tuple(self._awards.columns[fact][index] or "" for fact in ("identifier", "purpose", "area"))
        return -day.toordinal(), texts

    def _add(
        self,
        rows: Rows | None,
        position: int,
        at: int,
        facts: Stated,
        council: str | None = None,
        year: int | None = None,
    ) -> None:
        """Add a row at the place of an award, if the pack has such a table and fact."""
        if rows is not None:
            self._added[rows.table.name].append(_Added(position, at, facts, council, year))

    def write(self) -> None:
        """Write the rows that were added, a table at a time."""
        for name, rows in self.tables.items():
            self._write(rows, self._added.pop(name))

    def _write(self, rows: Rows, added: Sequence[_Added]) -> None:
        awards = self._awards
        rows.partnership.extend(one.position for one in added)
        rows.sheet.extend(awards.sheet[one.at] for one in added)
        rows.row.extend(awards.row[one.at] for one in added)
        rows.letter.extend([None] * len(added))
        if rows.table.shape is Shape.COUNCIL_YEAR:
            rows.council.extend(one.council for one in added)
        if rows.table.shape in (Shape.COUNCIL_YEAR, Shape.CYCLE):
            rows.year.extend(one.year for one in added)
        stated = {*chain.from_iterable(one.facts for one in added)}
        for fact in rows.table.facts.values():
            columns = [rows.columns[column] for column in physical_columns(fact, self._vocabulary)]
            if fact.name not in stated:
                for column in columns:
                    column.extend([None] * len(added))
                continue
            blank = (None,) * len(columns), None
            said = [one.facts.get(fact.name, blank) for one in added]
            for place, column in enumerate(columns):
                column.extend([values[place] for values, _ in said])
            usual: tuple[str, str] | None = None
            for index, (_, source) in enumerate(said):
                if source is None:
                    continue
                at, sheet = added[index].at, rows.sheet[index]
                if source[0] == at and usual == (sheet, source[1]):
                    continue
                letter = awards.letters.get((sheet, source[1]), "")
                if source[0] != at or rows.letters.setdefault((sheet, fact.name), letter) != letter:
                    rows.cells[index, fact.name] = awards.cell(*source)
                else:
                    usual = sheet, source[1]


def _any_stated(column: Iterable[Any]) -> bool:
    return any(value is not None for value in column)


def _last_day(start: date, months: int) -> date:
    """The last day of that many months from a day on; no later than a source may state."""
    most = (LATEST.year - start.year) * 12
    return Period(months=min(months, most)).after(start) - timedelta(days=1) if months < most else LATEST
