"""Published lists of awards, read as registers."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.sources import at
from tipstaff.errors import UnreadableError
from tipstaff.facts.vocabulary import Shape, Vocabulary
from tipstaff.register.reading import register_from
from tipstaff.register.tables.model import Closed, Register, Rows

MARLBURY = "Marlbury Borough Council"
BASE = {
    "Identifier": "A1",
    "Currency": "GBP",
    "Amount Awarded": "1000",
    "Award Date": "2020-06-01",
    "Recipient Org:Identifier": "",
    "Recipient Org:Name": "Advice Centre",
    "Recipient Org:Charity Number": "",
    "Recipient Org:Company Number": "",
    "Funding Org:Name": MARLBURY,
}
Row = Mapping[str, str]
Year = tuple[str, int | None]


def award(**given: str) -> dict[str, str]:
    """An award by the standard's headings, of which the changed ones are given by short names."""
    names = {
        "identifier": "Identifier",
        "currency": "Currency",
        "amount": "Amount Awarded",
        "on": "Award Date",
        "id": "Recipient Org:Identifier",
        "name": "Recipient Org:Name",
        "charity": "Recipient Org:Charity Number",
        "company": "Recipient Org:Company Number",
        "funder": "Funding Org:Name",
        "disbursed": "Amount Disbursed",
        "start": "Planned Dates:Start Date",
        "end": "Planned Dates:End Date",
        "months": "Planned Dates:Duration (months)",
        "purpose": "Description",
    }
    return BASE | {names[key]: value for key, value in given.items()}


def text_of(rows: Sequence[Row], delimiter: str = ",") -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(dict.fromkeys(key for row in rows for key in row)), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


@pytest.fixture
def listed(vocabulary: Vocabulary) -> Callable[..., Register]:
    """Reads a CSV list of these awards."""

    def reader(*rows: Row) -> Register:
        numbered = [{**row, "Identifier": f"A{number}"} if row["Identifier"] == "A1" else row
                    for number, row in enumerate(rows, 1)]  # fmt: skip
        return register_from(text_of(numbered).encode(), "grants.csv", vocabulary)

    return reader


def of(register: Register, shape: Shape) -> Rows:
    return next(rows for rows in register.tables.values() if rows.table.shape is shape)


def names(register: Register) -> list[str]:
    return list(of(register, Shape.REGISTER).columns["name"])


def sums(register: Register, name: str) -> dict[int | None, tuple[int, int | None]]:
    """The bounds of what an organisation received, by financial year; None is any year."""
    rows = of(register, Shape.COUNCIL_YEAR)
    position = names(register).index(name)
    found: dict[int | None, tuple[int, int | None]] = {}
    for index, partnership in enumerate(rows.partnership):
        if partnership == position:
            lo, hi = found.get(rows.year[index], (0, 0))
            own = rows.columns["direct_funding_hi"][index]
            found[rows.year[index]] = (
                lo + rows.columns["direct_funding_lo"][index],
                None if hi is None or own is None else hi + own,
            )
    return found


def said(register: Register, *, serious: bool = True) -> list[tuple[str, str]]:
    return [(one.cell, one.expected) for one in register.problems if one.serious is serious]


# Formats


def test_a_list_of_the_standard_is_read_from_csv(listed: Callable[..., Register]) -> None:
    register = listed(
        award(amount="1234.50", charity="1146058", purpose="Advice"), award(amount="500", on="2021-05-01")
    )
    assert names(register) == ["Advice Centre"]
    assert sums(register, "Advice Centre") == {2020: (123450, 123450), 2021: (50000, 50000)}
    contributions = of(register, Shape.COUNCIL_YEAR)
    assert contributions.cell(0, "direct_funding") == "grants.csv:2"
    assert contributions.columns["council"] == [MARLBURY, MARLBURY]
    assert contributions.columns["funding_kind"] == ["grant", "grant"]
    partners = register.tables["partners"]
    assert partners.columns["organisation"] == ["Advice Centre"]
    assert partners.columns["charity_number"] == ["1146058"]
    assert partners.columns["receives_funding"] == [True]
    assert of(register, Shape.REGISTER).columns["purpose"] == ["Advice"]
    assert not said(register)


