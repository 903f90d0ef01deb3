"""Flaws: what is wrong with the rules of a pack, each with its witness in words."""

import json
from collections.abc import Iterator, Mapping, Sequence

from tipstaff.audit.testing.flaws import Flaw, Found
from tipstaff.policy.pack.model import Pack
from tipstaff.report.terminal.layout import Style, paragraph, plain

SCHEMA = "tipstaff/rules-check/1"

_INDENT = 3


def lines(pack: Pack, found: Sequence[Found], width: int, style: Style = plain) -> Iterator[str]:
    """The flaws in words, then one line on how many there are."""
    for one in found:
        for rule in one.rules:
            yield style("heading", f"{rule}  {pack.rules[rule].title} ({pack.rules[rule].place})")
        yield from paragraph(f"{_said(pack, one)} {_TO_DO[one.flaw]}", width, _INDENT, "   ")
        yield ""
    rules = "1 rule" if len(pack.rules) == 1 else f"{len(pack.rules)} rules"
    flaws = "1 flaw" if len(found) == 1 else f"{len(found)} flaws"
    yield from paragraph(
        f"{rules} checked, {flaws} found."
        if found
        else f"{rules} checked: each can fire and can fail to, none repeats or contradicts another.",
        width,
    )


def record(pack: Pack, found: Sequence[Found]) -> str:
    """The flaws as JSON; a witness gives the answers to criteria and conclusions by name."""
    document = {
        "schema": SCHEMA,
        "policy": {"id": pack.id, "version": pack.version, "sha256": pack.sha256},
        "rules": len(pack.rules),
        "flaws": [
            {
                "flaw": one.flaw,
                "rules": list(one.rules),
                "witness": [dict(row) for row in one.rows],
                "settled": dict(one.settled),
                "says": _said(pack, one),
            }
            for one in found
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


_TO_DO = {
    Flaw.NEVER: "Correct its formula or its criteria, or take it out.",
    Flaw.ALWAYS: "Correct its formula or its criteria, or take it out.",
    Flaw.REPEATS: "Keep one of them.",
    Flaw.CONTRADICTS: "Say by applies where each of them counts, or take one out.",
}


def _said(pack: Pack, one: Found) -> str:
    concludes = pack.rules[one.rules[0]].concludes is not None
    rows = [_row(pack, row) for row in one.rows]
    match one.flaw:
        case Flaw.NEVER:
            outcome = "It can never be true" if concludes else "It can never be a finding"
            if not rows:
                return f"{outcome}: no answers to its questions make it so."
            return f"{outcome}: it would take {rows[0]}, and {_why_not(pack, one.settled)}."
        case Flaw.ALWAYS:
            outcome = "It is always true" if concludes else "It is a finding wherever it applies"
            return f"{outcome}, with {rows[0]} as with any other answers that there can be."
        case Flaw.REPEATS:
            return f"They always come to the same; both fire with {rows[0]}."
        case Flaw.CONTRADICTS:
            return (
                f"Wherever both apply, one of them is a finding: with {rows[0]} it is {one.rules[0]}; "
                f"with {rows[1]} it is {one.rules[1]}."
            )


def _why_not(pack: Pack, settled: Mapping[str, bool]) -> str:
    if not settled:
        return "these answers cannot go together"
    return f"whatever the register says the answer is {_row(pack, settled)}"


def _row(pack: Pack, row: Mapping[str, bool]) -> str:
    return "; ".join(f"“{_question(pack, name)}” {'yes' if answer else 'no'}" for name, answer in row.items())


def _question(pack: Pack, name: str) -> str:
    return pack.criteria[name].question if name in pack.criteria else f"{pack.concluding(name).title}?"
