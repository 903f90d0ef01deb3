"""The comparison of two audits: for people partnership by partnership, the worst first; for programs as JSON."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from tipstaff.audit.comparing.comparison import Cause, Change, Comparison, FactChange, Kind, differences
from tipstaff.audit.comparing.snapshot import Snapshot, StatedValue, Status
from tipstaff.audit.decisions.verdict import Verdict
from tipstaff.audit.explaining.values import UNKNOWN
from tipstaff.facts.units import show_date
from tipstaff.policy.language.english import listed
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording.phrases import many, on_sheets, run_of, shown, typed
from tipstaff.report.wording.summary import decided

MOST_ROWS = 1_000
"""The most changes that a section shows; JSON has them all."""

_MOST_FACTS = 3
_MOST_VALUES = 3
_NAME = 60
_LABEL = 10
_TEXT = 24

_WORSE = "Worse", tuple(kind for kind in Kind if kind.worse)
_GONE = "Gone with its partnership or rule: neither better nor worse", (Kind.GONE,)
_BETTER = "Better, or accepted", (Kind.WAIVED, Kind.EASED, Kind.SETTLED)


# For people


def lines(
    comparison: Comparison,
    verdict: Verdict,
    width: int,
    style: Style = plain,
    source: str = "",
    options: Sequence[str] = (),
    notes: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[str]:
    """The comparison, line by line.

    ``source`` is what the officer calls the new register on the command line, if it is one; ``options`` are those that
    a further command must repeat to speak of the same audit. ``notes`` are further labelled lines for the summary.
    """
    report = _Changes(comparison, width, style)
    yield from report.summary(notes)
    for heading, kinds in (_WORSE, _GONE, _BETTER):
        yield from report.section(heading, kinds)
    yield from report.actions()
    yield ""
    if comparison.worse and source:
        yield f"Next: {typed('tipstaff', 'explain', source, comparison.worse[0].ref, *options)}"
    yield from paragraph(decided(verdict, since=True), width)


def since(comparison: Comparison, width: int, style: Style = plain) -> Iterator[str]:
    """The outcomes that got worse since a baseline: a part of the report on an audit."""
    report = _Changes(comparison, width, style)
    yield ""
    yield style("heading", "Since the baseline")
    yield from report.counts({"Baseline": _audited(comparison.old)})
    yield from report.section(*_WORSE)


class _Changes:
    def __init__(self, comparison: Comparison, width: int, style: Style) -> None:
        self.comparison = comparison
        self.width = width
        self.style = style

    # What was compared

    def summary(self, notes: Mapping[str, str]) -> Iterator[str]:
        audits = {"Old": _audited(self.comparison.old), "New": _audited(self.comparison.new)}
        yield from self.counts({**audits, **notes})

    def counts(self, rows: dict[str, str]) -> Iterator[str]:
        """Labelled lines: those given, what else the audits differ in beside the register, and how much changed."""
        rows = dict(rows)
        old, new = self.comparison.old, self.comparison.new
        if others := [_differ(old, new, cause) for cause in differences(old, new)]:
            rows["Also"] = f"not only the register differs: {'; '.join(others)}"
        if rules := list(_other_rules(self.comparison)):
            rows["Rules"] = "; ".join(rules)
        counts = self.comparison.counts()
        for label, (_, kinds) in {"Worse": _WORSE, "Gone": _GONE, "Better": _BETTER}.items():
            rows[label] = listed([f"{counts[kind]:,} {kind}" for kind in kinds if counts[kind]], "and") or "nothing"
        rows["As before"] = ", ".join(f"{count:,} {status}" for status, count in self.comparison.unchanged().items())
        yield from self._rows(rows)

    def _rows(self, rows: dict[str, str]) -> Iterator[str]:
        for label, text in rows.items():
            yield from paragraph(text, self.width, _LABEL + 1, label)

    # What changed

    def section(self, heading: str, kinds: Iterable[Kind]) -> Iterator[str]:
        """The changes of some kinds, partnership by partnership."""
        wanted = set(kinds)
        changes = [change for change in self.comparison.changes if change.kind in wanted]
        if not changes:
            return
        yield ""
        yield self.style("heading", f"{heading} ({len(changes):,})")
        of_partnership: dict[str, list[Change]] = {}
        for change in changes[:MOST_ROWS]:
            of_partnership.setdefault(change.ref, []).append(change)
        for members in of_partnership.values():
            yield from paragraph(_called(members[0]), self.width, 2)
            last: tuple[FactChange, ...] = ()
            for together in _alike(members):
                yield from self._row(together)
                if together[0].facts != last:
                    yield from self._facts(together[0].facts)
                last = together[0].facts
        if len(changes) > MOST_ROWS:
            yield f"and {many(len(changes) - MOST_ROWS, 'more change')}, which --format json has."

    def _row(self, together: Sequence[Change]) -> Iterator[str]:
        one = together[0]
        label = f"  {one.kind:<{_LABEL}}{one.severity}"
        text = f"{run_of([change.rule for change in together])}: {_turned(together)}{_because(one)}"
        first, *more = paragraph(text, self.width, _TEXT, label)
        yield first.replace(one.severity, self.style(one.severity, one.severity), 1)
        yield from more

    def _facts(self, facts: Sequence[FactChange]) -> Iterator[str]:
        for fact in facts[:_MOST_FACTS]:
            yield from paragraph(_fact(fact), self.width, _TEXT + 2, " " * _TEXT + "-")
        if len(facts) > _MOST_FACTS:
            yield from paragraph(f"and {many(len(facts) - _MOST_FACTS, 'more fact')}", self.width, _TEXT + 2)

    # The next step

    def actions(self) -> Iterator[str]:
        found = {change.rule: change.now for change in self.comparison.worse if change.new is Status.FINDING}
        rows = [[rule, shown(one.action)] for rule, one in found.items() if one is not None and one.action]
        if rows:
            yield ""
            yield from table(rows, self.width, wide=1, headers=["rule", "what to do, and who"])


def _audited(one: Snapshot) -> str:
    members = many(len(one.partnerships), "partnership")
    return f"{shown(one.register)} as of {show_date(one.as_of)}, for the cycle {shown(one.cycle)}, {members}"


def _differ(old: Snapshot, new: Snapshot, cause: Cause) -> str:
    match cause:
        case Cause.POLICY:
            before, after = (f"{one.policy.id} {one.policy.version}" for one in (old, new))
            altered = "" if before != after else " (the same version, with another text)"
            return f"the policy, {shown(before)} → {shown(after)}{altered}"
        case Cause.DATE:
            return f"the date, {show_date(old.as_of)} → {show_date(new.as_of)}"
        case _:
            return f"the cycle, {shown(old.cycle)} → {shown(new.cycle)}"


def _other_rules(comparison: Comparison) -> Iterator[str]:
    dropped, added = comparison.other_rules()
    if added:
        yield f"{run_of(added)} reported only in the new audit: what they find counts as new"
    if dropped:
        yield f"{run_of(dropped)} reported only in the old audit: what they found counts as gone"


def _called(change: Change) -> str:
    name, ref = shown(change.name, _NAME), shown(change.ref, _NAME)
    officer = shown(change.listed.lead_officer, _NAME)
    called = f"{name} ({ref})" if name and name != ref else ref
    where = {Status.NOT_THERE: ": new to the register"}.get(change.old, "")
    where = ": no longer in the register" if change.new is Status.NOT_THERE else where
    return f"{called}{f', {officer}' if officer else ''}{where}"


def _alike(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes that are said together: those of one kind for the same facts, but a finding by itself."""

    def key(change: Change) -> tuple[object, ...]:
        alone = change.rule if Status.FINDING in (change.old, change.new) and change.kind is not Kind.GONE else ""
        return change.kind, change.severity, change.old, change.new, change.facts, change.causes, alone

    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        groups.setdefault(key(change), []).append(change)
    return iter(groups.values())


