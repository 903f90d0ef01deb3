"""The next step: what a rule says to do about a finding, and what to find out where an outcome is not known."""

import csv
import html
import io
import json
from pathlib import Path

import pytest

from support.audits import waive
from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.verdict import judge
from tipstaff.audit.explaining.findings import Explainer, Finding, combine_questions, next_step
from tipstaff.audit.planning.renewal import State, check_renewal
from tipstaff.report.page.rendering import page
from tipstaff.report.pipelines import junit
from tipstaff.report.record.audit import record
from tipstaff.report.record.renewal import record as renewal_record
from tipstaff.report.tables import csv as csv_file
from tipstaff.report.terminal import renewal as renewal_list
from tipstaff.report.terminal.explanation import lines as explanation
from tipstaff.report.wording.places import Places


@pytest.fixture(scope="module")
def some(example: Audit) -> list[Finding]:
    explainer = Explainer(example, range(4))
    return list(explainer.findings())


def test_what_is_not_known_is_to_be_found_out_by_who_leads(some: list[Finding]) -> None:
    known = {False: 0, True: 0}
    for one in some:
        known[one.unknown] += 1
        if not one.unknown:
            assert one.step is None if one.rule.action is None else one.step.sentence == one.rule.action.said
            continue
        assert one.step is not None
        assert one.step.do.startswith("Find out: ")
        assert one.missing[0].question in one.step.do
        assert one.step.by == (one.lead_officer or "lead officer")
    assert all(known.values())


def test_of_many_questions_the_first_are_said(some: list[Finding]) -> None:
    many = max((one for one in some if one.unknown), key=lambda one: len({gap.question for gap in one.missing}))
    questions = list(dict.fromkeys(gap.question for gap in many.missing))
    assert len(questions) > 3
    assert many.step is not None
    assert many.step.do == f"Find out: {' '.join(questions[:3])} And {len(questions) - 3} more."


def test_where_no_fact_would_settle_it_there_is_no_step(some: list[Finding]) -> None:
    rule = next(one.rule for one in some if one.rule.action is not None)
    assert next_step(rule, (), "Head of Place", unknown=True) is None


def test_a_waived_unknown_is_still_to_be_found_out(example: Audit) -> None:
    rule = next(one for one in example.rules if example.answers[one.id][1] == int(Outcome.UNDETERMINED))
    waived = waive(example, [(rule.id, 1)])
    finding = Explainer(waived, [1]).finding(rule, 1, Outcome.WAIVED)
    assert finding.step is not None
    assert finding.step.do.startswith("Find out: ")


def test_every_report_says_so(example: Audit) -> None:
    found = json.loads("".join(record(example)))["findings"]
    rows = csv.DictReader(
        io.StringIO("".join(csv_file.lines(example, Places(example, Path("r.xlsx"))))[1:], newline="")
    )
    told = [(one["outcome"], one["action"]["do"]) for one in found if one["action"] is not None]
    told += [(row["outcome"], row["action"]) for row in rows if row["outcome"] in ("finding", "undetermined")]
    listed = check_renewal(example)
    for one in json.loads("".join(renewal_record(listed)))["partnerships"]:
        states = {"missing": "finding", "to_do": "finding", "not_known": "undetermined"}
        told += [(states[duty["state"]], duty["action"]["do"]) for duty in one["duties"] if duty["state"] in states]
    for outcome, do in told:
        assert do.startswith("Find out: ") is (outcome == "undetermined"), (outcome, do)
    unknown = {duty.rule.id for entry in listed.entries for duty in entry.duties if duty.state is State.NOT_KNOWN}
    assert unknown


def test_what_lists_every_question_says_none_of_them_again(example: Audit, some: list[Finding]) -> None:
    verdict = judge(example, "high", "high")
    tests = "".join(junit.pieces(example, verdict, Places(example, Path("r.xlsx"))))
    web = html.unescape("".join(page(example, verdict, "r.xlsx")))
    for text in (tests, web):
        assert "Find out: " not in text
        assert "Find out what would settle it." in text
    one = next(one for one in some if one.unknown)
    assert one.missing[0].question in tests
    assert one.missing[0].question in web


def test_a_check_list_asks_in_the_words_of_the_next_step(example: Audit) -> None:
    listed = check_renewal(example)
    text = " ".join(" ".join(renewal_list.lines(listed, "r.xlsx", 10_000)).split())
    assert "more questions." not in text
    duties = [duty for entry in listed.entries for duty in entry.duties if duty.state is State.NOT_KNOWN]
    assert any(f": {combine_questions(duty.missing)}" in text for duty in duties)


def test_an_explanation_asks_and_says_who_finds_out(example: Audit) -> None:
    def actions(outcome: Outcome) -> list[str]:
        places = [
            (rule, at)
            for rule in example.rules
            if rule.action
            for at in (example.answers[rule.id] == int(outcome)).arg_true().to_list()[:2]
        ][:12]
        told = [[one for one in explanation(example, at, rule, 100) if one[:8] == "  action"] for rule, at in places]
        return [line.split(maxsplit=1)[1] for (line,) in told]

    assert not any(one.startswith("Find out") for one in actions(Outcome.FINDING))
    assert all(one.startswith("Find out what would settle it. (") for one in actions(Outcome.UNDETERMINED))
