"""Amounts and dates of 2,162 real awards, as published against as cleaned by hand."""

import csv
from datetime import date
from pathlib import Path

import pytest

from support.paths import SHARED
from tipstaff.facts.bounds import exactly
from tipstaff.register.texts.dates import read_date
from tipstaff.register.texts.money import read_money

FOLDER = SHARED / "data" / "arts_council"
PUBLISHED = FOLDER / "Gfta_awards_offered_01_July_13_to_31_March_14-csv.csv"
CLEANED = FOLDER / "Arts-Council-England.csv"


def awards(path: Path) -> dict[str, dict[str, str]]:
    """The rows of a file by their identifiers."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    return {row["Identifier"]: row for row in csv.DictReader(text.splitlines(keepends=True))}


@pytest.mark.skipif(not (PUBLISHED.exists() and CLEANED.exists()), reason="the real data is not here")
def test_the_published_awards_read_as_they_were_cleaned() -> None:
    published, cleaned = awards(PUBLISHED), awards(CLEANED)
    assert len(published) == 2162
    assert published.keys() == cleaned.keys()
    for identifier, row in published.items():
        truth = cleaned[identifier]
        pounds, award_date = truth["Amount Awarded"], date.fromisoformat(truth["Award Date"])
        assert read_money(row["Amount Awarded"]) == read_money(pounds) == exactly(int(pounds) * 100)
        assert read_date(row["Award Date"]) == read_date(truth["Award Date"]) == exactly(award_date)
        assert read_date(row["Last modified"]) == exactly(date.fromisoformat(truth["Last modified"]))
