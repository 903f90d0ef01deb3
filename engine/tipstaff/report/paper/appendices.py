"""The appendices: each partnership in a row, how outcomes are counted, and what was audited."""

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from tipstaff.audit.decisions.audit import Outcome
from tipstaff.audit.decisions.classes import classes
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.language.english import listed
from tipstaff.policy.pack.model import SEVERITIES
from tipstaff.report.paper.document import STRONG, Block, Cell, Heading, Lines, Paragraph, Table, Words
from tipstaff.report.paper.sections import FEW, MAIN, Subject, severity_of
from tipstaff.report.wording.citations import cited
from tipstaff.report.wording.summary import MEANINGS, counted

MOST_PARTNERSHIPS = 500
"""The most partnerships that are summed up."""


def summary_of_each(about: Subject) -> Iterator[Block]:
    """A row for each partnership."""
    yield Heading(1, "Appendix 1: Summary and recommendations for each partnership")
    shown_of = [at for positions in about.themes().values() for at in positions]
    belonging = classes(about.audit)
    texts = _texts(about)
    headings = ("Partnership", "Lead officer", "Class", *texts, "Outcomes", "Summary and recommendations")
    explainer = about.explaining(shown_of[:MOST_PARTNERSHIPS])
    rows = tuple(
        _summary_row(about, at, belonging[at], texts.values(), explainer) for at in shown_of[:MOST_PARTNERSHIPS]
    )
    widths = (17, 12, 10, *(11 for _ in texts), 12, 29)
    yield Paragraph("By theme. The class is that under the policy, and in brackets that of the register.")
    yield Table("Summary of each partnership", headings, widths, rows, labelled=True)
    more = len(shown_of) - MOST_PARTNERSHIPS
    yield Paragraph(
        f"And {more:,} more: {about.rest}"
        if more > 0
        else f"For one partnership in full: tipstaff explain {about.dated} REFERENCE"
    )


def _texts(about: Subject) -> dict[str, str]:
    """The facts of the register that say in words what is agreed and paid, by their headings."""
    register = about.pack.vocabulary.table_of_shape(Shape.REGISTER)
    facts = register.facts.values() if register is not None else ()
    return {fact.heading: fact.name for fact in facts if fact.reads and not fact.personal}


def _summary_row(about: Subject, at: int, belongs: str, texts: Iterable[str], explainer: Explainer) -> tuple[Cell, ...]:
    found = [rule for rule in about.audit.rules if about.is_(rule, at, Outcome.FINDING)]
    found.sort(key=severity_of)
    counts = Counter(rule.severity for rule in found)
    outcomes = [counted({severity: counts[severity] for severity in SEVERITIES}) or "no finding"]
    for outcome in (Outcome.UNDETERMINED, Outcome.WAIVED):
        if count := sum(about.is_(rule, at, outcome) for rule in about.audit.rules):
            outcomes.append(f"{count} {outcome.words}")
    advice = [f"{rule.title} ({rule.id})" for rule in found if rule.severity in MAIN]
    more = [f"and {len(advice) - FEW} more"] * (len(advice) > FEW)
    return (
        about.called(at),
        about.value("lead_officer", at, explainer),
        f"{belongs} ({about.value('registered_class', at, explainer)})",
        *(about.value(fact, at, explainer) for fact in texts),
        "; ".join(outcomes),
        Lines((*advice[:FEW], *more)) if advice else f"No {listed(list(MAIN), 'or')} finding",
    )


def counts(about: Subject) -> Iterator[Block]:
    """The meaning of each outcome, and how often each occurred: in all, and for each rule."""
    yield Heading(1, "Appendix 3: How outcomes are counted")
    yield Paragraph("Each rule that is asked of a partnership has one outcome, and every one is counted:")
    rows = tuple((outcome.words, meaning, f"{about.totals[outcome]:,}") for outcome, meaning in MEANINGS.items())
    yield Table("The five outcomes", ("Outcome", "What it means", "Count"), (2, 7, 1), rows, labelled=True)
    yield Paragraph("How each rule came out over all partnerships:")
    by_rule = about.audit.outcomes()
    counted_rows: list[tuple[Cell, ...]] = [
        (
            Lines((Words(rule.id, STRONG), rule.title)),
            rule.severity,
            cited(rule.source),
            *(f"{by_rule[rule.id][outcome.word]:,}" for outcome in MEANINGS),
        )
        for rule in about.audit.rules
    ]
    headings = ("Rule", "Severity", "Source", *(outcome.words.capitalize() for outcome in MEANINGS))
    yield Table("Outcomes by rule", headings, (22, 10, 17, 9, 15, 9, 7, 12), tuple(counted_rows))


def what_was_audited(about: Subject) -> Iterator[Block]:
    """The identity of the register, the policy and the program."""
    register, pack = about.audit.register, about.pack
    yield Heading(1, "Appendix 4: What was audited")
    rows: tuple[tuple[Cell, Cell], ...] = (
        ("Register", register.name),
        ("SHA-256 of the register", register.sha256),
        ("Policy", pack.title),
        ("Identity and version of the policy", f"{pack.id} {pack.version}"),
        ("SHA-256 of the policy", pack.sha256),
        ("As of", f"{show_date(about.audit.as_of)}, for the cycle {about.audit.cycle}"),
        ("Made with", f"tipstaff {version('tipstaff')}"),
        ("To repeat it", f"tipstaff check {about.dated}, with the same policy, answers and waivers"),
    )
    yield Table("What was audited", ("Item", "Value"), (1, 3), rows, labelled=True)
    yield Paragraph("The same register, policy and date make the same paper.")
