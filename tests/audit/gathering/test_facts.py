"""Facts: what contributions, current rows and other entries come to, as ``audit.gathering.facts`` documents it."""

from datetime import date
from typing import Any

import pytest

from support.packs import with_parameters
from support.registers import Partnership, Row, amount, register
from tipstaff.audit.decisions.audit import audit
from tipstaff.audit.gathering.facts import gather, moments
from tipstaff.facts.bounds import NEVER
from tipstaff.facts.periods import FinancialYear
from tipstaff.policy.pack.loading import load_pack
from tipstaff.policy.pack.model import Pack

AS_OF, CYCLE = date(2016, 8, 4), FinancialYear(2017)
YEAR, LAST_YEAR = 2016, 2015
Known = tuple[Any, Any]


def line(council: str | None, year: int | None = None, text: bool = False, **facts: Any) -> Row:
    """A contribution. A number is an exact value in pence or hundredths, a pair is a pair of bounds."""
    row: Row = {"council": council, "year": year, "text": text}
    for name, value in facts.items():
        if name == "funding_kind":
            row[name] = value
        else:
            row |= amount(name, *(value if isinstance(value, tuple) else (value,)))
    return row


def facts_of(pack: Pack, *rows: Row, **tables: list[Row]) -> dict[str, Any]:
    """The facts of one partnership with these contributions."""
    partnership = Partnership({}, {"contributions": list(rows), **tables})
    return gather(register(pack, [partnership]), pack, AS_OF, CYCLE).frame.row(0, named=True)


def bounds(facts: dict[str, Any], name: str) -> Known:
    return (facts[f"{name}_lo"], facts[f"{name}_hi"])


NIL = {"sh": line("sh", direct_funding=0), "wd": line("wd", direct_funding=0)}


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        pytest.param([], (0, None), id="nothing stated"),
        pytest.param([line("sh", direct_funding=500)], (500, None), id="one council stated"),
        pytest.param([line("sh", direct_funding=500), NIL["wd"]], (500, 500), id="both stated"),
        pytest.param([line("sh", LAST_YEAR, direct_funding=500), NIL["wd"]], (0, None), id="another year is ignored"),
        pytest.param(
            [line("sh", LAST_YEAR, direct_funding=900), line("sh", YEAR, direct_funding=500), NIL["wd"]],
            (500, 500),
            id="of two years this one",
        ),
        pytest.param(
            [line("sh", direct_funding=500), line("sh", YEAR, direct_funding=300), NIL["wd"]],
            (500, 500),
            id="rate greater",
        ),
        pytest.param(
            [
                line("sh", direct_funding=500),
                line("sh", YEAR, direct_funding=400),
                line("sh", YEAR, direct_funding=300),
                NIL["wd"],
            ],
            (700, 700),
            id="sum of the year greater",
        ),
        pytest.param(
            [line("sh", direct_funding=500), line("sh", YEAR), NIL["wd"]],
            (500, None),
            id="a blank row for the year is unknown",
        ),
        pytest.param([line("sh", direct_funding=(500, 900)), NIL["wd"]], (500, 900), id="bounds"),
        pytest.param([line("sh", direct_funding=(500, None)), NIL["wd"]], (500, None), id="at least"),
        pytest.param(
            [line("sh", text=True, direct_funding=500), line("sh", direct_funding=700), NIL["wd"]],
            (700, 700),
            id="sheet replaces text",
        ),
        pytest.param(
            [line("sh", text=True, direct_funding=500), line("sh", officer_days=100), NIL["wd"]],
            (500, 500),
            id="sheet replaces text measure by measure",
        ),
        pytest.param(
            [line("sh", text=True, direct_funding=500), line("sh", LAST_YEAR, direct_funding=700), NIL["wd"]],
            (500, 500),
            id="the sheet of another year replaces nothing",
        ),
        pytest.param([line(None, direct_funding=800)], (800, 800), id="joint covers councils that state nothing"),
        pytest.param(
            [line(None, direct_funding=800), line("sh", direct_funding=500)], (1300, 1300), id="joint beside a council"
        ),
        pytest.param(
            [line(None, text=True, direct_funding=800), line("sh", direct_funding=500)],
            (500, None),
            id="a council's figure replaces joint text",
        ),
        pytest.param(
            [line(None, direct_funding=800), line("sh", text=True, direct_funding=500)],
            (800, 800),
            id="a joint figure replaces a council's text",
        ),
        pytest.param(
            [line("sh", text=True, direct_funding=500_000), line("wd", text=True, direct_funding=500_000)],
            (1_000_000, 1_000_000),
            id="£5k each",
        ),
        pytest.param(
            [line("sh", text=True, direct_funding=300), line("sh", text=True, direct_funding=200), NIL["wd"]],
            (500, 500),
            id="two readings of one text add up",
        ),
        pytest.param([line("sh", text=True), NIL["wd"]], (0, None), id="a text that says nothing of it"),
    ],
)
def test_total_direct_funding(pack: Pack, rows: list[Row], total: Known) -> None:
    assert bounds(facts_of(pack, *rows), "total_direct_funding") == total


