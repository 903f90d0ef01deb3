"""The explanation says why, why not and what would change it, down to cells and paragraphs."""

from tipstaff.audit.decisions.audit import Audit
from tipstaff.report.terminal.explanation import lines


def text(audit: Audit, ref: str, rule: str | None = None) -> str:
    one = None if rule is None else audit.pack.rules[rule]
    return "\n".join(lines(audit, audit.register.refs.index(ref), one, 100))


def test_a_finding_is_explained_down_to_its_cells(example: Audit) -> None:
    said = text(example, "P03", "CLS-03")
    assert "CLS-03  Registered as Desirable, yet Significant under the policy: finding (high)" in said
    for part in (
        "because ",
        "may turn if ",
        "Communities!E7",
        "Communities!J7",
        "paragraph 3.1",
        "consequence ",
        "action ",
    ):
        assert part in said


def test_an_undetermined_outcome_says_what_to_ask_and_where_to_write_it(example: Audit) -> None:
    said = text(example, "P03", "AGR-11")
    assert "AGR-11  No individual legal input: undetermined (medium)" in said
    assert "Did a lawyer advise on this agreement?" in said
    assert "Agreements!N5" in said


def test_a_clear_outcome_says_why_there_is_no_finding(example: Audit) -> None:
    said = text(example, "P01", "AGR-05")
    assert "AGR-05  Agreement not signed: clear (high)" in said
    assert "agreement signed: yes" in said
    assert "agreement signed: no" in said


def test_a_conclusion_can_be_asked_for_by_its_rule(example: Audit) -> None:
    said = text(example, "P03", "CLS-01")
    assert "CLS-01  Significant partnership: yes" in said
    assert "A resource threshold" not in said
    assert "INT-01" in said


def test_a_whole_partnership_names_every_rule_worst_first(example: Audit) -> None:
    said = text(example, "P03")
    heads = [line for line in said.splitlines() if line.split(" ")[0] in example.pack.rules]
    assert {head.split()[0] for head in heads} == set(example.pack.rules)
    outcomes = [head for head in heads if head.endswith(")")]
    order = [
        ("finding", "undetermined", "clear", "not applicable").index(head.split(": ")[-1].split(" (")[0])
        for head in outcomes
    ]
    assert order == sorted(order)


def test_contact_details_are_not_said(example: Audit) -> None:
    assert "example.org" not in text(example, "P01")
