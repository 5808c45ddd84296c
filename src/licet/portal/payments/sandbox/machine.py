"""How does a subscription live at the sandbox? A pure state machine: what a real provider would do, without a card.

Its state is a `Snapshot`, so it says what a real provider says. There is no other clock than the real one: whoever tests
does not move the time, he moves the subscription's **past** (`sooner`): every moment of it is put back until the next
one is due now. So what the gate reads is always true for the real clock.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from licet.access.price import half_even
from licet.portal.payments.port import Coming, Declined, Dispute, Order, Payment, PaymentState, Snapshot, When

NAME = "sandbox"
DAY_S = 86_400
MOST_TURNS = 120  # ten years of months
_OVER = ("canceled", "incomplete_expired")


@dataclass(frozen=True, slots=True)
class Kept:
    """A subscription of the sandbox: what it tells, what it will become, how it was ordered, and its periods so far.

    `anchor_s` is where its periods are counted from, `turned` how many have begun since. `refunds` are the keys of
    refunds that were made.
    """

    seen: Snapshot
    order: Order
    anchor_s: int
    turned: int = 1
    waits: Order | None = None
    charged: int = 0
    refunds: tuple[str, ...] = ()
    discounted: int = 0


def begin(order: Order, ref: str, customer: str, now_s: int, *, passes: bool = True) -> Kept:
    """What a checkout makes: on trial, paid, or (the first charge does not pass) never begun."""
    seen = Snapshot(
        provider=NAME, ref=ref, customer=customer, holder_id=order.holder_id, release=order.release, tier=order.tier,
        status="incomplete", started_s=now_s, interval=order.interval, seats=order.seats, unit_minor=order.unit_minor,
        currency=order.currency, document=order.document, order=order.id,
    )  # fmt: skip
    kept = Kept(seen, order, now_s)
    if not passes:
        return kept
    if order.interval == "once":
        return _charge(replace(kept, seen=replace(seen, status="active")), "paid", now_s, None, None)
    if order.trial_days:
        ends_s = now_s + order.trial_days * DAY_S
        trial = replace(
            seen, status="trialing", period_from_s=now_s, period_until_s=ends_s, paid_until_s=ends_s, trial_until_s=ends_s
        )  # fmt: skip
        return replace(kept, seen=trial, anchor_s=ends_s, turned=0)
    until_s = turn(now_s, order.interval, 1)
    paid = replace(seen, status="active", period_from_s=now_s, period_until_s=until_s, paid_until_s=until_s)
    return _charge(replace(kept, seen=paid), "paid", now_s, now_s, until_s)


def next_s(kept: Kept) -> int | None:
    """When something comes by itself; None: nothing does."""
    return None if kept.seen.status in _OVER or kept.seen.status == "incomplete" else kept.seen.period_until_s


def renew(kept: Kept, *, passes: bool) -> Kept:
    """The next date: what waits comes into force, what was cancelled ends, the next period is charged."""
    seen, at_s = kept.seen, next_s(kept)
    if at_s is None:
        raise Declined("there is no next date", where=seen.ref)
    if seen.cancel_at_s is not None and seen.cancel_at_s <= at_s:
        return replace(kept, seen=replace(seen, status="canceled", ended_s=seen.cancel_at_s, coming=None))
    if kept.waits is not None:
        kept = _become(kept, kept.waits)
    kept = replace(kept, turned=kept.turned + 1)
    until_s = turn(kept.anchor_s, kept.order.interval, kept.turned)
    seen = replace(kept.seen, period_from_s=at_s, period_until_s=until_s, coming=None)
    if seen.paused_s is not None:
        return replace(kept, seen=seen)
    if passes and seen.status not in ("past_due", "unpaid"):
        kept = replace(kept, seen=replace(seen, status="active", paid_until_s=until_s, failed_s=None))
        return _charge(kept, "paid", at_s, at_s, until_s)
    status = seen.status if seen.status == "unpaid" else "past_due"
    kept = replace(kept, seen=replace(seen, status=status, failed_s=seen.failed_s or at_s))
    return _charge(kept, "open", at_s, at_s, until_s)


def caught_up(kept: Kept, now_s: int) -> Kept:
    """What comes by itself has come: every date that is due was kept, and each charge passed. Nobody plays while he is
    away."""
    for _ in range(MOST_TURNS):
        at_s = next_s(kept)
        if at_s is None or at_s > now_s or kept.seen.status in ("past_due", "unpaid"):
            break
        kept = renew(kept, passes=True)
    return kept


def pay(kept: Kept, now_s: int) -> Kept:
    """All that is owed is paid: the holder gave another way to pay, or a retry passed."""
    seen = kept.seen
    paid = tuple(replace(p, state="paid", at_s=now_s) if p.state == "open" else p for p in seen.payments)
    if paid == seen.payments:
        raise Declined("nothing is owed", where=seen.ref)
    return replace(
        kept,
        seen=replace(seen, status="active", failed_s=None, paid_until_s=seen.period_until_s, payments=paid),
    )


def retry(kept: Kept) -> Kept:
    """A retry that did not pass: nothing of what it tells is another."""
    if kept.seen.status not in ("past_due", "unpaid"):
        raise Declined("nothing is owed", where=kept.seen.ref)
    return kept


def give_up(kept: Kept, now_s: int, *, ends: bool) -> Kept:
    """The retries are over: it stays unpaid, or it ends."""
    if kept.seen.status not in ("past_due", "unpaid"):
        raise Declined("nothing is owed", where=kept.seen.ref)
    if ends:
        return replace(kept, seen=replace(kept.seen, status="canceled", ended_s=now_s))
    return replace(kept, seen=replace(kept.seen, status="unpaid"))


def change(kept: Kept, order: Order, when: When, now_s: int) -> Kept:
    """Another tier, interval, number of seats or price. At once the difference for the rest of the period is charged."""
    seen = _living(kept)
    if order.interval == "once":
        raise Declined("a purchase that is paid once does not change", where=seen.ref)
    same = (seen.tier, seen.interval, seen.seats, seen.unit_minor, seen.document) == (
        order.tier, order.interval, order.seats, order.unit_minor, order.document,
    )  # fmt: skip
    if when == "period_end" and seen.interval != "once":
        if same:
            return replace(kept, waits=None, seen=replace(seen, coming=None))
        coming = Coming(seen.period_until_s or now_s, order.tier, order.interval, order.seats, order.document)
        return replace(kept, waits=order, seen=replace(seen, coming=coming))
    if same:
        return kept
    before = kept
    kept = _become(kept, order)
    kept = replace(kept, seen=replace(kept.seen, cancel_at_s=None))
    if order.interval != before.seen.interval:  # another rhythm begins today
        until_s = turn(now_s, order.interval, 1)
        seen = replace(kept.seen, period_from_s=now_s, period_until_s=until_s, paid_until_s=until_s)
        kept = replace(kept, seen=seen, anchor_s=now_s, turned=1)
        due = _price(kept) - _rest(before, _price(before), now_s)
    else:
        due = _rest(kept, _price(kept) - _price(before), now_s)
    if due <= 0 or seen.status == "trialing":
        return kept
    return _add(kept, due, "paid", now_s, now_s, kept.seen.paid_until_s)


def cancel(kept: Kept, when: When, now_s: int) -> Kept:
    seen = _living(kept)
    if when == "now" or seen.interval == "once":
        return replace(kept, waits=None, seen=replace(seen, status="canceled", ended_s=now_s, coming=None))
    return replace(kept, waits=None, seen=replace(seen, cancel_at_s=seen.period_until_s, coming=None))


def resume(kept: Kept) -> Kept:
    return replace(kept, seen=replace(_living(kept), cancel_at_s=None, paused_s=None, resumes_s=None))


def pause(kept: Kept, now_s: int) -> Kept:
    return replace(kept, seen=replace(_living(kept), paused_s=now_s))


def refund(kept: Kept, ref: str, amount_minor: int | None, key: str, now_s: int) -> Kept:
    """Give back all or a part of a payment; the same key gives back once. A one-off purchase ends with all of it."""
    if key in kept.refunds:
        return kept
    found = payment(kept, ref)
    left = found.amount_minor - found.refunded_minor
    amount = left if amount_minor is None else amount_minor
    if found.dispute in ("open", "lost"):
        raise Declined("it was charged back: there is nothing to give back", where=ref)
    if found.state != "paid" or not 0 < amount <= left:
        raise Declined("there is not that much to give back", where=ref, mend=f"at most {left} of {found.currency}")
    kept = _replaced(kept, replace(found, refunded_minor=found.refunded_minor + amount, refunded_s=now_s))
    kept = replace(kept, refunds=(*kept.refunds, key))
    if kept.seen.interval == "once" and payment(kept, ref).refunded:
        kept = replace(kept, seen=replace(kept.seen, status="canceled", ended_s=now_s))
    return kept


def dispute(kept: Kept, ref: str, says: Dispute, now_s: int) -> Kept:
    """The holder's bank takes a payment back (`open`), and later says who was right."""
    found = payment(kept, ref)
    if found.state != "paid" or found.dispute not in (("",) if says == "open" else ("open",)):
        raise Declined("this payment cannot be disputed like that", where=ref)
    if says == "open":
        return _replaced(kept, replace(found, dispute="open", disputed_s=now_s))
    return _replaced(kept, replace(found, dispute=says, judged_s=now_s))


