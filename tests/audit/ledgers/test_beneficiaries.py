"""Beneficiaries: which organisations have the money of which partnerships, and which of them are one."""

import random
import time

import pytest

from support.registers import Partnership, Row, register
from tipstaff.audit.ledgers.beneficiaries import Beneficiaries, beneficiaries
from tipstaff.policy.pack.model import Pack


def organisation(name: str | None, receives: bool | None = True, **more: str | bool) -> Row:
    return {"organisation": name, "receives_funding": receives, **more}


def found(pack: Pack, *partnerships: list[Row] | Partnership) -> Beneficiaries:
    made = [one if isinstance(one, Partnership) else Partnership({}, {"partners": one}) for one in partnerships]
    return beneficiaries(register(pack, made), pack, pack.ledgers["aid"].to)


def of(pack: Pack, *rows: Row) -> list[int]:
    """The beneficiary of each row, each row being of a partnership of its own."""
    return found(pack, *([row] for row in rows)).links["beneficiary"].to_list()


@pytest.mark.parametrize("written", ["1234", "01234", "001234", " 12 34 ", "12-34"])
def test_a_number_is_the_same_with_leading_noughts_spaces_and_marks(pack: Pack, written: str) -> None:
    one, other = organisation("Aster", charity_number="1234"), organisation("Borage", charity_number=written)
    assert of(pack, one, other) == [0, 0]


def test_numbers_of_different_registers_are_different(pack: Pack) -> None:
    assert of(pack, organisation("Aster", charity_number="1234"), organisation("Borage", company_number="1234")) == [
        0,
        1,
    ]


def test_a_blank_number_or_nought_makes_nothing_the_same(pack: Pack) -> None:
    assert of(pack, organisation("Aster", charity_number=" - "), organisation("Borage", charity_number="")) == [0, 1]


@pytest.mark.parametrize("written", ["Aster Trust", "ASTER TRUST", " Aster  Trust.", "Áster Trust"])
def test_a_name_is_the_same_in_any_spelling(pack: Pack, written: str) -> None:
    assert of(pack, organisation("Aster Trust"), organisation(written)) == [0, 0]


def test_a_name_goes_with_the_only_number_known_of_it(pack: Pack) -> None:
    assert of(pack, organisation("Aster"), organisation("Aster", charity_number="1"), organisation("Aster")) == [
        0,
        0,
        0,
    ]


def test_contrary_numbers_keep_one_name_apart(pack: Pack) -> None:
    one, other = organisation("Aster", charity_number="1"), organisation("Aster", charity_number="2")
    apart = found(pack, [one], [other], [organisation("Aster")])
    assert apart.links["beneficiary"].to_list() == [0, 1, 2]
    assert apart.near == ((0, 2), (1, 2)), "what has no number may be either; the two are known to differ"


def test_near_names_are_proposed_whichever_row_comes_first(pack: Pack) -> None:
    rows = [
        organisation("Aster Trust", charity_number="1"),
        organisation("Borage Hub", charity_number="1"),
        organisation("Borage Hubs"),
    ]
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        near = found(pack, *([rows[at]] for at in order))
        assert len(near.near) == 1, order
        assert len(near.names) == 2, order


def test_names_that_are_not_near_are_not_proposed(pack: Pack) -> None:
    assert found(pack, [organisation("Aster Trust")], [organisation("Aster Hub")]).near == ()


@pytest.mark.parametrize(
    ("one", "other", "links"),
    [
        (True, False, [(0, True, True)]),
        (None, False, [(0, True, True)]),
        (True, True, [(0, True, False), (1, True, False)]),
        (True, None, [(0, True, False), (1, False, False)]),
        (None, None, [(0, False, False), (1, False, False)]),
        (False, False, []),
    ],
)
def test_of_two_organisations_those_have_the_money_that_are_not_said_to_have_none(
    pack: Pack, one: bool | None, other: bool | None, links: list[tuple[int, bool, bool]]
) -> None:
    made = found(pack, [organisation("Aster", one), organisation("Borage", other)])
    assert made.links.select("beneficiary", "receives", "alone").rows() == links


def test_a_partnership_without_organisations_is_named_by_its_partners_else_by_itself(pack: Pack) -> None:
    named = Partnership({"name": "Youth club", "partners": "Aster"})
    bare = Partnership({"name": "Youth club"})
    made = found(pack, [organisation("aster")], named, bare)
    assert made.links["beneficiary"].to_list() == [0, 0, 1]
    assert made.names == ("aster", "Youth club")


@pytest.mark.parametrize(
    ("told", "said"),
    [((True, False), True), ((True, None), True), ((False, False), False), ((False, None), None), ((None, None), None)],
)
def test_a_fact_is_yes_where_any_row_says_so_and_no_where_all_do(
    pack: Pack, told: tuple[bool | None, ...], said: bool | None
) -> None:
    made = found(pack, *([organisation("Aster") | {"economic_activity": value}] for value in told))
    assert made.facts["economic_activity"].to_list() == [said]


def _seconds(limit: float, pack: Pack, rows: list[Row]) -> Beneficiaries:
    began = time.monotonic()
    made = found(pack, *([row] for row in rows))
    assert time.monotonic() - began < limit
    return made


def test_three_thousand_organisations_are_told_apart_in_good_time(pack: Pack) -> None:
    draw = random.Random(1)
    names = ["".join(draw.choices("abcdefghij ", k=12)) for _ in range(3_000)]
    assert len(_seconds(20, pack, [organisation(name) for name in names]).names) > 2_900


def test_three_thousand_organisations_of_one_name_and_contrary_numbers(pack: Pack) -> None:
    rows = [organisation("Aster", charity_number=str(1 + at)) for at in range(3_000)]
    made = _seconds(20, pack, rows)
    assert len(made.names) == 3_000
    assert made.near == ()


def test_names_of_ten_thousand_characters(pack: Pack) -> None:
    made = _seconds(20, pack, [organisation(f"Aster {'x' * 10_000}{at}") for at in range(300)])
    assert len(made.names) == 300
