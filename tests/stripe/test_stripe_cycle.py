"""The whole life of a purchase, by the real SDK: each step is Stripe's, and each answer is the gate's."""

from __future__ import annotations

import pytest
from tests.stripe.conftest import FAILS_LATER, GOOD, REFUSED, STEP, Shop

from licet.errors import LicetError
from licet.portal.payments.port import Declined, Unreachable

YES = ("yes", "", "premium")


def test_subscribe_fail_grace_recover_upgrade_downgrade_cancel_refund_in_one_life(shop: Shop) -> None:
    from licet.portal import events
    from licet.portal.payments import orders

    ada = shop.holder()
    assert shop.answer(ada)[0] == "no"
    row = shop.buy(ada)
    assert shop.answer(ada) == YES
    assert (row.status, row.tier, row.interval, row.unit_minor, row.currency) == (
        "active",
        "premium",
        "month",
        900,
        "EUR",
    )
    assert row.payments.get().amount_minor == 900

    shop.forward(32)  # the next month is paid, too
    assert (shop.stage(row), shop.answer(ada)) == ("active", YES)
    assert row.payments.filter(state="paid").count() == 2

    shop.card(row, "pm_card_chargeCustomerFail")
    shop.forward(30)  # the month after is not
    assert (shop.stage(row), shop.answer(ada)) == ("grace", YES)
    first = row.first_failure_s
    assert shop.provider.fetch(row.ref).failed_s == first  # by Stripe's word, not by when we heard of it
    shop.forward(4)  # Stripe tries again, in vain
    assert shop.stage(row) == "grace"
    assert row.first_failure_s == first
    shop.forward(4)  # seven days of grace are over
    assert (shop.stage(row), shop.answer(ada)) == ("restricted", ("no", "payment_past_due", "premium"))

    desk = shop.provider.desk_url(row.customer, "http://localhost:8000/my/tier")
    assert (
        shop.stripe.browse(desk, card=GOOD)[0] == 200
    )  # the customer's own page at Stripe: another card, and it is paid
    shop.hear()
    assert (shop.stage(row), shop.answer(ada)) == ("active", YES)
    assert row.first_failure_s is None

    team = orders.choose(ada, "sana", "team", seats=2)
    assert orders.change(row, team, events.By(ada.pk)) == "now"
    row.refresh_from_db()
    assert (row.tier, row.seats, row.unit_minor, shop.answer(ada)) == ("team", 2, 1200, ("yes", "", "team"))
    paid = row.payments.order_by("-at_s", "-id").first()
    assert 0 < paid.amount_minor < 2400  # the rest of the month, less the rest of what was paid: Stripe's proration

    yearly = orders.choose(ada, "sana", "premium", "year")
    assert orders.change(row, yearly, events.By(ada.pk)) == "period_end"
    row.refresh_from_db()
    assert (row.tier, row.coming["tier"], row.coming["interval"]) == ("team", "premium", "year")
    assert row.coming["at_s"] == row.paid_until_s
    shop.forward(31)
    row.refresh_from_db()
    assert (row.tier, row.interval, row.unit_minor, row.coming, shop.answer(ada)) == (
        "premium",
        "year",
        9000,
        None,
        YES,
    )

    orders.cancel(row, events.By(ada.pk))
    row.refresh_from_db()
    assert row.cancel_at_s == row.paid_until_s
    assert shop.answer(ada) == YES
    assert shop.answer(ada, at_s=row.paid_until_s)[0] == "no"  # without anybody having to end it

    last = row.payments.filter(state="paid").order_by("-at_s", "-id").first()
    orders.refund(row, last.ref, None, events.By(ada.pk), key="r1", and_end=True)
    row.refresh_from_db()
    last.refresh_from_db()
    assert (row.status, last.refunded_minor) == ("canceled", last.amount_minor)
    assert shop.answer(ada)[0] == "no"


