"""The explanation: why a partnership's outcomes are what they are, why not, and what would change them."""

from collections.abc import Iterable, Iterator, Sequence

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.classes import classes
from tipstaff.audit.explaining.evidence import Evidence
from tipstaff.audit.explaining.factor_sheet import factor_sheets
from tipstaff.audit.explaining.findings import REPORTED, Explainer, Reason
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.language.english import cited, listed
from tipstaff.policy.pack.model import SEVERITIES, Aggregate, Derived, Rule, derived_below
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.terminal.sheets import factor_lines, ledger_lines
from tipstaff.report.wording.citations import quoted
from tipstaff.report.wording.not_known import place_to_write
from tipstaff.report.wording.phrases import shown
from tipstaff.report.wording.waivers import of_outcome

_LABEL = 16
_ORDER = (Outcome.FINDING, Outcome.UNDETERMINED, Outcome.WAIVED, Outcome.CLEAR, Outcome.NOT_APPLICABLE)
_ANSWERS = {True: "yes", False: "no", None: "not known"}


def lines(audit: Audit, position: int, rule: Rule | None, width: int, style: Style = plain) -> Iterator[str]:
    """Everything about one partnership, or about one rule for it, line by line; what matters most first."""
    explanation = _Explanation(audit, position, width, style, brief=rule is None)
    yield from explanation.heading()
    if rule is not None:
        yield from explanation.of(rule)
        yield from explanation.sheets(derived_below(audit.pack, rule))
        return
    for conclusion in audit.pack.conclusions:
        yield from explanation.of(audit.pack.concluding(conclusion))
    for one in sorted(audit.rules, key=explanation.weight):
        yield from explanation.of(one)
    yield from explanation.sheets(audit.pack.derived)


class _Explanation:
    def __init__(self, audit: Audit, position: int, width: int, style: Style, *, brief: bool) -> None:
        self.audit = audit
        self.pack = audit.pack
        self.position = position
        self.width = width
        self.style = style
        self.brief = brief
        self.explainer = Explainer(audit, [position])

    def heading(self) -> Iterator[str]:
        """The partnership as the register has it, its class, and the date."""
        rows = next(rows for rows in self.audit.register.tables.values() if rows.table.shape is Shape.REGISTER)
        called = shown(self.audit.facts.frame["name"][self.position] or "(no name)")
        yield self.style("heading", f"{called} ({shown(self.audit.register.refs[self.position])})")
        if self.pack.classes:
            yield from self._labelled("class", classes(self.audit)[self.position])
        yield from self._labelled("as of", f"{show_date(self.audit.as_of)}, for the cycle {self.audit.cycle}")
        stated = [
            [fact.label, self._value(fact.name, personal=fact.personal), rows.cell(self.position, fact.name)]
            for fact in rows.table.facts.values()
            if fact.heading and (rows.sheet[self.position], fact.name) in rows.letters
        ]
        if stated:
            yield from table(stated, self.width, wide=1, indent=2)

    def sheets(self, derived: Iterable[Derived]) -> Iterator[str]:
        """The factor sheets and the ledgers that some derived facts rest on."""
        derived = list(derived)
        evidence = self.explainer.evidence
        names = {one.name for one in derived}
        for sheet in factor_sheets(self.audit, evidence, self.position):
            if sheet.name in names:
                yield ""
                yield from factor_lines(self.audit, sheet, self.width, self.style)
        read = {one.formula.table for one in derived if isinstance(one.formula, Aggregate)}
        for ledger in self.audit.facts.ledgers:
            if ledger in read:
                yield ""
                yield from ledger_lines(self.audit, evidence.ledgers, ledger, self.position, self.width, self.style)

    def weight(self, rule: Rule) -> tuple[int, int]:
        """Sorts rules by their outcome and severity, the worst first."""
        return _ORDER.index(self._outcome(rule)), SEVERITIES.index(rule.severity)

    def of(self, rule: Rule) -> Iterator[str]:
        """One rule: its outcome or its conclusion, with the reasons."""
        yield ""
        if rule.concludes is not None:
            truth = self.audit.answers[rule.concludes][self.position]
            yield self.style("heading", f"{rule.id}  {rule.title}: {_ANSWERS[truth]}")
            yield from self._reasoned(self.explainer.conclusion(rule.concludes, self.position))
            yield from self._labelled("policy", quoted(rule.source))
            yield from self._readings(rule)
            return
        outcome = self._outcome(rule)
        said = f"{outcome.words} ({rule.severity})"
        yield self.style(rule.severity if outcome is Outcome.FINDING else "heading", f"{rule.id}  {rule.title}: {said}")
        for label, text in of_outcome(self.audit, rule.id, self.position):
            yield from self._labelled(label, text)
        finding = self.explainer.finding(rule, self.position, outcome) if outcome in REPORTED else None
        if finding is not None and outcome is not Outcome.UNDETERMINED:
            yield from paragraph(shown(finding.message), self.width, 2, "  ")
        reason = self.explainer.reason(rule, self.position)
        yield from self._reasoned(reason)
        yield from self._labelled("policy", quoted(rule.source))
        yield from self._readings(rule)
        if finding is not None:
            yield from self._labelled("consequence", rule.consequence)
            if step := finding.step_beside_questions:
                yield from self._labelled("action", step.sentence)

    def _outcome(self, rule: Rule) -> Outcome:
        return Outcome(self.audit.answers[rule.id][self.position])

    def _value(self, fact: str, *, personal: bool) -> str:
        value = self.explainer.value(fact, self.position)
        return "given" if personal and value != "not known" else shown(value)

    def _reasoned(self, reason: Reason) -> Iterator[str]:
        if reason.because:
            yield from self._clauses("because", reason.because)
            yield from self._clauses("may turn if", reason.change)
        if reason.conclusions:
            titles = [f"“{self.pack.concluding(name).title}”" for name in reason.conclusions]
            yield from self._labelled("not known", f"{listed(titles, 'and')}, on which it rests")
        if reason.missing:
            rows = [[one.label, one.question, place_to_write(self.audit, one)] for one in reason.missing]
            yield from table(rows, self.width, wide=1, headers=["would settle it", "to ask", "to write in"], indent=2)
        for one in (one for one in reason.law if one.segments and not reason.because):
            yield from self._labelled("law", f"{one.series.title}: {cited(one.series, one.segments)}")
        evidence = [one for one in reason.evidence if not reason.missing or one.value != "not known"]
        if evidence:
            yield from table(_evidence(evidence), self.width, wide=1, headers=["fact", "value", "cell"], indent=2)

    def _clauses(self, label: str, clauses: Sequence[str]) -> Iterator[str]:
        for index, clause in enumerate(clauses):
            yield from self._labelled("" if index else label, shown(clause))

    def _readings(self, rule: Rule) -> Iterator[str]:
        """How the policy is read if it leaves room: in brief only if that is written."""
        if self.brief and rule.interpretations:
            yield from self._labelled(
                "read as", f"{listed(list(rule.interpretations), 'and')}: tipstaff rules show {rule.id}"
            )
            return
        for name in rule.interpretations:
            yield from self._labelled(name, self.pack.interpretations[name].reading)

    def _labelled(self, label: str, text: str) -> list[str]:
        return paragraph(text, self.width, _LABEL, f"  {label}")


def _evidence(evidence: Sequence[Evidence]) -> list[list[str]]:
    return [[one.label, shown(one.value, 200), one.cell or "no cell"] for one in evidence]
