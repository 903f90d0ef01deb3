"""The table: an audit as an officer reads it, the worst first, on as few screens as it takes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.decisions.verdict import Verdict
from tipstaff.audit.explaining.digest import SEVERAL, Grouped, digest
from tipstaff.audit.explaining.findings import Finding, deciding_cells
from tipstaff.policy.language.english import listed
from tipstaff.policy.pack.model import MINOR, SEVERITIES, Rule
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.terminal.waivers import failing_lines
from tipstaff.report.wording import law
from tipstaff.report.wording.citations import cited
from tipstaff.report.wording.not_known import NotKnown
from tipstaff.report.wording.phrases import many, on_sheets, place, run_of, shown, typed
from tipstaff.report.wording.places import problem_rows
from tipstaff.report.wording.summary import decided, summary
from tipstaff.report.wording.waivers import waived_rows

if TYPE_CHECKING:
    from tipstaff.audit.comparing.comparison import Comparison

MOST_PROBLEMS = 10
"""The most problems of the register that are shown; ``tipstaff validate`` shows them all."""

MOST_NAMED = 100
"""The most partnerships that are named under one conclusion."""

_MOST_CELLS = 3
_MOST_NAMES = 8
_WHERE = 24
_MOST_TOGETHER = 6
_NAMESAKES = 3
"""The most pairs of organisations named that may be one."""

_NAME = 60


def lines(
    audit: Audit,
    verdict: Verdict,
    source: str,
    width: int,
    style: Style = plain,
    options: Sequence[str] = (),
    comparison: "Comparison | None" = None,
    notes: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[str]:
    """The report, line by line.

    ``source`` is what the officer calls the register on the command line; ``options`` are those that a further command
    must repeat to speak of the same audit. ``comparison`` is that with a baseline, on which the verdict then is.
    ``notes`` are further labelled lines for the summary.
    """
    report = _Report(audit, verdict, source, width, style, options)
    yield from report.summary(notes)
    yield from failing_lines(audit, width, style)
    yield from report.classed()
    yield from report.conclusions()
    yield from report.problems()
    yield from report.findings()
    yield from report.waived()
    yield from report.not_known()
    yield from report.namesakes()
    yield from report.law()
    if comparison is not None:
        from tipstaff.report.terminal.comparison import since

        yield from since(comparison, width, style)
    yield from report.ending(comparison)


class _Report:
    def __init__(
        self, audit: Audit, verdict: Verdict, source: str, width: int, style: Style, options: Sequence[str]
    ) -> None:
        self.audit = audit
        self.pack = audit.pack
        self.verdict = verdict
        self.source = typed(source)
        self.options = f" {typed('--as-of', audit.as_of.isoformat(), *options)}"
        self.width = width
        self.style = style
        called = zip(audit.facts.frame["name"].to_list(), audit.register.refs, strict=True)
        self.names = [shown(name or ref, _NAME) for name, ref in called]
        self.digest = digest(audit)
        self.explainer = self.digest.explainer

    # What was audited, and the result

    def summary(self, notes: Mapping[str, str]) -> Iterator[str]:
        for label, text in {**summary(self.audit), **notes}.items():
            yield from paragraph(text, self.width, 10, label)

    def classed(self) -> Iterator[str]:
        """The partnerships of the conclusions that the pack names."""
        for name in self.pack.named:
            answers = self.audit.answers[name].to_list()
            members = [self.names[place] for place, answer in enumerate(answers) if answer]
            unknown = f"; not known of {answers.count(None)}" if None in answers else ""
            yield from [""] if name == self.pack.named[0] else []
            for line in paragraph(f"{self.pack.concluding(name).title} ({len(members)}{unknown})", self.width):
                yield self.style("heading", line)
            yield from paragraph("; ".join(members[:MOST_NAMED]) or "none", self.width, 2)
            if len(members) > MOST_NAMED:
                more = len(members) - MOST_NAMED
                yield f"  and {more} more: tipstaff check {self.source}{self.options} --format json"

    def conclusions(self) -> Iterator[str]:
        said = (*self.pack.classes, *self.pack.named)
        counts = {name: found for name, found in self.audit.conclusions().items() if name not in said}
        if not counts:
            return
        rows = [
            [self.pack.concluding(name).title, str(found["true"]), str(found["false"]), str(found["unknown"])]
            for name, found in counts.items()
            if found["true"] or found["false"] or not found["unknown"]
        ]
        yield ""
        if rows:
            yield from table(rows, self.width, wide=0, headers=["Of every partnership", "yes", "no", "not known"])
        if len(rows) < len(counts):
            open_of_all = [
                f"“{self.pack.concluding(name).title}”"
                for name, found in counts.items()
                if found["unknown"] and not (found["true"] or found["false"])
            ]
            yield from paragraph(f"Not known of any partnership: {listed(open_of_all, 'or')}", self.width, 2)

    def problems(self) -> Iterator[str]:
        serious = [problem for problem in self.audit.register.problems if problem.serious]
        remarks = len(self.audit.register.problems) - len(serious)
        if serious:
            yield from self._headed(f"Problems in the register ({len(serious)}): what they hold counts as not known")
            rows = problem_rows(serious[:MOST_PROBLEMS], self.audit.register.name)
            yield from table(rows, self.width, wide=2, headers=["cell", "found", "expected"])
        more = max(0, len(serious) - MOST_PROBLEMS)
        folded = [f"{more} more problems"] * bool(more) + [many(remarks, "remark")] * bool(remarks)
        if folded:
            yield from [] if serious else [""]
            yield from paragraph(f"{' and '.join(folded)}: tipstaff validate {self.source}", self.width)

    def findings(self) -> Iterator[str]:
        rows: list[list[str]] = []
        follows_one = False
        for group in self.digest.findings:
            first = group[0]
            alone = len(group) == 1
            if not alone:
                led_by = self._led_by(first)
                rows.append(["", "", f"{self._called(first.position)}{', ' if led_by else ''}{led_by}:", ""])
            elif not follows_one:
                rows.append(["", "", "One finding each:", ""])
            follows_one = alone
            rows += [self._finding(finding, alone) for finding in group]
        if rows:
            yield from self._headed("Findings, worst first")
            headers = ["severity", "rule", "finding", "where"]
            yield from self._set_off(table(rows, self.width, wide=2, headers=headers, most=_WHERE))
            yield ""
            found: dict[str, set[str]] = {}
            for group in self.digest.findings:
                for finding in group:
                    said = self.digest.reported_with.get((finding.rule.id, finding.position), ())
                    found.setdefault(finding.rule.id, set()).update(rule for rule, _ in said)
            actions = [
                [rule.id, f"{rule.action.do} ({rule.action.by}{self._too(found[rule.id])})", cited(rule.source)]
                for rule in self.audit.rules
                if rule.id in found and rule.action is not None
            ]
            yield from table(actions, self.width, wide=1, headers=["rule", "what to do, and who", "source"])
        omitted = self.digest.omitted
        if omitted.findings:
            more, of = many(omitted.findings, "more finding"), many(omitted.with_findings, "partnership")
            yield from paragraph(f"and {more} in {of}: {self._all_of_them}", self.width)
        if self.digest.grouped:
            yield from self._headed("Findings said together")
            rows = [self._together(group) for group in self.digest.grouped]
            yield from self._set_off(table(rows, self.width, wide=2))
            if not self.digest.is_complete:
                yield from paragraph(f"every one with its reasons: {self._all_of_them}", self.width)

    @property
    def _all_of_them(self) -> str:
        """The command that writes out every outcome that is reported."""
        return f"tipstaff check {self.source}{self.options} -o findings.csv"

    def waived(self) -> Iterator[str]:
        rows = list(waived_rows(self.audit))
        if rows:
            yield from self._headed(f"Waived ({len(self.audit.waivers)})")
            headers = ["severity", "rule", "what, by whom and why", "until"]
            yield from self._set_off(table(rows, self.width, wide=2, headers=headers, most=_WHERE))

    def _run(self, rules: Iterable[str]) -> str:
        """Ids of rules as a run, in the order of the pack."""
        wanted = set(rules)
        return run_of(tuple(rule.id for rule in self.audit.rules if rule.id in wanted))

    def _too(self, rules: Iterable[str]) -> str:
        return f"; so too {found}" if (found := self._run(rules)) else ""

    def _led_by(self, finding: Finding) -> str:
        """Who leads on a partnership, or that nobody does if the register has a place for that."""
        officer = shown(finding.lead_officer, _NAME)
        if not officer and "lead_officer" in self.audit.facts.unasked:
            return ""
        return officer or "no lead officer"

    def _finding(self, finding: Finding, alone: bool) -> list[str]:
        """A row of the table; a finding listed by itself has its partnership's reference and lead officer."""
        rule = finding.rule
        dependents = self.digest.dependents.get((rule.id, finding.position), ())
        whose = [self._ref(finding.position), shown(finding.lead_officer, _NAME)] if alone else []
        cells = self._cells(finding)
        more = [f"and {len(cells) - _MOST_CELLS} more"] if len(cells) > _MOST_CELLS else []
        return [
            rule.severity,
            rule.id,
            " ".join(
                [
                    shown(finding.message),
                    *self._said_with(rule, [finding.position], dependents),
                ]
            ),
            ", ".join([*on_sheets(cells[:_MOST_CELLS]), *more])
            + (f" ({', '.join(filter(None, whose))})" if any(whose) else ""),
        ]

    def _cells(self, finding: Finding) -> list[str]:
        return [place(cell, self.audit.register.name) for cell in deciding_cells(finding)]

    def _together(self, group: Grouped) -> list[str]:
        rule = group.rule
        said = []
        count = len(group.positions)
        cells = {one.position: self._cells(one) for one in group.findings}
        for position in group.positions[: count if count <= _MOST_TOGETHER else SEVERAL]:
            cell = f" ({cells[position][0]})" if cells.get(position) else ""
            said.append(self.names[position] + cell)
        more = count - len(said)
        names = "; ".join(said) + (f"; and {more} more" if more else "")
        notes = "".join(f" {one}" for one in self._said_with(rule, group.positions, group.dependents))
        minor = rule.severity in MINOR
        action = f" Do: {rule.action.said}, {cited(rule.source)}" if rule.action and not minor else ""
        return [
            rule.severity,
            rule.id,
            f"{rule.title} ({count}): {names}.{notes}{action}",
        ]

    def _said_with(self, rule: Rule, positions: Iterable[int], held: Iterable[str]) -> Iterator[str]:
        """Notes on the findings of one rule: other partnerships in the same words, and the rules they hold up."""
        others = [
            self.names[other]
            for position in positions
            for name, other in self.digest.reported_with.get((rule.id, position), ())
            if name == rule.id
        ]
        if others:
            yield f"(Likewise: {listed(others, 'and')}.)"
        if held := self._run(held):
            yield f"Holds up {held}."

    # What is not known

    def not_known(self) -> Iterator[str]:
        found = self.digest
        minor = any(found.minor_counts.values())
        if not (found.register_wide or found.by_partnership or found.switched_off or minor):
            return
        yield from self._headed("Not known")
        said = NotKnown(self.audit, found, self.names, self._called)
        for line in said.shared():
            yield from paragraph(line, self.width, 2, "-")
        for line in said.own():
            yield from paragraph(line, self.width, 2, "-")
        omitted = self.digest.omitted
        if omitted.undetermined:
            more, of = (
                many(omitted.undetermined, "more outcome"),
                many(omitted.with_undetermined, "partnership"),
            )
            yield from paragraph(f"and {more} not known of {of}: {self._all_of_them}", self.width, 2, "-")
        for line in said.rest():
            yield from paragraph(line, self.width, 2, "-")

    # The law

    def namesakes(self) -> Iterator[str]:
        """Organisations listed that may be one: what they had is not added up, and widens what each may have had."""
        rows = next(iter(self.audit.facts.ledgers.values()), None)
        if rows is None:
            return
        found = rows.beneficiaries
        near = [pair for pair in found.near if not found.rows.keys().isdisjoint(pair)]
        pairs = [f"{shown(found.names[one])} and {shown(found.names[other])}" for one, other in near]
        if pairs:
            more = [f"and {len(pairs) - _NAMESAKES} more"] * (len(pairs) > _NAMESAKES)
            yield from self._headed("May be one organisation: give charity or company numbers")
            yield from paragraph("; ".join([*pairs[:_NAMESAKES], *more]), self.width, 2, "  ")

    def law(self) -> Iterator[str]:
        """The law used that is to be checked; empty if all is in order, or no rule reads it."""
        said = list(law.to_check(self.audit, self.names, _MOST_NAMES, self.explainer))
        if said:
            yield from self._headed("Law to check")
        for text in said:
            yield from paragraph(text, self.width, 2, "-")

    # The next step

    def ending(self, comparison: "Comparison | None") -> Iterator[str]:
        yield ""
        position = self._most_pressing(comparison)
        if position is not None:
            name = typed(self.audit.register.refs[position])
            yield f"Next: tipstaff explain {self.source} {name}{self.options}"
        said = decided(self.verdict, since=comparison is not None)
        yield from paragraph(said, self.width)

    def _most_pressing(self, comparison: "Comparison | None") -> int | None:
        if comparison is not None and comparison.worse:
            return self.audit.register.refs.index(comparison.worse[0].ref)
        if self.digest.findings:
            return self.digest.findings[0][0].position
        for held in (*(group[0] for group in self.digest.by_partnership[:1]), *self.digest.register_wide[:1]):
            return held.positions[0]
        return None

    def _headed(self, heading: str) -> Iterator[str]:
        yield ""
        yield from (self.style("heading", line) for line in paragraph(heading, self.width))

    def _set_off(self, rows: Iterable[str]) -> Iterator[str]:
        """Rows of a table whose first column is a severity, which is set off."""
        for row in rows:
            word, gap, rest = row.partition(" ")
            yield self.style(word, word) + gap + rest if word in SEVERITIES else row

    def _called(self, position: int) -> str:
        name, ref = self.names[position], self._ref(position)
        return f"{name} ({ref})" if ref else name

    def _ref(self, position: int) -> str:
        """The register's own reference of a partnership, if it has one that is not its name."""
        ref = shown(self.audit.register.refs[position], _NAME)
        stated = self.audit.facts.frame["ref"][position] if "ref" in self.audit.facts.frame.columns else None
        return ref if stated and ref != self.names[position] else ""
