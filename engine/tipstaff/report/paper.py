"""The paper: an audit as a report to a committee, in the shape that councils give such reports.

It says what the audit holds, and leaves a mark wherever only the council can know what to write.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version

from tipstaff.audit.audit import Audit, Outcome
from tipstaff.audit.bounds_in_words import show_bounds
from tipstaff.audit.classes import classes
from tipstaff.audit.findings import Explainer, Finding
from tipstaff.audit.folding import MINOR, HeldUp, Root, fold, telling_cells
from tipstaff.audit.verdict import by_severity
from tipstaff.facts.periods import financial_year_of
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.english import listed
from tipstaff.policy.pack import SEVERITIES, Aggregate, Rule
from tipstaff.report import law
from tipstaff.report.document import (
    STRONG,
    Block,
    Bullets,
    Cell,
    Document,
    Heading,
    Item,
    Line,
    Lines,
    Numbered,
    Paragraph,
    Part,
    Table,
    Words,
    to_fill_in,
)
from tipstaff.report.lacking import lacking
from tipstaff.report.layout import many, on_sheets, place, run_of, shown
from tipstaff.report.problems import problem_rows
from tipstaff.report.sources import cited
from tipstaff.report.summary import counted, summary

MOST_FINDINGS = 60
"""The most findings that are set out under one theme."""

MOST_NAMED = 30
"""The most partnerships that are named in one paragraph or cell."""

MOST_QUESTIONS = 40
MOST_PROBLEMS = 20
MOST_WAIVED = 200
MOST_PARTNERSHIPS = 500
"""The most partnerships that the summary of each sets out."""

_FEW = 5
"""The most partnerships, or causes, that are named in one sentence."""

_MOST_CELLS = 3
_NAME = 60

_MAIN = tuple(severity for severity in SEVERITIES if severity not in MINOR)
_NO_THEME = "Theme not known"

_MEANINGS = {
    Outcome.FINDING: "What the policy asks for is not there, or what it warns of is.",
    Outcome.UNDETERMINED: "The register does not say enough to tell. This is not a pass.",
    Outcome.WAIVED: "A finding, or an outcome that is not known, which somebody answerable has accepted for a time.",
    Outcome.CLEAR: "What the policy asks for is there, or what it warns of is not.",
    Outcome.NOT_APPLICABLE: "The rule does not apply to the partnership, or what it asks for is not yet due.",
}

_CHECKLIST = (
    "Portfolio holder briefed",
    "Senior leadership team briefed",
    "Legal services consulted",
    "Section 151 officer consulted",
    "Data protection issues considered",
    "If exempt information, public report also drafted",
)


def paper(audit: Audit) -> Document:
    """The paper on an audit."""
    return _Paper(audit).document()


class _Section:
    """The blocks of a section whose paragraphs are numbered."""

    def __init__(self, number: int, title: str) -> None:
        self.blocks: list[Block] = [Heading(1, f"{number}. {title}")]
        self._number = number
        self._paragraphs = 0

    def say(self, line: Line) -> str:
        """Add a paragraph; its number."""
        self._paragraphs += 1
        number = f"{self._number}.{self._paragraphs}"
        self.blocks.append(Paragraph(line, number))
        return number

    def add(self, *blocks: Block) -> None:
        """Add blocks that have no number."""
        self.blocks += blocks


class _Paper:
    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self.pack = audit.pack
        called = zip(audit.facts.frame["name"].to_list(), audit.register.refs, strict=True)
        self.names = [shown(name or ref, _NAME) for name, ref in called]
        self.explainer = Explainer(audit, range(audit.partnerships))
        self.folded = fold(audit, self.explainer)
        self.outcomes = {rule.id: audit.answers[rule.id].to_list() for rule in audit.rules}
        self.totals = audit.totals()
        self.command = f"tipstaff check {audit.register.name} --as-of {audit.as_of} --cycle {audit.cycle}"
        self.shared = {group.rule.id for group in self.folded.together if group.rule.severity in _MAIN}
        """The rules whose findings many partnerships share, and which are said together."""
        self.places: dict[int | str, str] = {}
        """The paragraph that sets out the findings of a partnership, by its position, or those of a shared rule."""

    def document(self) -> Document:
        """All of it, in the order in which such reports are read."""
        register = self.audit.register.name
        title = "Partnerships: audit of the partnership register"
        sections = [
            self.executive_summary(1),
            self.background(2),
            self.outcomes_by_theme(3),
            self.not_known(4),
            self.waived(5),
            self.options(6),
            self.implications(7),
        ]
        opening = [Heading(0, title), self.title_block(title), *self.recommendations()]
        body = [*opening, *(block for section in sections for block in section), *self.supporting_information()]
        return Document(
            title=title,
            subject=f"{register}, as of {show_date(self.audit.as_of)}",
            made=self.audit.as_of,
            footer=f"Audit of {shown(register, _NAME)} as of {show_date(self.audit.as_of)}",
            parts=(
                Part(tuple(body)),
                Part(tuple(self.summary_of_each()), wide=True),
                Part((*self.minor_findings(), *self.counts(), *self.what_was_audited())),
            ),
        )

    # What the paper opens with

    def title_block(self, title: str) -> Table:
        councils = listed([council.name for council in self.pack.vocabulary.councils], "and")
        rows: tuple[tuple[Cell, Cell], ...] = (
            ("Report to", to_fill_in("Committee")),
            ("Date of meeting", to_fill_in("Date")),
            ("Title", title),
            ("Councils", councils),
            ("Portfolio area", to_fill_in("Portfolio holder")),
            ("Wards affected", to_fill_in("Wards")),
            ("Urgent decision", to_fill_in("Yes or no")),
            ("Author", to_fill_in("Post")),
            ("As of", f"{show_date(self.audit.as_of)}, for the cycle {self.audit.cycle}"),
        )
        return Table("Title of the report", ("Item", "Details"), (1, 3), rows, labelled=True)

    def recommendations(self) -> Iterator[Block]:
        yield Heading(1, "Recommendations")
        yield Paragraph(
            ("That ", to_fill_in("Committee"), " RECOMMEND to ", to_fill_in("Executive or Council"), " that")
        )
        yield Numbered(tuple(self._recommended()))

    def _recommended(self) -> Iterator[Item]:
        found = by_severity(self.audit, Outcome.FINDING)
        yield Item(
            f"The audit of the partnership register as of {show_date(self.audit.as_of)} be noted: "
            f"{many(self.totals[Outcome.FINDING], 'finding')}, "
            f"and {many(self.totals[Outcome.UNDETERMINED], 'outcome')} that the register does not say enough to tell."
        )
        for severity in _MAIN:
            if points := tuple(self._actions(severity)):
                those = many(found[severity], f"{severity} finding")
                yield Item(
                    f"The {those} be put right as follows (in brackets, the paragraph that sets each out):", points
                )
        if minor := counted({severity: found[severity] for severity in MINOR}):
            yield Item(f"The {minor} findings in Appendix 2 be put right by the lead officers.")
        if self.totals[Outcome.UNDETERMINED]:
            yield Item("The questions in section 4 be put to the lead officers, and the answers entered.")
        if count := self._problems():
            yield Item(f"The {many(count, 'problem')} of the register in section 3 be corrected.")
        if self.totals[Outcome.WAIVED]:
            yield Item("The waived outcomes in section 5 be decided afresh by the days on which their waivers end.")
        yield Item(
            f"The register be audited again when this is done, and before the cycle {self.audit.cycle} begins on "
            f"{show_date(self.audit.cycle.first_day)}."
        )

    def _actions(self, severity: str) -> Iterator[Line]:
        """What is to be done about the findings of a severity, rule by rule; a duty that two rules ask for is once."""
        said = {other for (rule, _), others in self.folded.said_with.items() for other in others if other[0] != rule}
        for rule in self.audit.rules:
            positions = [at for at in self._with(rule, Outcome.FINDING) if (rule.id, at) not in said]
            if rule.severity == severity and rule.action is not None and positions:
                who = rule.action.by[:1].upper() + rule.action.by[1:]
                yield Words(f"{who}:", STRONG), f" {rule.action.do} For {self._those(rule, positions)}. ({rule.id})"

    def _those(self, rule: Rule, positions: Sequence[int]) -> str:
        """Partnerships by name, with the paragraph that sets out what is found of them."""
        if rule.id in self.shared:
            return f"the {many(len(positions), 'partnership')} named in paragraph {self.places[rule.id]}"
        few = [f"{self.names[at]} ({self.places[at]})" for at in positions[:_FEW]]
        more = len(positions) - len(few)
        return listed([*few, *[f"{more:,} more"] * bool(more)], "and")

    # The sections

    def executive_summary(self, number: int) -> Sequence[Block]:
        section = _Section(number, "Executive summary")
        section.say(
            "The partnership register has been audited against the partnership policy and the law in force. This is "
            "what was audited, and what came of it:"
        )
        rows = tuple((label, text) for label, text in summary(self.audit).items())
        section.add(Table("Summary of the audit", ("Item", "Result"), (1, 5), rows, labelled=True))
        if worst := self.folded.findings[:_FEW]:
            named = listed([self.names[group[0].position] for group in worst], "and")
            section.say(f"The partnerships with the most serious findings are {named}.")
        for name in self.pack.named:
            title, members, open_count = self._members(name)
            unknown = f"; not known of {open_count}" if open_count else ""
            named = "; ".join(members[:MOST_NAMED]) or "none"
            more = len(members) - MOST_NAMED
            rest = f"; and {more:,} more ({self.command} --format csv)" if more > 0 else ""
            section.say((Words(f"{title} ({len(members):,}{unknown}).", STRONG), f" {named}{rest}."))
        if self.totals[Outcome.UNDETERMINED]:
            open_by_severity = counted(by_severity(self.audit, Outcome.UNDETERMINED))
            section.say(
                f"What the register does not state counts as not known, and never as a pass: "
                f"{open_by_severity} outcomes are open. Section 4 has the questions that would settle them."
            )
        return section.blocks

    def background(self, number: int) -> Sequence[Block]:
        section = _Section(number, "Background")
        section.say(f"The policy is the {self.pack.title}. Its source: {self.pack.source}.")
        reported = {rule.id for rule in self.audit.rules}
        modules = [
            f"{module.title} ({many(len(reported & set(module.rules)), 'rule')})"
            for module in self.pack.modules
            if reported & set(module.rules)
        ]
        section.say(f"The audit asks {many(len(self.audit.rules), 'rule')} of every partnership, under these heads:")
        section.add(Bullets(tuple(modules)))
        section.say(
            "Each rule has one of five outcomes for each partnership, which Appendix 3 explains and counts. How "
            f"serious a finding is, {listed(list(SEVERITIES), 'or')}, the policy says."
        )
        section.say(
            "A threshold of the law is the one in force on the day that the law itself makes decisive. Each finding "
            "names the cells of the register that it rests on."
        )
        return section.blocks

    def outcomes_by_theme(self, number: int) -> Sequence[Block]:
        section = _Section(number, "Outcomes")
        themes = self._themes()
        if rows := tuple(self._conclusions()):
            section.add(Heading(2, "Status of the partnerships"))
            section.say("Under the policy, this is how the partnerships stand:")
            section.add(Table("Status of the partnerships", ("Status", "Yes", "No", "Not known"), (6, 1, 1, 1), rows))
        section.add(Heading(2, "Findings by theme"))
        section.say(
            "The findings are counted here by theme, with the outcomes that are not known or waived. Each is set out "
            f"below, but for those that are {listed(list(MINOR), 'or')}, which are in Appendix 2:"
        )
        headings = ("Theme", "Partnerships", *(one.capitalize() for one in SEVERITIES), "Undetermined", "Waived")
        counts = tuple(self._counted(theme, positions) for theme, positions in themes.items())
        total = self._counted("All themes", range(self.audit.partnerships))
        widths = (5, 4, 2, 3, 2, 3, 4, 3)
        section.add(Table("Findings by theme", headings, widths, (*counts, total), labelled=True))
        if shared := [rule for rule in self.audit.rules if rule.id in self.shared]:
            section.add(Heading(2, "Findings that many partnerships share"))
            self.places |= dict.fromkeys(self.shared, section.say("These are set out rule by rule:"))
            section.add(self._by_rule("Findings that many partnerships share", shared))
        for theme, positions in themes.items():
            section.add(Heading(2, theme))
            section.add(*self._theme(section, theme, positions))
        if count := self._problems():
            section.add(Heading(2, "Problems of the register"))
            section.say(
                f"The register has {many(count, 'problem')}: what these cells hold could not be used, and counts as "
                "not known."
            )
            serious = [one for one in self.audit.register.problems if one.serious]
            cells = tuple(map(tuple, problem_rows(serious[:MOST_PROBLEMS], self.audit.register.name)))
            section.add(Table("Problems of the register", ("Cell", "Found", "Expected"), (2, 3, 6), cells))
            if count > MOST_PROBLEMS:
                said = f"And {count - MOST_PROBLEMS:,} more: tipstaff validate {self.audit.register.name}"
                section.add(Paragraph(said))
        return section.blocks

    def _theme(self, section: _Section, theme: str, positions: Sequence[int]) -> Iterator[Block]:
        """What is found of the partnerships of a theme, but for what many share and what is of little weight."""
        findings = self._findings_of(positions)
        counts = Counter(
            rule.severity for rule in self.audit.rules for at in positions if self._is(rule, at, Outcome.FINDING)
        )
        found = counted({severity: counts[severity] for severity in SEVERITIES}) or "none"
        paragraph = section.say(f"Under this theme, {many(len(positions), 'partnership')}. Findings: {found}.")
        self.places |= dict.fromkeys(positions, paragraph)
        if findings:
            rows = tuple(self._finding_row(self.explainer.finding(*one)) for one in findings[:MOST_FINDINGS])
            headings = ("Severity", "Partnership", "Finding", "Where", "What to do, and who")
            yield Table(f"Findings under {theme}, worst first", headings, (12, 18, 30, 16, 24), rows)
        if len(findings) > MOST_FINDINGS:
            yield Paragraph(f"And {len(findings) - MOST_FINDINGS:,} more: {self.command} --format csv")

    def _findings_of(self, positions: Iterable[int]) -> list[tuple[Rule, int, Outcome]]:
        """The findings to set out one by one: of the partnership with the worst first, and of it the worst."""
        groups = []
        for at in positions:
            rules = [
                rule
                for rule in self.audit.rules
                if rule.severity in _MAIN and rule.id not in self.shared and self._is(rule, at, Outcome.FINDING)
            ]
            rules.sort(key=_severity)
            counts = Counter(rule.severity for rule in rules)
            groups.append(([-counts[severity] for severity in _MAIN], at, rules))
        return [(rule, at, Outcome.FINDING) for _, at, rules in sorted(groups) for rule in rules]

    def _finding_row(self, finding: Finding) -> tuple[Cell, ...]:
        rule = finding.rule
        return (
            Lines((_set_off(rule.severity), rule.id)),
            self._called(finding.position),
            shown(finding.message),
            self._where(finding),
            self._action(rule),
        )

    def not_known(self, number: int) -> Sequence[Block]:
        section = _Section(number, "What is not known")
        folded = self.folded
        if not self.totals[Outcome.UNDETERMINED]:
            section.say("Every outcome could be told from the register.")
            return section.blocks
        section.say(
            f"Not to be told from the register: {many(self.totals[Outcome.UNDETERMINED], 'outcome')}, "
            f"{counted(by_severity(self.audit, Outcome.UNDETERMINED))}."
        )
        if folded.shared:
            section.say("The register has no place for some of what the policy asks:")
            section.add(Bullets(tuple(map(self._shared, folded.shared))))
        if rows := self._questions():
            section.say("Of single partnerships, these questions are open, the most serious first:")
            headings = ("Severity", "Question", "Partnerships", "Rules that wait for it")
            section.add(Table("Open questions", headings, (12, 40, 30, 18), tuple(rows[:MOST_QUESTIONS])))
            if len(rows) > MOST_QUESTIONS:
                section.add(Paragraph(f"And {len(rows) - MOST_QUESTIONS:,} more."))
        if folded.off:
            meanings = {name: self.pack.parameter_parts[name].meaning for name in folded.off}
            section.say("Some rules wait for what the policy does not yet give:")
            section.add(Bullets(tuple(f"{meanings[name]} ({run_of(rules)})" for name, rules in folded.off.items())))
        if minor := counted(folded.counted):
            section.say(f"Besides, outcomes of little weight are not known: {minor}.")
        section.say(
            f"To write the questions to a workbook for the lead officers: tipstaff ask {self.audit.register.name} "
            f"--as-of {self.audit.as_of} --cycle {self.audit.cycle} -o questions.xlsx"
        )
        return section.blocks

    def _shared(self, held: HeldUp) -> str:
        rules, those = many(len(held.rules), "rule"), many(len(held.positions), "partnership")
        wanted = lacking(self.pack, held) or f"place for {listed(list(held.labels[:_FEW]), 'and')}"
        return f"No {wanted}: {rules} cannot be told for {those} ({run_of(held.rules)})."

    def _questions(self) -> list[tuple[Cell, ...]]:
        """What is not known of single partnerships: a row for each thing that is, with the partnerships it is of."""
        positions: dict[tuple[Root, str, tuple[str, ...]], list[int]] = {}
        waiting: dict[tuple[Root, str, tuple[str, ...]], set[str]] = {}
        for held in (one for group in self.folded.own for one in group):
            key = held.root, held.name, held.labels if held.root is Root.CONCLUSION else ()
            positions.setdefault(key, []).extend(held.positions)
            waiting.setdefault(key, set()).update(held.rules)
        rows: list[tuple[int, int, tuple[Cell, ...]]] = []
        for key, those in positions.items():
            rules = [rule for rule in self.audit.rules if rule.id in waiting[key]]
            severity = min((rule.severity for rule in rules), key=SEVERITIES.index)
            named = "; ".join(self._called(at) for at in those[:_FEW])
            more = f"; and {len(those) - _FEW:,} more" if len(those) > _FEW else ""
            row = (
                _set_off(severity),
                self._question(*key),
                f"{named}{more}",
                run_of([rule.id for rule in rules]),
            )
            rows.append((SEVERITIES.index(severity), -len(those), row))
        return [row for *_, row in sorted(rows, key=lambda one: one[:2])]

    def _question(self, root: Root, name: str, labels: tuple[str, ...]) -> str:
        match root:
            case Root.CONCLUSION:
                title = self.pack.concluding(name).title
                return f"{title}: yes or no? To be told from {listed(list(labels), 'or')}."
            case Root.ROW:
                return f"There is no row on the {self.pack.vocabulary.tables[name].sheet} sheet. What should it say?"
            case _:
                info = self.pack.facts.get(name)
                if info is None:
                    return "What was the law on the decisive day?"
                return info.question or f"What is the {info.label}?"

    def waived(self, number: int) -> Sequence[Block]:
        section = _Section(number, "Waived outcomes")
        count = self.totals[Outcome.WAIVED]
        if not count:
            section.say("No outcome is waived.")
            return section.blocks
        section.say(
            f"Waived: {many(count, 'outcome')}. The post named has accepted each, for the facts as they are, up to and "
            "including the day given."
        )
        found = [(rule, at) for rule in self.audit.rules for at in self._with(rule, Outcome.WAIVED)]
        found.sort(key=lambda one: SEVERITIES.index(one[0].severity))
        rows = tuple(
            self._waived_row(self.explainer.finding(rule, at, Outcome.WAIVED)) for rule, at in found[:MOST_WAIVED]
        )
        headings = ("Severity", "Partnership", "What is waived", "Reason", "Approved by", "Until")
        section.add(Table("Waived outcomes", headings, (12, 17, 26, 20, 13, 12), rows))
        if len(found) > MOST_WAIVED:
            section.add(Paragraph(f"And {len(found) - MOST_WAIVED:,} more: {self.command} --format csv"))
        return section.blocks

    def _waived_row(self, finding: Finding) -> tuple[Cell, ...]:
        rule, waiver = finding.rule, finding.waiver
        accepted = (shown(waiver.reason), shown(waiver.approved_by), show_date(waiver.until)) if waiver else ("",) * 3
        return (
            Lines((_set_off(rule.severity), rule.id)),
            self._called(finding.position),
            shown(finding.message),
            *accepted,
        )

    def options(self, number: int) -> Sequence[Block]:
        section = _Section(number, "Options available, consideration of risk and proposed way forward")
        section.say(("Options considered: ", to_fill_in("Options, and why the recommendations are preferred")))
        rows = tuple(self._risks())
        if rows:
            section.say("By work area, the findings, and the risk if nothing is done:")
            headings = ("Work area", "Findings", "Risk if nothing is done")
            section.add(Table("Risks by work area", headings, (22, 22, 56), rows, labelled=True))
        section.say("The recommendations say who is to do what.")
        return section.blocks

    def _risks(self) -> Iterator[tuple[Cell, ...]]:
        for module in self.pack.modules:
            rules = [rule for rule in self.audit.rules if rule.id in module.rules and self._with(rule, Outcome.FINDING)]
            rules.sort(key=_severity)
            if rules:
                counts = Counter(dict.fromkeys(SEVERITIES, 0))
                for rule in rules:
                    counts[rule.severity] += len(self._with(rule, Outcome.FINDING))
                risks = list(dict.fromkeys(rule.consequence for rule in rules if rule.consequence))
                yield module.title, counted(counts), Lines(tuple(risks[:_FEW]))

    def implications(self, number: int) -> Sequence[Block]:
        section = _Section(number, "Implications")
        section.say("What the audit bears on. Where it holds nothing, a mark is left for the officer.")
        judged = to_fill_in("Y or N")
        officer = to_fill_in("Officer to complete")
        rows: tuple[tuple[Cell, ...], ...] = (
            ("Legal and governance", "Y" if (legal := tuple(self._legal())) else judged, Lines((*legal, officer))),
            ("Financial", "Y" if (financial := self._financial()) else judged, Lines((*financial, officer))),
            ("Risk", "Y" if self.totals[Outcome.FINDING] else judged, Lines((*self._risk(), officer))),
            ("Comprehensive impact assessment: equality and diversity", judged, officer),
            ("Comprehensive impact assessment: safeguarding", judged, officer),
            ("Comprehensive impact assessment: community safety, crime and disorder", judged, officer),
            ("Comprehensive impact assessment: health, safety and wellbeing", judged, officer),
            ("Other implications", judged, officer),
        )
        headings = ("Implications", "Relevant to proposals Y/N", "Details and proposed measures to address")
        section.add(Table("Implications", headings, (24, 14, 62), rows, labelled=True))
        if said := tuple(law.to_check(self.explainer, self.names, _FEW)):
            section.say("Before these outcomes are relied on, this is to be checked of the law:")
            section.add(Bullets(said))
        return section.blocks

    def _legal(self) -> Iterator[Line]:
        """The instruments that findings, and outcomes not known, rest on."""
        for outcome, said in (
            (Outcome.FINDING, "Findings rest on:"),
            (Outcome.UNDETERMINED, "Outcomes that are not known would rest on:"),
        ):
            if found := self._instruments(outcome):
                yield Words(said, STRONG)
                yield from found

    def _instruments(self, outcome: Outcome) -> list[str]:
        rules = [rule for rule in self.audit.rules if rule.source.instrument and self._with(rule, outcome)]
        found: dict[str, list[str]] = {}
        for rule in rules:
            found.setdefault(str(rule.source.instrument), []).append(rule.id)
        return [f"{instrument} ({run_of(ids)})" for instrument, ids in found.items()]

    def _financial(self) -> tuple[Line, ...]:
        """What the councils pay, as far as the register states it: the sums of what is added up by council."""
        frame = self.audit.facts.frame
        year = financial_year_of(self.audit.as_of)
        said: list[Line] = []
        for one in self.pack.derived:
            if not (
                isinstance(one.formula, Aggregate)
                and (one.formula.function, one.formula.where, one.kind) == ("sum", None, Kind.MONEY)
                and self.pack.tables[one.formula.table].table.shape is Shape.COUNCIL_YEAR
                and one.name not in self.audit.facts.unasked
            ):
                continue
            least, most = frame[f"{one.name}_lo"], frame[f"{one.name}_hi"]
            open_count = most.null_count()
            known = int(least.sum() or 0)
            if not known:
                continue
            amount = show_bounds(Kind.MONEY, known, None if open_count else int(most.sum() or 0))
            unknown = f" Not known, or known in part, of {many(open_count, 'partnership')}." if open_count else ""
            said.append(f"In {year}, {one.label}: {amount}, as the register states it.{unknown}")
        return tuple(said)

    def _risk(self) -> tuple[Line, ...]:
        found = counted(by_severity(self.audit, Outcome.FINDING))
        return (f"{found} findings; section 6 says what follows if nothing is done.",) if found else ()

    def supporting_information(self) -> Iterator[Block]:
        yield Heading(1, "Supporting information")
        yield Heading(2, "Appendices")
        yield Bullets(
            (
                "Appendix 1: Summary and recommendations for each partnership",
                "Appendix 2: Findings of little weight",
                "Appendix 3: How outcomes are counted",
                "Appendix 4: What was audited",
            )
        )
        yield Heading(2, "Background papers")
        yield Bullets((self.pack.source, f"The partnership register, {self.audit.register.name}"))
        yield Heading(2, "Process checklist")
        rows = tuple((one, to_fill_in("Yes, no or not applicable")) for one in _CHECKLIST)
        yield Table("Process checklist", ("Step", "Completed"), (3, 2), rows, labelled=True)
        yield Paragraph("What stands in square brackets is left to the officer who presents this report.")

    # The appendices

    def summary_of_each(self) -> Iterator[Block]:
        yield Heading(1, "Appendix 1: Summary and recommendations for each partnership")
        shown_of = [at for positions in self._themes().values() for at in positions]
        belonging = classes(self.audit)
        texts = self._texts()
        headings = ("Partnership", "Lead officer", "Class", *texts, "Outcomes", "Summary and recommendations")
        rows = tuple(self._summary_row(at, belonging[at], texts.values()) for at in shown_of[:MOST_PARTNERSHIPS])
        widths = (17, 12, 10, *(11 for _ in texts), 12, 29)
        yield Paragraph("By theme. The class is that under the policy, and in brackets that of the register.")
        yield Table("Summary of each partnership", headings, widths, rows, labelled=True)
        more = len(shown_of) - MOST_PARTNERSHIPS
        yield Paragraph(
            f"And {more:,} more: {self.command} --format csv"
            if more > 0
            else f"For one partnership in full: tipstaff explain {self.audit.register.name} REFERENCE"
        )

    def _texts(self) -> dict[str, str]:
        """The facts of the register that say in words what is agreed and paid, by their headings."""
        register = self.pack.vocabulary.table_of_shape(Shape.REGISTER)
        facts = register.facts.values() if register is not None else ()
        return {fact.heading: fact.name for fact in facts if fact.reads and not fact.personal}

    def _summary_row(self, at: int, belongs: str, texts: Iterable[str]) -> tuple[Cell, ...]:
        found = [rule for rule in self.audit.rules if self._is(rule, at, Outcome.FINDING)]
        found.sort(key=_severity)
        counts = Counter(rule.severity for rule in found)
        outcomes = [counted({severity: counts[severity] for severity in SEVERITIES}) or "no finding"]
        for outcome in (Outcome.UNDETERMINED, Outcome.WAIVED):
            if count := sum(self._is(rule, at, outcome) for rule in self.audit.rules):
                outcomes.append(f"{count} {outcome.words}")
        advice = [f"{rule.title} ({rule.id})" for rule in found if rule.severity in _MAIN]
        more = [f"and {len(advice) - _FEW} more"] * (len(advice) > _FEW)
        return (
            self._called(at),
            self._value("lead_officer", at),
            f"{belongs} ({self._value('registered_class', at)})",
            *(self._value(fact, at) for fact in texts),
            "; ".join(outcomes),
            Lines((*advice[:_FEW], *more)) if advice else "nothing to put right now",
        )

    def minor_findings(self) -> Iterator[Block]:
        yield Heading(1, "Appendix 2: Findings of little weight")
        found = [rule for rule in self.audit.rules if rule.severity in MINOR and self._with(rule, Outcome.FINDING)]
        if found:
            yield Paragraph("Findings of low or advisory severity, rule by rule:")
            yield self._by_rule("Findings of little weight", sorted(found, key=_severity))
        else:
            yield Paragraph("There are none.")

    def _by_rule(self, title: str, rules: Iterable[Rule]) -> Table:
        """Findings said rule by rule, with the partnerships they are of."""
        rows: list[tuple[Cell, ...]] = []
        for rule in rules:
            positions = self._with(rule, Outcome.FINDING)
            named = [self._called(at) for at in positions[:MOST_NAMED]]
            more = [f"and {len(positions) - MOST_NAMED:,} more: {self.command} --format csv"]
            rows.append(
                (
                    Lines((_set_off(rule.severity), rule.id)),
                    f"{rule.title} ({len(positions):,})",
                    "; ".join([*named, *more * (len(positions) > MOST_NAMED)]),
                    self._action(rule),
                )
            )
        return Table(
            title, ("Severity", "Finding", "Partnerships", "What to do, and who"), (12, 24, 36, 28), tuple(rows)
        )

    def counts(self) -> Iterator[Block]:
        yield Heading(1, "Appendix 3: How outcomes are counted")
        yield Paragraph("Each rule that is asked of a partnership has one outcome, and every one is counted:")
        rows = tuple((outcome.words, meaning, f"{self.totals[outcome]:,}") for outcome, meaning in _MEANINGS.items())
        yield Table("The five outcomes", ("Outcome", "What it means", "Count"), (2, 7, 1), rows, labelled=True)
        yield Paragraph("How each rule came out over all partnerships:")
        by_rule = self.audit.outcomes()
        counted_rows: list[tuple[Cell, ...]] = [
            (
                Lines((Words(rule.id, STRONG), rule.title)),
                rule.severity,
                cited(rule.source),
                *(f"{by_rule[rule.id][outcome.word]:,}" for outcome in _MEANINGS),
            )
            for rule in self.audit.rules
        ]
        headings = ("Rule", "Severity", "Source", *(outcome.words.capitalize() for outcome in _MEANINGS))
        yield Table("Outcomes by rule", headings, (22, 10, 17, 9, 15, 9, 7, 12), tuple(counted_rows))

    def what_was_audited(self) -> Iterator[Block]:
        register, pack = self.audit.register, self.pack
        yield Heading(1, "Appendix 4: What was audited")
        rows: tuple[tuple[Cell, Cell], ...] = (
            ("Register", register.name),
            ("SHA-256 of the register", register.sha256),
            ("Policy", pack.title),
            ("Identity and version of the policy", f"{pack.id} {pack.version}"),
            ("SHA-256 of the policy", pack.sha256),
            ("As of", f"{show_date(self.audit.as_of)}, for the cycle {self.audit.cycle}"),
            ("Made with", f"tipstaff {version('tipstaff')}"),
            ("To repeat it", f"{self.command}, with the same policy, answers and waivers"),
        )
        yield Table("What was audited", ("Item", "Value"), (1, 3), rows, labelled=True)
        yield Paragraph("The same register, policy and date make the same paper.")

    # What the blocks say

    def _is(self, rule: Rule, at: int, outcome: Outcome) -> bool:
        return bool(self.outcomes[rule.id][at] == outcome)

    def _with(self, rule: Rule, outcome: Outcome) -> list[int]:
        """The partnerships for which a rule came out a given way, by position."""
        return [at for at, found in enumerate(self.outcomes[rule.id]) if found == outcome]

    def _themes(self) -> dict[str, list[int]]:
        """The partnerships of each theme that has any, by position, in the order of the policy."""
        frame = self.audit.facts.frame
        themes = frame["theme"].to_list() if "theme" in frame.columns else [None] * self.audit.partnerships
        found: dict[str, list[int]] = {theme.name: [] for theme in self.pack.vocabulary.themes}
        for at, theme in enumerate(themes):
            found.setdefault(theme or _NO_THEME, []).append(at)
        return {theme: positions for theme, positions in found.items() if positions}

    def _members(self, conclusion: str) -> tuple[str, list[str], int]:
        """The title of a conclusion, the partnerships of which it is true, and of how many it is not known."""
        answers = self.audit.answers[conclusion].to_list()
        members = [self.names[at] for at, answer in enumerate(answers) if answer]
        return self.pack.concluding(conclusion).title, members, answers.count(None)

    def _conclusions(self) -> Iterator[tuple[Cell, ...]]:
        for name, found in self.audit.conclusions().items():
            yield self.pack.concluding(name).title, *(f"{found[truth]:,}" for truth in ("true", "false", "unknown"))

    def _counted(self, title: str, positions: Sequence[int]) -> tuple[Cell, ...]:
        """A row of counts: the partnerships, their findings by severity, and what is undetermined or waived."""
        counts: Counter[str] = Counter()
        for rule in self.audit.rules:
            column = self.outcomes[rule.id]
            for at in positions:
                counts[rule.severity if column[at] == Outcome.FINDING else Outcome(column[at]).word] += 1
        keys = (*SEVERITIES, Outcome.UNDETERMINED.word, Outcome.WAIVED.word)
        return title, f"{len(positions):,}", *(f"{counts[key]:,}" for key in keys)

    def _problems(self) -> int:
        return sum(one.serious for one in self.audit.register.problems)

    def _called(self, at: int) -> str:
        """A partnership by its name, and by the register's own reference where it has one."""
        frame, ref = self.audit.facts.frame, shown(self.audit.register.refs[at], _NAME)
        stated = frame["ref"][at] if "ref" in frame.columns else None
        return f"{self.names[at]} ({ref})" if stated and ref != self.names[at] else self.names[at]

    def _value(self, fact: str, at: int) -> str:
        if fact not in self.audit.facts.frame.columns or fact in self.audit.facts.unasked:
            return "not asked for"
        return shown(self.explainer.value(fact, at))

    def _where(self, finding: Finding) -> str:
        cells = [place(cell, self.audit.register.name) for cell in telling_cells(self.pack, finding)]
        more = [f"and {len(cells) - _MOST_CELLS} more"] if len(cells) > _MOST_CELLS else []
        return ", ".join([*on_sheets(cells[:_MOST_CELLS]), *more]) or "no cell"

    def _action(self, rule: Rule) -> str:
        return f"{rule.action.do} ({rule.action.by})" if rule.action is not None else ""


def _set_off(severity: str) -> Words:
    return Words(severity.capitalize(), severity)


def _severity(rule: Rule) -> int:
    """Sorts rules, the most severe first."""
    return SEVERITIES.index(rule.severity)