def test_a_refused_card_buys_nothing_and_another_card_on_the_same_page_does(shop: Shop) -> None:
    ada = shop.holder()
    url = shop.open(ada)
    status, page = shop.stripe.browse(url, card=REFUSED)
    assert status == 402
    assert "declined" in page
    shop.hear()
    assert (shop.row(ada), shop.answer(ada)[0]) == (None, "no")
    assert shop.stripe.browse(url, card=GOOD)[0] == 303
    shop.hear()
    assert shop.answer(ada) == YES


def test_a_bank_that_asks_for_a_step_is_answered_before_anything_is_bought(shop: Shop) -> None:
    ada = shop.holder()
    url = shop.open(ada)
    _, step = shop.stripe.browse(url, card=STEP)
    shop.hear()
    assert shop.answer(ada)[0] == "no"
    assert shop.stripe.browse(step, step="fail")[1] == url  # back to the page
    shop.stripe.browse(url, card=STEP)
    shop.stripe.browse(step, step="complete")
    shop.hear()
    assert shop.answer(ada) == YES
    shop.forward(32)  # later the bank asks no more
    assert shop.stage(shop.row(ada)) == "active"


def test_a_trial_is_free_then_paid_and_there_is_no_second_one(shop: Shop) -> None:
    from licet.portal import events
    from licet.portal.payments import orders

    ada = shop.holder()
    row = shop.buy(ada, "team", seats=3)
    assert (row.status, row.seats, shop.stage(row), shop.answer(ada)) == ("trialing", 3, "trial", ("yes", "", "team"))
    assert not row.payments.filter(amount_minor__gt=0)
    shop.forward(14.1)
    assert (shop.stage(row), row.payments.filter(state="paid").order_by("-at_s").first().amount_minor) == (
        "active",
        3600,
    )
    orders.cancel(row, events.COMMAND, "now")
    assert orders.choose(ada, "sana", "team").trial_days == 0


def test_a_trial_whose_first_charge_fails_has_its_whole_grace(shop: Shop) -> None:
    ada = shop.holder()
    row = shop.buy(ada, "team", card=FAILS_LATER)
    shop.forward(14.1)
    assert (shop.stage(row), shop.answer(ada)[0]) == ("grace", "yes")
    shop.forward(3)
    assert (shop.stage(row), shop.answer(ada)[1]) == ("restricted", "payment_past_due")


def test_seats_are_added_at_once_with_stripes_proration_and_taken_away_at_the_periods_end(shop: Shop) -> None:
    from licet.portal import events
    from licet.portal.payments import orders

    ada = shop.holder()
    row = shop.buy(ada, "team", seats=2)
    shop.forward(15)
    assert orders.change(row, orders.choose(ada, "sana", "team", seats=5), events.COMMAND) == "now"
    row.refresh_from_db()
    change = row.payments.order_by("-at_s", "-id").first()
    assert row.seats == 5
    assert 0 < change.amount_minor < 3 * 1200
    assert orders.change(row, orders.choose(ada, "sana", "team", seats=1), events.COMMAND) == "period_end"
    row.refresh_from_db()
    assert (row.seats, row.coming["seats"]) == (5, 1)
    orders.change(row, orders.choose(ada, "sana", "team", seats=5), events.COMMAND)  # changed his mind
    row.refresh_from_db()
    assert row.coming is None
    orders.change(row, orders.choose(ada, "sana", "team", seats=1), events.COMMAND)
    shop.forward(32)
    row.refresh_from_db()
    assert (row.seats, row.coming) == (1, None)


def test_an_upgrade_that_the_card_refuses_changes_nothing(shop: Shop) -> None:
    from licet.portal import events
    from licet.portal.payments import orders

    ada = shop.holder()
    row = shop.buy(ada)
    shop.card(row, "pm_card_chargeCustomerFail")
    with pytest.raises(Declined, match="declined"):
        orders.change(row, orders.choose(ada, "sana", "team"), events.COMMAND)
    shop.hear()
    row.refresh_from_db()
    assert (row.tier, row.status, shop.answer(ada)) == ("premium", "active", YES)
    orders.cancel(row, events.COMMAND)
    row.refresh_from_db()
    with pytest.raises(Declined, match="declined"):
        orders.change(row, orders.choose(ada, "sana", "team"), events.COMMAND)
    shop.hear()
    row.refresh_from_db()
    assert row.cancel_at_s is not None  # nor does it take a cancellation back
    shop.card(row, "pm_card_visa")
    row.refresh_from_db()
    orders.change(row, orders.choose(ada, "sana", "team"), events.COMMAND)  # the refusal is not repeated
    row.refresh_from_db()
    assert (row.tier, shop.answer(ada), row.cancel_at_s) == ("team", ("yes", "", "team"), None)


