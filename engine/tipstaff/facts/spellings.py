"""Spellings: texts as they are compared, and the nearest known name."""

import re
import unicodedata
from collections.abc import Iterator

from rapidfuzz import process

_NOT_WORD = re.compile(r"[\W_]+")
_ASCII = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else ord(" ") for code in range(256))
"""The spelling of every ASCII character: letters in lower case, and a blank of what is neither letter nor digit."""


def normal(text: str) -> str:
    """A spelling that ignores case, accents, punctuation, ``&`` against ``and``, and spacing."""
    text = text.replace("£", " ")
    if text.isascii():
        if text.isalnum():
            return text.lower()
        return b" ".join(text.replace("&", " and ").encode().translate(_ASCII).split()).decode()
    text = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return _NOT_WORD.sub(" ", text.casefold().replace("&", " and ")).strip()


def nearest(name: str, known: Iterator[str] | list[str]) -> str:
    """``; did you mean x?`` where some known name is near, else nothing."""
    best = process.extractOne(name, list(known), score_cutoff=60)
    return f"; did you mean {best[0]}?" if best else ""
