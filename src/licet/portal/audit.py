"""Is the record of what happened whole, how is it carried away, and what of it is forgotten when?

Erasing and trimming are the only changes that rows ever see. Both write a row of their own, so `verify` can tell what
was forgotten by rule from what was taken out by hand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import IO, Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from licet.portal import chain, clock, events
from licet.portal.config import current
from licet.portal.events import By
from licet.portal.models import Acceptance, Event, Holder, OperatorLink

_DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Kept:
    """What retention took out: rows trimmed, and rows whose address faded."""

    trimmed: int
    faded: int


def verify(known: tuple[int, str] | None = None) -> chain.Checked:
    """Walk the whole chain. `known` is a head that was noted earlier: (number, digest)."""
    written = _written()  # before the rows: a server that writes meanwhile only adds to them
    rows = Event.objects.order_by("id").iterator(
        chunk_size=2_000
    )  # one statement: one state, and nobody is kept waiting
    return chain.verify((event.row() for event in rows), written=written, known=known)


def _written() -> int | None:
    """The number of the last row that was ever written: SQLite keeps it apart from the rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [Event._meta.db_table])
        found = cursor.fetchone()
    return None if found is None else int(found[0])


def export(file: IO[str], by: By) -> int:
    """Write every row as a line of JSON, oldest first; how many. What was exported, and by whom, is an event too.

    A line holds what its digest is worked out from, so whoever has the file can verify it without this server.
    """
    event = events.record("audit.exported", by)
    count = 0
    for row in Event.objects.filter(pk__lte=event.pk).order_by("id").iterator(chunk_size=2_000):
        file.write(json.dumps(line(row), ensure_ascii=False) + "\n")
        count += 1
    return count


def line(event: Event) -> dict[str, Any]:
    return {
        "n": event.pk, "at": clock.rfc3339(event.at_s), "at_s": event.at_s, "what": event.what, "by": event.by,
        "holder": event.holder_id, "release": event.release, "detail": event.detail, "address": event.address,
        "said": event.said, "salts": event.salts, "sealed": event.sealed, "digest": event.digest,
    }  # fmt: skip


def erase(holder: Holder) -> None:
    """Forget what is personal about a holder: names and words about it, and the addresses it acted from.

    Called inside the erasure of the account, which writes the row that says so. Rows about others may name it too (an
    invitation is its organization's): those are told by their numbers.
    """
    if holder.account is not None and (named := _naming(holder, holder.account.email)):
        events.record("audit.erased", events.LICET, holder, erased=named)
    for event in Event.objects.filter(Q(holder=holder) | Q(by=holder.pk)).iterator(chunk_size=2_000):
        event.address = ""
        event.salts.pop("address", None)
        if event.holder_id == holder.pk:
            event.said = {}
            event.salts.pop("said", None)
        event.save(update_fields=["address", "said", "salts"])


def _naming(holder: Holder, email: str) -> list[int]:
    """Take the words out of rows about others that hold the address; their numbers."""
    escaped = json.dumps(email)[1:-1]  # as SQLite has it: JSON in ASCII
    others = Event.objects.filter(Q(said__icontains=email) | Q(said__icontains=escaped)).exclude(holder=holder)
    named = list(others.order_by("id"))
    for event in named:
        event.said = {}
        event.salts.pop("said", None)
        event.save(update_fields=["said", "salts"])
    return [event.pk for event in named]


@transaction.atomic
def retain(by: By = events.LICET) -> Kept:
    """Forget what is older than the settings say, and what has ended: at each start, and by `licet audit retain`."""
    config, now = current(), clock.now_s()
    SessionStore.clear_expired()  # Django leaves that to whoever runs it
    OperatorLink.objects.filter(expires_s__lte=now).delete()
    trimmed = faded = 0
    if config.keep_events_days is not None:
        trimmed = _trim(now - config.keep_events_days * _DAY_S, by)
    if config.keep_addresses_days is not None:
        faded = _fade(now - config.keep_addresses_days * _DAY_S, by)
        Acceptance.objects.filter(at_s__lt=now - config.keep_addresses_days * _DAY_S).update(address="", agent="")
    return Kept(trimmed, faded)


def _older(before_s: int) -> QuerySet[Event]:
    """The rows up to the last that is older than a moment, by their order: a clock that was put back trims no gap."""
    first = Event.objects.filter(at_s__gte=before_s).order_by("id").values_list("id", flat=True).first()
    return Event.objects.filter(id__lt=first) if first is not None else Event.objects.all()


def _trim(before_s: int, by: By) -> int:
    last = _older(before_s).order_by("-id").first()
    if last is None:
        return 0
    old = Event.objects.filter(id__lte=last.pk)
    count = old.count()
    events.record("audit.trimmed", by, until_n=last.pk, until_digest=last.digest, rows=count)  # behind what goes
    old.delete()
    return count


def _fade(before_s: int, by: By) -> int:
    old = _older(before_s)
    last = old.order_by("-id").values_list("id", flat=True).first()
    with_address = old.exclude(address="")
    count = 0
    for event in with_address.iterator(chunk_size=2_000):
        event.address = ""
        event.salts.pop("address", None)
        event.save(update_fields=["address", "salts"])
        count += 1
    if count:
        events.record("audit.faded", by, until_n=last, rows=count)
    return count
