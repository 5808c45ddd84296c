"""Where does a customer help himself? The customer portal: another card, what is owed, the end of a subscription."""

from __future__ import annotations

from licet.testing.stripe import customers, life, subscriptions
from licet.testing.stripe.books import Books, Json
from licet.testing.stripe.catalogue import metadata
from licet.testing.stripe.wrong import Wrong


def configuration(books: Books, given: Json) -> Json:
    """POST /v1/billing_portal/configurations."""
    return books.add("billing_portal.configuration", {
        "active": True, "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None}
        | (given.get("business_profile") or {}),
        "default_return_url": given.get("default_return_url"), "features": given["features"], "is_default": False,
        "login_page": {"enabled": False, "url": None}, "metadata": metadata({}, given), "name": given.get("name"),
        "updated": books.now(),
    })  # fmt: skip


def session(books: Books, given: Json) -> Json:
    """POST /v1/billing_portal/sessions. Without a configuration it is refused, as a new account is at Stripe's."""
    customer = books.get("customer", given.get("customer"))
    chosen = given.get("configuration")
    if chosen is None:
        raise Wrong(
            "No configuration provided and your test mode default configuration has not been created.",
            param="configuration",
        )
    books.get("billing_portal.configuration", chosen)
    obj = books.add("billing_portal.session", {
        "configuration": chosen, "customer": customer["id"], "flow": None, "locale": given.get("locale"),
        "on_behalf_of": None, "return_url": given.get("return_url"), "url": "",
    })  # fmt: skip
    obj["url"] = f"{books.url}/desk/{obj['id']}"
    return obj


def new_card(books: Books, customer: str, number: str) -> None:
    """Another card for everything; what is owed is tried with it, as Stripe does when asked to."""
    method = customers.method(books, {"type": "card", "card": {"number": number}})
    customers.attach(books, {"customer": customer}, method["id"])
    customers.update(books, {"invoice_settings": {"default_payment_method": method["id"]}}, customer)
    for sub in books.all("subscription", customer=customer):
        if sub["status"] in subscriptions.LIVE:
            subscriptions.update(books, {"default_payment_method": method["id"]}, sub["id"])
            for invoice in life.owed(books, sub):
                life.collect(books, sub, invoice, present=True)


def leave(books: Books, customer: str, subscription: str) -> None:
    """The customer ends a subscription at the end of its period."""
    sub = books.get("subscription", subscription)
    if sub["customer"] != customer:
        raise Wrong("That is not your subscription", status=403)
    subscriptions.update(books, {"cancel_at_period_end": True}, subscription)
