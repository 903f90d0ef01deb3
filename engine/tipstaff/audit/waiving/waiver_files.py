"""Files of waivers: YAML, or the workbook of an audit with its responses."""

from pathlib import Path
from typing import Any

from tipstaff.errors import PackError, UnreadableError
from tipstaff.policy.yaml.lines import Source
from tipstaff.register.files.sheet import plain
from tipstaff.register.files.source_file import is_workbook, read_bytes
from tipstaff.register.forms.responses import read_responses
from tipstaff.register.forms.waiver_entries import FIELDS, Written
from tipstaff.register.tables.model import Problem
from tipstaff.register.tables.problems import shortened

_FORM = f"Write a list under waivers, each with {', '.join(FIELDS)}."


def read_waivers(path: Path) -> list[Written]:
    """Read the waivers of a file as they are written. The content decides which kind of file it is.

    Raises UnreadableError if it is neither YAML with a list under ``waivers`` nor a workbook with a sheet of findings.
    """
    name = plain(path.name)
    data = read_bytes(path)
    if is_workbook(data):
        return read_responses(data, name)
    try:
        source = Source(path, name)
    except PackError as error:
        raise UnreadableError(str(error)) from None
    if not isinstance(source.data, dict) or not source.data:
        raise UnreadableError(f"{source.place(())}: has no waivers. {_FORM}")
    for key in source.data:
        if key != "waivers":
            raise UnreadableError(f"{source.place((key,))}: {shortened(key)} is not a known key. {_FORM}")
    listed = source.data["waivers"]
    if listed is not None and not isinstance(listed, list):
        raise UnreadableError(f"{source.place(('waivers',))}: waivers is not a list. {_FORM}")
    return [_written(source, index, entry) for index, entry in enumerate(listed or [])]


def _written(source: Source, index: int, entry: Any) -> Written:
    path = ("waivers", index)
    place = source.place(path)
    if not isinstance(entry, dict):
        return Written(place, problems=(Problem(place, shortened(entry), f"a waiver with {', '.join(FIELDS)}"),))
    return Written(place, entry, {word: source.place((*path, word)) for word in entry})
