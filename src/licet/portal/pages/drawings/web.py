"""Components and their licenses: who is under what now, and what follows later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from licet.portal.pages.drawings.pen import WIDE, box, line, picture, text

MOST = 14
_ROW = 30
SIGNS = {"yes": "✓", "no": "\N{EN DASH}", "depends": "?"}  # colour alone tells nobody who cannot see it
_LEFT, _RIGHT = 128, 206  # where the left boxes end, where the right ones begin


@dataclass(frozen=True, slots=True)
class Thread:
    """A component, its license ("" for what is kept), the one that follows, and a word for commercial use."""

    name: str
    license: str
    later: str
    word: str  # yes, no, depends, kept


def web(threads: Sequence[Thread], *, title: str, words: str, kept: str, more: str) -> str:
    """Lines from each component to its license; dashed ones to what follows. "" for no components."""
    if not threads:
        return ""
    shown = threads[:MOST]
    ends = list(dict.fromkeys(end for t in shown for end in (t.license or kept, t.later) if end))
    rows = max(len(shown), len(ends))
    height = rows * _ROW
    lefts = {t.name: _middle(n, len(shown), rows) for n, t in enumerate(shown)}
    rights = {end: _middle(n, len(ends), rows) for n, end in enumerate(ends)}
    drawn = [_curve(lefts[t.name], rights[t.later], "later") for t in shown if t.later]
    drawn += [_curve(lefts[t.name], rights[t.license or kept], f"link {t.word}") for t in shown]
    for t in shown:
        drawn += [
            box(0.5, lefts[t.name] - 11, _LEFT, 22, f"node {t.word}"),
            text(9, lefts[t.name] + 4, t.name, most=_LEFT - 32),
            text(_LEFT - 8, lefts[t.name] + 4, SIGNS.get(t.word, ""), end=True, kind="name"),
        ]
    for end, y in rights.items():
        drawn += [
            box(_RIGHT, y - 11, WIDE - _RIGHT - 0.5, 22, "node"),
            text(_RIGHT + 9, y + 4, end, most=WIDE - _RIGHT - 18),
        ]
    if len(threads) > MOST:
        drawn.append(text(0, height + 14, more.format(n=len(threads) - MOST), kind="soft"))
        height += 20
    return picture("web", title, words, height, drawn)


def _middle(n: int, of: int, rows: int) -> float:
    """Where the n-th of so many stands, spread over all rows."""
    return (n + 0.5) * rows * _ROW / of


def _curve(y1: float, y2: float, kind: str) -> str:
    middle = (_LEFT + _RIGHT) / 2
    return line(f"M{_LEFT} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {_RIGHT} {y2:g}", kind)
