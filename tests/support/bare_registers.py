"""Registers made for a test of reports."""

from pathlib import Path

from openpyxl import Workbook

HEADINGS = (
    "Name",
    "Lead Member",
    "Lead Officer",
    "Significant/Desirable",
    "Area covered",
    "Purpose",
    "Partners",
    "Agreement dates",
    "Financial arrangements",
    "Type of Partnership",
    "Contact Details",
)

THEMES = ("Economy", "Homes", "Infrastructure", "Communities", "Wellbeing", "Environment", "Heritage", "Resources")

_FINANCES = (
    "SHDC £12,000 pa",
    "£5k each",
    "WDBC £2,500 pa, no officer time",
    "nil",
    "SHDC £8,000 pa, WDBC £3,000 pa + officer time 2 days/month",
    "£24,000 over 3 years",
    "SHDC £1,500 pa",
)
_DATES = (
    *("1 April 2014 – 31 March 2017", "2014-17", "2015-18", "Apr 2016 (3 yrs)", "expires March 2017", "2013-16"),
    *("01/04/14 to 31/03/17", "rolling", "2016-19", "none", "2014-17", None),
)
_TYPES = ("Strategic", "Service Improvement", "Community Liaison", "Community Delivery", "Community Delivery")
_CLASSES = ("Significant", "Desirable", "Desirable", "Desirable", None)


def eleven_columns(path: Path, count: int = 40) -> Path:
    """A workbook of theme sheets with the report's eleven columns and nothing else, as unevenly kept as real ones."""
    book = Workbook()
    sheets = {theme: book.create_sheet(theme) for theme in THEMES}
    book.remove(book.worksheets[0])
    for sheet in sheets.values():
        sheet.append(HEADINGS)
    for number in range(count):
        theme = THEMES[number % len(THEMES)]
        sheets[theme].append(
            (
                f"{theme} partnership {number}",
                None if number % 19 == 5 else f"Portfolio holder, {theme}",
                None if number % 23 == 7 else f"Lead Specialist, {theme}",
                _CLASSES[number % len(_CLASSES)],
                "South Hams and West Devon",
                f"Purpose {number}",
                f"Partner {number}",
                _DATES[number % len(_DATES)],
                _FINANCES[number % len(_FINANCES)],
                _TYPES[number % len(_TYPES)],
                "someone@example.org",
            )
        )
    book.save(path)
    return path
