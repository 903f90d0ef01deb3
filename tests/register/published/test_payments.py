"""Lists of what a council paid its suppliers: contributions by supplier and financial year, credits netted."""

import csv
import io
import zipfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from support.paths import SHARED
from tipstaff.errors import UnreadableError
from tipstaff.facts.periods import financial_year_of
from tipstaff.facts.vocabulary import Shape, Vocabulary
from tipstaff.register.reading import register_from
from tipstaff.register.tables.model import Register, Rows
from tipstaff.register.tables.references import spelling

HEAD = "OrganisationLabel,BeneficiaryName,PaymentDate,TransactionNumber,Amount,Purpose"
FOLDER = SHARED / "data" / "trafford"
SPEND = sorted(FOLDER.glob("trafford-supplier-spend-*.zip"))


def read(vocabulary: Vocabulary, *payments: str) -> Register:
    return register_from("\n".join([HEAD, *payments]).encode(), "spend.csv", vocabulary)


def of_shape(register: Register, shape: Shape) -> Rows:
    return next(rows for rows in register.tables.values() if rows.table.shape is shape)


def stated(register: Register) -> dict[tuple[str, int | None], tuple[int | None, int | None]]:
    """The bounds of what each supplier had in each financial year, in pence."""
    names = of_shape(register, Shape.REGISTER).columns["name"]
    rows = of_shape(register, Shape.COUNCIL_YEAR)
    ends = zip(rows.columns["direct_funding_lo"], rows.columns["direct_funding_hi"], strict=True)
    where = [(names[partnership], year) for partnership, year in zip(rows.partnership, rows.year, strict=True)]
    assert len(set(where)) == len(where)
    return dict(zip(where, ends, strict=True))


def test_credits_are_netted_within_their_year(vocabulary: Vocabulary) -> None:
    register = read(
        vocabulary,
        "Fenwick,Acorn Ltd,2025-03-31,1,1000.50,x",
        "Fenwick,ACORN LTD,2025-03-01,2,-0.50,x",
        "Fenwick,Acorn Ltd,2025-04-01,3,(20.00),x",
        'Fenwick,Beech Ltd,01/04/2025,4,"1,234.5",x',
    )
    assert stated(register) == {("Acorn Ltd", 2024): (100000, 100000), ("Acorn Ltd", 2025): (0, 0),
                                ("Beech Ltd", 2025): (123450, 123450)}  # fmt: skip
    assert [council.name for council in register.councils] == ["Fenwick"]
    assert ("spend.csv:4", "Acorn Ltd", False) in [(one.cell, one.value, one.serious) for one in register.problems]


def test_a_list_of_payments_is_not_all_there_is_and_says_nothing_of_grants(vocabulary: Vocabulary) -> None:
    register = read(vocabulary, "Fenwick,Acorn Ltd,2025-03-31,1,1000.50,x")
    rows = of_shape(register, Shape.COUNCIL_YEAR)
    assert register.closed == frozenset()
    assert rows.columns["funding_kind"] == [None]
    assert (rows.columns["granted_on_lo"], rows.columns["granted_on_hi"]) == ([date(2025, 3, 31)], [date(2025, 3, 31)])
    assert rows.cell(0, "direct_funding") == "spend.csv:2"


@pytest.mark.parametrize(
    ("payment", "cell", "left"),
    [
        ("Fenwick,Acorn Ltd,2024-05-02,2,lots,x", "lots", {("Acorn Ltd", 2024): (0, None)}),
        (
            "Fenwick,Acorn Ltd,soon,2,5.00,x",
            "soon",
            {("Acorn Ltd", 2024): (1000, 1000), ("Acorn Ltd", None): (0, None)},
        ),
        ("Fenwick,Acorn Ltd,soon,2,-5.00,x", "soon", {("Acorn Ltd", 2024): (0, None), ("Acorn Ltd", None): (0, None)}),
    ],
)  # fmt: skip
def test_what_is_not_read_leaves_its_year_open(
    vocabulary: Vocabulary, payment: str, cell: str, left: dict[tuple[str, int | None], tuple[int, int | None]]
) -> None:
    register = read(vocabulary, "Fenwick,Acorn Ltd,2024-05-01,1,10.00,x", payment)
    assert stated(register) == left
    assert ("spend.csv:3", cell, True) in [(one.cell, one.value, one.serious) for one in register.problems]


def test_payments_to_nobody_named_are_counted_and_left_out(vocabulary: Vocabulary) -> None:
    register = read(
        vocabulary,
        "Fenwick,Acorn Ltd,2024-05-01,1,10.00,x",
        "Fenwick,Redacted,2024-05-01,2,10.00,x",
        "Fenwick,REDACTED PERSONAL DATA,2024-05-01,3,10.00,x",
    )
    assert [name for name, _ in stated(register)] == ["Acorn Ltd"]
    assert ("spend.csv:3", "2 payments") in [(one.cell, one.value) for one in register.problems]


def test_the_payments_of_several_councils_are_refused(vocabulary: Vocabulary) -> None:
    with pytest.raises(UnreadableError, match="2 councils"):
        read(vocabulary, "Fenwick,A,2024-05-01,1,10.00,x", "Harting,A,2024-05-01,2,10.00,x")


@pytest.mark.skipif(not SPEND, reason="the real data is not here")
@pytest.mark.parametrize("archive", SPEND, ids=lambda path: path.stem)
def test_real_payments_come_to_the_same_sums(vocabulary: Vocabulary, archive: Path) -> None:
    with zipfile.ZipFile(archive) as source:
        data = source.read(source.namelist()[0])
    expected: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    payments = 0
    for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        payments += 1
        if row["BeneficiaryName"] != "Redacted":
            year = financial_year_of(date.fromisoformat(row["PaymentDate"])).start
            expected[spelling(row["BeneficiaryName"]), year] += Decimal(row["Amount"])
    register = register_from(data, f"{archive.stem}.csv", vocabulary)
    found = {(spelling(name), year): ends for (name, year), ends in stated(register).items()}
    wanted = {key: (max(int(amount * 100), 0),) * 2 for key, amount in expected.items()}
    assert payments > 30_000
    assert found == wanted
    assert not [problem for problem in register.problems if problem.serious]
