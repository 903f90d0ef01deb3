"""Coverage: what a rule can come to is read from its table; what no case tries is named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.paths import COUNCILS
from tipstaff.audit.decisions.audit import Outcome
from tipstaff.audit.decisions.decision_tables import decide
from tipstaff.audit.testing.cases import OUTCOMES, audited, load_cases
from tipstaff.audit.testing.coverage import Coverage, coverage, possible_outcomes, untried
from tipstaff.policy.pack.loading import load_pack
from tipstaff.policy.pack.model import Pack
from tipstaff.report.terminal.coverage import lines

TINY = COUNCILS / "tiny"
MODULES = ("register", "classification", "agreements")

CASES = "as_of: 1 May 2020\ncases:\n"
MOWS = '  - {case: x, given: {mows: "yes"}, expect: {GRN-01: clear}}\n'
IDLE = '  - {case: x, given: {mows: "no"}, expect: {GRN-01: finding}}\n'
BLANK = "  - {case: x, expect: {GRN-01: undetermined}}\n"

ALWAYS = ("criteria:\n", 'criteria:\n  always: {question: "Is it so?", test: "yes"}\n')

Measure = Callable[..., Coverage]


@pytest.fixture
def measure(tmp_path: Path) -> Measure:
    """The coverage of some cases of the smallest pack, its rule or its criterion perhaps another."""

    def measured(cases: str, *edits: tuple[str, str]) -> Coverage:
        folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
        (folder / "green.cases.yaml").write_text(CASES + cases, encoding="utf-8")
        path = folder / "green.yaml"
        text = path.read_text(encoding="utf-8")
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        pack = load_pack(folder)
        decisions = decide(pack)
        return coverage(pack, decisions, audited(pack, load_cases(pack), decisions))

    return measured


def test_cases_for_everything_cover_it(measure: Measure) -> None:
    found = measure(MOWS + IDLE + BLANK)
    assert found.complete
    assert found.rules == {"GRN-01": {"clear": 1, "finding": 1, "undetermined": 1}}
    assert found.criteria == {"mown": {"true": 1, "false": 1, "unknown": 1}}


def test_what_no_case_tries_is_named(measure: Measure) -> None:
    found = measure(MOWS)
    assert not found.complete
    assert untried(found.rules) == {"GRN-01": ["finding", "undetermined"]}
    assert untried(found.criteria) == {"mown": ["false", "unknown"]}


def test_an_answer_is_brought_about_by_a_case_that_expects_something_else(measure: Measure) -> None:
    rule = "  GRN-02: {title: x, concludes: idle, when: not mown, source: {paragraph: x}}\n"
    case = '  - {case: x, given: {mows: "no"}, expect: {GRN-02: "true"}}\n'
    found = measure(MOWS + case, ("rules:\n", f"rules:\n{rule}"))
    assert untried(found.criteria) == {"mown": ["unknown"]}
    assert untried(found.rules) == {"GRN-01": ["finding", "undetermined"], "GRN-02": ["false", "unknown"]}


def test_a_question_about_the_record_is_never_unknown(measure: Measure) -> None:
    found = measure(MOWS + "  - {case: x, expect: {GRN-01: finding}}\n", ("test: mows", "test: exists(mows)"))
    assert found.complete
    assert "undetermined" not in found.rules["GRN-01"]


def test_a_constant_has_one_answer(measure: Measure) -> None:
    found = measure(MOWS + IDLE + BLANK, ("requires: mown", "requires: mown\n    applies: always"), ALWAYS)
    assert found.complete
    assert found.criteria["always"] == {"true": 3}


def test_where_a_rule_may_not_apply_a_case_is_wanted_for_it(measure: Measure) -> None:
    found = measure(
        MOWS + IDLE + BLANK,
        ("requires: mown", "requires: mown\n    applies: always"),
        (ALWAYS[0], ALWAYS[1].replace('"yes"', "name == 'Ada'")),
    )
    assert untried(found.rules) == {"GRN-01": ["not applicable"]}


def test_the_bundled_cases_cover_the_bundled_rules(pack: Pack) -> None:
    decisions = decide(pack)
    found = coverage(pack, decisions, audited(pack, load_cases(pack, MODULES), decisions), MODULES)
    assert untried(found.rules) == {}
    assert untried(found.criteria) == {}


def test_nothing_comes_about_that_is_said_to_be_impossible(pack: Pack) -> None:
    decisions = decide(pack)
    possible = possible_outcomes(pack, decisions)
    words = {outcome: word for word, outcome in OUTCOMES.items()}
    truths = {True: "true", False: "false", None: "unknown"}
    for done, _ in audited(pack, load_cases(pack), decisions):
        for rule in pack.rules.values():
            if rule.concludes is None:
                seen = {words[Outcome(value)] for value in done.answers[rule.id]}
            else:
                seen = {truths[value] for value in done.answers[rule.concludes]}
            assert seen <= set(possible[rule.id]), rule.id


def test_gaps_are_told_in_a_table_with_a_total(measure: Measure, pack: Pack) -> None:
    told = "\n".join(lines(load_pack(TINY), measure(MOWS), 100))
    assert "GRN-01  finding, undetermined  A friend who does not mow" in told
    assert "mown         false, unknown  Does the friend mow?" in told
    assert told.endswith("1 rule with 3 outcomes, 2 not tried; 1 criterion with 3 answers, 2 not tried.")
