"""How does Stripe write an amount? In the smallest coin as we do, but for a few currencies; those it rounds are refused.

Three currencies have thousandths, which Stripe takes only where the last digit is 0. Of three others Stripe's documents
and the standard do not agree on the coin: a price in them is refused, for a guess would be wrong by a hundredfold.
"""

from __future__ import annotations

from decimal import Decimal

from licet.access.price import line_minor
from licet.portal.payments.port import Declined
from licet.release.release import Price

_TENS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
_DISPUTED = frozenset({"ISK", "MGA", "UGX"})
_PLACES = 12  # digits that Stripe takes after the point of a unit amount


def amount(minor: int, currency: str) -> int:
    """What Stripe is told for an amount in the smallest coin. `Declined` where it would be misread or rounded."""
    if currency.upper() in _DISPUTED:
        raise Declined(f"prices in {currency} are not sold by Stripe", mend="name the price in another currency")
    if currency.upper() in _TENS and minor % 10:
        raise Declined(f"Stripe rounds {currency} to ten of the smallest coin", mend="name a price that ends in 0")
    return minor


def price_minor(price: Price) -> int:
    """A tier's price in the smallest coin. `Declined` where it has a fraction of one: nobody can pay that."""
    minor = line_minor(price.micros, price.currency)
    if line_minor(price.micros * 1000, price.currency) != minor * 1000:
        raise Declined("a price has less than the smallest coin", where=f"line {price.line}", mend="round it")
    return amount(minor, price.currency)


def unit_decimal(price: Price) -> str:
    """What one metered unit costs, in the smallest coin, as the decimal string that Stripe takes; exact, or refused."""
    amount(0, price.currency)
    coin = line_minor(1_000_000, price.currency)  # how many of the smallest coin make one of the currency
    exact = Decimal(price.micros * coin) / Decimal(1_000_000 * price.per)
    if exact * 1_000_000 * price.per != price.micros * coin or -int(exact.as_tuple().exponent) > _PLACES:
        raise Declined(
            f"{price.micros} millionths for {price.per} {price.unit} are no exact price of one",
            where=f"line {price.line}", mend="name a price that divides by the count, for example by 1000",
        )  # fmt: skip
    return format(exact.normalize(), "f")
