"""Sheets from text: a CSV file is one sheet, a JSON file one for every list of objects."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from io import StringIO
from itertools import islice
from typing import Any

from tipstaff.errors import UnreadableError
from tipstaff.register.files.sheet import Raw, Sheet, plain

MOST_CHARACTERS = 50_000_000
"""The longest CSV or JSON text that is read: such texts take many times their size in memory."""

MOST_CELLS = 10_000_000
"""The most cells one file may hold, blank ones included."""

MOST_ROWS = 1_048_576
"""The most rows one table may have, the same as a spreadsheet's."""

_MOST_KEYS = 1_000
_LONGEST_KEY = 60
_LONGEST_INTEGER = 100
_DELIMITERS = ",;\t"
_SAMPLE_LINES = 30
_OWN_SCHEMAS = "tipstaff/"
_OF_A_RECORD = frozenset({"findings", "outcomes_by_rule", "partnerships"})
_OF_FINDINGS = frozenset({"fingerprint", "rule_fingerprint"})


def read_text(text: str, name: str) -> list[Sheet]:
    """The sheets of a CSV or JSON text from a file called ``name``. Raises UnreadableError if it is neither."""
    if len(text) > MOST_CHARACTERS:
        raise UnreadableError(
            f"{name} holds more than {MOST_CHARACTERS // 1_000_000} million characters, too many for a register. "
            "Split it."
        )
    if text.lstrip()[:1] in ("{", "[") and not name.lower().endswith(".csv"):
        return _json(text, name)
    return [_csv(text, name)]


def _csv(text: str, name: str) -> Sheet:
    sample = list(islice(StringIO(text, newline=""), _SAMPLE_LINES))
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter_of(sample), strict=True)
    rows: list[list[Raw]] = []
    cells = 0
    try:
        for row in reader:
            cells += len(row)
            if cells > MOST_CELLS or len(rows) >= MOST_ROWS:
                raise UnreadableError(
                    f"{name} has more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells, too many for a register. "
                    "Split it."
                )
            if not rows and _OF_FINDINGS.issubset(row):
                raise _written_by_us(name, f"it has {' and '.join(sorted(_OF_FINDINGS))}, as findings have")
            rows.append(list(row))
    except csv.Error as error:
        raise UnreadableError(
            f"{name} breaks off as CSV at line {reader.line_num}: {error}. "
            "Look for a stray quotation mark there, or save it again."
        ) from error
    return Sheet(name, rows, lettered=False, records=True)


def delimiter_of(lines: list[str]) -> str:
    """The delimiter that cuts the most records of a sample to one same width."""

    def agreement(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(map(len, csv.reader(lines, delimiter=delimiter)))
        except csv.Error:
            return 0, 0
        return max(((count, width) for width, count in widths.items() if width > 1), default=(0, 0))

    return max(_DELIMITERS, key=agreement)


def _json(text: str, name: str) -> list[Sheet]:
    advice = "Check it with the program that wrote it."
    try:
        content = json.loads(text, object_pairs_hook=_once_each, parse_int=_integer, parse_constant=str)
    except RecursionError as error:
        raise UnreadableError(f"{name} nests lists or objects too deeply for a register. {advice}") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"{name} is not JSON at line {error.lineno}, column {error.colno}: {error.msg}. {advice}"
        ) from error
    except ValueError as error:
        raise UnreadableError(f"{name} cannot be read as JSON: {error}. {advice}") from error
    if isinstance(content, dict):
        _see_a_register(content, name)
    lists = {None: content} if isinstance(content, list) else content
    return [_records(key, value, name) for key, value in lists.items()]


def _see_a_register(content: Mapping[str, Any], name: str) -> None:
    """Raises UnreadableError of what tipstaff wrote of a register: its lists of partnerships look like one."""
    schema = content.get("schema")
    if isinstance(schema, str) and schema.startswith(_OWN_SCHEMAS):
        known = f"its schema is {plain(schema[:_LONGEST_KEY])}"
    elif content.keys() >= _OF_A_RECORD:
        known = f"it has {', '.join(sorted(_OF_A_RECORD))}, and no schema of a record"
    else:
        return
    raise _written_by_us(name, known)


def _written_by_us(name: str, known: str) -> UnreadableError:
    return UnreadableError(
        f"{name} is not a register but what tipstaff wrote of one ({known}). Give the register; where a record is "
        "wanted, make it again: tipstaff check REGISTER -o FILE.json"
    )


def _integer(digits: str) -> int | str:
    """Read a whole number; one longer than any figure stays a text, which then does not fit its column."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {repeated[:60]!r} occurs twice in one object")
    return found


def _records(key: str | None, records: Any, name: str) -> Sheet:
    """A list of objects as a sheet: first the keys, in order of appearance, then a row an object.

    What is no object is kept as a list, which no cell should be.
    """
    title = f"{name}:{plain(key[:_LONGEST_KEY])}[]" if key else f"{name}[]"
    if not isinstance(records, list):
        return Sheet(title, [[records]], name=key, lettered=False)
    keys = dict.fromkeys(key for record in records if isinstance(record, dict) for key in record)
    if len(keys) > _MOST_KEYS or len(keys) * len(records) > MOST_CELLS or len(records) > MOST_ROWS:
        raise UnreadableError(
            f"{title[:-2]} has {len(records):,} entries with {len(keys):,} different keys, too many for a register. "
            "Split it."
        )
    rows = [[_flat(record.get(key)) for key in keys] if isinstance(record, dict) else [[record]] for record in records]
    return Sheet(title, [list(keys), *rows], name=key, first=-1, lettered=False)


def _flat(value: Any) -> Raw:
    """A list of plain values as one text."""
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return ", ".join(str(item) for item in value if item is not None)
    return value
