"""Which requests are answered? One table: method, path, the SDK's type of its parameters, which of them are known here.

A parameter that Stripe has and this server does not act upon is refused by name: silence would look like success.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from licet.testing.stripe import (
    catalogue,
    charges,
    checkout,
    clocks,
    customers,
    desk,
    hooks,
    invoices,
    life,
    meters,
    schedules,
    subscriptions,
)
from licet.testing.stripe.books import Books, Json
from licet.testing.stripe.customers import gone
from licet.testing.stripe.wrong import Wrong

type Act = Callable[..., Json]


@dataclass(frozen=True, slots=True)
class Route:
    """`act(books, given, *ids)`. `knows` None: everything that the type has (a retrieve, a list)."""

    method: str
    path: re.Pattern[str]
    params: str
    act: Act
    knows: frozenset[str] | None = None
    lists: str = ""


def _pay(books: Books, given: Json, id: str) -> Json:
    """POST /v1/invoices/:id/pay: a refused card is an error, as Stripe answers it."""
    obj = books.get("invoice", id)
    if obj["status"] != "open":
        raise Wrong(f"Invoice is {obj['status']}, it cannot be paid", code="invoice_not_open")
    sub = books.get("subscription", obj["parent"]["subscription_details"]["subscription"])
    if not life.collect(books, sub, obj, method=given.get("payment_method")):
        raise customers.declined("generic_decline")
    return obj


def _void(books: Books, given: Json, id: str) -> Json:
    return invoices.void(books, books.get("invoice", id))


def _product_delete(books: Books, given: Json, id: str) -> Json:
    obj = books.get("product", id)
    if next(books.all("price", product=id), None):
        raise Wrong("This product cannot be deleted because it has one or more user-created prices.")
    obj["deleted"] = True
    return gone(obj)


def _retrieve(kind: str) -> Act:
    return lambda books, given, id: books.get(kind, id)


_KINDS = {  # path -> kind, the SDK's name of its types
    "products": ("product", "Product"), "prices": ("price", "Price"), "customers": ("customer", "Customer"),
    "payment_methods": ("payment_method", "PaymentMethod"), "coupons": ("coupon", "Coupon"),
    "promotion_codes": ("promotion_code", "PromotionCode"), "subscriptions": ("subscription", "Subscription"),
    "subscription_schedules": ("subscription_schedule", "SubscriptionSchedule"), "invoices": ("invoice", "Invoice"),
    "invoice_payments": ("invoice_payment", "InvoicePayment"),
    "payment_intents": ("payment_intent", "PaymentIntent"), "charges": ("charge", "Charge"),
    "refunds": ("refund", "Refund"), "disputes": ("dispute", "Dispute"), "events": ("event", "Event"),
    "checkout/sessions": ("checkout.session", "checkout.Session"),
    "billing/meters": ("billing.meter", "billing.Meter"),
    "billing_portal/configurations": ("billing_portal.configuration", "billing_portal.Configuration"),
    "webhook_endpoints": ("webhook_endpoint", "WebhookEndpoint"),
    "test_helpers/test_clocks": ("test_helpers.test_clock", "test_helpers.TestClock"),
}  # fmt: skip


def table(listening: hooks.Hooks) -> list[Route]:
    """Every route of the server."""

    def at(method: str, path: str, params: str, act: Act, knows: str | None = None) -> Route:
        pattern = re.compile("/v1/" + path.replace("ID", r"([^/]+)") + r"\Z")
        return Route(method, pattern, params, act, None if knows is None else frozenset(knows.split()))

    def endpoint(books: Books, given: Json) -> Json:
        return hooks.endpoint(listening, given)

    post: list[tuple[str, str, Act, str]] = [
        ("products", "ProductCreateParams", catalogue.product,
         "id name active description metadata statement_descriptor tax_code unit_label url images"),
        ("products/ID", "ProductUpdateParams", catalogue.product_update,
         "name active description metadata statement_descriptor tax_code unit_label url"),
        ("prices", "PriceCreateParams", catalogue.price,
         "active currency lookup_key metadata nickname product product_data recurring tax_behavior "
         "transfer_lookup_key unit_amount unit_amount_decimal"),
        ("prices/ID", "PriceUpdateParams", catalogue.price_update,
         "active lookup_key metadata nickname tax_behavior transfer_lookup_key"),
        ("coupons", "CouponCreateParams", catalogue.coupon,
         "id percent_off amount_off currency duration duration_in_months max_redemptions metadata name redeem_by"),
        ("promotion_codes", "PromotionCodeCreateParams", catalogue.promotion_code,
         "active code customer expires_at max_redemptions metadata promotion"),
        ("customers", "CustomerCreateParams", customers.customer,
         "address description email invoice_settings metadata name payment_method preferred_locales tax_exempt "
         "test_clock"),
        ("customers/ID", "CustomerUpdateParams", customers.update,
         "address description email invoice_settings metadata name tax_exempt"),
        ("payment_methods", "PaymentMethodCreateParams", customers.method, "type card metadata"),
        ("payment_methods/ID/attach", "PaymentMethodAttachParams", customers.attach, "customer"),
        ("checkout/sessions", "checkout.SessionCreateParams", checkout.create,
         "allow_promotion_codes automatic_tax billing_address_collection cancel_url client_reference_id customer "
         "customer_creation customer_email customer_update discounts expires_at line_items locale metadata mode "
         "payment_intent_data payment_method_collection subscription_data success_url tax_id_collection"),
        ("checkout/sessions/ID/expire", "checkout.SessionExpireParams", checkout.expire, ""),
        ("subscriptions", "SubscriptionCreateParams", subscriptions.begin,
         "automatic_tax cancel_at_period_end customer default_payment_method discounts items metadata "
         "payment_behavior trial_end trial_period_days trial_settings"),
        ("subscriptions/ID", "SubscriptionUpdateParams", subscriptions.update,
         "cancel_at_period_end default_payment_method discounts items metadata pause_collection payment_behavior "
         "proration_behavior trial_end"),
        ("subscriptions/ID/resume", "SubscriptionResumeParams", subscriptions.resume, "billing_cycle_anchor"),
        ("subscription_schedules", "SubscriptionScheduleCreateParams", schedules.create, "from_subscription"),
        ("subscription_schedules/ID", "SubscriptionScheduleUpdateParams", schedules.update,
         "phases end_behavior metadata"),
        ("subscription_schedules/ID/release", "SubscriptionScheduleReleaseParams", schedules.release, ""),
        ("invoices/ID/pay", "InvoicePayParams", _pay, "payment_method"),
        ("invoices/ID/void", "InvoiceVoidInvoiceParams", _void, ""),
        ("payment_intents", "PaymentIntentCreateParams", charges.intent,
         "amount currency customer payment_method confirm off_session description metadata setup_future_usage"),
        ("payment_intents/ID/confirm", "PaymentIntentConfirmParams", charges.confirm, "payment_method off_session"),
        ("payment_intents/ID/cancel", "PaymentIntentCancelParams", charges.cancel, "cancellation_reason"),
        ("refunds", "RefundCreateParams", charges.refund, "charge payment_intent amount reason metadata"),
        ("disputes/ID/close", "DisputeCloseParams", charges.close, ""),
        ("billing/meters", "billing.MeterCreateParams", meters.meter,
         "customer_mapping default_aggregation display_name event_name event_time_window value_settings"),
        ("billing/meters/ID/deactivate", "billing.MeterDeactivateParams", meters.deactivate, ""),
        ("billing/meter_events", "billing.MeterEventCreateParams", meters.event,
         "event_name identifier payload timestamp"),
        ("billing_portal/configurations", "billing_portal.ConfigurationCreateParams", desk.configuration,
         "business_profile default_return_url features metadata name"),
        ("billing_portal/sessions", "billing_portal.SessionCreateParams", desk.session,
         "configuration customer locale return_url"),
        ("webhook_endpoints", "WebhookEndpointCreateParams", endpoint,
         "url enabled_events api_version description metadata"),
        ("test_helpers/test_clocks", "test_helpers.TestClockCreateParams", clocks.create, "frozen_time name"),
        ("test_helpers/test_clocks/ID/advance", "test_helpers.TestClockAdvanceParams", clocks.advance, "frozen_time"),
    ]  # fmt: skip
    delete: list[tuple[str, str, Act]] = [
        ("customers/ID", "CustomerDeleteParams", customers.delete),
        ("products/ID", "ProductDeleteParams", _product_delete),
        ("subscriptions/ID", "SubscriptionCancelParams", subscriptions.cancel),
    ]
    get: list[tuple[str, str, Act]] = [
        ("customers/ID", "CustomerRetrieveParams", customers.retrieve),
        ("checkout/sessions/ID/line_items", "checkout.SessionListLineItemsParams", checkout.line_items),
        ("billing/meters/ID/event_summaries", "billing.MeterListEventSummariesParams", meters.summaries),
    ]
    routes = [at("POST", path, params, act, knows) for path, params, act, knows in post]
    routes += [at("DELETE", path, params, act, "") for path, params, act in delete]
    routes += [at("GET", path, params, act) for path, params, act in get]
    for path, (kind, name) in _KINDS.items():
        routes.append(at("GET", f"{path}/ID", f"{name}RetrieveParams", _retrieve(kind)))
        routes.append(Route("GET", re.compile(f"/v1/{path}\\Z"), f"{name}ListParams", _retrieve(kind), None, kind))
    return routes
