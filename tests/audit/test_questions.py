"""What is asked first settles most, and an answer that is tried says what the same answer in a file would."""

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from registers import Partnership, amount, money, register

from tipstaff.audit import questions as questions_module
from tipstaff.audit.audit import Audit, audit
from tipstaff.audit.questions import Question, questions, undetermined
from tipstaff.audit.suppositions import Blank, possible_answers, suppose
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack import SEVERITIES, Pack
from tipstaff.register.reading import read_register
from tipstaff.register.sheet import Raw
from tipstaff.report.question_sheet import question_sheet

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "register.xlsx"
AS_OF = date(2016, 8, 4)
CYCLE = FinancialYear(2017)
MODULES = frozenset({"register", "classification", "agreements"})
"""Those that the example states facts for; what it says nothing of, ten answers cannot settle."""


def audited(pack: Pack, partnerships: Sequence[Partnership]) -> Audit:
    return audit(register(pack, partnerships), pack, AS_OF, CYCLE, only=MODULES)


@pytest.fixture(scope="module")
def example(pack: Pack) -> Audit:
    return audit(read_register(EXAMPLE, pack.vocabulary), pack, AS_OF, CYCLE, only=MODULES)


@pytest.fixture(scope="module")
def asked(example: Audit) -> tuple[Question, ...]:
    return questions(example)


