"""Adoption: what a report says of whether each council adopted the policy."""

from tipstaff.policy.pack.model import Pack
from tipstaff.policy.pack.schema import AdoptionPart

NOT_SHOWN = "recommended; adoption not shown"
NOT_ITS_OWN = "not its own policy"


def adoption(pack: Pack) -> dict[str, str]:
    """For each council by name: by which body, when and by which minute it adopted the policy; else NOT_SHOWN, or
    NOT_ITS_OWN of a council that the policy is not made for.
    """
    return {council.name: _said(pack.adopted.get(council.key)) for council in pack.vocabulary.councils}


def _said(part: AdoptionPart | None) -> str:
    if part is None:
        return NOT_ITS_OWN
    if part == AdoptionPart():
        return NOT_SHOWN
    body = f" by {part.body}" if part.body else ""
    day = f" on {part.date}" if part.date else ""
    minute = f", minute {part.minute}" if part.minute else ""
    return f"adopted{body}{day}{minute}"
