"""What must not go on being charged, and how is it ended? Bought twice by mistake, held by an account that is gone, or
paid with money that the bank took back for good: a provider goes on charging for it, and nobody has anything of that.
"""

from __future__ import annotations

import logging

from django.db.models import Q

from licet.errors import LicetError
from licet.portal.payments import fetching, providers
from licet.portal.payments.apply import lives
from licet.portal.payments.models import Subscription

log = logging.getLogger("licet.payments")
OVER = ("canceled", "incomplete_expired", "incomplete")


def undo() -> int:
    """End at the provider what is too much, and pay back what was bought twice; how many. What fails is tried again."""
    done = 0
    rows = Subscription.objects.filter(gone_s=None).select_related("holder").order_by("id")
    lost = Q(payments__dispute="lost") & ~Q(interval="once")
    for row in rows.filter(~Q(surplus_s=None) | ~Q(holder__deleted_s=None) | lost).distinct():
        if row.status in OVER and not (row.surplus_s is not None and _to_refund(row)):
            continue
        if row.surplus_s is None and row.holder.deleted_s is None and lives(row):
            continue  # what was lost paid for a time that is over
        try:
            done += _end(row)
        except LicetError as error:
            log.warning("%s %s could not be ended: %s", row.provider, row.ref, error)
    return done


def _to_refund(row: Subscription) -> list[str]:
    paid = row.payments.filter(state="paid", amount_minor__gt=0, refunded_minor=0, dispute="")
    return list(paid.values_list("ref", flat=True))


def _end(row: Subscription) -> bool:
    provider = providers.named(row.provider)
    if provider is None:
        return False
    if row.status not in OVER:
        provider.cancel(row.ref, "now")
    if row.surplus_s is not None:
        for payment in _to_refund(row):
            provider.refund(payment, None, f"surplus-{payment}")
    fetching.refresh(provider, row.ref)
    return True
