"""Packing: the parts of a workbook or a text document as one file, without a trace of the clock."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date

UNDATED = date(1980, 1, 1)
"""The date of every part, and of a workbook that has none of its own: the earliest that such a file can state."""


def packed(saved: bytes, replaced: Mapping[str, bytes]) -> bytes:
    """A zip file with the same parts in the same order, all of them undated, and some of them replaced by name."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved)) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, (*UNDATED.timetuple()[:3], 0, 0, 0))
            new.writestr(part, replaced[name] if name in replaced else old.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
