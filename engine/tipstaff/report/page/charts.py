"""Charts: the figures of the page as SVG, drawn by svg.py.

Places along a chart are percentages, so that a chart is as wide as the page and its text as large as any other.
Colours are those of classes of the page's style sheet, light or dark; severities differ in pattern too. Nothing here
is measured, timed or random: the same figures give the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

import svg
from markupsafe import Markup, escape

from tipstaff.facts.bounds import NO_END
from tipstaff.facts.units import show_money
from tipstaff.policy.pack.model import SEVERITIES
from tipstaff.report.page.figures import Agreement, Agreements, LedgerFigure, ThemeCount, ends_open
from tipstaff.report.wording.phrases import shown

_ROW = 44
_TEXT = 15
_BAR_TOP = 22
_BAR = 14
_TOP = 40
_AXIS = 24
_LONGEST = 80
_NAME_WIDTH = svg.Length(58, "%")
_ROOM_FOR_COUNT = 5
_YEARS_BEFORE, _YEARS_AFTER = 4, 4
_MOST_YEARS = 6
_STEPS = (1, 2, 5)


def by_theme(themes: Sequence[ThemeCount], title: str, description: str) -> Markup:
    """Stacked bars: the findings of each theme by severity."""
    most = max(one.total for one in themes)
    drawn: list[svg.Element] = []
    for index, one in enumerate(themes):
        top = index * _ROW
        total = f"{one.total:,} finding{'' if one.total == 1 else 's'}" if one.total else "none"
        drawn += _labelled(top, one.theme, total)
        before = 0
        drawn.append(_bar(top, 0, most, most, "track"))
        for severity, count in zip(SEVERITIES, one.counts, strict=True):
            if not count:
                continue
            drawn.append(_bar(top, before, count, most, f"fill-{severity}"))
            if 100 * count >= _ROOM_FOR_COUNT * most:
                middle = _share(2 * before + count, 2 * most)
                drawn.append(_text(middle, top + _BAR_TOP + 12, f"{count:,}", "middle", "on-bar"))
            before += count
    return _chart("chart-themes", title, description, len(themes) * _ROW, drawn)


def timeline(
    found: Agreements, names: Sequence[str], as_of: date, cycle: tuple[date, date], title: str, description: str
) -> Markup:
    """Agreements from start to end, the as-of date and the year of the cycle behind them."""
    first, last = _window(found.drawn, as_of, cycle)
    height = _TOP + len(found.drawn) * _ROW
    span = (last - first).days

    def at(day: date) -> int:
        return (min(max(day, first), last) - first).days

    drawn: list[svg.Element] = [
        _rect(_share(at(cycle[0]), span), 0, _share(at(cycle[1]) - at(cycle[0]), span), height, "band")
    ]
    for year in _years(first, last):
        place = _share(at(date(year, 1, 1)), span)
        drawn += [_line(place, _TOP, height, "grid"), _text(place, height + 18, str(year), "middle", "axis")]
    names_and_ends: list[svg.Element] = []
    for index, one in enumerate(found.drawn):
        top = _TOP + index * _ROW
        names_and_ends += _labelled(top, names[one.position], _ending(one))
        start = at(one.start) if one.start is not None else 0
        if ends_open(one.ends):
            drawn.append(_bar(top, start, span - start, span, "fill-open"))
            continue
        ended = one.ends.hi is not None and one.ends.hi < as_of
        surely = at(one.ends.lo)
        drawn.append(_bar(top, start, max(surely - start, 1), span, "fill-ended" if ended else "fill-running"))
        if one.ends.hi is not None and at(one.ends.hi) > surely:
            drawn.append(_bar(top, surely, at(one.ends.hi) - surely, span, "fill-uncertain"))
    now = _share(at(as_of), span)
    drawn += [_line(now, 18, height, "now"), *names_and_ends]
    drawn.append(_beside(now, 13, f"as of {as_of.day} {as_of:%b} {as_of.year}", "now-label"))
    middle = _share(at(cycle[0]) + at(cycle[1]), 2 * span)
    drawn.append(_text(middle, 32, f"{cycle[0].year}/{cycle[1].year % 100:02d}", "middle", "axis"))
    return _chart("chart-agreements", title, description, height + _AXIS, drawn)


def against_law(figure: LedgerFigure, number: int, title: str, description: str) -> Markup:
    """The sums that organisations had, each a bar beside the figures of the law that it is compared with."""
    law = [bounds for one in figure.drawn for _, bounds in one.total.bounds]
    ends = [*(bounds.hi or bounds.lo for bounds in law), *(one.total.most or one.total.least for one in figure.drawn)]
    step = _step(max(ends))
    most = -(-max(ends) // step) * step
    series = list(dict.fromkeys(name for one in figure.drawn for name, _ in one.total.bounds))
    height = len(figure.drawn) * _ROW
    drawn: list[svg.Element] = []
    for pence in range(0, most + 1, step):
        place = _share(pence, most)
        anchor = "start" if pence == 0 else "end" if pence == most else "middle"
        label = show_money(pence) if pence else "£0"
        drawn += [_line(place, 0, height, "grid"), _text(place, height + 18, label, anchor, "axis")]
    for index, one in enumerate(figure.drawn):
        top = index * _ROW
        drawn += _labelled(top, one.name, one.total.amount)
        drawn.append(_bar(top, 0, one.total.least, most, "fill-running"))
        if one.total.most != one.total.least:
            upper = most if one.total.most is None else one.total.most
            drawn.append(_bar(top, one.total.least, upper - one.total.least, most, "fill-uncertain"))
        for name, bounds in one.total.bounds:
            mark = f"law-{series.index(name) % 2}"
            width = (bounds.hi or bounds.lo) - bounds.lo
            drawn.append(_rect(_share(bounds.lo, most), top + 18, _share(width, most), 22, f"{mark} range"))
            drawn += [_line(_share(bounds.lo, most), top + 18, top + 40, role) for role in ("under", mark)]
    return _chart(f"chart-ledger-{number}", title, description, height + _AXIS, drawn)


def law_marks(figure: LedgerFigure) -> list[tuple[str, str]]:
    """How the figures of the law are marked: the class of the mark, and the title."""
    series = dict.fromkeys(name for one in figure.drawn for name, _ in one.total.bounds)
    return [(f"law-{index % 2}", name) for index, name in enumerate(series)]


def swatch(fill: str) -> Markup:
    """A sample of a fill or a mark for a key."""
    mark: svg.Element = svg.Rect(x=0, y=1, width=22, height=12, class_=[fill])
    if fill in _MARKS:
        mark = svg.Line(x1=11, y1=0, x2=11, y2=14, class_=[fill])
    return _rendered(svg.SVG(width=22, height=14, class_=["swatch"], elements=[mark], extra={"aria-hidden": "true"}))


_MARKS = ("now", "law-0", "law-1")


def patterns() -> Markup:
    """The patterns that the style sheet fills bars with: once on the page."""
    drawn: list[svg.Element] = [
        _pattern("hatch-medium", 6, "tone-medium", svg.Path(d=[svg.M(0, 6), svg.L(6, 0)], class_=["stroke"])),
        _pattern("hatch-low", 5, "tone-low", svg.Circle(cx=Decimal("2.5"), cy=Decimal("2.5"), r=1, class_=["dot"])),
        _pattern("hatch-advisory", 5, "tone-advisory", svg.Path(d=[svg.M(0, 1), svg.L(5, 1)], class_=["stroke"])),
        _pattern("hatch-uncertain", 6, "tone-uncertain", svg.Path(d=[svg.M(0, 0), svg.L(6, 6)], class_=["stroke"])),
        _pattern("hatch-ended", 4, "tone-ended", svg.Path(d=[svg.M(2, 0), svg.L(2, 4)], class_=["stroke"])),
        _pattern("hatch-open", 8, "tone-open", svg.Path(d=[svg.M(0, 0), svg.L(4, 4), svg.L(0, 8)], class_=["stroke"])),
    ]
    defs = svg.Defs(elements=drawn)
    return _rendered(svg.SVG(width=0, height=0, class_=["patterns"], elements=[defs], extra={"aria-hidden": "true"}))


def _pattern(name: str, size: int, tone: str, mark: svg.Element) -> svg.Pattern:
    ground = svg.Rect(width=size, height=size, class_=["ground"])
    return svg.Pattern(
        id=name, width=size, height=size, patternUnits="userSpaceOnUse", class_=[tone], elements=[ground, mark]
    )


# Parts of a chart


def _chart(name: str, title: str, description: str, height: int, drawn: Sequence[svg.Element]) -> Markup:
    """A chart that is one image to whoever does not see it, with its title and description."""
    said = {"role": "img", "aria-labelledby": f"{name}-title {name}-desc"}
    heading = svg.Title(id=f"{name}-title", text=escape(title))
    summary = svg.Desc(id=f"{name}-desc", text=escape(description))
    whole = svg.Length(100, "%")
    return _rendered(
        svg.SVG(width=whole, height=height, class_=["chart"], extra=said, elements=[heading, summary, *drawn])
    )


def _rendered(drawn: svg.SVG) -> Markup:
    return Markup(drawn.as_str())


def _share(part: int, whole: int) -> svg.Length:
    """A part of a whole as a percentage, cut to hundredths."""
    return svg.Length(Decimal(10_000 * part // whole).scaleb(-2), "%")


def _text(x: svg.Length, y: int, text: str, anchor: str, role: str) -> svg.Text:
    return svg.Text(x=x, y=y, text=escape(text), class_=[role, anchor])


def _labelled(top: int, left: str, right: str) -> Iterator[svg.Element]:
    """The name of a row, cut short by the page if there is no room for it, and what it comes to."""
    name = Markup('<div xmlns="http://www.w3.org/1999/xhtml" class="row-name">{}</div>').format(shown(left, _LONGEST))
    yield svg.ForeignObject(x=0, y=top, width=_NAME_WIDTH, height=_BAR_TOP - 2, text=name)
    yield _text(svg.Length(100, "%"), top + _TEXT, right, "end", "value")


def _beside(x: svg.Length, y: int, text: str, role: str) -> svg.Text:
    """A text that ends at a place on the right half, and starts at one on the left."""
    return _text(x, y, text, "start" if x.value < 50 else "end", role)


def _rect(x: svg.Length, y: int, width: svg.Length, height: int, fill: str) -> svg.Rect:
    return svg.Rect(x=x, y=y, width=width, height=height, class_=[fill])


def _bar(top: int, start: int, length: int, whole: int, fill: str) -> svg.Rect:
    return _rect(_share(start, whole), top + _BAR_TOP, _share(length, whole), _BAR, fill)


def _line(x: svg.Length, top: int, bottom: int, role: str) -> svg.Line:
    return svg.Line(x1=x, y1=top, x2=x, y2=bottom, class_=[role])


def _ending(one: Agreement) -> str:
    if ends_open(one.ends):
        return "no end"
    last = one.ends.hi if one.ends.hi is not None and one.ends.hi != NO_END else one.ends.lo
    return f"{last.day} {last:%b} {last.year}"


def _window(drawn: Iterable[Agreement], as_of: date, cycle: tuple[date, date]) -> tuple[date, date]:
    """The days that the timeline shows: those of its agreements, within some years of the as-of date and the cycle."""
    starts = [one.start for one in drawn if one.start is not None]
    ends = [one.ends.hi for one in drawn if one.ends.hi is not None and one.ends.hi != NO_END]
    earliest, latest = date(as_of.year - _YEARS_BEFORE, 1, 1), date(cycle[1].year + _YEARS_AFTER, 12, 31)
    first = max(min([*starts, *ends, as_of, cycle[0]]), earliest)
    last = min(max([*ends, as_of, cycle[1]]), latest)
    return date(first.year, 1, 1), date(last.year, 12, 31)


def _years(first: date, last: date) -> range:
    """The years marked on the axis, at most as many as there is room for; not the first, which is the edge."""
    years = last.year - first.year
    return range(first.year + 1, last.year + 1, -(-years // _MOST_YEARS) or 1)


def _step(most: int) -> int:
    """A round sum, in pence, that goes from two to five times into the most shown."""
    power = 1
    while True:
        for digit in _STEPS:
            if digit * power * 5 >= most:
                return digit * power
        power *= 10
