"""Where is an order paid? Checkout sessions, and what the card that somebody types on the hosted page does to them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from licet.testing.stripe import catalogue, charges, customers, subscriptions
from licet.testing.stripe.books import Books, Json, listed
from licet.testing.stripe.wrong import Wrong


def create(books: Books, given: Json) -> Json:
    """POST /v1/checkout/sessions, for a subscription or a one-off payment."""
    mode = given.get("mode")
    if mode not in ("subscription", "payment"):
        raise Wrong("This server knows the modes `subscription` and `payment`", param="mode")
    if not given.get("success_url"):
        raise Wrong("A hosted page needs a success_url", code="parameter_missing", param="success_url")
    if not given.get("line_items"):
        raise Wrong("You must provide line_items", code="parameter_missing", param="line_items")
    if given.get("customer") and given.get("customer_email"):
        raise Wrong("You may only specify one of these parameters: customer, customer_email.")
    if given.get("allow_promotion_codes") and given.get("discounts"):
        raise Wrong("You may only specify one of these parameters: allow_promotion_codes, discounts.")
    tax = bool((given.get("automatic_tax") or {}).get("enabled"))
    if customer := given.get("customer"):
        known = books.get("customer", customer)
        if mode == "subscription" and given["line_items"][0].get("price"):
            currency = books.get("price", given["line_items"][0]["price"])["currency"]
            subscriptions.one_currency(books, known, currency)
        if tax and not known["address"] and (given.get("customer_update") or {}).get("address") != "auto":
            raise Wrong("Automatic tax calculation in Checkout requires a valid address on the Customer.")
    items = [_line(books, one, mode) for one in given["line_items"]]
    coupon = catalogue.coupon_of(books, given.get("discounts") or [])
    subtotal = sum(one["amount_total"] for one in items)
    trial = bool((given.get("subscription_data") or {}).get("trial_period_days"))
    now = books.now(given.get("customer"))
    obj = books.add("checkout.session", {
        "allow_promotion_codes": given.get("allow_promotion_codes"), "amount_subtotal": 0 if trial else subtotal,
        "amount_total": 0 if trial else subtotal - _off(coupon, subtotal),
        "automatic_tax": {"enabled": tax, "liability": None, "provider": None, "status": None},
        "billing_address_collection": given.get("billing_address_collection"), "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"), "currency": items[0]["currency"],
        "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None,
                        "terms_of_service_acceptance": None},
        "customer": given.get("customer"), "customer_creation": given.get("customer_creation"),
        "customer_details": None, "customer_email": given.get("customer_email"), "discounts": [],
        "expires_at": given.get("expires_at") or now + books.rules.session_expires_s, "invoice": None,
        "locale": given.get("locale"), "metadata": catalogue.metadata({}, given), "mode": mode,
        "origin_context": None, "payment_intent": None, "payment_link": None,
        "payment_method_collection": given.get("payment_method_collection", "always"),
        "payment_method_types": ["card"],
        "payment_status": "unpaid", "redirect_on_completion": None, "setup_intent": None, "shipping_options": [],
        "status": "open", "submit_type": None, "subscription": None, "success_url": given["success_url"],
        "ui_mode": "hosted_page", "url": "", "_items": items, "_asked": given, "_method": None,
    })  # fmt: skip
    obj["url"] = f"{books.url}/pay/{obj['id']}"
    return obj


def expire(books: Books, given: Json, id: str) -> Json:
    """POST …/expire: nobody can pay at it any more."""
    obj = books.get("checkout.session", id)
    if obj["status"] != "open":
        raise Wrong(f"Only Checkout Sessions with a status of open can be expired; this one is {obj['status']}.")
    return books.change(obj, "checkout.session.expired", status="expired", url=None)


def line_items(books: Books, given: Json, id: str) -> Json:
    obj = books.get("checkout.session", id)
    return listed([{k: v for k, v in one.items() if k != "_price"} for one in obj["_items"]],
                  f"/v1/checkout/sessions/{id}/line_items")  # fmt: skip


def promote(books: Books, obj: Json, code: str) -> None:
    """Somebody typed a promotion code."""
    found = next(books.all("promotion_code", code=code, active=True), None)
    if not obj["allow_promotion_codes"] or found is None:
        raise Wrong("This code is invalid.", status=402, code="promotion_code_invalid")
    obj["_asked"] = {**obj["_asked"], "discounts": [{"promotion_code": found["id"]}]}
    coupon = catalogue.coupon_of(books, obj["_asked"]["discounts"])
    obj["amount_total"] = obj["amount_subtotal"] - _off(coupon, obj["amount_subtotal"])


def pay(books: Books, obj: Json, number: str) -> str:
    """Somebody typed a card on the hosted page. `paid`, or `step` when the bank asks for more; raises when refused."""
    if obj["status"] == "complete":
        return "paid"  # a second click
    if obj["status"] != "open":
        raise Wrong("This page is no longer open")
    method = customers.method(books, {"type": "card", "card": {"number": number}})
    card = customers.CARDS[method["_number"]]
    if card.decline_code and (not card.later or obj["amount_total"] > 0):
        raise customers.declined(card.decline_code)
    obj["_method"] = method["id"]
    if card.extra_step:
        return "step"
    return _complete(books, obj, method)


def step(books: Books, obj: Json) -> str:
    """The extra step was taken."""
    if obj["status"] == "complete":
        return "paid"
    method = books.get("payment_method", obj["_method"])
    method["_stepped"] = True
    return _complete(books, obj, method)


def _complete(books: Books, obj: Json, method: Json) -> str:
    asked = obj["_asked"]
    if obj["customer"] is None and (obj["mode"] == "subscription" or asked.get("customer_creation") == "always"):
        obj["customer"] = customers.customer(books, {"email": obj["customer_email"] or "someone@example.org"})["id"]
    if obj["customer"]:
        customers.attach(books, {"customer": obj["customer"]}, method["id"])
        if asked.get("customer_update", {}).get("address") == "auto":
            books.get("customer", obj["customer"])["address"] = {"country": "DE"}
    if obj["mode"] == "subscription":
        _subscribe(books, obj, method)
    else:
        _once(books, obj, method)
    person = books.objects.get(obj["customer"] or "", {})
    obj["customer_details"] = {
        "address": None, "business_name": None, "email": person.get("email") or obj["customer_email"],
        "individual_name": None, "name": None, "phone": None, "tax_exempt": "none", "tax_ids": [],
    }  # fmt: skip
    obj |= {"status": "complete", "url": None}
    obj["payment_status"] = "paid" if obj["amount_total"] else "no_payment_required"
    books.tell("checkout.session.completed", obj)
    return "paid"


def _subscribe(books: Books, obj: Json, method: Json) -> None:
    asked, wanted = obj["_asked"], dict(obj["_asked"].get("subscription_data") or {})
    for one in obj["_items"]:
        if one["_price"]["recurring"] is None:
            raise Wrong("This server sells no one-time price together with a subscription")
    sub = subscriptions.begin(books, wanted | {
        "customer": obj["customer"], "discounts": asked.get("discounts"), "automatic_tax": asked.get("automatic_tax"),
        "items": [{"price": one["_price"]["id"]} | ({"quantity": one["quantity"]} if one["quantity"] else {})
                  for one in obj["_items"]],
    }, present=True, method=method["id"])  # fmt: skip
    obj |= {"subscription": sub["id"], "invoice": sub["latest_invoice"]}


def _once(books: Books, obj: Json, method: Json) -> None:
    wanted = obj["_asked"].get("payment_intent_data") or {}
    if not obj["amount_total"]:
        return
    made = charges.intent(books, {
        "amount": obj["amount_total"], "currency": obj["currency"], "customer": obj["customer"],
        "metadata": wanted.get("metadata") or {}, "description": wanted.get("description"),
    })  # fmt: skip
    charges.pay(books, made, method, present=True)
    obj["payment_intent"] = made["id"]


def _line(books: Books, asked: Json, mode: str) -> Json:
    inline = asked.get("price_data")
    price = catalogue.price(books, inline) if inline else books.get("price", asked.get("price"))
    if not price["active"]:
        raise Wrong("The price specified is inactive. This field only accepts active prices.", param="line_items")
    if mode == "payment" and price["recurring"]:
        raise Wrong("You cannot use a recurring price in `payment` mode", param="line_items")
    metered = bool(price["recurring"]) and price["recurring"]["usage_type"] == "metered"
    if metered and asked.get("quantity"):
        raise Wrong("You cannot set the quantity of a metered price", param="line_items")
    if not metered and not asked.get("quantity"):
        raise Wrong("Quantity is required", code="parameter_missing", param="line_items[0][quantity]")
    total = 0 if metered else int(price["unit_amount"] or 0) * asked["quantity"]
    return {
        "id": books.new_id("line_item"), "object": "item", "adjustable_quantity": None, "amount_discount": 0,
        "amount_subtotal": total, "amount_tax": 0, "amount_total": total, "currency": price["currency"],
        "description": None, "metadata": {}, "price": price, "quantity": None if metered else asked["quantity"],
        "_price": price,
    }  # fmt: skip


def _off(coupon: Json | None, subtotal: int) -> int:
    if coupon is None:
        return 0
    if coupon["amount_off"]:
        return min(int(coupon["amount_off"]), subtotal)
    exact = Decimal(subtotal) * Decimal(str(coupon["percent_off"])) / 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
