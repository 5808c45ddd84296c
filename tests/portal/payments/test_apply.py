"""Applying what was fetched: the gate answers by it before the next call, and order, doubles and losses cannot matter."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

DAY_S = 86_400


def test_whoever_buys_is_answered_yes_from_the_next_call_on(shop: Any) -> None:
    ada = shop.holder()
    assert shop.answer(ada) == ("no", "feature_not_in_tier", "free")
    row = shop.buy(ada)
    assert shop.answer(ada) == ("yes", "", "premium")
    assert [(s["name"]) for s in row.life] == ["active", "grace", "restricted"]
    assert row.payments.get().amount_minor == 900


def test_a_failed_charge_is_borne_for_the_grace_days_then_costs_402_and_is_mended_by_paying(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    row = shop.buy(ada)
    due_s = row.period_until_s
    row = shop.at_the_provider(
        row, lambda kept: machine.renew(machine.sooner(kept, due_s - clock.now_s()), passes=False)
    )
    assert row.status == "past_due"
    now_s = clock.now_s()
    assert shop.answer(ada) == ("yes", "", "premium")
    assert shop.answer(ada, at_s=now_s + 7 * DAY_S - 5) == ("yes", "", "premium")
    assert shop.answer(ada, at_s=now_s + 7 * DAY_S) == ("no", "payment_past_due", "premium")
    first_s = row.first_failure_s
    row = shop.at_the_provider(row, machine.retry)
    assert row.first_failure_s == first_s
    row = shop.at_the_provider(row, lambda kept: machine.pay(kept, clock.now_s()))
    assert (row.status, row.first_failure_s) == ("active", None)
    assert shop.answer(ada, at_s=now_s + 20 * DAY_S) == ("yes", "", "premium")


def test_cancelled_keeps_the_paid_time_and_then_is_the_first_tier(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    row = shop.buy(ada)
    row = shop.at_the_provider(row, lambda kept: machine.cancel(kept, "period_end", clock.now_s()))
    ends_s = row.period_until_s
    assert shop.answer(ada, at_s=ends_s - 1) == ("yes", "", "premium")
    assert shop.answer(ada, at_s=ends_s) == ("no", "feature_not_in_tier", "free")
    assert shop.answer(ada, "basic", at_s=ends_s)[0] == "yes"
    row = shop.at_the_provider(row, machine.resume)
    assert shop.answer(ada, at_s=ends_s) == ("yes", "", "premium")


def test_ended_at_once_with_the_money_back_is_over_at_once(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    row = shop.buy(ada)
    paid = row.payments.get().ref
    shop.at_the_provider(
        row,
        lambda kept: machine.refund(machine.cancel(kept, "now", clock.now_s()), paid, None, "r1", clock.now_s()),
    )
    assert shop.answer(ada) == ("no", "feature_not_in_tier", "free")


def test_the_same_snapshot_again_writes_nothing(shop: Any) -> None:
    from licet.portal.models import ChangeRow, Event, Held, StandingRow
    from licet.portal.payments import fetching
    from licet.portal.payments.sandbox.adapter import Sandbox

    row = shop.buy(shop.holder())

    def written() -> list[int]:
        return [model.objects.count() for model in (Event, Held, StandingRow, ChangeRow)]

    before = written()
    applied = fetching.refresh(Sandbox(), row.ref)
    assert applied is not None and not applied.changed
    assert written() == before


def test_a_fetch_that_was_asked_for_earlier_never_overrides_a_later_one(shop: Any) -> None:
    from licet.portal import events
    from licet.portal.payments import fetching, turns
    from licet.portal.payments.apply import apply

    ada = shop.holder()
    row = shop.buy(ada)
    old, new = turns.draw(), turns.draw()
    seen = fetching.as_kept(row)
    ended = replace(seen, status="canceled", ended_s=row.started_s, paid_until_s=row.started_s)
    apply(ended, events.LICET, new)
    assert shop.answer(ada)[2] == "free"
    late = apply(seen, events.LICET, old)
    assert late is not None and late.stale
    assert shop.answer(ada)[2] == "free"


def _story(kept: Any, now_s: int) -> list[Any]:
    """A subscription as it was at five moments of its life: begun, failed, paid, changed, cancelled."""
    from licet.portal.payments.sandbox import machine

    begun = machine.sooner(kept, machine.next_s(kept) - now_s)  # type: ignore[operator]
    failed = machine.renew(begun, passes=False)
    paid = machine.pay(failed, now_s)
    year = replace(paid.order, interval="year", unit_minor=9000)
    changed = machine.change(paid, year, "now", now_s)
    cancelled = machine.cancel(changed, "period_end", now_s)
    return [one.seen for one in (begun, failed, paid, changed, cancelled)]


STATE = ("tier", "status", "interval", "life", "first_failure_s", "paid_until_s", "cancel_at_s", "surplus_s")


@pytest.mark.parametrize("drop", [None, 0, 1, 2, 3])
def test_every_order_of_events_with_doubles_and_losses_ends_in_the_same_state(
    shop: Any, hands: Any, drop: int | None
) -> None:
    """Events arrive in any order. Each makes a fetch; a fetch sees what is there when it is asked, never the event's own."""
    from django.db import transaction

    from licet.portal import clock, events
    from licet.portal.models import StandingRow
    from licet.portal.payments import turns
    from licet.portal.payments.apply import apply
    from licet.portal.payments.models import Subscription
    from licet.portal.payments.sandbox import adapter

    ada = shop.holder()
    row = shop.buy(ada)
    kept = adapter.read(row.ref)
    assert kept is not None
    story = _story(kept, clock.now_s())
    first = turns.draw()
    ends: set[str] = set()

    class Undo(Exception):
        pass

    for order in permutations(n for n in range(5) if n != drop):
        try:
            with transaction.atomic():
                for n in order:
                    apply(story[n], events.LICET, first + n)
                    apply(story[n], events.LICET, first + n)  # every event twice
                apply(story[-1], events.LICET, first + 5)  # reconcile
                found = Subscription.objects.get(pk=row.pk)
                standing = StandingRow.objects.filter(holder_id=ada.pk).order_by("from_s")
                told = [(s.from_s, s.until_s, s.tier, s.facts) for s in standing]
                paid = sorted(found.payments.values_list("ref", "state", "amount_minor"))
                ends.add(repr(([getattr(found, name) for name in STATE], told, paid)))
                raise Undo
        except Undo:
            pass
    assert len(ends) == 1


