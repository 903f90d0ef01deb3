"""The partnership that an officer means."""

import pytest

from support.paths import EXAMPLES
from tipstaff.policy.pack.model import Pack
from tipstaff.register.reading import read_register
from tipstaff.register.tables.lookup import find
from tipstaff.register.tables.model import Register

EXAMPLE = EXAMPLES / "register.xlsx"


@pytest.fixture(scope="module")
def register(pack: Pack) -> Register:
    return read_register(EXAMPLE, pack.vocabulary)


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("P03", "P03"),
        ("p03", "P03"),
        ("South Hams CVS", "P03"),
        ("south hams cvs", "P03"),
        ("LAG/LEAF", "P11"),
        ("moorland carers support illustrative", "P14"),
        ("TAVISTOCK RING AND RIDE", "P13"),
        ("Tavistock Ring & Ride", "P05"),
        ("churches-and-chapels-forum-illustrative", "churches-and-chapels-forum-illustrative"),
    ],
)
def test_a_reference_or_name_is_found_whatever_its_case(register: Register, text: str, ref: str) -> None:
    match = find(register, text)
    assert ([register.refs[place] for place in match.positions], match.exact) == ([ref], True)


@pytest.mark.parametrize(("text", "ref"), [("South Ham CVS", "P03"), ("memory cafe", "P15"), ("youth network", "P07")])
def test_a_near_name_is_found_and_said_to_be_near(register: Register, text: str, ref: str) -> None:
    match = find(register, text)
    assert ([register.refs[place] for place in match.positions], match.exact) == ([ref], False)


@pytest.mark.parametrize(
    ("text", "refs"), [("CAB", {"P01", "P02"}), ("tavistock ring and ride", {"P05", "P13"}), ("illustrative", {"P07"})]
)
def test_several_candidates_are_left_to_the_officer(register: Register, text: str, refs: set[str]) -> None:
    match = find(register, text)
    assert not match.found
    assert len(match.positions) > 1
    assert {register.refs[place] for place in match.positions} >= refs


@pytest.mark.parametrize("text", ["", "?", "zzzz", "\x00", "x" * 100_000])
def test_nothing_like_it_is_nothing_found(register: Register, text: str) -> None:
    assert find(register, text).positions == ()
