"""Rules: a policy pack in words: its rules in a list, and one rule with everything that it says."""

from collections.abc import Iterator, Sequence
from datetime import date

from tipstaff.audit.decisions.decision_tables import Decision, Row, clear_rows, finding_rows, idle_rows
from tipstaff.policy.language.english import Show, labels, listed, words
from tipstaff.policy.pack.model import Pack, Rule, criteria_below, law_below
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording import law
from tipstaff.report.wording.citations import cited, quoted

MOST_DECISIONS = 40
"""The most rows of a decision table that are shown for one outcome."""

_LABEL = 14
_MARKS = {True: "yes", False: "no", None: "-"}


def list_lines(pack: Pack, rules: Sequence[Rule], as_of: date, width: int, style: Style = plain) -> Iterator[str]:
    """Rules in a list, module by module, and the law to check that they read as of a date."""
    for module in pack.modules:
        members = [rule for rule in rules if rule.module == module.name]
        if members:
            yield style("heading", f"{module.title} ({module.name})")
            rows = [[rule.id, rule.kind, rule.severity or "-", rule.title, cited(rule.source)] for rule in members]
            yield from table(rows, width, wide=3, headers=["rule", "kind", "severity", "title", "source"])
            yield ""
    if to_check := law.law_advice(pack, rules, as_of):
        yield style("heading", "Law to check")
        for one in to_check:
            yield from paragraph(one, width, 2, "-")


def rule_lines(pack: Pack, rule: Rule, decision: Decision, width: int, style: Style = plain) -> Iterator[str]:
    """One rule in words: what it asks, its decision table, and if it comes from."""

    def labelled(label: str, text: str) -> list[str]:
        return paragraph(text, width, _LABEL, label)

    show = labels({name: info.label for name, info in pack.facts.items()})
    kind = f"concludes “{rule.title}”" if rule.concludes else f"{rule.kind}, severity {rule.severity}"
    record = "; about the register itself, so that a blank is a finding" if rule.record else ""
    yield style("heading", f"{rule.id}  {rule.title}")
    yield from labelled("kind", f"{kind}{record}")
    yield from labelled("declared at", rule.place if "/" in rule.place else f"{pack.folder.name}/{rule.place}")
    yield from labelled("source", quoted(rule.source))
    if rule.consequence:
        yield from labelled("consequence", rule.consequence)
    if rule.action is not None:
        yield from labelled("action", rule.action.said)

    yield ""
    yield style("heading", "What it asks")
    keys = dict(zip(rule.inputs, "ABCDEF", strict=False))
    for name, key in keys.items():
        criterion = pack.criteria.get(name)
        if criterion is None:
            concluding = pack.concluding(name)
            yield from paragraph(f"{concluding.title}? ({concluding.id})", width, 3, key)
            continue
        yield from paragraph(criterion.question, width, 3, key)
        yield from paragraph(f"{words(criterion.test, show)}", width, 5, "   ")
        if criterion.source is not None:
            yield from paragraph(quoted(criterion.source), width, 5, "   ")

    yield ""
    yield style("heading", "How it decides")
    yield from _decisions(rule, decision, keys, width)
    yield from _law(pack, rule, show, width, style)
    yield from _parameters(pack, rule, width, style)


def _decisions(rule: Rule, decision: Decision, keys: dict[str, str], width: int) -> Iterator[str]:
    if rule.concludes is not None:
        outcomes = {"yes": finding_rows(decision), "no": clear_rows(decision)}
        rest = "not known"
    else:
        outcomes = {
            "finding": finding_rows(decision),
            "not applicable": idle_rows(decision),
            "clear": clear_rows(decision),
        }
        rest = "undetermined"
    rows = [
        [outcome, *(_MARKS[answer] for answer in row)] for outcome, found in outcomes.items() for row in _shown(found)
    ]
    if rows:
        yield from table(rows, width, wide=0, headers=["outcome", *keys.values()])
    for outcome, found in outcomes.items():
        if len(found) > MOST_DECISIONS:
            yield f"{len(found) - MOST_DECISIONS} more ways to be {outcome} are not shown."
    yield from paragraph(f"“-” means any answer, not known too. Any combination that is not listed is {rest}.", width)


def _law(pack: Pack, rule: Rule, show: Show, width: int, style: Style) -> Iterator[str]:
    """The law that a rule rests on, from day to day, and the dates that decide it."""
    deciding: dict[str, list[str]] = {}
    below = law_below(pack, [one.test for one in criteria_below(pack, rule)])
    read = {one.series.id: one for one in below}
    for one in below:
        deciding.setdefault(one.series.id, []).append(words(one.at, show))
    for name, one in read.items():
        yield ""
        heading = f"The {one.series.title} (law.{name}), on the {listed(deciding[name], 'or')}"
        yield from (style("heading", line) for line in paragraph(heading, width))
        rows = list(law.series_rows(one.series))
        yield from table(rows, width, wide=3, headers=["from", "to", "figure", "instrument"], most=34)
        if one.series.note:
            yield from paragraph(one.series.note, width)


def _shown(rows: list[Row]) -> list[Row]:
    return rows[:MOST_DECISIONS]


def _parameters(pack: Pack, rule: Rule, width: int, style: Style) -> Iterator[str]:
    """How the source is read if it leaves room, with the figures that a council may change."""
    for name in rule.interpretations:
        part = pack.interpretations[name]
        yield ""
        yield from (style("heading", line) for line in paragraph(f"{cited(part)}: “{part.says}”", width, 8, name))
        yield from paragraph(part.reading, width, 3, "   ")
        rows = [
            [key, _value(pack.parameter_parts[key].value), pack.parameter_parts[key].meaning] for key in part.parameters
        ]
        if rows:
            yield from table(rows, width, wide=2, headers=["parameter", "value", "meaning"], indent=3)


def _value(value: str | list[str] | None) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "not set" if value is None else value
