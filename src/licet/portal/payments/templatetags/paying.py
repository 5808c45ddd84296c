"""What does any page of a holder have to say of money? What is owed, and what goes on being charged."""

from __future__ import annotations

from typing import Any

from django import template

from licet.portal.models import Holder
from licet.portal.payments.desk import shown
from licet.portal.payments.desk.shown import Bought

register = template.Library()


@register.inclusion_tag("payments/notes.html")
def owed(holder: Holder) -> dict[str, Any]:
    """The notes about what is not as it should be: a failed payment, a closed tier, a dispute."""
    worst = [note for one in shown.bought(holder) if one.living for note in one.notes if note.level in ("bad", "warn")]
    return {"notes": worst, "desk_url": "/my/payments"}


@register.simple_tag
def living(holder: Holder) -> tuple[Bought, ...]:
    """What goes on being charged."""
    return tuple(one for one in shown.bought(holder) if one.living and one.row.interval != "once")
