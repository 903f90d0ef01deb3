"""The risks if nothing is done, and what the audit bears on: law, money, risk."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tipstaff.audit.decisions.audit import Outcome
from tipstaff.audit.decisions.verdict import by_severity
from tipstaff.audit.explaining.values import show_bounds
from tipstaff.facts.periods import financial_year_of
from tipstaff.facts.vocabulary import Kind, Shape
from tipstaff.policy.pack.model import SEVERITIES, Aggregate, Pack
from tipstaff.report.paper.document import STRONG, Block, Bullets, Cell, Line, Lines, Table, Words, to_fill_in
from tipstaff.report.paper.sections import FEW, Section, Subject, severity_of
from tipstaff.report.wording import law
from tipstaff.report.wording.phrases import many, run_of
from tipstaff.report.wording.summary import counted


def options(about: Subject, number: int) -> Sequence[Block]:
    """The findings by work area, with what follows if nothing is done."""
    section = Section(number, "Options available, consideration of risk and proposed way forward")
    section.say(("Options considered: ", to_fill_in("Options, and why the recommendations are preferred")))
    rows = tuple(_risks(about))
    if rows:
        section.say("By work area, the findings, and the risk if nothing is done:")
        headings = ("Work area", "Findings", "Risk if nothing is done")
        section.add(Table("Risks by work area", headings, (22, 22, 56), rows, labelled=True))
    section.say("The recommendations say who is to do what.")
    return section.blocks


def _risks(about: Subject) -> Iterator[tuple[Cell, ...]]:
    for module in about.pack.modules:
        rules = [rule for rule in about.audit.rules if rule.id in module.rules and about.with_(rule, Outcome.FINDING)]
        rules.sort(key=severity_of)
        if rules:
            counts = Counter(dict.fromkeys(SEVERITIES, 0))
            for rule in rules:
                counts[rule.severity] += len(about.with_(rule, Outcome.FINDING))
            risks = list(dict.fromkeys(rule.consequence for rule in rules if rule.consequence))
            yield module.title, counted(counts), Lines(tuple(risks[:FEW]))


def implications(about: Subject, number: int) -> Sequence[Block]:
    """The implications of the audit, with marks if it holds nothing."""
    section = Section(number, "Implications")
    section.say("What the audit bears on. Where it holds nothing, a mark is left for the officer.")
    judged = to_fill_in("Y or N")
    officer = to_fill_in("Officer to complete")
    rows: tuple[tuple[Cell, ...], ...] = (
        ("Legal and governance", "Y" if (legal := tuple(_legal(about))) else judged, Lines((*legal, officer))),
        ("Financial", "Y" if (financial := tuple(_financial(about))) else judged, Lines((*financial, officer))),
        ("Risk", "Y" if about.totals[Outcome.FINDING] else judged, Lines((*_risk(about), officer))),
        ("Comprehensive impact assessment: equality and diversity", judged, officer),
        ("Comprehensive impact assessment: safeguarding", judged, officer),
        ("Comprehensive impact assessment: community safety, crime and disorder", judged, officer),
        ("Comprehensive impact assessment: health, safety and wellbeing", judged, officer),
        ("Other implications", judged, officer),
    )
    headings = ("Implications", "Relevant to proposals Y/N", "Details and proposed measures to address")
    section.add(Table("Implications", headings, (24, 14, 62), rows, labelled=True))
    if said := tuple(law.to_check(about.audit, about.names, FEW)):
        section.say("Before these outcomes are relied on, this is to be checked of the law:")
        section.add(Bullets(said))
    return section.blocks


def _legal(about: Subject) -> Iterator[Line]:
    """The instruments that findings, and outcomes not known, rest on."""
    for outcome, said in (
        (Outcome.FINDING, "Findings rest on:"),
        (Outcome.UNDETERMINED, "Outcomes that are not known would rest on:"),
    ):
        if found := _instruments(about, outcome):
            yield Words(said, STRONG)
            yield from found


def _instruments(about: Subject, outcome: Outcome) -> list[str]:
    rules = [rule for rule in about.audit.rules if rule.source.instrument and about.with_(rule, outcome)]
    found: dict[str, list[str]] = {}
    for rule in rules:
        found.setdefault(str(rule.source.instrument), []).append(rule.id)
    return [f"{instrument} ({run_of(ids)})" for instrument, ids in found.items()]


def _financial(about: Subject) -> Iterator[Line]:
    """The councils' payments, as far as the register states them: sums by council and year."""
    frame, year = about.audit.facts.frame, financial_year_of(about.audit.as_of)
    for one in about.pack.derived:
        if one.kind is Kind.MONEY and one.name not in about.audit.facts.unasked and _adds_up(about.pack, one.formula):
            least, most = int(frame[f"{one.name}_lo"].sum() or 0), frame[f"{one.name}_hi"]
            open_count = most.null_count()
            amount = show_bounds(Kind.MONEY, least, None if open_count else int(most.sum() or 0))
            unknown = f" Not known, or known in part, of {many(open_count, 'partnership')}." if open_count else ""
            if least:
                yield f"In {year}, {one.label}: {amount}, as the register states it.{unknown}"


def _adds_up(pack: Pack, formula: object) -> bool:
    """Whether a formula adds up all that is stated by council and year."""
    if not isinstance(formula, Aggregate) or formula.table not in pack.tables:
        return False
    shape = pack.tables[formula.table].table.shape
    return formula.function == "sum" and formula.where is None and shape is Shape.COUNCIL_YEAR


def _risk(about: Subject) -> tuple[Line, ...]:
    found = counted(by_severity(about.audit, Outcome.FINDING))
    return (f"{found} findings; section 6 says what follows if nothing is done.",) if found else ()
