"""What does somebody hold? Subscriptions: begun, changed, cancelled, paused; what time does to them is in `life.py`."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from licet.testing.stripe import calendar, invoices
from licet.testing.stripe.books import Books, Json, listed, seen
from licet.testing.stripe.catalogue import coupon_of, metadata, plan
from licet.testing.stripe.customers import declined
from licet.testing.stripe.wrong import Wrong

LIVE = ("trialing", "active", "past_due", "unpaid", "paused", "incomplete")


def begin(books: Books, given: Json, *, present: bool = False, method: str | None = None) -> Json:
    """POST /v1/subscriptions. The first invoice is tried at once; a refused card leaves it `incomplete`."""
    customer = books.get("customer", given["customer"])
    now = books.now(customer["id"])
    trial_s = _trial(given, now)
    prices = [_recurring(books, one["price"]) for one in given["items"]]
    one_currency(books, customer, prices[0]["currency"])
    coupon = coupon_of(books, given.get("discounts") or [])
    tax = bool((given.get("automatic_tax") or {}).get("enabled"))
    sub = books.add("subscription", {
        "application": None, "automatic_tax": {"disabled_reason": None, "enabled": tax, "liability": None},
        "billing_cycle_anchor": trial_s or now, "billing_mode": {"type": "flexible", "flexible": None},
        "billing_schedules": [], "billing_thresholds": None, "cancel_at": None,
        "cancel_at_period_end": bool(given.get("cancel_at_period_end")), "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "feedback_option": None, "reason": None},
        "collection_method": "charge_automatically", "currency": prices[0]["currency"], "customer": customer["id"],
        "days_until_due": None, "default_payment_method": given.get("default_payment_method") or method,
        "default_source": None, "default_tax_rates": [], "description": None, "discounts": [], "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}}, "latest_invoice": None,
        "metadata": metadata({}, given), "next_pending_invoice_item_invoice": None, "on_behalf_of": None,
        "pause_collection": None, "pending_setup_intent": None, "pending_update": None, "schedule": None,
        "start_date": now, "status": "incomplete", "test_clock": customer["test_clock"],
        "trial_end": trial_s, "trial_settings": given.get("trial_settings") or {
            "end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": now if trial_s else None, "_coupon": coupon and coupon["id"], "_coupon_spent": False,
        "_pending": [],
    })  # fmt: skip
    if coupon:
        sub["discounts"] = [_discount(books, sub, coupon)]
    customer["currency"] = sub["currency"]
    end_s = trial_s or calendar.period_end(now, now, prices[0]["recurring"])
    items = [_item(books, sub, price, one, now, end_s) for price, one in zip(prices, given["items"], strict=True)]
    sub["items"] = listed(items, f"/v1/subscription_items?subscription={sub['id']}")
    invoice = invoices.make(books, sub, lines(books, sub, trial=bool(trial_s)), "subscription_create")
    paid = invoices.attempt(books, invoice, method=sub["default_payment_method"], present=present)
    if not paid and given.get("payment_behavior") == "error_if_incomplete":
        del books.objects[sub["id"]], books.objects[invoice["id"]]
        raise declined("generic_decline")
    sub["status"] = ("trialing" if trial_s else "active") if paid else "incomplete"
    books.tell("customer.subscription.created", sub)
    return sub


def update(books: Books, given: Json, id: str) -> Json:
    """POST /v1/subscriptions/:id: items, trial, cancellation at the period's end, pause, metadata."""
    sub = books.get("subscription", id)
    if sub["status"] in ("canceled", "incomplete_expired"):
        raise Wrong("A canceled subscription can only update its cancellation_details and metadata.")
    if sub["schedule"] and ("cancel_at_period_end" in given or "cancel_at" in given):
        raise Wrong(
            f"The subscription is managed by the subscription schedule `{sub['schedule']}`, and updating any "
            "cancelation behavior directly is not allowed. Please update the schedule instead."
        )
    before = seen(sub)
    now = books.now(sub["customer"])
    if "items" in given:
        _change_items(books, sub, given)
    if "discounts" in given:
        coupon = coupon_of(books, given["discounts"] or [])
        sub["_coupon"], sub["_coupon_spent"] = coupon and coupon["id"], False
        sub["discounts"] = [_discount(books, sub, coupon)] if coupon else []
    if "cancel_at_period_end" in given:
        ends = bool(given["cancel_at_period_end"])
        sub |= {"cancel_at_period_end": ends, "cancel_at": period(sub)[1] if ends else None,
                "canceled_at": now if ends else None}  # fmt: skip
        sub["cancellation_details"] = {
            **sub["cancellation_details"], "reason": "cancellation_requested" if ends else None}  # fmt: skip
    if "pause_collection" in given:
        asked = given["pause_collection"]
        sub["pause_collection"] = {"resumes_at": None, **asked} if asked else None
    if "default_payment_method" in given:
        sub["default_payment_method"] = given["default_payment_method"] or None
    if given.get("trial_end") == "now" and sub["status"] == "trialing":
        sub["trial_end"] = now
    sub["metadata"] = metadata(sub["metadata"], given)
    if seen(sub) != before:
        books.tell("customer.subscription.updated", sub, before)
    return sub


