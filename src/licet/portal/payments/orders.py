"""How is something bought, changed, left? Checked and written here, then asked of the provider, then fetched anew.

A double click finds the order that is open and leads to the same checkout. Another order in another tab shuts the
checkout of the one before first. Whoever has something that lives does not buy again: what he has is changed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from django.db import transaction

from licet.errors import LicetError
from licet.portal import clock, documents, events, notices, tiers
from licet.portal.config import current
from licet.portal.events import By
from licet.portal.models import Holder
from licet.portal.payments import fetching, offer, providers
from licet.portal.payments.apply import lives
from licet.portal.payments.models import Customer, OrderRow, Subscription
from licet.portal.payments.offer import Chosen
from licet.portal.payments.port import Checkout, NoCustomer, Order, Provider, Unreachable, When
from licet.release.release import Release


class Over(LicetError):
    """There is nothing left to end."""


NEVER_BEGUN = ("incomplete", "incomplete_expired")


def living(holder: Holder, release: str) -> Subscription | None:
    """What the holder has bought of this release and what still goes on: the one that pays for its tier."""
    rows = Subscription.objects.filter(holder=holder, release=release, surplus_s=None)
    return next((row for row in rows.order_by("started_s", "id") if lives(row)), None)


def choose(holder: Holder, release: str, tier: str, interval: str = "", seats: int = 1, coupon: str = "") -> Chosen:
    """What is on offer to this holder now, by the newest document. LicetError for what is not."""
    tried = Subscription.objects.filter(holder=holder, release=release, trial_until_s__isnull=False).exists()
    approved = tiers.approved(holder, release, tier)
    chosen = offer.choose(documents.in_force(release), tier, interval, seats, coupon, tried=tried, approved=approved)
    _seated(holder, chosen)
    return chosen


def begin(holder: Holder, release: str, chosen: Chosen, by: By, *, back: str) -> str:
    """Open the provider's page for a purchase: its address. `back` is the path to return to.

    LicetError where something is held already; `Unreachable` where the provider does not answer: nothing was charged.
    """
    provider = _provider()
    document = documents.in_force(release)
    if holder.deleted_s is not None or holder.suspended_s is not None:
        raise LicetError("this account cannot buy anything now")
    if living(holder, release) is not None:
        raise LicetError("something is bought already", mend="change it on the page of your tier")
    row, left = _open(holder, document, chosen, provider, by)
    if left is not None and _leave(provider, left, by) == "complete":
        raise LicetError("it was bought in another tab just now", mend="the page of your tier shows it")
    if row.url:
        found = provider.checked_out(row.checkout)
        if found.state == "open":
            return row.url
        _settle(row, found, provider, by)
        if found.state == "complete":
            raise LicetError("it is bought already", mend="the page of your tier shows it")
        return begin(holder, release, chosen, by, back=back)
    made = _checkout(provider, offer.order(chosen, row.pk, holder.pk, document), holder, back)
    OrderRow.objects.filter(pk=row.pk).update(checkout=made.ref, url=made.url)
    return made.url


def done(row: OrderRow, by: By) -> str:
    """What became of an order, asked of the provider: `open`, `complete` or `expired`. What was bought is applied."""
    provider = providers.named(row.provider)
    if provider is None or not row.checkout:
        return "expired"
    found = provider.checked_out(row.checkout)
    _settle(row, found, provider, by)
    return found.state


def change(row: Subscription, chosen: Chosen, by: By) -> When:
    """Another tier, interval or number of seats of what is bought: more begins at once, less at the end of what was paid.

    LicetError where a payment is owed first, where it cannot become that, or nothing would change.
    """
    provider = _provider_of(row)
    document = documents.in_force(row.release)
    more = is_more(row, chosen)
    order = offer.order(chosen, clock.new_id("ord"), row.holder_id, document, row.customer)
    when: When = "now" if more else "period_end"
    try:
        provider.change(row.ref, order, when)
    except LicetError:
        with suppress(LicetError):  # what was refused, or never answered: the page shows how it is, not how it was
            fetching.refresh(provider, row.ref, by)
        raise
    fetching.refresh(provider, row.ref, by)
    return when


def is_more(row: Subscription, chosen: Chosen) -> bool:
    """Would the change begin at once? LicetError where there is no such change."""
    if row.first_failure_s is not None:
        raise LicetError("a payment is owed", mend="pay it first; then change what you have")
    same = (chosen.tier.name, chosen.interval, chosen.seats) == (row.tier, row.interval, row.seats)
    if same and row.coming is None and chosen.unit_minor == row.unit_minor:
        raise LicetError("that is what you have")
    if row.interval == "once":
        raise LicetError(f"{row.tier} was bought once, for good", mend="write to the licensor to have another tier")
    then = "cancel what you have, and buy the other when the time you paid for is over"
    if chosen.interval == "once":
        raise LicetError(f"{row.tier} is renewed, and {chosen.tier.name} is bought once", mend=then)
    if chosen.price.currency != row.currency:
        raise LicetError(f"{row.tier} is paid in {row.currency}, the other in {chosen.price.currency}", mend=then)
    more = not same and offer.is_more(chosen, row.unit_minor, row.interval, row.seats)
    if row.cancel_at_s is not None and not more:  # two requests: between them a bill could come that nobody wanted
        raise LicetError(f"{row.tier} is cancelled", mend="take the cancellation back first, then change it")
    return more


def ends_at_once(row: Subscription) -> bool:
    """Is there no paid time left to keep? Whoever owes and leaves is not held below the first tier for a period."""
    return row.first_failure_s is not None and (row.paid_until_s or 0) <= clock.now_s()


def cancel(row: Subscription, by: By, when: When = "period_end") -> None:
    """End it: what was paid is kept to its end. `now` is the operator's, and gives nothing back by itself."""
    provider = _provider_of(row)
    provider.cancel(row.ref, "now" if ends_at_once(row) else when)
    fetching.refresh(provider, row.ref, by)


