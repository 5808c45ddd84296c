"""What does Stripe have of one subscription, as it is now? Asked in as few requests as its answers allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from licet.portal.payments import stripe_seen
from licet.portal.payments.port import Snapshot
from licet.portal.payments.stripe_sdk import Json, plain
from licet.portal.payments.stripe_shop import find

if TYPE_CHECKING:
    from stripe._v1_services import V1Services

_EXPAND = ["data.refunds"]


def one(api: V1Services, ref: str) -> Snapshot | None:
    """The snapshot of a subscription, or of a one-off purchase by its payment intent. None where there is none."""
    if ref.startswith("pi_"):
        return _once(api, ref)
    told: Any = {"expand": ["schedule"]}
    sub = find(lambda id: api.subscriptions.retrieve(id, told), ref)
    if sub is None:
        return None
    asked: Any = {"subscription": ref, "limit": 100, "expand": ["data.payments"]}
    invoices = [plain(one) for one in api.invoices.list(asked).data]  # newest first; a hundred are eight years
    charges = _charges(api, sub["customer"], {ref for invoice in invoices for ref in stripe_seen.intents(invoice)})
    disputes = [d for ref, charge in charges.items() if charge["disputed"] for d in _disputes(api, ref)]
    return stripe_seen.subscription(sub, invoices, charges, disputes)


def every(api: V1Services) -> Iterator[str]:
    """All subscriptions of ours, then all one-off purchases."""
    listed: Any = {"status": "all", "limit": 100}
    for sub in api.subscriptions.list(listed).auto_paging_iter():
        if _ours(plain(sub)):
            yield str(sub.id)
    for intent in api.payment_intents.list({"limit": 100}).auto_paging_iter():
        if _ours(plain(intent)) and intent.status == "succeeded":
            yield str(intent.id)


def owner(api: V1Services, about: str) -> str:
    """The ref of what an object belongs to: by its id, which says what it is."""
    kind = about.partition("_")[0]
    if kind == "sub":
        return about
    if kind == "in":
        return stripe_seen.parent(plain(api.invoices.retrieve(about)))
    if kind == "cs":
        session = plain(api.checkout.sessions.retrieve(about))
        return str(session.get("subscription") or session.get("payment_intent") or "")
    if kind == "pi":
        if _ours(plain(api.payment_intents.retrieve(about))):
            return about
        asked: Any = {"payment": {"type": "payment_intent", "payment_intent": about}, "limit": 1}
        for paid in api.invoice_payments.list(asked).data:
            return owner(api, str(paid.invoice))
    return ""


def intent_of(api: V1Services, payment: str) -> str:
    """The payment intent that moved the money of a payment of ours; "" where none did."""
    if payment.startswith("pi_"):
        return payment
    asked: Any = {"invoice": payment, "status": "paid", "limit": 1}
    for paid in api.invoice_payments.list(asked).data:
        return str(plain(paid)["payment"].get("payment_intent") or "")
    return ""


def _once(api: V1Services, ref: str) -> Snapshot | None:
    intent = find(api.payment_intents.retrieve, ref)
    if intent is None:
        return None
    charge = None
    if intent.get("latest_charge"):
        told: Any = {"expand": ["refunds"]}
        charge = plain(api.charges.retrieve(str(intent["latest_charge"]), told))
    disputes = _disputes(api, ref) if charge and charge["disputed"] else []
    return stripe_seen.once(intent, charge, disputes)


def _charges(api: V1Services, customer: str, wanted: set[str]) -> dict[str, Json]:
    """The charges that succeeded, by payment intent: a page of the customer's, and what is older one by one."""
    if not wanted:
        return {}
    asked: Any = {"customer": customer, "limit": 100, "expand": _EXPAND}
    found: dict[str, Json] = {}
    page = api.charges.list(asked)
    for one in page.data:
        charge = plain(one)
        if charge.get("payment_intent") in wanted and charge["status"] == "succeeded":
            found[str(charge["payment_intent"])] = charge
    if page.has_more:
        for ref in wanted - set(found):
            older: Any = {"payment_intent": ref, "limit": 10, "expand": _EXPAND}
            for one in api.charges.list(older).data:
                if one.status == "succeeded":
                    found[ref] = plain(one)
    return found


def _disputes(api: V1Services, intent: str) -> list[Json]:
    return [plain(one) for one in api.disputes.list({"payment_intent": intent, "limit": 10}).data]


def _ours(obj: Json) -> bool:
    return bool((obj.get("metadata") or {}).get("licet_holder"))
