"""What does Stripe have of what we sell, and what is still to be made? Found by name; made where it is missing.

`licet payments sync` does it ahead, with a plan; a checkout does it too, so that nobody meets a closed shop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from licet.portal import documents
from licet.portal.payments import stripe_goods as goods
from licet.portal.payments.port import Declined, Order
from licet.portal.payments.stripe_goods import Good, Meter, Off, Product
from licet.portal.payments.stripe_sdk import Json, once, plain
from licet.release.release import Coupon, Tier

if TYPE_CHECKING:
    from stripe._v1_services import V1Services


def metadata(order: Order) -> dict[str, str]:
    """What stands at Stripe beside everything that is bought: enough to find it again without our database."""
    return {
        "licet_holder": order.holder_id, "licet_release": order.release, "licet_tier": order.tier,
        "licet_document": order.document, "licet_order": order.id, "licet_interval": order.interval,
        "licet_seats": str(order.seats), "licet_unit_minor": str(order.unit_minor),
    }  # fmt: skip


def lines(api: V1Services, order: Order) -> list[Json]:
    """What is on the page: the seats, and what is paid by use."""
    seat = {"price": price_id(api, order), "quantity": order.seats}
    return [seat, *({"price": id} for id in metered_ids(api, order))]


def price_id(api: V1Services, order: Order) -> str:
    """The price of one seat of this order."""
    of = goods.product(documents.read(order.document), _tier(order))
    return ensure_price(api, goods.price(of, order.currency, order.unit_minor, order.interval))


def metered_ids(api: V1Services, order: Order) -> list[str]:
    """The prices of use past the quotas, for a tier that sells it."""
    if order.interval == "once":
        return []
    tier = _tier(order)
    of = goods.product(documents.read(order.document), tier)
    return [ensure_price(api, goods.overage(of, cost, order.interval)) for cost in tier.overage]


def coupon(api: V1Services, order: Order) -> str:
    """The coupon that the order names."""
    of = goods.product(documents.read(order.document), _tier(order))
    return ensure_coupon(api, goods.coupon(of, Coupon(order.coupon, order.percent_off, 0, order.coupon_months)))


def ensure_price(api: V1Services, wanted: Good) -> str:
    """The price of that name, sold again where it was archived, made where it is missing."""
    found = find_price(api, wanted.key)
    if found is None:
        ensure_product(api, wanted.product)
        meter = ensure_meter(api, wanted.meter) if wanted.meter else ""
        found = once(api.prices.create, price_params(wanted, meter), f"price-{wanted.key}-{meter}")
        if not found["active"]:  # an old answer to the same key: it was archived since
            found = plain(api.prices.update(found["id"], {"active": True}))
    elif not found["active"]:
        api.prices.update(found["id"], {"active": True})
    return str(found["id"])


def price_params(wanted: Good, meter: str) -> Any:
    told: Json = {
        "product": wanted.product.id, "currency": wanted.currency, "lookup_key": wanted.key,
        "transfer_lookup_key": True, "metadata": {
            "licet_release": wanted.product.release, "licet_tier": wanted.product.tier},
    }  # fmt: skip
    told["unit_amount" if isinstance(wanted.unit, int) else "unit_amount_decimal"] = wanted.unit
    if wanted.interval != "once":
        told["recurring"] = {"interval": wanted.interval}
    if wanted.meter:
        told["recurring"] |= {"usage_type": "metered", "meter": meter}
    return told


def find_price(api: V1Services, key: str) -> Json | None:
    """The price of that lookup key, archived or not."""
    for active in (True, False):
        found = api.prices.list({"lookup_keys": [key], "active": active, "limit": 1}).data
        if found:
            return plain(found[0])
    return None


def ensure_product(api: V1Services, wanted: Product) -> Json:
    """The product of that id; sold again where it was archived."""
    found = find(api.products.retrieve, wanted.id)
    if found is None:
        return plain(api.products.create(product_params(wanted)))
    return found if found["active"] else plain(api.products.update(wanted.id, {"active": True}))


def product_params(wanted: Product) -> Any:
    told = {"id": wanted.id, "name": wanted.name, "metadata": {
        "licet_release": wanted.release, "licet_tier": wanted.tier}}  # fmt: skip
    return told | ({"description": wanted.description} if wanted.description else {})


def ensure_meter(api: V1Services, wanted: Meter) -> str:
    """The active meter of that event name."""
    for one in api.billing.meters.list({"status": "active", "limit": 100}).auto_paging_iter():
        if one.event_name == wanted.event:
            return str(one.id)
    told = {"display_name": wanted.name, "event_name": wanted.event, "default_aggregation": {"formula": "sum"}}
    return str(once(api.billing.meters.create, told, f"meter-{wanted.event}")["id"])


def ensure_coupon(api: V1Services, wanted: Off) -> str:
    if find(api.coupons.retrieve, wanted.id) is None:
        api.coupons.create(coupon_params(wanted))
    return wanted.id


def coupon_params(wanted: Off) -> Any:
    told: Json = {"id": wanted.id, "name": wanted.code[:40], "percent_off": wanted.percent, "metadata": {
        "licet_release": wanted.product.release, "licet_tier": wanted.product.tier}}  # fmt: skip
    lasts = {"duration": "forever"} if wanted.months is None else {
        "duration": "repeating", "duration_in_months": wanted.months}  # fmt: skip
    return told | lasts


def desk(api: V1Services) -> str:
    """The customer portal as we want it: cards and invoices. A subscription is ended on our pages, in two clicks."""
    for one in api.billing_portal.configurations.list({"active": True, "limit": 100}).auto_paging_iter():
        if (plain(one).get("metadata") or {}).get("licet") == "desk":
            return str(one.id)
    told: Any = {
        "features": {"payment_method_update": {"enabled": True}, "invoice_history": {"enabled": True},
                     "customer_update": {"enabled": True, "allowed_updates": ["address", "email", "tax_id"]}},
        "metadata": {"licet": "desk"},
    }  # fmt: skip
    return str(once(api.billing_portal.configurations.create, told, "licet-desk")["id"])


def expire(api: V1Services, ref: str) -> None:
    """Shut a checkout; one that was paid in this very moment stays paid."""
    import stripe

    try:
        api.checkout.sessions.expire(ref)
    except stripe.InvalidRequestError:
        if api.checkout.sessions.retrieve(ref).status == "open":
            raise


def find(retrieve: Any, id: str) -> Json | None:
    """The object of that id, as Stripe has it; None where it has none."""
    import stripe

    try:
        found = plain(retrieve(id))
    except stripe.InvalidRequestError as no:
        if no.http_status != 404 and no.code != "resource_missing":
            raise
        return None
    return None if found.get("deleted") else found


def _tier(order: Order) -> Tier:
    found = documents.read(order.document).tier(order.tier)
    if found is None:
        raise Declined(f"the document has no tier `{order.tier}`")
    return found
