"""The files of a register that stands in several folders."""

from pathlib import Path

import polars as pl
import pytest

from tipstaff.errors import UnreadableError
from tipstaff.policy.pack.model import Pack
from tipstaff.region.sources import expand


def _write(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame({"ref": ["x"]}).write_parquet(path)


def test_folders_are_united_table_by_table(pack: Pack, tmp_path: Path) -> None:
    sh, wd = tmp_path / "region" / "sh", tmp_path / "region" / "wd"
    _write(sh / "register.parquet", sh / "contributions" / "a.parquet", sh / "contributions" / "b.parquet")
    _write(sh / "contributions" / ".hidden.parquet", sh / "map.parquet")
    _write(wd / "Register.parquet", wd / "Contributions.PARQUET", wd / "_temporary" / "register.parquet")
    (sh / "contributions" / "_SUCCESS").touch()
    found = expand(str(tmp_path / "region" / "*/"), pack.vocabulary)
    assert found.tables == {
        "partnerships": [sh / "register.parquet", wd / "Register.parquet"],
        "contributions": [sh / "contributions" / "a.parquet", sh / "contributions" / "b.parquet",
                          wd / "Contributions.PARQUET"],
    }  # fmt: skip
    assert found.not_read == [sh / "map.parquet"]
    assert expand(str(wd), pack.vocabulary).tables["partnerships"] == [wd / "Register.parquet"]


def test_files_are_tables_by_their_names_or_else_registers(pack: Pack, tmp_path: Path) -> None:
    _write(tmp_path / "a" / "register.parquet", tmp_path / "a" / "agreements.parquet")
    _write(tmp_path / "b" / "sh.parquet", tmp_path / "b" / "wd.parquet", tmp_path / "[c].parquet")
    named = expand(str(tmp_path / "a" / "*.parquet"), pack.vocabulary).tables
    folder = tmp_path / "a"
    assert named == {"agreements": [folder / "agreements.parquet"], "partnerships": [folder / "register.parquet"]}
    registers = expand(str(tmp_path / "b" / "*.parquet"), pack.vocabulary).tables
    assert registers == {"partnerships": [tmp_path / "b" / "sh.parquet", tmp_path / "b" / "wd.parquet"]}
    alone = tmp_path / "[c].parquet"
    assert expand(str(alone), pack.vocabulary).tables == {"partnerships": [alone]}


def test_what_is_no_register_is_told(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No file or folder matches"):
        expand(str(tmp_path / "none*"), pack.vocabulary)
    with pytest.raises(UnreadableError, match="There is no file or folder"):
        expand(str(tmp_path / "none"), pack.vocabulary)
    _write(tmp_path / "region" / "sh" / "register.parquet")
    with pytest.raises(UnreadableError, match=r"region has no register\.parquet.*'folder/\*/'"):
        expand(str(tmp_path / "region"), pack.vocabulary)
    _write(tmp_path / "region" / "sh" / "register" / "part-0.parquet")
    with pytest.raises(
        UnreadableError, match=r"holds partnerships twice: register/part-0\.parquet and register\.parquet"
    ):
        expand(str(tmp_path / "region" / "sh"), pack.vocabulary)
    text = tmp_path / "text" / "register.parquet"
    text.parent.mkdir()
    text.write_text("ref\n1\n")
    with pytest.raises(UnreadableError, match=r"text/register\.parquet is not a Parquet file"):
        expand(str(text.parent), pack.vocabulary)
