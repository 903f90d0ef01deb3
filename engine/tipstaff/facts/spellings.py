"""Spellings in columns: texts as they are compared."""

import polars as pl

from tipstaff.facts.vocabulary import normal


def normals(texts: pl.Series) -> pl.Series:
    """The ``normal`` spelling of every text."""
    letters = texts.str.to_lowercase().str.replace_all("&", " and ", literal=True)
    spelt = letters.str.replace_all("[^0-9a-z]+", " ").str.strip_chars(" ")
    beyond_ascii = texts.str.contains(r"[^\x00-\x7F]")
    if not beyond_ascii.any():
        return spelt
    others = texts.filter(beyond_ascii).unique()
    told = pl.Series([normal(text) for text in others], dtype=pl.String)
    by_hand = texts.replace_strict(others, told, default=None, return_dtype=pl.String)
    return spelt.zip_with(beyond_ascii.not_().fill_null(True), by_hand)
