"""The summary of a region's audit, in words and columns for people and as JSON for programs.

Both give counts: the outcomes themselves are in the files of the audit's folder.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tipstaff.audit.decisions.audit import Outcome
from tipstaff.audit.decisions.verdict import Verdict, severities
from tipstaff.audit.explaining.findings import Finding, deciding_cells
from tipstaff.policy.pack.model import SEVERITIES, Rule
from tipstaff.region.audit import RegionAudit
from tipstaff.region.outcome_folder import OUTCOMES, SUMMARY
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording.phrases import many, on_sheets, place, shown, typed
from tipstaff.report.wording.places import problem_rows
from tipstaff.report.wording.summary import begun, counted, dated, decided, policy

_MOST_RULES = 25
_MOST_PROBLEMS = 5
_MOST_NOT_READ = 5
_MOST_CELLS = 3
_LABEL = 10


def lines(
    audit: RegionAudit,
    verdict: Verdict,
    engine: str,
    folder: str,
    width: int,
    style: Style = plain,
    *,
    options: Sequence[str] = (),
    not_read: Sequence[Path] = (),
    notes: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """The summary, line by line.

    ``folder`` is what the officer calls the folder of outcomes; ``options`` are those that a further command must
    repeat to speak of the same audit. ``notes`` are further labelled lines.
    """
    report = _Report(audit, width, style)
    yield from report.summary(engine, notes or {})
    yield from report.conclusions()
    yield from report.rules(folder)
    yield from report.problems(folder, not_read)
    yield from report.worst(audit.worst)
    yield ""
    yield from report.outcomes(folder, options)
    yield from paragraph(decided(verdict), width)


class _Report:
    def __init__(self, audit: RegionAudit, width: int, style: Style) -> None:
        self.audit = audit
        self.width = width
        self.style = style

    def summary(self, engine: str, notes: Mapping[str, str]) -> Iterator[str]:
        audit = self.audit
        found, unknown = (
            severities(audit.rules, audit.outcomes, outcome) for outcome in (Outcome.FINDING, Outcome.UNDETERMINED)
        )
        reported = sum(rule.concludes is None for rule in audit.pack.rules.values())
        said = {
            "Register": f"{shown(audit.name)}, {many(audit.partnerships, 'partnership')}",
            "As of": dated(audit.as_of, audit.cycle),
            "Policy": policy(audit.pack),
            "Findings": counted(found) or "none",
            "Not known": counted(unknown) or "none",
            "Outcomes": ", ".join(f"{count:,} {outcome.words}" for outcome, count in audit.totals().items()),
            "Engine": f"{engine}, in {many(audit.parts, 'part')}",
        }
        said |= begun(audit.pack, audit.as_of, audit.cycle)
        if len(audit.rules) < reported:
            said["Rules"] = f"{len(audit.rules)} of {reported}: the others are left out"
        for label, text in {**said, **notes}.items():
            yield from paragraph(text, self.width, _LABEL, label)

    def conclusions(self) -> Iterator[str]:
        rows = [
            [self.audit.pack.concluding(name).title, *(f"{found[answer]:,}" for answer in ("true", "false", "unknown"))]
            for name, found in self.audit.conclusions.items()
        ]
        if rows:
            yield ""
            yield from table(rows, self.width, wide=0, headers=["Of every partnership", "yes", "no", "not known"])

    def rules(self, folder: str) -> Iterator[str]:
        """The rules that are findings or not known anywhere, the worst first."""
        yield ""
        open_rules = sorted(filter(self._open, self.audit.rules), key=self._badness)
        if not open_rules:
            yield from paragraph("No rule is a finding or not known of any partnership.", self.width)
            return
        rows = [
            [rule.severity, rule.id, rule.title, *(f"{count:,}" for count in self._open_outcomes(rule))]
            for rule in open_rules[:_MOST_RULES]
        ]
        for row in table(
            rows, self.width, wide=2, headers=["severity", "rule", "what it says", "findings", "not known"]
        ):
            word, gap, rest = row.partition(" ")
            yield self.style(word, word) + gap + rest if word in SEVERITIES else row
        if len(open_rules) > _MOST_RULES:
            more = many(len(open_rules) - _MOST_RULES, "more rule")
            yield from paragraph(f"and {more}: {folder}/{SUMMARY} has them all", self.width)

    def problems(self, folder: str, not_read: Sequence[Path]) -> Iterator[str]:
        audit = self.audit
        serious = [one for one in audit.first_problems if one.serious][:_MOST_PROBLEMS]
        if serious:
            yield from self._headed(
                f"Problems in the register ({audit.problems:,}): what they hold counts as not known"
            )
            rows = problem_rows(serious, audit.name)
            yield from table(rows, self.width, wide=2, headers=["where", "found", "expected"])
        more = audit.problems - len(serious)
        folded = [f"{more:,} more problems"] * bool(more) + [many(audit.remarks, "remark")] * bool(audit.remarks)
        if folded:
            yield from [] if serious else [""]
            yield from paragraph(f"{' and '.join(folded)}: the first are in {folder}/{SUMMARY}", self.width)
        if not_read:
            named = ", ".join(shown(str(path)) for path in not_read[:_MOST_NOT_READ])
            rest = f", and {len(not_read) - _MOST_NOT_READ} more" if len(not_read) > _MOST_NOT_READ else ""
            yield from [] if serious or folded else [""]
            yield from paragraph(f"Not read, as no table is named so: {named}{rest}", self.width)

    def worst(self, findings: Sequence[Finding]) -> Iterator[str]:
        """Findings with their partnership and the places that tell them."""
        if not findings:
            return
        yield from self._headed("Worst outcomes")
        rows = []
        for one in findings:
            cells = [place(cell, self.audit.name) for cell in deciding_cells(one)]
            more = [f"and {len(cells) - _MOST_CELLS} more"] if len(cells) > _MOST_CELLS else []
            called = f"{shown(one.name or one.ref, 60)} ({shown(one.ref, 60)}): {shown(one.message)}"
            where = ", ".join([*on_sheets(cells[:_MOST_CELLS]), *more])
            rows.append([one.rule.severity, one.rule.id, called, where])
        yield from table(rows, self.width, wide=2, headers=["severity", "rule", "outcome", "where"])

    def outcomes(self, folder: str, options: Sequence[str]) -> Iterator[str]:
        """The folder of outcomes, and how to look at them."""
        files = many(self.audit.parts, "file")
        has = "has" if self.audit.parts == 1 else "have"
        yield from paragraph(
            f"{folder}: {files} {OUTCOMES} {has} a row a partnership and a column a rule; {SUMMARY} has the counts.",
            self.width,
            _LABEL,
            "Written",
        )
        command = f"tipstaff check FOLDER {typed('--as-of', self.audit.as_of.isoformat(), *options)}"
        yield from paragraph(f"with its reasons, for one council's folder: {command}", self.width, _LABEL, "Next")

    def _open_outcomes(self, rule: Rule) -> tuple[int, int]:
        counts = self.audit.outcomes[rule.id]
        return counts[Outcome.FINDING.word], counts[Outcome.UNDETERMINED.word]

    def _open(self, rule: Rule) -> bool:
        return any(self._open_outcomes(rule))

    def _badness(self, rule: Rule) -> tuple[int, int, int]:
        findings, unknown = self._open_outcomes(rule)
        return SEVERITIES.index(rule.severity), -findings, -unknown

    def _headed(self, heading: str) -> Iterator[str]:
        yield ""
        yield from (self.style("heading", line) for line in paragraph(heading, self.width))
