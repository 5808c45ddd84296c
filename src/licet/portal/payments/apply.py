"""What follows from a subscription as it was fetched? The only writer of what money changes, in one transaction.

The tier held, its timed standing rows, the change that the gate follows, the payments and the events: all or none. The
same snapshot again changes nothing; one that was asked for before another that was applied already is dropped
(`turns.py`). So order, doubles and losses of events cannot matter: the last fetch is the state.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from django.db import transaction

from licet.portal import clock, documents, events, readmodel, tiers
from licet.portal.certificates import bought
from licet.portal.events import By
from licet.portal.models import Document, Held, Holder
from licet.portal.payments import life
from licet.portal.payments.life import Stage
from licet.portal.payments.models import Customer, OrderRow, PaymentRow, Subscription
from licet.portal.payments.port import Payment, Snapshot

_NEVER_BEGUN = ("incomplete", "incomplete_expired")


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it. `stale`: a fetch that was asked for later was applied before; nothing was written."""

    subscription: Subscription
    changed: bool
    stale: bool = False


@transaction.atomic
def apply(seen: Snapshot, by: By, turn: int) -> Applied | None:
    """Write what a fetched subscription means. `turn` was drawn before the fetch was sent (`turns.draw`).

    None for one that belongs to no holder of ours (its metadata name nobody): it is none of our business.
    """
    row = Subscription.objects.select_for_update().filter(provider=seen.provider, ref=seen.ref).first()
    if row is not None and turn < row.turn:
        return Applied(row, changed=False, stale=True)
    holder = row.holder if row is not None else Holder.objects.filter(pk=seen.holder_id).first()
    if holder is None:
        return None
    new = row is None
    if row is None:
        row = Subscription(provider=seen.provider, ref=seen.ref, holder=holder, release=seen.release)
    before = None if new else _state(row)
    _write(row, seen)
    row.turn, row.checked_s, row.gone_s = turn, clock.now_s(), None
    row.save()
    paid = _payments(row, seen, by)
    changed = before != _state(row)
    if changed:
        row.applied_s = clock.now_s()
    if changed or paid:
        row.news_s = 0
    row.save()
    _order_paid(row)
    if changed:
        _tell(row, before, by)
    held = False
    for one in _one_lives(row, by):
        held = _hold(one, by) or held
        bought.follow(one, by)
    if held or changed or paid:
        readmodel.restate(row.holder, row.release)
        transaction.on_commit(partial(_mail, row.pk), robust=True)
    return Applied(row, held or changed or paid)


def _mail(number: int) -> None:
    """At once; what does not go now is sent by the chore that looks for what was not told."""
    from licet.portal.payments import telling

    telling.tell_of(number)


def stages(row: Subscription) -> tuple[Stage, ...]:
    """The life that was written with the last snapshot."""
    return tuple(Stage(**told) for told in row.life)


def grace_days(document: str, tier: str) -> int:
    """Those of the tier in the document it was bought at."""
    found = documents.read(document).tier(tier)
    return found.grace_days if found else 0


def _write(row: Subscription, seen: Snapshot) -> None:
    ordered = OrderRow.objects.filter(pk=seen.order).first() if seen.order else None
    document = _document(row, seen, ordered.document if ordered else "")
    if (row.tier, row.document) != (seen.tier, document):
        row.moved_to = ""  # bought anew: what it was moved to before says nothing of it
    row.tier, row.document = seen.tier, document
    row.customer, row.order = seen.customer, seen.order or row.order
    row.interval, row.seats, row.unit_minor, row.currency = seen.interval, seen.seats, seen.unit_minor, seen.currency
    row.status, row.started_s = seen.status, seen.started_s
    row.period_from_s, row.period_until_s = seen.period_from_s, seen.period_until_s
    row.paid_until_s, row.trial_until_s = seen.paid_until_s, seen.trial_until_s
    row.cancel_at_s, row.ended_s, row.paused_s = seen.cancel_at_s, seen.ended_s, seen.paused_s
    row.coming = asdict(seen.coming) if seen.coming else None
    row.first_failure_s = life.owed_since(seen, row.first_failure_s)
    course = life.stages(seen, grace_days(row.at, seen.tier), row.first_failure_s)
    row.life = [asdict(stage) for stage in course]
    if seen.customer:
        Customer.objects.get_or_create(
            provider=seen.provider, ref=seen.customer, defaults={"holder": row.holder, "made_s": seen.started_s}
        )


def _document(row: Subscription, seen: Snapshot, ordered: str) -> str:
    """The document it was bought at; the newest, where that is unknown here or has no such tier."""
    for named in (seen.document, row.document, ordered):
        if named and Document.objects.filter(sha256=named).exists() and documents.read(named).tier(seen.tier):
            return named
    return documents.in_force(row.release).sha256


