"""Buying by its pages: one purchase however often one clicks, no card asked for, two clicks to cancel."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.portal.payments.conftest import TERMS


def browser(holder: Any = None) -> Any:
    from django.test import Client

    found = Client(SERVER_NAME="localhost")
    if holder is not None:
        found.force_login(holder.account)
    return found


def order(client: Any, tier: str = "premium", **more: Any) -> Any:
    return client.post("/my/buy", {"release": "sana", "tier": tier, "interval": "month", **more})


def path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def pay(client: Any, answer: Any, play: str = "pay") -> Any:
    """At the sandbox's checkout; the answer of the page one comes back to."""
    assert answer.status_code == 302, answer.content.decode()
    done = client.post(path(answer["Location"]), {"play": play})
    return client.get(path(done["Location"]), follow=True) if done.status_code == 302 else done


def buy(shop: Any, holder: Any, tier: str = "premium", **more: Any) -> Any:
    from licet.portal.payments import orders

    client = browser(holder)
    pay(client, order(client, tier, **more))
    return orders.living(holder, "sana")


def test_from_the_tiers_to_the_first_call(shop: Any) -> None:
    ada = shop.holder()
    assert "/my/buy?release=sana&amp;tier=premium" in browser().get("/").content.decode()
    client = browser(ada)
    form = client.get("/my/buy?tier=premium").content.decode()
    assert "9.00 EUR / month" in form and "90.00 EUR / year" in form and "Test: no money is moved" in form
    assert not re.search(r"<input[^>]*(card|cvc|autocomplete=.cc-)", form)
    checkout = order(client)
    page = client.get(path(checkout["Location"])).content.decode()
    assert "no money is moved" in page and '<input type="text' not in page
    mine = pay(client, checkout).content.decode()
    assert "You have premium from your next call on" in mine
    assert "It is renewed: 9.00 EUR a month is charged." in mine
    assert shop.answer(ada) == ("yes", "", "premium")
    tier = client.get("/my/tier").content.decode()
    assert "What I pay" in tier and "Change to team" in tier


def test_declined_and_the_banks_extra_step_charge_nothing_until_they_pass(shop: Any) -> None:
    ada = shop.holder()
    client = browser(ada)
    checkout = order(client)
    assert "Declined: the bank said no. Nothing was charged." in pay(client, checkout, "decline").content.decode()
    assert "Your bank asks" in pay(client, checkout, "bank").content.decode()
    assert shop.answer(ada)[2] == "free"
    pay(client, checkout, "confirm")
    assert shop.answer(ada) == ("yes", "", "premium")


def test_a_double_click_leads_to_one_checkout_and_paying_twice_pays_once(shop: Any) -> None:
    from licet.portal.payments.models import OrderRow, PaymentRow, Subscription

    ada = shop.holder()
    client = browser(ada)
    first, second = order(client), order(client)
    assert first["Location"] == second["Location"]
    pay(client, first)
    pay(client, second)
    assert OrderRow.objects.count() == Subscription.objects.count() == PaymentRow.objects.count() == 1


def test_another_tab_with_another_tier_shuts_the_checkout_of_the_first(shop: Any) -> None:
    ada = shop.holder()
    client = browser(ada)
    first, second = order(client), order(client, "team", seats="3")
    assert "This checkout is over" in client.get(path(first["Location"])).content.decode()
    with_card = client.post(path(first["Location"]), {"play": "pay"})
    assert with_card.status_code == 200
    assert shop.answer(ada)[2] == "free"
    pay(client, second)
    assert shop.answer(ada)[2] == "team"
    from licet.portal.payments.models import OrderRow

    assert set(OrderRow.objects.values_list("tier", "state")) == {("premium", "left"), ("team", "paid")}


def test_whoever_paid_in_one_tab_cannot_pay_again_in_the_other(shop: Any) -> None:
    from licet.portal.payments.models import Subscription

    ada = shop.holder()
    client = browser(ada)
    pay_later = order(client)
    client.post(path(pay_later["Location"]), {"play": "pay"})  # paid, and the way back was never taken
    again = order(client, "team", seats="3")
    assert again.status_code == 422
    assert shop.answer(ada)[2] == "premium"
    assert Subscription.objects.count() == 1


