"""Spellings in columns: texts as they are compared."""

import re
import unicodedata
from collections.abc import Iterator

import polars as pl
from rapidfuzz import process


def normals(texts: pl.Series) -> pl.Series:
    """The ``normal`` spelling of every text."""
    letters = texts.str.to_lowercase().str.replace_all("&", " and ", literal=True)
    spelt = letters.str.replace_all("[^0-9a-z]+", " ").str.strip_chars(" ")
    beyond_ascii = texts.str.contains(r"[^\x00-\x7F]")
    if not beyond_ascii.any():
        return spelt
    others = texts.filter(beyond_ascii).unique()
    spelt_by_hand = pl.Series([normal(text) for text in others], dtype=pl.String)
    by_hand = texts.replace_strict(others, spelt_by_hand, default=None, return_dtype=pl.String)
    return spelt.zip_with(beyond_ascii.not_().fill_null(True), by_hand)


def normal(text: str) -> str:
    """A spelling that ignores case, accents, punctuation, ``&`` against ``and``, and spacing."""
    text = text.replace("£", " ")
    if text.isascii():
        if text.isalnum():
            return text.lower()
        return b" ".join(text.replace("&", " and ").encode().translate(_ASCII).split()).decode()
    text = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return _NOT_WORD.sub(" ", text.casefold().replace("&", " and ")).strip()


_NOT_WORD = re.compile(r"[\W_]+")


_ASCII = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else ord(" ") for code in range(256))
"""The spelling of every ASCII character: letters in lower case, and a blank of what is neither letter nor digit."""


def nearest(name: str, known: Iterator[str] | list[str]) -> str:
    """``; did you mean x?`` where some known name is near, else nothing."""
    best = process.extractOne(name, list(known), score_cutoff=60)
    return f"; did you mean {best[0]}?" if best else ""
