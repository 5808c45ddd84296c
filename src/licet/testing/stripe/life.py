"""What does time do here? Periods renew, failed payments are tried again, trials and cancellations come due.

`live` steps through every due moment up to now, each at its own time, so that a test may turn a clock by months.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from licet.testing.stripe import calendar, invoices, meters, schedules, subscriptions
from licet.testing.stripe.books import Books, Json
from licet.testing.stripe.customers import default_of

_MOST_STEPS = 10_000


def live(books: Books, until_s: int, clock: Json | None = None) -> None:
    """Everything due up to this moment: for all customers who live by the server's clock, or for those of a test
    clock.
    """
    for _ in range(_MOST_STEPS):
        at_s, sub = min(_due(books, clock), key=lambda due: due[0], default=(until_s + 1, None))
        if sub is None or at_s > until_s:
            break
        if clock is None:
            books.moment_s = at_s
        else:
            clock["frozen_time"] = at_s
        _act(books, sub, at_s)
    books.moment_s = None
    for session in books.all("checkout.session", status="open"):
        if clock is None and session["expires_at"] <= until_s:
            books.change(session, "checkout.session.expired", status="expired", url=None)


def _due(books: Books, clock: Json | None) -> Iterator[tuple[int, Json]]:
    for sub in books.all("subscription"):
        if (clock and clock["id"]) == sub["test_clock"] and sub["status"] in subscriptions.LIVE:
            moments = list(_moments(books, sub))
            if moments:
                yield min(moments), sub


def _moments(books: Books, sub: Json) -> Iterator[int]:
    if sub["status"] == "incomplete":
        yield sub["created"] + books.rules.incomplete_expires_s
        return
    if sub["cancel_at"]:
        yield sub["cancel_at"]
    if sub["status"] != "paused":
        yield sub["trial_end"] if sub["status"] == "trialing" else subscriptions.period(sub)[1]
    if sub["pause_collection"] and sub["pause_collection"]["resumes_at"]:
        yield sub["pause_collection"]["resumes_at"]
    yield from (i["next_payment_attempt"] for i in owed(books, sub) if i["next_payment_attempt"])


def owed(books: Books, sub: Json) -> list[Json]:
    """Its open invoices, oldest first."""
    return [i for i in books.all("invoice", status="open")
            if i["parent"]["subscription_details"]["subscription"] == sub["id"]]  # fmt: skip


def _act(books: Books, sub: Json, now: int) -> None:
    if sub["status"] == "incomplete":
        for invoice in owed(books, sub):
            invoices.void(books, invoice)
        subscriptions.end(books, sub, "payment_failed", "incomplete_expired")
    elif sub["cancel_at"] and sub["cancel_at"] <= now:
        subscriptions.end(books, sub, "cancellation_requested")
    elif due := [i for i in owed(books, sub) if i["next_payment_attempt"] and i["next_payment_attempt"] <= now]:
        collect(books, sub, due[0])
    elif sub["pause_collection"] and (sub["pause_collection"]["resumes_at"] or now + 1) <= now:
        books.change(sub, "customer.subscription.updated", pause_collection=None)
    elif sub["status"] == "trialing":
        _trial_over(books, sub, now)
    else:
        _renew(books, sub)


def _trial_over(books: Books, sub: Json, now: int) -> None:
    method = sub["default_payment_method"] or default_of(books, sub["customer"])
    otherwise = sub["trial_settings"]["end_behavior"]["missing_payment_method"]
    if method is None and otherwise == "cancel":
        subscriptions.end(books, sub, "payment_failed")
    elif method is None and otherwise == "pause":
        why = {
            "subscription": {"type": "trial_end_without_payment_method"},
            "transitioned_at": now,
            "type": "subscription",
        }
        books.change(sub, "customer.subscription.paused", status="paused", status_details={"paused": why})
    else:
        _renew(books, sub)


def _renew(books: Books, sub: Json) -> None:
    """The next period begins, whether it is paid or not; used units of the last one are charged with it."""
    start_s, now = subscriptions.period(sub)
    used = _used(books, sub, start_s, now)
    before = sub["items"]["data"][0]["price"]["recurring"]
    schedules.enter(books, sub, now)
    recurring = sub["items"]["data"][0]["price"]["recurring"]
    if recurring["interval"] != before["interval"]:
        sub["billing_cycle_anchor"] = now
    end_s = calendar.period_end(sub["billing_cycle_anchor"], now, recurring)
    for item in sub["items"]["data"]:
        item |= {"current_period_start": now, "current_period_end": end_s}
    was = sub["status"]
    if was == "trialing":
        sub["status"] = "active"
    books.tell("customer.subscription.updated", sub, {"items": None, "status": was})
    if sub["pause_collection"]:
        return  # nothing is asked for on hold
    lines = sub["_pending"] + used + subscriptions.lines(books, sub)
    sub["_pending"] = []
    invoice = invoices.make(books, sub, lines, "subscription_cycle")
    if invoice["status"] == "open" and was != "unpaid":
        collect(books, sub, invoice)


def collect(books: Books, sub: Json, invoice: Json, *, method: str | None = None, present: bool = False) -> bool:
    """Try an invoice, and let the subscription follow: past due, tried again later, given up, or recovered."""
    if invoices.attempt(books, invoice, method=method or sub["default_payment_method"], present=present):
        return settled(books, sub, invoice)
    if sub["status"] == "incomplete":
        return False
    tried, waits = invoice["attempt_count"], books.rules.retries_s
    now = books.now(sub["customer"])
    if tried <= len(waits):
        invoice["next_payment_attempt"] = now + waits[tried - 1]
        books.change(sub, "customer.subscription.updated", status="past_due")
        return False
    invoice |= {"next_payment_attempt": None, "auto_advance": False}
    if books.rules.after_retries == "canceled":
        subscriptions.end(books, sub, "payment_failed")
    else:
        books.change(sub, "customer.subscription.updated", status=books.rules.after_retries)
    return False


def settled(books: Books, sub: Json, invoice: Json) -> bool:
    """An invoice was paid: its subscription stands again, when it was the latest."""
    if sub["latest_invoice"] == invoice["id"] and sub["status"] in ("incomplete", "past_due", "unpaid"):
        trial = sub["trial_end"] and sub["trial_end"] > books.now(sub["customer"])
        books.change(sub, "customer.subscription.updated", status="trialing" if trial else "active")
    return True


def _used(books: Books, sub: Json, start_s: int, end_s: int) -> list[Json]:
    found = []
    for item in sub["items"]["data"]:
        if meter := item["price"]["recurring"]["meter"]:
            units = meters.total(books, meter, sub["customer"], start_s, end_s)
            exact = Decimal(item["price"]["unit_amount_decimal"]) * units
            cost = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
            found.append(invoices.line(books, sub, item, cost, start_s, end_s, quantity=units, words="Used units"))
    return found
