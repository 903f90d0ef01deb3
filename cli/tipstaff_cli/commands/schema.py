"""``tipstaff schema``: the form of the reports that programs read."""

from pathlib import Path

import click

from tipstaff_cli.options import output_option
from tipstaff_cli.output import emit

REPORTS = ("json", "jsonl")
"""As in ``tipstaff.report.record.json_schema``, which ``--help`` has no time to import."""


@click.command(short_help="Write the JSON Schema of the record of an audit.")
@click.argument("form", metavar="[json|jsonl]", type=click.Choice(REPORTS), default="json")
@output_option
def schema(form: str, output: Path | None) -> None:
    """Write the JSON Schema of the record that check --format json writes, or of a line of --format jsonl.

    \b
    Examples:
      tipstaff schema
      tipstaff schema jsonl -o line.schema.json
    """
    from tipstaff.report.record.json_schema import report_schema

    emit([report_schema(form)], output)
