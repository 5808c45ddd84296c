"""What must Stripe have, for a release to be sold? Products, prices, meters and coupons, worked out of its document.

Pure. Each is found again by a name that says what it is: a product by its id, a price by its lookup key (which holds the
amount, for a price at Stripe never changes), a coupon by an id with its percentage, a meter by its event name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from licet.portal.payments.port import Interval, metered
from licet.portal.payments.stripe_money import amount, price_minor, unit_decimal
from licet.release.release import Coupon, Price, Release, Tier


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    name: str
    description: str
    release: str
    tier: str


@dataclass(frozen=True, slots=True)
class Meter:
    event: str
    name: str


@dataclass(frozen=True, slots=True)
class Good:
    """A price. `unit`: whole smallest coins, or a decimal string for one metered unit."""

    key: str
    product: Product
    currency: str
    unit: int | str
    interval: Interval
    meter: Meter | None = None


@dataclass(frozen=True, slots=True)
class Off:
    """A coupon."""

    id: str
    code: str
    percent: int
    months: int | None
    product: Product


def product(release: Release, tier: Tier) -> Product:
    name = f"{release.name}: {tier.name}"
    return Product(_id(release.name, tier.name), name, tier.description[:500], release.name, tier.name)


def price(of: Product, currency: str, unit_minor: int, interval: Interval) -> Good:
    """The price of one seat for one interval."""
    unit = amount(unit_minor, currency)
    return Good(f"{of.id}__{interval}__{currency.lower()}__{unit}", of, currency.lower(), unit, interval)


def overage(of: Product, cost: Price, interval: Interval) -> Good:
    """The price of one unit past the quota, told to a meter."""
    meter = Meter(event_name(metered(of.release, cost.unit)), f"{of.release}: {cost.unit}")
    unit = unit_decimal(cost)
    key = f"{of.id}__{interval}__{cost.currency.lower()}__{cost.unit}__{unit.replace('.', '-')}"
    return Good(key, of, cost.currency.lower(), unit, interval, meter)


def coupon(of: Product, one: Coupon) -> Off:
    lasts = "ever" if one.months is None else f"{one.months}m"
    return Off(f"{of.id}__{_word(one.code)}__{one.percent}__{lasts}", one.code, one.percent, one.months, of)


def event_name(meter: str) -> str:
    """A meter's event name at Stripe."""
    return f"licet_{_word(meter)}"


def goods(release: Release, tier: Tier) -> Iterator[Good]:
    """Every price of a tier; one that Stripe cannot take raises `Declined`."""
    of = product(release, tier)
    for one in tier.prices:
        interval: Interval = "year" if one.unit == "year" else "once" if one.unit == "once" else "month"
        yield price(of, one.currency, price_minor(one), interval)
        if interval != "once":
            yield from (overage(of, cost, interval) for cost in tier.overage)


def _id(release: str, tier: str) -> str:
    return f"licet__{_word(release)}__{_word(tier)}"


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "_", text)
