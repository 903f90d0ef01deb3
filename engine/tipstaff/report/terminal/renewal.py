"""The check list of a renewal: for people as a table, for programs as JSON, for a spreadsheet as CSV."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from tipstaff.audit.explaining.findings import combine_questions
from tipstaff.audit.explaining.values import UNKNOWN, show_bounds
from tipstaff.audit.planning.renewal import Duty, Entry, Renewal, State
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Kind
from tipstaff.report.tables.csv import line
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording.citations import cited
from tipstaff.report.wording.phrases import many, run_of, shown, typed

SCHEMA = "tipstaff/renewal/1"

MOST_PARTNERSHIPS = 300
"""The most partnerships whose duties the table shows; JSON and CSV have them all."""

_STATE = 15
_MOST_NAMES = 100
_NAME = 60
_FIELDS = (
    "ref", "name", "lead_officer", "rule", "title", "severity", "state", "due", "days_left", "what", "action", "by",
    "questions",
)  # fmt: skip


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
        return f"by {shown_due(duty)} ({_in_days(left) if left >= 0 or duty.due.past else 'may be over'})"

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


def shown_due(duty: Duty) -> str:
    """The date by which a duty is to be done, in words; empty where the rule names none."""
    if duty.due is None:
        return ""
    return UNKNOWN if duty.due.on is None else show_bounds(Kind.DATE, duty.due.on.lo, duty.due.on.hi)


def _in_days(left: int) -> str:
    if left == 0:
        return "today"
    return f"{many(left, 'day')} left" if left > 0 else f"{many(-left, 'day')} ago"


def _who(duty: Duty) -> str:
    return f" ({duty.rule.action.by})" if duty.rule.action is not None else ""


def _called(entry: Entry) -> str:
    name, ref = shown(entry.name, _NAME), shown(entry.ref, _NAME)
    return f"{name} ({ref})" if name and name != ref else ref


# For programs and spreadsheets


def record(renewal: Renewal) -> Iterator[str]:
    """The check list as JSON text, a partnership a line."""
    audit = renewal.audit
    head = {
        "schema": SCHEMA,
        "as_of": audit.as_of.isoformat(),
        "cycle": str(audit.cycle),
        "register": {"name": audit.register.name, "sha256": audit.register.sha256},
        "policy": {"id": audit.pack.id, "version": audit.pack.version, "sha256": audit.pack.sha256},
        "summary": {state.replace(" ", "_"): count for state, count in renewal.counts().items()},
    }
    yield "{\n"
    for key, value in head.items():
        yield f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n"
    entries = ",\n".join(json.dumps(_entry(renewal, entry), ensure_ascii=False) for entry in renewal.entries)
    yield f'"partnerships": [\n{entries}\n]\n}}\n'


def _entry(renewal: Renewal, entry: Entry) -> dict[str, Any]:
    return {
        "ref": entry.ref,
        "name": entry.name,
        "lead_officer": entry.lead_officer,
        "duties": [_duty(renewal, duty, entry.lead_officer) for duty in entry.duties],
    }


def _duty(renewal: Renewal, duty: Duty, lead_officer: str) -> dict[str, Any]:
    on = None if duty.due is None else duty.due.on
    ends = (None, None) if on is None else (on.lo, on.hi)
    earliest, latest = (None if end is None else end.isoformat() for end in ends)
    return {
        "rule": duty.rule.id,
        "title": duty.rule.title,
        "severity": duty.rule.severity,
        "state": duty.state.replace(" ", "_"),
        "due": None if duty.due is None else {"earliest": earliest, "latest": latest},
        "days_left": duty.days_left(renewal.audit.as_of),
        "message": duty.message,
        "action": asdict(step) if (step := duty.step(lead_officer)) is not None else None,
        "missing": [
            {"fact": one.fact, "table": one.table, "cell": one.cell, "question": one.question} for one in duty.missing
        ],
    }


def rows(renewal: Renewal) -> Iterator[str]:
    """The check list as CSV, a duty a row, written as ``csv`` writes an audit."""
    yield "\ufeff" + line(_FIELDS)
    for entry in renewal.entries:
        for duty in entry.duties:
            left = duty.days_left(renewal.audit.as_of)
            step = duty.step(entry.lead_officer)
            yield line(
                (
                    entry.ref,
                    entry.name,
                    entry.lead_officer,
                    duty.rule.id,
                    duty.rule.title,
                    duty.rule.severity,
                    duty.state,
                    shown_due(duty),
                    "" if left is None else left,
                    duty.message,
                    step.do if step else "",
                    step.by if step else "",
                    " ".join(dict.fromkeys(missing.question or missing.label for missing in duty.missing)),
                )
            )