def test_the_provider_down_at_checkout_charges_nothing_and_the_next_try_is_the_same_order(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.portal.payments.models import OrderRow
    from licet.portal.payments.port import Unreachable
    from licet.portal.payments.sandbox.adapter import Sandbox

    ada = shop.holder()
    client = browser(ada)
    works = Sandbox.checkout

    def down(*_: Any, **__: Any) -> Any:
        raise Unreachable("no answer")

    monkeypatch.setattr(Sandbox, "checkout", down)
    answer = order(client)
    assert answer.status_code == 503
    assert "Nothing was charged" in answer.content.decode()
    monkeypatch.setattr(Sandbox, "checkout", works)
    pay(client, order(client))
    assert OrderRow.objects.count() == 1
    assert shop.answer(ada) == ("yes", "", "premium")


def test_two_clicks_cancel_and_one_takes_it_back(shop: Any) -> None:
    ada = shop.holder()
    row = buy(shop, ada)
    client = browser(ada)
    sure = client.get(f"/my/payments/{row.pk}/cancel").content.decode()
    assert "stays open until" in sure and "Nothing more is charged" in sure
    told = client.post(f"/my/payments/{row.pk}/cancel", follow=True).content.decode()
    assert "Cancelled. premium stays open until" in told and "It ends. Nothing more is charged." in told
    assert shop.answer(ada, at_s=row.period_until_s - 1)[0] == "yes"
    assert shop.answer(ada, at_s=row.period_until_s)[2] == "free"
    client.post(f"/my/payments/{row.pk}/resume")
    assert shop.answer(ada, at_s=row.period_until_s)[0] == "yes"


def test_whoever_owes_and_leaves_is_at_the_first_tier_at_once(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    row = buy(shop, ada)
    client = browser(ada)
    due_s = row.period_until_s
    row = shop.at_the_provider(
        row, lambda kept: machine.renew(machine.sooner(kept, due_s - clock.now_s()), passes=False)
    )
    row = shop.at_the_provider(row, lambda kept: machine.sooner(kept, 8 * 86_400))
    assert shop.answer(ada, "basic") == ("no", "payment_past_due", "premium")
    assert (
        "It is open again with the first call after what is owed is paid."
        in client.get("/my/payments").content.decode()
    )
    assert "No paid time is left: it ends now" in client.get(f"/my/payments/{row.pk}/cancel").content.decode()
    assert ">owed<" in client.get("/my/payments").content.decode()
    client.post(f"/my/payments/{row.pk}/cancel")
    assert shop.answer(ada, "basic") == ("yes", "", "free")
    left = client.get("/my/payments").content.decode()
    assert ">dropped<" in left and ">owed<" not in left  # as the page of the cancellation promised


def test_more_begins_at_once_and_less_when_the_paid_time_is_over(shop: Any) -> None:
    ada = shop.holder()
    row = buy(shop, ada)
    client = browser(ada)
    sure = {"sure": "1"}
    assert "At once" in order(client, "team", seats="2").content.decode()
    order(client, "team", seats="2", **sure)
    row.refresh_from_db()
    assert (row.tier, row.seats) == ("team", 2)
    assert row.payments.count() == 2
    assert "You keep team to the end of what you paid for" in order(client, "premium").content.decode()
    told = client.post("/my/buy", {"release": "sana", "tier": "premium", "interval": "month", **sure}, follow=True)
    assert "It becomes premium." in told.content.decode()
    assert shop.answer(ada)[2] == "team"
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    row.refresh_from_db()
    due_s = row.period_until_s
    shop.at_the_provider(row, lambda kept: machine.renew(machine.sooner(kept, due_s - clock.now_s()), passes=True))
    assert shop.answer(ada)[2] == "premium"
    assert row.payments.order_by("-at_s").first().amount_minor == 900


def test_a_year_that_was_paid_is_not_lost_by_paying_by_the_month(shop: Any) -> None:
    ada = shop.holder()
    row = buy(shop, ada, interval="year")
    client, until_s = browser(ada), row.paid_until_s
    assert re.search(r'<input[^>]*value="year"[^>]*checked', client.get("/my/buy?tier=premium").content.decode())
    assert "You keep premium to the end of what you paid for" in order(client).content.decode()  # 108 a year for 90
    assert "paid by the month." in client.post(
        "/my/buy", {"release": "sana", "tier": "team", "interval": "month", "seats": "9", "sure": "1"}, follow=True
    ).content.decode()  # fmt: skip
    row.refresh_from_db()
    assert (row.tier, row.interval, row.paid_until_s, row.payments.count()) == ("premium", "year", until_s, 1)


def test_what_cannot_be_changed_changes_nothing_and_takes_no_cancellation_back(shop: Any) -> None:
    ada = shop.holder()
    row = buy(shop, ada)
    client = browser(ada)
    client.post(f"/my/payments/{row.pk}/cancel")
    row.refresh_from_db()
    wish, sure = row.cancel_at_s, {"interval": "once", "sure": "1"}
    assert wish is not None
    for more in ({"interval": "once"}, sure):
        refused = order(client, "forever", **more)
        assert refused.status_code == 422 and "is bought once" in refused.content.decode()
    row.refresh_from_db()
    assert (row.tier, row.interval, row.cancel_at_s, row.payments.count()) == ("premium", "month", wish, 1)


def test_a_trial_costs_nothing_before_its_end_and_there_is_one_for_each_holder(shop: Any) -> None:
    from licet.portal import events
    from licet.portal.payments import orders

    ada = shop.holder()
    row = buy(shop, ada, "team", seats="2")
    assert (row.status, row.payments.count()) == ("trialing", 0)
    assert shop.answer(ada)[0] == "yes"
    orders.cancel(row, events.LICET, "now")
    assert orders.choose(ada, "sana", "team").trial_days == 0


def test_a_coupon_takes_off_what_it_says_for_as_long_as_it_says(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    wrong = order(browser(ada), coupon="LUNCH")
    assert wrong.status_code == 422 and "LAUNCH" in wrong.content.decode()
    row = buy(shop, ada, coupon="launch")
    assert row.payments.get().amount_minor == 450
    due_s = row.period_until_s
    shop.at_the_provider(row, lambda kept: machine.renew(machine.sooner(kept, due_s - clock.now_s()), passes=True))
    assert row.payments.order_by("-at_s").first().amount_minor == 900


def test_what_a_coupon_takes_off_is_said_wherever_the_next_charge_is_said(shop: Any) -> None:
    from licet.portal import documents, events
    from licet.portal.payments import notes

    more = TERMS.replace('"LAUNCH 50 % for 1 month"', '"LAUNCH 50 % for 1 month", "FRIEND 10 %"')
    more = more.replace("trial_days = 14", 'trial_days = 14\ncoupons = ["EARLY 50 % for 3 months"]')
    documents.publish(more.encode(), events.COMMAND)
    ada, eve, ida = shop.holder(), shop.holder("eve@example.org"), shop.holder("ida@example.org")
    buy(shop, ada, coupon="friend")
    told = browser(ada).get("/my/payments").content.decode()
    assert "FRIEND: 10 % off" in told and "9.00 EUR a month, less your coupon, is charged" in told
    buy(shop, eve, coupon="launch")
    told = browser(eve).get("/my/payments").content.decode()
    assert "LAUNCH: 50 % off for 1 month" in told and "renewed: 9.00 EUR a month is charged" in told
    row = buy(shop, ida, "team", seats="1", coupon="early")
    told = browser(ida).get("/my/payments").content.decode()
    assert "Trial until" in told and "12.00 EUR a month, less your coupon, is charged" in told
    (ends,) = [note for note in notes.coming(row, row.started_s) if note.key == "trial_ends"]
    assert "less your coupon" in ends.says


def test_what_changes_at_the_next_date_is_said_with_seats_and_way_to_pay(shop: Any) -> None:
    ada = shop.holder()
    buy(shop, ada, "team", seats="3")
    client = browser(ada)
    client.post("/my/buy", {"tier": "team", "interval": "month", "seats": "2", "sure": "1"})
    assert "you have team for 2 seats" in client.get("/my/payments").content.decode()


def test_bought_once_is_for_good_and_given_back_it_is_over(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    row = buy(shop, ada, "forever", interval="once")
    assert shop.answer(ada, at_s=clock.now_s() + 10 * 366 * 86_400) == ("yes", "", "forever")
    paid = row.payments.get().ref
    shop.at_the_provider(row, lambda kept: machine.refund(kept, paid, None, "r", clock.now_s()))
    assert shop.answer(ada)[2] == "free"


def test_nobody_sees_or_moves_what_others_bought(shop: Any) -> None:
    from licet.portal.payments.models import OrderRow

    ada, eve = shop.holder(), shop.holder("eve@example.org")
    row = buy(shop, ada)
    client = browser(eve)
    for way in ("cancel", "desk"):
        assert client.get(f"/my/payments/{row.pk}/{way}").status_code == 404
    assert client.post(f"/my/payments/{row.pk}/resume").status_code == 404
    assert client.get(f"/my/payments?for={ada.pk}").status_code == 404
    assert client.get(f"/sandbox/customer/{row.customer}").status_code == 404
    assert client.get(f"/my/payments/done?order={OrderRow.objects.get().pk}").status_code in (302, 404)
    assert (
        "premium"
        not in client.get(f"/my/payments/done?order={OrderRow.objects.get().pk}", follow=True).content.decode()
    )
    assert shop.answer(eve)[2] == "free"


def test_an_organization_buys_by_whoever_manages_its_tier(shop: Any) -> None:
    from licet.portal import events
    from licet.portal.organizations import founding

    ada = shop.holder()
    org = founding.found(ada, "Lab", events.By(ada.pk)).holder
    client = browser(ada)
    answer = client.post(
        "/my/buy", {"release": "sana", "tier": "team", "interval": "month", "seats": "5", "for": org.pk}
    )
    assert "team" in pay(client, answer).content.decode()
    assert shop.answer(org)[2] == "team"
    assert shop.answer(ada)[2] == "free"
    assert "What it pays" in client.get(f"/my/organizations/{org.pk}/tier").content.decode()
    eve = shop.holder("eve@example.org")
    assert browser(eve).get(f"/my/payments?for={org.pk}").status_code == 404


def test_where_nothing_is_sold_there_is_no_checkout_and_the_operator_gives(shop: Any) -> None:
    from django.test import override_settings

    ada = shop.holder()
    with override_settings(LICET=replace(shop.config, payments="off")):
        assert "/my/buy" not in browser().get("/").content.decode()
        assert browser(ada).get("/my/buy?tier=premium").status_code == 404
        assert "To buy it, write to licenses@example.org." in browser(ada).get("/my/tier").content.decode()


def test_a_live_server_without_a_provider_never_sells_in_the_sandbox_by_itself(shop: Any) -> None:
    from django.test import override_settings

    from licet.portal.payments import providers

    for environment, dev, sold in (("live", False, False), ("live", True, True), ("demo", False, True)):
        with override_settings(LICET=replace(shop.config, payments="", environment=environment, dev=dev)):
            assert (providers.selling() is not None) is sold


def test_moving_to_the_free_tier_leads_to_the_cancellation_and_never_leaves_a_charge_behind(shop: Any) -> None:
    ada = shop.holder()
    row = buy(shop, ada)
    answer = browser(ada).post("/my/tier/take", {"release": "sana", "tier": "free"})
    assert answer["Location"] == f"/my/payments/{row.pk}/cancel"
    assert shop.answer(ada)[2] == "premium"


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"tier": "gold"}, 404), ({"tier": "free"}, 404), ({"tier": "premium", "interval": "week"}, 422),
        ({"tier": "team", "seats": "0"}, 422), ({"tier": "team", "seats": "51"}, 422), ({"tier": "team", "seats": "x"}, 422),
        ({"tier": "team", "seats": "1e9"}, 422), ({"tier": "premium", "coupon": "A" * 41}, 422),
        ({"tier": "premium", "release": "other"}, 404),
    ],
)  # fmt: skip
def test_bad_input_is_told_and_makes_no_order(shop: Any, told: dict[str, str], status: int) -> None:
    from licet.portal.payments.models import OrderRow

    client = browser(shop.holder())
    assert client.post("/my/buy", {"release": "sana", "interval": "month", **told}).status_code == status
    assert not OrderRow.objects.exists()


