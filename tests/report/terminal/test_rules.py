"""A rule in words: what it asks, and the decision table with the rows that matter."""

from datetime import date

import pytest

from tipstaff.audit.decisions.decision_tables import (
    FALSE,
    TRUE,
    UNKNOWN,
    clear_rows,
    combinations,
    decide_rule,
    finding_rows,
    idle_rows,
)
from tipstaff.policy.pack.model import Pack
from tipstaff.report.terminal.rules import list_lines, rule_lines


@pytest.mark.parametrize("rule_id", ["CLS-01", "CLS-06", "AGR-05", "AGR-14", "REG-01"])
def test_the_rows_shown_say_what_the_table_says(pack: Pack, rule_id: str) -> None:
    rule = pack.rules[rule_id]
    decision = decide_rule(rule)

    def listed(rows: list[tuple[bool | None, ...]], digits: tuple[int, ...]) -> bool:
        return any(
            all(
                answer is None or digit == (TRUE if answer else FALSE)
                for answer, digit in zip(row, digits, strict=True)
            )
            for row in rows
        )

    for digits in combinations(len(rule.inputs)):
        answer = decision.violation.answer(digits)
        fits = (listed(finding_rows(decision), digits), listed([*clear_rows(decision), *idle_rows(decision)], digits))
        assert fits == {TRUE: (True, False), FALSE: (False, True), UNKNOWN: (False, False)}[answer]


def test_a_rule_is_shown_with_question_table_source_and_figures(pack: Pack) -> None:
    rule = pack.rules["CLS-01"]
    said = "\n".join(rule_lines(pack, rule, decide_rule(rule), 100))
    for part in (
        "Is one of the four risks rated significant?",
        "How it decides",
        "yes ",
        "More than 4 days",
        "£10,000",
        "INT-03",
    ):
        assert part in said


def test_every_rule_can_be_shown_within_the_width(pack: Pack) -> None:
    for rule in pack.rules.values():
        said = list(rule_lines(pack, rule, decide_rule(rule), 80))
        assert [line for line in said if len(line) > 80] == []


def test_the_list_names_every_rule(pack: Pack) -> None:
    said = "\n".join(list_lines(pack, list(pack.rules.values()), date(2016, 8, 4), 100))
    assert all(rule in said for rule in pack.rules)
