"""What is kept about one holder? Everything, found by how the tables hang together, not by a list that somebody keeps.

A row belongs to a holder where it points to the holder, to its account, or to a key or address of these. So a table that
comes later is in the export from its first day. Left out are secrets and what secrets are checked by; the field stays,
and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import Field, Model, Q

from licet.ledger import subject as ledger
from licet.portal import clock, events
from licet.portal.config import current
from licet.portal.events import By
from licet.portal.models import Account, Event, Holder

WITHHELD = "(withheld: a secret, or what one is checked by)"
SECRETS = {
    "portal.Account": {"password"},
    "portal.Event": {"salts", "sealed"},
    "portal.CredentialRow": {"digest", "nonce"},
    "portal.Key": {"nonce"},
    "account.EmailConfirmation": {"key"},
    "mfa.Authenticator": {"data"},
    "usersessions.UserSession": {"session_key", "data"},
    "organizations.Invitation": {"digest"},
    "community.Code": {"digest"},
    "sso.Connection": {"secret"},
    "sso.Domain": {"digest"},
}
# Whatever points to one of these belongs to whom that belongs to.
THROUGH = {
    "portal.Key": "holder", "account.EmailAddress": "user", "community.Writer": "holder",
    "programs.Application": "holder", "payments.Subscription": "holder", "organizations.Organization": "holder",
    "sso.Connection": "organization__holder", "outgoing.Endpoint": "holder",
}  # fmt: skip


def tables() -> Iterator[tuple[type[Model], tuple[tuple[str, str], ...]]]:
    """Every table with rows about somebody: the model, and its look-ups, each by `holder`, `account` or `email`."""
    for model in apps.get_models(include_auto_created=True):
        ways = tuple(way for field in model._meta.local_fields for way in _ways(model, field))
        if ways:
            yield model, ways


def _ways(model: type[Model], field: Field[Any, Any]) -> Iterator[tuple[str, str]]:
    target = field.related_model
    if model in (Holder, Account) and field.primary_key:
        yield field.name, "holder" if model is Holder else "account"
    elif target in (Holder, Account):
        if model is not Holder:
            yield field.name, "holder" if target is Holder else "account"
    elif isinstance(target, type) and target._meta.label in THROUGH:
        through = THROUGH[target._meta.label]
        yield f"{field.name}__{through}", "account" if through == "user" else "holder"
    elif field.name == "holder_id":
        yield field.name, "holder"
    elif field.name == "email_folded" and model is not Account:
        yield field.name, "email"  # somebody was written to at this address


@transaction.atomic
def export(holder: Holder, by: By) -> dict[str, Any]:
    """All that is kept about the holder, as JSON. That it was taken out, and by whom, is an event."""
    events.record("account.exported", by, holder)
    keys: dict[str, object] = {"holder": holder.pk}
    if holder.account is not None:
        keys |= {"account": holder.account.pk, "email": holder.account.email_folded}
    kept: dict[str, list[dict[str, Any]]] = {}
    for model, ways in tables():
        wanted = Q(pk__in=())
        for name, whose in ways:
            if whose in keys:
                wanted |= Q(**{name: keys[whose]})
        rows = model._default_manager.filter(wanted).order_by("pk")
        kept[model._meta.label] = [_row(row) for row in rows.iterator(chunk_size=2_000)]
    done = Event.objects.filter(by=holder.pk).exclude(holder=holder).order_by("id")
    return {
        "holder": holder.pk,
        "exported_at": clock.rfc3339(clock.now_s()),
        "what_it_means": f"{current().url}/privacy",
        "portal": kept,
        # What it did to others: that it did so and from where, not what is theirs.
        "acts_on_others": [
            {"n": e.pk, "at_s": e.at_s, "what": e.what, "release": e.release, "address": e.address} for e in done
        ],
        "ledger": ledger.about(current().ledger_file, holder.pk),
    }


def write(told: dict[str, Any], file: IO[str]) -> None:
    json.dump(told, file, ensure_ascii=False, indent=1)
    file.write("\n")


def _row(row: Model) -> dict[str, Any]:
    secret = SECRETS.get(row._meta.label, set())
    return {
        str(field.column): WITHHELD if field.name in secret else _plain(getattr(row, field.attname))
        for field in row._meta.local_fields
    }


def _plain(value: object) -> object:
    match value:
        case bytes() | memoryview():
            return bytes(value).hex()
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
    return value
