"""Flaws: what is wrong with the rules of a pack, each with its witness in words."""

from collections.abc import Iterator, Sequence

from tipstaff.audit.testing.flaws import Found
from tipstaff.policy.pack.model import Pack
from tipstaff.report.terminal.layout import Style, paragraph, plain
from tipstaff.report.wording.flaws import TO_DO, describe_flaw

_INDENT = 3


def lines(pack: Pack, found: Sequence[Found], width: int, style: Style = plain) -> Iterator[str]:
    """The flaws in words, then one line on how many there are."""
    for one in found:
        for rule in one.rules:
            yield style("heading", f"{rule}  {pack.rules[rule].title} ({pack.rules[rule].place})")
        yield from paragraph(f"{describe_flaw(pack, one)} {TO_DO[one.flaw]}", width, _INDENT, "   ")
        yield ""
    rules = "1 rule" if len(pack.rules) == 1 else f"{len(pack.rules)} rules"
    flaws = "1 flaw" if len(found) == 1 else f"{len(found)} flaws"
    yield from paragraph(
        f"{rules} checked, {flaws} found."
        if found
        else f"{rules} checked: each can fire and can fail to, none repeats or contradicts another.",
        width,
    )
