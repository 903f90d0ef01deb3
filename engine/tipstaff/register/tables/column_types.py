"""Column types: how the values of a fact are held in columns of polars, by their kind.

Apart from the model, so that reading a small register does not import polars.
"""

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
"""Money in pence, numbers in hundredths; both ends of a bounded value alike."""