def resource(pack: Pack, *rows: Row) -> Known:
    return bounds(facts_of(pack, *rows), "greatest_annual_resource")


FREE = {"officer_days": 0}


def test_the_greatest_has_no_upper_bound_when_one_council_has_none(pack: Pack) -> None:
    assert resource(pack, line("sh", direct_funding=500, **FREE)) == (500, None)
    assert resource(pack, line("sh", direct_funding=500, **FREE), line("wd", direct_funding=900, **FREE)) == (900, 900)
    assert resource(pack, line("sh", direct_funding=500, **FREE), line("wd", direct_funding=900)) == (900, None)


def test_no_officer_days_cost_nothing(pack: Pack) -> None:
    assert resource(
        pack, line("sh", direct_funding=5, officer_days=0), line("wd", direct_funding=0, officer_days=0)
    ) == (5, 5)


def test_officer_days_without_a_cost_may_cost_anything(pack: Pack) -> None:
    found = facts_of(pack, line("sh", direct_funding=0, officer_days=200), line("wd", direct_funding=0, officer_days=0))
    assert bounds(found, "greatest_annual_resource") == (0, None)
    assert found["officer_days_uncosted"] is True


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The bundled policy with £100 to £200 for a day of officer time."""
    rates = {
        f"value: null, meaning: {word}": f'value: "{rate}", meaning: {word}'
        for word, rate in (("The least", "£100"), ("The most", "£200"))
    }
    return load_pack(with_parameters(tmp_path_factory.mktemp("priced"), rates))


def test_officer_days_are_priced_where_the_pack_gives_rates(priced: Pack) -> None:
    found = facts_of(
        priced, line("sh", direct_funding=0, officer_days=150), line("wd", direct_funding=0, officer_days=0)
    )
    assert bounds(found, "greatest_annual_resource") == (12 * 150 * 100, 12 * 150 * 200)
    assert found["officer_days_uncosted"] is False


def test_a_stated_cost_comes_before_the_price_of_its_days(priced: Pack) -> None:
    rows = (
        line("sh", direct_funding=0, officer_days=100, officer_cost=5),
        line("wd", direct_funding=0, officer_days=0),
    )
    assert resource(priced, *rows) == (5, 5)


def test_what_is_not_tied_to_a_council_may_fall_to_any(pack: Pack) -> None:
    rows = (
        line(None, direct_funding=800),
        line("sh", direct_funding=500, **FREE),
        line("wd", direct_funding=0, **FREE),
    )
    assert resource(pack, *rows) == (500, 1300)


def test_joint_officer_time_counts_once_in_the_total(pack: Pack) -> None:
    rows = (line(None, officer_days=300, officer_cost=100), line("sh", direct_funding=0), line("wd", direct_funding=0))
    found = facts_of(pack, *rows)
    assert bounds(found, "total_officer_days") == (300, 300)
    assert bounds(found, "greatest_officer_days") == (0, 300)
    assert bounds(found, "greatest_annual_resource") == (0, 100)


COSTED = (line("sh", direct_funding=500, officer_cost=100), line("wd", direct_funding=0, officer_cost=0))


def test_joint_days_without_a_cost_may_cost_anything(pack: Pack) -> None:
    found = facts_of(pack, *COSTED, line(None, officer_days=300))
    assert bounds(found, "greatest_annual_resource") == (600, None)
    assert found["officer_days_uncosted"] is True


def test_joint_nil_days_do_not_cover_the_days_of_a_council(pack: Pack) -> None:
    found = facts_of(
        pack, line("sh", officer_days=200), line("wd", officer_days=0), line(None, direct_funding=0, officer_days=0)
    )
    assert bounds(found, "greatest_annual_resource") == (0, None)


def test_a_cost_of_nil_beside_a_blank_is_stated(pack: Pack) -> None:
    rows = (line("wd", officer_cost=0), line("wd", YEAR), line(None, direct_funding=0, officer_cost=500))
    assert resource(pack, *rows) == (0, None)


def test_a_joint_cost_covers_the_priced_days_of_a_council(priced: Pack) -> None:
    assert resource(priced, line(None, direct_funding=0, officer_cost=500), line("wd", officer_days=300)) == (0, 500)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([line("sh", direct_funding=1, funding_kind="grant"), NIL["wd"]], True, id="grant"),
        pytest.param([line("sh", direct_funding=0, funding_kind="grant"), NIL["wd"]], False, id="nothing paid"),
        pytest.param([line("sh", direct_funding=1, funding_kind="contract"), NIL["wd"]], False, id="contract"),
        pytest.param([line("sh", direct_funding=1, funding_kind="contract")], None, id="another council unknown"),
        pytest.param([line("sh", direct_funding=1), NIL["wd"]], None, id="kind unknown"),
        pytest.param([line("sh", funding_kind="grant"), NIL["wd"]], None, id="amount unknown"),
        pytest.param(
            [line("sh", direct_funding=1, funding_kind="grant"), line("sh", YEAR, direct_funding=1), NIL["wd"]],
            None,
            id="kind of a second row unknown",
        ),
        pytest.param([line(None, direct_funding=1, funding_kind="grant")], True, id="joint"),
    ],
)
def test_any(pack: Pack, rows: list[Row], expected: bool | None) -> None:
    assert facts_of(pack, *rows)["paid_as_grant"] is expected


@pytest.mark.parametrize(
    ("rows", "sh", "wd", "expected"),
    [
        ([line("sh", direct_funding=1), line("wd", direct_funding=1)], True, True, True),
        ([line("sh", direct_funding=1), line("wd", direct_funding=1)], True, False, False),
        ([line("sh", direct_funding=1), line("wd", direct_funding=1)], True, None, None),
        ([line("sh", direct_funding=1), NIL["wd"]], True, False, True),
        ([line("sh", direct_funding=1)], True, False, None),
        ([line("sh", direct_funding=1)], True, True, True),
        ([line(None, direct_funding=1)], True, False, None),
        ([line(None, direct_funding=1)], False, False, None),
        ([line(None, direct_funding=0)], False, False, True),
        ([], None, None, None),
    ],
)
def test_every(pack: Pack, rows: list[Row], sh: bool | None, wd: bool | None, expected: bool | None) -> None:
    found = facts_of(pack, *rows, agreements=[{"parties_sh": sh, "parties_wd": wd}])
    assert found["payers_are_parties"] is expected


def test_a_stated_form_decides_whether_an_agreement_is_formal(pack: Pack) -> None:
    def formal(**row: Any) -> bool | None:
        return facts_of(pack, agreements=[row])["formal_agreement"]  # type: ignore[no-any-return]

    assert formal(form="contract", agreement_recorded=False) is True
    assert formal(form="informal", agreement_recorded=True) is False
    assert formal(agreement_recorded=True) is True
    assert formal(agreement_recorded=False) is False
    assert formal() is None


def again(pack: Pack, *own: Row) -> list[tuple[bool | None, bool | None]]:
    frame = gather(register(pack, [Partnership(row) for row in own]), pack, AS_OF, CYCLE).frame
    return list(zip(frame["same_name_again"], frame["same_partner_again"], strict=True))


def entry(name: str | None, purpose: str | None, partners: str | None = "CAB", area: str | None = "South Hams") -> Row:
    return {"name": name, "purpose": purpose, "partners": partners, "area_covered": area}


def test_the_same_name_again_by_normal_spelling(pack: Pack) -> None:
    assert again(pack, {"name": "A & B"}, {"name": "a and b!"}, {"name": "A"}) == [
        (True, False),
        (True, False),
        (False, False),
    ]
    assert again(pack, {"name": None}, {"name": None}) == [(False, False), (False, False)]


@pytest.mark.parametrize(
    ("purposes", "expected"),
    [
        (("advice", "Advice."), [True, True]),
        (("advice", "homes"), [False, False]),
        (("advice", None), [None, None]),
        ((None, None), [None, None]),
        (("advice", "advice", None), [True, True, None]),
        (("advice", "homes", None), [None, None, None]),
        (("advice",), [False]),
        ((None,), [False]),
    ],
)
def test_the_same_partner_again_in_three_values(
    pack: Pack, purposes: tuple[str | None, ...], expected: list[bool | None]
) -> None:
    found = again(pack, *(entry(f"N{index}", purpose) for index, purpose in enumerate(purposes)))
    assert [partner for _, partner in found] == expected


def test_other_partners_or_councils_are_another_entry(pack: Pack) -> None:
    assert again(pack, entry("A", "x"), entry("B", "x", partners="CVS")) == [(False, False)] * 2
    assert again(pack, entry("A", "x"), entry("B", "x", area="West Devon")) == [(False, False)] * 2
    assert again(pack, entry("A", "x", area="both"), entry("B", "x", area="SHDC and WDBC")) == [(False, True)] * 2


def test_a_blank_area_leaves_open_whether_an_entry_is_repeated(pack: Pack) -> None:
    assert again(pack, entry("A", "x"), entry("B", "x", area=None)) == [(False, None)] * 2


def test_names_in_another_script_are_told_apart(pack: Pack) -> None:
    assert again(pack, {"name": "日本"}, {"name": "Россия"}) == [(False, False)] * 2


def test_moments() -> None:
    assert moments(date(2016, 3, 31), CYCLE)["year_start"] == date(2015, 4, 1)
    assert moments(date(2016, 4, 1), CYCLE) == {
        "as_of": date(2016, 4, 1),
        "year_start": date(2016, 4, 1),
        "year_end": date(2017, 3, 31),
        "cycle_start": date(2017, 4, 1),
        "cycle_end": date(2018, 3, 31),
    }


def test_a_register_without_partnerships(pack: Pack) -> None:
    done = audit(register(pack, []), pack, AS_OF, CYCLE)
    assert done.partnerships == 0
    assert all(sum(counts.values()) == 0 for counts in done.outcomes().values())
    assert all(sum(counts.values()) == 0 for counts in done.conclusions().values())


def test_nothing_known_of_a_partnership(pack: Pack) -> None:
    done = audit(register(pack, [Partnership({})]), pack, AS_OF, CYCLE)
    world = [rule.id for rule in done.rules if not rule.record and rule.id != "REG-06"]
    assert {rule: counts for rule, counts in done.outcomes().items() if rule in world and counts["finding"]} == {}
    truths = {name: done.answers[name][0] for name in done.pack.conclusions}
    assert set(truths.values()) == {None} or set(truths.values()) == {None, False}
    assert bounds(done.facts.frame.row(0, named=True), "agreement_end") == (NEVER, None)


def test_rows_stand_with_their_own_partnership(pack: Pack) -> None:
    partnerships = [
        Partnership({}, {"contributions": [line("sh", direct_funding=100 * n), line("wd", direct_funding=0)]})
        for n in range(40)
    ]
    frame = gather(register(pack, partnerships), pack, AS_OF, CYCLE).frame
    assert frame["total_direct_funding_lo"].to_list() == [100 * n for n in range(40)]
    assert frame["row"].to_list() == list(range(40))
