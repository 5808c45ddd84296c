"""How does the outbox become empty? Each endpoint by a thread of its own, one message after the other, until one fails.

At least once: a delivery is claimed before it is sent, so that two processes do not send it both; whoever dies with a
claim leaves it to expire, and it is sent again under the same id. What is not taken is tried again over five days, then
it is dead: kept, shown, and sent again on demand. An endpoint is never switched off: its owner is told that it fails.
"""

from __future__ import annotations

import logging
import threading
import time
from functools import partial

from django.db import close_old_connections, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from licet.portal import clock, config, events, mail, notices
from licet.portal.models import Account
from licet.portal.outgoing import endpoints, signing
from licet.portal.outgoing.models import Delivery, Endpoint, Message
from licet.portal.outgoing.post import Answer, post

# Five seconds, five minutes, half an hour … a day: the sum is a little over five days.
WAITS_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400, 86_400)
GIVE_UP_S = sum(WAITS_S)
TELL_AFTER = 5  # failures in a row; then the owner hears of it, once until it works again
CLAIM_S = 120
BUDGET_S = 15.0  # how long one thread goes on with one endpoint before others have their turn
AT_ONCE = 8
KEPT_S = 90 * 86_400

log = logging.getLogger("licet.webhooks")
_busy: set[str] = set()
_lock = threading.Lock()


def send_due() -> int:
    """Start a thread for each endpoint with something due, as long as there are few; how many. Never waits for one."""
    started = 0
    for name in due():
        with _lock:
            if name in _busy or len(_busy) >= AT_ONCE:
                continue
            _busy.add(name)
        threading.Thread(target=_alone, args=(name,), name=f"webhooks-{name}", daemon=True).start()
        started += 1
    return started


def due() -> list[str]:
    """The endpoints that something waits for now, the longest waiting first."""
    return list(dict.fromkeys(_waiting().order_by("next_s", "id").values_list("endpoint_id", flat=True)[:1_000]))


def empty(endpoint_id: str) -> int:
    """Send what is due for one endpoint until one fails or the time is up; how many were taken."""
    taken, began = 0, time.monotonic()
    while time.monotonic() - began < BUDGET_S:
        row = _claimed(endpoint_id)
        if row is None:
            break
        now = clock.now_s()
        body = row.message.body.encode()
        signed = signing.headers(row.message_id, now, body, endpoints.secrets(row.endpoint, now))
        answer = post(row.endpoint.url, signed, body)
        _noted(row, answer)
        if not answer.taken:
            break
        taken += 1
    return taken


def forget() -> int:
    """Remove what was sent, or given up, long ago; how many messages."""
    before = clock.now_s() - KEPT_S
    with transaction.atomic():
        old = Message.objects.filter(at_s__lt=before).exclude(deliveries__state=Delivery.State.WAITS)
        ids = list(old.values_list("pk", flat=True)[:5_000])
        Delivery.objects.filter(message__in=ids).delete()
        Message.objects.filter(pk__in=ids).delete()
    return len(ids)


def _waiting() -> QuerySet[Delivery]:
    """What may be sent now: due, claimed by nobody, for an endpoint that is neither paused nor removed."""
    now = clock.now_s()
    rows = Delivery.objects.filter(state=Delivery.State.WAITS, next_s__lte=now, claimed_s__lte=now)
    return rows.filter(endpoint__paused_s=None, endpoint__removed_s=None)


def _alone(endpoint_id: str) -> None:
    close_old_connections()
    try:
        empty(endpoint_id)
    except Exception:  # whatever it is: the claim expires, and the next run tries again
        log.exception("webhooks for %s stopped", endpoint_id)
    finally:
        connection.close()
        with _lock:
            _busy.discard(endpoint_id)


def _claimed(endpoint_id: str) -> Delivery | None:
    """The next that is due, ours for a while. What was never tried comes first: one that nobody takes stops no other."""
    with transaction.atomic():  # IMMEDIATE: of two processes the second does not see it as free
        row = (
            _waiting()
            .filter(endpoint=endpoint_id)
            .select_related("message", "endpoint__holder")
            .order_by("tries", "id")
            .first()
        )
        if row is not None:
            row.claimed_s = clock.now_s() + CLAIM_S
            row.save(update_fields=["claimed_s"])
    return row


