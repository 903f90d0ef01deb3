"""Flaws of a pack's rules in sentences."""

from collections.abc import Mapping

from tipstaff.audit.testing.flaws import Flaw, Found
from tipstaff.policy.pack.model import Pack

TO_DO = {
    Flaw.NEVER: "Correct its formula or its criteria, or take it out.",
    Flaw.ALWAYS: "Correct its formula or its criteria, or take it out.",
    Flaw.REPEATS: "Keep one of them.",
    Flaw.CONTRADICTS: "Say by applies where each of them counts, or take one out.",
}


def describe_flaw(pack: Pack, one: Found) -> str:
    concludes = pack.rules[one.rules[0]].concludes is not None
    rows = [answers_in_words(pack, row) for row in one.rows]
    match one.flaw:
        case Flaw.NEVER:
            outcome = "It can never be true" if concludes else "It can never be a finding"
            if not rows:
                return f"{outcome}: no answers to its questions make it so."
            return f"{outcome}: it would take {rows[0]}, and {why_settled(pack, one.settled)}."
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


def why_settled(pack: Pack, settled: Mapping[str, bool]) -> str:
    if not settled:
        return "these answers cannot go together"
    return f"whatever the register says the answer is {answers_in_words(pack, settled)}"


def answers_in_words(pack: Pack, row: Mapping[str, bool]) -> str:
    return "; ".join(f"“{question_of(pack, name)}” {'yes' if answer else 'no'}" for name, answer in row.items())


def question_of(pack: Pack, name: str) -> str:
    return pack.criteria[name].question if name in pack.criteria else f"{pack.concluding(name).title}?"
