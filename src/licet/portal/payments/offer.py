"""What can be bought, at which price, and is it more or less than what is held? From the document; no provider, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from licet.access.price import MICROS, line_minor
from licet.errors import LicetError, closest
from licet.portal.payments.port import Interval, Order
from licet.release.release import Coupon, Price, Release, Tier

MONTHS = {"month": 1, "year": 12}
MOST_SEATS = 10_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody set out to buy: a tier, how it is paid, for how many, with which coupon."""

    tier: Tier
    price: Price
    seats: int = 1
    coupon: Coupon | None = None
    trial_days: int = 0

    @property
    def interval(self) -> Interval:
        return cast(Interval, self.price.unit)

    @property
    def unit_minor(self) -> int:
        return line_minor(self.price.micros, self.price.currency)

    @property
    def each_minor(self) -> int:
        """What an interval costs, before tax and coupon."""
        return self.unit_minor * self.seats


def choose(
    release: Release,
    tier: str,
    interval: str = "",
    seats: int = 1,
    coupon: str = "",
    *,
    tried: bool = False,
    approved: bool = False,
) -> Chosen:
    """What these words name in this document. LicetError for a tier without a price, and for words that name nothing.

    `tried`: the holder had a trial of this release before, and gets no second one. `approved`: an operator agreed.
    """
    found = release.tier(tier)
    if found is None:
        raise LicetError(f"Invalid user level: no tier `{tier}`", mend=release.did_you_mean(tier))
    if not found.prices:
        raise LicetError(f"the tier `{tier}` is not sold", mend="the page of the release says how to get it")
    if found.requires_approval and not approved:
        raise LicetError(f"the tier `{tier}` needs approval first", mend="ask for it on the page of your tier")
    price = next((p for p in found.prices if p.unit == (interval or found.prices[0].unit)), None)
    if price is None:
        known = ", ".join(f"`{p.unit}`" for p in found.prices)
        raise LicetError(f"the tier `{tier}` is not paid by `{interval}`", mend=f"known: {known}")
    most = min(found.seats or MOST_SEATS, MOST_SEATS)
    if not 1 <= seats <= (most if found.per_seat else 1):
        raise LicetError(f"the tier `{tier}` has 1 to {most} seats" if found.per_seat else f"the tier `{tier}` is one")
    reduced = next((c for c in found.coupons if c.code == coupon.strip().upper()), None)
    if coupon.strip() and reduced is None:
        known = closest(coupon.strip().upper(), (c.code for c in found.coupons))
        raise LicetError(f"there is no coupon `{coupon.strip()[:40]}` for the tier `{tier}`", mend=known)
    trial = 0 if tried or price.unit == "once" else found.trial_days
    return Chosen(found, price, seats, reduced, trial)


def order(
    chosen: Chosen, order_id: str, holder_id: str, release: Release, customer: str = "", email: str = ""
) -> Order:
    """The order that a provider is given."""
    reduced = chosen.coupon
    return Order(
        id=order_id, holder_id=holder_id, release=release.name, document=release.sha256, tier=chosen.tier.name,
        interval=chosen.interval, unit_minor=chosen.unit_minor, currency=chosen.price.currency, seats=chosen.seats,
        trial_days=chosen.trial_days, coupon=reduced.code if reduced else "",
        percent_off=reduced.percent if reduced else 0, coupon_months=reduced.months if reduced else None,
        customer=customer, email=email,
    )  # fmt: skip


def is_more(now: Chosen, before_minor: int, before_interval: str, before_seats: int) -> bool:
    """Is it an upgrade, which begins at once? What costs more a month, and a longer promise; else it waits for its date.

    Whoever paid a year and wants to pay by the month waits, whatever that costs: else he would lose the rest of the year.
    """
    months, had = MONTHS.get(now.interval), MONTHS.get(before_interval)
    if months is None or had is None:
        raise ValueError("what is paid once has no next date")
    if months < had:
        return False
    dearer = now.each_minor * had - before_minor * before_seats * months
    return dearer > 0 if dearer else months > had or (months == had and now.seats > before_seats)


def coin_words(minor: int, currency: str) -> str:
    """`9.00 EUR`, `900 JPY`, `1.500 KWD`: an amount in the smallest coin, written with the digits of its currency."""
    coins = line_minor(MICROS, currency)  # how many of the smallest coin are one of the currency
    whole, rest = divmod(abs(minor), coins)
    digits = f".{rest:0{len(str(coins)) - 1}d}" if coins > 1 else ""
    return f"{'-' if minor < 0 else ''}{whole}{digits} {currency}"
