"""Problems of a register as lines of text."""

from collections.abc import Iterator

from tipstaff.register.tables.model import Register
from tipstaff.report.terminal.layout import Style, paragraph, plain, table
from tipstaff.report.wording.phrases import shown
from tipstaff.report.wording.places import problem_rows


def lines(register: Register, width: int, style: Style = plain) -> Iterator[str]:
    """Every problem of a register, the serious ones first, line by line."""
    serious = [one for one in register.problems if one.serious]
    remarks = [one for one in register.problems if not one.serious]
    yield from paragraph(f"{shown(register.name)}: {_counted(len(register.refs), 'partnership')} read.", width)
    for heading, those in (
        ("Problems: what these hold is not used, and counts as not known", serious),
        ("Remarks: how the register was read", remarks),
    ):
        if those:
            yield ""
            yield style("heading", heading)
            yield from table(problem_rows(those, register.name), width, wide=2, headers=["cell", "found", "expected"])
    yield ""
    yield f"{_counted(len(serious), 'problem')}, {_counted(len(remarks), 'remark')}."


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
