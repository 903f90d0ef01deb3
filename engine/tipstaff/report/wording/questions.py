"""The questions of an audit as officers read them: what settles most first, and by lead officer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.questions.blanks import Blank
from tipstaff.audit.questions.ranking import MOST_PARTNERSHIPS, Gap, Question
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Fact, Shape, Vocabulary
from tipstaff.policy.language.english import listed
from tipstaff.policy.pack.model import SEVERITIES, Rule
from tipstaff.register.forms.answer_entries import Entries, Entry
from tipstaff.register.forms.guidance import allowed_answers
from tipstaff.register.tables.row_keys import Line
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording.phrases import run_of, shown

NO_OFFICER = "no lead officer"

_NARROW = 24
_OFFICERS_NAMED = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer asked of one officer, in the words of the register.

    ``number`` is that of its question, from one. ``entry`` is how the answer is written in long form; None where only
    its own sheet can take it.
    """

    number: int
    question: Question
    gap: Gap
    name: str
    officer: str
    text: str
    allowed: str
    entry: Entry | None

    @property
    def severity(self) -> str:
        """The worst severity of what the answer can settle."""
        return min((rule.severity for rule in self.gap.settles), key=SEVERITIES.index)


def by_officer(audit: Audit, questions: Sequence[Question]) -> dict[str, list[Asked]]:
    """The questions to each lead officer, question by question; the officers with the most valuable question first."""
    vocabulary = audit.pack.vocabulary
    entries = Entries(audit.register, vocabulary)
    names, officers = audit.facts.frame["name"].to_list(), _officers(audit)
    found: dict[str, list[Asked]] = {}
    for number, question in enumerate(questions, 1):
        allowed = allowed_answers(question.fact, vocabulary)
        for gap in question.gaps:
            blank = gap.blank
            entry = entries.entry(blank.position, blank.table, blank.fact, blank.line)
            one = Asked(
                number=number,
                question=question,
                gap=gap,
                name=names[blank.position] or audit.register.refs[blank.position],
                officer=officers[blank.position],
                text=_text(question.fact, blank.line, vocabulary),
                allowed=allowed if entry is not None else f"{allowed}, on the {_sheet(audit, blank)} sheet itself",
                entry=entry,
            )
            found.setdefault(one.officer, []).append(one)
    return found


def _text(fact: Fact, line: Line, vocabulary: Vocabulary) -> str:
    of = [council.name for council in vocabulary.councils if council.key == line.council]
    of += [str(FinancialYear(line.year))] if line.year is not None else []
    return f"{_asks(fact)} ({', '.join(of)})" if of else _asks(fact)


def _asks(fact: Fact) -> str:
    return fact.question or f"What is the {fact.label}?"


def _sheet(audit: Audit, blank: Blank) -> str:
    """The sheet of a fact: for the register itself, the sheet of the partnership."""
    rows = audit.register.tables[blank.table]
    return rows.sheet[blank.position] if rows.table.shape is Shape.REGISTER else rows.table.sheet


def _officers(audit: Audit) -> list[str]:
    frame = audit.facts.frame
    officers = frame["lead_officer"].to_list() if "lead_officer" in frame.columns else [None] * len(frame)
    return [officer or NO_OFFICER for officer in officers]


def why(one: Asked) -> str:
    """The rules whose outcomes an answer can settle, by title; with how many other questions, where not alone."""
    rules = "; ".join(f"{rule.id} {rule.title} ({rule.severity})" for rule in one.gap.settles)
    others = one.question.together - 1
    return f"{rules}; with {others} other question{'' if others == 1 else 's'}" if others else rules


def can_settle(questions: Sequence[Question]) -> dict[str, int]:
    """How many undetermined outcomes of each severity some of these questions can settle, the worst severity first."""
    outcomes = {(position, rule.id): rule for question in questions for position, rule in question.settles}
    return by_severity(list(outcomes.values()))


def by_severity(rules: Sequence[Rule]) -> dict[str, int]:
    """How many of these rules there are of each severity, the worst first."""
    return {severity: sum(rule.severity == severity for rule in rules) for severity in SEVERITIES}


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


def lines(audit: Audit, questions: Sequence[Question], width: int, style: Style = plain) -> Iterator[str]:
    """The questions, what each can settle and whom to ask, line by line."""
    yield from summary(audit, questions, width)
    officers = _officers(audit)
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
                _asks(question.fact),
                str(len(positions)),
                f"{listed(counts, 'and')}{others}: {rules}",
                _named([officers[position] for position in positions]),
            ]
        )
    yield ""
    headings = ["no.", "question", "asked of", "can settle", "officers"]
    first, *rest = table(rows, width, wide=1, headers=headings, most=_NARROW)
    yield style("heading", first)
    yield from rest


def _named(officers: Sequence[str]) -> str:
    """The officers of whom most is asked, by post, and how many more."""
    often = [officer for officer, _ in Counter(officers).most_common()]
    named = [shown(officer, 80) for officer in often[:_OFFICERS_NAMED]]
    others = len(often) - len(named)
    return "; ".join([*named, *([f"{others} more"] if others else [])])
