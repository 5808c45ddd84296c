"""How is a tier said in a line or two?"""

from __future__ import annotations

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from licet.portal import documents
from licet.portal.pages import words
from licet.release.release import Release, Tier

register = template.Library()


@register.filter
def features_in_words(tier: Tier) -> str:
    return _("every feature") if tier.every_feature else ", ".join(sorted(tier.features))


@register.filter
def limits_in_words(tier: Tier) -> str:
    parts = [words.quota(quota) for quota in tier.quotas]
    parts += [words.rate(tier.rate)] if tier.rate else []
    return "; ".join(parts) or _("no quota")


@register.filter
def price_in_words(tier: Tier) -> SafeString:
    """Each price stays on one line: `9.00 EUR / month or 90.00 EUR / year`."""
    return format_html_join(
        _(" or "), '<span class="nowrap">{}</span>', ((words.price(price),) for price in tier.prices)
    )


@register.filter
def overage_in_words(tier: Tier) -> str:
    """What use past a quota costs; "" where every quota is hard."""
    return "; ".join(words.price(price) for price in tier.overage)


@register.simple_tag
def first_tier_of(release: Release | None) -> Tier | None:
    """What whoever signs up has at once; None where that is nothing."""
    first = documents.first_tier(release.name) if release is not None else None
    return release.tier(first[0]) if release is not None and first else None
