"""Reports say which law an outcome rests on, what of it is past its expected end, and what is from memory."""

import json
from datetime import date
from typing import Any

import polars as pl
import pytest

from support.packs import edited
from tipstaff.audit.decisions.audit import Audit, audit
from tipstaff.audit.decisions.decision_tables import decide_rule
from tipstaff.audit.decisions.verdict import judge
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.audit.explaining.uncorroborated_law import find_uncorroborated
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.loading import load_pack
from tipstaff.policy.pack.model import Pack, law_read
from tipstaff.register.reading import register_from
from tipstaff.report.record.audit import record
from tipstaff.report.record.rules import rules_record
from tipstaff.report.terminal.audit import lines
from tipstaff.report.terminal.explanation import lines as explanation
from tipstaff.report.terminal.rules import list_lines, rule_lines

CRITERIA = """\
criteria:
  above: {question: Is it above?, test: total_direct_funding >= law.services_threshold, law_at: agreement_start}
  above_today: {question: Is it above today?, test: total_direct_funding >= law.services_threshold, law_at: as_of}
  aided: {question: Is it aid?, test: total_direct_funding > law.general_aid_ceiling, law_at: agreement_start}
  noticed: {question: Is there notice?, test: notice_by >= as_of}
"""
RULE = """\
  {id}:
    title: {criterion}
    warns: {criterion}
    severity: high
    says: "{{because}}."
    consequence: none
    action: {{do: nothing, by: nobody}}
    source: {{paragraph: none}}
"""
RULES = {"TST-01": "above", "TST-02": "above_today", "TST-03": "aided", "TST-04": "noticed"}
NOTICE = "notice_by: {type: date, label: notice by, is: agreement_end - law.best_value_notice, law_at: agreement_start}"


@pytest.fixture(scope="module")
def lawful(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    rules = "".join(RULE.format(id=name, criterion=criterion) for name, criterion in RULES.items())
    edits = (
        ("classification", "criteria:\n", CRITERIA),
        ("classification", "rules:\n", f"rules:\n{rules}"),
        ("facts", "\nderived:\n", f"\nderived:\n  {NOTICE}\n"),
    )
    return load_pack(edited(tmp_path_factory.mktemp("lawful"), *edits))


def audited(pack: Pack, as_of: date, *starts: str, only: str = "classification", funding: str = "£1,000,000") -> Audit:
    """An audit of partnerships that each receive the funding under an agreement that starts so."""
    document = {
        "partnerships": [
            {"ref": f"P{number}", "name": f"Trust {number}", "theme": "Economy", "partners": f"Partner {number}"}
            for number, _ in enumerate(starts)
        ],
        "contributions": [
            {"ref": f"P{number}", "council": council, "direct_funding": amount}
            for number, _ in enumerate(starts)
            for council, amount in (("South Hams", funding), ("West Devon", "nil"))
        ],
        "agreements": [
            {"ref": f"P{number}", "agreement_start": start, "agreement_end": "31 March 2030"}
            for number, start in enumerate(starts)
        ],
    }
    register = register_from(json.dumps(document).encode(), "register.json", pack.vocabulary)
    assert not [problem for problem in register.problems if problem.serious], register.problems
    return audit(register, pack, as_of, FinancialYear(2017), only=frozenset({only}))


def said(done: Audit) -> str:
    return "\n".join(lines(done, judge(done, "high", "high"), "register.json", 2_000))


def recorded(done: Audit) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(record(done)))
    return found


def law_of(done: Audit, rule: str) -> list[dict[str, Any]]:
    (law,) = [one["law"] for one in recorded(done)["findings"] if one["rule"] == rule]
    return list(law)


AS_OF, LATE = date(2016, 8, 4), date(2028, 1, 1)


def test_a_finding_records_the_law_it_rests_on(lawful: Pack) -> None:
    assert law_of(audited(lawful, AS_OF, "12 March 2016"), "TST-01") == [
        {
            "series": "services_threshold",
            "title": "services threshold",
            "figure": "£164,176",
            "from": "2016-01-01",
            "to": "2017-12-31",
            "instrument": "SI 2015/102 reg 5; Delegated Regulation (EU) 2015/2170",
            "sources": list(lawful.law["services_threshold"].at(date(2016, 3, 12)).sources),
            "corroborated": "yes",
        }
    ]


