"""What is owed? Invoices with their lines, in whole minor units; each is tried, paid, voided or left open."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from licet.testing.stripe import charges
from licet.testing.stripe.books import Books, Json, listed
from licet.testing.stripe.customers import default_of
from licet.testing.stripe.wrong import Wrong


def line(books: Books, sub: Json, item: Json, amount: int, start: int, end: int, *, proration: bool = False,
         quantity: int | None = None, words: str = "") -> Json:  # fmt: skip
    """One line of a subscription's invoice."""
    price = item["price"]
    return {
        "id": books.new_id("line_item"), "object": "line_item", "amount": amount, "currency": sub["currency"],
        "description": words or f"{quantity} x {price['nickname'] or price['product']}", "discount_amounts": [],
        "discountable": not proration, "discounts": [], "livemode": False, "metadata": dict(sub["metadata"]),
        "parent": {
            "type": "subscription_item_details", "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None, "proration": proration, "proration_details": None, "subscription": sub["id"],
                "subscription_item": item["id"],
            },
        },
        "period": {"start": start, "end": end}, "pretax_credit_amounts": [],
        "pricing": {"type": "price_details", "unit_amount_decimal": price["unit_amount_decimal"],
                    "price_details": {"price": price["id"], "product": price["product"]}},
        "quantity": quantity, "subscription": sub["id"], "subtotal": amount, "taxes": [],
    }  # fmt: skip


