"""What becomes of a subscription at its next date? Schedules: phases of items, entered when their time comes."""

from __future__ import annotations

from typing import Any

from licet.testing.stripe import calendar, subscriptions
from licet.testing.stripe.books import Books, Json
from licet.testing.stripe.catalogue import metadata
from licet.testing.stripe.wrong import Wrong


def create(books: Books, given: Json) -> Json:
    """POST /v1/subscription_schedules, from a subscription that runs: its running period is the first phase."""
    if not given.get("from_subscription"):
        raise Wrong("This server makes schedules from a subscription only", param="from_subscription")
    sub = books.get("subscription", given["from_subscription"])
    if sub["schedule"]:
        raise Wrong(f"You cannot migrate a subscription that is already attached to a schedule: {sub['schedule']}")
    start_s, end_s = subscriptions.period(sub)
    phase = _phase(books, sub, {"items": [
        {"price": i["price"]["id"]} | ({} if i["quantity"] is None else {"quantity": i["quantity"]})
        for i in sub["items"]["data"]
    ], "metadata": dict(sub["metadata"])}, start_s, end_s)  # fmt: skip
    obj = books.add("subscription_schedule", {
        "application": None, "billing_mode": sub["billing_mode"], "canceled_at": None, "completed_at": None,
        "current_phase": {"start_date": start_s, "end_date": end_s}, "customer": sub["customer"],
        "default_settings": {
            "application_fee_percent": None, "billing_cycle_anchor": "automatic", "billing_thresholds": None,
            "collection_method": "charge_automatically", "default_payment_method": None, "description": None,
            "invoice_settings": {"account_tax_ids": None, "days_until_due": None, "issuer": {"type": "self"}},
            "on_behalf_of": None, "transfer_data": None,
        },
        "end_behavior": "release", "metadata": {}, "pause_schedules": [], "phases": [phase], "released_at": None,
        "released_subscription": None, "status": "active", "subscription": sub["id"], "test_clock": sub["test_clock"],
    })  # fmt: skip
    sub["schedule"] = obj["id"]
    books.tell("subscription_schedule.created", obj)
    books.tell("customer.subscription.updated", sub, {"schedule": None})
    return obj


def update(books: Books, given: Json, id: str) -> Json:
    """The phases to come. The running phase must be told again, as it began."""
    obj = books.get("subscription_schedule", id)
    if obj["status"] != "active":
        raise Wrong(f"You cannot update a subscription schedule that is {obj['status']}")
    sub = books.get("subscription", obj["subscription"])
    phases: list[Json] = []
    for asked in given.get("phases", []):
        at = phases[-1]["end_date"] if phases else asked.get("start_date")
        if not phases and at != obj["phases"][0]["start_date"]:
            raise Wrong("You can not modify the start date of the current phase", param="phases[0][start_date]")
        if asked.get("start_date") not in (None, at):
            raise Wrong("The start date of a phase must be the end date of the one before", param="phases")
        phases.append(_phase(books, sub, asked, at, _end(books, asked, at)))
    if given.get("end_behavior", "release") != "release":
        raise Wrong("This server releases a subscription when its schedule ends", param="end_behavior")
    return books.change(obj, "subscription_schedule.updated", phases=phases or obj["phases"],
                        metadata=metadata(obj["metadata"], given))  # fmt: skip


def release(books: Books, given: Json, id: str) -> Json:
    """The subscription goes on as it is, without a schedule."""
    obj = books.get("subscription_schedule", id)
    if obj["status"] != "active":
        raise Wrong(f"You cannot release a subscription schedule that is {obj['status']}")
    sub = books.get("subscription", obj["subscription"])
    sub["schedule"] = None
    books.change(obj, "subscription_schedule.released", status="released", current_phase=None, subscription=None,
                 released_at=books.now(sub["customer"]), released_subscription=sub["id"])  # fmt: skip
    books.tell("customer.subscription.updated", sub, {"schedule": obj["id"]})
    return obj


def enter(books: Books, sub: Json, now: int) -> None:
    """At a period's end: the phase that begins takes the place of what was; after the last the schedule lets go."""
    if not sub["schedule"]:
        return
    obj = books.get("subscription_schedule", sub["schedule"])
    phase = next((p for p in obj["phases"] if p["start_date"] <= now < p["end_date"]), None)
    if phase is None:
        release(books, {}, obj["id"])
        return
    if obj["current_phase"]["start_date"] == phase["start_date"]:
        return
    obj["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
    old = [{"id": item["id"], "deleted": True} for item in sub["items"]["data"]]
    subscriptions.set_items(books, sub, [*phase["items"], *old])
    sub["metadata"] = {**sub["metadata"], **phase["metadata"]}
    books.tell("subscription_schedule.updated", obj)


_KNOWN = {"items", "start_date", "end_date", "duration", "metadata", "proration_behavior", "discounts", "automatic_tax",
          "trial_end"}  # fmt: skip


def _phase(books: Books, sub: Json, asked: Json, start_s: int, end_s: int) -> Json:
    if strange := sorted(set(asked) - _KNOWN):
        raise Wrong(f"This server does not act upon `phases[][{strange[0]}]` yet", status=501, param=strange[0])
    items: list[Json] = []
    for one in asked["items"]:
        price = books.get("price", one["price"])
        metered = price["recurring"]["usage_type"] == "metered"
        items.append({
            "billing_thresholds": None, "discounts": [], "metadata": {}, "plan": price["id"], "price": price["id"],
            "tax_rates": [], **({} if metered else {"quantity": one.get("quantity", 1)}),
        })  # fmt: skip
    return {
        "add_invoice_items": [], "application_fee_percent": None, "billing_cycle_anchor": None,
        "billing_thresholds": None, "collection_method": None, "currency": sub["currency"],
        "default_payment_method": None, "default_tax_rates": [], "description": None, "discounts": [],
        "end_date": end_s, "invoice_settings": None, "items": items, "metadata": asked.get("metadata") or {},
        "on_behalf_of": None, "proration_behavior": asked.get("proration_behavior", "create_prorations"),
        "start_date": start_s, "transfer_data": None, "trial_end": None,
    }  # fmt: skip


def _end(books: Books, asked: Json, start_s: Any) -> int:
    if isinstance(asked.get("end_date"), int):
        return int(asked["end_date"])
    if every := asked.get("duration"):
        return calendar.after(start_s, every["interval"], every.get("interval_count", 1))
    raise Wrong("A phase needs an end_date or a duration", code="parameter_missing", param="phases")
