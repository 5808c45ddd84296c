"""Who pays another price, and from when? Whoever was moved to a document with another price, after his notice.

`licet publish --move TIER` moves holders to the newest terms. The price they pay stays what it was until they were told
and the release's days of notice are over; then the next period is the first at the new price. Nobody is charged more
before he could leave.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from licet.errors import LicetError
from licet.portal import clock, config, documents, events, mail, notices
from licet.portal.pages import words
from licet.portal.payments import fetching, offer, providers
from licet.portal.payments.models import Subscription
from licet.portal.payments.offer import Chosen, coin_words
from licet.portal.payments.telling import page

log = logging.getLogger("licet.payments")
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class NewPrice:
    """`from_s` is the first period's beginning at the new price, as far as it is known now."""

    chosen: Chosen
    document: str
    told_s: int | None
    from_s: int


def coming(row: Subscription) -> NewPrice | None:
    """The price that a holder will pay and does not yet; None where it stays what it is."""
    if not row.moved_to or row.interval == "once" or row.surplus_s is not None or row.status == "canceled":
        return None
    release = documents.read(row.moved_to)
    try:
        chosen = offer.choose(release, row.tier, row.interval, row.seats, tried=True)
    except LicetError:
        return None  # no longer sold like that: whoever has it keeps it at the price he pays
    if chosen.unit_minor == row.unit_minor or row.period_until_s is None:
        return None
    told_s = row.told.get(_key(row))
    ends_s = (told_s if told_s is not None else clock.now_s()) + release.notice_days * DAY_S
    from_s = row.period_until_s
    while from_s < ends_s:
        from_s = _next(from_s, row.interval)
    return NewPrice(chosen, row.moved_to, told_s, from_s)


def follow() -> int:
    """Tell who was not told, and ask the provider for the new price where its period is the next; how many were asked."""
    asked = 0
    for row in Subscription.objects.exclude(moved_to="").select_related("holder__account"):
        new = coming(row)
        if new is None or row.cancel_at_s is not None:
            continue
        if new.told_s is None:
            _tell(row, new)
        elif new.from_s == row.period_until_s and row.coming is None:
            asked += _ask(row, new)
    return asked


def _ask(row: Subscription, new: NewPrice) -> bool:
    provider = providers.named(row.provider)
    if provider is None:
        return False
    order = offer.order(new.chosen, clock.new_id("ord"), row.holder_id, documents.read(new.document), row.customer)
    try:
        provider.change(row.ref, order, "period_end")
        fetching.refresh(provider, row.ref, events.LICET)
    except LicetError as error:
        log.warning("%s %s did not get its new price: %s", row.provider, row.ref, error)
        return False
    return True


def _tell(row: Subscription, new: NewPrice) -> None:
    context = {
        "row": row, "was": coin_words(row.unit_minor * row.seats, row.currency),
        "will": coin_words(new.chosen.each_minor, row.currency), "day": words.day(new.from_s),
        "url": f"{config.current().url}{page(row)}",
    }  # fmt: skip
    subject = _("A new price for %(tier)s of %(release)s") % {"tier": row.tier, "release": row.release}
    if mail.send(subject, "price", notices.of(row.holder), context):
        with transaction.atomic():  # others note in the same place what they told
            now = Subscription.objects.select_for_update().get(pk=row.pk)
            row.told = now.told = {**now.told, _key(row): clock.now_s()}
            now.save(update_fields=["told"])


def _key(row: Subscription) -> str:
    return f"price:{row.moved_to[:16]}"


def _next(at_s: int, interval: str) -> int:
    from licet.portal.payments.sandbox.machine import turn

    return turn(at_s, interval, 1)