def test_a_workbook_names_its_cells(read: Callable[..., Register]) -> None:
    heads = ["Title of the list", "Recipient Org:Name", "Amount Awarded", "Award Date", "Recipient Org:Company Number"]
    register = read({
        "Grants 2020": [["Grants of Marlbury"], [], heads, ["x", "Mend It CIC", 250.5, date(2020, 4, 1), 7597525]],
        "Grants 2021": [heads, ["x", "Mend It C.I.C.", "£1,234.50", "01/05/2021", "07597525"]],
        "Notes": [["About these grants"]],
    })  # fmt: skip
    assert len(names(register)) == 1
    rows = of(register, Shape.COUNCIL_YEAR)
    assert [rows.cell(index, "direct_funding") for index in (0, 1)] == ["Grants 2020!C4", "Grants 2021!C2"]
    assert sums(register, names(register)[0]) == {2020: (25050, 25050), 2021: (123450, 123450)}
    assert register.tables["partners"].columns["company_number"] == ["07597525"]
    assert [one.value for one in at(register, "Notes")] == ["Notes"]
    assert not said(register)


GRANT = {
    "id": "A1",
    "currency": "GBP",
    "amountAwarded": 1234.5,
    "awardDate": "2020-06-01T00:00:00Z",
    "description": "Advice",
    "plannedDates": [{"startDate": "2020-06-01", "duration": 12}],
    "recipientOrganization": [{"id": "GB-COH-7597525", "name": "Advice Centre"}],
    "fundingOrganization": [{"id": "GB-LAE-XMB", "name": MARLBURY}],
}


def json_of(*grants: Any, **beside: Any) -> str:
    return json.dumps({"version": "1.3", **beside, "grants": list(grants)})


def test_json_nests_its_organisations(read_text: Callable[..., Register]) -> None:
    register = read_text(json_of(GRANT), "grants.json")
    assert sums(register, "Advice Centre") == {2020: (123450, 123450)}
    assert of(register, Shape.COUNCIL_YEAR).cell(0, "direct_funding") == "grants.json:grants[0]"
    assert register.tables["partners"].columns["company_number"] == ["07597525"]
    agreements = of(register, Shape.CURRENT)
    assert agreements.columns["agreement_end_hi"] == [date(2021, 5, 31)]
    assert [council.name for council in register.councils] == [MARLBURY]
    assert not said(register)


def test_two_recipients_of_one_award_are_not_guessed(read_text: Callable[..., Register]) -> None:
    two = GRANT | {"id": "A2", "recipientOrganization": [{"name": "One"}, {"name": "Two"}]}
    register = read_text(json_of(GRANT, two, GRANT | {"id": "A3", "awardDate": "2022-06-01"}), "grants.json")
    assert names(register) == ["Advice Centre"]
    assert {cell for cell, _ in said(register)} == {"grants.json:grants[1]"}
    assert {closed.year for closed in register.closed} == {2021, 2022}


def test_a_transparency_code_list_in_its_own_words(read_text: Callable[..., Register]) -> None:
    text = (
        "Grants to voluntary organisations 2020/21,,,,,\n"
        "Date,Department,Beneficiary,Charity number,Purpose of grant,Amount (£)\n"
        '01/06/2020,Communities,Advice Centre,1146058,Core costs,"£1,234.50"\n'
        "24-Jul-20,Communities,The Advice Centre,1146058,Rent,£500\n"
        ',,Total,,,"£1,734.50"\n'
    )
    register = read_text(text, "grants.csv")
    assert names(register) == ["Advice Centre"]
    assert sums(register, "Advice Centre") == {2020: (173450, 173450)}
    assert [council.name for council in register.councils] == ["The publisher (not named in the list)"]
    assert not said(register)
    assert any("Department" in expected for _, expected in said(register, serious=False))


