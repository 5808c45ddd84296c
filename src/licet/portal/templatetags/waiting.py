"""Is there nobody to carry mail? Then pages that promise a code say where it waits."""

from __future__ import annotations

from django import template

from licet.portal.config import current

register = template.Library()


@register.simple_tag
def mail_waits() -> bool:
    return current().smtp_url is None
