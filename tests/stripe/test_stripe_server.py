"""Is the Stripe-shaped server shaped like Stripe? Held to the SDK's own types, request and answer; and to its promises."""

from __future__ import annotations

import ast
import inspect
import json
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe as sdk
from stripe._object_classes import get_object_class

import licet
from licet.testing.stripe import Rules, Stripe, serve, sign

DAY_S = 86_400
T0 = 1_800_000_000


class Clock:
    at_s = T0

    def __call__(self) -> int:
        return self.at_s


@pytest.fixture(scope="module")
def running() -> Iterator[Stripe]:
    with serve(held=True) as stripe:
        yield stripe


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stripe(running: Stripe, clock: Clock) -> Stripe:
    running.clear(clock)
    return running


@pytest.fixture
def api(stripe: Stripe) -> Any:
    return sdk.StripeClient(stripe.key, base_addresses={"api": stripe.url}, max_network_retries=0).v1


def _sold(api: Any, **more: Any) -> Any:
    product = api.products.create({"name": "Premium"})
    told = {"product": product.id, "currency": "eur", "unit_amount": 900, "recurring": {"interval": "month"}}
    return api.prices.create(told | more)


def _holder(api: Any, card: str = "pm_card_visa", **more: Any) -> Any:
    customer = api.customers.create({"email": "ada@example.org", **more})
    method = api.payment_methods.attach(card, {"customer": customer.id})
    return api.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})


def _subscribe(api: Any, customer: Any, price: Any, **more: Any) -> Any:
    return api.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}], **more})


def test_a_misspelt_a_wrongly_typed_and_an_invented_field_are_refused_with_their_path(api: Any) -> None:
    cases = [
        (lambda: api.products.create({"nmae": "x", "name": "y"}), "nmae"),
        (lambda: api.prices.create({"currency": "eur", "unit_amount": "much"}), "unit_amount"),
        (
            lambda: api.checkout.sessions.create({"mode": "payment", "line_items": [{"prise": "x"}]}),
            "line_items[0][prise]",
        ),
        (lambda: api.subscriptions.update("sub_1", {"current_period_end": 1}), "current_period_end"),
        (lambda: api.invoices.list({"payment_intent": "pi_1"}), "payment_intent"),
    ]
    for ask, param in cases:
        with pytest.raises(sdk.InvalidRequestError) as caught:
            ask()
        assert caught.value.http_status == 400
        assert caught.value.param == param


def test_what_stripe_has_and_this_server_has_not_is_refused_by_name(api: Any) -> None:
    with pytest.raises(sdk.StripeError, match="does not act upon `shippable` yet"):
        api.products.create({"name": "x", "shippable": True})
    with pytest.raises(sdk.StripeError, match="Unrecognized request URL"):
        api.quotes.list()


def test_a_wrong_key_is_refused_and_not_echoed(stripe: Stripe) -> None:
    wrong = sdk.StripeClient("sk_test_canary", base_addresses={"api": stripe.url}).v1
    with pytest.raises(sdk.AuthenticationError) as caught:
        wrong.products.list()
    assert "canary" not in str(caught.value)


# Leaves that the SDK's types promise and that this server leaves out, each of no use to anybody here.
_LEFT_OUT = {
    "Dispute.evidence", "Dispute.evidence_details", "Configuration.features", "Configuration.business_profile",
    "Configuration.login_page", "TestClock.status_details", "PaymentMethod.card",
}  # fmt: skip


def _differs(obj: Any, cls: Any, path: str, found: set[str]) -> None:
    """Every key the SDK's class knows, and every one that it promises is there: all the way down."""
    if not (inspect.isclass(cls) and issubclass(cls, sdk.StripeObject)) or not isinstance(obj, dict):
        return
    hints = {k: v for k, v in cls.__annotations__.items() if k != "OBJECT_NAME"}
    if not hints:
        return
    found |= {f"{path}.{key} is unknown to the SDK" for key in obj if key not in hints}
    if path not in _LEFT_OUT:
        promised = {k for k, v in hints.items() if "Optional" not in str(v) and "NoneType" not in str(v)}
        found |= {f"{path}.{key} is promised by the SDK" for key in promised - set(obj)}
    for key, value in obj.items():
        inner = _class(hints.get(key), cls)
        if isinstance(value, dict) and value.get("object") in ("list", None) and inner is not None:
            _differs(value, inner, f"{path}.{key}", found)
        for one in value.get("data", []) if isinstance(value, dict) and value.get("object") == "list" else ():
            _whole(one, found)
        if isinstance(value, dict) and isinstance(value.get("object"), str) and value["object"] != "list":
            _whole(value, found)


def _class(hint: Any, owner: Any) -> Any:
    if isinstance(hint, str):
        hint = vars(inspect.getmodule(owner)).get(hint)  # what is imported for checkers only has an `object` of its own
    for one in (hint, *typing.get_args(hint)):
        if inspect.isclass(one) and issubclass(one, sdk.StripeObject) and one is not sdk.ListObject:
            return one
    return None