def test_a_register_stays_a_register(read: Callable[..., Register]) -> None:
    register = read({
        "Register": [["Name", "Type"], ["City Deal", "Strategic"]],
        "Paid": [["Recipient", "Amount", "Date"], ["City Deal", 100, "01/06/2020"]],
    })  # fmt: skip
    assert names(register) == ["City Deal"]
    assert not register.closed
    assert not register.unasked


def test_a_list_without_dates_is_refused_with_what_it_needs(read_text: Callable[..., Register]) -> None:
    with pytest.raises(UnreadableError, match="Recipient Org:Name, Amount Awarded and Award Date"):
        read_text("Recipient Org:Name,Amount Awarded\nAdvice Centre,100\n")


# Who is who


def test_exact_keys_join_and_their_chain_too(listed: Callable[..., Register]) -> None:
    register = listed(
        award(name="Age Well", charity="1146058"),
        award(name="Age Well (Hub)", charity="1146058", company="07597525"),
        award(name="AW Trading", id="GB-COH-7597525"),
        award(name="age-well"),
    )
    assert names(register) == ["Age Well"]
    assert sums(register, "Age Well") == {2020: (400000, 400000)}


def test_the_usual_name_is_taken(listed: Callable[..., Register]) -> None:
    same = {"charity": "1146058"}
    register = listed(award(name="Zeta Hub", **same), award(name="Alpha Hub", **same), award(name="Zeta Hub", **same))
    assert names(register) == ["Zeta Hub"]


def test_one_name_with_two_numbers_stays_two_and_is_proposed_once(listed: Callable[..., Register]) -> None:
    register = listed(award(name="Footlights", company="07363900"), award(name="Footlights", company="06447020"))
    assert names(register) == ["Footlights", "Footlights"]
    assert register.refs == ["footlights-06447020", "footlights-07363900"]
    proposed = [expected for _, expected in said(register, serious=False) if "perhaps the same" in expected]
    assert len(proposed) == 1


def test_near_names_are_proposed_and_never_joined(listed: Callable[..., Register]) -> None:
    register = listed(
        award(name="Gorse Hill Studios"), award(name="Gorsehill Studios"),
        award(name="Friends of Walton Park"), award(name="Friends of Ashton Park"),
        award(name="1st Marlbury Scouts"), award(name="2nd Marlbury Scouts"),
    )  # fmt: skip
    assert len(names(register)) == 6
    proposed = [one for one in register.problems if "perhaps the same" in one.expected]
    assert [(one.value, one.serious) for one in proposed] == [("Gorsehill Studios", False)]


@pytest.mark.parametrize("word", ["n/a", "None", "exempt", "TBC", "0", "-"])
def test_words_for_no_number_join_nobody(word: str, listed: Callable[..., Register]) -> None:
    register = listed(
        award(name="Quay", charity=word, company=word, id=word), award(name="Mill", charity=word, company=word, id=word)
    )
    assert names(register) == ["Mill", "Quay"]
    assert not said(register)


def test_a_number_that_is_none_is_a_problem_and_joins_nobody(listed: Callable[..., Register]) -> None:
    register = listed(award(name="Quay", charity="applied for"), award(name="Mill", charity="applied for"))
    assert names(register) == ["Mill", "Quay"]
    assert said(register) == [(f"grants.csv:{row}", "a charity number: it is not used") for row in (2, 3)]


def test_contradicting_numbers_are_remarked_on(listed: Callable[..., Register]) -> None:
    register = listed(
        award(charity="1146058", company="07597525"), award(charity="1146058", company="07363900"),
        award(charity="1146058", company="07597525"),
    )  # fmt: skip
    assert register.tables["partners"].columns["company_number"] == ["07597525"]
    assert [cell for cell, expected in said(register, serious=False) if "07597525" in expected] == ["grants.csv:3"]


# How much and when


def test_money_applied_for_is_never_counted(read_text: Callable[..., Register]) -> None:
    text = "Recipient Org:Name,Amount Applied For,Amount Awarded,Award Date\nQuay,9000,,2020-06-01\n"
    register = read_text(text)
    assert sums(register, "Quay") == {2020: (0, None)}
    assert said(register) == [("register.csv:2", "amount awarded: an amount in pounds, such as 12000")]