def _state(row: Subscription) -> dict[str, Any]:
    names = (
        "customer", "tier", "document", "interval", "seats", "unit_minor", "currency", "status", "started_s",
        "period_from_s", "period_until_s", "paid_until_s", "trial_until_s", "cancel_at_s", "ended_s", "paused_s",
        "first_failure_s", "coming", "life",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


# --- the tier that it pays for ---------------------------------------------------------------------------------------


def _one_lives(row: Subscription, by: By) -> list[Subscription]:
    """This one and the others whose place it changed: of several that live, the first begun pays for the tier.

    The others were bought by mistake (two tabs); `undo.py` ends them at the provider and pays them back.
    """
    same = Subscription.objects.filter(holder=row.holder, release=row.release).exclude(pk=row.pk)
    living = sorted((one for one in (row, *same) if lives(one)), key=lambda one: (one.started_s, one.provider, one.ref))
    touched = [row]
    for n, one in enumerate(living):
        if (one.surplus_s is not None) == (n > 0):
            continue
        one.surplus_s = clock.now_s() if n else None
        one.save(update_fields=["surplus_s"])
        if n:
            events.record("subscription.surplus", by, one.holder, one.release, tier=one.tier, subscription=one.ref)
        if one is not row:
            touched.append(one)
    return sorted(touched, key=lambda one: one.surplus_s is None)  # first what is put aside, then what takes its place


def lives(row: Subscription) -> bool:
    """Does it go on? Not where the money went back for good, whatever the provider goes on saying (`undo.py` tells it)."""
    over_s = life.end_s(stages(row))
    on = over_s is None or over_s > clock.now_s()
    return on and row.status not in (*_NEVER_BEGUN, "canceled") and row.gone_s is None


def _hold(row: Subscription, by: By) -> bool:
    """The tier held follows the life. False where nothing of it changed."""
    if row.holder.deleted_s is not None:
        return False
    course, now = stages(row), clock.now_s()
    held, end_s = row.held, life.end_s(course)
    if not course or (end_s is not None and end_s <= now) or row.surplus_s is not None:
        return held is not None and held.ended_s is None and _close(held, end_s, now)
    if held is not None and held.ended_s is None and (held.tier, held.document) == (row.tier, row.at):
        if held.until_s == end_s:
            return False
        held.until_s = end_s
        held.save(update_fields=["until_s"])
        return True
    if held is not None and held.ended_s is not None and not _anew(row, held):
        return False  # an operator gave another tier in its place: his word stands until something else is bought
    row.held = tiers.give(
        row.holder, row.release, row.tier, by, until_s=end_s, why="paid", document=row.at, bought=True
    )  # fmt: skip
    row.save(update_fields=["held"])
    return True


def _anew(row: Subscription, held: Held) -> bool:
    """Is it to be held again: because it became something else, or lives on after it had ended by itself?"""
    ended_by_itself = held.until_s is not None and held.ended_s is not None and held.ended_s >= held.until_s
    return ended_by_itself or (held.tier, held.document) != (row.tier, row.at)


def _close(held: Held, end_s: int | None, now_s: int) -> bool:
    """It is over: what was held ends at that moment, and the first tier follows it (`readmodel.rows`)."""
    over_s = now_s if end_s is None else max(min(end_s, now_s), held.from_s)
    if held.until_s is not None and (held.until_s == over_s or (end_s is None and held.until_s <= now_s)):
        return False
    held.until_s = over_s
    held.save(update_fields=["until_s"])
    return True


def _order_paid(row: Subscription) -> None:
    if row.order and row.status not in _NEVER_BEGUN:
        OrderRow.objects.filter(pk=row.order).exclude(state=OrderRow.State.PAID).update(
            state=OrderRow.State.PAID, closed_s=clock.now_s()
        )


# --- the payments ----------------------------------------------------------------------------------------------------


def _payments(row: Subscription, seen: Snapshot, by: By) -> bool:
    """Keep the payments as they are now; did any change?"""
    known = {
        p.ref: p for p in PaymentRow.objects.filter(provider=seen.provider, ref__in=[p.ref for p in seen.payments])
    }
    changed = False
    for payment in reversed(seen.payments):  # oldest first: events in the order in which they came about
        told = asdict(payment)
        kept = known.get(payment.ref)
        if payment.dispute in ("won", "lost") and payment.judged_s is None:  # not every provider tells when
            noted_s = kept.judged_s if kept is not None and kept.dispute == payment.dispute else None
            told["judged_s"] = noted_s or clock.now_s()
        if kept is not None and all(getattr(kept, name) == value for name, value in told.items()):
            continue
        before = kept.state if kept else ""
        now = kept or PaymentRow(provider=seen.provider, subscription=row)
        was = Payment(**{name: getattr(kept, name) for name in told}) if kept else None
        for name, value in told.items():
            setattr(now, name, value)
        now.save()
        _tell_payment(row, payment, was, before, by)
        changed = True
    return changed


def _tell_payment(row: Subscription, now: Payment, was: Payment | None, before: str, by: By) -> None:
    def note(what: str, after: str) -> None:
        events.record(what, by, row.holder, row.release, tier=row.tier, payment=now.ref, before=before, after=after,
                      amount_minor=now.amount_minor, refunded_minor=now.refunded_minor, currency=now.currency)  # fmt: skip

    if now.state == "paid" and before != "paid" and now.amount_minor:
        note("payment.paid", "paid")
    if now.state in ("open", "failed") and now.attempted_s is not None and (was is None or was.attempted_s is None):
        note("payment.failed", now.state)
    if now.refunded_minor > (was.refunded_minor if was else 0):
        note("payment.refunded", "refunded")
    if now.dispute and now.dispute != (was.dispute if was else ""):
        note("payment.disputed", now.dispute)


def _tell(row: Subscription, before: dict[str, Any] | None, by: By) -> None:
    """One row of the chain for what changed in what is bought."""
    what = "subscription.begun" if before is None else "subscription.changed"
    if row.status in ("canceled", "incomplete_expired") and before is not None and before["status"] != row.status:
        what = "subscription.ended"
    events.record(what, by, row.holder, row.release, tier=row.tier, document=row.document, subscription=row.ref,
                  before=before["status"] if before else "", after=row.status,
                  until_s=life.end_s(stages(row)))  # fmt: skip
