"""Payments: a council's list of what it paid its suppliers, as awards of what each had from it in a financial year.

The Local Government Transparency Code 2015 asks councils to publish every payment above £500, with its date, amount and
beneficiary; the columns are those of the Local Government Association's schema, or a council's own. Credits are netted
against the payments of their year. The list is never taken to be all that there is: smaller payments are not on it.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from tipstaff.errors import UnreadableError
from tipstaff.facts.bounds import MOST_PENCE
from tipstaff.facts.periods import FinancialYear, financial_year_of
from tipstaff.facts.vocabulary import Fact, Kind, Vocabulary
from tipstaff.register.files.csv_json import delimiter_of
from tipstaff.register.files.sheet import Sheet, plain
from tipstaff.register.published.awards import AWARDS, Awards
from tipstaff.register.published.organisations import says_nothing
from tipstaff.register.tables.cells import CellReader
from tipstaff.register.tables.headings import Header, fact_spellings, header_among, report_matched
from tipstaff.register.tables.model import empty_rows
from tipstaff.register.tables.problems import Problems
from tipstaff.register.tables.references import spelling
from tipstaff.register.tables.rows import Spot, append_row, state

MOST_BYTES = 500_000_000
"""The largest list of payments that is read, in bytes: it is read a row at a time."""

MOST_SUPPLIERS = 100_000
"""The most suppliers that one list may name."""

_SAMPLE_BYTES = 65_536
_SAMPLE_LINES = 30

_FACTS = {
    fact.name: fact
    for fact in (
        Fact(
            "recipient", Kind.TEXT, "supplier", "BeneficiaryName",
            ("Beneficiary Name", "Supplier", "Supplier Name", "Name of supplier", "Vendor", "Vendor Name", "Payee"),
        ),
        Fact(
            "awarded_on", Kind.DATE, "payment date", "PaymentDate",
            ("Payment Date", "Date Paid", "Paid Date", "Date of payment", "Date"),
        ),
        Fact(
            "awarded", Kind.MONEY, "amount paid", "Amount",
            ("Amount (£)", "Amount GBP", "Amount Paid", "Net Amount", "Payment Amount"),
        ),
        Fact(
            "transaction", Kind.TEXT, "transaction number", "TransactionNumber",
            ("Transaction Number", "Transaction No", "Transaction", "Payment Reference", "Voucher Number"),
        ),
        Fact(
            "funder", Kind.TEXT, "paying council", "OrganisationLabel",
            ("Organisation Label", "Organisation", "Organisation Name", "Body Name", "Council"),
        ),
    )
}  # fmt: skip
_SPELLINGS = fact_spellings(_FACTS.values())
_AMOUNT = re.compile(
    r"(?P<credit>-|\()?£?(?P<pounds>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.(?P<pence>[0-9]{1,2}))?(?P<closed>\))?"
)


@dataclass(slots=True)
class _Paid:
    """The amount paid to a supplier in a financial year: pence, net of credits; None if a payment is not read."""

    row: int
    """The number of the first payment's row."""
    pence: int | None = 0
    first: date | None = None
    last: date | None = None


def heading_of_payments(data: bytes, name: str) -> Header | None:
    """The heading row of a CSV list of payments, by how it begins; None of anything else."""
    lines = data[:_SAMPLE_BYTES].decode("utf-8-sig", errors="replace").splitlines(keepends=True)[:_SAMPLE_LINES]
    try:
        rows = list(csv.reader(lines, delimiter=delimiter_of(lines)))
    except csv.Error:
        return None
    return header_among(Sheet(name, rows, lettered=False), _SPELLINGS, _heads_payments, close=False)


def _heads_payments(facts: Set[str]) -> bool:
    return {"recipient", "awarded_on", "awarded", "transaction"} <= facts