def resume(row: Subscription, by: By) -> None:
    """Take the cancellation back."""
    provider = _provider_of(row)
    provider.resume(row.ref)
    fetching.refresh(provider, row.ref, by)


def refund(row: Subscription, payment: str, amount_minor: int | None, by: By, *, key: str, and_end: bool) -> None:
    """Give a payment back, all or in part; `and_end` ends what it paid for at once. `key` makes a double click one."""
    provider = _provider_of(row)
    paid = row.payments.filter(ref=payment).first()
    if paid is None:
        raise LicetError("there is no such payment", where=payment)
    if paid.dispute in ("open", "lost"):
        raise LicetError("the bank has this money: it would be given back twice", where=payment)
    provider.refund(payment, amount_minor, key)
    if and_end and row.interval != "once":
        provider.cancel(row.ref, "now")
    fetching.refresh(provider, row.ref, by)


def _seated(holder: Holder, chosen: Chosen) -> None:
    """Nobody loses his place by a purchase. LicetError where an organization has more members than seats."""
    from licet.portal.organizations import seats
    from licet.portal.organizations.models import Organization

    found = Organization.objects.filter(holder=holder).first()
    most = chosen.seats if chosen.tier.per_seat else chosen.tier.seats
    taken = seats.taken(found) if found is not None else 0
    if most is not None and taken > most:
        raise LicetError(
            f"there are {taken} members and {most} seats", mend="take more seats, or end memberships first"
        )


# --- the parts -------------------------------------------------------------------------------------------------------