def test_what_was_disbursed_counts_where_no_award_is_stated(listed: Callable[..., Register]) -> None:
    register = listed(award(amount="", disbursed="750"), award(amount="100", disbursed="90"))
    assert sums(register, "Advice Centre") == {2020: (85000, 85000)}
    assert not said(register)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"amount": "-500"}, "amount awarded: an amount from £0"),
        ({"amount": "0"}, "amount awarded: an amount above nil"),
        ({"amount": ""}, "amount awarded: an amount in pounds"),
        ({"amount": "about £500"}, "amount awarded: an amount in pounds"),
        ({"amount": "9e99"}, "amount awarded: an amount in pounds"),
        ({"amount": "9" * 30}, "amount awarded: an amount"),
        ({"amount": "=1+1"}, "amount awarded: an amount in pounds"),
        ({"currency": "EUR"}, "GBP: other currencies are not counted"),
    ],
)
def test_an_amount_that_does_not_fit_leaves_its_year_open(
    changed: dict[str, str], expected: str, listed: Callable[..., Register]
) -> None:
    register = listed(award(**changed), award(amount="20"), award(name="Other", on="2019-06-01"))
    assert sums(register, "Advice Centre") == {2020: (2000, None)}
    (problem,) = said(register)
    assert problem[0] == "grants.csv:2"
    assert problem[1].startswith(expected)


@pytest.mark.parametrize("on", ["", "31/02/2020", "soon", "12/31/2020", "0020-01-01"])
def test_a_date_that_does_not_fit_leaves_every_year_open(on: str, listed: Callable[..., Register]) -> None:
    register = listed(award(on=on), award(amount="20"))
    assert sums(register, "Advice Centre") == {None: (0, None), 2020: (2000, 2000)}
    assert [cell for cell, _ in said(register)] == ["grants.csv:2"]


def test_a_date_known_in_part_may_fall_in_two_years(listed: Callable[..., Register]) -> None:
    register = listed(award(on="2020"), award(name="Quay", on="June 2020"))
    assert sums(register, "Advice Centre") == {2019: (0, 100000), 2020: (0, 100000)}
    assert sums(register, "Quay") == {2020: (100000, 100000)}


def test_the_same_award_twice_counts_once(listed: Callable[..., Register]) -> None:
    register = listed(award(identifier="X"), award(identifier="x"), award(identifier="Y", amount="5"))
    assert sums(register, "Advice Centre") == {2020: (100500, 100500)}
    assert said(register) == [
        ("grants.csv:3", "an identifier of its own: that at grants.csv:2 is the same award, which counts once")
    ]


def test_two_awards_of_one_identifier_are_not_told_apart(listed: Callable[..., Register]) -> None:
    register = listed(award(identifier="X"), award(identifier="X", amount="5"))
    assert sums(register, "Advice Centre") == {2020: (0, 100500)}
    assert [cell for cell, _ in said(register)] == ["grants.csv:3"]


def test_awards_without_identifiers_that_are_alike_are_told_of_and_counted(listed: Callable[..., Register]) -> None:
    planned = {"purpose": "Advice", "start": "2020-06-01", "months": "12"}
    same = award(identifier="", **planned)
    others = [
        award(**{"identifier": "", **planned, **other})
        for other in (
            {"purpose": "Premises"},
            {"amount": "999"},
            {"on": "2020-06-02"},
            {"name": "Other Centre"},
            {"identifier": "B"},
            {"start": "2021-06-01"},
            {"months": "6"},
            {"end": "2021-03-31"},
        )
    ]
    register = listed(same, *others, same)
    assert sums(register, "Advice Centre") == {2020: (899900, 899900)}
    assert said(register) == []
    expected = "an identifier, if it is not the award at grants.csv:2, which is as this one is: each is counted"
    assert ("grants.csv:11", expected) in said(register, serious=False)
    assert len([one for _, one in said(register, serious=False) if "each is counted" in one]) == 1


# Agreements


