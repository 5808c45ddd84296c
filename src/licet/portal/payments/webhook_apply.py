"""What follows from the events that were kept? Each object is fetched anew and applied, after Stripe had its answer.

One at a time in this process, so that a flood of events costs one thread. What fails waits longer each time; what was
left when the process ended is done after the next start. Done twice is as done once (`turns.py`).
"""

from __future__ import annotations

import logging
import threading
from typing import Protocol, cast

from django.db import connection
from django.db.models import F

from licet.errors import LicetError
from licet.portal import clock, events
from licet.portal.payments import fetching, orders, providers
from licet.portal.payments.models import Customer, OrderRow, Subscription, WebhookEvent
from licet.portal.payments.port import Provider

log = logging.getLogger("licet.payments")
_KEPT_S = 90 * 86_400  # Stripe sends an event for days at most; a replay of an older one is stale anyway
_LONGEST_S = 3_600
_GIVE_UP = 60  # tries: about two days; the nightly reconcile has seen it by then


class Heard(Provider, Protocol):
    """A provider that sends events: it can say what an object of his is about."""

    def owner(self, about: str) -> str:
        """The subscription or one-off purchase that an object belongs to; "" for none of ours."""

    def has_customer(self, customer: str) -> bool:
        """Does the provider still have him?"""


at_once = True  # a test that applies events itself turns it off
_busy = threading.Lock()
_more = threading.Event()


def wake() -> None:
    """Apply what waits, now and beside the request. Does nothing where that is being done."""
    _more.set()
    if at_once and not _busy.locked():
        threading.Thread(target=_work, name="licet-webhooks", daemon=True).start()


def due() -> int:
    """Apply every event whose time has come, oldest first; how many were. The chore that catches up calls it, too.

    Many events tell of one thing: they were all kept before it is fetched, so it is fetched once for all of them.
    """
    rows = list(WebhookEvent.objects.filter(done_s=None, next_s__lte=clock.now_s()).order_by("id")[:500])
    fetched: set[str] = set()
    done = 0
    for name, about in dict.fromkeys((row.provider, row.about) for row in rows):
        provider = providers.named(name)
        if provider is None:
            continue  # not set up here now: it waits until it is
        wrong = _wrong(cast(Heard, provider), about, fetched)
        same = [row for row in rows if (row.provider, row.about) == (name, about)]
        if not wrong:
            done += WebhookEvent.objects.filter(pk__in=[row.pk for row in same]).update(done_s=clock.now_s(), wrong="")
        for row in same if wrong else ():
            _later(row, wrong)
    return done


def forget() -> int:
    """Remove what was done long ago; how many."""
    old = WebhookEvent.objects.filter(done_s__lt=clock.now_s() - _KEPT_S)
    return old.delete()[0]


def _work() -> None:
    if not _busy.acquire(blocking=False):
        return
    try:
        while _more.is_set():
            _more.clear()
            while due():
                pass
    except Exception:  # the chore tries again
        log.exception("events of the provider could not be applied")
    finally:
        _busy.release()
        connection.close()  # this thread's own


def _wrong(provider: Heard, about: str, fetched: set[str]) -> str:
    """Fetch what an event is about; "" where that went well."""
    try:
        _apply(provider, about, fetched)
    except LicetError as error:
        return str(error)
    except Exception as error:  # whatever it is, the other events are not kept from it
        log.exception("what is known of %s could not be applied", about)
        return type(error).__name__
    return ""


def _apply(provider: Heard, about: str, fetched: set[str]) -> None:
    if about.startswith("cus_"):
        _lost(provider, about)
        return
    if about.startswith("cs_"):
        for row in OrderRow.objects.filter(provider=provider.name, checkout=about):
            orders.done(row, events.LICET)
    ref = provider.owner(about)
    if ref and ref not in fetched:
        fetching.refresh(provider, ref)
        fetched.add(ref)


def _lost(provider: Heard, customer: str) -> None:
    """A customer is said to be deleted, and all that he had with him."""
    if provider.has_customer(customer):
        return
    for row in Subscription.objects.filter(provider=provider.name, customer=customer, gone_s=None):
        fetching.refresh(provider, row.ref)
    Customer.objects.filter(provider=provider.name, ref=customer, gone_s=None).update(gone_s=clock.now_s())


def _later(row: WebhookEvent, words: str) -> None:
    tries = row.tries + 1
    over = clock.now_s() if tries >= _GIVE_UP else None
    WebhookEvent.objects.filter(pk=row.pk).update(
        tries=F("tries") + 1,
        next_s=clock.now_s() + min(2 ** min(tries, 20), _LONGEST_S),
        wrong=words[:500],
        done_s=over,
    )
