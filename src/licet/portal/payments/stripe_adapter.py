"""How is a purchase made, changed and fetched at Stripe? The port's `Provider`, over the SDK.

Each act sets a state or carries a key of its own, so that a repeat does nothing more: a checkout and a change carry the
order's id, a refund its own key. Amounts, proration, tax and retries of a charge are Stripe's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from licet.portal.config import Stripe as Account
from licet.portal.payments import stripe_change, stripe_fetch, stripe_goods, stripe_shop
from licet.portal.payments.port import Checkout, Declined, NoCustomer, Order, Snapshot, When
from licet.portal.payments.stripe_sdk import Json, absent_is_fine, asking, client, once, plain
from licet.portal.payments.stripe_shop import find

if TYPE_CHECKING:
    from stripe._v1_services import V1Services


@dataclass(frozen=True)
class Stripe:
    """Stripe, by one account's key. Nothing is asked of it until the first act."""

    account: Account

    @property
    def name(self) -> str:
        return "stripe"

    @property
    def test(self) -> bool:
        return self.account.test

    @cached_property
    def api(self) -> V1Services:
        return client(self.account)

    def checkout(self, order: Order, *, done_url: str, back_url: str) -> Checkout:
        with asking("checkout"):
            customer = self._customer(order)
            told: Any = {
                "mode": "payment" if order.interval == "once" else "subscription",
                "customer": customer,
                "line_items": stripe_shop.lines(self.api, order),
                "success_url": done_url,
                "cancel_url": back_url,
                "client_reference_id": order.id,
                "metadata": stripe_shop.metadata(order),
                **self._taxed(),
            }
            if order.coupon:
                told["discounts"] = [{"coupon": stripe_shop.coupon(self.api, order)}]
            else:
                told["allow_promotion_codes"] = True  # secret ones, that an operator made at Stripe
            if order.interval == "once":
                told["payment_intent_data"] = {"metadata": stripe_shop.metadata(order)}
            else:
                told["subscription_data"] = {"metadata": stripe_shop.metadata(order)}
                if order.trial_days:
                    told["subscription_data"]["trial_period_days"] = order.trial_days
            return _checkout(once(self.api.checkout.sessions.create, told, f"{order.id}-checkout-{customer}"))

    def checked_out(self, ref: str) -> Checkout:
        with asking("checkout"):
            with absent_is_fine():
                return _checkout(plain(self.api.checkout.sessions.retrieve(ref)))
            return Checkout(ref, "", "expired")

    def expire(self, ref: str) -> None:
        with asking("checkout"), absent_is_fine():
            if self.api.checkout.sessions.retrieve(ref).status == "open":
                stripe_shop.expire(self.api, ref)

    def desk_url(self, customer: str, back_url: str) -> str:
        with asking("customer portal"):
            with absent_is_fine():
                if plain(self.api.customers.retrieve(customer)).get("deleted"):
                    return ""
                chosen = stripe_shop.desk(self.api)
                told: Any = {"customer": customer, "configuration": chosen, "return_url": back_url}
                return str(self.api.billing_portal.sessions.create(told).url)
            return ""

    def fetch(self, ref: str) -> Snapshot | None:
        with asking("fetch"):
            return stripe_fetch.one(self.api, ref)

    def every(self) -> Iterator[str]:
        with asking("list"):
            yield from stripe_fetch.every(self.api)

    def owner(self, about: str) -> str:
        """The subscription or one-off purchase that an object belongs to: what an event is to fetch; "" for none of ours."""
        with asking("fetch"):
            with absent_is_fine():
                return stripe_fetch.owner(self.api, about)
            return ""

    def has_customer(self, customer: str) -> bool:
        with asking("customer"):
            return find(self.api.customers.retrieve, customer) is not None

    def change(self, ref: str, order: Order, when: When) -> None:
        if order.interval == "once":
            raise Declined("a purchase that is paid once does not change", mend="buy the other one")
        with asking("change"):
            if when == "now":
                stripe_change.now(self.api, ref, order)
            else:
                stripe_change.at_period_end(self.api, ref, order, tax=self.account.tax)

    def cancel(self, ref: str, when: When) -> None:
        if ref.startswith("pi_"):
            return  # paid once, nothing runs on
        with asking("cancel"):
            stripe_change.cancel(self.api, ref, when)

    def resume(self, ref: str) -> None:
        with asking("resume"):
            stripe_change.resume(self.api, ref)

    def refund(self, payment: str, amount_minor: int | None, key: str) -> None:
        with asking("refund"):
            intent = stripe_fetch.intent_of(self.api, payment)
            if not intent:
                raise Declined("no money was moved by this payment, so none can go back", where=payment)
            before = self.api.refunds.list({"payment_intent": intent, "limit": 100}).auto_paging_iter()
            if any(plain(one)["metadata"].get("licet_refund") == key for one in before):
                return  # Stripe forgets a key after a day, its refunds never
            told: Any = {"payment_intent": intent, "reason": "requested_by_customer", "metadata": {"licet_refund": key}}
            if amount_minor is not None:
                told["amount"] = amount_minor
            once(self.api.refunds.create, told, f"refund-{key}")

    def report_usage(self, customer: str, meter: str, units: int, at_s: int, identifier: str) -> None:
        with asking("usage"):
            import stripe

            told: Any = {
                "event_name": stripe_goods.event_name(meter),
                "identifier": identifier,
                "timestamp": at_s,
                "payload": {"stripe_customer_id": customer, "value": str(units)},
            }
            try:
                self.api.billing.meter_events.create(told)
            except stripe.InvalidRequestError as no:
                if "already exists with identifier" not in str(no):
                    raise
                # Told before, and the answer was lost: that is what the identifier is for.

    def _customer(self, order: Order) -> str:
        """A customer of Stripe's for this holder, made before the page, so that two tabs do not make two.

        One that was made under the key and deleted since, or bills another currency by now, is followed by another, by
        a key that says after which.
        """
        currency, other = order.currency.lower(), ""
        if order.customer:
            known = find(self.api.customers.retrieve, order.customer)
            if known is None:
                raise NoCustomer("Stripe no longer has this customer", where=order.customer)
            if known.get("currency") in (None, currency):
                return order.customer
            other = f"-{currency}"  # Stripe bills a customer in one currency: for another he is another customer
        told: Any = {"metadata": {"licet_holder": order.holder_id}}
        if order.email:
            told["email"] = order.email
        key = f"{order.holder_id}-customer{other}-{sha256(order.email.encode()).hexdigest()[:12]}"
        while True:
            made = str(once(self.api.customers.create, told, key)["id"])
            found = find(self.api.customers.retrieve, made)
            if found is not None and found.get("currency") in (None, currency):
                return made
            key = f"{order.holder_id}-customer-{currency}-after-{made}"

    def _taxed(self) -> Json:
        if not self.account.tax:
            return {}
        return {
            "automatic_tax": {"enabled": True},
            "customer_update": {"address": "auto", "name": "auto"},
            "tax_id_collection": {"enabled": True},
        }


def _checkout(session: Json) -> Checkout:
    bought = session.get("subscription") or session.get("payment_intent") or ""
    return Checkout(
        session["id"], session.get("url") or "", session["status"], session.get("expires_at"),
        str(bought["id"]) if isinstance(bought, dict) else str(bought),
    )  # fmt: skip
