"""Parquet: a register as typed tables, a file each, read in columns and kept in columns.

A folder holds the register and its child tables, each file named as the table or its sheet is (``register.parquet``,
``contributions.parquet``, ``agreements.parquet``), or each a folder of such a name with files that are read as one, in
the order of their names; a file alone is the register. Columns are named as the facts are.
Money is in pounds and numbers in their unit, as integers, decimals or floating-point numbers to the penny, and dates
are dates: the 31st of December 2999 says that there is no end, the 1st of January 1900 that it never was. A bound is
two columns, ``…_lo`` and ``…_hi``, the latter null if nothing limits it. Yes/no is boolean, councils are one boolean
column each (``parties_sh``). A column of texts is read as the cells of a workbook are. A child row names its
partnership by ``ref``, exactly as the register spells it. Texts are not read for what they say of other tables.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tipstaff.errors import UnreadableError
from tipstaff.facts.bounds import EARLIEST, LATEST, MOST_HUNDREDTHS, MOST_PENCE, NEVER, NO_END
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Fact, Kind, Shape, Table, Vocabulary
from tipstaff.register.files.sheet import Sheet, plain
from tipstaff.register.tables.cells import GIVEN, MOST_CHARACTERS, CellReader, physical_columns
from tipstaff.register.tables.column_types import COLUMN_TYPES
from tipstaff.register.tables.model import Register, Rows, Same
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.references import references
from tipstaff.register.tables.row_keys import council_of, year_of
from tipstaff.register.tables.rows import own_columns, said_by_dates, say_stated_already
from tipstaff.register.texts.answer_words import UNKNOWN
from tipstaff.register.texts.dates import EXPECTED_DATE
from tipstaff.register.texts.money import EXPECTED_AMOUNT

MAGIC = b"PAR1"
"""How a Parquet file begins."""

MOST_ROWS = 50_000_000
"""The most rows of one file that are read."""

FILE, ROW, REF = "_file", "_row", "_ref"
"""Columns that say where a row stood before it was moved, and the reference it had there: they are no facts."""

_OTHER_KINDS = frozenset({".xlsx", ".xls", ".ods", ".csv", ".json"})
_MOST_OF_COLUMN = 1_000
_PENNY_NOISE = 0.0001
_MOST_SCALE = 7
_ODD = "|".join(
    (
        r"[^\p{L}\p{M}\p{N}\p{P}\p{S} ]",
        "^ | $|  ",
        r"^[^\p{L}\p{N}]*$",
        *(r"(?i)^\W*" + word.replace(" ", r"\W+") + r"\W*$" for word in sorted(UNKNOWN)),
    )
)
"""Texts that need a closer look: other characters than those shown, blanks to take out, and words that say nothing."""


def is_parquet(path: Path) -> bool:
    """Whether a path is a Parquet file, or a folder that has some."""
    if path.is_dir():
        return any(_files(path))
    if not path.is_file():
        return False
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def read_parquet(path: Path, vocabulary: Vocabulary, problems: Problems) -> Register:
    """The register that a Parquet file is, or a folder of them, before answers and what its dates say.

    What does not fit is a located problem, ``contributions.parquet:212``, and counts as unknown; it is left in
    ``problems``. Raises UnreadableError if a file cannot be read at all, or nothing is the register.
    """
    name = plain(path.resolve().name)
    files = tables_in(path, vocabulary, problems)
    main = next(table for table in vocabulary.tables.values() if table.shape is Shape.REGISTER)
    if main.name not in files:
        raise UnreadableError(f"{name} has no {main.sheet.lower()}.parquet, which holds a row a partnership. Add it.")
    return _tables_read(name, digest(files), files, vocabulary, problems)


def scanned(files: list[Path]) -> pl.LazyFrame:
    """The rows of Parquet files of the same columns, as they are, whatever their paths look like."""
    return pl.scan_parquet(files, glob=False, hive_partitioning=False)


def digest(files: Mapping[str, Sequence[Path]]) -> str:
    """The SHA-256 of the digests of the files of some tables, in their order. Raises UnreadableError."""
    of_all = hashlib.sha256()
    for file in (file for of_table in files.values() for file in of_table):
        with readable(file, plain(file.name)), file.open("rb") as stream:
            of_all.update(hashlib.file_digest(stream, "sha256").digest())
    return of_all.hexdigest()


def read_tables(
    name: str, sha256: str, files: Mapping[str, Sequence[Path]], vocabulary: Vocabulary, problems: Problems
) -> Register:
    """Read the register of a name whose tables are these files. Raises UnreadableError as ``read_parquet`` does."""
    register = _tables_read(name, sha256, files, vocabulary, problems)
    for rows in register.tables.values():
        state_in_columns(rows)
    register.problems = problems.in_order(name)
    return register


def _tables_read(
    name: str, sha256: str, files: Mapping[str, Sequence[Path]], vocabulary: Vocabulary, problems: Problems
) -> Register:
    main = next(table for table in vocabulary.tables.values() if table.shape is Shape.REGISTER)
    problems.expect(Sheet(title, []) for of_table in files.values() for title in _titles(of_table))
    read: dict[str, _Read] = {}
    for table_name in sorted(files, key=lambda name: name != main.name):
        table = vocabulary.tables[table_name]
        read[table_name] = _Reading(files[table_name], table, vocabulary, problems).read()
    register = read[main.name].rows
    if {"ref", "name"} <= {*read[main.name].absent}:
        raise UnreadableError(
            f"{read[main.name].title} has neither a column ref nor a column name. Name its columns as the facts are."
        )
    register.partnership = pl.int_range(len(register), dtype=pl.UInt32, eager=True)
    refs = read[main.name].refs or _references(register, problems)
    position_of = pl.DataFrame(
        {"ref": refs, "partnership": register.partnership}, schema_overrides={"ref": pl.String}
    ).unique("ref", keep="none")
    tables = {}
    for table in vocabulary.tables.values():
        if table.name == main.name:
            tables[table.name] = register
        elif table.name in read:
            tables[table.name] = _belonging(read[table.name], position_of, vocabulary, problems)
            if table.shape is Shape.COUNCIL_YEAR:
                _say_alike(tables[table.name], register.columns["name"], refs, vocabulary, problems)
        else:
            tables[table.name] = _empty(table, vocabulary)
    return Register(
        name=name,
        sha256=sha256,
        tables=tables,
        refs=refs,
        problems=[],
        missing=tuple(
            table.name
            for table in vocabulary.tables.values()
            if table.name not in read and table.shape is not Shape.LONG
        ),
        absent=tuple(fact for one in read.values() for fact in one.absent),
    )


def table_names(vocabulary: Vocabulary) -> dict[str, str]:
    """The tables that are files, by the normal spelling of each name a file of theirs may have."""
    return {
        normal(spelling): table.name
        for table in vocabulary.tables.values()
        if table.shape is not Shape.LONG
        for spelling in (table.name, table.sheet, *table.aliases)
    }


def _files(folder: Path) -> Iterator[Path]:
    """The Parquet files of a folder, then its folders that have some."""
    for entry in sorted(folder.iterdir(), key=lambda entry: (entry.is_dir(), entry)):
        if entry.name.startswith(("_", ".")):
            continue
        if (entry.suffix.lower() == ".parquet" and entry.is_file()) or (entry.is_dir() and _parts(entry)):
            yield entry


def _parts(folder: Path) -> list[Path]:
    return [file for file in _files(folder) if file.is_file()]


def _titles(files: Sequence[Path]) -> list[str]:
    """The names of a table's files: if there are several, with their folder."""
    return [plain(file.name if len(files) == 1 else f"{file.parent.name}/{file.name}") for file in files]


