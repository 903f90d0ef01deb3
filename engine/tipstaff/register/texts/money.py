"""Money as officers write it."""

import re

from tipstaff.errors import OutOfLimitsError
from tipstaff.facts.bounds import MOST_PENCE, Bounds, exactly
from tipstaff.facts.units import show_money, to_hundredths
from tipstaff.register.texts.answer_words import fold, is_none

EXPECTED_AMOUNT = f"an amount from £0 to {show_money(MOST_PENCE)}"

_LONGEST = 60
_AMOUNT = re.compile(
    r"(?P<bracket>\()?(?P<minus>-)? ?(?:£|gbp)? ?(?P<inner_minus>-)?"
    r"(?P<pounds>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?P<fraction>\.[0-9]{1,6})?"
    r" ?(?P<scale>k|thousand|m|million|bn|billion)?(?(bracket)\))"
)
_POWER_OF_TEN = {None: 0, "k": 3, "thousand": 3, "m": 6, "million": 6, "bn": 9, "billion": 9}


def read_money(text: str) -> Bounds[int] | None:
    """One whole amount, in pence: ``£76,454``, ``76454``, ``£1,200.50``, ``£5k``, ``nil``.

    None if the text is anything else, ``approx £5,000`` and fractions of a penny included. Raises
    OutOfLimitsError for an amount below nil (``-£500``, ``(500)``) or above ``MOST_PENCE``.
    """
    if len(text) > _LONGEST:
        return None
    if is_none(text):
        return exactly(0)
    match = _AMOUNT.fullmatch(fold(text))
    if match is None:
        return None
    pounds = match["pounds"].replace(",", "") + (match["fraction"] or "")
    pence = to_hundredths(f"{pounds}e{_POWER_OF_TEN[match['scale']]}")
    if pence is None:
        return None
    negative = match["bracket"] or match["minus"] or match["inner_minus"]
    if pence > MOST_PENCE or (negative and pence > 0):
        raise OutOfLimitsError(EXPECTED_AMOUNT)
    return exactly(pence)