def answered(example: Audit, answers: Mapping[Question, Raw], folder: Path) -> Audit:
    """The audit of the example with these answers filled into the workbook of questions, and read back."""
    book = openpyxl.load_workbook(BytesIO(question_sheet(example, list(answers))))
    sheet = book["Answers"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    texts = {(one.blank.position, one.fact.label, one.blank.line): raw for one, raw in answers.items()}
    lines = {one.blank.line for one in answers}
    named = {example.register.refs[one.blank.position]: one.blank.position for one in answers}
    councils = {council.key: council.name for council in example.pack.vocabulary.councils}
    for row in range(2, sheet.max_row + 1):
        said = {heading: sheet.cell(row, column).value for heading, column in columns.items()}
        line = next(
            line
            for line in lines
            if (councils.get(line.council or ""), line.year and str(FinancialYear(line.year)))
            == (said["Council"], said["Financial year"])
        )
        sheet.cell(row, columns["Value"], texts.pop((named[said["Ref"]], said["Fact"], line)))
    assert not texts, "every question has a row"
    path = folder / "questions.xlsx"
    book.save(path)
    found = read_register(EXAMPLE, example.pack.vocabulary, path)
    assert [one for one in found.problems if one.cell.startswith("questions")] == []
    return audit(found, example.pack, AS_OF, CYCLE, example.decisions, MODULES)


def count(audited: Audit, severity: str) -> int:
    return sum(rule.severity == severity for rules in undetermined(audited).values() for rule in rules)


def test_the_first_ten_answers_can_settle_half_of_what_is_high(
    example: Audit, asked: tuple[Question, ...], tmp_path: Path
) -> None:
    after = answered(example, {one: one.answer for one in asked[:10]}, tmp_path)
    assert 2 * count(after, "high") <= count(example, "high")


def test_all_the_answers_settle_nearly_everything(example: Audit, asked: tuple[Question, ...], tmp_path: Path) -> None:
    after = answered(example, {one: one.answer for one in asked}, tmp_path)
    for severity in SEVERITIES:
        assert 10 * count(after, severity) <= count(example, severity)


@pytest.mark.parametrize("choice", [0, -1])
def test_an_answer_tried_says_what_the_answer_in_a_file_does(
    choice: int, example: Audit, asked: tuple[Question, ...], tmp_path: Path
) -> None:
    """So each answer lands in its fact, and a question settles what it says it can."""
    first_of: dict[tuple[int, str], Question] = {}
    for one in asked:
        first_of.setdefault((one.blank.position, one.blank.table), one)
    answers = {
        one: one.answer if one.fact.kind.bounded else possible_answers(one.fact, example.pack.vocabulary, AS_OF)[choice]
        for one in first_of.values()
    }
    supposed: dict[int, dict[Blank, Raw]] = {}
    for one, raw in answers.items():
        supposed.setdefault(one.blank.position, {})[one.blank] = raw
    tried = suppose(example, [(place, supposed.get(place, {})) for place in range(example.partnerships)])
    assert answered(example, answers, tmp_path).answers.equals(tried.answers)


def test_what_settles_most_of_the_worst_comes_first(asked: tuple[Question, ...]) -> None:
    singly = [one for one in asked if one.together == 1]
    ranks = [SEVERITIES.index(one.severity) for one in singly[:20]]
    assert ranks == sorted(ranks)
    assert len(asked[0].settles) > len(asked[9].settles)


def test_a_fact_is_asked_for_once(asked: tuple[Question, ...]) -> None:
    assert len({one.blank for one in asked}) == len(asked)


def test_facts_that_settle_nothing_alone_are_asked_for_together(asked: tuple[Question, ...]) -> None:
    groups = [one for one in asked if one.together > 1]
    assert {one.fact.name for one in groups} == {
        "reputational_risk", "political_risk", "legal_risk", "operational_risk",
    }  # fmt: skip
    assert {one.together for one in groups} == {4}
    places = [asked.index(one) for one in groups[:4]]
    assert places == list(range(places[0], places[0] + 4)), "one after another"


def test_what_a_council_pays_is_asked_of_the_council_and_the_year_in_question(pack: Pack) -> None:
    nil = {"council": "sh", "year": 2016, **money(0), **amount("officer_days", 0), **amount("officer_cost", 0)}
    one = Partnership(
        {"registered_class": "desirable"},
        {"contributions": [nil], "risk": [dict.fromkeys(
            ("reputational_risk", "political_risk", "legal_risk", "operational_risk"), "low"
        ) | {"statutory_requirement": False}]},
    )  # fmt: skip
    found = [each for each in questions(audited(pack, [one])) if each.blank.table == "contributions"]
    assert found
    assert {(each.blank.line.council, each.blank.line.year) for each in found} == {("wd", 2016)}


def test_a_blank_on_the_sheet_is_asked_for_on_its_own_line(pack: Pack) -> None:
    yearly = {"council": "sh", "year": None, "direct_funding_lo": None, "direct_funding_hi": None}
    one = Partnership({"registered_class": "desirable"}, {"contributions": [yearly]})
    lines = {each.blank.line for each in questions(audited(pack, [one])) if each.fact.name == "direct_funding"}
    assert all(line.year is None for line in lines if line.council == "sh")


def test_what_another_entry_leaves_blank_is_asked_about_that_entry(pack: Pack) -> None:
    told = {"partners": "Harbour Trust", "area_covered": "South Hams"}
    known = Partnership({**told, "name": "Quay A", "purpose": "Boats"})
    blank = Partnership({**told, "name": "Quay B"})
    found = [one for one in questions(audited(pack, [known, blank])) if one.fact.name == "purpose"]
    assert {one.blank.position for one in found} == {1}


def test_what_the_whole_register_adds_up_is_tried_on_the_whole_register(pack: Pack) -> None:
    """Copies of a partnership would add to one another."""
    funded = {"council": "sh", "year": 2016, **money(5_000_000)}
    one = Partnership({"partners": "Harbour Trust"}, {"contributions": [funded]})
    asked = questions(audit(register(pack, [one]), pack, AS_OF, CYCLE, only=frozenset({"aid"})))
    (first, *_) = [each for each in asked if each.fact.name == "economic_activity"]
    assert first.answer == "no"
    assert len(first.settles) > 2


def test_nothing_is_asked_where_nothing_is_open(pack: Pack) -> None:
    assert questions(audit(register(pack, []), pack, AS_OF, CYCLE)) == ()


def test_the_worst_partnerships_are_asked_about_where_there_are_too_many(
    example: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions_module, "MOST_PARTNERSHIPS", 2)
    high = {place: sum(rule.severity == "high" for rule in rules) for place, rules in undetermined(example).items()}
    found = {one.blank.position for one in questions(example)}
    assert len(found) == 2
    assert min(high[place] for place in found) >= sorted(high.values())[-2]
