"""What is asked first settles most, and an answer that is tried says what the same answer in a file would."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from itertools import islice
from pathlib import Path

import openpyxl
import pytest

from support.paths import EXAMPLES
from support.registers import Partnership, amount, money, register
from tipstaff.audit.decisions.audit import Audit, audit
from tipstaff.audit.questions import ranking as questions_module
from tipstaff.audit.questions.blanks import Blank, possible_answers
from tipstaff.audit.questions.ranking import Gap, Question, rank_questions
from tipstaff.audit.questions.suppositions import suppose
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import SEVERITIES, Pack
from tipstaff.register.files.sheet import Raw
from tipstaff.register.reading import read_register
from tipstaff.report.workbook.question_sheet import question_sheet

EXAMPLE = EXAMPLES / "register.xlsx"
AS_OF = date(2016, 8, 4)
CYCLE = FinancialYear(2017)
MODULES = ("register", "classification", "agreements")


def audited(pack: Pack, partnerships: Sequence[Partnership], *only: str) -> Audit:
    return audit(register(pack, partnerships), pack, AS_OF, CYCLE, only=frozenset(only))


@pytest.fixture(scope="module")
def example(pack: Pack) -> Audit:
    return audit(read_register(EXAMPLE, pack.vocabulary), pack, AS_OF, CYCLE)


@pytest.fixture(scope="module")
def asked(example: Audit) -> tuple[Question, ...]:
    return tuple(rank_questions(example))


def answered(example: Audit, asked: Sequence[Question], answers: dict[Gap, Raw], folder: Path) -> Audit:
    """The audit of the example with these answers filled into the workbook of questions, and read back."""
    book = openpyxl.load_workbook(BytesIO(question_sheet(example, asked)))
    sheet = book["Answers"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    councils = {council.key: council.name for council in example.pack.vocabulary.councils}
    left = {
        (
            example.register.refs[gap.blank.position],
            question.fact.label,
            councils.get(gap.blank.line.council or ""),
            str(FinancialYear(gap.blank.line.year)) if gap.blank.line.year else None,
        ): answers[gap]
        for question in asked
        for gap in question.gaps
        if gap in answers
    }
    for row in range(2, sheet.max_row + 1):
        said = {heading: sheet.cell(row, column).value for heading, column in columns.items()}
        place = said["Ref"], said["Fact"], said["Council"], said["Financial year"] or said["Cycle"]
        sheet.cell(row, columns["Value"], left.pop(place, None))
    assert not left, "every answer that is asked for has a row"
    path = folder / "questions.xlsx"
    book.save(path)
    found = read_register(EXAMPLE, example.pack.vocabulary, path)
    assert [one for one in found.problems if one.cell.startswith("questions")] == []
    return audit(found, example.pack, AS_OF, CYCLE, example.decisions)


def count(audited: Audit, severity: str) -> int:
    return sum(rule.severity == severity for rules in audited.undetermined().values() for rule in rules)


def test_the_first_ten_questions_can_settle_half_of_what_is_high(
    example: Audit, asked: Sequence[Question], tmp_path: Path
) -> None:
    """Each row is given the answer that settles most of those that an officer might give, as found by trying them."""
    ten = asked[:10]
    after = answered(example, ten, {gap: gap.answer for question in ten for gap in question.gaps}, tmp_path)
    assert count(example, "high") >= 50
    assert 2 * count(after, "high") <= count(example, "high")


def test_a_register_that_leaves_nothing_open_is_asked_nothing(pack: Pack) -> None:
    known = audit(read_register(EXAMPLES / "renewal-before.xlsx", pack.vocabulary), pack, AS_OF, CYCLE)
    assert (sum(count(known, severity) for severity in SEVERITIES), list(rank_questions(known))) == (0, [])


def test_all_the_answers_settle_nearly_everything(example: Audit, asked: Sequence[Question], tmp_path: Path) -> None:
    after = answered(example, asked, {gap: gap.answer for question in asked for gap in question.gaps}, tmp_path)
    for severity in SEVERITIES:
        assert 10 * count(after, severity) <= count(example, severity)


@pytest.mark.parametrize("choice", [0, -1])
def test_an_answer_tried_says_what_the_answer_in_a_file_does(
    choice: int, example: Audit, asked: Sequence[Question], tmp_path: Path
) -> None:
    """So each answer lands in its fact, and a question settles what it says it can."""
    first_of: dict[tuple[int, str], tuple[Question, Gap]] = {}
    for question in asked:
        for gap in question.gaps:
            first_of.setdefault((gap.blank.position, gap.blank.table), (question, gap))
    answers = {
        gap: gap.answer
        if question.fact.kind.bounded
        else possible_answers(question.fact, example.pack.vocabulary, AS_OF)[choice]
        for question, gap in first_of.values()
    }
    supposed: dict[int, dict[Blank, Raw]] = {place: {} for place in range(example.partnerships)}
    for gap, raw in answers.items():
        supposed[gap.blank.position][gap.blank] = raw
    tried = suppose(example, list(supposed.items()))
    assert answered(example, asked, answers, tmp_path).answers.equals(tried.answers)


def test_what_settles_most_of_the_worst_comes_first(asked: Sequence[Question]) -> None:
    singly = [one for one in asked if one.together == 1]
    ranks = [SEVERITIES.index(one.severity) for one in singly]
    assert ranks == sorted(ranks)
    high = [sum(rule.severity == "high" for _, rule in one.settles) for one in asked]
    assert high[0] == max(high) > high[9] > 0


def test_a_question_is_one_fact_and_a_blank_is_asked_for_once(asked: Sequence[Question]) -> None:
    assert len({one.fact.name for one in asked}) == len(asked)
    blanks = [gap.blank for one in asked for gap in one.gaps]
    assert len(set(blanks)) == len(blanks)
    assert all({gap.blank.fact for gap in one.gaps} == {one.fact.name} for one in asked)


def test_an_answer_is_asked_for_only_where_it_helps(asked: Sequence[Question]) -> None:
    assert all(gap.settles for one in asked for gap in one.gaps)


def test_the_first_questions_do_not_rest_on_how_many_are_called_for(example: Audit, asked: Sequence[Question]) -> None:
    assert tuple(islice(rank_questions(example), 3)) == tuple(asked[:3])


def test_facts_that_settle_nothing_alone_are_asked_for_one_after_another(asked: Sequence[Question]) -> None:
    group = [one for one in asked if one.together == 4]
    assert {one.fact.name for one in group} == {
        "impact_on_policy", "meets_local_needs", "saves_funds", "public_profile",
    }  # fmt: skip
    places = [asked.index(one) for one in group]
    assert places == list(range(places[0], places[0] + 4))


def test_what_a_council_pays_is_asked_of_the_council_and_the_year_in_question(pack: Pack) -> None:
    nil = {"council": "sh", "year": 2016, **money(0), **amount("officer_days", 0), **amount("officer_cost", 0)}
    one = Partnership(
        {"registered_class": "desirable"},
        {"contributions": [nil], "risk": [dict.fromkeys(
            ("reputational_risk", "political_risk", "legal_risk", "operational_risk"), "low"
        ) | {"statutory_requirement": False}]},
    )  # fmt: skip
    blanks = [gap.blank for each in rank_questions(audited(pack, [one], *MODULES)) for gap in each.gaps]
    lines = {(blank.line.council, blank.line.year) for blank in blanks if blank.table == "contributions"}
    assert lines == {("wd", 2016)}


def test_a_blank_on_the_sheet_is_asked_for_on_its_own_line(pack: Pack) -> None:
    yearly = {"council": "sh", "year": None, "direct_funding_lo": None, "direct_funding_hi": None}
    one = Partnership({"registered_class": "desirable"}, {"contributions": [yearly]})
    blanks = [gap.blank for each in rank_questions(audited(pack, [one], *MODULES)) for gap in each.gaps]
    lines = {blank.line for blank in blanks if blank.fact == "direct_funding"}
    assert lines
    assert all(line.year is None for line in lines if line.council == "sh")


def test_what_another_entry_leaves_blank_is_asked_about_that_entry(pack: Pack) -> None:
    told = {"partners": "Harbour Trust", "area_covered": "South Hams"}
    known = Partnership({**told, "name": "Quay A", "purpose": "Boats"})
    blank = Partnership({**told, "name": "Quay B"})
    blanks = [gap.blank for each in rank_questions(audited(pack, [known, blank], *MODULES)) for gap in each.gaps]
    assert {one.position for one in blanks if one.fact == "purpose"} == {1}


def test_what_the_whole_register_adds_up_is_tried_on_the_whole_register(pack: Pack) -> None:
    """Copies of a partnership would add to one another."""
    funded = {"council": "sh", "year": 2016, **money(5_000_000)}
    one = Partnership({"partners": "Harbour Trust"}, {"contributions": [funded]})
    (first,) = [each for each in rank_questions(audited(pack, [one], "aid")) if each.fact.name == "economic_activity"]
    assert [gap.answer for gap in first.gaps] == ["no"]
    assert len(first.settles) > 2


def test_nothing_is_asked_where_nothing_is_open(pack: Pack) -> None:
    assert list(rank_questions(audited(pack, []))) == []


def test_the_worst_partnerships_are_asked_about_where_there_are_too_many(
    example: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions_module, "MOST_PARTNERSHIPS", 2)
    high = {place: sum(rule.severity == "high" for rule in rules) for place, rules in example.undetermined().items()}
    found = {place for one in islice(rank_questions(example), 5) for place, _ in one.settles}
    assert len(found) == 2
    assert min(high[place] for place in found) >= sorted(high.values())[-2]
