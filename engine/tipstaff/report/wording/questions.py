"""The questions of an audit as officers read them: what settles most first, and by lead officer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tipstaff.audit.decisions.audit import Audit
from tipstaff.audit.questions.blanks import Blank
from tipstaff.audit.questions.ranking import Gap, Question
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.vocabulary import Fact, Shape, Vocabulary
from tipstaff.policy.pack.model import SEVERITIES, Rule
from tipstaff.register.forms.answer_entries import Entries, Entry
from tipstaff.register.forms.guidance import allowed_answers
from tipstaff.register.tables.row_keys import Line
from tipstaff.report.wording.phrases import shown

NO_OFFICER = "no lead officer"

_OFFICERS_NAMED = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer asked of one officer, in the words of the register.

    ``number`` is that of its question, from one. ``entry`` is how the answer is written in long form; None if only
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
    names, officers = audit.facts.frame["name"].to_list(), officers_of(audit)
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
    return f"{asks(fact)} ({', '.join(of)})" if of else asks(fact)


def asks(fact: Fact) -> str:
    return fact.question or f"What is the {fact.label}?"


def _sheet(audit: Audit, blank: Blank) -> str:
    """The sheet of a fact: for the register itself, the sheet of the partnership."""
    rows = audit.register.tables[blank.table]
    return rows.sheet[blank.position] if rows.table.shape is Shape.REGISTER else rows.table.sheet


def officers_of(audit: Audit) -> list[str]:
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


def name_officers(officers: Sequence[str]) -> str:
    """The officers of whom most is asked, by post, and how many more."""
    often = [officer for officer, _ in Counter(officers).most_common()]
    named = [shown(officer, 80) for officer in often[:_OFFICERS_NAMED]]
    others = len(often) - len(named)
    return "; ".join([*named, *([f"{others} more"] if others else [])])
