"""Money as officers write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff.errors import OutOfLimitsError
from tipstaff.facts.bounds import MOST_PENCE, exactly
from tipstaff.register.texts.money import read_money


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("£76,454", 7_645_400),
        ("76454", 7_645_400),
        ("£1,200.50", 120_050),
        ("£1,200.5", 120_050),
        (" £ 5k ", 500_000),
        ("£1.2m", 120_000_000),
        ("£2 million", 200_000_000),
        ("GBP 300", 30_000),
        ("nil", 0),
        ("None", 0),
        ("N/A", 0),
        ("£0", 0),
        ("-0", 0),
        ("£100bn", MOST_PENCE),
    ],
)
def test_amounts(text: str, pence: int) -> None:
    assert read_money(text) == exactly(pence)


@pytest.mark.parametrize(
    "text",
    [
        "", "approx £5,000", "£5,000 pa", "tbc", "five pounds", "£1,2000", "£12,00", "£5.125", "£5-£6", "£", "1e5",
        "£5 000", "(500", "500)", "NaN", "Infinity", "٣", "1" * 61,
    ],
)  # fmt: skip
def test_what_is_not_one_whole_amount(text: str) -> None:
    assert read_money(text) is None


@pytest.mark.parametrize("text", ["-£500", "£-500", "−500", "(500)", "(£1,200.50)", "£100,000,000,000.01", "£101bn"])
def test_amounts_out_of_limits(text: str) -> None:
    with pytest.raises(OutOfLimitsError, match=r"an amount from £0 to £100,000,000,000"):
        read_money(text)


@given(st.integers(0, MOST_PENCE), st.sampled_from(["£{}", "{}", " £ {} ", "GBP{}", "gbp {}"]), st.booleans())
def test_every_amount_reads_back(pence: int, form: str, grouped: bool) -> None:
    pounds, rest = divmod(pence, 100)
    number = f"{pounds:,}" if grouped else str(pounds)
    assert read_money(form.format(f"{number}.{rest:02d}")) == exactly(pence)
    assert read_money(form.format(number)) == exactly(pounds * 100)


@given(st.text(max_size=70) | st.text("£-(),.0123456789kmbn GBP", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        amount = read_money(text)
    except OutOfLimitsError:
        return
    assert amount is None or (amount.is_point and 0 <= amount.lo <= MOST_PENCE)
