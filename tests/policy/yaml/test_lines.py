"""YAML with line numbers, and YAML meant to do harm: a PackError in one paragraph, soon, or nothing."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipstaff.errors import PackError
from tipstaff.policy.yaml.lines import LARGEST, Source


def read(folder: Path, text: str | bytes) -> Source:
    path = folder / "x.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Source(path, "x.yaml")


def refused(folder: Path, text: str | bytes) -> str:
    with pytest.raises(PackError) as caught:
        read(folder, text)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("x.yaml")
    return message


def test_a_text_is_never_turned_into_anything_else(tmp_path: Path) -> None:
    text = "a: 1.10\nb: 2016-08-04\nc: yes\nd: no\ne: 0x1f\nf: 1e3\ng: 010\nh: on\ni: 12:30\nj: '3'\n"
    expected = ["1.10", "2016-08-04", "yes", "no", "0x1f", "1e3", "010", "on", "12:30", "3"]
    assert list(read(tmp_path, text).data.values()) == expected


def test_null_true_and_false(tmp_path: Path) -> None:
    assert read(tmp_path, "a: \nb: null\nc: ~\nd: true\ne: False\nf: 'true'\n").data == {
        "a": None, "b": None, "c": None, "d": True, "e": False, "f": "true",
    }  # fmt: skip


def test_keys_are_texts(tmp_path: Path) -> None:
    assert read(tmp_path, "1: a\n2.10: b\nyes: c\n~: d\n").data == {"1": "a", "2.10": "b", "yes": "c", "~": "d"}


def test_places(tmp_path: Path) -> None:
    source = read(tmp_path, "# first\na:\n  b:\n    - x\n    - y: z\n")
    assert source.place(("a",)) == "x.yaml:2"
    assert source.place(("a", "b")) == "x.yaml:3"
    assert source.place(("a", "b", 1, "y")) == "x.yaml:5"
    assert source.place(("a", "b", 1, "y", "deeper")) == "x.yaml:5"
    assert source.place(("elsewhere",)).startswith("x.yaml:")
    assert str(source.error(("a", "b"), "is wrong.")) == "x.yaml:3: is wrong."


def test_an_empty_file_is_an_empty_mapping(tmp_path: Path) -> None:
    for text in ("", "\n\n", "# only a comment\n", "---\n"):
        assert read(tmp_path, text).data in ({}, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3: a occurs twice"),
        ("a:\n  b: 1\n  'b': 2\n", "x.yaml:3: b occurs twice"),
        ("a: [1, 2\nb: 3\n", "is not YAML"),
        ("a: b: c\n", "x.yaml:1: is not YAML"),
        ("a:\n\t- b\n", "x.yaml:2: is not YAML"),
        ("a: *nothing\n", "x.yaml:1: *nothing is an alias"),
        ("? [a, b]\n: c\n", "a key must be a single word"),
        ("? {a: b}\n: c\n", "a key must be a single word"),
        ("--- a\n--- b\n", "a second document"),
        ("a: &a [*a]\n", "*a is an alias"),
        ("a: &a {b: *a}\n", "*a is an alias"),
        ("a: &x {b: c}\nd:\n  <<: *x\n", "x.yaml:3: *x is an alias"),
        ("a: " + "[" * 60 + "]" * 60, "nested too deeply"),
        (b"a: \xff\xfe\n", "is not UTF-8"),
        ("a: é\n".encode("latin-1"), "is not UTF-8"),
        ("a: b\n".encode("utf-16"), "is not UTF-8"),
        (b"a: \x00\n", "is not YAML"),
        (b"a: \x1b[31m\n", "is not YAML"),
        (b"\x7fELF\x02\x01\x01\x00", "is not"),
        ("a: |\n" + "x" * LARGEST, "is larger than"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str | bytes, words: str) -> None:
    assert words in refused(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"x\.yaml: there is no such file"):
        Source(tmp_path / "x.yaml", "x.yaml")
    with pytest.raises(PackError, match=r"x\.yaml: there is no such file"):
        Source(tmp_path, "x.yaml")


def test_python_objects_are_texts(tmp_path: Path) -> None:
    source = read(tmp_path, "a: !!python/object/apply:os.system ['true']\nb: !!int 3\nc: !!binary aGk=\n")
    assert source.data["a"] == ["true"]
    assert source.data["b"] == "3"


@settings(max_examples=150)
@given(st.one_of(st.binary(max_size=80), st.text("ab:-[]{}&*!|>'\"#%@`,? \n\t0", max_size=80)))
def test_anything_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str | bytes) -> None:
    try:
        read(tmp_path_factory.getbasetemp(), text)
    except PackError as error:
        assert str(error).startswith("x.yaml")  # noqa: PT017 either is right


def _within(seconds: float, path: Path) -> str:
    """What reading a file prints, in a process of its own with a gigabyte of memory at most."""
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from tipstaff.policy.yaml.lines import PackError, Source\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))\n"
        "try:\n    Source(Path(sys.argv[1]), 'x.yaml')\n    print('read')\n"
        "except PackError as error:\n    print(error)\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return f"still at work after {seconds} seconds"
    return done.stdout.strip() or f"ended with {done.returncode}: {done.stderr.strip()[-200:]}"


def _file(folder: Path, text: str) -> Path:
    path = folder / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_alias_bomb_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert _within(4, _file(tmp_path, "\n".join(lines))).startswith("x.yaml")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_nesting_without_end_is_refused(tmp_path: Path, opening: str) -> None:
    assert _within(20, _file(tmp_path, opening * (400_000 // len(opening)))).startswith("x.yaml")


def test_many_parts_are_read_soon(tmp_path: Path) -> None:
    text = "\n".join(f"k{n}: v" for n in range(100_000))
    assert _within(20, _file(tmp_path, text)) == "read"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without end")
def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.symlink_to("/dev/zero")
    assert _within(20, path).startswith("x.yaml: ")
