"""What does a call past its quotas cost its holder, before it is on any bill? In billionths, so that caps are exact.

A price past a quota is a duty of the way that a call takes. Beside the quota's own counter such a way takes one more,
`spend/month`: what the call costs at most, each price rounded up to a whole billionth. A cap is the most that this
counter may read. The bill is worked out of the quotas' counters; this one only says when to stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from licet.release.policy import SPEND, past
from licet.release.release import Price, Release
from licet.terms import METER, Clause

NANOS = 1_000_000_000  # of the currency's unit
MOST_NANOS = 10**18  # of a cap: sums of many still fit 64 bits

type Priced = tuple[tuple[str, Price], ...]
"""The counters that a way goes past, each with the price of what it takes: `("calls/month", 0.40 EUR / 1000)`."""


def priced(release: Release, duties: Iterable[Clause]) -> Priced:
    """What has to be paid where these duties are owed."""
    found: dict[str, Price] = {}
    for duty in duties:
        counters = {f.name.removeprefix(METER) for f in duty.when if f.name.startswith(METER)}
        for tier in release.tiers:
            if duty.claims == frozenset({f"tier:{tier.name}"}):
                found.update((q.counter, price) for q, price in past(tier, tier.quotas) if q.counter in counters)
    return tuple(found.items())


def nanos(price: Price, count: int) -> int:
    """What `count` of a price's unit cost, rounded up."""
    return -(-price.micros * 1_000 * count // price.per)


def affords(price: Price, left_nanos: int) -> int:
    """How many units of a price can be paid with what is left."""
    return max(0, left_nanos) * price.per // (price.micros * 1_000)


def cost_nanos(prices: Priced, amounts: Mapping[str, int]) -> int:
    """What a call costs that takes these amounts, by counter."""
    return sum(nanos(price, amounts.get(counter, 0)) for counter, price in prices)


__all__ = ["MOST_NANOS", "NANOS", "SPEND", "Priced", "affords", "cost_nanos", "nanos", "priced"]