def make(books: Books, sub: Json, lines: list[Json], reason: str) -> Json:
    """An invoice of a subscription, finalized: open, or paid at once where nothing is owed."""
    now = books.now(sub["customer"])
    customer = books.get("customer", sub["customer"])
    subtotal = sum(one["amount"] for one in lines)
    off = min(_off(books, sub, lines), max(subtotal, 0))
    credit = min(-customer["balance"], max(subtotal - off, 0)) if customer["balance"] < 0 else 0
    total = subtotal - off
    due = max(total, 0) - credit
    if total < 0:
        customer["balance"] += total  # what is given back by a proration waits for the next invoice
    customer["balance"] += credit
    obj = books.add("invoice", {
        "account_country": "DE", "account_name": "Licet's test account", "amount_due": due, "amount_overpaid": 0,
        "amount_paid": 0, "amount_remaining": due, "amount_shipping": 0, "application": None, "attempt_count": 0,
        "attempted": False, "auto_advance": True,
        "automatic_tax": {"disabled_reason": None, "enabled": sub["automatic_tax"]["enabled"], "liability": None,
                          "provider": None, "status": "complete" if sub["automatic_tax"]["enabled"] else None},
        "billing_reason": reason, "collection_method": "charge_automatically", "currency": sub["currency"],
        "customer": sub["customer"], "customer_email": customer["email"], "customer_name": customer["name"],
        "customer_tax_exempt": customer["tax_exempt"], "default_payment_method": None, "default_source": None,
        "default_tax_rates": [], "description": None, "discounts": list(sub["discounts"]), "due_date": None,
        "effective_at": now, "ending_balance": customer["balance"], "footer": None, "from_invoice": None,
        "hosted_invoice_url": "", "invoice_pdf": "", "issuer": {"type": "self"}, "latest_revision": None,
        "metadata": {}, "next_payment_attempt": None, "number": "", "on_behalf_of": None,
        "parent": {"type": "subscription_details", "quote_details": None, "subscription_details": {
            "metadata": dict(sub["metadata"]), "subscription": sub["id"]}},
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "period_end": now, "period_start": now, "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0, "receipt_number": None,
        "starting_balance": customer["balance"] - credit, "status": "open",
        "status_transitions": {"finalized_at": now, "marked_uncollectible_at": None, "paid_at": None,
                               "voided_at": None},
        "subtotal": subtotal, "test_clock": customer["test_clock"], "total": total,
        "total_discount_amounts": [], "total_taxes": [], "_intent": None, "_failed_s": None,
    }, created=now)  # fmt: skip
    for one in lines:
        one["invoice"] = obj["id"]
    customer["next_invoice_sequence"] += 1
    obj["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence'] - 1:04}"
    obj["hosted_invoice_url"] = f"{books.url}/invoice/{obj['id']}"
    obj["invoice_pdf"] = f"{books.url}/invoice/{obj['id']}/pdf"
    obj["lines"] = listed(lines, f"/v1/invoices/{obj['id']}/lines")
    sub["latest_invoice"] = obj["id"]
    books.tell("invoice.created", obj)
    books.tell("invoice.finalized", obj)
    if due == 0:
        _paid(books, obj)
    return obj


def attempt(books: Books, obj: Json, *, method: str | None = None, present: bool = False) -> bool:
    """Try to collect an open invoice. True when it is paid; never raises: what went wrong stands in the invoice."""
    if obj["status"] != "open":
        return bool(obj["status"] == "paid")
    method = method or default_of(books, obj["customer"])
    obj["attempted"], obj["attempt_count"] = True, obj["attempt_count"] + 1
    paid, step = False, False
    if method:
        try:
            paid = charges.pay(books, _intent(books, obj), books.get("payment_method", method), present=present)
            step = not paid
        except Wrong:
            paid = False
    if paid:
        _paid(books, obj)
        return True
    obj["_failed_s"] = obj["_failed_s"] or books.now(obj["customer"])
    books.tell("invoice.payment_failed", obj)
    if step:
        books.tell("invoice.payment_action_required", obj)
    return False


def stepped(books: Books, obj: Json) -> bool:
    """The customer took the extra step that the bank asked for."""
    intent = _intent(books, obj)
    charges.pay(books, intent, books.get("payment_method", intent["payment_method"]), present=True, stepped=True)
    _paid(books, obj)
    return True


def void(books: Books, obj: Json) -> Json:
    if obj["status"] != "open":
        raise Wrong("You can only void open invoices", code="invoice_not_editable")
    obj["status_transitions"] |= {"voided_at": books.now(obj["customer"])}
    return books.change(obj, "invoice.voided", status="void", auto_advance=False, next_payment_attempt=None)


def payments_of(books: Books, invoice: str) -> list[Json]:
    return list(books.all("invoice_payment", invoice=invoice))


def _intent(books: Books, obj: Json) -> Json:
    if obj["_intent"] is None:
        made = charges.intent(books, {"amount": obj["amount_due"], "currency": obj["currency"],
                                      "customer": obj["customer"]})  # fmt: skip
        obj["_intent"] = made["id"]
        books.add("invoice_payment", {
            "amount_paid": None, "amount_requested": obj["amount_due"], "currency": obj["currency"],
            "invoice": obj["id"], "is_default": True,
            "payment": {"type": "payment_intent", "payment_intent": made["id"], "charge": None,
                        "payment_record": None},
            "status": "open", "status_transitions": {"canceled_at": None, "paid_at": None},
        }, created=books.now(obj["customer"]))  # fmt: skip
    return books.get("payment_intent", obj["_intent"])


def _paid(books: Books, obj: Json) -> None:
    now = books.now(obj["customer"])
    before = {"status": obj["status"]}
    obj |= {"status": "paid", "amount_paid": obj["amount_due"], "amount_remaining": 0, "attempted": True,
            "auto_advance": False, "next_payment_attempt": None}  # fmt: skip
    obj["status_transitions"] = {**obj["status_transitions"], "paid_at": now}
    for one in payments_of(books, obj["id"]):
        one |= {"status": "paid", "amount_paid": obj["amount_due"],
                "status_transitions": {"canceled_at": None, "paid_at": now}}  # fmt: skip
    books.tell("invoice.updated", obj, before)
    books.tell("invoice.paid", obj)
    books.tell("invoice.payment_succeeded", obj)


def _off(books: Books, sub: Json, lines: list[Json]) -> int:
    """What the subscription's coupon takes off, rounded once."""
    if not sub["_coupon"] or sub["_coupon_spent"]:
        return 0
    coupon = books.get("coupon", sub["_coupon"])
    end_s = books.get("discount", sub["discounts"][0])["end"]
    if end_s is not None and end_s <= books.now(sub["customer"]):
        return 0
    base = sum(int(one["amount"]) for one in lines if one["discountable"])
    sub["_coupon_spent"] = coupon["duration"] == "once" and base > 0
    if coupon["amount_off"]:
        return min(int(coupon["amount_off"]), base)
    exact = Decimal(base) * Decimal(str(coupon["percent_off"])) / 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
