"""What must not go on being charged, and how is it ended? Bought twice by mistake, or held by an account that is gone."""

from __future__ import annotations

import logging

from licet.errors import LicetError
from licet.portal.payments import fetching, providers
from licet.portal.payments.models import Subscription

log = logging.getLogger("licet.payments")
OVER = ("canceled", "incomplete_expired", "incomplete")


def undo() -> int:
    """End at the provider what is too much, and pay back what was bought twice; how many. What fails is tried again."""
    done = 0
    rows = Subscription.objects.filter(gone_s=None).select_related("holder").order_by("id")
    for row in rows.exclude(surplus_s=None, holder__deleted_s=None).exclude(surplus_s=None, status__in=OVER):
        owes_us = row.surplus_s is not None and _to_refund(row)
        if row.status in OVER and not owes_us:
            continue
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
