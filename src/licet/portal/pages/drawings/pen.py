"""What does every picture have? A title and words for who cannot see it, text that fits, nothing that is not escaped."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

WIDE = 360  # units; a phone shows one as about a pixel
SIZE = 11  # of the text
_FAT, _THIN = frozenset("mwMWQO@%ABCDEGHKNRSUVXYZ"), frozenset("iljtfrI1.,:;'|!()[] ")


def picture(id: str, title: str, words: str, height: int, drawn: Iterable[str]) -> str:
    """The whole element as text, safe to stand on a page. `title` names it, `words` say what it shows."""
    return (
        f'<svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}" role="img" '
        f'aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{escape(title)}</title>'
        f'<desc id="{id}-d">{escape(words)}</desc>{"".join(drawn)}</svg>'
    )


def text(x: float, y: float, words: str, *, most: float = WIDE, kind: str = "", end: bool = False) -> str:
    """A line of text that is cut where it would be wider than `most`."""
    anchor = ' text-anchor="end"' if end else ""
    return f"<text x={_n(x)} y={_n(y)}{_kind(kind)}{anchor}>{escape(fitted(words, most))}</text>"


def box(x: float, y: float, width: float, height: float, kind: str, *, round: float = 4) -> str:
    return f"<rect x={_n(x)} y={_n(y)} width={_n(width)} height={_n(height)} rx={_n(round)}{_kind(kind)}/>"


def dot(x: float, y: float, kind: str, *, r: float = 5) -> str:
    return f"<circle cx={_n(x)} cy={_n(y)} r={_n(r)}{_kind(kind)}/>"


def line(path: str, kind: str) -> str:
    return f'<path d="{path}"{_kind(kind)}/>'


def width(words: str) -> float:
    """About how wide the words are."""
    return sum(0.72 if c in _FAT else 0.34 if c in _THIN else 0.58 for c in words) * SIZE


def fitted(words: str, most: float) -> str:
    """The words, or as many letters as fit with an ellipsis behind them."""
    if width(words) <= most:
        return words
    kept = words
    while kept and width(kept + "…") > most:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _n(number: float) -> str:
    return f'"{number:g}"'


def _kind(kind: str) -> str:
    return f" class={quoteattr(kind)}" if kind else ""
