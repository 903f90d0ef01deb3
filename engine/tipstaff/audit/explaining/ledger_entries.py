"""The entries of an audit's ledgers: sums and totals by beneficiary, with the cells that state them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any

import polars as pl

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.explaining.values import prefetch_rows, show_bounds
from tipstaff.facts.bounds import Bounds
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.language.english import cited, listed, show_value
from tipstaff.policy.language.nodes import Compare, Node, children, facts_of, laws_of
from tipstaff.policy.law.series import Segment, Series
from tipstaff.policy.pack.model import Aggregate, Ledger

MOST_SHARING = 20
"""The most partnerships sharing an organisation that are named in a sentence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A sum on a ledger. ``partnership`` is a position; ``year`` is blank for a yearly rate."""

    partnership: int
    council: str
    year: str
    amount: str
    granted: str
    cell: str


@dataclass(frozen=True, slots=True)
class Total:
    """A total of a beneficiary over some years, or up to an award (``window``)."""

    beneficiary: int
    window: str
    amount: str
    least: int
    """The lower bound of the amount, in pence."""
    most: int | None
    """The upper bound of the amount, in pence; None if it is unlimited."""
    granted: str
    planned: bool
    limits: tuple[tuple[str, str], ...]
    """The figures of the law that apply to the total on the day of the last award, by title."""
    ceilings: tuple[tuple[str, str], ...]
    """The same figures as amounts only."""
    bounds: tuple[tuple[str, Bounds[int]], ...]
    """The same figures in pence, for those known for the whole period."""


@dataclass(frozen=True, slots=True)
class _Law:
    """The figures of the law for a Total."""

    limits: tuple[tuple[str, str], ...]
    ceilings: tuple[tuple[str, str], ...]
    bounds: tuple[tuple[str, Bounds[int]], ...]


class LedgerEntries:
    """Reads the ledgers of an audit."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self._councils = {council.key: council.name for council in audit.pack.vocabulary.councils}
        self.digests: dict[tuple[str, int], str] = {}
        """The digests of ledgers and beneficiaries made so far (see ``fingerprints``)."""
        self._counts: dict[tuple[str, int], int] = {}
        self._laws: dict[tuple[str, date, date | None], _Law] = {}

    def of_partnership(self, ledger: str, position: int) -> Sequence[int]:
        """The beneficiaries of a partnership, by number."""
        return self._linked[ledger].get(position, ())

    def is_certain(self, ledger: str, position: int) -> bool:
        """Whether it is known which organisation of a partnership receives the money."""
        return len(self.of_partnership(ledger, position)) == 1

    def name(self, ledger: str, beneficiary: int) -> str:
        """The name of a beneficiary."""
        return self.audit.facts.ledgers[ledger].beneficiaries.names[beneficiary]

    def partnerships(self, ledger: str, beneficiary: int) -> Sequence[int]:
        """The positions of the partnerships in which a beneficiary receives, or may receive, the money."""
        return self._sharing[ledger].get(beneficiary, ())

    def near(self, ledger: str, beneficiary: int) -> tuple[str, ...]:
        """The names of other beneficiaries that may be the same organisation."""
        return tuple(self.name(ledger, other) for other in self._near[ledger].get(beneficiary, ()))

    def organisation_rows(self, ledger: str, beneficiary: int) -> tuple[int, ...]:
        """The rows of the table of organisations that name a beneficiary."""
        return self.audit.facts.ledgers[ledger].beneficiaries.rows.get(beneficiary, ())

    def entries(self, ledger: str, beneficiary: int, first: int | None = None) -> Iterator[Entry]:
        """Every sum in the totals of a beneficiary, in the order of partnerships and years.

        Those of the partnership ``first``, if given, come before all others.
        """
        rules = self.audit.pack.ledgers[ledger]
        rows = self.audit.register.tables[rules.table]
        by_year = rows.table.shape is Shape.COUNCIL_YEAR
        sharing: Iterable[int] = self.partnerships(ledger, beneficiary)
        if first is not None:
            sharing = chain([first], (partnership for partnership in sharing if partnership != first))
        else:
            stating = (self._rows[ledger].get(partnership, ()) for partnership in sharing)
            rows = prefetch_rows(rows, list(chain.from_iterable(stating)))
        for partnership in sharing:
            mine = self._rows[ledger].get(partnership, [])
            for index in sorted(mine, key=lambda index: (rows.year[index] or 0, index)) if by_year else mine:
                lo, hi = (rows.columns[f"{rules.amount}_{end}"][index] for end in ("lo", "hi"))
                council = rows.council[index] if by_year else None
                year = rows.year[index] if by_year else None
                granted = [rows.columns[f"{rules.granted}_{end}"][index] for end in ("lo", "hi")]
                yield Entry(
                    partnership=partnership,
                    council=self._councils.get(council or "", "not tied to one council") if by_year else "",
                    year=str(FinancialYear(year)) if year is not None else "",
                    amount=show_bounds(Kind.MONEY, lo, hi),
                    granted=show_bounds(Kind.DATE, granted[0], granted[1]),
                    cell=rows.cell(index, rules.amount),
                )

    def count(self, ledger: str, beneficiary: int) -> int:
        """The number of sums in the totals of a beneficiary."""
        key = ledger, beneficiary
        if key not in self._counts:
            rows = self._rows[ledger]
            self._counts[key] = sum(len(rows.get(one, ())) for one in self.partnerships(ledger, beneficiary))
        return self._counts[key]

    def totals(self, ledger: str, beneficiary: int) -> Iterator[Total]:
        """The totals of a beneficiary, in the order of years or awards."""
        rules = self.audit.pack.ledgers[ledger]
        for row in self._totals[ledger].get(beneficiary, []):
            law = self._law_on(ledger, row[f"{rules.date}_lo"], row[f"{rules.date}_hi"])
            yield Total(
                beneficiary=beneficiary,
                window=_window(rules, row),
                amount=show_bounds(Kind.MONEY, row[f"{rules.total}_lo"], row[f"{rules.total}_hi"]),
                least=row[f"{rules.total}_lo"],
                most=row[f"{rules.total}_hi"],
                granted=show_bounds(Kind.DATE, row[f"{rules.date}_lo"], row[f"{rules.date}_hi"]),
                planned=rules.planned is not None and bool(row[rules.planned]),
                limits=law.limits,
                ceilings=law.ceilings,
                bounds=law.bounds,
            )

    def most(self, ledger: str, beneficiary: int) -> int:
        """The greatest lower bound among the totals of a beneficiary, in pence; 0 if there are none."""
        total = f"{self.audit.pack.ledgers[ledger].total}_lo"
        return max((row[total] for row in self._totals[ledger].get(beneficiary, ())), default=0)

    def _law_on(self, ledger: str, first: date, last: date | None) -> _Law:
        """The figures of the law that apply to the totals of a ledger, from one day to another."""
        key = ledger, first, last
        if key not in self._laws:
            found = [(series, series.within(first, last)) for series in self._limits[ledger]]
            amounts = [(series.title, _bounds(law)) for series, law in found]
            self._laws[key] = _Law(
                limits=tuple((series.title, cited(series, law)) for series, law in found),
                ceilings=tuple((title, "not held" if one is None else _amount(one)) for title, one in amounts),
                bounds=tuple((title, one) for title, one in amounts if one is not None),
            )
        return self._laws[key]

    def words(self, ledger: str, position: int, *, latest: bool = False) -> str:
        """Describe the greatest (or latest) total of a partnership's beneficiaries, with the figures of the law.

        ``Age UK (P-01, P-07) had £210,000 over 2014/15 to 2016/17 (general ceiling ...: £155,760 to £178,660)``.
        """
        totals = [
            total
            for beneficiary in self.of_partnership(ledger, position)
            for total in self.totals(ledger, beneficiary)
            if not total.planned
        ]
        if not totals:
            return "no sum is recorded"
        greatest = totals[-1] if latest else max(totals, key=lambda total: total.least)
        sharing = self.partnerships(ledger, greatest.beneficiary)
        refs = [self.audit.register.refs[place] for place in sharing[:MOST_SHARING]]
        refs += [f"{len(sharing) - MOST_SHARING:,} more"] * (len(sharing) > MOST_SHARING)
        name = self.name(ledger, greatest.beneficiary)
        ceilings = "; ".join(f"{title}: {amount}" for title, amount in greatest.ceilings)
        law = f" ({ceilings})" if ceilings else ""
        return f"{name} ({listed(refs, 'and')}) had {greatest.amount} {greatest.window}{law}"

    @cached_property
    def _limits(self) -> dict[str, tuple[Series, ...]]:
        """The amounts of the law that some fact compares with the totals of each ledger."""
        found: dict[str, dict[str, Series]] = {name: {} for name in self.audit.facts.ledgers}
        for aggregate in (one.formula for one in self.audit.pack.derived if isinstance(one.formula, Aggregate)):
            if aggregate.table in found:
                total = self.audit.pack.ledgers[aggregate.table].total
                asked = (one for one in _comparisons(aggregate.over) if total in facts_of(one))
                found[aggregate.table] |= {law.series.id: law.series for one in asked for law in laws_of(one)}
        return {name: tuple(laws.values()) for name, laws in found.items()}

    @cached_property
    def _near(self) -> dict[str, dict[int, list[int]]]:
        found: dict[str, dict[int, list[int]]] = {}
        for name, rows in self.audit.facts.ledgers.items():
            found[name] = {}
            for one, other in rows.beneficiaries.near:
                found[name].setdefault(one, []).append(other)
                found[name].setdefault(other, []).append(one)
        return found

    @cached_property
    def _linked(self) -> dict[str, dict[int, list[int]]]:
        return {
            name: _by(rows.beneficiaries.links, "partnership", "beneficiary")
            for name, rows in self.audit.facts.ledgers.items()
        }

    @cached_property
    def _sharing(self) -> dict[str, dict[int, list[int]]]:
        return {
            name: _by(rows.beneficiaries.links.sort("partnership", maintain_order=True), "beneficiary", "partnership")
            for name, rows in self.audit.facts.ledgers.items()
        }

    @cached_property
    def _rows(self) -> dict[str, dict[int, list[int]]]:
        """The rows that state a sum, by ledger and partnership."""
        found: dict[str, dict[int, list[int]]] = {}
        for name in self.audit.facts.ledgers:
            rules = self.audit.pack.ledgers[name]
            rows = self.audit.register.tables[rules.table]
            lo, hi = (pl.Series(rows.columns[f"{rules.amount}_{end}"], dtype=pl.Int64) for end in ("lo", "hi"))
            stated = pl.Series("partnership", rows.partnership, dtype=pl.UInt32).to_frame().with_row_index()
            found[name] = _by(stated.filter(hi.is_not_null() | (lo != 0)), "partnership", "index")
        return found

    @cached_property
    def _totals(self) -> dict[str, dict[int, list[dict[str, Any]]]]:
        found: dict[str, dict[int, list[dict[str, Any]]]] = {}
        for name, rows in self.audit.facts.ledgers.items():
            found[name] = {}
            for row in rows.totals.iter_rows(named=True):
                found[name].setdefault(row["beneficiary"], []).append(row)
        return found


