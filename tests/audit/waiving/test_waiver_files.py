"""Files of waivers: what is read, with its places, and what is refused whole."""

import os
from pathlib import Path

import pytest

from tipstaff.audit.waiving.waiver_files import read_waivers
from tipstaff.errors import UnreadableError


def file(folder: Path, text: str | bytes) -> Path:
    path = folder / "waivers.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_each_word_has_its_place_and_stays_text(tmp_path: Path) -> None:
    text = "# Ours\nwaivers:\n  - rule: AGR-05\n    until: 2016-10-31\n    fingerprint: 1234567890123456\n  - nothing\n"
    first, second = read_waivers(file(tmp_path, text))
    assert dict(first.said) == {"rule": "AGR-05", "until": "2016-10-31", "fingerprint": "1234567890123456"}
    assert (first.place, first.places["until"]) == ("waivers.yaml:3", "waivers.yaml:4")
    assert second.place == "waivers.yaml:6"
    assert [one.value for one in second.problems] == ["nothing"]


@pytest.mark.parametrize("text", ["waivers:\n", "waivers: []\n"])
def test_a_file_may_have_none(tmp_path: Path, text: str) -> None:
    assert read_waivers(file(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no waivers"),
        ("- rule: AGR-05\n", "has no waivers"),
        ("just words", "has no waivers"),
        ("waivers: all\n", "waivers is not a list"),
        ("waivers: {rule: AGR-05}\n", "waivers is not a list"),
        ("waviers: []\n", "waviers is not a known key"),
        ("waivers: []\nwaivers: []\n", "waivers occurs twice"),
        ("waivers:\n  - {rule: A, rule: B}\n", "yaml:2: rule occurs twice"),
        ("waivers: [\n", "is not YAML"),
        ("waivers: [{a: &x [1], b: *x}]\n", "is an alias"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nwaivers: [*b, *b]\n", "is an alias"),
        ("waivers: " + "[" * 5_000 + "]" * 5_000, "nested too deeply"),
        (b"waivers: \xff\xfe\n", "UTF-8"),
        ("waivers:\n" + "  - rule: AGR-05\n" * 200_000, "larger than"),
    ],
)
def test_what_is_no_file_of_waivers_is_refused(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read_waivers(file(tmp_path, text))


def test_a_tag_of_python_makes_no_object(tmp_path: Path) -> None:
    (found,) = read_waivers(file(tmp_path, "waivers: !!python/object/apply:os.system [touch pwned]\n"))
    assert [one.value for one in found.problems] == ["touch pwned"]


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "none.yaml", tmp_path / "pipe"):
        with pytest.raises(UnreadableError):
            read_waivers(path)