def _turned(together: Sequence[Change]) -> str:
    """The change of outcomes: the message of a finding, otherwise the title of the rule, if it is the same."""
    one = together[0]
    title = f". {shown(one.listed.title)}" if len(together) == 1 else ""
    message = shown(one.listed.message)
    match one.kind:
        case Kind.NEW:
            return message if one.new is Status.FINDING else f"{one.new}{title}"
        case Kind.SETTLED | Kind.GONE:
            return f"was {'a ' * (one.old is Status.FINDING)}{one.old}{title}"
        case _ if one.was is not None and one.old is one.new:
            return f"{one.was.severity} → {one.severity}. {message}"
        case _:
            return f"{one.old} → {one.new}. {message}" if one.new is Status.FINDING else f"{one.old} → {one.new}{title}"


def _because(change: Change) -> str:
    causes = [str(cause) for cause in change.causes if cause not in (Cause.PARTNERSHIP, Cause.RULE)]
    return f" [{listed(causes, 'or')}]" if causes else ""


def _fact(fact: FactChange) -> str:
    cells = on_sheets([one.cell for one in fact.new if one.cell][:_MOST_VALUES])
    where = ", ".join(shown(cell) for cell in cells)
    return f"{shown(fact.label)}: {_values(fact.old)} → {_values(fact.new)}{f' in {where}' if where else ''}"


def _values(statements: Sequence[StatedValue]) -> str:
    more = len(statements) - _MOST_VALUES
    values = [shown(one.value, _NAME) for one in statements[:_MOST_VALUES]]
    return "; ".join([*values, *([f"{more} more"] if more > 0 else [])]) or UNKNOWN


# For programs
