"""How do words with `ticks` and lines get onto a page without anything in them becoming markup?"""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_TICKED = re.compile(r"`([^`\n]{1,400})`")


@register.filter
def ticked(text: object) -> SafeString:
    """Escaped text in which `names` between ticks are set as code."""
    return mark_safe(_TICKED.sub(r"<code>\1</code>", escape(text)))  # noqa: S308  (escaped before any tag is added)


@register.filter
def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text: what stands between empty lines, its own line ends kept."""
    return [part.strip("\n") for part in re.split(r"\n[ \t\r]*\n", text.strip()) if part.strip()]


@register.filter
def capital(text: str) -> str:
    """The first letter as a capital: an answer begins a sentence, in a list it does not."""
    return text[:1].upper() + text[1:]
