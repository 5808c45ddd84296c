"""How does a stranger's Markdown become HTML that can do nothing?

Markdown-it reads CommonMark with raw HTML switched off; the renderer below writes a closed list of tags and no
attribute but `href`. What is not in the list is left out, so a new kind of token can never pass by itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# Token -> tag. A heading becomes a strong paragraph: the page's outline is the page's own.
_PAIRS: Final = {
    "paragraph": "p",
    "heading": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "blockquote": "blockquote",
    "em": "em",
    "strong": "strong",
}
TAGS: Final = frozenset({*_PAIRS.values(), "a", "code", "pre", "br", "hr"})
SCHEMES: Final = ("http", "https", "mailto")
_TURNS = frozenset({"p", "ul", "ol", "blockquote"})  # blocks find their own direction: the text may be right to left


@lru_cache(maxsize=1024)
def html(text: str) -> SafeString:
    """The HTML of a post. Safe for any text; blocks carry `dir="auto"`, links `rel="nofollow ugc noopener"`."""
    return mark_safe("".join(_written(_reader().parse(text))))  # noqa: S308  (every tag below is ours, all text is escaped)


def plain(text: str, most: int) -> str:
    """The first words of a post without marks, for a list."""
    found: list[str] = []
    for token in _reader().parse(text):
        found += [" " if c.type in ("softbreak", "hardbreak") else c.content for c in token.children or ()]
        found.append(" " if token.children else token.content)
    said = " ".join("".join(found).split())
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt  # late: a page without posts needs none of it

    return MarkdownIt("commonmark", {"html": False, "maxNesting": 12}).disable(["image", "html_block", "html_inline"])


def _written(tokens: list[Token]) -> list[str]:
    out: list[str] = []
    for token in tokens:
        kind, _, side = token.type.rpartition("_")
        if token.type == "inline":
            out += _written(token.children or [])
        elif side in ("open", "close") and kind in _PAIRS:
            out.append(_pair(kind, _PAIRS[kind], side == "open", hidden=token.hidden))
        elif token.type == "link_open":
            out.append(_link(str(token.attrs.get("href", ""))))
        elif token.type == "link_close":
            out.append("</a>")
        elif token.type in ("fence", "code_block"):
            out.append(f'<pre tabindex="0"><code>{escape(token.content)}</code></pre>')
        elif token.type == "code_inline":
            out.append(f"<code>{escape(token.content)}</code>")
        elif token.type in ("softbreak", "hardbreak"):
            out.append("<br>")
        elif token.type == "hr":
            out.append("<hr>")
        elif token.type in ("text", "text_special"):
            out.append(escape(token.content))
    return out


def _pair(kind: str, tag: str, begins: bool, *, hidden: bool) -> str:
    if hidden:  # the paragraph of a tight list
        return ""
    strong = kind == "heading"
    if begins:
        return f"<{tag}{' dir="auto"' if tag in _TURNS else ''}>" + ("<strong>" if strong else "")
    return ("</strong>" if strong else "") + f"</{tag}>"


def _link(href: str) -> str:
    """A link to where we let links go; any other leads to the post itself."""
    try:
        fine = urlsplit(href).scheme.lower() in SCHEMES
    except ValueError:
        fine = False
    return f'<a href="{escape(href)}" rel="nofollow ugc noopener noreferrer">' if fine else '<a href="#">'
