"""Which events are told to other servers, by which name, with what in them? Ids and terms; no names, no addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from licet.portal import clock
from licet.portal.models import Event
from licet.portal.outgoing.types import TYPES as TYPES

TO_ALL = frozenset({"license.changed"})  # concerns every holder, not only the one who did it

_MOMENTS = ("from_s", "until_s", "expires_s")
_HIDDEN = frozenset({"how", "rows", "erased", "until_n", "until_digest", "overlap_s"})

Said = tuple[str, dict[str, Any]]


def said(event: Event) -> tuple[Said, ...]:
    """What an event is to others: none, one or two things, each a type and its data."""
    return tuple(
        (type, {"holder": event.holder_id, "release": event.release or None, **_plain(data)})
        for type, data in _HEARD.get(event.what, _nothing)(event)
    )


def concerned(event: Event) -> bool:
    """Is it told to anybody at all? Asked of every event, so it is only a look-up."""
    return event.what in _HEARD


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Moments as RFC 3339, nothing that is about our own bookkeeping."""
    told: dict[str, Any] = {}
    for name, value in data.items():
        if name in _MOMENTS:
            told[name.removesuffix("_s")] = clock.rfc3339(value) if isinstance(value, int) else None
        elif name not in _HIDDEN:
            told[name] = value
    return told


def _nothing(event: Event) -> Iterator[Said]:
    yield from ()


def _as(type: str) -> Callable[[Event], Iterator[Said]]:
    def tell(event: Event) -> Iterator[Said]:
        yield type, event.detail

    return tell


def _moved(event: Event) -> Iterator[Said]:
    """A tier in place of another: the one ended, the other was given. The same tier at a newer document is given only."""
    told, before = event.detail, event.detail.get("before")
    if before and before != told.get("tier"):
        yield "access.ended", {"tier": before}
    yield "access.granted", {name: told.get(name) for name in ("tier", "document", "until_s")}


def _mark(event: Event) -> Iterator[Said]:
    percent = event.detail.get("percent")
    if percent in (80, 100):
        yield f"quota.{percent}", event.detail


_HEARD: Mapping[str, Callable[[Event], Iterator[Said]]] = {
    "acceptance.made": _as("acceptance.created"),
    "tier.requested": _as("access.requested"),
    "tier.rejected": _as("access.rejected"),
    "tier.given": _moved,
    "tier.moved": _moved,
    "tier.ended": _as("access.ended"),
    "grant.made": _as("access.granted"),
    "grant.revoked": _as("access.ended"),
    "quota.reached": _mark,
    "document.published": _as("license.changed"),
    **{
        name: _as(name)
        for name in (
            "subscription.begun", "subscription.changed", "subscription.ended", "payment.paid", "payment.failed",
            "payment.refunded", "payment.disputed", "invoice.issued", "key.revoked", "key.leaked",
        )
    },
}  # fmt: skip