def read_payments(data: bytes, name: str, header: Header, vocabulary: Vocabulary, problems: Problems) -> Awards:
    """The payments of a CSV file under its heading row, netted by supplier and financial year, an award each.

    The place of an award is that of its first payment. Raises UnreadableError if the file cannot be read as CSV.
    """
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return _Reader(name, header, vocabulary, problems).read(data, encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError(f"{name} is neither UTF-8 nor Windows-1252 text. Save it as one of these.")


class _Reader:
    def __init__(self, name: str, header: Header, vocabulary: Vocabulary, problems: Problems) -> None:
        self._name = name
        self._header = header
        self._vocabulary = vocabulary
        self._problems = problems
        self._dates = CellReader(_FACTS["awarded_on"], vocabulary)
        self._amounts: dict[str, int | None] = {}
        self._keys: dict[str, str] = {}
        self._payments: Counter[str] = Counter()
        """How many payments there are to each name as it is spelt."""
        self._paid: dict[tuple[str, FinancialYear | None], _Paid] = {}
        self._unsure: set[str] = set()
        """Suppliers with a credit of an unknown year, or of an unknown amount."""
        self._unnamed: list[int] = []
        self._payers: Counter[str] = Counter()

    def read(self, data: bytes, encoding: str) -> Awards:
        text = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
        sample = text.read(_SAMPLE_BYTES).splitlines(keepends=True)[:_SAMPLE_LINES]
        text.seek(0)
        reader = csv.reader(text, delimiter=delimiter_of(sample), strict=True)
        columns = self._header.columns
        at = [columns[fact] for fact in ("recipient", "awarded_on", "awarded")]
        payer = columns.get("funder")
        width = max(columns.values())
        try:
            for number, row in enumerate(reader, 1):
                if number <= self._header.row + 1:
                    headings = row
                elif len(row) > width:
                    self._payment(number, *(row[column] for column in at))
                    if payer is not None:
                        self._payers[row[payer]] += 1
                elif any(row):
                    expected = f"a payment in {width + 1} columns: the row is not used"
                    self._problems.at(self._name, number, "", ", ".join(row), expected)
        except csv.Error as error:
            raise UnreadableError(
                f"{self._name} breaks off as CSV at line {reader.line_num}: {error}. "
                "Look for a stray quotation mark there, or save it again."
            ) from error
        self._say_what_is_left_out(headings)
        return self._awards()

    def _payment(self, number: int, supplier: str, paid_on: str, amount: str) -> None:
        key = self._keys.get(supplier)
        if key is None:
            key = self._key(supplier)
        if not key:
            self._unnamed.append(number)
            return
        self._payments[supplier] += 1
        if amount not in self._amounts:
            self._amounts[amount] = _signed_pence(amount)
        pence = self._amounts[amount]
        if pence is None:
            expected = "amount paid: pounds and pence, such as 3082.50, or -20.00 of a credit"
            self._problems.at(self._name, number, "", amount, expected)
        first, last = self._dates(paid_on).values
        dated = first is not None and financial_year_of(first) == financial_year_of(last)
        if not dated:
            self._problems.at(self._name, number, "", paid_on, "payment date: a date, such as 2025-03-31")
            if pence is None or pence < 0:
                self._unsure.add(key)
        paid = self._paid.setdefault((key, financial_year_of(first) if dated else None), _Paid(number))
        paid.pence = None if pence is None or paid.pence is None else paid.pence + pence
        if dated:
            paid.first = first if paid.first is None else min(paid.first, first)
            paid.last = last if paid.last is None else max(paid.last, last)

    def _key(self, supplier: str) -> str:
        """The name that identifies a supplier, however spelt; blank if it is withheld."""
        name = plain(supplier)
        key = "" if says_nothing(name) or spelling(name).startswith("redacted") else spelling(name)
        self._keys[supplier] = key
        if len(self._keys) > MOST_SUPPLIERS:
            raise UnreadableError(f"{self._name} names more than {MOST_SUPPLIERS:,} suppliers. Split it.")
        return key

    def _say_what_is_left_out(self, headings: Iterable[str]) -> None:
        sheet = Sheet(self._name, [[]] * self._header.row + [list(headings)], lettered=False)
        others = report_matched(sheet, self._header, _SPELLINGS, _FACTS, self._problems, close=False)
        if others:
            named = ", ".join(str(heading)[:60] for _, heading in others)
            expected = f"columns that a register has a place for; not read: {named}"
            self._problems.at(
                self._name, self._header.row + 1, "", f"{len(others)} other columns", expected, serious=False
            )
        if self._unnamed:
            expected = "the supplier's name: these payments are nobody's, and are left out"
            value = f"{len(self._unnamed):,} payments"
            self._problems.at(self._name, self._unnamed[0], "", value, expected, serious=False)

    def _awards(self) -> Awards:
        rows = empty_rows(AWARDS, self._vocabulary)
        payers = {spelling(payer): payer for payer in self._payers if not says_nothing(payer)}
        if len(payers) > 1:
            raise UnreadableError(f"{self._name} has the payments of {len(payers):,} councils. Split it by council.")
        names: dict[str, str] = {}
        for supplier, _ in sorted(self._payments.items(), key=lambda counted: (-counted[1], counted[0])):
            names.setdefault(self._keys[supplier], plain(supplier))
        for (key, year), paid in self._paid.items():
            index = append_row(rows, 0, Spot(self._name, paid.row, ""), None)
            supplier = names[key]
            pence = None if key in self._unsure else paid.pence
            said: dict[str, tuple[Any, ...]] = {
                "recipient": (supplier,),
                "funder": (next(iter(payers.values()), None),),
                "awarded": (None, None) if pence is None else (max(pence, 0), max(pence, 0)),
                "awarded_on": (paid.first, paid.last),
            }
            for fact, values in said.items():
                state(rows, index, AWARDS.facts[fact], values, self._vocabulary)
            if pence is not None and pence < 0 and year is not None:
                expected = f"payments in {year} above its credits: counted as nil"
                self._problems.at(self._name, paid.row, "", supplier, expected, serious=False)
        columns = {"recipient", "awarded", "awarded_on", *(["funder"] if payers else [])}
        return Awards(rows, {}, frozenset(columns), paid=True)


def _signed_pence(text: str) -> int | None:
    """An amount in pence, a credit below nil; None if it is not one."""
    match = _AMOUNT.fullmatch(text.replace(" ", ""))
    if match is None or (match["credit"] == "(") != bool(match["closed"]):
        return None
    pence = int(match["pounds"].replace(",", "")) * 100 + int((match["pence"] or "0").ljust(2, "0"))
    if pence > MOST_PENCE:
        return None
    return -pence if match["credit"] else pence
