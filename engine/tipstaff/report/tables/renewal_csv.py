"""The renewal check list as CSV, a row for each duty."""

from collections.abc import Iterator

from tipstaff.audit.planning.renewal import Renewal
from tipstaff.report.tables.csv import line
from tipstaff.report.wording.forecast import describe_due

_FIELDS = (
    "ref", "name", "lead_officer", "rule", "title", "severity", "state", "due", "days_left", "what", "action", "by",
    "questions",
)  # fmt: skip


def rows(renewal: Renewal) -> Iterator[str]:
    """The check list as CSV, a duty a row, written as ``csv`` writes an audit."""
    yield "\ufeff" + line(_FIELDS)
    for entry in renewal.entries:
        for duty in entry.duties:
            left = duty.days_left(renewal.audit.as_of)
            step = duty.step(entry.lead_officer)
            yield line(
                (
                    entry.ref,
                    entry.name,
                    entry.lead_officer,
                    duty.rule.id,
                    duty.rule.title,
                    duty.rule.severity,
                    duty.state,
                    describe_due(duty),
                    "" if left is None else left,
                    duty.message,
                    step.do if step else "",
                    step.by if step else "",
                    " ".join(dict.fromkeys(missing.question or missing.label for missing in duty.missing)),
                )
            )
