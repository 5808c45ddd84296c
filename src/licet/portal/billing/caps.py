"""What will a holder pay past its quotas in a month? Set by the holder, written as the gate reads it, at once.

A cap is a way of the holder's own tree: past it the gate answers 402 `budget_exhausted`, from the next call on.
"""

from __future__ import annotations

import re

from django.db import transaction

from licet.access.price import minor_words
from licet.access.spend import MOST_NANOS, NANOS
from licet.errors import LicetError
from licet.portal import documents, events, readmodel
from licet.portal.billing.models import Cap
from licet.portal.events import By
from licet.portal.models import Holder

_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,9})(?:[.,](?P<part>[0-9]{1,6}))?(?:[ ]+(?P<currency>[A-Za-z]{3}))?")


def of(holder: Holder, release: str) -> Cap | None:
    """The cap in force; None: no cap."""
    return Cap.objects.filter(holder=holder, release=release).first()


def read(text: str, currency: str) -> int:
    """`25`, `25.50` or `25.50 EUR` in billionths. LicetError for what is no amount, or in another currency."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise LicetError(f"`{text.strip()[:40]}` is not an amount of money", mend=f"write it like 25.00 {currency}")
    if found["currency"] and found["currency"].upper() != currency:
        raise LicetError(f"this release is paid in {currency}, not in {found['currency'].upper()}")
    nanos = int(found["whole"] + (found["part"] or "").ljust(6, "0")) * (NANOS // 10**6)
    if nanos > MOST_NANOS:
        raise LicetError("a cap this high cannot be meant", mend="no cap is one, too")
    return nanos


@transaction.atomic
def put(holder: Holder, release: str, nanos: int, by: By) -> Cap:
    """The holder pays at most so much in a month from the next call on."""
    if holder.deleted_s is not None:
        raise LicetError("the account was deleted", where=holder.pk)
    currency, before = documents.in_force(release).currency, of(holder, release)
    if before is not None and (before.nanos, before.currency) == (nanos, currency):
        return before
    row, _ = Cap.objects.update_or_create(
        holder=holder, release=release, defaults={"nanos": nanos, "currency": currency, "by": by.who}
    )
    events.record("cap.set", by, holder, release, nanos=nanos, currency=currency,
                  before=before.nanos if before else None)  # fmt: skip
    readmodel.changed("standing", holder.pk)
    return row


@transaction.atomic
def remove(holder: Holder, release: str, by: By) -> None:
    """No cap from the next call on."""
    if row := of(holder, release):
        row.delete()
        events.record("cap.removed", by, holder, release, before=row.nanos, currency=row.currency)
        readmodel.changed("standing", holder.pk)


def words(nanos: int, currency: str) -> str:
    """`25.00 EUR`; what is smaller than a coin is rounded up, so that nothing spent reads as nothing."""
    coin = len(minor_words(0, currency).partition(" ")[0].partition(".")[2])
    return minor_words(-(-nanos * 10**coin // NANOS), currency)
