"""Awards: the sheets that a funder publishes, in the columns of 360Giving or of a Transparency Code list.

The 360Giving standard (standard.threesixtygiving.org) heads columns "Recipient Org:Name"; its JSON nests them. The
Local Government Transparency Code 2015 asks for date, beneficiary, purpose, amount and charity number and leaves the
headings to each council. Headings are matched exactly: close spellings of one standard heading are other headings.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from tipstaff.errors import UnreadableError
from tipstaff.facts.spellings import normal
from tipstaff.facts.vocabulary import Fact, Kind, Shape, Table, Vocabulary
from tipstaff.register.files.csv_json import MOST_CELLS
from tipstaff.register.files.sheet import Raw, Sheet, is_blank
from tipstaff.register.tables.cells import CellReader, plain_text
from tipstaff.register.tables.headings import Header, fact_spellings, find_header, header_among, report_matched
from tipstaff.register.tables.model import Rows, empty_rows
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.rows import append_block, data_rows
from tipstaff.register.texts.answer_words import is_unknown

_MOST_KEYS = 1_000
_NESTED = frozenset({"recipientorganization", "fundingorganization", "planneddates", "beneficiarylocation"})


def _fact(name: str, kind: Kind, label: str, heading: str, *aliases: str) -> Fact:
    return Fact(name, kind, label, heading, aliases)


AWARDS = Table(
    "awards",
    Shape.MANY,
    "Grants",
    {
        fact.name: fact
        for fact in (
            _fact(
                "identifier", Kind.TEXT, "identifier", "Identifier",
                "id", "Grant reference", "Grant ref", "Grant ID", "Award reference", "Reference", "Reference number",
            ),
            _fact("currency", Kind.TEXT, "currency", "Currency"),
            _fact(
                "awarded", Kind.MONEY, "amount awarded", "Amount Awarded",
                "amountAwarded", "Amount", "Amount (GBP)", "Amount awarded (GBP)", "Award amount", "Grant amount",
                "Amount of grant", "Grant awarded", "Grant value", "Value of grant", "Value",
            ),
            _fact(
                "disbursed", Kind.MONEY, "amount disbursed", "Amount Disbursed",
                "amountDisbursed", "Amount paid", "Grant paid", "Paid",
            ),
            _fact(
                "awarded_on", Kind.DATE, "award date", "Award Date",
                "awardDate", "Date", "Date awarded", "Date of award", "Date of grant", "Grant date", "Date paid",
                "Payment date",
            ),
            _fact(
                "planned_start", Kind.DATE, "planned start", "Planned Dates:Start Date",
                "plannedDates:startDate", "Start date", "Grant start date",
            ),
            _fact(
                "planned_end", Kind.DATE, "planned end", "Planned Dates:End Date",
                "plannedDates:endDate", "End date", "Grant end date",
            ),
            _fact(
                "months", Kind.NUMBER, "planned months", "Planned Dates:Duration (months)",
                "plannedDates:duration", "Duration (months)",
            ),
            _fact(
                "recipient_identifier", Kind.TEXT, "recipient's identifier", "Recipient Org:Identifier",
                "recipientOrganization:id",
            ),
            _fact(
                "recipient", Kind.TEXT, "recipient", "Recipient Org:Name",
                "recipientOrganization:name", "Recipient", "Recipient name", "Name of recipient", "Grant recipient",
                "Recipient organisation", "Beneficiary", "Beneficiary name", "Name of beneficiary",
            ),
            _fact(
                "charity_number", Kind.TEXT, "charity number", "Recipient Org:Charity Number",
                "recipientOrganization:charityNumber", "Charity number", "Charity no", "Registered charity number",
                "Charity registration number", "Beneficiary charity number",
            ),
            _fact(
                "company_number", Kind.TEXT, "company number", "Recipient Org:Company Number",
                "recipientOrganization:companyNumber", "Company number", "Company no", "Registered company number",
                "Company registration number",
            ),
            _fact(
                "funder_identifier", Kind.TEXT, "funder's identifier", "Funding Org:Identifier",
                "fundingOrganization:id", "Organisation code",
            ),
            _fact(
                "funder", Kind.TEXT, "funder", "Funding Org:Name",
                "fundingOrganization:name", "Funder", "Council", "Local authority", "Publisher", "Publisher name",
                "Organisation name", "Awarding body",
            ),
            _fact(
                "purpose", Kind.TEXT, "purpose", "Description",
                "Purpose", "Purpose of grant", "Grant purpose", "Summary of purpose",
            ),
            _fact(
                "area", Kind.TEXT, "beneficiaries' area", "Beneficiary Location:Name",
                "beneficiaryLocation:name",
            ),
        )
    },
)  # fmt: skip
"""The columns that are read, with the headings of the standard and those seen in councils' own lists."""

_SPELLINGS = fact_spellings(AWARDS.facts.values())


@dataclass(frozen=True, slots=True)
class AwardSheet:
    """A sheet of awards, nothing nested, with its heading row."""

    sheet: Sheet
    header: Header