def cancel(books: Books, given: Json, id: str) -> Json:
    """DELETE /v1/subscriptions/:id: over now, no money back (unless `prorate` and `invoice_now` are asked for)."""
    sub = books.get("subscription", id)
    if sub["status"] in ("canceled", "incomplete_expired"):
        raise Wrong(f"No such subscription: '{id}'", status=404, code="resource_missing", param="id")
    return end(books, sub, "cancellation_requested")


def end(books: Books, sub: Json, reason: str, status: str = "canceled") -> Json:
    now = books.now(sub["customer"])
    sub |= {"status": status, "ended_at": now, "canceled_at": sub["canceled_at"] or now, "cancel_at_period_end": False}
    sub["cancellation_details"] = {**sub["cancellation_details"], "reason": reason}
    if sub["schedule"]:
        books.objects[sub["schedule"]] |= {"status": "canceled", "canceled_at": now, "current_phase": None}
        sub["schedule"] = None
    for invoice in books.all("invoice", status="open"):
        if invoice["parent"]["subscription_details"]["subscription"] == sub["id"]:
            invoice |= {"auto_advance": False, "next_payment_attempt": None}
    books.tell("customer.subscription.deleted" if status == "canceled" else "customer.subscription.updated", sub)
    return sub


def resume(books: Books, given: Json, id: str) -> Json:
    """POST /v1/subscriptions/:id/resume: a paused one begins a new period, and is charged for it."""
    sub = books.get("subscription", id)
    if sub["status"] != "paused":
        raise Wrong("This subscription is not paused")
    now = books.now(sub["customer"])
    if (given.get("billing_cycle_anchor") or {"type": "now"})["type"] != "now":
        raise Wrong("This server resumes with a new period only", status=501, param="billing_cycle_anchor")
    restart(books, sub, now)
    invoice = invoices.make(books, sub, lines(books, sub), "subscription_update")
    paid = invoices.attempt(books, invoice, method=sub["default_payment_method"])
    if paid:
        books.change(sub, "customer.subscription.resumed", status="active", status_details={})
    return sub


def one_currency(books: Books, customer: Json, currency: str) -> None:
    """A customer is billed in one currency: that of the first subscription."""
    if customer["currency"] not in (None, currency):
        raise Wrong(
            "You cannot combine currencies on a single customer. This customer has had a subscription in "
            f"{customer['currency']}", param="currency",
        )  # fmt: skip


def lines(books: Books, sub: Json, *, trial: bool = False) -> list[Json]:
    """The lines of the period that begins: each item that is paid ahead. On trial they cost nothing."""
    return [
        invoices.line(books, sub, item, 0 if trial else amount(item), item["current_period_start"],
                      item["current_period_end"], quantity=item["quantity"])
        for item in sub["items"]["data"] if item["price"]["recurring"]["usage_type"] == "licensed"
    ]  # fmt: skip


def amount(item: Json) -> int:
    return int(item["price"]["unit_amount"] or 0) * int(item["quantity"])


