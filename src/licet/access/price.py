"""What does it cost? Integers only: millionths of the currency's unit in, one rounding per invoice line at the end."""

from __future__ import annotations

from licet.release.reader.amount import DECIMALS as _DECIMALS
from licet.release.release import Price
from licet.terms.plain import price_words

MICROS = 1_000_000


def over(used: int, limit: int) -> int:
    """How much of a use is past its limit."""
    return max(0, used - limit)


def line_minor(micros: int, currency: str) -> int:
    """An invoice line in the currency's smallest coin (cents of a euro, yen), rounded once, half to even."""
    return half_even(micros, MICROS // 10 ** _DECIMALS.get(currency, 2))


def owed_minor(price: Price, count: int) -> int:
    """What `count` of a price's unit cost in the currency's smallest coin: exact until here, then rounded once."""
    return half_even(price.micros * count, price.per * MICROS // 10 ** _DECIMALS.get(price.currency, 2))


def minor_words(minor: int, currency: str) -> str:
    """`12.50 EUR`, `900 JPY`."""
    decimals = _DECIMALS.get(currency, 2)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    amount = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"{'-' if minor < 0 else ''}{amount} {currency}"


def half_even(amount: int, by: int) -> int:
    """`amount / by` as the nearest integer, a half to the even one. Exact for any size and sign."""
    whole, rest = divmod(amount, by)
    if 2 * rest > by or (2 * rest == by and whole % 2):
        whole += 1
    return whole


def words(price: Price) -> str:
    """`9.00 EUR / month`, `0.40 EUR / 1000 calls`."""
    return price_words(price.micros, price.currency, price.per, price.unit)
