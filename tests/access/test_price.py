"""Prices are integers, rounded once."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.access.price import half_even, line_minor, over, owed_minor, words
from licet.release.release import Price

PACK = Price(400_000, "EUR", 1, 1000, "calls")


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_rounding_is_to_the_nearest_and_a_half_to_the_even(amount: int, by: int) -> None:
    assert half_even(amount, by) == round(Fraction(amount, by))


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_charge_split_in_two_differs_by_no_more_than_its_rounding(one: int, two: int) -> None:
    assert abs(owed_minor(PACK, one) + owed_minor(PACK, two) - owed_minor(PACK, one + two)) <= 1


@pytest.mark.parametrize(
    ("micros", "currency", "minor"),
    [
        (9_000_000, "EUR", 900),
        (9_005_000, "EUR", 900),
        (9_015_000, "EUR", 902),
        (900_000_000, "JPY", 900),
        (1_500, "KWD", 2),
    ],
)
def test_an_invoice_line_is_rounded_to_the_currencys_smallest_coin(micros: int, currency: str, minor: int) -> None:
    assert line_minor(micros, currency) == minor


def test_a_price_in_words_is_exact() -> None:
    assert words(PACK) == "0.40 EUR / 1000 calls"
    assert words(Price(9_000_000, "EUR", 1, unit="month")) == "9.00 EUR / month"
    assert words(Price(150, "USD", 1, 1_000_000, "tokens")) == "0.00015 USD / 1000000 tokens"


def test_only_what_is_past_the_limit_is_over_it() -> None:
    assert (over(1_000, 1_000), over(1_001, 1_000)) == (0, 1)
