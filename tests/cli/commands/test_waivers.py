"""``--waivers`` and ``tipstaff waivers``: officers' way with waivers, from the draft to the audit that heeds them."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

from support.paths import EXAMPLES
from tipstaff.report.formats import FORMATS

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")
EXAMPLE_WAIVERS = EXAMPLES / "waivers.yaml"
FILLED = {
    "reason": "The trustees meet in October",
    "approved_by": "Head of Legal Services",
    "until": "31 October 2016",
}


@pytest.fixture
def drafted(run: Run, example: str, tmp_path: Path) -> Path:
    """A waiver of AGR-05 for P16, as drafted and filled in."""
    text = run("waivers", "draft", example, "P16", "AGR-05", *AS_OF).stdout
    path = tmp_path / "waivers.yaml"
    for word, value in FILLED.items():
        text = re.sub(rf"{word}: .*", f"{word}: {value}", text)
    path.write_text(text, encoding="utf-8")
    return path


def recorded(run: Run, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("check", *arguments, "--format", "json").stdout)
    return found


def test_a_draft_filled_in_waives(run: Run, example: str, drafted: Path) -> None:
    said = recorded(run, example, *AS_OF, "--waivers", drafted)
    assert said["summary"]["outcomes"]["waived"] == 1
    (waived,) = (one for one in said["findings"] if one["outcome"] == "waived")
    assert (waived["rule"], waived["ref"]) == ("AGR-05", "P16")
    assert waived["waiver"] == {**FILLED, "until": "2016-10-31", "place": "waivers.yaml:3"}
    (told,) = said["waivers"]
    assert (told["status"], told["outcome"], told["days_left"]) == ("held", "finding", 88)


def test_a_draft_not_filled_in_waives_nothing(run: Run, example: str, tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(run("waivers", "draft", example, "P16", "AGR-05", *AS_OF).stdout, encoding="utf-8")
    (told,) = recorded(run, example, *AS_OF, "--waivers", path)["waivers"]
    assert told["status"] == "malformed"
    assert [one["cell"] for one in told["problems"]] == ["waivers.yaml:5", "waivers.yaml:6", "waivers.yaml:7"]


def test_what_is_waived_does_not_fail(run: Run, example: str, drafted: Path) -> None:
    narrowed = (example, *AS_OF, "--only", "AGR-05", "--fail-on-undetermined", "never")
    assert "2 high findings" in run("check", *narrowed).output
    found = run("check", *narrowed, "--waivers", drafted)
    assert "1 high finding" in found.output
    assert "Waived (1)" in found.output
    assert all(words in found.output for words in ("Waived by Head of Legal", "until 31 October 2016", "(P16)"))
    assert run("check", *narrowed, "--waivers", drafted, "--no-waivers").output == run("check", *narrowed).output


def test_the_day_after_its_last_the_audit_says_so_at_its_head(run: Run, example: str, drafted: Path) -> None:
    for day, status in (("2016-10-31", "held"), ("2016-11-01", "lapsed by date")):
        waivers = recorded(run, example, "--as-of", day, "--waivers", drafted)["waivers"]
        assert [one["status"] for one in waivers] == [status]
    head = run("check", example, "--as-of", "2016-11-01", "--waivers", drafted).output.split("\n\n")[1]
    head = " ".join(head.split())
    assert head.startswith("Waivers that waive nothing (1 of 1) lapsed by date AGR-05 P16")
    assert "held until 31 October 2016 (1 day ago)" in head


def test_a_returned_workbook_takes_the_place_of_a_file(run: Run, example: str, drafted: Path, tmp_path: Path) -> None:
    (told,) = recorded(run, example, *AS_OF, "--only", "AGR-05", "--waivers", drafted)["waivers"]
    found = recorded(run, example, *AS_OF, "--only", "AGR-05")["findings"]
    prints = next(one for one in found if one["ref"] == "P16")
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Findings"
    columns = ["Rule", "Ref", "Partnership", "Response", "Reason", "Approved by", "Until", "Fingerprint"]
    book.worksheets[0].append([*columns, "Rule fingerprint"])
    book.worksheets[0].append(
        ["AGR-05", "P16", "x", "Waive", *FILLED.values(), prints["fingerprint"], prints["rule_fingerprint"]]
    )
    book.save(tmp_path / "audited.xlsx")
    (again,) = recorded(run, example, *AS_OF, "--only", "AGR-05", "--waivers", tmp_path / "audited.xlsx")["waivers"]
    assert again == {**told, "place": "audited.xlsx:Findings!D2"}
    both = ("--waivers", drafted, "--waivers", tmp_path / "audited.xlsx", "--waivers", drafted)
    places = [one["place"] for one in recorded(run, example, *AS_OF, *both)["waivers"]]
    assert places == ["waivers.yaml:3", "audited.xlsx:Findings!D2"], "a file given twice is read once"


def test_waivers_are_listed_worst_first(run: Run, example: str) -> None:
    found = run("waivers", "list", example, "--as-of", "2016-10-04", "--waivers", EXAMPLE_WAIVERS)
    assert found.exit_code == 0
    assert found.output.index("Lapsed by date (1)") < found.output.index("Held (1)")
    assert found.output.endswith("2 waivers, 1 held.\n")
    said = run("waivers", "list", example, *AS_OF, "--waivers", EXAMPLE_WAIVERS, "--format", "json")
    assert [one["outcome"] for one in json.loads(said.stdout)["waivers"]] == ["finding", "undetermined"]


@pytest.mark.parametrize(
    ("day", "line", "code"),
    [
        ("2016-08-04", "", 0),
        ("2016-10-04", "", 1),
        ("2016-08-04", "  - {rule: AGR-05}\n", 1),
        ("2016-08-04", "  - {rule: AGR-05\n", 2),
    ],
)
def test_checking_fails_where_one_does_not_hold(
    run: Run, example: str, tmp_path: Path, day: str, line: str, code: int
) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(EXAMPLE_WAIVERS.read_text(encoding="utf-8") + line, encoding="utf-8")
    assert run("waivers", "check", example, "--as-of", day, "--waivers", path).exit_code == code


def test_checking_fails_where_one_is_not_used(run: Run, example: str, drafted: Path) -> None:
    text = drafted.read_text(encoding="utf-8")
    drafted.write_text(text.replace("P16", "P15"), encoding="utf-8")
    found = run("waivers", "check", example, *AS_OF, "--waivers", drafted)
    assert found.exit_code == 1
    assert "nothing to waive: the outcome is clear. Take it out." in " ".join(found.output.split())


def test_without_a_file_there_is_nothing_to_list_or_check(run: Run, example: str) -> None:
    for command in ("list", "check"):
        found = run("waivers", command, example, *AS_OF)
        assert found.exit_code == 2
        assert "--waivers" in found.stderr


def test_explain_says_by_whom_and_why(run: Run, example: str, drafted: Path) -> None:
    found = run("explain", example, "P16", "AGR-05", *AS_OF, "--waivers", drafted).output
    said = " ".join(found.split())
    assert "AGR-05 Agreement not signed: waived (high)" in said
    assert "until 31 October 2016 (88 days left), by Head of Legal Services: The trustees meet in October" in said
    lapsed = run("explain", example, "P16", "AGR-05", "--as-of", "2016-11-01", "--waivers", drafted).output
    assert "AGR-05  Agreement not signed: finding (high)" in lapsed
    assert "held until 31 October 2016 (1 day ago)" in " ".join(lapsed.split())


@pytest.mark.parametrize(
    ("name", "rule", "words"),
    [
        ("P15", "AGR-05", "AGR-05 is clear for P15"),
        ("P16", "CLS-01", "concludes a status"),
        ("P16", "AGR-55", "did you mean"),
        ("nobody at all", "AGR-05", "no partnership like"),
    ],
)
def test_what_cannot_be_waived_is_not_drafted(run: Run, example: str, name: str, rule: str, words: str) -> None:
    found = run("waivers", "draft", example, name, rule, *AS_OF)
    assert found.exit_code == 2
    assert words in " ".join(found.stderr.split())


def test_names_that_are_no_plain_yaml_are_quoted(run: Run, tmp_path: Path) -> None:
    register = tmp_path / "register.csv"
    register.write_text('Ref,Name,Purpose\n"- a: #1",Somebody,x\nyes,Nobody,x\n', encoding="utf-8")
    for name in ("- a: #1", "yes"):
        drafted = run("waivers", "draft", *AS_OF, "--", register, name, "REG-04")
        path = tmp_path / "waivers.yaml"
        path.write_text(drafted.stdout, encoding="utf-8")
        (told,) = json.loads(run("check", register, *AS_OF, "--waivers", path, "--format", "json").stdout)["waivers"]
        assert told["ref"] == name
        assert len(told["problems"]) == 3, "what is not filled in, and nothing else"


def test_a_report_does_not_overwrite_the_waivers(run: Run, example: str, drafted: Path) -> None:
    before = drafted.read_bytes()
    assert run("check", example, *AS_OF, "--waivers", drafted, "-o", drafted).exit_code == 2
    assert drafted.read_bytes() == before


@pytest.mark.parametrize("form", FORMATS)
def test_a_waiver_that_has_lapsed_is_told_in_every_format(run: Run, example: str, tmp_path: Path, form: str) -> None:
    report = tmp_path / ("report.xlsx" if form == "xlsx" else "report")
    options = ("--as-of", "2016-10-04", "--only", "AGR-05", "--only", "AGR-15", "--waivers", EXAMPLE_WAIVERS)
    told = run("check", example, *options, "--format", form, "-o", report).output
    data = report.read_bytes()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(report) as package:
            data = b"".join(package.read(name) for name in package.namelist())
    assert ("waive nothing: 1 of 2" in told) if form in ("csv", "parquet") else (b"apsed" in data)
