"""What stands in the head of a page: its title, the same for the tab, a bookmark and a link that is shared?"""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from licet.portal.config import current

register = template.Library()


@register.simple_block_tag
def titled(content: SafeString, name: str | None) -> SafeString:
    """The page's own words, and whose page it is: `My keys · sana`. A title that names its place already stays."""
    words, of = content.strip(), conditional_escape(name or "Licet")
    if not words:
        return of
    return mark_safe(words if " · " in words else f"{words} · {of}")  # noqa: S308  (both are escaped)


@register.simple_block_tag
def worded(content: SafeString) -> SafeString:
    """The words between the tags without the space around them, to be written more than once."""
    return mark_safe(" ".join(content.split()))  # noqa: S308  (what was rendered is escaped)


@register.simple_tag
def picture() -> str:
    """Where the picture of a shared link lies: absolute, as those who fetch it need it."""
    return current().url + static("licet/icon.png")
