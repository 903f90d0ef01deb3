"""The findings of a paper, by theme, and rule by rule where many partnerships share one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tipstaff.audit.decisions.audit import Outcome
from tipstaff.audit.explaining.findings import Finding
from tipstaff.policy.language.english import listed
from tipstaff.policy.pack.model import MINOR, SEVERITIES, Rule
from tipstaff.report.paper.document import Block, Cell, Heading, Lines, Paragraph, Table
from tipstaff.report.paper.sections import MAIN, MOST_NAMED, Places, Section, Subject, set_off, severity_of
from tipstaff.report.wording.phrases import many, shown
from tipstaff.report.wording.places import problem_rows
from tipstaff.report.wording.summary import counted

MOST_FINDINGS = 60
"""The most findings that are set out under one theme."""

MOST_PROBLEMS = 20
"""The most problems of the register that are shown; ``tipstaff validate`` shows them all."""


def outcomes_by_theme(about: Subject, number: int) -> tuple[Sequence[Block], Places]:
    """The class of each partnership, and every finding that is not of little weight.

    With it, the paragraph that sets out the findings of each partnership and of each rule that many share.
    """
    section = Section(number, "Outcomes")
    themes = about.themes()
    places: dict[int | str, str] = {}
    if rows := tuple(_conclusions(about)):
        section.add(Heading(2, "Status of the partnerships"))
        section.say("Under the policy, the partnerships are classed as follows:")
        section.add(Table("Status of the partnerships", ("Status", "Yes", "No", "Not known"), (6, 1, 1, 1), rows))
    section.add(Heading(2, "Findings by theme"))
    section.say(
        "The findings are counted here by theme, with the outcomes that are not known or waived. Each is set out "
        f"below, but for those that are {listed(list(MINOR), 'or')}, which are in Appendix 2:"
    )
    headings = ("Theme", "Partnerships", *(one.capitalize() for one in SEVERITIES), "Undetermined", "Waived")
    counts = {theme: _counts(about, positions) for theme, positions in themes.items()}
    rows = tuple(_count_row(theme, len(themes[theme]), own) for theme, own in counts.items())
    total: tuple[Cell, ...] = _count_row("All themes", about.audit.partnerships, sum(counts.values(), Counter[str]()))
    widths = (5, 4, 2, 3, 2, 3, 4, 3)
    section.add(Table("Findings by theme", headings, widths, (*rows, *[total] * (len(rows) > 1)), labelled=True))
    if shared := [rule for rule in about.audit.rules if rule.id in about.shared]:
        section.add(Heading(2, "Findings that many partnerships share"))
        places |= dict.fromkeys(about.shared, section.say("These are set out rule by rule:"))
        section.add(by_rule(about, "Findings that many partnerships share", shared))
    for theme, positions in themes.items():
        section.add(Heading(2, theme))
        found = counted({severity: counts[theme][severity] for severity in SEVERITIES}) or "none"
        said = f"Under this theme, {many(len(positions), 'partnership')}. Findings: {found}."
        places |= dict.fromkeys(positions, section.say(said))
        section.add(*_one_by_one(about, theme, positions))
    if count := about.problems():
        section.add(Heading(2, "Problems of the register"))
        section.say(
            f"The register has {many(count, 'problem')}: what these cells hold could not be used, and counts as "
            "not known."
        )
        serious = [one for one in about.audit.register.problems if one.serious]
        cells = tuple(map(tuple, problem_rows(serious[:MOST_PROBLEMS], about.audit.register.name)))
        section.add(Table("Problems of the register", ("Cell", "Found", "Expected"), (2, 3, 6), cells))
        if count > MOST_PROBLEMS:
            said = f"And {count - MOST_PROBLEMS:,} more: tipstaff validate {about.register}"
            section.add(Paragraph(said))
    return section.blocks, places


def _conclusions(about: Subject) -> Iterator[tuple[Cell, ...]]:
    for name, found in about.audit.conclusions().items():
        yield about.pack.concluding(name).title, *(f"{found[truth]:,}" for truth in ("true", "false", "unknown"))


def _counts(about: Subject, positions: Sequence[int]) -> Counter[str]:
    """Count findings by severity and other outcomes by name, for these partnerships."""
    counts: Counter[str] = Counter()
    for rule in about.audit.rules:
        column = about.outcomes[rule.id]
        for outcome, count in Counter(column[at] for at in positions).items():
            counts[rule.severity if outcome == Outcome.FINDING else Outcome(outcome).word] += count
    return counts


def _count_row(title: str, partnerships: int, counts: Counter[str]) -> tuple[Cell, ...]:
    keys = (*SEVERITIES, Outcome.UNDETERMINED.word, Outcome.WAIVED.word)
    return title, f"{partnerships:,}", *(f"{counts[key]:,}" for key in keys)


def _one_by_one(about: Subject, theme: str, positions: Sequence[int]) -> Iterator[Block]:
    """The findings of the partnerships of a theme, but for those that many share and those of little weight."""
    findings = _findings_of(about, positions)
    if findings:
        first = findings[:MOST_FINDINGS]
        explainer = about.explaining(at for _, at, _ in first)
        rows = tuple(_finding_row(about, explainer.finding(*one)) for one in first)
        headings = ("Severity", "Partnership", "Finding", "Where", "What to do, and who")
        yield Table(f"Findings under {theme}, worst first", headings, (12, 18, 30, 16, 24), rows)
    if len(findings) > MOST_FINDINGS:
        yield Paragraph(f"And {len(findings) - MOST_FINDINGS:,} more: {about.rest}")


def _findings_of(about: Subject, positions: Iterable[int]) -> list[tuple[Rule, int, Outcome]]:
    """The findings to set out one by one: of the partnership with the worst first, and of it the worst."""
    groups = []
    for at in positions:
        rules = [
            rule
            for rule in about.audit.rules
            if rule.severity in MAIN and rule.id not in about.shared and about.is_(rule, at, Outcome.FINDING)
        ]
        rules.sort(key=severity_of)
        counts = Counter(rule.severity for rule in rules)
        groups.append(([-counts[severity] for severity in MAIN], at, rules))
    return [(rule, at, Outcome.FINDING) for _, at, rules in sorted(groups) for rule in rules]


def _finding_row(about: Subject, finding: Finding) -> tuple[Cell, ...]:
    rule = finding.rule
    return (
        Lines((set_off(rule.severity), rule.id)),
        about.called(finding.position),
        shown(finding.message),
        about.where(finding),
        about.action(rule),
    )


def minor_findings(about: Subject) -> Iterator[Block]:
    """The findings of little weight, rule by rule."""
    yield Heading(1, "Appendix 2: Findings of little weight")
    found = [rule for rule in about.audit.rules if rule.severity in MINOR and about.with_(rule, Outcome.FINDING)]
    if found:
        yield Paragraph("Findings of low or advisory severity, rule by rule:")
        yield by_rule(about, "Findings of little weight", sorted(found, key=severity_of))
    else:
        yield Paragraph("There are none.")


def by_rule(about: Subject, title: str, rules: Iterable[Rule]) -> Table:
    """Findings said rule by rule, with the partnerships they are of."""
    rows: list[tuple[Cell, ...]] = []
    for rule in rules:
        positions = about.with_(rule, Outcome.FINDING)
        named = [about.called(at) for at in positions[:MOST_NAMED]]
        more = [f"and {len(positions) - MOST_NAMED:,} more: {about.rest}"]
        rows.append(
            (
                Lines((set_off(rule.severity), rule.id)),
                f"{rule.title} ({len(positions):,})",
                "; ".join([*named, *more * (len(positions) > MOST_NAMED)]),
                about.action(rule),
            )
        )
    return Table(title, ("Severity", "Finding", "Partnerships", "What to do, and who"), (12, 24, 36, 28), tuple(rows))
