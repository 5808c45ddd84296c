"""Which servers are told? Set up, changed, rotated, paused and removed: each is one transaction and one event."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from licet.access.key import Secret
from licet.errors import LicetError, closest
from licet.portal import clock, data_folder, events
from licet.portal.community import text
from licet.portal.config import current
from licet.portal.events import By
from licet.portal.models import Holder
from licet.portal.outgoing import catalog, outbox, post, signing
from licet.portal.outgoing.models import Delivery, Endpoint

MOST = 20  # endpoints of one holder
OVERLAP_S = 24 * 3600
AGAIN_S = 60


def of(holder: Holder | None) -> list[Endpoint]:
    """A holder's endpoints, or the operator's; the oldest first."""
    return list(Endpoint.objects.filter(holder=holder, removed_s=None).order_by("made_s", "id"))


def secrets(endpoint: Endpoint, now_s: int) -> list[Secret]:
    """What a message is signed with now: the secret in force, and while a rotation overlaps the one before."""
    numbers = [endpoint.secret_n]
    if endpoint.before_until_s is not None and now_s < endpoint.before_until_s:
        numbers.append(endpoint.secret_n - 1)
    master = bytes.fromhex(data_folder.secret(current().data, "webhooks.key"))
    return [signing.secret(master, endpoint.pk, n) for n in numbers]


@transaction.atomic
def make(holder: Holder | None, url: str, by: By, *, types: Iterable[str] = (), name: str = "") -> Endpoint:
    """A new endpoint; without types it hears of everything. Its secret: `secrets(endpoint, now_s)[0].reveal()`."""
    url = url.strip()
    post.spelt(url)
    if holder is not None and (holder.deleted_s is not None or holder.suspended_s is not None):
        raise LicetError("the account is suspended or deleted", mend="ask the operator")
    wanted, now = _known(types), clock.now_s()
    same = Endpoint.objects.filter(holder=holder, url=url, removed_s=None, made_s__gt=now - AGAIN_S, secret_n=1)
    if twice := next((row for row in same if row.types == wanted), None):
        return twice  # a form that was sent twice: its secret can be worked out again
    if Endpoint.objects.filter(holder=holder, removed_s=None).count() >= MOST:
        raise LicetError(f"there are {MOST} webhooks already", mend="remove one that is not used")
    row = Endpoint.objects.create(holder=holder, url=url, types=wanted, name=text.line(name, 80), by=by.who)
    events.record("endpoint.made", by, holder, endpoint=row.pk, url=url)
    return row


@transaction.atomic
def change(endpoint: Endpoint, by: By, *, types: Iterable[str] | None = None, paused: bool | None = None) -> None:
    """What it hears of, or whether it is sent anything. What happens while it is paused waits, and is sent later."""
    if types is not None:
        endpoint.types = _known(types)
    if paused is not None:
        endpoint.paused_s = clock.now_s() if paused else None
    endpoint.save(update_fields=["types", "paused_s"])
    events.record("endpoint.changed", by, endpoint.holder, endpoint=endpoint.pk, kind="paused" if paused else "")


@transaction.atomic
def rotate(endpoint: Endpoint, by: By, *, overlap_s: int = OVERLAP_S) -> Secret:
    """A new signing secret; the one before signs too for `overlap_s` (0: not at all)."""
    row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    row.secret_n += 1
    row.before_until_s = clock.now_s() + max(0, overlap_s)
    row.save(update_fields=["secret_n", "before_until_s"])
    events.record("endpoint.rotated", by, row.holder, endpoint=row.pk, overlap_s=overlap_s)
    endpoint.refresh_from_db()
    return secrets(row, clock.now_s())[0]


@transaction.atomic
def remove(endpoint: Endpoint, by: By) -> None:
    """It is sent nothing more; what waits for it is given up."""
    endpoint.removed_s = clock.now_s()
    endpoint.save(update_fields=["removed_s"])
    waiting = Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.WAITS)
    waiting.update(state=Delivery.State.DEAD, error="the webhook was removed")
    events.record("endpoint.removed", by, endpoint.holder, endpoint=endpoint.pk)


@transaction.atomic
def gone(holder: Holder, by: By) -> None:
    """Before an account is deleted: its endpoints end, and what names them is erased."""
    for row in of(holder):
        remove(row, by)
    Endpoint.objects.filter(holder=holder).update(url="", name="")


@transaction.atomic
def test(endpoint: Endpoint) -> None:
    """Put a message of no meaning into the outbox, for this endpoint alone."""
    outbox.put("endpoint.test", {"endpoint": endpoint.pk}, endpoint.holder, only=endpoint)


@transaction.atomic
def replay(deliveries: Iterable[Delivery]) -> int:
    """Send these again from now on, with the same ids and bodies, whatever became of them; how many."""
    ids, now = [row.pk for row in deliveries], clock.now_s()
    again = Delivery.objects.filter(pk__in=ids, endpoint__removed_s=None)
    return again.update(state=Delivery.State.WAITS, tries=0, queued_s=now, next_s=now, claimed_s=0, error="")


def _known(types: Iterable[str]) -> list[str]:
    wanted = sorted(set(types))
    for type in wanted:
        if type not in catalog.TYPES:
            raise LicetError(f"there is no webhook type `{type}`", mend=closest(type, catalog.TYPES))
    return wanted
