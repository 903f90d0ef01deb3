"""Loading the law: a folder of dated figures read, amounts in other currencies converted, gaps and overlaps refused."""

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from tipstaff.errors import PackError
from tipstaff.facts.bounds import MOST_HUNDREDTHS, MOST_PENCE, NEVER, NO_END, Bounds
from tipstaff.facts.periods import Period, read_period
from tipstaff.facts.spellings import nearest
from tipstaff.facts.units import show_date, to_hundredths
from tipstaff.policy.law.schema import LawPart, LawSourcesPart, MonthlyPart, SeriesPart
from tipstaff.policy.law.series import RATE_UNIT, Corroborated, LawKind, LawStatus, Segment, Series
from tipstaff.policy.yaml.lines import Place, Source
from tipstaff.policy.yaml.validation import read_day, validated

SOURCES = "sources.yaml"

MOST_FILES = 50
"""The most files of one folder of law."""

MOST_SEGMENTS = 400
"""The most segments of one series, those that rates cut it into included."""

_DAY = timedelta(days=1)
_RATE = re.compile(r"([0-9]{1,4})(?:\.([0-9]{1,4}))?")
_EXPECTED = {
    LawKind.MONEY: "an amount such as £25,000 or, where a rate converts it, €200,000 or 325,000 SDR",
    LawKind.NUMBER: "a number with at most two decimals",
    LawKind.PERIOD: "a period such as 3 months",
    LawKind.RATE: "a rate with at most four decimals, or two such rates with “to” between them",
    LawKind.DUTY: "“in force”",
}


@dataclass(frozen=True, slots=True)
class Law:
    """A folder of law: its series by name, and the content of its files, for a digest."""

    series: Mapping[str, Series]
    content: bytes


@dataclass(frozen=True, slots=True)
class _Stated:
    """A segment as declared in its file, its figure in pence or in hundredths of the unit that ``rates`` convert."""

    segment: Segment
    rates: Series | None
    path: Place


@dataclass(frozen=True, slots=True)
class _Declared:
    """A series as declared in its file."""

    source: Source
    part: SeriesPart
    path: Place


def load_law(folder: Path) -> Law:
    """Read every YAML file of a folder of law, and ``sources.yaml``. Raises PackError with file and line."""
    return _Loader(folder).load()


