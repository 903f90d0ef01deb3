"""The opening of a paper: its subject, and the decisions it asks of a committee."""

from collections.abc import Iterator, Sequence

from tipstaff.audit.decisions.audit import Outcome
from tipstaff.audit.decisions.verdict import by_severity
from tipstaff.facts.units import show_date
from tipstaff.policy.language.english import listed
from tipstaff.policy.pack.model import MINOR, Rule
from tipstaff.report.paper.document import (
    STRONG,
    Block,
    Cell,
    Heading,
    Item,
    Line,
    Numbered,
    Paragraph,
    Table,
    Words,
    to_fill_in,
)
from tipstaff.report.paper.sections import FEW, MAIN, Places, Subject
from tipstaff.report.wording import waivers
from tipstaff.report.wording.phrases import many
from tipstaff.report.wording.summary import counted


def title_block(about: Subject, title: str) -> Table:
    """The table that a report begins with."""
    councils = listed([council.name for council in about.pack.vocabulary.councils], "and")
    rows: tuple[tuple[Cell, Cell], ...] = (
        ("Report to", to_fill_in("Committee")),
        ("Date of meeting", to_fill_in("Date")),
        ("Title", title),
        ("Councils", councils),
        ("Portfolio area", to_fill_in("Portfolio holder")),
        ("Wards affected", to_fill_in("Wards")),
        ("Urgent decision", to_fill_in("Yes or no")),
        ("Author", to_fill_in("Post")),
        ("As of", f"{show_date(about.audit.as_of)}, for the cycle {about.audit.cycle}"),
    )
    return Table("Title of the report", ("Item", "Details"), (1, 3), rows, labelled=True)


def recommendations(about: Subject, places: Places) -> Iterator[Block]:
    """The recommendations to the committee: actions, who takes them, and for which partnerships."""
    yield Heading(1, "Recommendations")
    yield Paragraph(("That ", to_fill_in("Committee"), " RECOMMEND to ", to_fill_in("Executive or Council"), " that"))
    yield Numbered(tuple(_recommended(about, places)))


def _recommended(about: Subject, places: Places) -> Iterator[Item]:
    found = by_severity(about.audit, Outcome.FINDING)
    yield Item(
        f"The audit of the partnership register as of {show_date(about.audit.as_of)} be noted: "
        f"{many(about.totals[Outcome.FINDING], 'finding')}, "
        f"and {many(about.totals[Outcome.UNDETERMINED], 'outcome')} that the register does not say enough to tell."
    )
    for severity in MAIN:
        if points := tuple(_actions(about, places, severity)):
            those = many(found[severity], f"{severity} finding")
            yield Item(f"The {those} be put right as follows (in brackets, the paragraph that sets each out):", points)
    if minor := counted({severity: found[severity] for severity in MINOR}):
        yield Item(f"The {minor} findings in Appendix 2 be put right by the lead officers.")
    if about.totals[Outcome.UNDETERMINED]:
        yield Item("The questions in section 4 be put to the lead officers, and the answers entered.")
    if count := about.problems():
        yield Item(f"The {many(count, 'problem')} of the register in section 3 be corrected.")
    if about.totals[Outcome.WAIVED]:
        yield Item("The waived outcomes in section 5 be decided afresh by the days on which their waivers end.")
    if failed := waivers.failing(about.audit):
        yield Item(f"The {many(len(failed), 'waiver')} in section 5 that waive nothing be put right or taken out.")
    begins = about.audit.cycle.first_day
    in_time = f", and before the cycle {about.audit.cycle} begins on {show_date(begins)}"
    yield Item(f"The register be audited again when this is done{in_time if about.audit.as_of < begins else ''}.")


def _actions(about: Subject, places: Places, severity: str) -> Iterator[Line]:
    """The actions on the findings of a severity, rule by rule; a duty that two rules ask for occurs once."""
    said = {other for (rule, _), others in about.digest.reported_with.items() for other in others if other[0] != rule}
    for rule in about.audit.rules:
        positions = [at for at in about.with_(rule, Outcome.FINDING) if (rule.id, at) not in said]
        if rule.severity == severity and rule.action is not None and positions:
            who = rule.action.by[:1].upper() + rule.action.by[1:]
            yield (
                Words(f"{who}:", STRONG),
                f" {rule.action.do} For {_those(about, places, rule, positions)}. ({rule.id})",
            )


def _those(about: Subject, places: Places, rule: Rule, positions: Sequence[int]) -> str:
    """Partnerships by name, with the paragraph that sets out what is found of them."""
    if rule.id in about.shared:
        return f"the {many(len(positions), 'partnership')} named in paragraph {places[rule.id]}"
    few = [f"{about.names[at]} ({places[at]})" for at in positions[:FEW]]
    more = len(positions) - len(few)
    return listed([*few, *[f"{more:,} more"] * bool(more)], "and")