def test_an_organization_has_as_many_seats_as_it_bought(shop: Any) -> None:
    from licet.portal import events
    from licet.portal.organizations import founding, seats

    ada = shop.holder()
    organization = founding.found(ada, "Lab", events.By(ada.pk))
    client, more = browser(ada), {"for": organization.holder.pk}
    pay(client, order(client, "team", seats="2", **more))
    assert [terms.clauses[0].when[0].value for terms in seats.limits(organization)] == [2]
    order(client, "team", seats="7", sure="1", **more)
    assert [terms.clauses[0].when[0].value for terms in seats.limits(organization)] == [7]


def test_an_organization_with_more_people_than_seats_is_told_to_take_more(shop: Any) -> None:
    from licet.portal import events
    from licet.portal.organizations import founding
    from licet.portal.organizations.models import Membership

    ada, eve = shop.holder(), shop.holder("eve@example.org")
    organization = founding.found(ada, "Lab", events.By(ada.pk))
    mine = Membership.objects.get(organization=organization, person=ada)
    Membership.objects.create(organization=organization, person=eve, role=mine.role)
    client = browser(ada)
    few = order(client, "team", seats="1", **{"for": organization.holder.pk})
    assert few.status_code == 422 and "2 members and 1 seats" in few.content.decode()
    assert order(client, "team", seats="2", **{"for": organization.holder.pk}).status_code == 302


