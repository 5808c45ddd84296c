"""What is for sale? Products, prices (a price never changes its amount), coupons and promotion codes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from licet.testing.stripe.books import Books, Json
from licet.testing.stripe.wrong import Wrong


def product(books: Books, given: Json) -> Json:
    if given.get("id") and given["id"] in books.objects:
        raise Wrong(f"Product already exists: {given['id']}", code="resource_already_exists")
    obj = books.add("product", {
        "active": given.get("active", True), "default_price": None, "description": given.get("description"),
        "images": given.get("images", []), "marketing_features": [], "metadata": _metadata({}, given),
        "name": given["name"], "package_dimensions": None, "shippable": None,
        "statement_descriptor": given.get("statement_descriptor"), "tax_code": given.get("tax_code"),
        "type": "service", "unit_label": given.get("unit_label"), "updated": books.now(), "url": given.get("url"),
    }, id=given.get("id", ""))  # fmt: skip
    books.tell("product.created", obj)
    return obj


def product_update(books: Books, given: Json, id: str) -> Json:
    obj = books.get("product", id)
    fields = {k: v for k, v in given.items() if k not in ("metadata", "expand")}
    return books.change(
        obj, "product.updated", **fields, metadata=_metadata(obj["metadata"], given), updated=books.now()
    )


def price(books: Books, given: Json) -> Json:
    sold = given.get("product") or product(books, given["product_data"])["id"]
    books.get("product", sold)
    if given.get("unit_amount") is None and given.get("unit_amount_decimal") is None:
        raise Wrong("You must pass one of `unit_amount` or `unit_amount_decimal`", code="parameter_missing")
    exact = Decimal(str(given.get("unit_amount_decimal", given.get("unit_amount", 0))))
    recurring = _recurring(books, given.get("recurring"))
    key = given.get("lookup_key")
    for other in [p for p in books.all("price") if key and p["lookup_key"] == key]:
        if not given.get("transfer_lookup_key"):
            raise Wrong(f"A price already uses that lookup key: {other['id']}", code="resource_already_exists")
        books.change(other, "price.updated", lookup_key=None)
    obj = books.add("price", {
        "active": given.get("active", True), "billing_scheme": "per_unit", "currency": given["currency"].lower(),
        "custom_unit_amount": None, "lookup_key": key, "metadata": _metadata({}, given),
        "nickname": given.get("nickname"), "product": sold, "recurring": recurring,
        "tax_behavior": given.get("tax_behavior", "unspecified"), "tiers_mode": None,
        "transform_quantity": given.get("transform_quantity"), "type": "recurring" if recurring else "one_time",
        "unit_amount": int(exact) if exact == int(exact) else None, "unit_amount_decimal": str(exact),
    })  # fmt: skip
    books.tell("price.created", obj)
    return obj


def price_update(books: Books, given: Json, id: str) -> Json:
    """The amount, the currency and the interval are not among the parameters: the SDK's types refuse them already."""
    obj = books.get("price", id)
    fields: dict[str, Any] = {k: given[k] for k in ("active", "nickname", "tax_behavior", "lookup_key") if k in given}
    for other in [p for p in books.all("price") if fields.get("lookup_key") and p is not obj]:
        if other["lookup_key"] == fields["lookup_key"]:
            if not given.get("transfer_lookup_key"):
                raise Wrong(f"A price already uses that lookup key: {other['id']}", code="resource_already_exists")
            books.change(other, "price.updated", lookup_key=None)
    return books.change(obj, "price.updated", **fields, metadata=_metadata(obj["metadata"], given))


def coupon(books: Books, given: Json) -> Json:
    if given.get("id") in books.objects:
        raise Wrong(f"Coupon already exists: {given['id']}", code="resource_already_exists")
    if ("percent_off" in given) == ("amount_off" in given):
        raise Wrong("Must provide percent_off or amount_off", code="parameter_missing", param="percent_off")
    return books.add("coupon", {
        "amount_off": given.get("amount_off"), "currency": given.get("currency"),
        "duration": given.get("duration", "once"), "duration_in_months": given.get("duration_in_months"),
        "max_redemptions": given.get("max_redemptions"), "metadata": _metadata({}, given), "name": given.get("name"),
        "percent_off": given.get("percent_off"), "redeem_by": given.get("redeem_by"), "times_redeemed": 0,
        "valid": True,
    }, id=given.get("id", ""))  # fmt: skip


def promotion_code(books: Books, given: Json) -> Json:
    books.get("coupon", given["promotion"].get("coupon"))
    return books.add("promotion_code", {
        "active": given.get("active", True), "code": given.get("code") or f"CODE{books.number('code')}",
        "customer": given.get("customer"), "expires_at": given.get("expires_at"),
        "max_redemptions": given.get("max_redemptions"), "metadata": _metadata({}, given),
        "promotion": {"type": "coupon", "coupon": given["promotion"]["coupon"]},
        "restrictions": {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
        "times_redeemed": 0,
    })  # fmt: skip


def coupon_of(books: Books, asked: list[Json]) -> Json | None:
    """The one coupon that `discounts` names, directly or by a promotion code."""
    for one in asked or ():
        if one.get("promotion_code"):
            code = books.get("promotion_code", one["promotion_code"])
            return books.get("coupon", code["promotion"]["coupon"])
        if one.get("coupon"):
            return books.get("coupon", one["coupon"])
    return None


def plan(price: Json) -> Json:
    """The old form of a price, which every subscription's item still carries."""
    every = price["recurring"]
    return {
        "id": price["id"], "object": "plan", "active": price["active"], "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"], "billing_scheme": "per_unit", "created": price["created"],
        "currency": price["currency"], "interval": every["interval"], "interval_count": every["interval_count"],
        "livemode": False, "metadata": price["metadata"], "meter": every["meter"], "nickname": price["nickname"],
        "product": price["product"], "tiers_mode": None, "transform_usage": None, "trial_period_days": None,
        "usage_type": every["usage_type"],
    }  # fmt: skip


def _recurring(books: Books, given: Json | None) -> Json | None:
    if not given:
        return None
    usage = given.get("usage_type", "licensed")
    if usage == "metered" and not given.get("meter"):
        raise Wrong("A metered price must be backed by a meter", code="parameter_missing", param="recurring[meter]")
    if given.get("meter"):
        books.get("billing.meter", given["meter"])
    return {
        "interval": given["interval"], "interval_count": given.get("interval_count", 1), "meter": given.get("meter"),
        "trial_period_days": None, "usage_type": usage,
    }  # fmt: skip


def _metadata(before: dict[str, str], given: Json) -> dict[str, str]:
    """Metadata are merged; an empty value takes a name away, an empty hash takes all."""
    new = given.get("metadata", {})
    return {} if new == "" else {k: v for k, v in (before | new).items() if v != ""}


metadata = _metadata