class _Loader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content = b""

    def load(self) -> Law:
        names = sorted(path.name for path in self.folder.glob("*.yaml") if path.name != SOURCES)
        if not names or len(names) > MOST_FILES:
            raise PackError(f"{self.folder.name}: holds {len(names)} files of law; expected 1 to {MOST_FILES}.")
        self.addresses = self._addresses()
        declared: dict[str, _Declared] = {}
        for name in names:
            source = self._source(name)
            for key, part in validated(source, LawPart).series.items():
                path: Place = ("series", key)
                if key in declared:
                    other = declared[key].source.place(declared[key].path)
                    raise source.error(path, f"{key} is also a series at {other}. Rename one.")
                declared[key] = _Declared(source, part, path)
        self.rates: dict[str, Series] = {}
        rates = {key: one for key, one in declared.items() if one.part.currency is not None}
        made = {key: self._rate(key, one) for key, one in rates.items()}
        made |= {key: self._series(key, one) for key, one in declared.items() if key not in rates}
        return Law({key: made[key] for key in declared}, self.content)

    def _source(self, name: str) -> Source:
        source = Source(self.folder / name, f"{self.folder.name}/{name}")
        self.content += source.name.encode() + b"\0" + source.raw + b"\0"
        return source

    def _addresses(self) -> dict[str, tuple[str, ...]]:
        sources = validated(self._source(SOURCES), LawSourcesPart).sources
        return {key: (where,) if isinstance(where, str) else tuple(where) for key, where in sources.items()}

    def _rate(self, name: str, declared: _Declared) -> Series:
        currency = declared.part.currency or ""
        if currency in self.rates:
            raise declared.source.error(
                declared.path, f"{currency} is also converted by {self.rates[currency].id}. Keep one of them."
            )
        self.rates[currency] = self._series(name, declared)
        return self.rates[currency]

    def _series(self, name: str, declared: _Declared) -> Series:
        source, part, path = declared.source, declared.part, declared.path
        if part.monthly is None:
            stated = [self._segment(declared, index) for index in range(len(part.segments))]
        else:
            stated = list(self._months(declared, part.monthly))
        _check_order(stated, source)
        segments = tuple(_from_first_to_last([piece for one in stated for piece in _in_sterling(one)]))
        if len(segments) > MOST_SEGMENTS:
            raise source.error(path, f"{name} has {len(segments)} segments; at most {MOST_SEGMENTS} are read.")
        return Series(
            id=name,
            title=part.title,
            kind=part.kind,
            unit=part.unit,
            decided_on=part.decided_on,
            segments=segments,
            note=part.note or "",
            place=source.place(path),
        )

    def _segment(self, declared: _Declared, index: int) -> _Stated:
        source, kind, part = declared.source, declared.part.kind, declared.part.segments[index]
        path: Place = (*declared.path, "segments", index)
        first = _day(source, (*path, "from"), part.from_)
        last = _day(source, (*path, "to"), part.to) if part.to is not None else NO_END
        if last < first:
            raise source.error((*path, "to"), f"{show_date(last)} is before {show_date(first)}, on which it begins.")
        status = LawStatus.NOT_IN_FORCE if part.value == LawStatus.NOT_IN_FORCE else LawStatus.IN_FORCE
        if part.vat is not None and (status is LawStatus.NOT_IN_FORCE or kind is not LawKind.MONEY):
            raise source.error((*path, "vat"), "only an amount that is in force has a VAT basis.")
        value: Bounds[int] | Period | None = None
        rates: Series | None = None
        if status is LawStatus.IN_FORCE:
            value, rates = self._figure(kind, part.value)
            if value is None and not (kind is LawKind.DUTY and part.value == LawStatus.IN_FORCE):
                raise source.error(
                    (*path, "value"), f"value is {part.value!r}; expected {_EXPECTED[kind]}, or “not in force”."
                )
        segment = Segment(
            first=first,
            last=last,
            status=status,
            value=value,
            stated=part.value if rates is not None else "",
            includes_vat=None if part.vat is None else part.vat == "inclusive",
            instrument=part.instrument,
            sources=self._cited(source, (*path, "sources"), part.sources),
            corroborated=part.corroborated,
            expected_end=(
                None if part.expected_end is None else _day(source, (*path, "expected_end"), part.expected_end)
            ),
            note=part.note or "",
        )
        return _Stated(segment, rates, path)

    def _months(self, declared: _Declared, part: MonthlyPart) -> Iterator[_Stated]:
        source = declared.source
        path: Place = (*declared.path, "monthly")
        sources = self._cited(source, (*path, "sources"), part.sources)
        for month, text in part.rates.items():
            place: Place = (*path, "rates", month)
            value = _rates(text)
            if value is None:
                raise source.error(place, f"{month} is {text!r}; expected {_EXPECTED[LawKind.RATE]}.")
            first = _day(source, place, f"{month}-01")
            segment = Segment(
                first=first,
                last=first.replace(day=calendar.monthrange(first.year, first.month)[1]),
                status=LawStatus.IN_FORCE,
                value=value,
                instrument=part.instrument,
                sources=sources,
                corroborated=part.corroborated,
            )
            yield _Stated(segment, None, place)

    def _cited(self, source: Source, path: Place, keys: Iterable[str]) -> tuple[str, ...]:
        for key in keys:
            if key not in self.addresses:
                hint = nearest(key, list(self.addresses))
                raise source.error(path, f"{key} is no source of {SOURCES}{hint}.")
        return tuple(address for key in keys for address in self.addresses[key])

    def _figure(self, kind: LawKind, text: str) -> tuple[Bounds[int] | Period | None, Series | None]:
        """A figure, with the rates that convert it if it is not in sterling; no figure if the text is none."""
        match kind:
            case LawKind.PERIOD:
                return read_period(text), None
            case LawKind.RATE:
                return _rates(text), None
            case LawKind.NUMBER:
                return _point(text, MOST_HUNDREDTHS), None
            case LawKind.MONEY if text.startswith("£"):
                return _point(text.removeprefix("£"), MOST_PENCE), None
            case LawKind.MONEY:
                for currency, rates in self.rates.items():
                    amount = text.removeprefix(currency).removesuffix(f" {currency}")
                    if amount != text:
                        return _point(amount, MOST_PENCE), rates
        return None, None


