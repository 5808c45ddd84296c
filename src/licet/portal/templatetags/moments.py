"""How is a moment written on a page? In words and UTC, with the exact moment for machines."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from licet.portal import clock
from licet.portal.pages import words

register = template.Library()


@register.filter
def moment(at_s: int | None) -> SafeString | str:
    """`<time datetime="2026-11-23T05:00:00Z">23 November 2026, 05:00 UTC</time>`; a dash for no moment."""
    return (
        "\N{EN DASH}"
        if at_s is None
        else format_html('<time datetime="{}">{}</time>', clock.rfc3339(at_s), words.moment(at_s))
    )


@register.filter
def on_day(at_s: int) -> SafeString:
    """The day alone, in UTC."""
    return format_html('<time datetime="{}">{}</time>', (clock.rfc3339(at_s) or "")[:10], words.day(at_s))


@register.filter
def figure(number: int) -> str:
    """`1,000`."""
    return words.figure(number)


@register.filter
def past(at_s: int | None) -> bool:
    return at_s is not None and at_s <= clock.now_s()


@register.filter
def call_state(state: str) -> str:
    """What became of a call, in the words of who made it; the ledger's own where it has one more."""
    return {
        "open": _("under way"), "settled": _("counted"), "voided": _("not charged"), "lapsed": _("broken off, not charged")
    }.get(state, state)  # fmt: skip