def _noted(row: Delivery, answer: Answer) -> None:
    """What came of it; and where it changes what is to be said of the endpoint, that."""
    now = clock.now_s()
    with transaction.atomic():
        row.tries, row.tried_s, row.claimed_s = row.tries + 1, now, 0
        row.status, row.error, row.took_ms = answer.status, answer.error, answer.took_ms
        endpoint = Endpoint.objects.select_for_update().get(pk=row.endpoint_id)
        if answer.taken:
            row.state = Delivery.State.TAKEN
            _works(endpoint, now)
        else:
            late = row.queued_s <= now - GIVE_UP_S or row.tries > len(WAITS_S)
            row.state = Delivery.State.DEAD if late else Delivery.State.WAITS
            row.next_s = now + _pause_s(row.tries, answer)
            _fails(endpoint, now, row, answer)
        row.save()
    if not answer.taken:
        log.warning(
            "%s %s to %s: %s (attempt %d)", row.message_id, row.message.type, row.endpoint_id, answer.error, row.tries
        )


def _pause_s(failures: int, answer: Answer) -> int:
    """How long to wait after so many failures; up to a tenth more, so that not all of a storm come back at once."""
    wait_s = WAITS_S[min(failures, len(WAITS_S)) - 1]
    return max(wait_s + int.from_bytes(clock.dice(2)) * wait_s // 655_360, min(answer.retry_s, WAITS_S[-1]))


def _works(endpoint: Endpoint, now: int) -> None:
    told = endpoint.told_s
    endpoint.ok_s, endpoint.failures, endpoint.failing_since_s, endpoint.told_s = now, 0, None, None
    endpoint.save(update_fields=["ok_s", "failures", "failing_since_s", "told_s"])
    if told is not None:
        events.record("endpoint.works", events.LICET, endpoint.holder, endpoint=endpoint.pk)


def _fails(endpoint: Endpoint, now: int, row: Delivery, answer: Answer) -> None:
    """Whatever else waits for it waits too, longer each time, and what waited for days is given up with the rest."""
    endpoint.failures += 1
    waiting = Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.WAITS).exclude(pk=row.pk)
    waiting.filter(queued_s__lte=now - GIVE_UP_S).update(state=Delivery.State.DEAD, error=answer.error)
    until = now + _pause_s(endpoint.failures, answer)
    waiting.filter(next_s__lt=until).update(next_s=until)
    endpoint.failing_since_s = endpoint.failing_since_s or now
    if endpoint.told_s is None and (endpoint.failures >= TELL_AFTER or row.state == Delivery.State.DEAD):
        endpoint.told_s = now
        events.record("endpoint.failing", events.LICET, endpoint.holder, endpoint=endpoint.pk)
        transaction.on_commit(partial(_tell, endpoint.pk, answer=row.error))
    endpoint.save(update_fields=["failures", "failing_since_s", "told_s"])


def _tell(endpoint_id: str, answer: str) -> None:
    """To whoever owns it: it fails, since when, and where to look. Operators hear of their own."""
    endpoint = Endpoint.objects.select_related("holder__account").get(pk=endpoint_id)
    if endpoint.holder is None:
        to = list(Account.objects.filter(is_operator=True, is_active=True).values_list("email", flat=True))
    else:
        to = notices.of(endpoint.holder)
    url = f"{config.current().url}{page(endpoint)}"
    mail.send(_("A webhook is not taken"), "webhook", to, {"endpoint": endpoint, "answer": answer, "url": url})


def page(endpoint: Endpoint) -> str:
    """Where its owner looks after it."""
    if endpoint.holder is None:
        return f"/admin/outgoing/endpoint/{endpoint.pk}/change/"
    if endpoint.holder.account is None:
        return f"/my/organizations/{endpoint.holder_id}/webhooks/{endpoint.pk}"
    return f"/my/webhooks/{endpoint.pk}"