def test_a_figure_without_end_has_none(lawful: Pack) -> None:
    (entry,) = law_of(audited(lawful, AS_OF, "12 March 2026"), "TST-01")
    assert (entry["figure"], entry["from"], entry["to"]) == ("£207,720 including VAT", "2026-01-01", None)


def test_an_uncertain_date_records_every_figure_that_may_be_meant(lawful: Pack) -> None:
    of_month = law_of(audited(lawful, AS_OF, "January 2023", funding="£320,000"), "TST-03")
    assert [(one["figure"], one["to"]) for one in of_month] == [
        ("£325,000 to £406,250 (325,000 SDR)", "2023-01-03"),
        ("£315,000", None),
    ]


def test_many_figures_are_recorded_as_what_they_range_over(lawful: Pack) -> None:
    (entry,) = law_of(audited(lawful, AS_OF, "2014", funding="£160,000"), "TST-03")
    assert entry["figure"] == "£157,620 to £166,340"
    assert (entry["from"], entry["to"], entry["corroborated"]) == ("2014-01-01", "2014-12-31", "derived")


def test_law_behind_a_derived_fact_is_recorded(lawful: Pack) -> None:
    (entry,) = law_of(audited(lawful, AS_OF, "12 March 2012"), "TST-04")
    assert (entry["series"], entry["figure"]) == ("best_value_notice", "3 months")


def test_findings_of_rules_that_read_no_law_record_none(example: Audit) -> None:
    without = {rule.id for rule in example.rules if not law_read(example.pack, [rule])}
    found = [one["law"] for one in recorded(example)["findings"] if one["rule"] in without]
    assert found
    assert not any(found)


def test_what_is_from_memory_is_marked_wherever_it_is_used(lawful: Pack) -> None:
    done = audited(lawful, AS_OF, "12 March 2021", "12 March 2016", "12 April 2022", only="TST-03")
    text = said(done)
    (line,) = [line for line in text.splitlines() if "no stored source says so" in line]
    assert line.startswith(
        "- The general ceiling for small amounts of aid (£325,000 to £406,250 (325,000 SDR) from 1 January 2021"
    )
    assert "TST-03 rests on it for Trust 0; Trust 2." in line
    assert "from memory" in next(one["message"] for one in recorded(done)["findings"] if one["ref"] == "P0")
    assert [one["law"][0]["corroborated"] for one in recorded(done)["findings"]] == ["no", "derived", "no"]