def test_planned_dates_are_an_agreement(listed: Callable[..., Register]) -> None:
    register = listed(
        award(start="2020-06-01", end="2021-05-31", months="12"), award(start="2019-01-31", end="", months="1"),
        award(start="", end="", months="12"), award(name="Quay", start="", end="", months="12"),
    )  # fmt: skip
    agreements = of(register, Shape.CURRENT)
    assert agreements.columns["agreement_start_hi"] == [date(2020, 6, 1), date(2019, 1, 31), None]
    assert agreements.columns["agreement_end_hi"] == [date(2021, 5, 31), date(2019, 2, 27), None]
    assert agreements.columns["agreement_recorded"] == [True, True, None]
    assert set(agreements.partnership) == {0}
    assert ("grants.csv:5" in [cell for cell, _ in said(register, serious=False)]) is False
    assert [cell for cell, expected in said(register, serious=False) if "duration" in expected] == ["grants.csv:4"]


def test_planned_dates_the_wrong_way_round_are_not_used(listed: Callable[..., Register]) -> None:
    register = listed(award(start="2021-06-01", end="2020-05-31"))
    assert len(of(register, Shape.CURRENT)) == 0
    assert len(said(register)) == 1


# Funders, and what the list is complete for


def closed(register: Register) -> set[Year]:
    assert {one.fact for one in register.closed} <= {"direct_funding"}
    return {(one.council, one.year) for one in register.closed}


def test_a_list_is_complete_from_its_first_award_to_its_last(listed: Callable[..., Register]) -> None:
    register = listed(award(on="2017-06-01"), award(on="2020-03-31"))
    assert closed(register) == {("publisher_1", year) for year in (2017, 2018, 2019)}
    assert Closed("direct_funding", "publisher_1", 2018) in register.closed


def test_a_council_of_the_policy_keeps_its_key(listed: Callable[..., Register], vocabulary: Vocabulary) -> None:
    register = listed(award(funder="South Hams"), award(funder="Marlbury", on="2018-06-01"))
    assert [council.key for council in register.councils] == ["sh", "wd", "publisher_1"]
    assert closed(register) == {("sh", 2020), ("publisher_1", 2018)}
    assert set(of(register, Shape.CURRENT).columns) >= {"parties_sh", "parties_publisher_1"}


def test_funders_are_one_by_their_identifier(listed: Callable[..., Register]) -> None:
    rows = [award(funder="Marlbury BC"), award(funder=MARLBURY), award(funder=MARLBURY)]
    register = listed(*({**row, "Funding Org:Identifier": "GB-LAE-XMB"} for row in rows))
    assert [council.name for council in register.councils] == [MARLBURY]


def test_a_funder_left_blank_is_tied_to_no_council(listed: Callable[..., Register]) -> None:
    register = listed(award(funder=""), award(on="2018-06-01"))
    assert of(register, Shape.COUNCIL_YEAR).council == [None, "publisher_1"]
    assert [cell for cell, _ in said(register)] == ["grants.csv:2"]


def test_an_award_to_nobody_known_leaves_its_year_open(listed: Callable[..., Register]) -> None:
    known = (award(on="2017-06-01"), award(on="2020-06-01"))
    register = listed(*known, award(name="", on="2018-06-01"))
    assert closed(register) == {("publisher_1", year) for year in (2017, 2019, 2020)}
    assert not closed(listed(*known, award(name="", on="")))


def test_too_many_funders_are_refused(vocabulary: Vocabulary) -> None:
    rows = [award(identifier=str(number), funder=f"Council {number}") for number in range(21)]
    with pytest.raises(UnreadableError, match="21 funders"):
        register_from(text_of(rows).encode(), "grants.csv", vocabulary)


def test_what_the_list_never_says_is_not_asked_of_it(listed: Callable[..., Register]) -> None:
    register = listed(award(charity="1146058"))
    assert register.unasked >= {"lead_officer", "officer_days", "reputational_risk", "agreement_recorded", "form"}
    assert register.unasked.isdisjoint({"name", "ref", "direct_funding", "charity_number", "funding_kind", "council"})
    assert not register.missing
    assert not register.absent