def test_whoever_cancelled_is_billed_again_only_by_what_he_chose_whatever_request_fails(shop: Shop) -> None:
    """More takes the cancellation back in the request that changes it; less asks for that by itself, first."""
    from licet.portal import events
    from licet.portal.payments import orders

    ada = shop.holder()
    row = shop.buy(ada, "team", seats=3)
    orders.cancel(row, events.COMMAND)
    row.refresh_from_db()
    less = orders.choose(ada, "sana", "team", seats=2)
    with pytest.raises(LicetError, match="is cancelled"):
        orders.change(row, less, events.COMMAND)
    for fault, outcome in [("down", (3, False)), ("lost", (4, True))]:
        shop.stripe.fault(fault, f"/v1/subscriptions/{row.ref}", method="POST", times=10)
        with pytest.raises(Unreachable):
            orders.change(row, orders.choose(ada, "sana", "team", seats=4), events.COMMAND)
        shop.stripe.mended()
        shop.hear()
        row.refresh_from_db()
        assert (row.seats, row.cancel_at_s is None) == outcome


def test_a_coupon_takes_off_for_its_months_only(shop: Shop) -> None:
    ada = shop.holder()
    row = shop.buy(ada, coupon="LAUNCH")
    shop.forward(32)
    paid = list(row.payments.order_by("at_s").values_list("amount_minor", flat=True))
    assert paid == [450, 900]
    with pytest.raises(LicetError, match="no coupon `LUNCH`"):
        shop.open(shop.holder("bo@example.org"), coupon="LUNCH")


def test_a_secret_code_of_stripes_is_typed_on_stripes_page_and_changes_the_charge_not_the_tier(shop: Shop) -> None:
    coupon = shop.sdk.coupons.create({"percent_off": 25, "duration": "once"})
    shop.sdk.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "FRIENDS"})
    ada = shop.holder()
    url = shop.open(ada)
    assert shop.stripe.browse(url, card=GOOD, code="FIENDS")[0] == 402
    assert shop.stripe.browse(url, card=GOOD, code="FRIENDS")[0] == 303
    shop.hear()
    row = shop.row(ada)
    assert (row.payments.get().amount_minor, row.unit_minor, shop.answer(ada)) == (675, 900, YES)


def test_what_is_bought_once_stays_until_it_is_paid_back(shop: Shop) -> None:
    from licet.portal import events
    from licet.portal.payments import orders

    ada = shop.holder()
    row = shop.buy(ada, "forever")
    assert (row.interval, row.paid_until_s, row.ref[:3]) == ("once", None, "pi_")
    shop.forward(1000)
    assert shop.answer(ada) == ("yes", "", "forever")
    orders.refund(row, row.ref, 10_000, events.COMMAND, key="part", and_end=False)
    assert shop.answer(ada)[0] == "yes"  # a part is no end
    orders.refund(row, row.ref, None, events.COMMAND, key="rest", and_end=False)
    row.refresh_from_db()
    assert (row.status, row.payments.get().refunded_minor, shop.answer(ada)[0]) == ("canceled", 49_000, "no")


