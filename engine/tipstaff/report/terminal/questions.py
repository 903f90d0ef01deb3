"""Questions to officers as lines of text."""

from collections.abc import Iterator, Sequence

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.questions.ranking import MOST_PARTNERSHIPS, Question
from tipstaff.facts.units import show_date
from tipstaff.policy.language.english import listed
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording.phrases import run_of, shown
from tipstaff.report.wording.questions import asks, by_severity, can_settle, name_officers, officers_of

_NARROW = 24


def lines(audit: Audit, questions: Sequence[Question], width: int, style: Style = plain) -> Iterator[str]:
    """The questions, what each can settle and whom to ask, line by line."""
    yield from summary(audit, questions, width)
    officers = officers_of(audit)
    order = {rule.id: place for place, rule in enumerate(audit.rules)}
    rows: list[list[str]] = []
    for number, question in enumerate(questions, 1):
        positions = list(dict.fromkeys(gap.blank.position for gap in question.gaps))
        counts = [f"{count} {severity}" for severity, count in can_settle([question]).items() if count]
        rules = run_of(sorted({rule.id for _, rule in question.settles}, key=order.__getitem__))
        others = f", with {question.together - 1} more" if question.together > 1 else ""
        rows.append(
            [
                str(number),
                asks(question.fact),
                str(len(positions)),
                f"{listed(counts, 'and')}{others}: {rules}",
                name_officers([officers[position] for position in positions]),
            ]
        )
    yield ""
    headings = ["no.", "question", "asked of", "can settle", "officers"]
    first, *rest = table(rows, width, wide=1, headers=headings, most=_NARROW)
    yield style("heading", first)
    yield from rest


def summary(audit: Audit, questions: Sequence[Question], width: int) -> Iterator[str]:
    """The outcomes that questions can settle, of all that are undetermined, line by line."""
    open_rules = audit.undetermined()
    can = can_settle(questions)
    everything = by_severity([rule for rules in open_rules.values() for rule in rules])
    counts = [f"{can[severity]} of {count} {severity}" for severity, count in everything.items() if count]
    answers = sum(len(question.gaps) for question in questions)
    said = f"{len(questions)}, for {answers} answers; they can settle {listed(counts, 'and')} outcomes not known"
    yield from paragraph(f"{shown(audit.register.name)}, as of {show_date(audit.as_of)}", width, 11, "Register")
    yield from paragraph(said, width, 11, "Questions")
    if len(open_rules) > MOST_PARTNERSHIPS:
        left = len(open_rules) - MOST_PARTNERSHIPS
        said = f"the {MOST_PARTNERSHIPS} partnerships of which least is known; the other {left} in a further round"
        yield from paragraph(said, width, 11, "About")
