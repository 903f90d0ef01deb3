"""The project file: found upward, checked, outdone by the command line, and said where it was used."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from support.paths import ROOT

Run = Callable[..., Result]
AS_OF = ("--as-of", "2016-08-04")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, two below the top of a checkout."""
    below = tmp_path / "checkout" / "registers" / "homes"
    below.mkdir(parents=True)
    (tmp_path / "checkout" / ".git").mkdir()
    monkeypatch.chdir(below)
    return below


def top(folder: Path) -> Path:
    return folder.parents[1]


def audited(found: Result) -> Any:
    return json.loads(found.stdout)


@pytest.mark.parametrize(
    ("name", "text", "called"),
    [
        ("tipstaff.toml", 'cycle = "2018/19"', "tipstaff.toml"),
        ("pyproject.toml", '[tool.tipstaff]\ncycle = "2018/19"', "pyproject.toml [tool.tipstaff]"),
    ],
)
def test_it_is_found_upward_and_said(run: Run, old: Path, folder: Path, name: str, text: str, called: str) -> None:
    (top(folder) / name).write_text(text, encoding="utf-8")
    found = run("check", old, *AS_OF)
    assert "for the cycle 2018/19" in found.output
    assert f"Project   {os.path.join('..', '..', called)}: cycle\n" in found.output


def test_the_nearest_counts_and_its_own_file_goes_first(run: Run, old: Path, folder: Path) -> None:
    (top(folder) / "tipstaff.toml").write_text('cycle = "2018/19"', encoding="utf-8")
    (folder / "pyproject.toml").write_text('[tool.tipstaff]\ncycle = "2019/20"', encoding="utf-8")
    assert audited(run("check", old, *AS_OF, "--format", "json"))["cycle"] == "2019/20"
    (folder / "tipstaff.toml").write_text('cycle = "2020/21"', encoding="utf-8")
    assert audited(run("check", old, *AS_OF, "--format", "json"))["cycle"] == "2020/21"


def test_a_pyproject_of_others_is_passed_over(run: Run, old: Path, folder: Path) -> None:
    (top(folder) / "tipstaff.toml").write_text('cycle = "2018/19"', encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.other]\ncycle = 3", encoding="utf-8")
    assert audited(run("check", old, *AS_OF, "--format", "json"))["cycle"] == "2018/19"


def test_nothing_above_the_checkout_is_taken(run: Run, old: Path, folder: Path) -> None:
    (top(folder).parent / "tipstaff.toml").write_text("no TOML", encoding="utf-8")
    found = run("check", old, *AS_OF)
    assert "2017/18" in found.output
    assert "Project" not in found.output


def test_options_on_the_command_line_win(run: Run, old: Path, folder: Path) -> None:
    (folder / "tipstaff.toml").write_text('cycle = "2018/19"\nfail-on = "low"', encoding="utf-8")
    found = run("check", old, *AS_OF, "--cycle", "2019/20", "--fail-on-undetermined", "never")
    assert "2019/20" in found.output
    assert "Project   tipstaff.toml: fail-on\n" in found.output
    assert found.exit_code == 1
    assert run("check", old, *AS_OF, "--fail-on", "never", "--fail-on-undetermined", "never").exit_code == 0


def test_it_can_be_left_aside(run: Run, old: Path, folder: Path) -> None:
    (folder / "tipstaff.toml").write_text("no TOML", encoding="utf-8")
    assert run("check", old, *AS_OF).exit_code == 2
    assert run("--no-project", "check", old, *AS_OF).exit_code == 1


def test_its_paths_are_relative_to_it(run: Run, old: Path, folder: Path, pack_copy: Path) -> None:
    pack_copy.rename(top(folder) / "our-policy")
    answers = top(folder) / "answers.csv"
    answers.write_text("Ref,Fact,Value\nP1,safeguarding policy adopted,no\n", encoding="utf-8")
    (top(folder) / "tipstaff.toml").write_text('policy = "our-policy"\nanswers = "answers.csv"', encoding="utf-8")
    found = run("check", old, *AS_OF)
    assert "answers, policy" in found.output
    step = next(line for line in found.output.splitlines() if line.startswith("Next: "))
    assert step.endswith("--policy ../../our-policy --answers ../../answers.csv")
    assert str(top(folder)) not in step.replace(str(old), "")
    for command in (("validate", old), ("rules", "list"), ("renew", old), ("explain", old, "P1"), ("ask", old)):
        assert run(*command).exit_code in (0, 1)
    (top(folder) / "our-policy" / "pack.yaml").unlink()
    for command in (("validate", old), ("rules", "list"), ("rules", "show", "CLS-01"), ("renew", old)):
        assert run(*command).exit_code == 2


