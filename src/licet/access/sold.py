"""Where a license says no, which tier sells a certificate that makes it a yes? Each is tried before it is told.

Of released actions: what the gate serves has ways of its own (`offers.py`). What an upstream forbids, no tier sells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from licet.access.offers import MONTHS, PAGES, Offer
from licet.release.certify import promised
from licet.release.policy import released
from licet.release.release import Release, Tier
from licet.terms import CLOCK, Answer, Ask, may
from licet.terms.action import unsugared
from licet.terms.clause import Scalar
from licet.terms.english import ENGLISH
from licet.terms.fact import bind
from licet.terms.plain import price_words


def sold(
    newest: Release, action: str, component: str, facts: Mapping[str, Scalar], now_s: int, url: str = ""
) -> tuple[Offer, ...]:
    """The tiers whose certificate for the component would be a yes, the cheapest first. KeyError for no such component."""
    bare, implied = unsugared(action)
    known = {**facts, **implied, CLOCK: now_s}
    tiers = sorted((t for t in newest.tiers if component in t.licenses), key=_dearness)
    return tuple(_offer(t, t.licenses[component], url) for t in tiers if _opens(newest, t, bare, component, known))


def _opens(newest: Release, tier: Tier, action: str, component: str, facts: Mapping[str, Scalar]) -> bool:
    tree = released(newest, action, component, certificates=(promised(newest, tier.licenses[component]),))
    return may(tree, bind(tree, Ask(action, component, frozenset(), facts))).answer is Answer.YES


def _offer(tier: Tier, license: str, url: str) -> Offer:
    words = "; ".join(_words(tier, license))
    page = PAGES["tier" if tier.requires_approval or tier.price is None else "buy"].format(name=tier.name)
    return Offer("tier", tier.name, words, url.rstrip("/") + page if url else "", f"licet.toml:{tier.line}")


def _words(tier: Tier, license: str) -> Iterator[str]:
    way = ENGLISH["way.tier.ask" if tier.requires_approval else "way.tier"].format(tier=tier.name)
    if tier.price is not None:
        price = price_words(tier.price.micros, tier.price.currency, tier.price.per, tier.price.unit)
        way = ENGLISH["way.price"].format(way=way, price=price)
    yield way
    yield ENGLISH["way.certificate"].format(license=license)


def _dearness(tier: Tier) -> tuple[int, bool]:
    price = tier.price
    return (price.micros // MONTHS.get(price.unit, 1) if price else 0), tier.requires_approval
