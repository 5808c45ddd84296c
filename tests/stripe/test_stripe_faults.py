"""Does anything go wrong between two servers that loses or doubles money or access? Each fault, where it hurts."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from django.test import override_settings
from tests.stripe.conftest import GOOD, SOLD, Shop

from licet.errors import LicetError
from licet.portal.payments.port import Declined, Unreachable

YES = ("yes", "", "premium")


def _made(shop: Shop, kind: str) -> int:
    return sum(1 for _ in shop.stripe.books.all(kind))


@pytest.mark.parametrize("fault", ["down", "500", "429"])
def test_a_provider_that_is_down_at_checkout_sells_nothing_and_the_next_click_does(shop: Shop, fault: Any) -> None:
    ada = shop.holder()
    shop.stripe.fault(fault, "/v1/checkout/sessions", times=10)
    for _ in range(3):
        with pytest.raises(Unreachable, match="Stripe"):
            shop.open(ada)
    shop.stripe.mended()
    shop.stripe.browse(shop.open(ada), card=GOOD)
    shop.hear()
    assert (shop.answer(ada), _made(shop, "checkout.session"), _made(shop, "customer")) == (YES, 1, 1)


def test_a_lost_answer_at_checkout_leads_to_the_same_page(shop: Shop) -> None:
    ada = shop.holder()
    shop.stripe.fault("lost", "/v1/checkout/sessions", times=2)  # done at Stripe, unheard here; also by the SDK's retry
    with pytest.raises(Unreachable):
        shop.open(ada)
    shop.stripe.mended()
    url = shop.open(ada)
    assert _made(shop, "checkout.session") == 1
    assert shop.stripe.browse(url, card=GOOD)[0] == 303


def test_every_request_that_writes_carries_an_idempotency_key(shop: Shop) -> None:
    from licet.portal import events
    from licet.portal.payments import orders

    ada = shop.holder()
    row = shop.buy(ada, coupon="LAUNCH")
    orders.change(row, orders.choose(ada, "sana", "team"), events.COMMAND)
    row.refresh_from_db()
    orders.change(row, orders.choose(ada, "sana", "premium"), events.COMMAND)
    orders.cancel(row, events.COMMAND)
    shop.provider.refund(row.payments.order_by("at_s").first().ref, 100, "k")
    shop.provider.desk_url(row.customer, "http://localhost:8000/")
    writes = [one for one in shop.stripe.app.asked if one.method == "POST"]
    assert len({one.path.split("/")[2] for one in writes}) > 8
    assert [one.path for one in writes if not one.idempotency_key] == []


def test_a_double_click_and_two_tabs_make_one_purchase(shop: Shop) -> None:
    ada = shop.holder()
    first, second = shop.open(ada), shop.open(ada)
    assert first == second
    other = shop.open(ada, "team")  # another tab, another tier: the first page is shut
    assert shop.stripe.browse(first, card=GOOD)[0] == 410
    assert [shop.stripe.browse(other, card=GOOD)[0] for _ in range(2)] == [303, 303]  # a double click on Pay
    shop.hear()
    assert (_made(shop, "subscription"), shop.answer(ada)) == (1, ("yes", "", "team"))
    with pytest.raises(LicetError, match="bought already"):
        shop.open(ada)


def test_two_requests_of_one_order_at_the_same_moment_open_one_page(shop: Shop) -> None:
    ada = shop.holder()
    order = shop.order(ada)
    urls = [shop.provider.checkout(order, done_url="http://x/done", back_url="http://x/back") for _ in range(3)]
    assert len({one.ref for one in urls}) == 1
    assert _made(shop, "customer") == 1


def test_what_is_bought_while_the_provider_is_down_for_fetching_is_held_when_he_is_back(shop: Shop) -> None:
    from licet.portal.payments import fetching

    ada = shop.holder()
    shop.stripe.browse(shop.open(ada), card=GOOD)
    shop.stripe.fault("down", "/v1/", method="GET", times=10_000)
    shop.hear()
    assert shop.answer(ada)[0] == "no"
    asked = fetching.reconcile(shop.provider)
    assert (asked.fetched, len(asked.wrong)) == (0, 1)
    shop.stripe.mended()
    assert fetching.reconcile(shop.provider).mended == 1
    assert shop.answer(ada) == YES


def test_access_goes_on_while_the_provider_is_down_at_the_periods_end(shop: Shop) -> None:
    ada = shop.holder()
    row = shop.buy(ada)
    shop.stripe.fault("down", times=100_000)
    shop.forward(31, hear=False)
    shop.hear()
    assert shop.answer(ada) == YES  # deaf for three days and the days of grace
    shop.hands.forward(11 * 86_400)
    assert shop.answer(ada)[1] == "payment_past_due"
    shop.stripe.mended()
    from licet.portal.payments import fetching

    fetching.reconcile(shop.provider)
    assert (shop.stage(row), shop.answer(ada)) == ("active", YES)


def test_a_provider_that_is_slow_is_not_waited_for_longer_than_a_person_would(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.portal.payments import stripe_sdk

    monkeypatch.setattr(stripe_sdk, "TIMEOUT_S", 0.3)
    stripe_sdk.client.cache_clear()
    shop.stripe.fault("slow", "/v1/customers", times=4, seconds=2.0)
    try:
        with pytest.raises(Unreachable):
            shop.open(shop.holder())
    finally:
        stripe_sdk.client.cache_clear()
        shop.stripe.mended()


def test_use_is_told_once_though_the_provider_was_down_and_answers_were_lost(shop: Shop) -> None:
    from licet.portal import clock
    from licet.portal.payments.port import metered

    row = shop.buy(shop.holder())
    told = (row.customer, metered("sana", "calls"), 5000, clock.now_s(), "one-use")
    for fault in ("down", "lost", "500"):
        shop.stripe.fault(fault, "/v1/billing/meter_events", times=2)
        with pytest.raises(Unreachable):
            shop.provider.report_usage(*told)
        shop.stripe.mended()
    shop.provider.report_usage(*told)
    shop.provider.report_usage(*told)
    assert [one["_value"] for one in shop.stripe.books.all("billing.meter_event")] == [5000]


def test_a_refund_is_made_once_however_often_it_is_asked_for_also_after_stripe_forgot_the_key(shop: Shop) -> None:
    row = shop.buy(shop.holder())
    payment = row.payments.get().ref
    shop.stripe.fault("lost", "/v1/refunds", method="POST", times=2)
    with pytest.raises(Unreachable):
        shop.provider.refund(payment, 300, "key")
    shop.stripe.mended()
    shop.stripe.app.done.clear()  # a day later
    shop.provider.refund(payment, 300, "key")
    assert [one["amount"] for one in shop.stripe.books.all("refund")] == [300]
    with pytest.raises(Declined, match="greater than"):
        shop.provider.refund(payment, 700, "another")


def test_a_customer_deleted_at_the_provider_keeps_what_was_paid_and_may_buy_again(shop: Shop) -> None:
    from licet.portal.payments.models import Customer

    ada = shop.holder()
    row = shop.buy(ada)
    paid_until_s = row.paid_until_s
    shop.sdk.customers.delete(row.customer)
    shop.hear()
    row.refresh_from_db()
    assert row.status == "canceled"
    assert Customer.objects.get(ref=row.customer).gone_s is not None
    assert shop.answer(ada, at_s=paid_until_s - 1) == YES  # nobody gave the money back
    assert shop.answer(ada, at_s=paid_until_s)[0] == "no"
    assert shop.provider.desk_url(row.customer, "http://localhost:8000/") == ""
    shop.hands.forward(40 * 86_400)
    again = shop.buy(ada)
    assert again.customer != row.customer
    assert shop.answer(ada) == YES


def test_a_customer_deleted_unheard_is_found_at_the_next_purchase(shop: Shop) -> None:
    ada = shop.holder()
    row = shop.buy(ada, "forever")
    shop.provider.refund(row.ref, None, "all of it")
    shop.hear()
    shop.sdk.customers.delete(row.customer)
    shop.stripe.hooks.take()  # lost
    assert shop.buy(ada).customer != row.customer
    assert shop.answer(ada) == YES


def test_a_subscription_that_the_provider_no_longer_knows_charges_nobody_and_keeps_what_was_paid(shop: Shop) -> None:
    from licet.portal.payments import fetching

    ada = shop.holder()
    row = shop.buy(ada)
    del shop.stripe.books.objects[row.ref]
    found = fetching.reconcile(shop.provider)
    row.refresh_from_db()
    assert (found.gone, row.status, shop.answer(ada)) == (1, "canceled", YES)


def test_another_currency_is_another_customer_and_no_change_of_what_runs(shop: Shop) -> None:
    from licet.portal import documents, events
    from licet.portal.payments import orders

    ada = shop.holder()
    row = shop.buy(ada)
    documents.publish(SOLD.replace("EUR", "USD").replace('"1.0.0"', '"2.0.0"').encode(), events.COMMAND)
    with pytest.raises(LicetError, match="paid in EUR, the other in USD"):
        orders.change(row, orders.choose(ada, "sana", "team"), events.COMMAND)
    shop.hear()
    row.refresh_from_db()
    assert (row.currency, row.tier, shop.answer(ada)) == ("EUR", "premium", YES)
    orders.refund(row, row.payments.get().ref, None, events.COMMAND, key="all", and_end=True)
    shop.hear()
    again = shop.buy(ada)
    assert (again.currency, again.unit_minor, shop.answer(ada)) == ("USD", 900, YES)
    assert again.customer != row.customer


def test_two_that_were_paid_at_the_same_time_are_one_and_the_other_is_ended_and_paid_back(shop: Shop) -> None:
    from licet.portal.payments import undo
    from licet.portal.payments.models import Subscription

    ada = shop.holder()
    for n in range(2):  # as two servers could open two pages
        page = shop.provider.checkout(shop.order(ada, n=n), done_url="http://x/", back_url="http://x/")
        shop.stripe.browse(page.url, card=GOOD)
        shop.hands.forward(60)
    shop.hear()
    assert Subscription.objects.filter(holder=ada, status="active").count() == 2
    undo.undo()
    undo.undo()
    first, second = Subscription.objects.filter(holder=ada).order_by("started_s")
    assert (first.status, second.status, shop.answer(ada)) == ("active", "canceled", YES)
    assert (first.payments.get().refunded_minor, second.payments.get().refunded_minor) == (0, 900)


def test_a_checkout_that_is_paid_while_it_is_being_shut_stays_paid(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = shop.holder()
    url = shop.open(ada)
    ref = url.rpartition("/")[2]
    sessions = type(shop.sdk.checkout.sessions)
    expire = sessions.expire

    def late(self: Any, *args: Any) -> Any:
        shop.stripe.browse(url, card=GOOD)  # between our look and our act
        return expire(self, *args)

    monkeypatch.setattr(sessions, "expire", late)
    shop.provider.expire(ref)
    assert shop.provider.checked_out(ref).state == "complete"


def test_the_outbox_tells_stripe_of_each_use_once_through_outages_and_lost_answers(shop: Shop) -> None:
    from licet.portal import clock
    from licet.portal.billing import meters
    from licet.portal.billing.models import MeterEvent

    ada = shop.holder()
    row = shop.buy(ada)
    for n in range(3):
        MeterEvent.objects.create(
            identifier=f"call_{n}-x", call=f"call_{n}", holder=ada, release="sana", counter="calls/month", window_s=0,
            units=1000, at_s=clock.now_s(),
        )  # fmt: skip
    for fault in ("down", "lost", "500"):
        shop.stripe.fault(fault, "/v1/billing/meter_events", times=2)
        meters.send()
        shop.stripe.mended()
        shop.hands.forward(30_000)
    while meters.send():
        pass
    assert sorted(one["identifier"] for one in shop.stripe.books.all("billing.meter_event")) == [
        "call_0-x", "call_1-x", "call_2-x"]  # fmt: skip
    assert {one.state for one in MeterEvent.objects.all()} == {MeterEvent.State.SENT}
    shop.forward(32)
    assert row.payments.order_by("-at_s", "-id").first().amount_minor == 900 + 120


def test_a_key_that_stripe_does_not_know_is_said_without_it(shop: Shop) -> None:
    wrong = replace(shop.config, stripe=replace(shop.config.stripe, key="sk_test_canary"))
    with override_settings(LICET=wrong), pytest.raises(Declined, match="LICET_STRIPE_KEY") as caught:
        shop.open(shop.holder())
    assert "canary" not in str(caught.value) + repr(caught.value)


def test_without_the_sdk_it_is_said_how_to_install_it() -> None:
    code = (
        "import importlib.util, sys\n"
        "there = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'stripe' else there(name, *more)\n"
        "from licet.portal.config import Stripe\n"
        "from licet.portal.payments import stripe_adapter\n"
        "try: stripe_adapter.Stripe(Stripe('sk_test_x')).api\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    head = (
        "import tempfile, pathlib\n"
        "from licet.portal import start\nfrom licet.portal.config import PortalConfig\n"
        "start.configure(PortalConfig(pathlib.Path(tempfile.mkdtemp()) / 'data'))\n"
    )
    made = subprocess.run([sys.executable, "-c", head + code], capture_output=True, text=True, timeout=60, check=False)
    assert made.stdout.startswith("LicetError"), made.stderr
    assert "pip install 'licet[stripe]'" in made.stdout


_YEN = SOLD.replace('"0.40 EUR / 1000 calls"', '"40 JPY / 1000 calls"').replace('currency = "EUR"', 'currency = "JPY"')
_YEN = _YEN.replace('["9.00 EUR / month", "90.00 EUR / year"]', '"900 JPY / month"')
_YEN = _YEN.replace('"12.00 EUR / month"', '"1200 JPY / month"').replace('"490.00 EUR once"', '"49000 JPY once"')


class TestYen:
    """A currency without cents: nothing is a hundred times what it should be."""

    @pytest.fixture
    def sold(self) -> str:
        return _YEN

    def test_a_price_in_yen_is_charged_in_yen_to_the_last_one(self, shop: Shop) -> None:
        from licet.portal import clock
        from licet.portal.payments.port import metered

        ada = shop.holder()
        row = shop.buy(ada)
        shop.provider.report_usage(row.customer, metered("sana", "calls"), 2500, clock.now_s(), "u")
        shop.forward(32)
        row.refresh_from_db()
        paid = list(row.payments.order_by("at_s").values_list("amount_minor", "currency"))
        assert paid == [(900, "JPY"), (900 + 100, "JPY")]
        assert shop.stripe.books.objects[row.ref]["items"]["data"][0]["price"]["unit_amount"] == 900


def test_a_price_that_stripe_would_round_or_misread_is_refused_before_anybody_pays() -> None:
    from licet.portal.payments import stripe_money
    from licet.release.release import Price

    assert stripe_money.price_minor(Price(1_500_000, "KWD", 1)) == 1500
    assert stripe_money.unit_decimal(Price(400_000, "EUR", 1, 1000)) == "0.04"
    assert stripe_money.unit_decimal(Price(40_000_000, "JPY", 1, 1000)) == "0.04"
    for price, says in (
        (Price(1_501_000 + 5_000, "KWD", 1), "rounds KWD"),
        (Price(5_000_000, "ISK", 1), "ISK are not sold"),
        (Price(5_000, "EUR", 1), "less than the smallest coin"),
        (Price(900_500, "JPY", 1), "less than the smallest coin"),
    ):
        with pytest.raises(Declined, match=says):
            stripe_money.price_minor(price)
    with pytest.raises(Declined, match="no exact price"):
        stripe_money.unit_decimal(Price(1_000_000, "EUR", 1, 3))
