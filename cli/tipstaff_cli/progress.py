"""Progress: how far a long report has come, told on a terminal once it has taken a while."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tipstaff.audit.decisions.audit import Audit

_PATIENCE = 2.0
"""The seconds before anything is told."""

_EVERY = 0.5


def progress(pieces: Iterable[str], audit: "Audit") -> Iterator[str]:
    """The pieces of a report that writes out every partnership or every outcome reported, unchanged."""
    if not sys.stderr.isatty():
        yield from pieces
        return
    from tipstaff.audit.explaining.findings import REPORTED

    totals = audit.totals()
    lines = sum(totals[outcome] for outcome in REPORTED)
    due = time.monotonic() + _PATIENCE
    told = False
    for written, piece in enumerate(pieces, 1):
        yield piece
        if time.monotonic() >= due:
            click.echo(f"\rWriting: {written:,} lines of about {lines:,}", err=True, nl=False)
            due, told = time.monotonic() + _EVERY, True
    if told:
        click.echo(err=True)
