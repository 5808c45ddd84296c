"""How is a subscription changed at Stripe? At once with its proration, or by a schedule at the end of what was paid.

Stripe refuses to change the end of a subscription that a schedule leads; so a schedule is released before. All of it
sets a state: done twice, it is as done once. So no request here has an idempotency key of ours (the SDK gives each its
own, for its retries): under a fixed key Stripe would repeat a refusal for a day, also after the card was changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from licet.portal.payments import stripe_shop
from licet.portal.payments.port import Declined, Order, When
from licet.portal.payments.stripe_sdk import Json, absent_is_fine, plain
from licet.portal.payments.stripe_seen import seat_item

if TYPE_CHECKING:
    from stripe._v1_services import V1Services

_OVER = ("canceled", "incomplete_expired")


def now(api: V1Services, ref: str, order: Order) -> None:
    """Another price or number of seats from now on. It is charged at once; where the card refuses, nothing changed."""
    sub = _live(api, ref)
    release(api, sub)
    told: Any = {
        "items": _items(api, sub, order),
        "metadata": stripe_shop.metadata(order),
        "proration_behavior": "always_invoice",
        "payment_behavior": "error_if_incomplete",
    }
    if sub.get("cancel_at_period_end"):
        told["cancel_at_period_end"] = False
    api.subscriptions.update(ref, told)


def at_period_end(api: V1Services, ref: str, order: Order, *, tax: bool) -> None:
    """Another price or number of seats from the next period on. What waited before is forgotten."""
    sub = _live(api, ref)
    if sub.get("cancel_at_period_end"):
        raise Declined("it ends at the end of its period", mend="take the cancellation back first")
    if _holds(api, sub, order):
        release(api, sub)
        return
    led, schedules = sub.get("schedule"), api.subscription_schedules
    schedule = plain(schedules.retrieve(led) if led else schedules.create({"from_subscription": ref}))
    began = schedule["current_phase"]["start_date"]
    running = next(p for p in schedule["phases"] if p["start_date"] == began)
    end_s = seat_item(sub)["current_period_end"]
    told: Any = {
        "end_behavior": "release",
        "phases": [
            _as_is(running, end_s, tax=tax),
            {
                "items": stripe_shop.lines(api, order),
                "duration": {"interval": order.interval, "interval_count": 1},
                "metadata": stripe_shop.metadata(order),
                "proration_behavior": "none",
                **({"automatic_tax": {"enabled": True}} if tax else {}),
            },
        ],
    }
    api.subscription_schedules.update(schedule["id"], told)


def cancel(api: V1Services, ref: str, when: When) -> None:
    sub = _fetched(api, ref)
    if sub["status"] in _OVER:
        return
    if when == "now":
        with absent_is_fine():  # ended by somebody else in this very moment
            api.subscriptions.cancel(ref)
        return
    release(api, sub)
    if not sub.get("cancel_at_period_end"):
        api.subscriptions.update(ref, {"cancel_at_period_end": True})


def resume(api: V1Services, ref: str) -> None:
    sub = _live(api, ref)
    if sub["status"] == "paused":
        api.subscriptions.resume(ref)  # a new period begins now, which is what is paid
    told: Any = {}
    if sub.get("pause_collection"):
        told["pause_collection"] = ""
    if sub.get("cancel_at_period_end"):
        told["cancel_at_period_end"] = False
    if told:
        api.subscriptions.update(ref, told)


def release(api: V1Services, sub: Json) -> None:
    """Let go of the schedule that leads it, if one does."""
    if sub.get("schedule"):
        api.subscription_schedules.release(str(sub["schedule"]))
        sub["schedule"] = None


def _items(api: V1Services, sub: Json, order: Order) -> list[Json]:
    """The seats in place of the seats; what is paid by use follows the tier."""
    seat = seat_item(sub)
    wanted = stripe_shop.metered_ids(api, order)
    has = {item["price"]["id"]: item["id"] for item in sub["items"]["data"] if item is not seat}
    gone = [{"id": id, "deleted": True} for price, id in has.items() if price not in wanted]
    new = [{"price": price} for price in wanted if price not in has]
    mine = {"id": seat["id"], "price": stripe_shop.price_id(api, order), "quantity": order.seats}
    return [mine, *new, *gone]


def _holds(api: V1Services, sub: Json, order: Order) -> bool:
    """Is it what is held already?"""
    seat, said = seat_item(sub), sub.get("metadata") or {}
    same = seat["price"]["id"] == stripe_shop.price_id(api, order) and seat["quantity"] == order.seats
    return same and (said.get("licet_tier"), said.get("licet_document")) == (order.tier, order.document)


def _as_is(phase: Json, end_s: int, *, tax: bool) -> Json:
    """The running phase, told again as it is: Stripe wants it whole."""
    items = [
        {"price": item["price"]} | ({"quantity": item["quantity"]} if item.get("quantity") is not None else {})
        for item in phase["items"]
    ]
    told: Json = {"items": items, "start_date": phase["start_date"], "end_date": end_s, "proration_behavior": "none"}
    if phase.get("trial_end"):
        told["trial_end"] = phase["trial_end"]
    if phase.get("metadata"):
        told["metadata"] = phase["metadata"]
    if phase.get("discounts"):
        told["discounts"] = [
            {k: v for k, v in one.items() if k in ("coupon", "discount", "promotion_code") and v}
            for one in phase["discounts"]
        ]
    return told | ({"automatic_tax": {"enabled": True}} if tax else {})


def _live(api: V1Services, ref: str) -> Json:
    sub = _fetched(api, ref)
    if sub["status"] in _OVER:
        raise Declined("it is over", where=ref, mend="buy it again")
    return sub


def _fetched(api: V1Services, ref: str) -> Json:
    found = stripe_shop.find(api.subscriptions.retrieve, ref)
    if found is None:
        raise Declined("Stripe has no such subscription", where=ref, mend="`licet payments reconcile` will say so, too")
    return found
