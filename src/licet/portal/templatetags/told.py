"""How do words with `ticks` and lines get onto a page without anything in them becoming markup?"""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_TICKED = re.compile(r"`([^`\n]{1,400})`")
_WRAP = re.compile(r"[ \t\r]*\n[ \t]*(?![ \t]*(?:[-*•]|\d{1,3}[.)])[ \t])")


@register.filter
def ticked(text: object) -> SafeString:
    """Escaped text in which `names` between ticks are set as code."""
    return mark_safe(_TICKED.sub(r"<code>\1</code>", escape(text)))  # noqa: S308  (escaped before any tag is added)


@register.filter
def unticked(text: object) -> str:
    """The same without the ticks, for where nothing can be set as code: a title, a description."""
    return _TICKED.sub(r"\1", str(text))


@register.filter
def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text. Wrapped lines are joined; an entry of a list stays its own."""
    parts = (part.strip() for part in re.split(r"\n[ \t\r]*\n", text))
    return [_WRAP.sub(" ", part) for part in parts if part]


@register.filter
def capital(text: str) -> str:
    """The first letter as a capital: an answer begins a sentence, in a list it does not."""
    return text[:1].upper() + text[1:]