def test_a_baseline_holds_the_line_until_it_is_made_anew(run: Run, old: Path, new: Path, folder: Path) -> None:
    (folder / "tipstaff.toml").write_text('baseline = "baseline.json"\nfail-on = "advisory"', encoding="utf-8")
    missing = run("check", old, *AS_OF)
    assert missing.exit_code == 2
    assert "tipstaff check REGISTER --no-baseline -o baseline.json" in missing.stderr
    assert run("check", old, *AS_OF, "--no-baseline", "-o", "baseline.json").exit_code == 1
    assert run("check", old, *AS_OF).exit_code == 0
    found = run("check", new, *AS_OF)
    assert found.exit_code == 1
    assert "Project   tipstaff.toml: baseline, fail-on" in found.output
    assert run("diff", old, new, *AS_OF).output.count("Project    tipstaff.toml: fail-on\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('polcy = "x"', "polcy is no setting; did you mean policy?"),
        ("as-of = 2016-08-04", "as-of is no setting; a project file has policy, cycle"),
        ('fail_on = "low"', "did you mean fail-on?"),
        ('fail-on = "severe"', "fail-on: Input should be 'high', 'medium', 'low', 'advisory' or 'never'"),
        ('cycle = "2017"', "'2017' is not a financial year"),
        ("cycle = 2017", "cycle: "),
        ('policy = ""', "policy: "),
        ('policy = "a\\u0000b"', "policy: "),
        ("waivers = [1]", "waivers: "),
        ("cycle = ", "is no TOML"),
        ("a = " + "[" * 5_000, "is no TOML"),
        ("[tool]", "tool is no setting"),
        ('"\\u001b[2J" = 1', "is no setting"),
    ],
)
def test_what_it_may_not_hold_is_one_paragraph(run: Run, old: Path, folder: Path, text: str, said: str) -> None:
    (folder / "tipstaff.toml").write_text(text, encoding="utf-8")
    found = run("check", old)
    assert found.exit_code == 2
    assert found.stderr.startswith("tipstaff.toml: ") or "tipstaff.toml: " in found.stderr
    assert said in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert "\x1b" not in found.stderr


def test_a_table_that_is_none_is_refused(run: Run, old: Path, folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool]\ntipstaff = 3", encoding="utf-8")
    assert "tool.tipstaff is no table" in run("check", old).stderr


def test_a_file_that_is_no_text_is_refused(run: Run, old: Path, folder: Path) -> None:
    (folder / "tipstaff.toml").write_bytes(b"\xff\xfe\x00")
    assert "is no TOML" in run("check", old).stderr
    (folder / "tipstaff.toml").write_bytes(b"#" * 2_000_000)
    assert "larger than" in run("check", old).stderr


def test_the_settings_in_the_readme_are_settings(run: Run, old: Path, folder: Path) -> None:
    readme = (ROOT / "cli" / "README.md").read_text(encoding="utf-8")
    text = readme.partition("```toml\n")[2].partition("```")[0]
    assert 'fail-on = "medium"' in text
    (folder / "tipstaff.toml").write_text(text.replace('policy = "our-policy"', ""), encoding="utf-8")
    found = run("check", old, *AS_OF, "--no-baseline", "--no-waivers")
    assert found.exit_code == 1
    assert "Project   tipstaff.toml: cycle, fail-on, fail-on-undetermined\n" in found.output


@pytest.mark.parametrize(("name", "table"), [("tipstaff.toml", ""), ("pyproject.toml", "[tool.tipstaff]\n")])
def test_a_report_does_not_overwrite_it(run: Run, old: Path, folder: Path, name: str, table: str) -> None:
    project = top(folder) / name
    text = f'{table}cycle = "2018/19"'
    project.write_text(text, encoding="utf-8")
    (folder / "project.xlsx").symlink_to(project)
    named = ("--format", "json", "-o", project)
    for command in (
        ("check", old, *AS_OF, *named),
        ("validate", old, *named),
        ("diff", old, old, *AS_OF, *named),
        ("renew", old, *AS_OF, *named),
        ("forecast", old, *AS_OF, "--until", "2016-09-01", *named),
        ("rules", "check", *named),
        ("schema", "json", "-o", project),
        ("ask", old, *AS_OF, "-o", "project.xlsx"),
    ):
        found = run(*command)
        assert found.exit_code == 2, command
        assert found.stderr.strip().endswith(
            "is what the report is made from, and would be overwritten. Give another file."
        )
        assert project.read_text(encoding="utf-8") == text, command
