"""What does a subscription at Stripe mean in our words? Pure: what was fetched in, a snapshot out, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from licet.portal.payments import stripe_seen
from licet.portal.payments.port import STATUSES

T0, MONTH = 1_800_000_000, 30 * 86_400


def _sub(**more: Any) -> dict[str, Any]:
    price = {"id": "price_1", "currency": "eur", "unit_amount": 900, "metadata": {},
             "recurring": {"interval": "month", "usage_type": "licensed"}}  # fmt: skip
    item = {"id": "si_1", "price": price, "quantity": 2, "current_period_start": T0, "current_period_end": T0 + MONTH}
    said = {"licet_holder": "hol_1", "licet_release": "sana", "licet_tier": "premium", "licet_document": "d"}
    told = {"id": "sub_1", "customer": "cus_1", "status": "active", "start_date": T0, "metadata": said,
            "items": {"data": [item]}}  # fmt: skip
    return told | more


def _invoice(n: int = 1, status: str = "paid", **more: Any) -> dict[str, Any]:
    start = T0 + (n - 1) * MONTH
    told = {"id": f"in_{n}", "status": status, "attempt_count": 1, "amount_due": 1800, "amount_paid": 1800,
            "currency": "eur", "created": start, "status_transitions": {"finalized_at": start + 3600},
            "payments": {"data": [{"payment": {"payment_intent": f"pi_{n}"}}]},
            "lines": {"data": [{"period": {"start": start, "end": start + MONTH}}]}}  # fmt: skip
    return told | more


def test_the_period_is_read_from_the_item_and_what_is_paid_from_the_invoices() -> None:
    seen = stripe_seen.subscription(_sub(), [_invoice()], {}, [])
    assert (seen.holder_id, seen.tier, seen.seats, seen.unit_minor, seen.currency) == (
        "hol_1",
        "premium",
        2,
        900,
        "EUR",
    )
    assert (seen.period_until_s, seen.paid_until_s, seen.failed_s) == (T0 + MONTH, T0 + MONTH, None)


@pytest.mark.parametrize("status", STATUSES)
def test_each_of_stripes_eight_words_is_kept(status: str) -> None:
    assert stripe_seen.subscription(_sub(status=status), [_invoice()], {}, []).status == status


def test_a_word_of_stripes_that_is_new_opens_nothing() -> None:
    assert stripe_seen.subscription(_sub(status="frozen"), [_invoice()], {}, []).status == "unpaid"


def test_a_period_that_began_and_is_not_paid_is_not_paid() -> None:
    late = _invoice(2, "open", attempt_count=3, amount_paid=0)
    seen = stripe_seen.subscription(_sub(status="past_due"), [late, _invoice()], {}, [])
    assert seen.paid_until_s == T0 + MONTH
    assert seen.failed_s == T0 + MONTH + 3600  # when it was first tried, whatever tries came since
    assert [p.state for p in seen.payments] == ["failed", "paid"]


def test_the_oldest_debt_counts_and_a_draft_is_none() -> None:
    invoices = [_invoice(4, "draft"), _invoice(3, "open"), _invoice(2, "open"), _invoice()]
    seen = stripe_seen.subscription(_sub(status="unpaid"), invoices, {}, [])
    assert seen.failed_s == T0 + MONTH + 3600
    assert len(seen.payments) == 3


def test_without_any_invoice_nothing_is_paid_for_ever() -> None:
    assert stripe_seen.subscription(_sub(), [], {}, []).paid_until_s == T0


def test_a_used_up_period_and_a_proration_do_not_lengthen_what_is_paid() -> None:
    used = {"period": {"start": T0 - MONTH, "end": T0}}
    rest = {"period": {"start": T0 + 5, "end": T0 + 9 * MONTH},
            "parent": {"subscription_item_details": {"proration": True}}}  # fmt: skip
    whole = {"period": {"start": T0, "end": T0 + MONTH}}
    payment = stripe_seen.subscription(_sub(), [_invoice(lines={"data": [used, rest, whole]})], {}, []).payments[0]
    assert (payment.from_s, payment.until_s) == (T0, T0 + MONTH)


def test_an_operator_who_switched_the_price_at_stripe_switched_the_tier() -> None:
    sub = _sub()
    sub["items"]["data"][0]["price"]["metadata"] = {"licet_tier": "team", "licet_release": "sana"}
    seen = stripe_seen.subscription(sub, [_invoice()], {}, [])
    assert (seen.tier, seen.document) == ("team", "")


def test_the_seats_are_read_from_the_item_that_is_paid_ahead() -> None:
    sub = _sub()
    metered = {"id": "si_2", "price": {"id": "p", "currency": "eur", "unit_amount": None, "recurring": {
        "interval": "month", "usage_type": "metered"}}, "current_period_start": T0, "current_period_end": T0}  # fmt: skip
    sub["items"]["data"].insert(0, metered)
    seen = stripe_seen.subscription(sub, [_invoice()], {}, [])
    assert (seen.seats, seen.unit_minor, seen.period_until_s) == (2, 900, T0 + MONTH)


def test_refunds_that_failed_are_no_moments_and_a_question_of_the_bank_is_no_dispute() -> None:
    charge = {"payment_intent": "pi_1", "amount_refunded": 300, "refunds": {"data": [
        {"status": "succeeded", "created": T0 + 5}, {"status": "failed", "created": T0 + 9}]}}  # fmt: skip
    asked = {"payment_intent": "pi_1", "status": "warning_needs_response", "created": T0 + 1}
    payment = stripe_seen.subscription(_sub(), [_invoice()], {"pi_1": charge}, [asked]).payments[0]
    assert (payment.refunded_minor, payment.refunded_s, payment.dispute) == (300, T0 + 5, "")


@pytest.mark.parametrize(
    ("status", "means"),
    [("needs_response", "open"), ("under_review", "open"), ("won", "won"), ("lost", "lost"), ("warning_closed", "won")],
)
def test_each_word_for_a_dispute_is_ours(status: str, means: str) -> None:
    told = [{"payment_intent": "pi_1", "status": status, "created": T0 + 1}]
    assert stripe_seen.subscription(_sub(), [_invoice()], {}, told).payments[0].dispute == means


def test_a_schedule_of_somebody_else_is_nothing_that_comes() -> None:
    phase = {"start_date": T0 + MONTH, "items": [{"quantity": 1}], "metadata": {}}
    schedule = {"status": "active", "current_phase": {"start_date": T0, "end_date": T0 + MONTH}, "phases": [phase]}
    assert stripe_seen.subscription(_sub(schedule=schedule), [_invoice()], {}, []).coming is None
    phase["metadata"] = {"licet_tier": "team", "licet_interval": "year", "licet_document": "e"}
    coming = stripe_seen.subscription(_sub(schedule=schedule), [_invoice()], {}, []).coming
    assert coming is not None
    assert (coming.tier, coming.interval, coming.at_s, coming.document) == ("team", "year", T0 + MONTH, "e")


def test_a_pause_by_stripe_begins_when_stripe_says() -> None:
    details = {"paused": {"transitioned_at": T0 + 77}}
    assert stripe_seen.subscription(_sub(status="paused", status_details=details), [], {}, []).paused_s == T0 + 77
    held = _sub(pause_collection={"behavior": "void", "resumes_at": T0 + MONTH})
    seen = stripe_seen.subscription(held, [_invoice()], {}, [])
    assert (seen.paused_s, seen.resumes_s) == (T0, T0 + MONTH)
