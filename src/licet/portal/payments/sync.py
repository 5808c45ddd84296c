"""What is not yet at Stripe as licet.toml says, and how does it come there? A plan first; then, when told so, the steps.

A price at Stripe never changes: another amount is another price, and the old one is archived. Who pays by the old one
goes on paying it, until he moves. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from licet.portal.payments import stripe_goods as goods
from licet.portal.payments import stripe_shop as shop
from licet.portal.payments.stripe_adapter import Stripe
from licet.portal.payments.stripe_goods import Good
from licet.portal.payments.stripe_sdk import Json, asking, plain
from licet.release.release import Release, Tier

if TYPE_CHECKING:
    from licet.portal.payments.stripe_sdk import V1Services

type Does = Literal["create", "change", "sell again", "archive"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do at Stripe. `what` is its kind, `name` how it is found there, `why` in the user's words."""

    does: Does
    what: str
    name: str
    why: str
    act: Callable[[], object]


def plan(provider: Stripe, release: Release) -> list[Step]:
    """What it takes for Stripe to sell exactly what the document says; empty where it does already.

    `Declined` for a price that Stripe cannot take, before anything is done.
    """
    sold = [tier for tier in release.tiers if tier.prices]
    wanted = {good.key: good for tier in sold for good in goods.goods(release, tier)}
    with asking("sync"):
        return list(_steps(provider.api, release, sold, wanted))


def carry_out(steps: list[Step], told: Callable[[Step], None]) -> None:
    """Do them, in order; `told` hears of each when it is done. What was done stays done, and the next plan leaves it out."""
    for step in steps:
        with asking(f"{step.does} {step.what} {step.name}"):
            step.act()
        told(step)


def _steps(api: V1Services, release: Release, sold: list[Tier], wanted: dict[str, Good]) -> Iterator[Step]:
    yield from (step for tier in sold if (step := _product(api, goods.product(release, tier))))
    meters = {good.meter.event: good.meter for good in wanted.values() if good.meter}
    known = {one.event_name for one in api.billing.meters.list({"status": "active", "limit": 100}).auto_paging_iter()}
    for event, meter in meters.items():
        if event not in known:
            yield Step("create", "meter", event, f"use past a quota: {meter.name}",
                       partial(shop.ensure_meter, api, meter))  # fmt: skip
    for key, good in wanted.items():
        found = shop.find_price(api, key)
        if found is None or not found["active"]:
            does: Does = "create" if found is None else "sell again"
            yield Step(does, "price", key, _amount(good), partial(shop.ensure_price, api, good))
    for tier in sold:
        of = goods.product(release, tier)
        for one in tier.coupons:
            off = goods.coupon(of, one)
            if shop.find(api.coupons.retrieve, off.id) is None:
                yield Step("create", "coupon", off.id, f"{one.code}: {one.percent} % off",
                           partial(shop.ensure_coupon, api, off))  # fmt: skip
    yield from _archive(api, release, sold, wanted)


def _product(api: V1Services, wanted: goods.Product) -> Step | None:
    found = shop.find(api.products.retrieve, wanted.id)
    if found is None:
        return Step("create", "product", wanted.id, wanted.name, partial(shop.ensure_product, api, wanted))
    told = shop.product_params(wanted)
    moved: Json = {k: told[k] for k in ("name", "description") if k in told and found.get(k) != told[k]}
    if found["active"] and not moved:
        return None
    does: Does = "change" if found["active"] else "sell again"
    told_so: Any = {**moved, "active": True}
    why = ", ".join(moved) or wanted.name
    return Step(does, "product", wanted.id, why, partial(api.products.update, wanted.id, told_so))


def _archive(api: V1Services, release: Release, sold: list[Tier], wanted: dict[str, Good]) -> Iterator[Step]:
    """What is ours, of this release, and no longer in its document."""
    for one in api.prices.list({"active": True, "limit": 100}).auto_paging_iter():
        price = plain(one)
        mine = (price.get("metadata") or {}).get("licet_release") == release.name
        if mine and price.get("lookup_key") not in wanted:
            why = "the document has another price; who pays it goes on paying it"
            yield Step("archive", "price", price.get("lookup_key") or price["id"], why,
                       partial(api.prices.update, str(price["id"]), {"active": False}))  # fmt: skip
    tiers = {tier.name for tier in sold}
    for sold_one in api.products.list({"active": True, "limit": 100}).auto_paging_iter():
        said = plain(sold_one).get("metadata") or {}
        if said.get("licet_release") == release.name and said.get("licet_tier") not in tiers:
            yield Step("archive", "product", str(sold_one.id), "the document sells no such tier",
                       partial(api.products.update, str(sold_one.id), {"active": False}))  # fmt: skip


def _amount(good: Good) -> str:
    per = "once" if good.interval == "once" else f"a {good.interval}"
    if good.meter:
        return f"{good.unit} of {good.currency.upper()}'s smallest coin for each of {good.meter.name}, billed {per}"
    return f"{good.unit} of {good.currency.upper()}'s smallest coin {per}"
