"""What pipelines use of the checkout: the GitHub Action, the hooks for pre-commit, and the set-ups in cli/README.md."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from support.paths import ROOT
from tipstaff_cli.main import cli

ACTION = yaml.safe_load((ROOT / ".github/actions/tipstaff/action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
README = (ROOT / "cli" / "README.md").read_text(encoding="utf-8")
AS_OF = "2016-08-04"


def step(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in ACTION["runs"]["steps"] if one["name"] == name)
    return found


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that holds the example, with a ``tipstaff`` on the path before it."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(ROOT / "examples/register.xlsx", folder)
    program = tmp_path / "bin" / "tipstaff"
    program.parent.mkdir()
    code = "from tipstaff_cli.main import main; main()"
    program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, "-c", code])} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


def audited(checkout: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """The action's audit of a register, and the exit code that it hands on."""
    audit = step("Audit the register")
    asked = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
    env = {
        name: inputs.get(match[1], ACTION["inputs"][match[1]].get("default", ""))
        for name, value in audit["env"].items()
        if (match := asked.fullmatch(value))
    }
    assert len(env) == len(audit["env"])
    outputs = checkout.parent / "outputs"
    outputs.write_text("", encoding="utf-8")
    ended = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", audit["run"]],
        cwd=checkout,
        env={
            **os.environ,
            **env,
            "PATH": f"{checkout.parent / 'bin'}:{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(outputs),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ended, outputs.read_text(encoding="utf-8")


def test_the_action_interpolates_no_input_into_a_shell() -> None:
    for one in ACTION["runs"]["steps"]:
        assert "${{" not in one.get("run", "")
        assert one.get("shell", "bash") == "bash"
    assert set(re.findall(r"inputs\.([a-z-]+)", json.dumps(ACTION["runs"]))) == set(ACTION["inputs"])


def test_the_action_audits_and_writes_sarif(checkout: Path) -> None:
    ended, outputs = audited(checkout, register="register.xlsx", **{"as-of": AS_OF})
    assert (ended.returncode, outputs) == (0, "exit-code=1\n")
    assert "4 August 2016" in ended.stdout
    assert json.loads((checkout / "tipstaff.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


@pytest.mark.skipif(shutil.which("jq") is None, reason="no jq here; the runners have it")
def test_the_action_uploads_nothing_that_is_there_no_longer(tmp_path: Path) -> None:
    states = ["new", "absent", "unchanged", "absent", None]
    results = [{"ruleId": "AGR-01", **({"baselineState": state} if state else {})} for state in states]
    (tmp_path / "-written.sarif").write_text(json.dumps({"runs": [{"results": results}]}), encoding="utf-8")
    left_out = step("Leave out what is there no longer")
    env = {**os.environ, "OUTPUT": "-written.sarif", "RUNNER_TEMP": str(tmp_path)}
    subprocess.run(["bash", "-eo", "pipefail", "-c", left_out["run"]], env=env, cwd=tmp_path, check=True)
    upload = step("Upload to code scanning")
    assert upload["with"]["sarif_file"] == "${{ runner.temp }}/tipstaff.sarif"
    assert left_out["if"] == upload["if"]
    kept = json.loads((tmp_path / "tipstaff.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert kept == [results[0], results[2], results[4]]


def test_the_action_takes_every_option(checkout: Path, pack: Any) -> None:
    shutil.copytree(pack.folder, checkout / "our policy")
    given = {"as-of": AS_OF, "cycle": "2018/19", "policy": "our policy", "fail-on": "never", "format": "json"}
    ended, outputs = audited(
        checkout, register="register.xlsx", output="audit.json", **given, **{"fail-on-undetermined": "never"}
    )
    assert (ended.stderr, outputs) == ("", "exit-code=0\n")
    assert json.loads((checkout / "audit.json").read_text(encoding="utf-8"))["cycle"] == "2018/19"
    held, outputs = audited(checkout, register="register.xlsx", baseline="audit.json", output="after.json", **given)
    assert (held.stderr, outputs) == ("", "exit-code=0\n")
    assert "Since the baseline" in held.stdout


def test_the_action_prints_annotations(checkout: Path) -> None:
    ended, _ = audited(checkout, register="register.xlsx", format="github", output="", **{"as-of": AS_OF})
    assert "::error file=register.xlsx,line=" in ended.stdout


def test_what_a_register_says_is_no_command_to_the_runner(checkout: Path) -> None:
    (checkout / "register.csv").write_text(
        "Name,Theme,Significant/Desirable,Financial arrangements\n"
        "::add-mask::a,Homes,Significant,::error::owned ##[error]owned\n",
        encoding="utf-8",
    )
    ended, outputs = audited(checkout, register="register.csv", **{"as-of": AS_OF})
    first, *said, last = ended.stdout.splitlines()
    assert "::add-mask::a" in "".join(said)
    token = first.removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    assert (last, ended.stderr) == (f"::{token}::", "")
    assert outputs == "exit-code=1\n"


@pytest.mark.parametrize(
    "hostile",
    ["$(touch pwned)", "; touch pwned;", "`touch pwned`", "--output=pwned", "a\nexit-code=0", '"$(touch pwned)"'],
)
@pytest.mark.parametrize("name", ["register", "policy", "baseline", "fail-on", "as-of"])
def test_a_hostile_input_is_a_value_and_nothing_else(checkout: Path, name: str, hostile: str) -> None:
    ended, outputs = audited(checkout, **{"register": "register.xlsx", "as-of": AS_OF, name: hostile})
    assert (ended.returncode, outputs) == (0, "exit-code=2\n")
    assert [one.name for one in checkout.iterdir()] == ["register.xlsx"]


@pytest.mark.parametrize("code", [0, 1, 2])
def test_the_action_exits_as_tipstaff_did(code: int) -> None:
    last = step("Exit as tipstaff did")
    env = {**os.environ, "CODE": str(code)}
    assert subprocess.run(["bash", "-c", last["run"]], env=env, check=False).returncode == code


def test_the_hooks_are_commands_of_tipstaff() -> None:
    assert [hook["id"] for hook in HOOKS] == ["tipstaff-validate", "tipstaff-check"]
    for hook in HOOKS:
        program, *command = hook["entry"].split()
        assert program == "tipstaff"
        assert CliRunner().invoke(cli, [*command, "--help"]).exit_code == 0
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)


def setups() -> dict[str, Any]:
    """The set-ups of cli/README.md by the file they are for."""
    found = re.findall(r"```yaml\n# (\S+)\n(.+?)```", README, re.DOTALL)
    return {name: yaml.safe_load(text) for name, text in found}


def test_the_readme_has_a_set_up_for_each_pipeline() -> None:
    found = setups()
    assert list(found) == [
        ".github/workflows/register.yml",
        ".gitlab-ci.yml",
        "azure-pipelines.yml",
        ".pre-commit-config.yaml",
    ]
    inputs = found[".github/workflows/register.yml"]["jobs"]["audit"]["steps"][1]["with"]
    assert set(inputs) <= set(ACTION["inputs"])
    hooks = found[".pre-commit-config.yaml"]["repos"][0]["hooks"]
    assert {hook["id"] for hook in hooks} <= {hook["id"] for hook in HOOKS}


def commands() -> list[str]:
    found = setups()
    gitlab = found[".gitlab-ci.yml"]["register"]["script"]
    azure = [one["script"] for one in found["azure-pipelines.yml"]["steps"] if "script" in one]
    lines = [line for text in (*gitlab, *azure) for line in text.splitlines()]
    return [line for line in lines if line.startswith("tipstaff ")]


def test_the_commands_of_the_set_ups_run(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    runner = CliRunner()
    made = runner.invoke(cli, ["check", "register.xlsx", "-o", "baseline.json"])
    assert made.exit_code == 1
    assert commands()
    for command in commands():
        ended = runner.invoke(cli, shlex.split(command)[1:])
        assert (ended.exit_code, ended.stderr) == (0, ""), command
