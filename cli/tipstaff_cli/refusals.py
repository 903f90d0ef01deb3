"""Refusals: what ends a command with exit code 2, and one paragraph on what, where, and what to do."""

from typing import IO, Any

import click

COULD_NOT_RUN = 2


class Refusal(click.ClickException):
    """A command that could not run."""

    exit_code = COULD_NOT_RUN

    def show(self, file: IO[Any] | None = None) -> None:
        from tipstaff.report.wording.phrases import visible

        click.echo(f"tipstaff: {visible(' '.join(self.format_message().splitlines()))}", err=True)


def refusal(error: Exception) -> Refusal | None:
    """The refusal that an error of the library amounts to; None if it is a fault of the program."""
    from tipstaff.errors import TipstaffError

    if isinstance(error, TipstaffError):
        return Refusal(str(error))
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return Refusal(f"{place}the system refuses it ({error.strerror}). Check the path.")
    return None
