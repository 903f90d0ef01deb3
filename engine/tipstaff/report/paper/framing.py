"""The sections around the findings: the summary, the background, and the sources."""

from collections.abc import Iterator, Mapping, Sequence

from tipstaff.audit.decisions.audit import Outcome
from tipstaff.audit.decisions.verdict import by_severity
from tipstaff.policy.language.english import listed
from tipstaff.policy.pack.model import SEVERITIES
from tipstaff.report.paper.document import STRONG, Block, Bullets, Heading, Paragraph, Table, Words, to_fill_in
from tipstaff.report.paper.sections import FEW, MOST_NAMED, Section, Subject
from tipstaff.report.wording.phrases import many
from tipstaff.report.wording.summary import counted, summary

_CHECKLIST = (
    "Portfolio holder briefed",
    "Senior leadership team briefed",
    "Legal services consulted",
    "Section 151 officer consulted",
    "Data protection issues considered",
    "If exempt information, public report also drafted",
)


def executive_summary(about: Subject, number: int, notes: Mapping[str, str]) -> Sequence[Block]:
    """The audit and its result, in brief."""
    section = Section(number, "Executive summary")
    section.say(
        "The partnership register has been audited against the partnership policy and the law in force. This is "
        "what was audited, and the result:"
    )
    rows = tuple({**summary(about.audit), **notes}.items())
    section.add(Table("Summary of the audit", ("Item", "Result"), (1, 5), rows, labelled=True))
    if worst := about.digest.findings[:FEW]:
        named = listed([about.names[group[0].position] for group in worst], "and")
        section.say(f"The partnerships with the most serious findings are {named}.")
    for name in about.pack.named:
        title, members, open_count = _members(about, name)
        unknown = f"; not known of {open_count}" if open_count else ""
        named = "; ".join(members[:MOST_NAMED]) or "none"
        more = len(members) - MOST_NAMED
        rest = f"; and {more:,} more ({about.rest})" if more > 0 else ""
        section.say((Words(f"{title} ({len(members):,}{unknown}).", STRONG), f" {named}{rest}."))
    if about.totals[Outcome.UNDETERMINED]:
        open_by_severity = counted(by_severity(about.audit, Outcome.UNDETERMINED))
        section.say(
            "What the register does not state counts as not known, and never as a pass. Outcomes that are open: "
            f"{open_by_severity}. Section 4 has the questions that would settle them."
        )
    return section.blocks


def _members(about: Subject, conclusion: str) -> tuple[str, list[str], int]:
    """The title of a conclusion, the partnerships of which it is true, and of how many it is not known."""
    answers = about.audit.answers[conclusion].to_list()
    members = [about.names[at] for at, answer in enumerate(answers) if answer]
    return about.pack.concluding(conclusion).title, members, answers.count(None)


def background(about: Subject, number: int) -> Sequence[Block]:
    """The policy, and what it asks."""
    section = Section(number, "Background")
    section.say(f"The policy is the {about.pack.title}. Its source: {about.pack.source}.")
    reported = {rule.id for rule in about.audit.rules}
    modules = [
        f"{module.title} ({many(len(reported & set(module.rules)), 'rule')})"
        for module in about.pack.modules
        if reported & set(module.rules)
    ]
    section.say(f"The audit asks {many(len(about.audit.rules), 'rule')} of every partnership, under these heads:")
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


def supporting_information(about: Subject) -> Iterator[Block]:
    """The appendices, the background papers, and what remains to be done before the report is given."""
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
    yield Bullets((about.pack.source, f"The partnership register, {about.audit.register.name}"))
    yield Heading(2, "Process checklist")
    rows = tuple((one, to_fill_in("Yes, no or not applicable")) for one in _CHECKLIST)
    yield Table("Process checklist", ("Step", "Completed"), (3, 2), rows, labelled=True)
    yield Paragraph("Text in square brackets is left to the officer who presents this report.")
