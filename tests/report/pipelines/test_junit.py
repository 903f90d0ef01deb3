"""JUnit XML: read by a parser of its own, every outcome counted, an unknown no pass."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite

from tipstaff.audit.decisions.audit import Audit, Outcome
from tipstaff.audit.decisions.verdict import NEVER, judge
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.report.pipelines.junit import pieces
from tipstaff.report.wording.places import Places

REGISTER = Path("examples/register.xlsx")


def written(audit: Audit, fail_on: str = "high", undetermined: str = "high") -> str:
    return "".join(pieces(audit, judge(audit, fail_on, undetermined), Places(audit, REGISTER)))


def suite_of(text: str) -> TestSuite:
    (suite,) = JUnitXml.fromstring(text.encode())
    return suite


@pytest.fixture(scope="module")
def suite(five: Audit) -> TestSuite:
    return suite_of(written(five))


@pytest.fixture(scope="module")
def few(five: Audit) -> Audit:
    """The example under two rules alone."""
    return replace(five, rules=five.rules[:2])


def outcome_of(case: object) -> str:
    """The outcome of a test by what came of it, as the module says."""
    result = case.result  # type: ignore[attr-defined]
    if not result:
        return "clear"
    (one,) = result
    if isinstance(one, Failure):
        return "finding"
    return str(one.type)


def test_the_five_totals_are_those_of_the_properties_and_of_the_tests(suite: TestSuite, five: Audit) -> None:
    totals = {outcome.word: count for outcome, count in five.totals().items()}
    properties = {one.name: one.value for one in suite.properties()}
    assert {word: int(properties[f"outcomes.{word}"]) for word in totals} == totals
    assert Counter(outcome_of(case) for case in suite) == totals
    assert all(totals.values())


def test_the_counts_of_the_suite_are_those_of_its_tests(five: Audit) -> None:
    for limit in ("high", "advisory", NEVER):
        text = written(five, undetermined=limit)
        suite, whole = suite_of(text), JUnitXml.fromstring(text.encode())
        stated = (suite.tests, suite.failures, suite.errors, suite.skipped)
        assert (whole.tests, whole.failures, whole.errors) == stated[:3]
        suite.update_statistics()
        assert stated == (suite.tests, suite.failures, suite.errors, suite.skipped)


def test_there_is_a_test_for_every_rule_of_every_partnership(suite: TestSuite, five: Audit) -> None:
    cases = [(case.classname, case.name) for case in suite]
    assert len(set(cases)) == len(cases) == len(five.rules) * five.partnerships
    assert ("classification.CLS-03", "South Hams CVS (P03)") in cases


def test_an_unknown_is_an_error_where_it_fails_the_audit_and_never_passes(five: Audit) -> None:
    severities = {f"{rule.module}.{rule.id}": rule.severity for rule in five.rules}
    for limit, failing in (("high", {"high"}), ("medium", {"high", "medium"}), (NEVER, set())):
        kinds = Counter()
        for case in suite_of(written(five, undetermined=limit)):
            if outcome_of(case) == "undetermined":
                kinds[severities[case.classname] in failing, type(case.result[0])] += 1
        expected = {(True, Error), (False, Skipped)} if failing else {(False, Skipped)}
        assert set(kinds) == expected


def test_a_finding_is_a_failure_whatever_fails_the_audit(five: Audit) -> None:
    assert suite_of(written(five, fail_on=NEVER)).failures == five.totals()[Outcome.FINDING]


def test_a_failure_says_what_where_and_what_to_do(suite: TestSuite, five: Audit) -> None:
    case = next(case for case in suite if outcome_of(case) == "finding")
    (failure,) = case.result
    finding = next(Explainer(five, range(five.partnerships)).findings([Outcome.FINDING]))
    assert (failure.message, failure.type) == (finding.message, finding.rule.severity)
    assert finding.rule.action is not None
    assert f"What to do: {finding.rule.action.do}" in failure.text
    assert "Where: examples/register.xlsx, " in failure.text


def test_what_is_waived_is_skipped_with_its_reason(suite: TestSuite) -> None:
    waived = [case.result[0] for case in suite if outcome_of(case) == "waived"]
    assert len(waived) == 2
    assert all(isinstance(one, Skipped) for one in waived)
    said = "Waived: Accepted by the panel. (approved by Monitoring Officer, until 31 March 2017). "
    assert all(one.message.startswith(said) for one in waived)


def test_partnerships_of_one_name_are_told_apart(bare: Audit) -> None:
    frame = bare.facts.frame.with_columns(pl.lit("Namesake").alias("name"), pl.lit(None, pl.String).alias("ref"))
    cases = [
        (case.classname, case.name) for case in suite_of(written(replace(bare, facts=replace(bare.facts, frame=frame))))
    ]
    assert len(set(cases)) == len(cases)


def test_any_names_leave_xml_that_parses(few: Audit) -> None:
    @given(st.lists(st.text(st.characters(codec="utf-8")), min_size=30, max_size=30))
    @settings(max_examples=20)
    def parses(names: list[str]) -> None:
        frame = few.facts.frame.with_columns(pl.Series("name", names))
        root = ElementTree.fromstring(written(replace(few, facts=replace(few.facts, frame=frame))))
        assert len(list(root.iter("testcase"))) == 2 * few.partnerships

    parses()


@pytest.mark.parametrize("text", ["]]>", "<!--", '" onload="', "&amp;", "a\x00b", "\ufffe", "</testcase>"])
def test_hostile_text_is_text(few: Audit, text: str) -> None:
    frame = few.facts.frame.with_columns(pl.lit(text).alias("name"))
    cases = list(suite_of(written(replace(few, facts=replace(few.facts, frame=frame)))))
    shown = text.replace("\x00", "\ufffd").replace("\ufffe", "\ufffd")
    assert cases[0].name == f"{shown} (P01)"
    assert len(cases) == 2 * few.partnerships


def test_contact_details_are_not_there_and_the_text_is_the_same_each_time(five: Audit) -> None:
    assert "@" not in written(five)
    assert written(five) == written(five)