@transaction.atomic
def _open(
    holder: Holder, document: Release, chosen: Chosen, provider: Provider, by: By
) -> tuple[OrderRow, OrderRow | None]:
    """(the open order for this purchase, the one that it takes the place of). One of a holder and release is open."""
    now = OrderRow.objects.select_for_update().filter(
        holder=holder, release=document.name, state=OrderRow.State.OPEN
    ).first()  # fmt: skip
    code = chosen.coupon.code if chosen.coupon else ""
    wanted = {
        "provider": provider.name, "document": document.sha256, "tier": chosen.tier.name, "interval": chosen.interval,
        "seats": chosen.seats, "unit_minor": chosen.unit_minor, "currency": chosen.price.currency,
        "trial_days": chosen.trial_days, "coupon": code,
    }  # fmt: skip
    if now is not None and all(getattr(now, name) == value for name, value in wanted.items()):
        return now, None
    if now is not None:
        _close(now, OrderRow.State.LEFT, by)
    made = OrderRow.objects.create(holder=holder, release=document.name, by=by.who, **wanted)
    events.record("order.made", by, holder, document.name, order=made.pk, tier=made.tier, document=made.document,
                  interval=made.interval, seats=made.seats, amount_minor=chosen.each_minor, currency=made.currency)  # fmt: skip
    return made, now if now is not None and now.checkout else None


def _leave(provider: Provider, left: OrderRow, by: By) -> str:
    """Nobody shall pay for an order that was left: its checkout is shut, or found to have been paid."""
    if left.provider != provider.name:
        return "expired"
    provider.expire(left.checkout)
    found = provider.checked_out(left.checkout)
    if found.state == "complete":
        _settle(left, found, provider, by)
    return found.state


@transaction.atomic
def _close(row: OrderRow, state: OrderRow.State, by: By) -> None:
    row.state, row.closed_s = state, clock.now_s()
    row.save(update_fields=["state", "closed_s"])
    if state == OrderRow.State.LEFT:
        events.record("order.left", by, row.holder, row.release, order=row.pk, tier=row.tier)


def _settle(row: OrderRow, found: Checkout, provider: Provider, by: By) -> None:
    if found.state == "complete" and found.subscription:
        fetching.refresh(provider, found.subscription, by)
        OrderRow.objects.filter(pk=row.pk).exclude(state=OrderRow.State.PAID).update(
            state=OrderRow.State.PAID, closed_s=clock.now_s()
        )
    elif found.state == "expired" and row.state == OrderRow.State.OPEN:
        _close(row, OrderRow.State.LEFT, by)


def _checkout(provider: Provider, order: Order, holder: Holder, back: str) -> Checkout:
    """Ask for the page. A customer that was deleted at the provider is forgotten, and the holder becomes a new one."""
    url = current().url
    urls = {"done_url": f"{url}/my/payments/done?order={order.id}", "back_url": f"{url}{back}"}
    known = replace(order, customer=_customer(holder, provider), email=_email(holder))
    try:
        return provider.checkout(known, **urls)
    except NoCustomer:
        gone = Customer.objects.filter(provider=provider.name, ref=known.customer)
        gone.update(gone_s=clock.now_s())
        return provider.checkout(replace(known, customer=""), **urls)


def _customer(holder: Holder, provider: Provider) -> str:
    rows = Customer.objects.filter(provider=provider.name, holder=holder, gone_s=None)
    return rows.order_by("-made_s").values_list("ref", flat=True).first() or ""


def _email(holder: Holder) -> str:
    return next(iter(notices.of(holder)), "")


def _provider() -> Provider:
    found = providers.selling()
    if found is None:
        raise LicetError(
            "nothing is sold here", mend="the operator gives the tier: write to the contact of the release"
        )
    return found


def _provider_of(row: Subscription) -> Provider:
    found = providers.named(row.provider)
    if found is None:
        raise Unreachable(f"the provider `{row.provider}` is not set up here any more", mend="write to the operator")
    return found


__all__ = [
    "Over",
    "begin",
    "cancel",
    "change",
    "choose",
    "done",
    "ends_at_once",
    "is_more",
    "living",
    "refund",
    "resume",
]