def _by(rows: pl.DataFrame, key: str, value: str) -> dict[int, list[int]]:
    """Group the values of a column by those of another, in the order of the rows."""
    return dict(rows.group_by(key, maintain_order=True).agg(value).iter_rows())


def _amount(amount: Bounds[int]) -> str:
    """An amount as an officer reads it."""
    return show_bounds(Kind.MONEY, amount.lo, amount.hi)


def _bounds(law: Sequence[Segment]) -> Bounds[int] | None:
    """The range of the figures of the law; None if they are not all amounts."""
    amounts = [segment.value for segment in law if isinstance(segment.value, Bounds)]
    if len(amounts) < len(law) or not amounts:
        return None
    most = [amount.hi for amount in amounts if amount.hi is not None]
    return Bounds(min(amount.lo for amount in amounts), max(most) if most else None)


def _comparisons(node: Node) -> Iterator[Compare]:
    if isinstance(node, Compare):
        yield node
    for child in children(node):
        yield from _comparisons(child)


def _window(ledger: Ledger, row: dict[str, Any]) -> str:
    if ledger.years is None:
        return f"in the {ledger.period} up to the award of {show_value(Kind.DATE, row[f'{ledger.date}_lo'])}"
    first, last = FinancialYear(row["year"] - ledger.years + 1), FinancialYear(row["year"])
    return f"in {last}" if ledger.years == 1 else f"over {first} to {last}"
