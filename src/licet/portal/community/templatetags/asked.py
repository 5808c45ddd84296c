"""Which accepted answers stand beside this clause? And how do a writer and a post look on a page?"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from licet.portal.community import markdown, reading
from licet.portal.community.models import Writer
from licet.portal.community.reading import Pinned

register = template.Library()


@register.simple_tag
def answers_beside(release: Any, reasons: Any) -> dict[str, tuple[Pinned, ...]]:
    """For each cite of these reasons the accepted answers pinned to it: one query for all of them."""
    if not release or not reasons:
        return {}
    return dict(reading.pinned(release.name, release.sha256, [reason.cite for reason in reasons]))


@register.filter
def at_cite(answers: Any, cite: str) -> tuple[Pinned, ...]:
    """Those of one cite."""
    return answers.get(cite, ()) if isinstance(answers, dict) else ()


@register.filter
def called(writer: Writer) -> str:
    return reading.called(writer)


@register.filter
def markdown_html(text: str) -> SafeString:
    return markdown.html(text)


@register.filter
def begins(text: str) -> str:
    return markdown.plain(text, 160)
