"""The forecast as a list of dates."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from tipstaff.audit.planning.forecast import AnswerKind, Change, Forecast
from tipstaff.facts.units import show_date
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording.citations import cited
from tipstaff.report.wording.forecast import because, describe_change, display_name, lead_officer
from tipstaff.report.wording.phrases import many, shown, typed

MOST_CHANGES = 1_000
"""The most changes that the list shows; JSON has them all."""

_MOST_NAMES = 12
_NAME = 60
_SUBJECT = 10


def lines(found: Forecast, source: str, width: int, style: Style = plain, options: Sequence[str] = ()) -> Iterator[str]:
    """The forecast, line by line.

    ``source`` is what the officer calls the register on the command line; ``options`` are those that a further command
    must repeat, beside the as-of date, to speak of the same policy and facts.
    """
    report = _Dates(found, source, width, style, options)
    yield from report.summary()
    yield from report.dates()
    yield from report.actions()
    yield from report.ending()


class _Dates:
    def __init__(self, found: Forecast, source: str, width: int, style: Style, options: Sequence[str]) -> None:
        self.found = found
        self.pressing = [change for change in found.changes if change.needs_attention]
        self.source = typed(source)
        self.width = width
        self.style = style
        self.options = "".join(f" {typed(option)}" for option in options)

    def summary(self) -> Iterator[str]:
        audit = self.found.audit
        days = len({change.day for change in self.found.changes})
        rows = {
            "Register": f"{shown(audit.register.name)}, {many(audit.partnerships, 'partnership')}",
            "Dates": f"from {show_date(audit.as_of)} to {show_date(self.found.until)}, if nothing is done",
            "Policy": f"{audit.pack.title} ({audit.pack.id} {audit.pack.version})",
            "Changes": f"{many(len(self.pressing), 'change')} to attend to, on {many(days, 'date')}",
        }
        for label, text in rows.items():
            yield from paragraph(text, self.width, 10, label)

    def dates(self) -> Iterator[str]:
        for day, changes in groupby(self.pressing[:MOST_CHANGES], lambda change: change.day):
            yield ""
            yield self.style("heading", show_date(day))
            members = list(changes)
            own = [change for change in members if any(cause.cell for cause in change.causes)]
            for position, of_one in groupby(own, lambda change: change.position):
                officer = shown(lead_officer(self.found, position), _NAME) or "no lead officer"
                yield from paragraph(f"{display_name(self.found, position)}, {officer}", self.width, 2, "  ")
                for change in of_one:
                    yield from self._row(change, because(change.causes))
            yield from self._together([change for change in members if change not in own])

    def _together(self, changes: Iterable[Change]) -> Iterator[str]:
        """The changes that one date makes in the same way for several partnerships."""
        groups: dict[tuple[object, ...], list[Change]] = {}
        for change in changes:
            groups.setdefault((change.causes, change.subject, change.old, change.new), []).append(change)
        for causes, members in groupby(groups.values(), lambda group: group[0].causes):
            yield from paragraph(f"Because of {because(causes)}", self.width, 2, "  ")
            for group in members:
                names = [display_name(self.found, change.position) for change in group[:_MOST_NAMES]]
                more = f"; and {len(group) - len(names)} more" if len(group) > len(names) else ""
                yield from self._row(group[0], f"{'; '.join(names)}{more}")

    def _row(self, change: Change, text: str) -> Iterator[str]:
        label = change.subject if change.kind is AnswerKind.OUTCOME else ""
        first, *more = paragraph(f"{describe_change(change)}: {text}", self.width, 4 + _SUBJECT, f"    {label}")
        yield first.replace(label, self.style(change.rule.severity, label), 1) if label else first
        yield from more

    def actions(self) -> Iterator[str]:
        turned = {change.rule.id for change in self.pressing if change.kind is AnswerKind.OUTCOME and change.action}
        rows = [
            [rule.id, rule.action.said, cited(rule.source)]
            for rule in self.found.audit.rules
            if rule.id in turned and rule.action is not None
        ]
        if rows:
            yield ""
            yield from table(rows, self.width, wide=1, headers=["rule", "what to do, and who", "source"])

    def ending(self) -> Iterator[str]:
        until = self.found.until.isoformat()
        again = f"tipstaff forecast {self.source} --as-of {self.found.audit.as_of.isoformat()} --until {until}"
        quiet = len(self.found.changes) - len(self.pressing)
        more = len(self.pressing) - MOST_CHANGES
        notes = [f"{many(more, 'more change')} to attend to"] * (more > 0)
        notes += [f"{many(quiet, 'change')} of less weight"] * bool(quiet)
        yield ""
        if notes:
            rest = f"In addition, {' and '.join(notes)}: {again}{self.options} --format json"
            yield from paragraph(rest, self.width, 2)
        if not self.pressing:
            yield f"Nothing changes for the worse until {show_date(self.found.until)}."
            return
        first = self.pressing[0]
        ref = typed(self.found.audit.register.refs[first.position])
        yield f"For a calendar: {again}{self.options} --format ics -o forecast.ics"
        yield f"Next: tipstaff explain {self.source} {ref} --as-of {first.day.isoformat()}{self.options}"


# For programs