def sooner(kept: Kept, by_s: int) -> Kept:
    """The same subscription, begun so much earlier: every moment of it is put back."""
    if by_s <= 0:
        return kept
    return replace(kept, seen=_earlier(kept.seen, by_s), anchor_s=kept.anchor_s - by_s)


def turn(anchor_s: int, interval: str, n: int) -> int:
    """`n` intervals after the anchor, at the same day and time; a month that is too short turns on its last day."""
    then = datetime.fromtimestamp(anchor_s, UTC)
    year, month0 = divmod(then.year * 12 + then.month - 1 + n * (12 if interval == "year" else 1), 12)
    day = min(then.day, monthrange(year, month0 + 1)[1])
    return int(then.replace(year=year, month=month0 + 1, day=day).timestamp())


def payment(kept: Kept, ref: str) -> Payment:
    found = next((p for p in kept.seen.payments if p.ref == ref), None)
    if found is None:
        raise Declined("there is no such payment", where=ref)
    return found


# --- the parts -------------------------------------------------------------------------------------------------------


def _living(kept: Kept) -> Snapshot:
    if kept.seen.status in _OVER:
        raise Declined("it is over", where=kept.seen.ref)
    return kept.seen


def _become(kept: Kept, order: Order) -> Kept:
    seen = replace(
        kept.seen, tier=order.tier, interval=order.interval, seats=order.seats, unit_minor=order.unit_minor,
        document=order.document, coming=None,
    )  # fmt: skip
    return replace(kept, seen=seen, order=replace(order, id=kept.order.id), waits=None)


