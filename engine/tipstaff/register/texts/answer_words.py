"""Words that answer without a figure, one set for cells and both text grammars, and the folding of spellings."""

import re
from string import ascii_letters, digits

from tipstaff.facts.spellings import normal

NONE = frozenset({"none", "nil", "n a", "na", "not applicable", "zero"})
"""Answers: there is none. Here and below as ``normal`` spells them."""

UNKNOWN = frozenset(
    {"tbc", "tba", "tbd", "to be confirmed", "to be advised", "to be agreed", "unknown", "not known"}
    | {"don t know", "do not know", "not sure", "unsure"}
)
"""Words that say no more than a blank does."""

ENDLESS = frozenset(
    {"rolling", "ongoing", "on going", "open ended", "indefinite", "indefinitely", "no end", "no end date"}
)
"""Answers: an arrangement known to have no end."""

_SAYS_NOTHING = re.compile(
    r"[\W_]*(?:(?:" + "|".join(sorted(UNKNOWN)).replace(" ", r"[\W_]+") + r")[\W_]*)?", re.IGNORECASE | re.ASCII
)
_MAY_STATE = {*ascii_letters, *digits} - {initial for word in UNKNOWN for initial in (word[0], word[0].upper())}
"""Letters and digits with which no word of ``UNKNOWN`` begins."""
_FOLDED = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("‘’ʼ", "'") | dict.fromkeys("\u200b\ufeff", " "))

_TO_FOLD = re.compile(f"[{''.join(map(chr, _FOLDED))}]")


def flatten(text: str) -> str:
    """One space between words, one kind of dash and of apostrophe."""
    if _TO_FOLD.search(text):
        text = text.translate(_FOLDED)
    return " ".join(text.split())


def fold(text: str) -> str:
    """``flatten`` in lower case."""
    return flatten(text).lower()


def is_none(text: str) -> bool:
    """Whether the text as a whole answers that there is none ("nil", "None", "n/a")."""
    return normal(text) in NONE


def is_unknown(text: str) -> bool:
    """Whether the text as a whole says nothing: blank, "tbc", or only punctuation such as "?" and "-"."""
    if text[:1] in _MAY_STATE:
        return False
    text = text.replace("£", " ")
    if text.isascii():
        return _SAYS_NOTHING.fullmatch(text) is not None
    return normal(text) in UNKNOWN or not any(map(str.isalnum, text))


def is_endless(text: str) -> bool:
    """Whether the text as a whole says that there is no end ("rolling", "on-going")."""
    return normal(text) in ENDLESS
