"""Classes: which of the pack's classes each partnership belongs to."""

from tipstaff.audit.decisions.audit import Audit

UNDETERMINED = "undetermined"
NONE = "none"


def classes(audit: Audit) -> list[str]:
    """The class of every partnership, in register order.

    It is the first conclusion of the pack's ``classes`` that is true; UNDETERMINED where an earlier one is unknown, or
    none is true and one is unknown; NONE where all are false.
    """
    columns = [audit.answers[name].to_list() for name in audit.pack.classes]
    return [
        _class(audit.pack.classes, [column[position] for column in columns]) for position in range(audit.partnerships)
    ]


def _class(names: tuple[str, ...], answers: list[bool | None]) -> str:
    for name, truth in zip(names, answers, strict=True):
        if truth is None:
            return UNDETERMINED
        if truth:
            return name
    return NONE
