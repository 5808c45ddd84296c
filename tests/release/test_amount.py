"""Amounts are read to the last digit: what is written is what is counted and paid."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.release.reader import amount
from licet.terms.plain import price_words

MONEY = st.decimals(min_value=Decimal("0.000001"), max_value=Decimal("999999999"), places=6)
PRICES = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999999999"), places=2)  # what a coin can pay
GAPS = st.sampled_from(["", " ", "  "])


@given(PRICES, st.sampled_from(amount.PAID), GAPS, GAPS)
def test_a_price_is_its_decimal_in_millionths(money: Decimal, unit: str, left: str, right: str) -> None:
    plain = format(money, "f")
    assert amount.price(f"{plain} EUR{left}/{right}{unit}") == (int(money * 10**6), "EUR", unit)


@given(MONEY, st.integers(2, 10**14), st.sampled_from(amount.METERS))
def test_what_is_read_is_what_the_page_says(money: Decimal, per: int, meter: str) -> None:
    read = amount.overage(f"{format(money, 'f')} USD / {per} {meter}")
    assert read == (int(money * 10**6), "USD", per, meter)
    assert amount.overage(price_words(*read)) == read


@given(st.integers(1, 10**15 - 1), st.sampled_from(amount.METERS), st.sampled_from(amount.PERIODS), GAPS)
def test_a_quota_is_its_number_with_or_without_underscores(n: int, meter: str, period: str, gap: str) -> None:
    for digits in (str(n), f"{n:_}", f"000{n}"):
        assert amount.quota(f"{digits} {meter}{gap}/{gap}{period}") == (n, meter, period)


@pytest.mark.parametrize(
    "text", ["", "1", "calls", "1 calls", "1calls / day", "-1 calls / day", "1e3 calls / day", "\u0661 calls / day"]
)
def test_what_is_no_quota_says_how_one_is_written(text: str) -> None:
    with pytest.raises(amount.AmountError) as wrong:
        amount.quota(text)
    assert "1000 calls / month" in wrong.value.mend