@dataclass(frozen=True, slots=True)
class Awards:
    """Awards as their sheets state them."""

    rows: Rows
    blank: Mapping[str, Set[int]]
    """By fact the rows of which its cell, or the want of one, says nothing; what does not fit is not blank."""
    columns: frozenset[str]
    """The facts that some sheet has a column for."""
    paid: bool = False
    """Whether they are what suppliers were paid, on a list that is not all there is, and not grants."""


def award_sheets(sheets: Sequence[Sheet], vocabulary: Vocabulary) -> list[AwardSheet]:
    """The sheets headed as awards are; empty if another sheet is a register's own, by title and headings.

    Raises UnreadableError if JSON nests more than a list of awards can mean.
    """
    register = vocabulary.table_of_shape(Shape.REGISTER)
    titles = _titles(register, vocabulary)
    found: list[AwardSheet] = []
    for sheet in sheets:
        flat = _flat(sheet)
        header = header_among(flat, _SPELLINGS, _heads_awards, close=False)
        if header is not None:
            found.append(AwardSheet(flat, header))
        elif register is not None and normal(sheet.name or "") in titles and find_header(sheet, register, vocabulary):
            return []
    return found


def read_awards(sheets: Sequence[AwardSheet], vocabulary: Vocabulary, problems: Problems) -> Awards:
    """The awards of all sheets. Cells that do not fit are problems; columns that are not read are said once a sheet."""
    rows = empty_rows(AWARDS, vocabulary)
    readers = {name: CellReader(fact, vocabulary) for name, fact in AWARDS.facts.items()}
    blank: dict[str, set[int]] = {fact: set() for fact in ("awarded", "disbursed", "awarded_on")}
    columns: set[str] = set()
    for each in sheets:
        sheet, header = each.sheet, each.header
        others = report_matched(sheet, header, _SPELLINGS, AWARDS.facts, problems, close=False)
        if others:
            named = ", ".join(str(heading)[:60] for _, heading in others[:_MOST_KEYS])
            problems.at(
                sheet.title, sheet.first + header.row, "", f"{len(others)} other columns",
                f"columns that a register has a place for; not read: {named}", serious=False,
            )  # fmt: skip
        block = data_rows(sheet, header, problems)
        first = len(rows)
        append_block(rows, block, [0] * len(block), readers, problems)
        for fact, blanks in blank.items():
            blanks.update(first + index for index in block.cells(fact).where(_says_nothing))
        columns.update(header.columns)
    return Awards(rows, blank, frozenset(columns))


def _says_nothing(cell: Raw) -> bool:
    text = plain_text(cell)
    return text is not None and is_unknown(text)


def _heads_awards(facts: Set[str]) -> bool:
    named = not facts.isdisjoint({"recipient", "recipient_identifier"})
    return named and "awarded_on" in facts and not facts.isdisjoint({"awarded", "disbursed"})


def _titles(register: Table | None, vocabulary: Vocabulary) -> frozenset[str]:
    """The titles of a register's own sheets, as ``normal`` spells them."""
    if register is None:
        return frozenset()
    themes = [spelling for theme in vocabulary.themes for spelling in theme.spellings]
    return frozenset(map(normal, (register.sheet, register.name, *register.aliases, *themes)))


def _flat(sheet: Sheet) -> Sheet:
    """A sheet of JSON objects; nested organisations, dates and places become columns: ``plannedDates:endDate``.

    A value that is several, where one is meant, stays a list, which no cell should be.
    """
    keys = sheet.rows[0] if sheet.rows else []
    nested = [column for column, key in enumerate(keys) if isinstance(key, str) and normal(key) in _NESTED]
    if not nested or not sheet.title.endswith("[]"):
        return sheet
    parts = {column: _parts(sheet.rows, column) for column in nested}
    added = sum(map(len, parts.values()))
    if added > _MOST_KEYS or added * len(sheet.rows) > MOST_CELLS:
        raise UnreadableError(
            f"{sheet.title[:-2]} has organisations, dates and places of {added:,} different keys in "
            f"{len(sheet.rows):,} entries, too many for a list of awards. Split it."
        )
    head = [*keys, *(f"{keys[column]}:{part}" for column in nested for part in parts[column])]
    head = ["" if column in parts else key for column, key in enumerate(head)]
    rows: list[list[Raw]] = [head]
    for row in sheet.rows[1:]:
        cells = [row[column] if column < len(row) else None for column in range(len(keys))]
        taken = [_part(cells[column], part) for column in nested for part in parts[column]]
        rows.append([*(None if column in parts else cell for column, cell in enumerate(cells)), *taken])
    return replace(sheet, rows=rows)


def _parts(rows: Sequence[Sequence[Raw]], column: int) -> list[str]:
    """The keys of the objects in a column, in order of appearance."""
    objects = (item for row in rows[1:] if column < len(row) for item in _items(row[column]) if isinstance(item, dict))
    return list(dict.fromkeys(key for item in objects for key in item))


def _part(cell: Raw, key: str) -> Raw:
    """The value of a key in the one object of a cell; a list where the cell is anything but one object or blank."""
    items = _items(cell)
    if not items:
        return None
    if len(items) == 1 and isinstance(items[0], dict):
        return items[0].get(key)
    return [item.get(key) if isinstance(item, dict) else item for item in items]


def _items(cell: Raw) -> list[Any]:
    if is_blank(cell):
        return []
    return cell if isinstance(cell, list) else [cell]