def period(sub: Json) -> tuple[int, int]:
    """The running period: it stands in the items, since the API of 2025."""
    first = sub["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def restart(books: Books, sub: Json, now: int) -> None:
    """A new period begins now, and all later ones are counted from it."""
    sub["billing_cycle_anchor"] = now
    end_s = calendar.period_end(now, now, sub["items"]["data"][0]["price"]["recurring"])
    for item in sub["items"]["data"]:
        item |= {"current_period_start": now, "current_period_end": end_s}


def set_items(books: Books, sub: Json, wanted: list[Json]) -> None:
    """Items as asked for: known by `id`, changed in place; new ones added; `deleted` ones gone."""
    start_s, end_s = period(sub)
    kept = {item["id"]: item for item in sub["items"]["data"]}
    for one in wanted:
        if one.get("id"):
            item = kept.get(one["id"])
            if item is None:
                raise Wrong(f"No such subscription item: '{one['id']}'", code="resource_missing", param="items")
            if one.get("deleted"):
                del kept[one["id"]], books.objects[one["id"]]
                continue
            if one.get("price"):
                price = _recurring(books, one["price"])
                item |= {"price": price, "plan": plan(price)}
            if "quantity" in one:
                item["quantity"] = one["quantity"]
        else:
            item = _item(books, sub, _recurring(books, one["price"]), one, start_s, end_s)
            kept[item["id"]] = item
    if not kept:
        raise Wrong("A subscription must have at least one item")
    sub["items"]["data"] = list(kept.values())


def _change_items(books: Books, sub: Json, given: Json) -> None:
    """A change within the period. What is left of the old is given back, the rest of the new is owed: by the second."""
    now = books.now(sub["customer"])
    start_s, end_s = period(sub)
    whole = given.get("payment_behavior") == "error_if_incomplete"
    saved = deepcopy(books.objects) if whole else {}
    old = seen(sub)["items"]["data"]
    set_items(books, sub, given["items"])
    behavior = given.get("proration_behavior", "create_prorations")
    new = sub["items"]["data"]
    if new[0]["price"]["currency"] != sub["currency"]:
        sub["items"]["data"] = old
        raise Wrong("The price's currency does not match the subscription's", code="currency_mismatch")
    if sub["status"] == "trialing":
        return
    reset = old[0]["price"]["recurring"]["interval"] != new[0]["price"]["recurring"]["interval"]
    if reset:
        restart(books, sub, now)
    if behavior == "none" and not reset:
        return
    changed = [(o, True) for o in old if o not in new] + [(n, False) for n in new if n not in old]
    if behavior != "none":
        sub["_pending"] = sub["_pending"] + [
            invoices.line(books, sub, item, -share if gone else share, now, end_s, proration=True,
                          quantity=item["quantity"], words="Unused time" if gone else "Remaining time")
            for item, gone in changed if item["quantity"] is not None
            for share in [amount(item) * (end_s - now) // (end_s - start_s)] if gone or not reset
        ]  # fmt: skip
    if behavior != "always_invoice" and not reset:
        return
    due = sub["_pending"] + (lines(books, sub) if reset else [])
    sub["_pending"] = []
    invoice = invoices.make(books, sub, due, "subscription_update")
    if invoices.attempt(books, invoice, method=sub["default_payment_method"]):
        return
    if whole:
        books.objects = saved
        raise declined("generic_decline")
    sub["status"] = "past_due"


def _item(books: Books, sub: Json, price: Json, asked: Json, start_s: int, end_s: int) -> Json:
    metered = price["recurring"]["usage_type"] == "metered"
    if metered and "quantity" in asked:
        raise Wrong("You cannot set the quantity of a metered price", code="parameter_invalid", param="quantity")
    return books.add("subscription_item", {
        "billing_thresholds": None, "current_period_end": end_s, "current_period_start": start_s, "discounts": [],
        "metadata": {}, "plan": plan(price), "price": price, "quantity": None if metered else asked.get("quantity", 1),
        "subscription": sub["id"], "tax_rates": [],
    }, created=books.now(sub["customer"]))  # fmt: skip


def _discount(books: Books, sub: Json, coupon: Json) -> str:
    now = books.now(sub["customer"])
    if not coupon["valid"] or (coupon["max_redemptions"] and coupon["times_redeemed"] >= coupon["max_redemptions"]):
        raise Wrong(f"Coupon {coupon['id']} is used up", code="coupon_expired")
    coupon["times_redeemed"] += 1
    months = coupon["duration_in_months"] if coupon["duration"] == "repeating" else None
    end_s = calendar.after(now, "month", months) if months else None
    made = books.add("discount", {
        "checkout_session": None, "customer": sub["customer"], "end": end_s, "invoice": None, "invoice_item": None,
        "promotion_code": None, "source": {"type": "coupon", "coupon": coupon["id"]}, "start": now,
        "subscription": sub["id"], "subscription_item": None,
    })  # fmt: skip
    return str(made["id"])


def _recurring(books: Books, id: str) -> Json:
    price = books.get("price", id)
    if price["recurring"] is None:
        raise Wrong("The price specified is set to `type=one_time`; use a recurring price", param="items")
    if not price["active"]:
        raise Wrong("The price specified is inactive. This field only accepts active prices.", param="items")
    return price


def _trial(given: Json, now: int) -> int | None:
    asked: Any = given.get("trial_end")
    if asked == "now":
        return None
    if given.get("trial_period_days"):
        return int(now + given["trial_period_days"] * 86_400)
    return int(asked) if asked else None
