"""``tipstaff ask``: the questions whose answers settle most of what is not known."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tipstaff_cli.loading import load_policy, load_register, run_audit, stage
from tipstaff_cli.options import AuditOptions, audit_options, register_argument, workbook_option
from tipstaff_cli.output import emit, protect, styled, write_file
from tipstaff_cli.timings import verbose_option

if TYPE_CHECKING:
    pass

_FIRST = 10
"""How many questions a terminal shows by default."""


@click.command(short_help="Ask for the facts that settle most of what is not known.")
@register_argument
@audit_options
@click.option("--most", type=click.IntRange(min=1), metavar="N", help="Ask the first N questions only.")
@workbook_option()
@verbose_option
def ask(
    register: Path,
    asked: AuditOptions,
    most: int | None,
    output: Path | None,
) -> None:
    """Ask for the facts that settle most of what an audit of a REGISTER leaves undetermined.

    A question is a fact, asked of every partnership for which an answer would help. On the terminal it shows the first
    10 questions; to a workbook it writes all of them, or the first --most, a row for each answer, by lead officer.

    \b
    Examples:
      tipstaff ask register.xlsx
      tipstaff ask register.xlsx --most 10 -o questions.xlsx
      tipstaff check register.xlsx --answers questions.xlsx
    """
    protect([register, asked.answers], output)
    pack = load_policy(asked.policy, output)
    audit = run_audit(load_register(register, pack, asked.answers), pack, asked.as_of, asked.cycle)
    from tipstaff.audit.questions.ranking import rank_questions
    from tipstaff.report.terminal.layout import width_of_terminal
    from tipstaff.report.terminal.questions import lines, summary
    from tipstaff.report.wording.phrases import typed

    questions = []
    with stage("Working out what to ask") as progress:
        for question in islice(rank_questions(audit), most or (_FIRST if output is None else None)):
            questions.append(question)
            progress(f"{len(questions)} questions so far")
    same = typed(str(register), "--as-of", asked.as_of.isoformat(), *asked.repeated(answers=False))
    if not questions:
        click.echo("Nothing to ask: no outcome is undetermined that an answer could settle.")
    elif output is None:
        emit(f"{line}\n" for line in lines(audit, questions, width_of_terminal(), styled))
        emit(["\n", f"To write them to a workbook: tipstaff ask {same} -o questions.xlsx\n"])
    else:
        from tipstaff.report.workbook.question_sheet import question_sheet

        write_file(question_sheet(audit, questions), output)
        emit(f"{line}\n" for line in summary(audit, questions, width_of_terminal()))
        emit([f"Filled in, they are read by: tipstaff check {same} --answers {typed(str(output))}\n"])
