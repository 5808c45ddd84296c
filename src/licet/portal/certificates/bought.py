"""Which certificates does a payment buy? Those that its tier carries, for exactly the time that is paid.

Worked out anew whenever a subscription is fetched: so what was lost is issued late, and what is there already stays one.
What cannot be signed now (a lost key) costs nobody the access that was paid: it is logged, and tried at the next fetch.
"""

from __future__ import annotations

import logging

from django.db import transaction

from licet.errors import LicetError
from licet.portal import clock
from licet.portal.certificates import issuing
from licet.portal.events import By
from licet.portal.payments.models import PaymentRow, Subscription

log = logging.getLogger("licet.certificates")


def follow(row: Subscription, by: By) -> None:
    """Issue what was paid for, take back what was paid back. Inside the transaction of the fetch; twice is once."""
    if row.holder.deleted_s is not None:
        return
    for payment in PaymentRow.objects.filter(subscription=row).order_by("at_s", "id"):
        source = f"payment {row.provider} {payment.ref}"[:200]
        if why := _taken_back(payment):
            issuing.revoke_source(row.holder, source, by, why)
        elif (span := _span(row, payment)) is not None:
            try:
                with transaction.atomic():
                    issuing.issue_for(row.holder, row.release, row.tier, row.at, *span, by, source=source)
            except LicetError as wrong:
                log.error("no certificate for %s: %s", source, wrong)


def _taken_back(payment: PaymentRow) -> str:
    """Why the money of a payment is gone; "" where it is not."""
    if payment.dispute == "lost":
        return "the payment was disputed and lost"
    if payment.state == "paid" and 0 < payment.amount_minor <= payment.refunded_minor:
        return "the payment was refunded"
    return ""


def _span(row: Subscription, payment: PaymentRow) -> tuple[int, int | None] | None:
    """From when until when it pays for the tier that is held now; None where it does not.

    Not before the tier was held at this document: what was paid for another tier before it was for that.
    """
    held = row.held
    if payment.state != "paid" or held is None or held.tier != row.tier or row.surplus_s is not None:
        return None
    begun_s = payment.at_s if payment.from_s is None else payment.from_s
    if not payment.amount_minor and row.trial_until_s is not None and begun_s < row.trial_until_s:
        return None  # a trial is not paid
    from_s, until_s = max(begun_s, held.from_s), payment.until_s
    if until_s is not None and until_s <= max(from_s, clock.now_s()):
        return None
    return from_s, until_s
