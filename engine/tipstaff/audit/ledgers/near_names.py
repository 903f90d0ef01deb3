"""Near names: which of many names may be one, spelt a little differently or with their words in another order."""

import polars as pl
from rapidfuzz import fuzz, process

NEAR = 90
"""From this likeness on, of a hundred, two names may be one organisation."""

MOST_IN_BLOCK = 1_000
"""The most names with one first letter that are each set against all others.

In larger blocks, compare only names that share all but one word, or have the same consonants; if more than that many
share these too, compare the hundred neighbours in order.
"""

_TOGETHER = 100
_VOWELS = "[aeiou ]"


def near_names(names: pl.DataFrame) -> pl.DataFrame:
    """Pairs of names that are alike, word order aside, as ``one`` and ``other``, the lesser first.

    ``names`` has distinct names in their ``normal`` spelling, none of them blank: ``name`` (its number), ``spelt``,
    ``apart`` (only names of one such number are compared), and ``kinds``: names that have a bit of it in common may be
    left out.
    """
    words = pl.col("spelt").str.split(" ").list.sort()
    names = names.with_columns(words=words).with_columns(text=pl.col("words").list.join(" "))
    letters = [pl.col("text").str.head(1), pl.col("spelt").str.head(1)]
    by_letter = pl.concat([names.select("name", "text", "apart", letter.alias("letter")) for letter in letters]).unique(
        maintain_order=True
    )
    by_letter = by_letter.with_columns(block=pl.len().over("apart", "letter"))
    few = by_letter.filter(pl.col("block").is_between(2, MOST_IN_BLOCK)).sort("text", "name")
    found = [pair for _, block in few.group_by("apart", "letter", maintain_order=True) for pair in _alike_in(block)]
    many = by_letter.filter(pl.col("block") > MOST_IN_BLOCK).select("name").unique()
    found += _alike_by_signature(names.join(many, on="name", how="semi"))
    schema = {"one": names.schema["name"], "other": names.schema["name"]}
    return pl.DataFrame(found, schema=schema, orient="row").unique().sort("one", "other")


def _alike_in(block: pl.DataFrame) -> list[tuple[int, int]]:
    """The pairs of a block that are alike, each name being set against all others."""
    numbers, texts = block["name"].to_list(), block["text"].to_list()
    return [
        _in_order(numbers[at], numbers[at + 1 + beyond])
        for at in range(len(texts) - 1)
        for _, _, beyond in process.extract(
            texts[at], texts[at + 1 :], scorer=fuzz.ratio, score_cutoff=NEAR, limit=None
        )
    ]


def _alike_by_signature(names: pl.DataFrame) -> list[tuple[int, int]]:
    """The pairs that are alike of names that have all words but one in common, or the same consonants."""
    if names.is_empty():
        return []
    names = names.sort("text", "name").with_row_index("order")
    words = pl.col("words")
    signatures = [pl.col("text"), pl.concat_str(pl.lit("-"), pl.col("text").str.replace_all(_VOWELS, ""))]
    signatures += [
        pl.when(words.list.len() > max(at, 1)).then(
            pl.concat_list(words.list.head(at), words.list.slice(at + 1)).list.join(" ")
        )
        for at in range(int(names.select(words.list.len().max()).item()))
    ]  # fmt: skip
    kept = ["order", "apart", "kinds"]
    hashed = [names.select(*kept, signature=pl.when(one.is_not_null()).then(one.hash())) for one in signatures]
    together = ["apart", "signature"]
    keyed = pl.concat(hashed).drop_nulls("signature").unique().filter(pl.len().over(together) > 1).sort("order")
    keyed = keyed.with_columns(
        part=pl.when(pl.len().over(together) > MOST_IN_BLOCK)
        .then(pl.int_range(pl.len()).over(together) // _TOGETHER)
        .otherwise(0)
    )
    pairs = (
        keyed.lazy()
        .join(keyed.lazy(), on=[*together, "part"], suffix="_other")
        .filter(pl.col("order") < pl.col("order_other"), pl.col("kinds") & pl.col("kinds_other") == 0)
        .select("order", "order_other")
        .unique()
        .collect()
    )
    numbers, texts = names["name"].to_list(), names["text"].to_list()
    return [
        _in_order(numbers[one], numbers[other])
        for one, other in pairs.iter_rows()
        if fuzz.ratio(texts[one], texts[other], score_cutoff=NEAR)
    ]


def _in_order(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
