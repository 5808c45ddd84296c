"""What has to be sent to whom? Written beside the event, in its transaction: both are there, or neither is."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Q

from licet.portal import clock
from licet.portal.models import Event, Holder
from licet.portal.outgoing import catalog
from licet.portal.outgoing.models import Delivery, Endpoint, Message


def heard(event: Event) -> int:
    """Put what an event is to others into the outbox of everybody who asked for it; how many deliveries."""
    if not catalog.concerned(event):
        return 0
    made = 0
    for type, data in catalog.said(event):
        made += put(type, data, event.holder, event.release)
    return made


def put(type: str, data: dict[str, Any], holder: Holder | None, release: str = "", only: Endpoint | None = None) -> int:
    """One message, and a delivery for each endpoint that wants it (or for `only` one)."""
    endpoints = [only] if only is not None else [e for e in _whose(type, holder) if not e.types or type in e.types]
    if not endpoints:
        return 0
    at_s = clock.now_s()
    told = {"type": type, "timestamp": clock.rfc3339(at_s), "data": data}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    message = Message.objects.create(type=type, holder=holder, release=release, at_s=at_s, body=body)
    Delivery.objects.bulk_create([Delivery(message=message, endpoint=e, next_s=at_s) for e in endpoints])
    return len(endpoints)


def _whose(type: str, holder: Holder | None) -> list[Endpoint]:
    wanted = Q(holder=None)
    if type in catalog.TO_ALL:
        wanted |= Q(holder__deleted_s=None)
    elif holder is not None:
        wanted |= Q(holder=holder)
    return list(Endpoint.objects.filter(wanted, removed_s=None))
