"""The questions of an audit as officers read them: by lead officer, what settles most first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tipstaff.audit.audit import Audit
from tipstaff.audit.questions import MOST_PARTNERSHIPS, Question, undetermined
from tipstaff.audit.suppositions import Blank
from tipstaff.facts.periods import FinancialYear
from tipstaff.facts.units import show_date
from tipstaff.facts.vocabulary import Shape
from tipstaff.policy.english import listed
from tipstaff.policy.pack import SEVERITIES, Rule
from tipstaff.register.answer_entries import Entries, Entry
from tipstaff.register.guidance import allowed_answers
from tipstaff.report.layout import Style, paragraph, plain, run_of, shown, table

NO_OFFICER = "no lead officer"

_NARROW = 22


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in the words of the register.

    ``entry`` is how its answer is written in long form; None where only its own sheet can take it.
    """

    question: Question
    name: str
    officer: str
    text: str
    allowed: str
    entry: Entry | None


def by_officer(audit: Audit, questions: Sequence[Question]) -> dict[str, list[Asked]]:
    """The questions of each lead officer, those who have the most telling ones first, partnership by partnership."""
    vocabulary = audit.pack.vocabulary
    councils = {council.key: council.name for council in vocabulary.councils}
    entries = Entries(audit.register, vocabulary)
    names, officers = audit.facts.frame["name"].to_list(), _officers(audit)
    found: dict[str, list[Asked]] = {}
    for question in questions:
        blank, fact = question.blank, question.fact
        entry = entries.entry(blank.position, blank.table, blank.fact, blank.line)
        allowed = allowed_answers(fact, vocabulary)
        one = Asked(
            question=question,
            name=names[blank.position] or audit.register.refs[blank.position],
            officer=officers[blank.position] or NO_OFFICER,
            text=_text(question, councils),
            allowed=allowed if entry is not None else f"{allowed}, on the {_sheet(audit, blank)} sheet itself",
            entry=entry,
        )
        found.setdefault(one.officer, []).append(one)
    return found


def _text(question: Question, councils: Mapping[str, str]) -> str:
    line = question.blank.line
    of = [councils[line.council]] if line.council is not None else []
    of += [str(FinancialYear(line.year))] if line.year is not None else []
    asked = question.fact.question or f"What is the {question.fact.label}?"
    return f"{asked} ({', '.join(of)})" if of else asked


def _sheet(audit: Audit, blank: Blank) -> str:
    """The sheet that a fact stands on: of the register itself, the one that the partnership stands on."""
    rows = audit.register.tables[blank.table]
    return rows.sheet[blank.position] if rows.table.shape is Shape.REGISTER else rows.table.sheet


def _officers(audit: Audit) -> list[str | None]:
    frame = audit.facts.frame
    return frame["lead_officer"].to_list() if "lead_officer" in frame.columns else [None] * len(frame)


def why(question: Question) -> str:
    """The rules whose outcomes a question can settle, by title; with how many others, where it cannot alone."""
    rules = "; ".join(f"{rule.id} {rule.title} ({rule.severity})" for rule in question.settles)
    others = question.together - 1
    return f"{rules}; with {others} other answer{'' if others == 1 else 's'}" if others else rules


def borne_on(questions: Sequence[Question]) -> dict[str, int]:
    """How many undetermined outcomes of each severity some of these questions can settle, the worst severity first."""
    outcomes = {(question.blank.position, rule.id): rule for question in questions for rule in question.settles}
    return by_severity(list(outcomes.values()))


def by_severity(rules: Sequence[Rule]) -> dict[str, int]:
    """How many of these rules there are of each severity, the worst first."""
    return {severity: sum(rule.severity == severity for rule in rules) for severity in SEVERITIES}


def summary(audit: Audit, questions: Sequence[Question], most: int | None, width: int) -> Iterator[str]:
    """What the first ``most`` questions bear on, of all that is undetermined, line by line."""
    first = questions[:most]
    open_rules = undetermined(audit)
    everything = by_severity([rule for rules in open_rules.values() for rule in rules])
    can = borne_on(first)
    counts = [f"{can[severity]} of {count} {severity}" for severity, count in everything.items() if count]
    said = f"{len(first)} of {len(questions)}" if len(first) < len(questions) else f"{len(first)}"
    yield from paragraph(f"{shown(audit.register.name)}, as of {show_date(audit.as_of)}", width, 11, "Register")
    yield from paragraph(f"{said}; they bear on {listed(counts, 'and')} outcomes not known", width, 11, "Questions")
    if len(open_rules) > MOST_PARTNERSHIPS:
        left = len(open_rules) - MOST_PARTNERSHIPS
        said = f"the {MOST_PARTNERSHIPS} partnerships of which least is known; the other {left} in a further round"
        yield from paragraph(said, width, 11, "About")


def lines(
    audit: Audit, questions: Sequence[Question], most: int | None, width: int, style: Style = plain
) -> Iterator[str]:
    """The first ``most`` questions by lead officer, line by line."""
    yield from summary(audit, questions, most, width)
    rows: list[list[str]] = []
    for officer, asked in by_officer(audit, questions[:most]).items():
        rows.append(["", f"{shown(officer, 80)}:", "", ""])
        rows += [
            [
                one.question.severity,
                f"{shown(one.name, 80)}: {one.text}",
                one.allowed,
                run_of([rule.id for rule in one.question.settles]),
            ]
            for one in asked
        ]
    yield ""
    for line in table(rows, width, wide=1, headers=["severity", "question", "answer", "can settle"], most=_NARROW):
        word, gap, rest = line.partition(" ")
        yield style(word, word) + gap + rest if word in SEVERITIES else line
