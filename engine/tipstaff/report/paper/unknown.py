"""The unknowns, asked question by question."""

from collections.abc import Sequence

from tipstaff.audit.decisions.audit import Outcome
from tipstaff.audit.decisions.verdict import by_severity
from tipstaff.audit.explaining.blocked import Blocked, MissingKind
from tipstaff.policy.language.english import listed
from tipstaff.policy.pack.model import SEVERITIES
from tipstaff.report.paper.document import Block, Bullets, Cell, Paragraph, Table
from tipstaff.report.paper.sections import FEW, Section, Subject, set_off
from tipstaff.report.wording.not_known import lacking
from tipstaff.report.wording.phrases import many, run_of
from tipstaff.report.wording.summary import counted

MOST_QUESTIONS = 40
"""The most questions that are set out."""


def not_known(about: Subject, number: int) -> Sequence[Block]:
    """The outcomes that the register leaves undetermined, by the open questions."""
    section = Section(number, "What is not known")
    digest = about.digest
    if not about.totals[Outcome.UNDETERMINED]:
        section.say("The register settles every outcome.")
        return section.blocks
    section.say(
        f"The register leaves undetermined: {many(about.totals[Outcome.UNDETERMINED], 'outcome')}, "
        f"{counted(by_severity(about.audit, Outcome.UNDETERMINED))}."
    )
    if digest.register_wide:
        section.say("The register has no place for some of what the policy asks:")
        section.add(Bullets(tuple(_shared(about, held) for held in digest.register_wide)))
    if rows := _questions(about):
        section.say("Of single partnerships, these questions are open, the most serious first:")
        headings = ("Severity", "Question", "Partnerships", "Rules that wait for it")
        section.add(Table("Open questions", headings, (12, 40, 30, 18), tuple(rows[:MOST_QUESTIONS])))
        if len(rows) > MOST_QUESTIONS:
            section.add(Paragraph(f"And {len(rows) - MOST_QUESTIONS:,} more."))
    if omitted := digest.omitted.undetermined:
        more, of = many(omitted, "more outcome"), many(digest.omitted.with_undetermined, "partnership")
        section.add(Paragraph(f"And {more} not known of {of}: {about.rest}"))
    if digest.switched_off:
        meanings = {name: about.pack.parameter_parts[name].meaning for name in digest.switched_off}
        section.say("Some rules wait for what the policy does not yet give:")
        section.add(
            Bullets(tuple(f"{meanings[name]} ({run_of(rules)})" for name, rules in digest.switched_off.items()))
        )
    if minor := counted(digest.minor_counts):
        section.say(f"Outcomes of little weight are not known either: {minor}.")
    section.say(
        f"To write the questions to a workbook for the lead officers: tipstaff ask {about.dated} -o questions.xlsx"
    )
    return section.blocks


def _shared(about: Subject, held: Blocked) -> str:
    rules, those = many(len(held.rules), "rule"), many(len(held.positions), "partnership")
    wanted = lacking(about.pack, held) or f"place for {listed(list(held.labels[:FEW]), 'and')}"
    return f"No {wanted}: {rules} cannot be decided for {those} ({run_of(held.rules)})."


def _questions(about: Subject) -> list[tuple[Cell, ...]]:
    """The unknowns of single partnerships: a row for each unknown, with its partnerships."""
    positions: dict[tuple[MissingKind, str, tuple[str, ...]], list[int]] = {}
    waiting: dict[tuple[MissingKind, str, tuple[str, ...]], set[str]] = {}
    for held in (one for group in about.digest.by_partnership for one in group):
        key = held.kind, held.name, held.labels if held.kind is MissingKind.CONCLUSION else ()
        positions.setdefault(key, []).extend(held.positions)
        waiting.setdefault(key, set()).update(held.rules)
    rows: list[tuple[int, int, tuple[Cell, ...]]] = []
    for key, those in positions.items():
        rules = [rule for rule in about.audit.rules if rule.id in waiting[key]]
        severity = min((rule.severity for rule in rules), key=SEVERITIES.index)
        named = "; ".join(about.called(at) for at in those[:FEW])
        more = f"; and {len(those) - FEW:,} more" if len(those) > FEW else ""
        row = (
            set_off(severity),
            _question(about, *key),
            f"{named}{more}",
            run_of([rule.id for rule in rules]),
        )
        rows.append((SEVERITIES.index(severity), -len(those), row))
    return [row for *_, row in sorted(rows, key=lambda one: one[:2])]


def _question(about: Subject, root: MissingKind, name: str, labels: tuple[str, ...]) -> str:
    match root:
        case MissingKind.CONCLUSION:
            title = about.pack.concluding(name).title
            return f"{title}: yes or no? To be decided from {listed(list(labels), 'or')}."
        case MissingKind.ROW:
            return f"There is no row on the {about.pack.vocabulary.tables[name].sheet} sheet. What should it say?"
        case _:
            info = about.pack.facts.get(name)
            if info is None:
                return "What was the law on the decisive day?"
            return info.question or f"What is the {info.label}?"