def _in_sterling(stated: _Stated) -> Iterator[Segment]:
    """A segment, or its pieces at the rates of their days, in bounds widened to whole pence."""
    segment, rates = stated.segment, stated.rates
    if rates is None:
        yield segment
        return
    assert isinstance(segment.value, Bounds)
    amount = segment.value.lo
    for rate in rates.within(segment.first, segment.last):
        piece = replace(segment, first=max(segment.first, rate.first), last=min(segment.last, rate.last))
        if not isinstance(rate.value, Bounds) or rate.value.hi is None:
            yield replace(piece, status=LawStatus.NOT_HELD, value=None)
            continue
        yield replace(
            piece,
            value=Bounds(amount * rate.value.lo // RATE_UNIT, -(-amount * rate.value.hi // RATE_UNIT)),
            sources=tuple(dict.fromkeys((*segment.sources, *rate.sources))),
            corroborated=max((segment.corroborated, rate.corroborated), key=list(Corroborated).index),
        )


def _check_order(stated: list[_Stated], source: Source) -> None:
    """Refuse gaps and overlaps: what the law was on a day is said once."""
    for before, after in pairwise(stated):
        ended, began = before.segment.last, after.segment.first
        if began <= ended:
            raise source.error(
                (*after.path, "from"),
                f"{show_date(began)} is also in the segment before it, {show_date(before.segment.first)} to "
                f"{show_date(ended)}. Segments follow each other and do not overlap.",
            )
        if began != ended + _DAY:
            raise source.error(
                (*after.path, "from"),
                f"nothing is said of {show_date(ended + _DAY)} to {show_date(began - _DAY)}. Close the gap; say “not "
                "in force” if there was no such law.",
            )


def _from_first_to_last(segments: list[Segment]) -> Iterator[Segment]:
    """The segments, with the days before and after them as not held."""
    if segments[0].first > NEVER:
        yield Segment(NEVER, segments[0].first - _DAY, LawStatus.NOT_HELD)
    yield from segments
    if segments[-1].last < NO_END:
        yield Segment(segments[-1].last + _DAY, NO_END, LawStatus.NOT_HELD)


def _day(source: Source, path: Place, text: str) -> date:
    day = read_day(text)
    if day is None or not NEVER < day < NO_END:
        raise source.error(path, f"{path[-1]} is {text!r}; expected a date such as 1 January 2016.")
    return day


def _point(text: str, most: int) -> Bounds[int] | None:
    amount = to_hundredths(text.replace(",", ""))
    return Bounds(amount, amount) if amount is not None and 0 <= amount <= most else None


def _rates(text: str) -> Bounds[int] | None:
    """A rate, or the range of two rates, in ten-thousandths."""
    matches = [_RATE.fullmatch(part) for part in text.split(" to ", 1)]
    ends = [int(match[1]) * RATE_UNIT + int((match[2] or "").ljust(4, "0")) for match in matches if match]
    return Bounds(ends[0], ends[-1]) if len(ends) == len(matches) and ends[0] <= ends[-1] else None
