"""Who pays, and with which card? Customers, payment methods, and the numbers that behave in a known way."""

from __future__ import annotations

from dataclasses import dataclass

from licet.testing.stripe.books import Books, Json
from licet.testing.stripe.catalogue import metadata
from licet.testing.stripe.wrong import Wrong


@dataclass(frozen=True, slots=True)
class Card:
    """How a card behaves: refused at once; kept, but each charge refused (`later`); or charged after an extra step."""

    decline_code: str = ""
    later: bool = False
    extra_step: bool = False  # in front of the customer
    each_step: bool = False  # at each charge, also when the customer is away


CARDS = {
    "4242424242424242": Card(),
    "4000000000000002": Card("generic_decline"),
    "4000000000009995": Card("insufficient_funds"),
    "4000000000000341": Card("generic_decline", later=True),
    "4000002500003155": Card(extra_step=True),
    "4000002760003184": Card(extra_step=True, each_step=True),
}
BY_NAME = {
    "pm_card_visa": "4242424242424242",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequired": "4000002500003155",
}


def customer(books: Books, given: Json) -> Json:
    clock = given.get("test_clock")
    if clock:
        books.get("test_helpers.test_clock", clock)
    obj = books.add("customer", {
        "address": given.get("address"), "balance": 0, "currency": None, "default_source": None, "delinquent": False,
        "description": given.get("description"), "discount": None, "email": given.get("email"),
        "invoice_prefix": f"LIC{books.number('customer'):05}",
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None,
                             "rendering_options": None},
        "metadata": metadata({}, given), "name": given.get("name"), "next_invoice_sequence": 1, "phone": None,
        "preferred_locales": given.get("preferred_locales", []), "shipping": None,
        "tax_exempt": given.get("tax_exempt", "none"), "test_clock": clock,
    })  # fmt: skip
    if clock:
        obj["created"] = books.now(obj["id"])
    if method := given.get("payment_method"):
        attach(books, {"customer": obj["id"]}, method)
    _settings(books, obj, given)
    books.tell("customer.created", obj)
    return obj


def update(books: Books, given: Json, id: str) -> Json:
    obj = books.get("customer", id)
    fields = {k: given[k] for k in ("email", "name", "description", "address", "tax_exempt") if k in given}
    before = dict(obj["invoice_settings"])
    _settings(books, obj, given)
    settings, obj["invoice_settings"] = obj["invoice_settings"], before
    return books.change(
        obj, "customer.updated", **fields, metadata=metadata(obj["metadata"], given), invoice_settings=settings
    )


def method(books: Books, given: Json) -> Json:
    """A payment method. Only the test numbers exist: a real card number has nothing to do here."""
    number = str((given.get("card") or {}).get("number", "")).replace(" ", "")
    if given.get("type") != "card" or number not in CARDS:
        raise Wrong(
            "Your card number is not a test number", status=402, type="card_error", code="card_declined",
            decline_code="test_mode_live_card",
        )  # fmt: skip
    return books.add("payment_method", {
        "allow_redisplay": "unspecified",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "card": {
            "brand": "visa", "checks": None, "country": "US", "display_brand": "visa",
            "exp_month": given["card"].get("exp_month", 12), "exp_year": given["card"].get("exp_year", 2040),
            "funding": "credit", "last4": number[-4:], "networks": None, "regulated_status": None,
            "three_d_secure_usage": {"supported": True}, "wallet": None,
        },
        "customer": None, "metadata": metadata({}, given), "type": "card", "_number": number, "_stepped": False,
    })  # fmt: skip


def attach(books: Books, given: Json, id: str) -> Json:
    """`pm_card_visa` and its like make a new method, as Stripe's test names do."""
    if id in BY_NAME:
        id = method(books, {"type": "card", "card": {"number": BY_NAME[id]}})["id"]
    obj = books.get("payment_method", id)
    books.get("customer", given["customer"])
    if CARDS[obj["_number"]].decline_code and not CARDS[obj["_number"]].later:
        raise declined(CARDS[obj["_number"]].decline_code)
    obj["customer"] = given["customer"]
    books.tell("payment_method.attached", obj)
    return obj


def default_of(books: Books, customer: str) -> str | None:
    """The method that this customer's invoices are paid with."""
    found: str | None = books.get("customer", customer)["invoice_settings"]["default_payment_method"]
    return found


def declined(code: str) -> Wrong:
    words = "Your card has insufficient funds." if code == "insufficient_funds" else "Your card was declined."
    return Wrong(words, status=402, type="card_error", code="card_declined", decline_code=code)


def _settings(books: Books, obj: Json, given: Json) -> None:
    chosen = (given.get("invoice_settings") or {}).get("default_payment_method")
    if chosen is None:
        return
    if chosen and books.get("payment_method", chosen)["customer"] != obj["id"]:
        raise Wrong(f"No such PaymentMethod of this customer: '{chosen}'", code="resource_missing")
    obj["invoice_settings"] = {**obj["invoice_settings"], "default_payment_method": chosen or None}


def delete(books: Books, given: Json, id: str) -> Json:
    """DELETE /v1/customers/:id: gone for ever, and every subscription with it, at once."""
    from licet.testing.stripe import subscriptions

    obj = books.get("customer", id)
    for sub in books.all("subscription", customer=id):
        if sub["status"] in subscriptions.LIVE:
            subscriptions.end(books, sub, "cancellation_requested")
    books.tell("customer.deleted", obj)
    obj["deleted"] = True
    return gone(obj)


def gone(obj: Json) -> Json:
    """What is left of a deleted object: its id."""
    return {"id": obj["id"], "object": obj["object"], "deleted": True}


def retrieve(books: Books, given: Json, id: str) -> Json:
    """A deleted customer is answered, too: as deleted."""
    found = books.objects.get(id)
    return gone(found) if found and found.get("deleted") else books.get("customer", id)