def tables_in(path: Path, vocabulary: Vocabulary, problems: Problems) -> dict[str, list[Path]]:
    """The files of each table that a file or a folder has."""
    main = next(table for table in vocabulary.tables.values() if table.shape is Shape.REGISTER)
    if path.is_file():
        return {main.name: [path]}
    names = table_names(vocabulary)
    found: dict[str, Path] = {}
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in _OTHER_KINDS and not file.name.startswith(("_", ".")) and file.is_file():
            expected = "a Parquet file, as others in the folder are: it is not read"
            problems.with_sheet(Sheet(plain(file.name), []), plain(file.name), expected)
    for entry in _files(path):
        table = names.get(normal(entry.stem))
        if table is None or table in found:
            expected = "the name of a table" if table is None else f"one file a table: {found[table].name} is read"
            problems.with_sheet(Sheet(plain(entry.name), []), entry.name, f"{expected}; it is not read", serious=False)
        else:
            found[table] = entry
    return {name: [entry] if entry.is_file() else _parts(entry) for name, entry in found.items()}


@contextmanager
def readable(file: Path, name: str) -> Iterator[None]:
    """Raises UnreadableError, by this name of the file, where a Parquet file cannot be read."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        first = plain(str(error).partition("\n")[0])[:200]
        raise UnreadableError(f"{name} is damaged, or is not a Parquet file ({first}). Write it again.") from error
    except OSError as error:
        raise UnreadableError(f"{name} cannot be opened: {error.strerror}. Check that you may read it.") from error


@dataclass(frozen=True, slots=True)
class _Read:
    """A table as read, before its rows are joined to their partnerships by ``keys``, texts of their cells."""

    title: str
    rows: Rows
    keys: dict[str, pl.Series]
    absent: tuple[str, ...]
    refs: list[str] | None
    """The references that moved rows had."""


class _Reading:
    """Reads the files of a table."""

    def __init__(self, files: Sequence[Path], table: Table, vocabulary: Vocabulary, problems: Problems) -> None:
        self._files, self._table, self._vocabulary, self._problems = files, table, vocabulary, problems
        title = plain(files[0].name if len(files) == 1 else files[0].parent.name)
        self._sheet = Sheet(title, [], lettered=False)

    def read(self) -> _Read:
        wanted = {name for fact in self._table.facts.values() for name in (fact.name, *self._physical(fact))}
        wanted |= {FILE, ROW, REF} if self._table.shape is Shape.REGISTER else {FILE, ROW, "ref"}
        schemas = [self._schema(file) for file in self._files]
        if FILE in schemas[0]:
            self._sheet = Sheet(self._table.sheet.lower(), [], lettered=False)
        self._say_unused([*dict.fromkeys(name for schema in schemas for name in schema if name not in wanted)])
        frame = pl.concat(
            (self._rows_of(file, title, [name for name in schema if name in wanted])
            for file, title, schema in zip(self._files, _titles(self._files), schemas, strict=True)),
            how="diagonal_relaxed",
        )  # fmt: skip
        if FILE in schemas[0]:
            frame = frame.sort(FILE, ROW)
        self._sheets, self._numbers, count = frame[FILE], frame[ROW], len(frame)
        keys = {name: self._key(frame, name) for name in ("ref", *self._table.keys) if name in frame.columns}
        columns: dict[str, Any] = {}
        absent: list[str] = []
        for fact in self._table.facts.values():
            if fact.name in self._table.keys:
                columns[fact.name] = keys.get(fact.name, Same(None, count))
                continue
            found = self._fact(frame, fact)
            if found is None:
                found = [Same(None, count) for _ in self._physical(fact)]
                absent += [fact.name] if fact.heading else []
            columns |= dict(zip(self._physical(fact), found, strict=True))
        rows = Rows(
            table=self._table,
            columns=columns,
            partnership=Same(None, count),
            sheet=self._sheets,
            row=self._numbers,
            letter=Same(None, count),
            letters={
                (title, fact): "" for title in self._sheets.unique() for fact in self._table.facts if fact not in absent
            },
        )
        return _Read(
            self._sheet.title, rows, keys, tuple(absent), frame[REF].to_list() if REF in frame.columns else None
        )

    def _schema(self, file: Path) -> list[str]:
        """The columns of a file, if it is not too long."""
        with readable(file, plain(file.name)):
            scan = scanned([file])
            count = scan.select(pl.len()).collect().item()
            if count > MOST_ROWS:
                raise UnreadableError(
                    f"{plain(file.name)} has {count:,} rows, more than {MOST_ROWS:,}. Split it by council."
                )
            return [*scan.collect_schema()]

    def _rows_of(self, file: Path, title: str, columns: list[str]) -> pl.DataFrame:
        """The rows of a file with their places."""
        scan = scanned([file])
        with readable(file, plain(file.name)):
            if FILE in columns:
                return scan.select(columns).collect()
            named = pl.lit(title, dtype=pl.Categorical).alias(FILE)
            return scan.with_row_index(ROW, 1).select(*columns, named, ROW).collect()

    def _physical(self, fact: Fact) -> tuple[str, ...]:
        return physical_columns(fact, self._vocabulary)

    def _say_unused(self, names: list[str]) -> None:
        for name in names[:_MOST_OF_COLUMN]:
            expected = f"a column named as a fact of {self._table.sheet} is: it is not read"
            self._problems.with_sheet(self._sheet, name, expected, serious=False)

    def _key(self, frame: pl.DataFrame, name: str) -> pl.Series:
        column = frame[name]
        if column.dtype.is_integer() and name == "ref":
            return column.cast(pl.String)
        if not _is_text(column):
            self._no_such_type(name, column, "text")
            return pl.repeat(None, len(column), dtype=pl.String, eager=True).alias(name)
        return column.cast(pl.String)

    def _fact(self, frame: pl.DataFrame, fact: Fact) -> list[Any] | None:
        """The physical columns of a fact; None if the file has no column for it."""
        if fact.reads and fact.name in frame.columns:
            expected = f"{fact.label}: what it says stated in the tables themselves; a text in Parquet is only shown"
            self._problems.with_sheet(self._sheet, fact.name, expected, serious=False)
        physical = self._physical(fact)
        if fact.name in frame.columns:
            column = frame[fact.name]
            if _is_text(column):
                column = column.cast(pl.String)
                return self._texts(column, fact) if fact.kind is Kind.TEXT else self._spelt(column, fact)
            if fact.kind.bounded:
                typed = self._typed(column, fact, fact.name)
                return typed and list(typed)
            if fact.kind is Kind.YES_NO and column.dtype == pl.Boolean:
                return [column]
            if column.dtype == pl.Null:
                return [Same(None, len(column)) for _ in physical]
            if fact.kind is Kind.TEXT and column.dtype.is_integer():
                return self._texts(column.cast(pl.String), fact)
            self._no_such_type(fact.name, column, _EXPECTED_TYPES[fact.kind])
            return [Same(None, len(column)) for _ in physical]
        present = [name for name in physical if name in frame.columns]
        if not present or len(physical) == 1:
            return None
        if fact.kind is Kind.COUNCILS:
            return [self._yes_no(frame, name) for name in physical]
        return self._bounds(frame, fact)

    def _yes_no(self, frame: pl.DataFrame, name: str) -> Any:
        if name not in frame.columns or frame[name].dtype == pl.Null:
            return Same(None, len(frame))
        if frame[name].dtype != pl.Boolean:
            self._no_such_type(name, frame[name], _EXPECTED_TYPES[Kind.YES_NO])
            return Same(None, len(frame))
        return frame[name]

    def _bounds(self, frame: pl.DataFrame, fact: Fact) -> list[Any]:
        """A bound of two columns. One that ends before it starts is unknown."""
        ends: list[pl.Series] = []
        for place, name in enumerate(fact.columns):
            if name not in frame.columns:
                kind = pl.Date if fact.kind is Kind.DATE else pl.Int64
                ends.append(pl.repeat(None, len(frame), dtype=kind, eager=True))
                continue
            typed = self._typed(frame[name], fact, name)
            ends.append(typed[place])
        lo, hi = ends
        contrary = (hi < lo).fill_null(False)
        if contrary.any():
            self._misfits(contrary, frame[fact.columns[1]], f"{fact.label}: no less than its lower bound")
            lo, hi = (end.set(contrary, None) for end in ends)
        return [lo, hi]

    def _typed(self, column: pl.Series, fact: Fact, name: str) -> tuple[pl.Series, pl.Series]:
        """The two ends of a column of amounts, numbers or dates."""
        if fact.kind is Kind.DATE:
            return self._dates(column, fact, name)
        return self._amounts(column, fact, name)

    def _dates(self, column: pl.Series, fact: Fact, name: str) -> tuple[pl.Series, pl.Series]:
        if column.dtype == pl.Datetime:
            column = column.dt.date()
        if column.dtype != pl.Date:
            if column.dtype != pl.Null:
                self._no_such_type(name, column, _EXPECTED_TYPES[Kind.DATE])
            column = pl.repeat(None, len(column), dtype=pl.Date, eager=True)
        said = [NO_END, NEVER] if fact.none_means == "no end" else [NEVER] if fact.none_means else []
        fits = column.is_between(EARLIEST, LATEST) | column.is_in(said)
        days = self._fitting(column, column, fits, f"{fact.label}: {EXPECTED_DATE}")
        return days, days

    def _amounts(self, column: pl.Series, fact: Fact, name: str) -> tuple[pl.Series, pl.Series]:
        money = fact.kind is Kind.MONEY
        most = MOST_PENCE if money else MOST_HUNDREDTHS
        expected = f"{fact.label}: {EXPECTED_AMOUNT if money else f'a number from 0 to {most // 100:,}'}"
        scale = column.dtype.scale if isinstance(column.dtype, pl.Decimal) else 0
        if scale > _MOST_SCALE:
            column, scale = column.cast(pl.Float64), 0
        if column.dtype.is_integer():
            found = column.cast(pl.Int64, strict=False)
            whole = self._fitting(column, found, found.is_between(0, most // 100), expected) * 100
            return whole, whole
        if column.dtype.is_decimal():
            units, unit = column.to_physical().cast(pl.Int64, strict=False), 10 ** max(scale - 2, 0)
            units = self._fitting(column, units, units.is_between(0, most * 10**scale // 100), expected)
            found = (units // unit if unit > 1 else units * 10 ** (2 - scale)).cast(pl.Int64)
            over = units % unit != 0 if unit > 1 else None
            rounded_up = found if over is None else found + over.cast(pl.Int64)
        elif column.dtype.is_float():
            hundredths = column * 100
            fits = hundredths.is_finite() & hundredths.is_between(0, most)
            hundredths = self._fitting(column, hundredths, fits, expected)
            nearest = hundredths.round()
            over = (hundredths - nearest).abs() > _PENNY_NOISE
            if not over.any():
                return nearest.cast(pl.Int64), nearest.cast(pl.Int64)
            found = nearest.zip_with(~over.fill_null(False), hundredths.floor()).cast(pl.Int64)
            rounded_up = found + over.cast(pl.Int64)
        else:
            if column.dtype != pl.Null:
                self._no_such_type(name, column, _EXPECTED_TYPES[fact.kind])
            blank = pl.repeat(None, len(column), dtype=pl.Int64, eager=True)
            return blank, blank
        if money and over is not None and over.any():
            found = self._fitting(column, found, ~over, f"{fact.label}: an amount in pounds and whole pence")
            return found, found
        return found, rounded_up

    def _texts(self, column: pl.Series, fact: Fact) -> list[Any]:
        odd = column.str.contains(_ODD) | (column.str.len_bytes() > MOST_CHARACTERS)
        if fact.personal:
            return [pl.select(pl.when(column.is_not_null() & ~odd).then(pl.lit(GIVEN))).to_series()]
        if not odd.any():
            return [column]
        (closer,) = self._spelt(column.set(~odd, None), fact)
        return [column.zip_with(~odd.fill_null(False), closer)]

    def _spelt(self, column: pl.Series, fact: Fact) -> list[Any]:
        """A column of texts, each read once as the cell of a workbook is."""
        reader = CellReader(fact, self._vocabulary)
        raws = column.unique().drop_nulls()
        readings = [reader(raw) for raw in raws]
        kinds = dict.fromkeys(reader.columns, COLUMN_TYPES[fact.kind])
        read = pl.DataFrame(
            {
                "raw": raws,
                "misfit": [reading.misfit is not None for reading in readings],
                **{
                    name: pl.Series(name, [reading.values[place] for reading in readings], dtype=kind, strict=False)
                    for place, (name, kind) in enumerate(kinds.items())
                },
            },
            schema_overrides={"misfit": pl.Boolean, **kinds},
        )
        joined = column.alias("raw").to_frame().join(read, on="raw", how="left", maintain_order="left")
        if any(reading.misfit is not None for reading in readings):
            misfit_of = {raw: reading.misfit for raw, reading in zip(raws, readings, strict=True)}
            bad = joined["misfit"].fill_null(False).arg_true()
            for row in bad.head(_MOST_OF_COLUMN):
                misfit = misfit_of[column[row]]
                assert misfit is not None
                self._problems.at(*self._place(row), "", misfit.value, misfit.expected, serious=misfit.serious)
            self._more(len(bad), fact.label)
        return [joined[name] for name in reader.columns]

    def _fitting(self, column: pl.Series, found: pl.Series, fits: pl.Series, expected: str) -> pl.Series:
        """Values with null for those that do not fit, each of which is a problem."""
        misfit = column.is_not_null() & ~fits.fill_null(False)
        if not misfit.any():
            return found
        self._misfits(misfit, column, expected)
        return found.set(misfit, None)

    def _misfits(self, misfit: pl.Series, column: pl.Series, expected: str) -> None:
        rows = misfit.arg_true()
        for row in rows.head(_MOST_OF_COLUMN):
            self._problems.at(*self._place(row), "", column[row], expected)
        self._more(len(rows), expected.partition(":")[0])

    def _place(self, row: int) -> tuple[str, int]:
        return self._sheets[row], self._numbers[row]

    def _more(self, count: int, label: str) -> None:
        if count > _MOST_OF_COLUMN:
            further = f"{count - _MOST_OF_COLUMN:,} further rows"
            self._problems.with_sheet(self._sheet, further, f"{label}: as in the rows before them")

    def _no_such_type(self, name: str, column: pl.Series, expected: str) -> None:
        found = f"{name} is {str(column.dtype)[:40]}"
        self._problems.with_sheet(self._sheet, found, f"{expected}: the column is not read")


_EXPECTED_TYPES = {
    Kind.MONEY: "pounds, as integers, decimals or floating-point numbers, or texts",
    Kind.NUMBER: "numbers, as integers, decimals or floating-point numbers, or texts",
    Kind.DATE: "dates, or texts",
    Kind.TEXT: "texts",
    Kind.CHOICE: "texts",
    Kind.YES_NO: "booleans, or texts",
    Kind.COUNCILS: "a column of booleans a council, or texts",
}


def _is_text(column: pl.Series) -> bool:
    return column.dtype in (pl.String, pl.Categorical, pl.Enum)


def _references(register: Rows, problems: Problems) -> list[str]:
    """The reference of every partnership, as ``keys.references`` gives it."""
    stated, names = register.columns["ref"], register.columns["name"]
    if isinstance(names, pl.Series):
        for row in names.is_null().arg_true().head(_MOST_OF_COLUMN):
            problems.at(register.sheet[row], register.row[row], "", "", "the name of the partnership")
    if isinstance(stated, pl.Series) and not stated.has_nulls() and stated.n_unique() == len(stated):
        return stated.to_list()
    if isinstance(stated, pl.Series):
        repeated = (stated.is_duplicated() & stated.is_not_null()).arg_true()
        for row in repeated.head(_MOST_OF_COLUMN):
            expected = "a reference of its own: another row has the same"
            problems.at(register.sheet[row], register.row[row], "", stated[row], expected)
    return references(register)


def _belonging(read: _Read, position_of: pl.DataFrame, vocabulary: Vocabulary, problems: Problems) -> Rows:
    """The rows of a child table whose partnership, council, year and cycle are certain; the others are problems."""
    rows, count = read.rows, len(read.rows)
    refs = read.keys.get("ref")
    if refs is None:
        problems.with_sheet(Sheet(read.title, [], lettered=False), "", "a column ref, which names the partnership")
        return _empty(rows.table, vocabulary)
    owners = refs.alias("ref").to_frame().join(position_of, on="ref", how="left", maintain_order="left")["partnership"]
    lost = owners.is_null()
    for row in lost.arg_true().head(_MOST_OF_COLUMN):
        expected = "a reference that occurs once in the register: the row is not used"
        problems.at(rows.sheet[row], rows.row[row], "", refs[row] or "", expected)
    rows.partnership = owners
    used = ~lost
    if rows.table.shape in (Shape.COUNCIL_YEAR, Shape.CYCLE):
        rows.year, certain = _by_spelling(read, "year" if "year" in rows.table.keys else "cycle", pl.Int32, problems)
        used &= certain
    if rows.table.shape is Shape.CYCLE:
        used &= rows.year.is_not_null() if isinstance(rows.year, pl.Series) else pl.repeat(False, count, eager=True)
    if rows.table.shape is Shape.COUNCIL_YEAR:
        rows.council, certain = _by_spelling(read, "council", pl.String, problems, vocabulary)
        used &= certain
    if not used.all():
        rows = _only(rows, used)
    return _merged(rows, problems) if rows.table.shape in (Shape.ONE, Shape.CYCLE) else rows


def _by_spelling(
    read: _Read, key: str, kind: Any, problems: Problems, vocabulary: Vocabulary | None = None
) -> tuple[Any, pl.Series]:
    """The meaning of the texts of a key, and whether it is certain; if not, it is a problem."""
    count = len(read.rows)
    texts = read.keys.get(key)
    if texts is None:
        return Same(None, count), pl.repeat(True, count, eager=True)
    meant: dict[str | None, Any] = {}
    wrong: dict[str, Any] = {}
    for text in texts.unique():
        found, misfit = council_of(text or "", vocabulary) if vocabulary is not None else year_of(text or "")
        meant[text] = found
        if misfit is not None and misfit.serious:
            wrong[text] = misfit
    certain = ~texts.is_in(list(wrong)).fill_null(False)
    for row in (~certain).arg_true().head(_MOST_OF_COLUMN):
        misfit = wrong[texts[row]]
        problems.at(read.rows.sheet[row], read.rows.row[row], "", misfit.value, misfit.expected)
    return texts.replace_strict(list(meant), list(meant.values()), return_dtype=kind).cast(kind), certain


def _only(rows: Rows, used: pl.Series) -> Rows:
    """The rows for which ``used`` is true."""
    count = int(used.sum())

    def kept(column: Any) -> Any:
        return column.filter(used) if isinstance(column, pl.Series) else Same(column.value, count)

    return Rows(
        table=rows.table,
        columns={name: kept(column) for name, column in rows.columns.items()},
        partnership=kept(rows.partnership),
        sheet=kept(rows.sheet),
        row=kept(rows.row),
        letter=kept(rows.letter),
        letters=rows.letters,
        council=kept(rows.council) if len(rows.council) else rows.council,
        year=kept(rows.year) if len(rows.year) else rows.year,
    )


def _merged(rows: Rows, problems: Problems) -> Rows:
    """One row a partnership and cycle: the first, with what the others add; if they disagree it is unknown."""
    group = rows.partnership.cast(pl.Int64)
    if isinstance(rows.year, pl.Series):
        group = (group * 10_000 + rows.year).alias("group")
    first = group.is_first_distinct()
    if first.all():
        return rows
    for row in (~first).arg_true().head(_MOST_OF_COLUMN):
        expected = "one row a partnership: joined with an earlier one; facts on which they disagree count as unknown"
        problems.at(rows.sheet[row], rows.row[row], "", "", expected)
    held = {name: column for name, column in rows.columns.items() if isinstance(column, pl.Series)}
    repeated = pl.DataFrame({"group": group, **held}).filter(group.is_duplicated())
    parts = []
    for fact in rows.table.facts.values():
        names = [name for name in fact.columns if name in held] if fact.kind.bounded else [fact.name]
        names = [name for name in held if name.startswith(f"{fact.name}_")] if fact.kind is Kind.COUNCILS else names
        if not set(names) <= held.keys() or not names:
            continue
        stated = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
        agreed = pl.struct(names).filter(stated).n_unique() == 1
        parts += [pl.when(agreed).then(pl.col(name).filter(stated).first()).alias(name) for name in names]
    merged = repeated.group_by("group").agg(*parts)
    kept, groups = _only(rows, first), group.filter(first)
    both = groups.alias("group").to_frame().join(merged, on="group", how="left", maintain_order="left")
    alone = ~group.is_duplicated().filter(first)
    for name in set(held).intersection(both.columns):
        kept.columns[name] = kept.columns[name].zip_with(alone, both[name])
    return kept


def _say_alike(
    rows: Rows, names: Sequence[str | None], refs: Sequence[str], vocabulary: Vocabulary, problems: Problems
) -> None:
    """As ``tables.say_alike``, of a table that is not in lists."""
    own = own_columns(rows.table, vocabulary)
    of = {"_partnership": rows.partnership, "_council": rows.council, "_year": rows.year}
    columns = {**of, **{name: rows.columns[name] for name in own}}
    frame = pl.DataFrame({name: column for name, column in columns.items() if isinstance(column, pl.Series)})
    stated = [pl.col(name).is_not_null() for name in own if name in frame.columns]
    if not stated:
        return
    alike = frame.with_row_index("_row").filter(pl.any_horizontal(stated) & frame.hash_rows().is_duplicated())
    first = pl.col("_row").first().over(frame.columns)
    later = alike.select("_row", "_partnership", first.alias("_first")).filter(pl.col("_row") != pl.col("_first"))
    for row, partnership, one in later.head(_MOST_OF_COLUMN).iter_rows():
        say_stated_already(rows, row, one, names[partnership] or refs[partnership], problems)


def state_in_columns(rows: Rows) -> None:
    """As ``reading.state_what_dates_say``, of a table that is not in lists."""
    for dated, said in said_by_dates(rows.table):
        latest, own = rows.columns[f"{dated}_hi"], rows.columns[said]
        if not isinstance(latest, pl.Series):
            continue
        says = latest.is_not_null() if said == "agreement_recorded" else latest != NO_END
        stated = says.set(latest.is_null(), None)
        rows.columns[said] = own.zip_with(own.is_not_null(), stated) if isinstance(own, pl.Series) else stated


def _empty(table: Table, vocabulary: Vocabulary) -> Rows:
    """A table without rows."""
    nothing = Same(None, 0)
    names = [name for fact in table.facts.values() for name in physical_columns(fact, vocabulary)]
    return Rows(table, dict.fromkeys(names, nothing), nothing, nothing, nothing, nothing, council=nothing, year=nothing)