def test_a_cancellation_is_taken_back_and_a_pause_of_stripes_keeps_what_was_paid(shop: Shop) -> None:
    from licet.portal import events
    from licet.portal.payments import orders

    ada = shop.holder()
    row = shop.buy(ada)
    orders.cancel(row, events.COMMAND)
    orders.resume(row, events.COMMAND)
    shop.forward(32)
    assert shop.stage(row) == "active"
    shop.sdk.subscriptions.update(row.ref, {"pause_collection": {"behavior": "void"}})
    shop.hear()
    assert shop.stage(row) == "active"
    shop.forward(30)
    assert (shop.stage(row), shop.answer(ada)[0]) == ("paused", "no")
    shop.provider.resume(row.ref)
    shop.forward(31)
    assert (shop.stage(row), shop.answer(ada)[0]) == ("active", "yes")


def test_a_dispute_gives_grace_and_its_loss_takes_what_it_paid_for(shop: Shop) -> None:
    from licet.portal.payments import undo

    ada = shop.holder()
    row = shop.buy(ada)
    intent = shop.sdk.payment_intents.list({"customer": row.customer}).data[0].id
    disputed = shop.stripe.dispute(intent)
    shop.hear()
    assert (shop.stage(row), row.payments.get().dispute) == ("grace", "open")
    shop.stripe.judge(disputed["id"], won=False)
    shop.hear()
    assert (row.payments.get().dispute, shop.answer(ada)[0]) == ("lost", "no")
    assert shop.sdk.subscriptions.retrieve(row.ref).status == "active"  # Stripe would charge the next month
    assert undo.undo() == 1
    row.refresh_from_db()
    assert (row.status, undo.undo(), shop.answer(ada)[0]) == ("canceled", 0, "no")
    shop.hear()
    assert shop.buy(ada).surplus_s is None
    assert shop.answer(ada) == YES


def test_in_stripes_test_mode_the_pages_say_so_and_speak_of_no_sandbox(shop: Shop) -> None:
    from django.test import Client

    ada = shop.holder()
    shop.buy(ada)
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(ada.account)
    for path in ("/my/payments", "/my/buy?tier=team"):
        page = browser.get(path).content.decode()
        assert "The payment provider is in its test mode" in page and "sandbox" not in page


def test_a_dispute_that_is_won_leaves_no_trace_on_access(shop: Shop) -> None:
    ada = shop.holder()
    row = shop.buy(ada)
    intent = shop.sdk.payment_intents.list({"customer": row.customer}).data[0].id
    disputed = shop.stripe.dispute(intent)
    shop.hear()
    shop.stripe.judge(disputed["id"], won=True)
    shop.hear()
    assert (shop.stage(row), shop.answer(ada), row.payments.get().dispute) == ("active", YES, "won")


def test_use_past_the_quota_is_told_once_and_stands_on_the_next_invoice(shop: Shop) -> None:
    from licet.portal import clock
    from licet.portal.payments.port import metered

    ada = shop.holder()
    row = shop.buy(ada)
    for _ in range(3):  # the answer to the first was lost, say
        shop.provider.report_usage(row.customer, metered("sana", "calls"), 2500, clock.now_s(), "use-1")
    shop.provider.report_usage(row.customer, metered("sana", "calls"), 1000, clock.now_s(), "use-2")
    shop.forward(32)
    latest = row.payments.order_by("-at_s", "-id").first()
    assert latest.amount_minor == 900 + 140  # 3500 calls at 0.40 EUR for 1000
    with pytest.raises(Declined, match="35 days"):
        shop.provider.report_usage(row.customer, metered("sana", "calls"), 1, clock.now_s() - 36 * 86_400, "use-3")


def test_the_tax_switch_asks_stripe_to_work_it_out(shop: Shop) -> None:
    from dataclasses import replace

    from django.test import Client, override_settings

    taxed = replace(shop.config, stripe=replace(shop.config.stripe, tax=True))
    with override_settings(LICET=taxed):
        ada = shop.holder()
        before = Client(SERVER_NAME="localhost")
        before.force_login(ada.account, backend="licet.portal.adapter.ByEmail")
        assert "Tax is worked out there" in before.get("/my/buy?tier=premium").content.decode()
        row = shop.buy(ada)
    assert shop.sdk.subscriptions.retrieve(row.ref).automatic_tax.enabled is True
