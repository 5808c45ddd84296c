"""Does it matter in which order events come, whether they come twice, or at all? It must not: they are hints."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.stripe.conftest import Shop

from licet.testing.stripe import sign

_STATE = ("tier", "document", "status", "interval", "seats", "unit_minor", "started_s", "period_from_s",
          "period_until_s", "paid_until_s", "trial_until_s", "cancel_at_s", "ended_s", "paused_s", "first_failure_s",
          "life", "coming", "customer")  # fmt: skip
_PAYMENT = ("ref", "state", "amount_minor", "attempted_s", "refunded_minor", "dispute", "from_s", "until_s")


def _state(shop: Shop, ada: Any) -> Any:
    """Everything that money decides: what was fetched, what was paid, what the gate answers now and later."""
    row = shop.row(ada)
    days = range(0, 80, 5)
    answers = [shop.answer(ada, at_s=shop.hands.at_s + day * 86_400) for day in days]
    if row is None:
        return answers
    return (
        {name: getattr(row, name) for name in _STATE},
        sorted(tuple(getattr(p, name) for name in _PAYMENT) for p in row.payments.all()),
        answers,
    )


def _begun(shop: Shop) -> tuple[Any, list[Any]]:
    """Somebody subscribes; the four events that tell of it."""
    ada = shop.holder()
    shop.stripe.browse(shop.open(ada), card="4242424242424242")
    wanted = ("customer.subscription.created", "invoice.paid", "checkout.session.completed", "charge.succeeded")
    return ada, [e for e in shop.stripe.hooks.take() if e["type"] in wanted]


def _forget(shop: Shop, ada: Any) -> None:
    """Licet knows nothing of what was bought; Stripe does."""
    from licet.portal import events, tiers
    from licet.portal.models import Held
    from licet.portal.payments.models import Customer, OrderRow, PaymentRow, Subscription, WebhookEvent

    for table in (WebhookEvent, PaymentRow):
        table.objects.all().delete()
    Subscription.objects.update(held=None)
    for table in (Subscription, Customer, Held):
        table.objects.all().delete()
    OrderRow.objects.update(state="open", closed_s=None)
    tiers.give(ada, "sana", "free", events.COMMAND)
    assert shop.answer(ada)[0] == "no"


def test_every_order_of_the_first_four_events_comes_to_the_same(shop: Shop) -> None:
    ada, four = _begun(shop)
    assert len(four) == 4
    shop.hear(list(four))
    expected = _state(shop, ada)
    assert expected[0]["status"] == "active"
    for order in permutations(four):
        _forget(shop, ada)
        for event in order:  # each is applied before the next comes
            assert shop.hear([event]) == [200]
        assert _state(shop, ada) == expected


@pytest.fixture
def long_life(shop: Shop) -> tuple[Shop, Any, list[Any], Any]:
    """Bought, renewed, failed, tried again, recovered, changed, refunded in part: all of it unheard so far."""
    from licet.portal import events
    from licet.portal.payments import orders

    ada = shop.holder()
    row = shop.buy(ada)
    told: list[Any] = []

    def keep() -> None:
        told.extend(shop.stripe.hooks.take())

    shop.forward(32, hear=False)
    bad = shop.sdk.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": row.customer})
    shop.sdk.subscriptions.update(row.ref, {"default_payment_method": bad.id})
    shop.forward(30, hear=False)
    shop.forward(4, hear=False)
    keep()
    good = shop.sdk.payment_methods.attach("pm_card_visa", {"customer": row.customer})
    shop.sdk.subscriptions.update(row.ref, {"default_payment_method": good.id})
    shop.forward(6, hear=False)
    intent = shop.provider.fetch(row.ref).payments[0].ref
    shop.provider.refund(intent, 100, "a part")
    orders.cancel(row, events.COMMAND)
    keep()
    return shop, ada, told, row


def test_any_order_doubles_and_drops_then_a_reconcile_end_in_the_same_state(
    long_life: tuple[Shop, Any, list[Any], Any],
) -> None:
    from licet.portal.payments import fetching, webhook_apply

    shop, ada, told, _ = long_life
    _forget(shop, ada)
    fetching.reconcile(shop.provider)
    expected = _state(shop, ada)
    assert expected[0]["cancel_at_s"] is not None
    assert {p[1] for p in expected[1]} == {"paid"}
    assert len(told) > 20

    @settings(max_examples=12)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        _forget(shop, ada)
        kept = data.draw(st.lists(st.sampled_from(range(len(told))), max_size=8))  # some never, some twice, any order
        for n in kept:
            body_answers = shop.hear([told[n]])
            assert body_answers == [200]
            if data.draw(st.booleans()):
                webhook_apply.due()
        fetching.reconcile(shop.provider)
        assert _state(shop, ada) == expected
        again = fetching.reconcile(shop.provider)
        assert (again.mended, again.wrong) == (0, ())

    holds()


def _lived(shop: Shop, email: str, heard: Any) -> Any:
    """The same life from the same moment on; between its steps `heard(waiting)` says which events come, and how."""
    from tests.stripe.conftest import SECRET

    from licet.portal.payments import fetching

    shop.hands.at_s = 1_900_000_000
    shop.stripe.clear(lambda: shop.hands.at_s)
    shop.stripe.hooks.listen(shop.post, SECRET)
    ada = shop.holder(email)

    def hear() -> None:
        shop.hear(heard(shop.stripe.hooks.take()))

    shop.stripe.browse(shop.open(ada), card="4242424242424242")
    hear()
    ref = next(shop.stripe.books.all("subscription"))["id"]
    customer = shop.stripe.books.objects[ref]["customer"]

    def card(name: str) -> None:
        method = shop.sdk.payment_methods.attach(name, {"customer": customer})
        shop.sdk.subscriptions.update(ref, {"default_payment_method": method.id})

    for days, act in (
        (32, lambda: card("pm_card_chargeCustomerFail")),
        (30, lambda: None),
        (4, lambda: card("pm_card_visa")),
        (6, lambda: shop.provider.change(ref, shop.order(ada, "team", seats=2, n=7), "now")),
        (3, lambda: shop.provider.change(ref, shop.order(ada, "premium", n=8), "period_end")),
        (25, lambda: shop.provider.cancel(ref, "period_end")),
    ):
        shop.forward(days, hear=False)
        hear()
        act()
        hear()
    shop.provider.refund(shop.provider.fetch(ref).payments[0].ref, 50, "k")
    fetching.reconcile(shop.provider)
    row, *rest = _state(shop, ada)
    payments = sorted(repr([getattr(p, name) for name in _PAYMENT[1:]]) for p in shop.row(ada).payments.all())
    return {k: v for k, v in row.items() if k != "customer"}, payments, rest[1]


def test_a_life_that_was_heard_in_part_doubled_and_late_ends_as_one_that_was_heard_whole(shop: Shop) -> None:
    expected = _lived(shop, "whole@example.org", lambda waiting: waiting)
    assert expected[0]["tier"] == "premium"
    assert _lived(shop, "deaf@example.org", lambda waiting: []) == expected
    late: list[Any] = []
    runs = iter(range(1_000))

    @settings(max_examples=4, phases=(Phase.explicit, Phase.generate))  # a life takes seconds: too long to shrink
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        late.clear()

        def heard(waiting: list[Any]) -> list[Any]:
            """Some now, some twice, some at a later step, some never, in any order."""
            late.extend(waiting)
            return data.draw(st.lists(st.sampled_from(late), max_size=5)) if late else []

        assert _lived(shop, f"p{next(runs)}@example.org", heard) == expected

    holds()


def test_any_one_event_that_came_last_is_enough_without_a_reconcile(
    long_life: tuple[Shop, Any, list[Any], Any],
) -> None:
    from licet.portal.payments import fetching

    shop, ada, told, row = long_life
    _forget(shop, ada)
    fetching.refresh(shop.provider, row.ref)
    expected = _state(shop, ada)
    about = {event["type"]: event for event in told if event["data"]["object"]["object"] in ("subscription", "invoice")}
    assert len(about) > 4
    for event in about.values():
        _forget(shop, ada)
        shop.hear([event])
        assert _state(shop, ada) == expected, event["type"]


def test_the_same_event_at_once_in_two_tabs_of_stripes_is_applied_once(shop: Shop) -> None:
    from licet.portal.models import Event

    ada, four = _begun(shop)
    for _ in range(3):
        shop.hear(list(four))
    assert Event.objects.filter(what="subscription.begun", holder=ada).count() == 1
    assert Event.objects.filter(what="payment.paid", holder=ada).count() == 1


def test_a_fetch_that_was_asked_before_a_later_one_and_comes_in_after_it_is_dropped(shop: Shop) -> None:
    from licet.portal import events
    from licet.portal.payments import turns
    from licet.portal.payments.apply import apply

    ada = shop.holder()
    row = shop.buy(ada)
    early, old = turns.draw(), shop.provider.fetch(row.ref)
    shop.provider.cancel(row.ref, "now")
    shop.hear()
    row.refresh_from_db()
    assert row.status == "canceled"
    assert apply(old, events.LICET, early).stale
    row.refresh_from_db()
    assert row.status == "canceled"


def test_an_event_with_a_real_signature_that_lies_changes_nothing(shop: Shop) -> None:
    """Somebody who has the secret still cannot say what is paid."""
    import json

    from tests.stripe.conftest import SECRET

    ada = shop.holder()
    row = shop.buy(ada)
    shop.provider.cancel(row.ref, "now")
    shop.hear()
    before = _state(shop, ada)
    lie = json.dumps({"id": "evt_lie", "object": "event", "type": "customer.subscription.updated", "created": 1,
                      "data": {"object": {"object": "subscription", "id": row.ref, "status": "active"}}}).encode()  # fmt: skip
    assert shop.post(lie, {"Stripe-Signature": sign(lie, shop.hands.at_s, SECRET)}) == 200
    shop.hear([])
    assert _state(shop, ada) == before