def test_answers_add_to_a_list(vocabulary: Vocabulary, tmp_path: Path) -> None:
    answers = tmp_path / "answers.csv"
    answers.write_text("Name,Fact,Value\nAdvice Centre,lead officer,Head of Communities\n", encoding="utf-8")
    register = register_from(text_of([award()]).encode(), "grants.csv", vocabulary, answers)
    assert of(register, Shape.REGISTER).columns["lead_officer"] == ["Head of Communities"]


# Whatever the order, and whatever the file


def meaning(register: Register) -> Any:
    """What a register says, without where it says it."""
    rows = of(register, Shape.COUNCIL_YEAR)
    money = sorted(
        (rows.partnership[index], rows.council[index] or "", rows.year[index] or 0,
         *(str(rows.columns[name][index]) for name in ("direct_funding_lo", "direct_funding_hi")))
        for index in range(len(rows))
    )  # fmt: skip
    entries, partners, agreements = (
        sorted(zip(table.partnership, *map(texts, table.columns.values()), strict=True))
        for table in (of(register, Shape.REGISTER), register.tables["partners"], of(register, Shape.CURRENT))
    )
    stated = len([one for one in register.problems if one.serious])
    return register.refs, money, entries, partners, agreements, register.closed, register.unasked, stated


def texts(values: Sequence[Any]) -> list[str]:
    return [str(value) for value in values]


AWARDS = st.lists(
    st.builds(
        award,
        identifier=st.sampled_from(["A", "B", "C", "D", "E", ""]),
        name=st.sampled_from(["Quay", "quay", "The Quay", "Mill", ""]),
        charity=st.sampled_from(["", "1146058", "1146059"]),
        company=st.sampled_from(["", "07597525", "7363900"]),
        id=st.sampled_from(["", "360G-quay", "GB-COH-07597525"]),
        amount=st.sampled_from(["100", "5.50", "", "-1"]),
        currency=st.sampled_from(["GBP", "EUR"]),
        on=st.sampled_from(["2018-06-01", "2020-06-01", "2020", ""]),
        start=st.sampled_from(["", "2020-06-01"]),
        months=st.sampled_from(["", "12"]),
        funder=st.sampled_from([MARLBURY, "Fenwick", ""]),
        purpose=st.sampled_from(["Rent", "Tools", ""]),
    ),
    min_size=1,
    max_size=8,
)


@given(rows=AWARDS, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Row], order: Any, vocabulary: Vocabulary) -> None:
    shuffled = list(rows)
    order.shuffle(shuffled)
    one, other = (register_from(text_of(each).encode(), "grants.csv", vocabulary) for each in (rows, shuffled))
    assert meaning(one) == meaning(other)


CELLS = st.one_of(
    st.text(max_size=12), st.integers(), st.floats(), st.none(), st.booleans(), st.just([]), st.just({"id": [1]}),
    st.just([{"name": "Quay", "duration": 1e300, "startDate": "2199-12-31"}]), st.just([[["deep"]]]),
)  # fmt: skip


@given(grants=st.lists(st.dictionaries(st.sampled_from(sorted(GRANT)), CELLS, max_size=8), max_size=5))
def test_whatever_a_json_list_holds_it_is_read(grants: list[Any], vocabulary: Vocabulary) -> None:
    register = register_from(json_of(GRANT, *grants, "no object", 5).encode(), "grants.json", vocabulary)
    assert len(register.refs) == len(set(register.refs)) == len(names(register)) > 0


@pytest.mark.parametrize("depth", [50, 900])
def test_a_recipient_deep_in_json_is_a_problem(depth: int, vocabulary: Vocabulary) -> None:
    deep = json_of(GRANT, GRANT | {"recipientOrganization": "DEEP"}).replace('"DEEP"', "[" * depth + "]" * depth)
    register = register_from(deep.encode(), "grants.json", vocabulary)
    assert {cell for cell, _ in said(register)} == {"grants.json:grants[1]"}


def test_a_duration_without_end_ends_where_dates_do(listed: Callable[..., Register]) -> None:
    register = listed(award(start="2020-06-01", months="999999"))
    assert of(register, Shape.CURRENT).columns["agreement_end_hi"] == [date(2199, 12, 31)]
