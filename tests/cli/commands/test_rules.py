"""``tipstaff rules``: list, show, test."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tipstaff.policy.pack.model import Pack
from tipstaff.report.record.json_schema import KINDS

Run = Callable[..., Result]


def test_rules_are_listed_by_module(run: Run, pack: Pack) -> None:
    found = run("rules", "list", "--module", "Agreements")
    assert found.exit_code == 0
    assert "AGR-01" in found.output
    assert "CLS-01" not in found.output
    listed = json.loads(run("rules", "list", "--format", "json").stdout)["rules"]
    assert [one["rule"] for one in listed] == list(pack.rules)


def test_a_rule_is_shown_whatever_the_case_of_its_id(run: Run) -> None:
    assert run("rules", "show", "cls-01").output.startswith("CLS-01  Significant partnership")


@pytest.mark.parametrize(
    "command", [("list", "--module", "agremeents"), ("show", "AGR-77"), ("test", "agremeents")], ids=" ".join
)
def test_an_unknown_name_is_a_usage_error_with_the_nearest(run: Run, command: tuple[str, ...]) -> None:
    found = run("rules", *command)
    assert found.exit_code == 2
    assert "did you mean" in found.stderr


def test_the_cases_of_a_module_are_run(run: Run) -> None:
    found = run("rules", "test", "register")
    assert found.exit_code == 0
    assert "cases, no failures." in found.output


def test_a_case_that_fails_is_located(run: Run, pack_copy: Path) -> None:
    path = pack_copy / "agreements.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("requires: agreement_signed", "requires: not agreement_signed"), encoding="utf-8")
    found = run("rules", "test", "agreements", "--policy", pack_copy)
    assert found.exit_code == 1
    assert "agreements.cases.yaml:" in found.output
    assert "AGR-05 was expected" in found.output


def test_a_pack_without_cases_is_no_pass(run: Run, pack_copy: Path) -> None:
    for path in pack_copy.glob("*.cases.yaml"):
        path.unlink()
    found = run("rules", "test", "--policy", pack_copy)
    assert found.exit_code == 2
    assert "holds no cases" in found.stderr


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_rule_without_a_case_is_named(run: Run, pack_copy: Path) -> None:
    rule = (
        "rules:\n  CLS-99:\n    title: Probe\n    concludes: probed\n    when: funded\n    source: {paragraph: none}\n"
    )
    edit(pack_copy / "classification.yaml", "rules:\n", rule)
    found = run("rules", "test", "classification", "--policy", pack_copy)
    assert found.exit_code == 0
    assert "CLS-99 has no case." in found.output


def test_a_case_that_names_no_council_is_refused(run: Run, pack_copy: Path) -> None:
    edit(pack_copy / "classification.cases.yaml", "given: {sh.direct_funding", "given: {zz.direct_funding")
    found = run("rules", "test", "classification", "--policy", pack_copy)
    assert found.exit_code == 2
    assert "zz is no council of this pack" in found.stderr
    assert "classification.cases.yaml:" in found.stderr


def test_words_that_a_message_lacks_are_shown_beside_it(run: Run, pack_copy: Path) -> None:
    edit(pack_copy / "classification.cases.yaml", "£1,000 a year and 4 days a month", "£7 a year")
    found = run("rules", "test", "classification", "--policy", pack_copy)
    assert found.exit_code == 1
    assert "CLS-06 was expected to say “£7 a year”, found “Case" in found.output
    assert "1 failed." in found.output


def test_rules_are_listed_with_the_law_to_check_on_a_date(run: Run, pack_copy: Path) -> None:
    law = "    test: total_direct_funding >= law.services_threshold\n    law_at: as_of\n"
    edit(pack_copy / "classification.yaml", "    test: total_direct_funding > nil\n", law)
    late = ("rules", "list", "--module", "classification", "--policy", pack_copy, "--as-of", "1 January 2028")
    assert "Law to check" in run(*late).output
    (told,) = json.loads(run(*late, "--format", "json").stdout)["policy"]["law_advisories"]
    assert told["series"] == "services_threshold"
    assert "Law to check" not in run(*late[:-1], "31 December 2027").output
    assert "Law to check" not in run(*late, "--module", "register").output
    assert run("rules", "list", "--as-of", "one day").exit_code == 2


def test_a_case_is_of_a_cycle_of_its_own(run: Run, pack_copy: Path) -> None:
    edit(pack_copy / "classification.cases.yaml", "given: {sh.direct_funding", "cycle: soon, given: {sh.direct_funding")
    found = run("rules", "test", "classification", "--policy", pack_copy)
    assert found.exit_code == 2
    assert "cycle is 'soon'; expected a financial year such as 2017/18" in found.stderr
    edit(pack_copy / "classification.cases.yaml", "cycle: soon", "cycle: 2019/20")
    assert run("rules", "test", "classification", "--policy", pack_copy).exit_code == 0


def test_the_schema_of_one_kind_of_file_is_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "module.schema.json"
    assert run("rules", "schema", "--kind", "module", "-o", path).exit_code == 0
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["oneOf"] == [{"$ref": "#/$defs/module"}]
    assert {one["$ref"].rpartition("/")[2] for one in json.loads(run("rules", "schema").stdout)["oneOf"]} == set(KINDS)


def test_rules_without_a_flaw_are_checked(run: Run) -> None:
    found = run("rules", "check")
    assert found.exit_code == 0
    assert "none repeats or contradicts another" in found.output


def test_a_flaw_is_reported_with_its_place_and_witness(run: Run, pack_copy: Path) -> None:
    edit(pack_copy / "classification.yaml", "registered_desirable and significant", "desirable and significant")
    found = run("rules", "check", "--policy", pack_copy)
    assert found.exit_code == 1
    assert "CLS-03  Registered as Desirable" in found.output
    assert "(classification.yaml:" in found.output
    assert "it would take “Desirable partnership?” yes; “Significant partnership?”" in found.output
    told = json.loads(run("rules", "check", "--policy", pack_copy, "--format", "json").stdout)
    assert told["flaws"][0]["witness"] == [{"desirable": True, "significant": True}]


def test_coverage_fails_where_a_rule_lacks_a_case(run: Run, pack_copy: Path) -> None:
    assert run("rules", "test", "register", "--coverage").exit_code == 0
    edit(pack_copy / "register.cases.yaml", "{REG-09: clear, REG-10: finding}", "{REG-09: clear}")
    found = run("rules", "test", "register", "--coverage", "--policy", pack_copy)
    assert found.exit_code == 1
    assert "cases, no failures." in found.output
    assert "REG-10  finding" in found.output
    assert "outcomes, 1 not tried;" in found.output
