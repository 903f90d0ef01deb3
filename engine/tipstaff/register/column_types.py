"""Column types: how the values of a fact are held in columns of polars, by their kind."""

from typing import Any

import polars as pl

from tipstaff.facts.vocabulary import Kind

COLUMN_TYPES: dict[Kind, Any] = {
    Kind.MONEY: pl.Int64,
    Kind.NUMBER: pl.Int64,
    Kind.DATE: pl.Date,
    Kind.TEXT: pl.String,
    Kind.CHOICE: pl.String,
    Kind.YES_NO: pl.Boolean,
    Kind.COUNCILS: pl.Boolean,
}
"""Money in pence, numbers in hundredths; of what is bounded, both ends alike."""
