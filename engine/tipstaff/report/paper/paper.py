"""The paper: an audit as a report to a committee, in the shape that councils give such reports.

It says what the audit holds, and leaves a mark wherever only the council can know what to write.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tipstaff.audit.decisions.audit import Audit
from tipstaff.facts.units import show_date
from tipstaff.report.paper.appendices import counts, summary_of_each, what_was_audited
from tipstaff.report.paper.document import Document, Heading, Part
from tipstaff.report.paper.findings import minor_findings, outcomes_by_theme
from tipstaff.report.paper.framing import background, executive_summary, supporting_information
from tipstaff.report.paper.implications import implications, options
from tipstaff.report.paper.opening import recommendations, title_block
from tipstaff.report.paper.sections import LONGEST_NAME, Subject
from tipstaff.report.paper.unknown import not_known
from tipstaff.report.paper.waived import waived
from tipstaff.report.wording.phrases import shown

TITLE = "Partnerships: audit of the partnership register"


def paper(audit: Audit, notes: Mapping[str, str] = MappingProxyType({})) -> Document:
    """The paper on an audit, its parts in the order in which such reports are read.

    ``notes`` are further labelled lines for the summary, on how the audit came to be made.
    """
    about = Subject(audit)
    register, as_of = shown(audit.register.name, LONGEST_NAME), show_date(audit.as_of)
    outcomes, places = outcomes_by_theme(about, 3)
    body = (
        Heading(0, TITLE),
        title_block(about, TITLE),
        *recommendations(about, places),
        *executive_summary(about, 1, notes),
        *background(about, 2),
        *outcomes,
        *not_known(about, 4),
        *waived(about, 5),
        *options(about, 6),
        *implications(about, 7),
        *supporting_information(about),
    )
    return Document(
        title=TITLE,
        subject=f"{register}, as of {as_of}",
        made=audit.as_of,
        footer=f"Audit of {register} as of {as_of}",
        parts=(
            Part(body),
            Part(tuple(summary_of_each(about)), wide=True),
            Part((*minor_findings(about), *counts(about), *what_was_audited(about))),
        ),
    )