def test_law_that_several_questions_rest_on_is_looked_up_once(lawful: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    done = audited(lawful, AS_OF, "12 March 2021", "12 March 2016", "12 April 2022", only="TST-03")
    explainer, filtered = Explainer(done, range(3)), []
    expected, found = find_uncorroborated(done, explainer), pl.DataFrame.filter
    monkeypatch.setattr(pl.DataFrame, "filter", lambda *given: filtered.append(1) or found(*given))
    assert find_uncorroborated(done, explainer) == expected
    once, law = len(filtered), Explainer.law
    monkeypatch.setattr(Explainer, "law", lambda *given: [*law(*given), *law(*given)])
    assert find_uncorroborated(done, explainer) == expected
    assert len(filtered) == 2 * once


def test_an_undetermined_outcome_that_rests_on_memory_says_so_too(lawful: Pack) -> None:
    done = audited(lawful, AS_OF, "12 March 2021", only="TST-03", funding="£350,000")
    assert [one["outcome"] for one in recorded(done)["findings"]] == ["undetermined"]
    assert "no stored source says so. TST-03 rests on it for Trust 0." in said(done)
    whole = "\n".join(explanation(done, 0, lawful.rules["TST-03"], 2_000))
    assert "general ceiling for small amounts of aid: £325,000 to £406,250 (325,000 SDR)" in whole


def test_where_the_law_is_what_is_not_known_no_fact_is_asked_for(lawful: Pack) -> None:
    """A range of the rate decides, and on another day nothing is held of the law."""
    for start, only, figure in (
        ("12 March 2021", "TST-03", "£325,000 to £406,250 (325,000 SDR) from"),
        ("12 March 2012", "TST-01", "not held before 1 January 2014"),
    ):
        done = audited(lawful, AS_OF, start, only=only, funding="£350,000")
        (found,) = recorded(done)["findings"]
        assert (found["outcome"], found["missing"]) == ("undetermined", [])
        assert f"Not known: the {lawful.law[found['law'][0]['series']].title} ({figure}" in found["message"]
        assert f"Trust 0 (P0): what the law is not known: holds up {only}" in said(done)


def test_nothing_is_said_of_memory_where_what_is_used_is_corroborated(lawful: Pack) -> None:
    assert "Law to check" not in said(audited(lawful, AS_OF, "12 March 2016", only="TST-03"))
    assert "Law to check" not in said(audited(lawful, AS_OF, "12 March 2021", only="TST-01"))


@pytest.mark.parametrize(("only", "told"), [("TST-01", True), ("TST-03", False), ("register", False)])
def test_a_figure_past_its_expected_end_is_told_where_a_reported_rule_reads_it(
    lawful: Pack, only: str, told: bool
) -> None:
    done = audited(lawful, LATE, "12 March 2016", only=only)
    assert ("Law to check" in said(done)) is told
    advisories = recorded(done)["policy"]["law_advisories"]
    assert [one["series"] for one in advisories] == ["services_threshold"] * told
    if told:
        assert advisories[0]["expected_end"] == "2027-12-31"
        assert advisories[0]["advice"] in said(done)


def test_a_figure_within_its_expected_end_is_not_told(lawful: Pack) -> None:
    done = audited(lawful, date(2027, 12, 31), "12 March 2016")
    assert recorded(done)["policy"]["law_advisories"] == []


def test_rules_are_listed_with_the_law_to_check_that_they_read(lawful: Pack) -> None:
    reading = [lawful.rules["TST-01"]]
    others = [rule for rule in lawful.rules.values() if not law_read(lawful, [rule])]
    assert "Law to check" in "\n".join(list_lines(lawful, reading, LATE, 100))
    assert "Law to check" not in "\n".join(list_lines(lawful, reading, AS_OF, 100))
    assert "Law to check" not in "\n".join(list_lines(lawful, others, LATE, 100))
    assert len(json.loads(rules_record(lawful, reading, LATE))["policy"]["law_advisories"]) == 1


def test_a_rule_shows_the_law_it_reads_from_day_to_day(lawful: Pack) -> None:
    rule = lawful.rules["TST-01"]
    text = " ".join("\n".join(rule_lines(lawful, rule, decide_rule(rule), 160)).split())
    assert "The services threshold (law.services_threshold), on the start of the agreement" in text
    assert "1 January 2016 31 December 2017 £164,176 SI 2015/102 reg 5; Delegated Regulation (EU) 2015/2170" in text
    assert "1 January 2026 £207,720 including VAT" in text


def test_a_converted_figure_is_shown_once_and_what_is_from_memory_is_marked(lawful: Pack) -> None:
    rule = lawful.rules["TST-03"]
    text = " ".join("\n".join(rule_lines(lawful, rule, decide_rule(rule), 160)).split())
    assert text.count("31 December 2020 £") == 1
    assert "£141,220 to £183,040 (€200,000)" in text
    assert "£325,000 to £406,250 (325,000 SDR)" in text
    assert "; from memory" in text


def test_every_row_of_the_law_fits_the_width(lawful: Pack) -> None:
    for name in RULES:
        rule = lawful.rules[name]
        assert [line for line in rule_lines(lawful, rule, decide_rule(rule), 80) if len(line) > 80] == []


def test_the_reason_cites_each_series_once(lawful: Pack) -> None:
    done = audited(lawful, AS_OF, "12 March 2016")
    for finding in Explainer(done, [0]).findings():
        cited = [(one.series.id, one.segments[0].first) for one in finding.law]
        assert len(cited) == len(set(cited))