def test_the_form_may_lead_to_a_real_provider_on_another_host(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from licet.portal.payments.sandbox.adapter import Sandbox

    client = browser(shop.holder())
    assert "form-action 'self';" in client.get("/my/buy?tier=premium")["Content-Security-Policy"]
    monkeypatch.setattr(Sandbox, "name", "stripe")
    assert "form-action 'self' https:" in client.get("/my/buy?tier=premium")["Content-Security-Policy"]


def test_what_is_owed_stands_on_the_page_of_keys_and_before_the_account_is_deleted(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    row = buy(shop, ada)
    client = browser(ada)
    assert "A payment for premium failed" not in client.get("/my/keys").content.decode()
    due_s = row.period_until_s
    shop.at_the_provider(row, lambda kept: machine.renew(machine.sooner(kept, due_s - clock.now_s()), passes=False))
    assert "A payment for premium failed" in client.get("/my/keys").content.decode()


def test_a_customer_deleted_at_the_provider_buys_again_as_a_new_one(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from licet.portal import events
    from licet.portal.payments import orders
    from licet.portal.payments.models import Customer
    from licet.portal.payments.port import NoCustomer
    from licet.portal.payments.sandbox.adapter import Sandbox

    ada = shop.holder()
    orders.cancel(buy(shop, ada), events.LICET, "now")
    row = ada.subscriptions.get()
    shop.at_the_provider(row, lambda kept: replace(kept, seen=replace(kept.seen, paid_until_s=kept.seen.started_s)))
    gone, works = Customer.objects.get().ref, Sandbox.checkout

    def knows(self: Any, order: Any, **urls: str) -> Any:
        if order.customer == gone:
            raise NoCustomer("no such customer", where=gone)
        assert order.customer == ""
        return works(self, replace(order, customer="cus_new"), **urls)

    monkeypatch.setattr(Sandbox, "checkout", knows)
    assert "You have premium" in pay(browser(ada), order(browser(ada))).content.decode()
    assert Customer.objects.get(ref=gone).gone_s is not None
    assert Customer.objects.get(gone_s=None).ref == "cus_new"
    assert shop.answer(ada) == ("yes", "", "premium")