def test_two_tabs_that_both_pay_make_one_tier_and_the_first_begun_pays_for_it(shop: Any, hands: Any) -> None:
    ada = shop.holder()
    first = shop.buy(ada)
    hands.forward(60)
    second = shop.buy(ada, "team", n=2)
    first.refresh_from_db()
    assert first.surplus_s is None and second.surplus_s is not None
    assert shop.answer(ada)[2] == "premium"


def test_what_an_operator_gives_is_paid_and_his_word_stands_while_the_subscription_goes_on(shop: Any) -> None:
    from licet.portal import clock, events, tiers
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    row = shop.buy(ada)
    due_s = row.period_until_s
    shop.at_the_provider(row, lambda kept: machine.renew(machine.sooner(kept, due_s - clock.now_s()), passes=False))
    tiers.give(ada, "sana", "premium", events.COMMAND, why="a gift")
    assert shop.answer(ada, at_s=clock.now_s() + 300 * DAY_S) == ("yes", "", "premium")
    shop.at_the_provider(row, lambda kept: machine.give_up(kept, clock.now_s(), ends=True))
    assert shop.answer(ada, at_s=clock.now_s() + 300 * DAY_S) == ("yes", "", "premium")


def test_holders_who_are_moved_to_a_newer_document_go_on_being_paid_by_what_they_bought(shop: Any) -> None:
    from tests.portal.payments.conftest import TERMS

    from licet.portal import clock, documents, events, tiers
    from licet.portal.payments import fetching
    from licet.portal.payments.sandbox import adapter, machine

    ada = shop.holder()
    row = shop.buy(ada)
    documents.publish(TERMS.replace("grace_days = 7", "grace_days = 9").encode(), events.COMMAND)
    assert tiers.move("sana", events.COMMAND) == 1
    fetching.refresh(adapter.Sandbox(), row.ref)
    held = tiers.current(ada, "sana")
    assert held is not None and held.document == documents.in_force("sana").sha256
    shop.at_the_provider(row, lambda kept: machine.cancel(kept, "period_end", clock.now_s()))
    assert shop.answer(ada, at_s=row.period_until_s)[2] == "free"


def test_a_customer_deleted_at_the_provider_keeps_what_was_paid_and_no_more(shop: Any) -> None:
    from licet.portal.payments import fetching
    from licet.portal.payments.models import SandboxObject
    from licet.portal.payments.sandbox.adapter import Sandbox

    ada = shop.holder()
    row = shop.buy(ada)
    SandboxObject.objects.filter(pk=row.ref).delete()
    told = fetching.reconcile(Sandbox())
    assert (told.fetched, told.gone) == (1, 1)
    assert shop.answer(ada, at_s=row.period_until_s - 1) == ("yes", "", "premium")
    assert shop.answer(ada, at_s=row.period_until_s)[2] == "free"
    assert fetching.reconcile(Sandbox()).mended == 0


def test_what_was_bought_in_a_sandbox_that_is_shut_is_worth_nothing(shop: Any) -> None:
    from django.test import override_settings

    from licet.portal.payments import fetching

    ada = shop.holder()
    shop.buy(ada, "forever", "once")
    assert shop.answer(ada)[2] == "forever"
    with override_settings(LICET=replace(shop.config, payments="off")):
        fetching.everything()
        assert shop.answer(ada)[2] == "forever", "a command does not know how the server was started"
        fetching.everything(shut=True)
    assert shop.answer(ada)[2] == "free"


