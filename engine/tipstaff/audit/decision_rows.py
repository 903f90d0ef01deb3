"""The rows of a decision table that say all of it: each with only the answers that make it what it is."""

from tipstaff.audit.decisions.decision_tables import FALSE, TRUE, UNKNOWN, Decision, Table, combinations

Row = tuple[bool | None, ...]
"""An answer to each input, None where it does not matter."""


def finding_rows(decision: Decision) -> list[Row]:
    """What makes a finding, or of a rule that concludes what makes the conclusion true."""
    return least(decision.violation, frozenset(decision.violation.codes(TRUE)))


def idle_rows(decision: Decision) -> list[Row]:
    """What makes the rule not apply."""
    return [] if decision.applies is None else least(decision.applies, _idle(decision))


def clear_rows(decision: Decision) -> list[Row]:
    """What makes the rule clear, or of a rule that concludes what makes the conclusion false."""
    return least(decision.violation, frozenset(decision.violation.codes(FALSE)) - _idle(decision))


def _idle(decision: Decision) -> frozenset[int]:
    if decision.applies is None:
        return frozenset()
    return frozenset(decision.applies.codes(FALSE)) & frozenset(decision.violation.codes(FALSE))


def least(table: Table, codes: frozenset[int]) -> list[Row]:
    """The rows among ``codes`` that no other of them covers by leaving more open.

    An answer that holds although an input is unknown holds whatever that input is, so an unknown means "either"; and
    a row that is covered at all is covered by one that leaves just one more input open.
    """
    digits = combinations(len(table.inputs))
    covered = {
        code - less * 3**place
        for code in codes
        for place, digit in enumerate(digits[code])
        if digit == UNKNOWN
        for less in (UNKNOWN - FALSE, UNKNOWN - TRUE)
    }
    found = sorted((digits[code] for code in codes - covered), key=lambda one: (-one.count(UNKNOWN), one))
    return [tuple(None if digit == UNKNOWN else digit == TRUE for digit in one) for one in found]