def _whole(obj: Any, found: set[str]) -> None:
    cls = get_object_class("V1", obj["object"])
    if obj.get("deleted") or cls is sdk.StripeObject or cls.__name__ == "StripeObject":
        return
    _differs(obj, cls, cls.__name__, found)


def test_every_object_of_a_whole_life_has_the_shape_that_the_sdks_types_promise(
    stripe: Stripe, api: Any, clock: Clock
) -> None:
    """A life that makes every kind of object once; then all of them, and what every event carried, are held up."""
    meter = api.billing.meters.create(
        {"display_name": "calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    )
    price, used = _sold(api), _sold(api, recurring={"interval": "month", "usage_type": "metered", "meter": meter.id})
    coupon = api.coupons.create({"percent_off": 20, "duration": "repeating", "duration_in_months": 2})
    api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "LAUNCH"})
    session = api.checkout.sessions.create({
        "mode": "subscription", "line_items": [{"price": price.id, "quantity": 2}, {"price": used.id}],
        "success_url": "http://x/", "discounts": [{"coupon": coupon.id}],
    })  # fmt: skip
    stripe.browse(session.url, card="4242424242424242")
    session = api.checkout.sessions.retrieve(session.id, {"expand": ["line_items"]})
    told = {"event_name": "calls", "payload": {"stripe_customer_id": session.customer, "value": "3"}}
    used_up = api.billing.meter_events.create(told)
    clock.at_s += 32 * DAY_S
    stripe.tick()
    api.subscription_schedules.create({"from_subscription": session.subscription})
    configuration = api.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    api.billing_portal.sessions.create({"customer": session.customer, "configuration": configuration.id})
    endpoint = api.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["charge.expired"]})
    assert endpoint.secret.startswith("whsec_")
    intent = api.payment_intents.list({}).data[0]
    api.refunds.create({"payment_intent": intent.id, "amount": 100})
    stripe.judge(stripe.dispute(intent.id)["id"], won=True)
    api.test_helpers.test_clocks.create({"frozen_time": T0})
    window = {"customer": session.customer, "start_time": T0, "end_time": clock.at_s}
    api.billing.meters.event_summaries.list(meter.id, window)
    found: set[str] = set()
    seen = set()
    for obj in list(stripe.books.objects.values()):
        shown = {k: v for k, v in obj.items() if not k.startswith("_")}
        if obj["object"] == "billing.meter_event":
            shown = used_up.to_dict()
        seen.add(obj["object"])
        _whole(json.loads(json.dumps(shown)), found)
        if obj["object"] == "event":
            _whole(obj["data"]["object"], found)
    assert len(seen) > 20
    assert found == set()


def test_events_are_signed_as_the_sdk_verifies_them_and_retried_until_they_are_taken(stripe: Stripe, api: Any) -> None:
    taken: list[Any] = []
    statuses = iter([500, 0, 200, 200, 200])

    def hear(body: bytes, headers: dict[str, str]) -> int:
        if (status := next(statuses, 200)) == 200:
            sdk.WebhookSignature.verify_header(body.decode(), headers["Stripe-Signature"], "whsec_x")
            taken.append(json.loads(body))
        return status

    stripe.hooks.listen(hear, "whsec_x")
    price = _sold(api)
    stripe.deliver()
    assert [event["type"] for event in taken] == ["product.created", "price.created"]
    assert taken[1]["data"]["object"]["id"] == price.id
    event = sdk.Event.construct_from(taken[0], None)
    assert api.events.retrieve(event.id).type == "product.created"
    assert re.fullmatch(r"t=\d+,v1=[0-9a-f]{64},v1=[0-9a-f]{64}", sign(b"{}", 1, "a", "b"))


def test_events_are_lost_doubled_and_turned_round_on_demand(stripe: Stripe, api: Any) -> None:
    taken: list[str] = []

    def hear(body: bytes, headers: dict[str, str]) -> int:
        taken.append(json.loads(body)["type"])
        return 200

    stripe.hooks.listen(hear, "whsec_x")
    stripe.hooks.bend = lambda events: [*events[::-1], events[-1]][1:]
    _sold(api)
    api.customers.create({"email": "ada@example.org"})
    stripe.deliver()
    assert taken == ["price.created", "product.created", "customer.created"]
    stripe.hooks.bend = lambda events: []
    _sold(api)
    assert (stripe.deliver(), len(taken)) == ([], 3)


def test_an_idempotency_key_repeats_the_answer_also_an_error_and_refuses_other_parameters(
    stripe: Stripe, api: Any
) -> None:
    key = {"idempotency_key": "k"}
    first, again = api.products.create({"name": "x"}, key), api.products.create({"name": "x"}, key)
    assert first.id == again.id
    with pytest.raises(sdk.IdempotencyError):
        api.products.create({"name": "y"}, key)
    stripe.fault("500", "/v1/products")
    for replayed in (None, "true"):
        with pytest.raises(sdk.APIError) as caught:
            api.products.create({"name": "x"}, {"idempotency_key": "k2"})
        assert caught.value.headers.get("idempotent-replayed") == replayed


