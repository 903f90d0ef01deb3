"""The files of a register that is kept in several: a path or a glob, and the Parquet files of each of its tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from tipstaff.errors import UnreadableError
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Shape, Vocabulary
from tipstaff.register.files.sheet import plain
from tipstaff.register.tables.parquet import is_parquet, table_names


@dataclass(frozen=True, slots=True)
class Sources:
    """The Parquet files of each table there are any for, by its name, and the files that no table is named as."""

    tables: dict[str, list[Path]]
    not_read: list[Path]


def expand(register: str, vocabulary: Vocabulary) -> Sources:
    """The files of the tables of a register, which a path names or a glob, as ``'region/*/'``.

    A folder holds tables, each a file or a folder of files named as the table or its sheet is, and several folders are
    united table by table. Files are tables if they are named so; where none is, each is a register. Raises
    UnreadableError.
    """
    found = named_by(register)
    if not found:
        what = "No file or folder matches" if any(mark in register for mark in "*?[") else "There is no file or folder"
        raise UnreadableError(
            f"{what} {plain(register)}. Give a folder of Parquet files, or a glob such as 'region/*/'."
        )
    names = table_names(vocabulary)
    register_table = next(table for table in vocabulary.tables.values() if table.shape is Shape.REGISTER)
    main = register_table.name
    files = [path.resolve() for path in found if path.is_file()]
    tables: dict[str, list[Path]] = {}
    not_read: list[Path] = []
    if files and not any(normal(file.stem) in names for file in files):
        tables[main] = files
    else:
        for file in files:
            _put(file, [file], names, tables, not_read)
    for folder in (path.resolve() for path in found if path.is_dir()):
        of_folder: dict[str, list[Path]] = {}
        for name, below in _below(folder):
            _put(name, below, names, of_folder, not_read, folder)
        for table, below in of_folder.items():
            tables.setdefault(table, []).extend(below)
    wrong = next((file for below in tables.values() for file in below if not is_parquet(file)), None)
    if wrong is not None:
        raise UnreadableError(f"{plain(str(wrong))} is not a Parquet file. Write it again, or take it away.")
    if main not in tables:
        raise UnreadableError(
            f"{plain(register)} has no {register_table.sheet.lower()}.parquet, which holds a row a partnership. Name "
            "the folders that have one: a folder of the councils' folders is given as 'folder/*/'."
        )
    return Sources(tables, not_read)


def named_by(register: str) -> list[Path]:
    """The files and folders that a path or a glob names."""
    found = [Path(register)] if Path(register).exists() else [Path(path) for path in sorted(glob(register))]
    return [path for path in found if _shown(path)]


def _shown(path: Path) -> bool:
    return not path.name.startswith((".", "_"))


def _below(folder: Path) -> Iterator[tuple[Path, list[Path]]]:
    """The candidates for tables of a folder: its Parquet files, and its folders of Parquet files."""
    for path in sorted(folder.iterdir()):
        if _shown(path) and path.is_dir():
            files = [file for file in sorted(path.iterdir()) if _shown(file) and _named_parquet(file)]
            if files:
                yield path, files
        elif _shown(path) and _named_parquet(path):
            yield path, [path]


def _named_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet" and path.is_file()


def _put(
    path: Path,
    files: list[Path],
    names: dict[str, str],
    tables: dict[str, list[Path]],
    not_read: list[Path],
    folder: Path | None = None,
) -> None:
    """Add the files of a table to those of its name. A folder may hold a table once."""
    table = names.get(normal(path.stem if path.is_file() else path.name))
    if table is None:
        not_read += files
    elif folder is not None and table in tables:
        other = plain(str(tables[table][0].relative_to(folder)))
        raise UnreadableError(
            f"{plain(str(folder))} holds {table} twice: {other} and {plain(path.name)}. Keep one of them."
        )
    else:
        tables.setdefault(table, []).extend(files)
