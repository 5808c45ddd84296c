"""Each step of a purchase is told once, by mail and on the page; what was bought twice or by nobody is undone."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from typing import Any

import pytest

DAY_S = 86_400


def mails(shop: Any) -> list[str]:
    found = []
    for path in sorted(shop.config.mail_dir.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        found.append(str(message["subject"]))
    return found


def about(shop: Any, words: str) -> int:
    return sum(words in subject for subject in mails(shop))


def fail(shop: Any, row: Any) -> Any:
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    due_s = row.period_until_s
    return shop.at_the_provider(
        row, lambda kept: machine.renew(machine.sooner(kept, due_s - clock.now_s()), passes=False)
    )


def test_each_step_of_a_failing_payment_is_told_once_however_often_it_is_looked_at(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments import fetching, telling
    from licet.portal.payments.sandbox import adapter, machine

    row = shop.buy(shop.holder())
    assert about(shop, "premium is yours") == 1
    row = fail(shop, row)
    for _ in range(3):
        shop.at_the_provider(row, machine.retry)
        fetching.reconcile(adapter.Sandbox())
        telling.tell()
    assert about(shop, "A payment for premium failed") == 1
    row = shop.at_the_provider(row, lambda kept: machine.sooner(kept, 7 * DAY_S))
    telling.tell()
    assert about(shop, "premium is closed until a payment arrives") == 1
    row = shop.at_the_provider(row, lambda kept: machine.pay(kept, clock.now_s()))
    telling.tell()
    assert about(shop, "The payment for premium arrived") == 1
    assert about(shop, "A payment for premium failed") == 1
    row = fail(shop, row)
    assert about(shop, "A payment for premium failed") == 2, "another failure is other news"


def test_restricted_is_told_when_its_moment_comes_without_any_event(shop: Any, hands: Any) -> None:
    from licet.portal.payments import telling

    row = fail(shop, shop.buy(shop.holder()))
    assert about(shop, "closed until") == 0
    hands.forward(7 * DAY_S)
    telling.tell()
    assert about(shop, "closed until") == 1
    assert row.life  # nothing was fetched in between


def test_the_end_of_a_trial_is_told_three_days_before(shop: Any, hands: Any) -> None:
    from licet.portal.payments import telling

    shop.buy(shop.holder(), "team", seats=2, trial_days=14)
    telling.tell()
    assert about(shop, "Your trial of team ends soon") == 0
    hands.forward(11 * DAY_S + 1)
    telling.tell()
    telling.tell()
    assert about(shop, "Your trial of team ends soon") == 1


def test_a_cancellation_is_told_and_told_again_when_it_is_wished_again(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    row = shop.buy(shop.holder())
    for n in (1, 2):
        shop.at_the_provider(row, lambda kept: machine.cancel(kept, "period_end", clock.now_s()))
        assert about(shop, "premium will end") == n
        shop.at_the_provider(row, machine.resume)


def test_refunds_and_disputes_are_told(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    row = shop.buy(ada)
    ref = row.payments.get().ref
    shop.at_the_provider(row, lambda kept: machine.refund(kept, ref, 400, "r", clock.now_s()))
    assert about(shop, "A payment was given back") == 1
    other = shop.buy(shop.holder("eve@example.org"))
    ref = other.payments.get().ref
    shop.at_the_provider(other, lambda kept: machine.dispute(kept, ref, "open", clock.now_s()))
    assert about(shop, "A payment for premium is disputed") == 1
    shop.at_the_provider(other, lambda kept: machine.dispute(kept, ref, "lost", clock.now_s()))
    assert about(shop, "A dispute was settled") == 1
    assert about(shop, "premium has ended") == 1


def test_a_dispute_settled_months_later_is_told_though_the_provider_does_not_say_when(shop: Any) -> None:
    from licet.portal import clock, events
    from licet.portal.payments import fetching, turns
    from licet.portal.payments.apply import apply

    row = shop.buy(shop.holder(), "premium", "year")
    long_ago = clock.now_s() - 70 * DAY_S
    kept = fetching.as_kept(row)
    for says in ("open", "won", "won"):
        paid = replace(kept.payments[0], at_s=long_ago, dispute=says, disputed_s=long_ago + DAY_S)
        applied = apply(replace(kept, payments=(paid,)), events.LICET, turns.draw())
    assert applied is not None and not applied.changed  # what was noted once is not noted anew
    assert about(shop, "A dispute was settled") == 1


def test_a_mail_that_could_not_be_sent_is_sent_later(shop: Any, hands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from licet.portal import mail, postponed
    from licet.portal.payments import telling

    works = mail.ToFiles.send_messages

    def broken(*_: Any) -> int:
        raise OSError("no server")

    monkeypatch.setattr(mail.ToFiles, "send_messages", broken)
    shop.buy(shop.holder())
    assert about(shop, "premium is yours") == 0
    monkeypatch.setattr(mail.ToFiles, "send_messages", works)
    hands.forward(postponed.EVERY_S)
    assert (telling.tell(), postponed.send_due()) == (0, 1)
    assert (telling.tell(), postponed.send_due(), about(shop, "premium is yours")) == (0, 0, 1)


def test_a_mail_that_can_neither_be_sent_nor_kept_is_told_by_the_next_look(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.portal import mail, postponed
    from licet.portal.payments import telling

    def broken(*_: Any) -> None:
        raise OSError("no server, no disk")

    with monkeypatch.context() as patched:
        patched.setattr(mail.ToFiles, "send_messages", broken)
        patched.setattr(postponed, "keep", broken)
        row = shop.buy(shop.holder())
        row.refresh_from_db()
        assert row.told == {}
    assert (telling.tell(), telling.tell()) == (1, 0)


def test_a_slow_mail_server_locks_nothing_and_what_died_while_sending_is_sent_later(
    shop: Any, hands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    from licet.portal import mail
    from licet.portal.payments import telling

    works = mail.ToFiles.send_messages

    def dies(*_: Any) -> int:
        assert not connection.in_atomic_block
        assert telling.tell() == 0  # another process: it is not its turn
        raise KeyboardInterrupt

    monkeypatch.setattr(mail.ToFiles, "send_messages", dies)
    with pytest.raises(KeyboardInterrupt):
        shop.buy(shop.holder())
    monkeypatch.setattr(mail.ToFiles, "send_messages", works)
    assert (telling.tell(), about(shop, "premium is yours")) == (0, 0)
    hands.forward(telling.CLAIM_S)
    assert (telling.tell(), about(shop, "premium is yours")) == (1, 1)
    assert telling.tell() == 0


def test_bought_twice_by_two_tabs_is_ended_and_paid_back(shop: Any, hands: Any) -> None:
    from licet.portal.payments import undo

    ada = shop.holder()
    shop.buy(ada)
    hands.forward(60)
    second = shop.buy(ada, "premium", "year", n=2)
    assert undo.undo() == 1
    second.refresh_from_db()
    assert second.status == "canceled"
    assert second.payments.get().refunded_minor == second.payments.get().amount_minor == 9000
    assert undo.undo() == 0
    assert shop.answer(ada)[:2] == ("yes", "")
    assert about(shop, "Bought twice") == 1


def test_an_account_that_is_deleted_is_charged_no_more(shop: Any) -> None:
    from licet.portal import accounts, events
    from licet.portal.payments import undo

    ada = shop.holder()
    row = shop.buy(ada)
    accounts.delete(ada, events.By(ada.pk))
    assert undo.undo() == 1
    row.refresh_from_db()
    assert row.status == "canceled"
    assert undo.undo() == 0


def test_money_that_the_bank_took_back_is_not_charged_anew_and_the_tier_may_be_bought_again(shop: Any) -> None:
    from licet.errors import LicetError
    from licet.portal import clock, events
    from licet.portal.payments import orders, undo
    from licet.portal.payments.sandbox import machine

    ada = shop.holder()
    row = shop.buy(ada)
    for says in ("open", "lost"):
        shop.at_the_provider(row, lambda kept, says=says: machine.dispute(kept, f"{row.ref}_1", says, clock.now_s()))
    with pytest.raises(LicetError, match="given back twice"):
        orders.refund(row, f"{row.ref}_1", None, events.COMMAND, key="console", and_end=False)
    assert (row.status, shop.answer(ada)[2]) == ("active", "free")  # so says the provider, and would charge again
    assert orders.living(ada, "sana") is None
    again = shop.buy(ada, n=2)
    assert (again.surplus_s, shop.answer(ada)[2]) == (None, "premium")
    assert undo.undo() == 1
    row.refresh_from_db()
    again.refresh_from_db()
    assert (row.status, again.status, again.surplus_s) == ("canceled", "active", None)
    assert undo.undo() == 0
    assert shop.answer(ada)[:1] == ("yes",)


# --- a new price -----------------------------------------------------------------------------------------------------


def test_who_was_moved_to_a_dearer_document_pays_more_only_after_the_days_of_notice(shop: Any, hands: Any) -> None:
    from tests.portal.payments.conftest import TERMS

    from licet.portal import documents, events, tiers
    from licet.portal.payments import pricing
    from licet.portal.payments.sandbox import adapter

    ada = shop.holder()
    row = shop.buy(ada)
    hands.forward(DAY_S)
    dearer = TERMS.replace('"9.00 EUR / month"', '"11.00 EUR / month"').replace(
        "[release]", "[release]\nnotice_days = 45"
    )
    documents.publish(dearer.encode(), events.COMMAND)
    assert pricing.follow() == 0
    assert about(shop, "A new price") == 0, "whoever was not moved keeps his terms and his price"
    tiers.move("sana", events.COMMAND)
    row.refresh_from_db()
    assert pricing.follow() == 0
    assert pricing.follow() == 0
    assert about(shop, "A new price for premium") == 1
    charged = []
    for _ in range(100):
        hands.forward(DAY_S)
        from licet.portal.payments import fetching

        fetching.refresh(adapter.Sandbox(), row.ref)
        pricing.follow()
        charged = [p.amount_minor for p in row.payments.order_by("at_s")]
    assert charged[:3] == [900, 900, 1100]
    second = row.payments.order_by("at_s")[2]
    assert second.at_s >= row.started_s + 45 * DAY_S
    row.refresh_from_db()
    assert (row.unit_minor, row.tier) == (1100, "premium")
    assert pricing.coming(row) is None


# --- the operator's figures ------------------------------------------------------------------------------------------


def test_the_figures_add_up_in_whole_coins_each_currency_for_itself(shop: Any) -> None:
    from licet.portal import clock
    from licet.portal.payments import report
    from licet.portal.payments.models import PaymentRow
    from licet.portal.payments.sandbox import machine

    first = shop.buy(shop.holder())
    shop.buy(shop.holder("eve@example.org"), "premium", "year")
    ref = first.payments.get().ref
    shop.at_the_provider(first, lambda kept: machine.refund(kept, ref, 400, "r", clock.now_s()))
    yen = first.payments.get()
    PaymentRow.objects.create(provider="sandbox", ref="yen", subscription=first, state="paid", amount_minor=900,
                              currency="JPY", at_s=yen.at_s)  # fmt: skip
    told = {month.currency: month.words for month in report.months()}
    assert told == {"EUR": ("99.00 EUR", "4.00 EUR", "95.00 EUR"), "JPY": ("900 JPY", "0 JPY", "900 JPY")}
    (sold,) = report.sold()
    assert (sold.tier, sold.living, sold.monthly) == ("premium", 2, "16.50 EUR")


def test_the_console_shows_money_and_gives_back(shop: Any) -> None:
    from django.test import Client

    from licet.portal import accounts, events

    ada = shop.holder()
    row = shop.buy(ada)
    operator = accounts.create("op@example.org", "a long password", events.COMMAND, operator=True)
    console = Client(SERVER_NAME="localhost")
    console.force_login(operator.account)
    fail(shop, shop.buy(shop.holder("eve@example.org")))
    page = console.get("/admin/money/").content.decode()
    assert "eve@example.org" in page and "9.00 EUR" in page
    assert "payments owed" in console.get("/admin/").content.decode()
    for path in ("subscription/", f"subscription/{row.pk}/change/", "paymentrow/", "orderrow/", "webhookevent/"):
        assert console.get(f"/admin/payments/{path}").status_code == 200, path
    paid = row.payments.get()
    told = console.post(
        "/admin/payments/paymentrow/", {"action": "give_back_and_end", "_selected_action": [paid.pk]}, follow=True
    )
    assert "1 given back." in told.content.decode()
    assert shop.answer(ada)[2] == "free"
    ordinary = Client(SERVER_NAME="localhost")
    ordinary.force_login(ada.account)
    assert ordinary.get("/admin/money/").status_code in (302, 403)


def test_an_organizations_desk_shows_what_its_own_provider_says(shop: Any) -> None:
    from licet.portal.payments.port import Provider
    from licet.portal.payments.sandbox.adapter import Sandbox

    provider: Provider = Sandbox()
    assert (provider.name, provider.test) == ("sandbox", True)
    assert provider.checked_out("chk_nothing").state == "expired"
    assert provider.fetch("sbx_nothing") is None
    provider.expire("chk_nothing")


@pytest.mark.parametrize(("minor", "currency", "words"), [
    (900, "EUR", "9.00 EUR"), (900, "JPY", "900 JPY"), (1500, "KWD", "1.500 KWD"), (-5, "USD", "-0.05 USD"),
    (0, "EUR", "0.00 EUR"),
])  # fmt: skip
def test_an_amount_is_written_with_the_digits_of_its_currency(minor: int, currency: str, words: str) -> None:
    from licet.portal.payments.offer import coin_words

    assert coin_words(minor, currency) == words


def test_a_tier_in_yen_is_ordered_in_whole_yen(shop: Any) -> None:
    from tests.portal.payments.conftest import TERMS

    from licet.portal.payments import offer
    from licet.release.document import read

    yen = TERMS.replace("EUR", "JPY").replace("9.00 JPY", "900 JPY").replace("90.00 JPY", "9000 JPY")
    chosen = offer.choose(read(yen.encode()), "premium", "month")
    assert (chosen.unit_minor, offer.coin_words(chosen.each_minor, "JPY")) == (900, "900 JPY")
    assert replace(chosen, seats=3).each_minor == 2700