def test_a_test_clock_lives_through_a_trial_a_renewal_a_failure_and_its_retries(stripe: Stripe, api: Any) -> None:
    turned = api.test_helpers.test_clocks.create({"frozen_time": T0})
    customer = _holder(api, test_clock=turned.id)
    sub = _subscribe(api, customer, _sold(api), trial_period_days=7)
    assert (sub.status, sub.trial_end) == ("trialing", T0 + 7 * DAY_S)

    def at(days: float) -> Any:
        api.test_helpers.test_clocks.advance(turned.id, {"frozen_time": T0 + int(days * DAY_S)})
        return api.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})

    paid = at(8)
    assert (paid.status, paid.latest_invoice.amount_paid) == ("active", 900)
    bad = api.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    api.customers.update(customer.id, {"invoice_settings": {"default_payment_method": bad.id}})
    late = at(39)
    assert (late.status, late.latest_invoice.status, late.latest_invoice.attempt_count) == ("past_due", "open", 1)
    finalized = late.latest_invoice.status_transitions.finalized_at
    later = at(48)
    assert later.latest_invoice.attempt_count == 3
    assert later.latest_invoice.status_transitions.finalized_at == finalized
    assert at(60).status == "canceled"


@pytest.mark.parametrize(("after", "status"), [("unpaid", "unpaid"), ("past_due", "past_due")])
def test_what_happens_after_the_last_try_is_the_accounts_setting(after: str, status: str, clock: Clock) -> None:
    with serve(clock, rules=Rules(retries_s=(DAY_S,), after_retries=after), held=True) as stripe:
        api = sdk.StripeClient(stripe.key, base_addresses={"api": stripe.url}).v1
        customer = _holder(api)
        sub = _subscribe(api, customer, _sold(api))
        bad = api.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
        api.customers.update(customer.id, {"invoice_settings": {"default_payment_method": bad.id}})
        clock.at_s += 33 * DAY_S
        assert api.subscriptions.retrieve(sub.id).status == status


def test_a_first_charge_that_fails_is_incomplete_and_expires_and_is_refused_when_so_asked(
    api: Any, clock: Clock
) -> None:
    customer, price = _holder(api, "pm_card_chargeCustomerFail"), _sold(api)
    with pytest.raises(sdk.CardError):
        _subscribe(api, customer, price, payment_behavior="error_if_incomplete")
    assert api.subscriptions.list({"status": "all"}).data == []
    sub = _subscribe(api, customer, price)
    assert sub.status == "incomplete"
    clock.at_s += DAY_S
    assert api.subscriptions.retrieve(sub.id).status == "incomplete_expired"
    assert api.invoices.retrieve(sub.latest_invoice).status == "void"


def test_a_trial_without_a_card_pauses_when_so_asked_and_resumes(api: Any, clock: Clock) -> None:
    customer = api.customers.create({"email": "ada@example.org"})
    ends = {"end_behavior": {"missing_payment_method": "pause"}}
    sub = _subscribe(api, customer, _sold(api), trial_period_days=1, trial_settings=ends)
    clock.at_s += 2 * DAY_S
    assert api.subscriptions.retrieve(sub.id).status == "paused"
    card = api.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    api.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
    assert api.subscriptions.resume(sub.id).status == "active"


def test_a_month_that_began_on_the_31st_comes_back_to_the_31st() -> None:
    from datetime import UTC, datetime

    from licet.testing.stripe import calendar

    began = int(datetime(2027, 1, 31, 12, tzinfo=UTC).timestamp())
    days = [datetime.fromtimestamp(calendar.after(began, "month", n), UTC).day for n in range(1, 4)]
    assert days == [28, 31, 30]


def test_lists_are_paged_newest_first_and_filtered(api: Any) -> None:
    made = [api.products.create({"name": str(n)}).id for n in range(7)]
    assert [one.id for one in api.products.list({"limit": 3}).auto_paging_iter()] == made[::-1]
    with pytest.raises(sdk.InvalidRequestError, match="between 1 and 100"):
        api.products.list({"limit": 101})


def test_the_page_of_a_checkout_says_that_no_money_moves_and_shuts_when_it_is_expired(stripe: Stripe, api: Any) -> None:
    price = _sold(api)
    session = api.checkout.sessions.create({
        "mode": "subscription", "line_items": [{"price": price.id, "quantity": 1}], "success_url": "http://x/{CHECKOUT_SESSION_ID}",
    })  # fmt: skip
    page = stripe.browse(session.url)[1]
    assert "no money moves" in page
    assert "9.00 EUR" in page
    assert stripe.browse(session.url, card="4111111111111111")[0] == 402  # a number that is none of the test's
    api.checkout.sessions.expire(session.id)
    assert stripe.browse(session.url, card="4242424242424242")[0] == 410


def test_the_sdk_is_imported_behind_the_port_and_in_the_test_server_and_nowhere_else() -> None:
    root = Path(licet.__file__).parent
    allowed = {root / "testing", *(root / "portal" / "payments").glob("stripe_*.py")}
    found = []
    for file in root.rglob("*.py"):
        if any(file == one or one in file.parents for one in allowed):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            found += [f"{file.name}: {name}" for name in names if name.partition(".")[0] == "stripe"]
    assert found == []
