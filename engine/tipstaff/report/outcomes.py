"""The outcomes of a rule as reports explain them to a reader."""

from tipstaff.audit.decisions.audit import Outcome

MEANINGS = {
    Outcome.FINDING: "A duty is not met, or a warning sign is there.",
    Outcome.UNDETERMINED: "A fact is missing that could make it a finding. It is never counted as passed.",
    Outcome.WAIVED: "A finding, or an undetermined outcome, that somebody answerable has accepted until a day.",
    Outcome.CLEAR: "Surely in order.",
    Outcome.NOT_APPLICABLE: "The rule does not concern the partnership, or is not yet due.",
}
"""What each outcome means, in the order in which to explain them."""
