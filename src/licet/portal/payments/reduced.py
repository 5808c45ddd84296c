"""What does a coupon still take off? From the order that a purchase began with, and the terms it was bought at."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licet.errors import LicetError
from licet.portal import documents
from licet.portal.payments.models import OrderRow, Subscription
from licet.portal.payments.sandbox.machine import turn
from licet.release.release import Coupon


def coupon(row: Subscription) -> Coupon | None:
    """The public coupon of the order. None where there was none (one typed at the provider's page is not known here)."""
    order = OrderRow.objects.filter(pk=row.order).exclude(coupon="").first()
    if order is None:
        return None
    try:
        tier = documents.read(order.document).tier(order.tier)
    except LicetError:
        return None
    return next((one for one in tier.coupons if one.code == order.coupon), None) if tier else None


def reduces(row: Subscription, at_s: int | None) -> bool:
    """Does it take something off what is charged at this moment?"""
    found = coupon(row)
    if found is None or at_s is None:
        return False
    return found.months is None or at_s < turn(row.started_s, "month", found.months)  # a trial counts, as at Stripe


def in_words(found: Coupon) -> str:
    """`LAUNCH: 50 % off for 2 months`."""
    off = _("%(code)s: %(percent)s %% off") % {"code": found.code, "percent": found.percent}
    if found.months is None:
        return off
    months = ngettext("%(n)s month", "%(n)s months", found.months) % {"n": found.months}
    return _("%(off)s for %(months)s") % {"off": off, "months": months}
