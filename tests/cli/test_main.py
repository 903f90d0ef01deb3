"""How commands begin and end."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import tipstaff_cli
from tipstaff.policy.pack.loading import bundled
from tipstaff.policy.pack.model import SEVERITIES
from tipstaff_cli import commands, options

Run = Callable[..., Result]
Spawn = Callable[..., subprocess.CompletedProcess[str]]

AS_OF = ("--as-of", "2016-08-04")

LEFT_TO_LATER = {"tipstaff_cli.settings"}
"""The module that reads a project file, with pydantic: imported where there is such a file."""

IMPORTED_BY_HELP = {
    "tipstaff",
    "tipstaff.errors",
    "tipstaff.report",
    "tipstaff.report.formats",
    "tipstaff_cli",
    *(f"tipstaff_cli.{path.stem}" for path in Path(tipstaff_cli.__path__[0]).glob("[!_]*.py")),
    "tipstaff_cli.commands",
    *(f"tipstaff_cli.commands.{path.stem}" for path in Path(commands.__path__[0]).glob("[!_]*.py")),
} - LEFT_TO_LATER
"""The modules of tipstaff that ``tipstaff --help`` imports: its commands, the names of formats, and nothing more."""

OF_OTHER_FORMATS = {"docx", "icalendar", "jinja2", "lxml", "numpy", "openpyxl", "pandas", "pyarrow", "svg"}
"""What only other commands and formats than a table need, and what polars would import where it is asked to."""

COMMANDS = [
    ("check",),
    ("validate",),
    ("explain",),
    ("rules",),
    ("rules", "list"),
    ("rules", "show"),
    ("rules", "test"),
]


@pytest.mark.parametrize("command", [(), ("check",)])
def test_help_imports_the_commands_and_click_and_no_more(command: tuple[str, ...]) -> None:
    program = (
        "import sys\n"
        "already = set(sys.modules)\n"
        "from tipstaff_cli.main import cli\n"
        f"cli.main([*{command}, '--help'], standalone_mode=False)\n"
        "print(*(set(sys.modules) - already), sep='\\n', file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = set(ended.stderr.split())
    assert {name for name in imported if name.partition(".")[0].startswith("tipstaff")} == IMPORTED_BY_HELP
    foreign = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names
    assert foreign == {"click", "tipstaff", "tipstaff_cli"}


def test_a_check_begins_to_read_the_workbook_first_and_imports_nothing_of_other_formats(example: str) -> None:
    program = (
        "import sys\n"
        "def begun(event, _):\n"
        "    if event == 'subprocess.Popen':\n"
        "        print(*sys.modules, 'begun', sep='\\n', file=sys.stderr)\n"
        "sys.addaudithook(begun)\n"
        "from tipstaff_cli.main import cli\n"
        f"cli.main(['check', {example!r}, '--as-of', '2016-08-04'], standalone_mode=False)\n"
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    before, after = ({name.partition(".")[0] for name in part.split()} for part in ended.stderr.split("begun"))
    assert not before & {"durable", "polars", "pydantic", "tabulate", "yaml"}
    assert {"durable", "polars", "pydantic", "tabulate", "yaml"} <= after
    assert not after & OF_OTHER_FORMATS


def told_after(arguments: list[str], expression: str, **environment: str) -> str:
    """What an expression comes to after a command in a process whose polars has the threads told of here, if any."""
    program = (
        "from tipstaff_cli.main import cli\n"
        f"cli.main({arguments!r}, standalone_mode=False)\n"
        "import os, polars, sys\n"
        f"print({expression}, file=sys.stderr)"
    )
    own = {name: value for name, value in os.environ.items() if name != "POLARS_MAX_THREADS"}
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env={**own, **environment})
    return ended.stderr.split()[-1]


def test_a_small_register_is_audited_on_one_thread_unless_the_environment_says_otherwise(example: str) -> None:
    arguments = ["check", example, "--as-of", "2016-08-04"]
    assert told_after(arguments, "polars.thread_pool_size()") == "1"
    assert told_after(arguments, "polars.thread_pool_size()", POLARS_MAX_THREADS="3") == "3"


def test_a_small_register_does_not_keep_the_one_it_is_compared_with_on_one_thread(example: str) -> None:
    arguments = ["diff", example, example, "--as-of", "2016-08-04"]
    assert told_after(arguments, "'POLARS_MAX_THREADS' in os.environ") == "False"


@pytest.mark.parametrize("command", [(), *COMMANDS], ids=" ".join)
def test_every_help_has_an_example(run: Run, command: tuple[str, ...]) -> None:
    found = run(*command, "--help")
    assert found.exit_code == 0
    assert "Example" in found.output
    assert "\n  tipstaff " in found.output.replace("    tipstaff ", "  tipstaff ")


def test_the_version_is_said(run: Run) -> None:
    assert run("--version").output.startswith("tipstaff, version ")


def test_severities_are_those_of_a_pack() -> None:
    assert options.SEVERITIES == SEVERITIES


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.4\n", b"PK\x03\x04 not a workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"], ids=repr
)
@pytest.mark.parametrize("command", ["check", "validate"])
def test_an_unreadable_file_ends_in_one_paragraph(run: Run, tmp_path: Path, command: str, content: bytes) -> None:
    path = tmp_path / "register.xlsx"
    path.write_bytes(content)
    ended = run(command, path)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("tipstaff: ")
    assert len(ended.stderr.splitlines()) == 1


def test_a_missing_file_and_a_folder_end_in_one_paragraph(run: Run, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.xlsx", tmp_path):
        found = run("check", path)
        assert found.exit_code == 2
        assert len(found.stderr.splitlines()) == 1


def test_a_bad_pack_ends_in_file_and_line(run: Run, example: str, tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("id: x\nnonsense: y\n", encoding="utf-8")
    found = run("check", example, "--policy", tmp_path)
    assert found.exit_code == 2
    assert "pack.yaml:" in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_a_class_that_is_no_conclusion_is_refused(run: Run, example: str, tmp_path: Path, pack_copy: Path) -> None:
    path = pack_copy / "pack.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[significant, desirable]", "[significnt]"), encoding="utf-8"
    )
    found = run("check", example, "--policy", pack_copy)
    assert found.exit_code == 2
    assert "significnt is no conclusion; did you mean significant?" in found.stderr


@pytest.fixture
def evil(new: Path) -> Path:
    """A register whose name is no friend of terminals."""
    return new.rename(new.with_name("evil\x1b]0;title\x07\n.csv"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_a_full_disk_is_no_traceback(example: str) -> None:
    program = "from tipstaff_cli.main import main; main()"
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", program, "check", example, "--format", "json"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert "Give a file with -o" in ended.stderr


def test_a_reader_that_leaves_early_changes_nothing(example: str) -> None:
    program = "from tipstaff_cli.main import main; main()"
    arguments = [sys.executable, "-c", program, "check", example, "--as-of", "2016-08-04", "--format", "json"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch, example: str) -> None:
    from tipstaff.register import reading
    from tipstaff_cli.main import main

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "read_register", interrupted)
    monkeypatch.setattr(sys, "argv", ["tipstaff", "check", example])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130


def test_there_is_no_colour_in_a_pipe(spawn: Spawn, example: str) -> None:
    assert "\x1b[" not in spawn("check", example, FORCE_COLOR="1").stdout


def test_a_path_that_the_system_refuses_is_one_paragraph(run: Run, example: str) -> None:
    found = run("check", example, "--policy", "a" * 300)
    assert found.exit_code == 2
    assert len(found.stderr.splitlines()) == 1


@pytest.mark.parametrize("form", ["table", "json"])
def test_what_is_no_terminal_is_given_utf_8(spawn: Spawn, example: str, form: str) -> None:
    command = ("check", example, "--as-of", "2016-08-04", "--format", form)
    told_otherwise = spawn(*command, PYTHONIOENCODING="ascii")
    assert told_otherwise.stdout == spawn(*command).stdout
    assert "Cafés" in told_otherwise.stdout


def test_the_help_cuts_no_command_short(run: Run) -> None:
    assert "..." not in run("--help").output.split("Commands:")[1]


@pytest.mark.skipif(sys.platform == "win32", reason="file names are text there")
def test_a_file_name_that_is_no_text_is_no_traceback(spawn: Spawn, example: str, tmp_path: Path) -> None:
    register = tmp_path / "register\udcff.xlsx"
    register.write_bytes(Path(example).read_bytes())
    for more in ((), ("-o", tmp_path / "audit.txt")):
        found = spawn("check", register, "--as-of", "2016-08-04", *more)
        assert (found.returncode, found.stderr) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize(("stream", "file", "code"), [(1, "", 1), (2, "", 1), (2, "nowhere.xlsx", 2)])
def test_a_closed_stream_changes_no_exit_code(example: str, stream: int, file: str, code: int) -> None:
    command = [sys.executable, "-c", "from tipstaff_cli.main import main; main()", "check", file or example]
    ended = subprocess.run(
        ["sh", "-c", f'exec "$@" {stream}>&-', "sh", *command], capture_output=True, text=True, check=False
    )
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize(
    "arguments", [("--help",), ("check", "--help"), ("--version",), ("rules", "list")], ids=" ".join
)
def test_a_full_device_ends_in_one_paragraph(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", "from tipstaff_cli.main import main; main()", *arguments]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert ended.returncode == 2
        assert ended.stderr.startswith("tipstaff: ")
        assert len(ended.stderr.splitlines()) == 1
        unheard = subprocess.run(command, stdout=full, stderr=full, check=False)
        assert unheard.returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_refusal_that_cannot_be_said_still_ends_in_its_code() -> None:
    command = [sys.executable, "-c", "from tipstaff_cli.main import main; main()", "check", "nothing.xlsx"]
    with open("/dev/full", "w") as full:
        assert subprocess.run(command, stderr=full, check=False).returncode == 2


def test_a_refusal_shows_no_control_characters(run: Run, evil: Path) -> None:
    found = run("explain", evil, "nobody at all", *AS_OF)
    assert found.exit_code == 2
    assert found.stderr.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    "command", [("check",), ("renew",), ("forecast", "--until", "2016-08-31"), ("ask",)], ids=" ".join
)
def test_no_report_shows_control_characters_of_a_file_s_own_name(
    run: Run, evil: Path, command: tuple[str, ...]
) -> None:
    name, *options = command
    found = run(name, evil, *options, *AS_OF)
    assert not {"\x1b", "\x07"} & set(found.output)
    assert "evil" in found.output


@pytest.mark.parametrize("command", [("check",), ("validate",), ("renew",), ("rules", "check")], ids=" ".join)
def test_a_hyphen_for_a_file_is_stdout(
    run: Run, old: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(old.parent)
    arguments = command if command[0] == "rules" else (*command, old)
    found = run(*arguments, "-o", "-")
    assert found.stdout == run(*arguments).stdout != ""
    assert list(old.parent.iterdir()) == [old]


def test_a_report_overwrites_no_file_of_a_pack_extended_nor_of_its_law(run: Run, example: str, tmp_path: Path) -> None:
    shutil.copytree(bundled().parent, tmp_path / "rules")
    own = tmp_path / "rules" / "own"
    own.mkdir()
    (own / "pack.yaml").write_text(
        "extend: swdevon_2016\nid: own\ntitle: Own\nversion: '1'\nlaw: uk_law\n", encoding="utf-8"
    )
    for file in ("swdevon_2016/aid.yaml", "uk_law/procurement.yaml", "own/pack.yaml"):
        output = tmp_path / "rules" / file
        before = output.read_bytes()
        for command in (("check", example), ("validate", example), ("rules", "check")):
            found = run(*command, "--policy", own, "-o", output)
            assert "would be overwritten" in found.stderr, (file, command)
            assert output.read_bytes() == before


def test_a_report_overwrites_no_file_of_the_bundled_pack(
    run: Run, example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []
    monkeypatch.setattr("tipstaff_cli.output._replace", lambda pieces, target: written.append(target))
    found = run("check", example, *AS_OF, "-o", bundled() / "aid.yaml")
    assert (found.exit_code, written) == (2, [])
