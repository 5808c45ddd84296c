"""What does the running month cost so far, and what is the cap? The part of a usage page that is about money."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from licet.portal.billing import caps, reading
from licet.portal.models import Held
from licet.portal.organizations.desk.enter import Desk

register = template.Library()


@register.inclusion_tag("billing/part.html", takes_context=True)
def spending(context: dict[str, Any], held: Held, desk: Desk | None = None) -> dict[str, Any]:
    """Empty where the tier has no price past a quota and no cap was ever set."""
    cap = caps.of(held.holder, held.release)
    priced = reading.priced_tier(held)
    told: dict[str, Any] = {"shown": priced or cap is not None, "request": context.get("request")}
    if not told["shown"]:
        return told
    period = reading.running(held)
    bill = reading.worked_out(held.holder, held.release, period)
    spent = reading.spent_nanos(held.holder, held.release)
    before = [desk.organization.pk] if desk else []
    name = "organization_" if desk else ""
    return {
        **told, "bill": bill, "held": held, "csrf_token": context.get("csrf_token"), "cap": cap,
        "percent": min(100, spent * 100 // cap.nanos) if cap and cap.nanos else 100 if cap else 0,
        "cap_words": caps.words(cap.nanos, cap.currency) if cap else "",
        "spent": caps.words(spent, cap.currency) if cap else "", "may_set": desk is None or desk.may["manage_tier"],
        "post": reverse(f"{name}cap", args=before), "all": reverse(f"{name}invoices", args=before),
        "one": reverse(f"{name}invoice", args=[*before, held.release, period.from_s]),
    }  # fmt: skip