def test_a_subscription_of_nobody_here_is_none_of_our_business(shop: Any) -> None:
    from licet.portal import events
    from licet.portal.payments import fetching, turns
    from licet.portal.payments.apply import apply

    row = shop.buy(shop.holder())
    stranger = replace(fetching.as_kept(row), ref="sbx_other", holder_id="hol_nobody")
    assert apply(stranger, events.LICET, turns.draw()) is None


def test_a_data_folder_from_before_payments_loses_nobody_a_tier(shop: Any) -> None:
    """Its standings know nothing of what is paid: they are written anew when the folder is moved to this version."""
    from django.db import connection

    from licet.portal import events, start, tiers
    from licet.portal.models import StandingRow

    ada = shop.holder()
    tiers.give(ada, "sana", "premium", events.COMMAND, why="given before there were payments")
    for row in StandingRow.objects.filter(holder_id=ada.pk):
        row.facts = {name: value for name, value in row.facts.items() if not name.startswith("paid:")}
        row.save()
    assert shop.answer(ada)[:2] == ("no", "payment_past_due")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA application_id = 0")
        cursor.execute("PRAGMA user_version = 1")
    connection.close()
    assert start.migrate() is not None
    assert shop.answer(ada) == ("yes", "", "premium")


def test_another_process_on_the_same_files_hears_of_it_with_its_next_look(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.directory import SqliteDirectory
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    gate = SqliteDirectory(shop.config.portal_file)
    try:
        heard, version = gate.last_change(), gate.version()
        row = shop.buy(ada)
        assert gate.version() != version
        assert (ada.pk, "standing") in {(one.ref, one.what) for one in gate.changes(heard)}
        standing = gate.standing(ada.pk, "sana")
        assert standing is not None and standing.facts["paid:premium"] is True
        heard = gate.last_change()
        shop.at_the_provider(row, lambda kept: machine.cancel(kept, "period_end", clock.now_s()))
        assert (ada.pk, "standing") in {(one.ref, one.what) for one in gate.changes(heard)}
        assert gate.standing(ada.pk, "sana").until_s == row.period_until_s  # type: ignore[union-attr]
    finally:
        gate.close()


def test_a_price_in_another_currency_is_kept_as_it_is_and_opens_the_tier(shop: Any) -> None:
    from licet.portal import events
    from licet.portal.payments import fetching, report, turns
    from licet.portal.payments.apply import apply
    from licet.portal.payments.desk import shown

    ada = shop.holder()
    row = shop.buy(ada)
    seen = fetching.as_kept(row)
    dollars = replace(seen, currency="USD", payments=tuple(replace(p, currency="USD") for p in seen.payments))
    apply(dollars, events.LICET, turns.draw())
    (one,) = shown.bought(ada)
    assert one.price == "9.00 USD a month"
    assert {month.currency for month in report.months()} == {"USD"}
    assert shop.answer(ada) == ("yes", "", "premium")


def test_a_clock_that_was_put_back_or_far_ahead_and_back_shuts_nobody_out(shop: Any) -> None:
    from licet.portal import clock, documents

    ada = shop.holder()
    row = shop.buy(ada)
    now_s, years_s = clock.now_s(), 366 * DAY_S
    assert shop.answer(ada, at_s=documents.newest("sana").from_s) == ("yes", "", "premium")  # type: ignore[union-attr]
    assert shop.answer(ada, at_s=now_s + 10 * years_s)[1] == "payment_past_due"
    assert shop.answer(ada, at_s=now_s) == ("yes", "", "premium")
    row.refresh_from_db()
    assert row.first_failure_s is None


@pytest.mark.parametrize(
    ("owes", "paid_for_s", "at_once"),
    [(False, None, False), (False, -1, False), (True, 1, False), (True, 0, True), (True, -1, True), (True, None, True)],
)
def test_who_owes_and_leaves_ends_at_once_unless_time_is_paid_for(
    shop: Any, hands: Any, owes: bool, paid_for_s: int | None, at_once: bool
) -> None:
    from licet.portal.payments import orders
    from licet.portal.payments.models import Subscription

    now_s = hands.at_s
    paid_until_s = None if paid_for_s is None else now_s + paid_for_s
    row = Subscription(first_failure_s=now_s - 100 if owes else None, paid_until_s=paid_until_s)
    assert orders.ends_at_once(row) is at_once


def test_an_order_stays_known_when_the_provider_tells_it_no_more(shop: Any) -> None:
    ada = shop.holder()
    row = shop.buy(ada)
    order = row.order
    assert order
    row = shop.at_the_provider(row, lambda kept: replace(kept, seen=replace(kept.seen, order="")))
    assert row.order == order
