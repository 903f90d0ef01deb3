"""The check list of a renewal: for people as a table, for programs as JSON, for a spreadsheet as CSV."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from tipstaff.audit.explaining.findings import combine_questions
from tipstaff.audit.planning.renewal import Duty, Entry, Renewal, State
from tipstaff.facts.units import show_date
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording.citations import cited
from tipstaff.report.wording.forecast import describe_due, in_days
from tipstaff.report.wording.phrases import many, run_of, shown, typed

MOST_PARTNERSHIPS = 300
"""The most partnerships whose duties the table shows; JSON and CSV have them all."""

_STATE = 15
_MOST_NAMES = 100
_NAME = 60


# For people


def lines(
    renewal: Renewal, source: str, width: int, style: Style = plain, options: Sequence[str] = ()
) -> Iterator[str]:
    """The check list, line by line.

    ``source`` is what the officer calls the register on the command line; ``options`` are those that a further command
    must repeat, beside the as-of date, to speak of the same audit.
    """
    report = _List(renewal, source, width, style, options)
    yield from report.summary()
    yield from report.duties()
    yield from report.lacking()
    yield from report.actions()
    yield from report.ending()


class _List:
    def __init__(self, renewal: Renewal, source: str, width: int, style: Style, options: Sequence[str]) -> None:
        self.renewal = renewal
        self.audit = renewal.audit
        self.width = width
        self.style = style
        self.source = typed(source)
        self.options = f" {typed('--as-of', self.audit.as_of.isoformat(), *options)}"
        self.missing_tables = frozenset(self.audit.register.missing)

    def summary(self) -> Iterator[str]:
        cycle = self.audit.cycle
        counts = {state: count for state, count in self.renewal.counts().items() if count}
        rows = {
            "Register": f"{shown(self.audit.register.name)}, {many(self.audit.partnerships, 'partnership')}",
            "Cycle": f"{cycle}, from {show_date(cycle.first_day)} to {show_date(cycle.last_day)}",
            "As of": show_date(self.audit.as_of),
            "Policy": f"{self.audit.pack.title} ({self.audit.pack.id} {self.audit.pack.version})",
            "Duties": ", ".join(f"{count} {state}" for state, count in counts.items()) or "none",
        }
        for label, text in rows.items():
            yield from paragraph(text, self.width, 10, label)

    def duties(self) -> Iterator[str]:
        pending = [entry for entry in self.renewal.entries if entry.open]
        shown_entries = [(entry, said) for entry in pending[:MOST_PARTNERSHIPS] if (said := list(self._said(entry)))]
        if shown_entries:
            yield from self._headed("What must be true, by when, and who acts")
        for entry, said in shown_entries:
            officer = shown(entry.lead_officer, _NAME) or "no lead officer"
            yield from [] if entry is shown_entries[0][0] else [""]
            yield from (self.style("heading", line) for line in paragraph(f"{_called(entry)}, {officer}", self.width))
            yield from said
        if len(pending) > MOST_PARTNERSHIPS:
            yield f"{len(pending) - MOST_PARTNERSHIPS:,} more partnerships: {self._command('renew')} --format csv"

    def _said(self, entry: Entry) -> Iterator[str]:
        """The open duties of a partnership, date by date, the unknown ones together; then those that are done."""
        for by, duties in groupby((duty for duty in entry.open if not self._lacks(duty)), self._by):
            yield f"  {by}"
            members = list(duties)
            for duty in members:
                if duty.state is not State.NOT_KNOWN:
                    yield from self._row(duty.state, f"{duty.rule.id}: {shown(duty.message)}{_who(duty)}", duty)
            if unknown := [duty for duty in members if duty.state is State.NOT_KNOWN]:
                questions = combine_questions(missing for duty in unknown for missing in duty.missing)
                yield from self._row(State.NOT_KNOWN, f"{self._run(unknown)}: {questions}")
        if done := [duty for duty in entry.duties if duty.state is State.DONE]:
            yield from self._row(State.DONE, self._run(done))

    def _row(self, state: State, text: str, duty: Duty | None = None) -> Iterator[str]:
        first, *more = paragraph(text, self.width, _STATE, f"    {state}")
        yield first if duty is None else first.replace(state, self.style(duty.rule.severity, state), 1)
        yield from more

    def _run(self, duties: Iterable[Duty]) -> str:
        return run_of(sorted({duty.rule.id for duty in duties}, key=self.audit.pack.renewal.index))

    def _lacks(self, duty: Duty) -> bool:
        """Whether what is not known belongs on a sheet that the register does not have."""
        return any(missing.table in self.missing_tables for missing in duty.missing)

    def _by(self, duty: Duty) -> str:
        if duty.due is None:
            return "now"
        left = duty.days_left(self.audit.as_of)
        if left is None:
            return "by a date not known"
        return f"by {describe_due(duty)} ({in_days(left) if left >= 0 or duty.due.past else 'may be over'})"

    def lacking(self) -> Iterator[str]:
        held: dict[str, list[tuple[Duty, int]]] = {}
        for entry in self.renewal.entries:
            for duty in entry.open:
                for name in {missing.table for missing in duty.missing} & self.missing_tables:
                    held.setdefault(name, []).append((duty, entry.position))
        if held:
            yield from self._headed("Not known of the whole register")
        for name, members in sorted(held.items(), key=lambda item: (-len(item[1]), item[0])):
            rules = many(len({duty.rule.id for duty, _ in members}), "rule")
            those = many(len({position for _, position in members}), "partnership")
            run = self._run(duty for duty, _ in members)
            sheet = self.audit.pack.vocabulary.tables[name].sheet
            yield from paragraph(f"no {sheet} sheet: {rules} not known of {those} ({run})", self.width, 2, "-")

    def actions(self) -> Iterator[str]:
        judged = (duty for entry in self.renewal.entries for duty in entry.open if duty.state is not State.NOT_KNOWN)
        asked = {duty.rule.id for duty in judged}
        rows = [
            [rule.id, rule.action.do, cited(rule.source)]
            for name in self.audit.pack.renewal
            if name in asked and (rule := self.audit.pack.rules[name]).action is not None
        ]
        if rows:
            yield ""
            yield from table(rows, self.width, wide=1, headers=["rule", "what to do", "source"])

    def ending(self) -> Iterator[str]:
        idle = [_called(entry) for entry in self.renewal.entries if not entry.open]
        if idle:
            more = f"; and {len(idle) - _MOST_NAMES} more" if len(idle) > _MOST_NAMES else ""
            yield ""
            yield from paragraph(f"Nothing to do ({len(idle)}): {'; '.join(idle[:_MOST_NAMES])}{more}", self.width, 2)
        first = next((entry for entry in self.renewal.entries if entry.open), None)
        yield ""
        if first is None:
            yield f"Nothing is left to do for {self.audit.cycle}."
        else:
            yield f"Next: tipstaff explain {self.source} {typed(first.ref)}{self.options}"

    def _command(self, name: str) -> str:
        return f"tipstaff {name} {self.source}{self.options}"

    def _headed(self, heading: str) -> Iterator[str]:
        yield ""
        yield from (self.style("heading", line) for line in paragraph(heading, self.width))


def _who(duty: Duty) -> str:
    return f" ({duty.rule.action.by})" if duty.rule.action is not None else ""


def _called(entry: Entry) -> str:
    name, ref = shown(entry.name, _NAME), shown(entry.ref, _NAME)
    return f"{name} ({ref})" if name and name != ref else ref


# For programs and spreadsheets
