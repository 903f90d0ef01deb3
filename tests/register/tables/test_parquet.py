"""Parquet as a register: the same facts as of any other source, in columns, and what does not fit located."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tipstaff.register.tables.parquet
from tipstaff.audit.decisions.audit import audit
from tipstaff.audit.explaining.findings import Explainer
from tipstaff.errors import UnreadableError
from tipstaff.facts.bounds import NEVER, NO_END
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import read_register
from tipstaff.register.tables.model import Register

AS_OF = date(2016, 8, 4)
CYCLE = FinancialYear(2017)

REGISTER = {"ref": ["P1", "P2", "P3"], "name": ["Alpha", "Beta", "Gamma"], "type": ["strategic", None, "liaison"]}
CONTRIBUTIONS = {
    "ref": ["P1", "P1", "P2", "P3"],
    "council": ["SHDC", "WDBC", None, "South Hams"],
    "year": ["2016/17", "2016/17", None, "2017/18"],
    "direct_funding": [12000, None, 0, 250000],
    "officer_days": [2.5, None, 4.125, 0.0],
    "funding_kind": ["grant", "contract", None, "grant"],
    "granted_on": [date(2016, 4, 1), None, None, date(2016, 5, 1)],
}
AGREEMENTS = {
    "ref": ["P1", "P1", "P3"],
    "form": ["SLA", "contract", "informal"],
    "agreement_start": [date(2014, 4, 1), date(2010, 4, 1), None],
    "agreement_end": [date(2017, 3, 31), date(2014, 3, 31), NO_END],
    "signed": [True, None, False],
}
RISK = {"ref": ["P2", "P3"], "legal_risk": ["significant", "low"], "saves_funds": [True, None]}
RENEWAL = {"ref": ["P1", "P1"], "cycle": ["2017/18", "2016/17"], "plan_received_on": [date(2016, 9, 1), NEVER]}
TABLES = {
    "register": REGISTER,
    "contributions": CONTRIBUTIONS,
    "agreements": AGREEMENTS,
    "risk": RISK,
    "renewal": RENEWAL,
}


def folder(path: Path, **tables: Any) -> Path:
    """A folder of Parquet: a table is columns, or a frame."""
    path.mkdir(exist_ok=True)
    for name, columns in tables.items():
        (columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(columns)).write_parquet(
            path / f"{name}.parquet"
        )
    return path


def as_json(path: Path) -> Path:
    """The same tables as JSON, in which an answer is a text."""

    def spelt(value: Any) -> Any:
        if isinstance(value, date):
            return {NO_END: "no end", NEVER: "never"}.get(value, value.isoformat())
        return value

    tables = {
        name: [
            {column: spelt(values[row]) for column, values in columns.items() if values[row] is not None}
            for row in range(len(columns["ref"]))
        ]
        for name, columns in TABLES.items()
    }
    path.write_text(json.dumps({"partnerships" if name == "register" else name: tables[name] for name in tables}))
    return path


def problems(register: Register) -> dict[str, str]:
    return {problem.cell: problem.expected for problem in register.problems}


def values(register: Register, table: str, column: str) -> list[Any]:
    return list(register.tables[table].columns[column])


def test_the_same_facts_give_the_same_answers_as_json(tmp_path: Path, pack: Pack) -> None:
    parquet = read_register(folder(tmp_path / "register", **TABLES), pack.vocabulary)
    written = read_register(as_json(tmp_path / "register.json"), pack.vocabulary)
    assert parquet.problems == []
    assert parquet.refs == written.refs
    for name, rows in written.tables.items():
        for column in rows.columns:
            if column not in rows.table.keys:
                assert values(parquet, name, column) == rows.columns[column], (name, column)
    one, other = (audit(register, pack, AS_OF, CYCLE) for register in (parquet, written))
    assert one.answers.equals(other.answers)


def test_a_finding_cites_the_file_and_the_row(tmp_path: Path, pack: Pack) -> None:
    register = read_register(folder(tmp_path / "register", **TABLES), pack.vocabulary)
    made = audit(register, pack, AS_OF, CYCLE)
    cells = {one.cell for finding in Explainer(made, range(3)).findings() for one in finding.evidence}
    assert {"contributions.parquet:1", "agreements.parquet:3", "risk.parquet:1", None} <= cells


def test_a_file_alone_is_the_register(tmp_path: Path, pack: Pack) -> None:
    path = tmp_path / "any.parquet"
    pl.DataFrame(REGISTER).write_parquet(path)
    register = read_register(path, pack.vocabulary)
    assert register.refs == ["P1", "P2", "P3"]
    assert "contributions" in register.missing
    assert len(audit(register, pack, AS_OF, CYCLE).answers) == 3


@pytest.mark.parametrize(
    ("amounts", "pence"),
    [
        (pl.Series([12, 0]), [1200, 0]),
        (pl.Series([12, 0], dtype=pl.UInt8), [1200, 0]),
        (pl.Series([12.34, 0.1 + 0.2]), [1234, 30]),
        (pl.Series([Decimal("12.34"), None], dtype=pl.Decimal(12, 2)), [1234, None]),
        (pl.Series([Decimal("12.3"), Decimal("5")], dtype=pl.Decimal(9, 1)), [1230, 500]),
        (pl.Series([Decimal("12.3400"), Decimal("5")], dtype=pl.Decimal(20, 4)), [1234, 500]),
        (pl.Series([Decimal("12.34"), Decimal("5")], dtype=pl.Decimal(38, 20)), [1234, 500]),
        (pl.Series(["£12,000", "nil"]), [1200000, 0]),
        (pl.Series(["£12,000", "tbc"], dtype=pl.Categorical), [1200000, None]),
        (pl.Series([None, None]), [None, None]),
    ],
)
def test_money_is_in_pounds_whatever_its_type(
    tmp_path: Path, pack: Pack, amounts: pl.Series, pence: list[int | None]
) -> None:
    table = pl.DataFrame({"ref": ["P1", "P1"], "direct_funding": amounts})
    register = read_register(folder(tmp_path, register=REGISTER, contributions=table), pack.vocabulary)
    assert values(register, "contributions", "direct_funding_lo") == pence
    assert values(register, "contributions", "direct_funding_hi") == pence
    assert register.problems == []


@pytest.mark.parametrize(
    "amount",
    [
        pl.Series([-1]),
        pl.Series([10**12]),
        pl.Series([2**64 - 1], dtype=pl.UInt64),
        pl.Series([float("nan")]),
        pl.Series([float("inf")]),
        pl.Series([1e300]),
        pl.Series([12.345]),
        pl.Series([Decimal("0.001")], dtype=pl.Decimal(12, 3)),
        pl.Series([Decimal("1e30")], dtype=pl.Decimal(38, 2)),
        pl.Series(["a lot"]),
    ],
)
def test_an_amount_that_does_not_fit_is_a_problem_at_its_row(tmp_path: Path, pack: Pack, amount: pl.Series) -> None:
    table = pl.DataFrame({"ref": ["P1", "P1"], "direct_funding": pl.concat([amount.clear(1), amount])})
    register = read_register(folder(tmp_path, register=REGISTER, contributions=table), pack.vocabulary)
    assert values(register, "contributions", "direct_funding_hi") == [None, None]
    assert problems(register)["contributions.parquet:2"].startswith("direct funding: an amount")


def test_bounds_are_two_columns_and_an_open_end_is_null(tmp_path: Path, pack: Pack) -> None:
    table = {"ref": ["P1", "P2", "P3"], "direct_funding_lo": [5, 7, 9], "direct_funding_hi": [6, None, 8]}
    register = read_register(folder(tmp_path, register=REGISTER, contributions=table), pack.vocabulary)
    assert values(register, "contributions", "direct_funding_lo") == [500, 700, None]
    assert values(register, "contributions", "direct_funding_hi") == [600, None, None]
    assert problems(register) == {"contributions.parquet:3": "direct funding: no less than its lower bound"}


def test_a_number_between_hundredths_is_a_bound(tmp_path: Path, pack: Pack) -> None:
    table = {"ref": ["P1", "P2"], "officer_days": [1.005, 2.0]}
    register = read_register(folder(tmp_path, register=REGISTER, contributions=table), pack.vocabulary)
    assert values(register, "contributions", "officer_days_lo") == [100, 200]
    assert values(register, "contributions", "officer_days_hi") == [101, 200]


def test_rows_that_name_no_partnership_council_or_year_are_problems(tmp_path: Path, pack: Pack) -> None:
    table = {
        "ref": ["P1", "P9", None, "P1", "P1"],
        "council": ["SHDC", "SHDC", "SHDC", "Atlantis", "SHDC"],
        "year": ["2016/17", "2016/17", "2016/17", "2016/17", "2016"],
        "direct_funding": [1, 2, 3, 4, 5],
    }
    register = read_register(folder(tmp_path, register=REGISTER, contributions=table), pack.vocabulary)
    assert values(register, "contributions", "direct_funding_lo") == [100]
    assert register.tables["contributions"].cell(0, "direct_funding") == "contributions.parquet:1"
    assert set(problems(register)) == {f"contributions.parquet:{row}" for row in (2, 3, 4, 5)}


def test_repeated_rows_are_joined_and_what_they_disagree_on_is_unknown(tmp_path: Path, pack: Pack) -> None:
    table = {
        "ref": ["P1", "P2", "P1", "P1"],
        "legal_risk": ["low", "low", "significant", None],
        "saves_funds": [None, True, True, True],
        "public_profile": [False, True, None, None],
    }
    register = read_register(folder(tmp_path, register=REGISTER, risk=table), pack.vocabulary)
    assert values(register, "risk", "legal_risk") == [None, "low"]
    assert values(register, "risk", "saves_funds") == [True, True]
    assert values(register, "risk", "public_profile") == [False, True]
    assert set(problems(register)) == {"risk.parquet:3", "risk.parquet:4"}


def test_contributions_that_are_alike_are_told_of_as_those_of_a_workbook_are(
    tmp_path: Path, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {
        "ref": ["P1", "P1", "P1", "P2", "P1", "P9", "P1", "P1", "P1", "P1"],
        "council": ["SHDC", "WDBC", "SHDC", "SHDC", "SHDC", "SHDC", "South Hams", "SHDC", "SHDC", "SHDC"],
        "year": ["2016/17", "2016/17", "2017/18", "2016/17", "2016/17", None, "2016-17", None, None, "2016/17"],
        "direct_funding": [5000] * 7 + [None, None, 5000],
        "granted_on": [date(2016, 5, 1)] * 4 + [date(2016, 5, 2), None] + [date(2016, 5, 1), None, None]
        + [date(2016, 5, 1)],
    }  # fmt: skip
    path = folder(tmp_path, register=REGISTER, contributions=table)
    register = read_register(path, pack.vocabulary)
    assert len(register.tables["contributions"]) == 9
    expected = (
        "something that contributions.parquet:1 does not state already, if it is not that row again: each is counted"
    )
    assert [(one.cell, one.expected, one.value) for one in register.problems if not one.serious] == [
        (f"contributions.parquet:{row}", expected, "Alpha") for row in (7, 10)
    ]
    monkeypatch.setattr(tipstaff.register.tables.parquet, "_MOST_OF_COLUMN", 1)
    assert [one.cell for one in read_register(path, pack.vocabulary).problems if not one.serious] == [
        "contributions.parquet:7"
    ]


@pytest.mark.parametrize("columns", [["ref"], ["ref", "council", "year"], ["ref", "direct_funding"]], ids=",".join)
def test_what_states_little_is_alike_only_where_it_states_something(
    tmp_path: Path, pack: Pack, columns: list[str]
) -> None:
    table = {"ref": ["P1"] * 2, "council": ["SHDC"] * 2, "year": ["2016/17"] * 2, "direct_funding": [1, 1]}
    path = folder(tmp_path, register=REGISTER, contributions={name: table[name] for name in columns})
    assert len(read_register(path, pack.vocabulary).problems) == ("direct_funding" in columns)


def test_a_table_of_cycles_without_rows_is_read(tmp_path: Path, pack: Pack) -> None:
    table = pl.DataFrame(schema={"ref": pl.String, "cycle": pl.String, "plan_received_on": pl.Date})
    register = read_register(folder(tmp_path, register=REGISTER, renewal=table), pack.vocabulary)
    assert (len(register.tables["renewal"]), register.problems) == (0, [])


def test_references_that_are_blank_or_repeated_are_made_as_of_a_workbook(tmp_path: Path, pack: Pack) -> None:
    table = {"ref": ["P1", "P1", None], "name": ["Alpha", "Beta", "Gamma Delta"]}
    children = {"ref": ["gamma-delta", "P1"], "saves_funds": [True, True]}
    register = read_register(folder(tmp_path, register=table, risk=children), pack.vocabulary)
    assert len(set(register.refs)) == 3
    assert register.refs[2] == "gamma-delta"
    assert list(register.tables["risk"].partnership) == [2]
    assert {"register.parquet:1", "register.parquet:2", "risk.parquet:2"} == set(problems(register))


def test_contact_details_are_not_kept(tmp_path: Path, pack: Pack) -> None:
    table = {**REGISTER, "contact_details": ["a@example.org", None, "b@example.org"]}
    register = read_register(folder(tmp_path, register=table), pack.vocabulary)
    assert values(register, "partnerships", "contact_details") == ["given", None, "given"]


def test_texts_are_tidied_as_cells_are(tmp_path: Path, pack: Pack) -> None:
    table = {"ref": ["P1", "P2", "P3", "P4"], "name": ["A\x1b[31m", "tbc", "  B  C ", "x" * 40_000]}
    register = read_register(folder(tmp_path, register=table), pack.vocabulary)
    assert values(register, "partnerships", "name") == ["A [31m", None, "B C", None]


HOSTILE = {
    "nested": {"name": [["a"]], "type": [{"a": 1}], "theme": [b"bytes"]},
    "no rows": {"ref": pl.Series([], dtype=pl.String), "name": pl.Series([], dtype=pl.String)},
    "no types": {"ref": [None], "name": [None]},
    "wrong types": {"ref": [1.5], "name": [True], "registered_class": [3], "agreement_dates": [date(2016, 1, 1)]},
    "odd headings": {"ref": ["P1"], "": ["x"], "\x1b[31m" * 100: ["y"], "_": [1]},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_columns_are_audited_as_far_as_they_go(tmp_path: Path, pack: Pack, name: str) -> None:
    given_columns = {"ref": ["P1"], **HOSTILE[name]} if name != "no rows" else HOSTILE[name]
    register = read_register(folder(tmp_path, register=given_columns), pack.vocabulary)
    assert len(audit(register, pack, AS_OF, CYCLE).answers) == len(register.refs)


def test_hostile_children_are_audited_as_far_as_they_go(tmp_path: Path, pack: Pack) -> None:
    tables = {
        name: {"ref": ["P1"], **{fact: [[1]] for fact in table.facts}}
        for name, table in pack.vocabulary.tables.items()
        if name not in ("partnerships", "answers")
    }
    register = read_register(folder(tmp_path, register=REGISTER, **tables), pack.vocabulary)
    assert len(audit(register, pack, AS_OF, CYCLE).answers) == 3
    keyless = {name: {"direct_funding": [1]} for name in tables}
    register = read_register(folder(tmp_path, register=REGISTER, **keyless), pack.vocabulary)
    assert len(audit(register, pack, AS_OF, CYCLE).answers) == 3
    assert problems(register)["contributions.parquet"] == "a column ref, which names the partnership"


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1PAR1", b"PAR1" + b"\xff" * 500 + b"PAR1", b""])
def test_a_damaged_file_is_unreadable(tmp_path: Path, pack: Pack, data: bytes) -> None:
    (tmp_path / "register.parquet").write_bytes(data)
    for path in (tmp_path, tmp_path / "register.parquet"):
        with pytest.raises(UnreadableError, match=r"register\.parquet"):
            read_register(path, pack.vocabulary)


def test_a_folder_without_a_register_or_without_names_is_unreadable(tmp_path: Path, pack: Pack) -> None:
    with pytest.raises(UnreadableError, match=r"has no register\.parquet"):
        read_register(folder(tmp_path / "one", risk=RISK), pack.vocabulary)
    with pytest.raises(UnreadableError, match="neither a column ref nor a column name"):
        read_register(folder(tmp_path / "two", register={"type": ["strategic"]}), pack.vocabulary)


CELLS = st.one_of(
    st.lists(st.none() | st.text(max_size=8), min_size=3, max_size=3).map(lambda x: pl.Series(x, dtype=pl.String)),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
        lambda x: pl.Series(x, dtype=pl.Int64)
    ),
    st.lists(st.none() | st.floats(), min_size=3, max_size=3).map(lambda x: pl.Series(x, dtype=pl.Float64)),
    st.lists(st.none() | st.booleans(), min_size=3, max_size=3).map(lambda x: pl.Series(x, dtype=pl.Boolean)),
    st.lists(st.none() | st.dates(), min_size=3, max_size=3).map(lambda x: pl.Series(x, dtype=pl.Date)),
    st.lists(st.none() | st.datetimes(), min_size=3, max_size=3).map(lambda x: pl.Series(x, dtype=pl.Datetime("us"))),
)


@settings(max_examples=60)
@given(data=st.data())
def test_any_column_under_any_name_is_read_without_a_traceback(tmp_path: Path, pack: Pack, data: st.DataObject) -> None:
    table = data.draw(st.sampled_from([one for one in pack.vocabulary.tables.values() if one.name != "answers"]))
    chosen = data.draw(st.lists(st.sampled_from(sorted(table.facts)), min_size=1, max_size=4, unique=True))
    ends = {fact: data.draw(st.sampled_from(["", "_lo", "_hi"])) for fact in chosen}
    columns = {f"{fact}{ends[fact]}": data.draw(CELLS) for fact in chosen}
    tables: dict[str, Any] = {"register": REGISTER}
    tables["register" if table.name == "partnerships" else table.name] = {"ref": ["P1", "P2", "P1"], **columns}
    for file in tmp_path.glob("*.parquet"):
        file.unlink()
    register = read_register(folder(tmp_path, **tables), pack.vocabulary)
    assert len(register.refs) == 3
    for rows in register.tables.values():
        assert {len(column) for column in rows.columns.values()} <= {len(rows)}


def test_a_table_may_be_several_files_in_a_folder_of_its_own(tmp_path: Path, pack: Pack) -> None:
    whole = folder(tmp_path / "whole", **TABLES)
    parted = folder(tmp_path / "parted", **{name: table for name, table in TABLES.items() if name != "contributions"})
    frame = pl.DataFrame(CONTRIBUTIONS)
    folder(parted / "contributions", **{"part-0002": frame[1:], "part-0001": frame[:1], "_hidden": frame, ".x": frame})
    (parted / "contributions" / "_SUCCESS").touch()
    one, several = (read_register(path, pack.vocabulary) for path in (whole, parted))
    assert [problem.expected for problem in several.problems] == [problem.expected for problem in one.problems]
    own, expected = several.tables["contributions"], one.tables["contributions"]
    assert {name: list(column) for name, column in own.columns.items()} == {
        name: list(column) for name, column in expected.columns.items()
    }
    assert [own.cell(row, "direct_funding") for row in range(len(own))] == [
        "contributions/part-0001.parquet:1",
        *(f"contributions/part-0002.parquet:{row}" for row in (1, 2, 3)),
    ]
    assert len({one.sha256, several.sha256}) == 2


def test_what_does_not_fit_in_a_part_is_located_in_it(tmp_path: Path, pack: Pack) -> None:
    path = folder(tmp_path / "register", register=REGISTER)
    frame = pl.DataFrame(CONTRIBUTIONS).with_columns(pl.lit("lots").alias("direct_funding"))
    folder(path / "contributions", a=frame[:2], b=frame[2:].with_columns(pl.lit("P9").alias("ref")))
    cells = [problem.cell for problem in read_register(path, pack.vocabulary).problems]
    for cell in ("contributions/a.parquet:2", "contributions/b.parquet:1", "contributions/b.parquet:2"):
        assert cell in cells


def test_parts_with_other_columns_are_united(tmp_path: Path, pack: Pack) -> None:
    path = folder(tmp_path / "register", register=REGISTER)
    frame = pl.DataFrame(CONTRIBUTIONS)
    texts = frame.with_columns(pl.col("direct_funding").cast(pl.String)).drop("officer_days", strict=False)
    folder(path / "contributions", a=frame, b=texts)
    rows = read_register(path, pack.vocabulary).tables["contributions"]
    funding = list(rows.columns["direct_funding_hi"])
    assert funding == funding[: len(frame)] * 2
    assert rows.cell(len(frame), "direct_funding") == "contributions/b.parquet:1"


def test_a_folder_beside_a_file_of_its_name_is_said_not_to_be_read(tmp_path: Path, pack: Pack) -> None:
    path = folder(tmp_path / "register", **TABLES)
    folder(path / "contributions", a=pl.DataFrame(CONTRIBUTIONS))
    problems = read_register(path, pack.vocabulary).problems
    assert "one file a table: contributions.parquet is read; it is not read" in [each.expected for each in problems]


def test_a_workbook_beside_parquet_files_is_said_not_to_be_read(tmp_path: Path, pack: Pack) -> None:
    path = folder(tmp_path / "register", register=REGISTER)
    (path / "contributions.xlsx").write_bytes(b"PK")
    (problem,) = (each for each in read_register(path, pack.vocabulary).problems if each.serious)
    assert (problem.value, "it is not read" in problem.expected) == ("contributions.xlsx", True)


def test_a_workbook_named_as_parquet_in_a_folder_is_unreadable(tmp_path: Path, pack: Pack) -> None:
    path = folder(tmp_path / "register", register=REGISTER)
    (path / "contributions.parquet").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(UnreadableError, match=r"contributions\.parquet is damaged, or is not a Parquet file"):
        read_register(path, pack.vocabulary)


def test_a_folder_of_a_workbook_alone_is_unreadable(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "register.xlsx").write_bytes(b"PK")
    with pytest.raises(UnreadableError, match="is a folder"):
        read_register(tmp_path, pack.vocabulary)


def test_answers_fill_a_register_of_parquet_as_they_fill_a_workbook(tmp_path: Path, pack: Pack) -> None:
    path, listed = folder(tmp_path / "register", **TABLES), as_json(tmp_path / "register.json")
    answers = tmp_path / "answers.csv"
    answers.write_text(
        "Ref,Fact,Value,Council,Financial year\n"
        "P1,Officer days per month,3,WDBC,2016/17\n"
        "P2,Legal risk,low,,\n"
        "P2,Agreement dates,1 April 2015 to 31 March 2018,,\n"
        "P3,Financial arrangements,SHDC £500 pa,,\n"
        "P3,lead officer,Specialist,,\n"
        "P9,lead officer,Nobody,,\n"
    )
    own, expected = (read_register(each, pack.vocabulary, answers) for each in (path, listed))
    for name, rows in expected.tables.items():
        found = own.tables[name]
        assert list(found.partnership) == list(rows.partnership)
        for column, values in rows.columns.items():
            if column not in ("ref", "council", "year", "cycle"):
                assert list(found.columns[column]) == values, (name, column)
    place = own.tables["risk"].cell(0, "legal_risk")
    assert place == "answers.csv:3"
    assert problems(own).keys() == {"answers.csv:3", "answers.csv:5", "answers.csv:7"} <= problems(expected).keys()


def test_a_folder_whose_name_looks_like_a_glob_is_read(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "a1").mkdir()
    read = read_register(folder(tmp_path / "a[1]*?", **TABLES), pack.vocabulary)
    assert read.refs == REGISTER["ref"]