def _price(kept: Kept) -> int:
    return kept.seen.unit_minor * kept.seen.seats


def _rest(kept: Kept, amount_minor: int, now_s: int) -> int:
    """The part of an amount that is for what is left of the period, rounded once."""
    from_s, until_s = kept.seen.period_from_s, kept.seen.period_until_s
    if from_s is None or until_s is None or until_s <= from_s:
        return amount_minor
    left_s = max(0, min(until_s, until_s - now_s))
    return half_even(amount_minor * min(left_s, until_s - from_s), until_s - from_s)


def _charge(kept: Kept, state: PaymentState, at_s: int, from_s: int | None, until_s: int | None) -> Kept:
    """One period, less what the coupon takes off."""
    order, amount = kept.order, _price(kept)
    months = 12 if kept.seen.interval == "year" else 1
    if order.percent_off and (order.coupon_months is None or kept.discounted < order.coupon_months):
        amount -= half_even(amount * order.percent_off, 100)
        kept = replace(kept, discounted=kept.discounted + months)
    return _add(kept, amount, state, at_s, from_s, until_s)


def _add(kept: Kept, amount: int, state: PaymentState, at_s: int, from_s: int | None, until_s: int | None) -> Kept:
    made = Payment(
        ref=f"{kept.seen.ref}_{kept.charged + 1}", state=state, amount_minor=amount, currency=kept.seen.currency,
        at_s=at_s, from_s=from_s, until_s=until_s, attempted_s=at_s if state == "open" else None,
    )  # fmt: skip
    return replace(kept, charged=kept.charged + 1, seen=replace(kept.seen, payments=(made, *kept.seen.payments)))


def _replaced(kept: Kept, changed: Payment) -> Kept:
    payments = tuple(changed if p.ref == changed.ref else p for p in kept.seen.payments)
    return replace(kept, seen=replace(kept.seen, payments=payments))


def _earlier[T](value: T, by_s: int) -> T:
    """Every field of a value that is a moment, put back; also in what it holds."""
    moved: dict[str, Any] = {}
    for one in fields(value):  # type: ignore[arg-type]
        was = getattr(value, one.name)
        if one.name.endswith("_s") and was is not None:
            moved[one.name] = was - by_s
        elif one.name == "payments":
            moved[one.name] = tuple(_earlier(p, by_s) for p in was)
        elif one.name == "coming" and was is not None:
            moved[one.name] = _earlier(was, by_s)
    return replace(value, **moved)  # type: ignore[type-var]
