"""What changed and when, as a line with the newest at the top. What is to come is hollow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from licet.portal.pages.drawings.pen import WIDE, dot, line, picture, text

MOST = 12
_ROW = 36
_X = 10


@dataclass(frozen=True, slots=True)
class Mark:
    """One publication: the day in words, what happened in words; `kind` is stricter, looser, both, other, same, first."""

    day: str
    says: str
    kind: str
    coming: bool


SIGNS = {"stricter": "\N{MINUS SIGN}", "looser": "+", "both": "±", "other": "~", "same": "=", "first": "•"}


def timeline(marks: Sequence[Mark], *, title: str, words: str, more: str, earlier: int = 0) -> str:
    """A dot for each, the newest first; `earlier` is how many more there are that nobody worked out. "" for none."""
    if not marks:
        return ""
    shown = marks[:MOST]
    height = len(shown) * _ROW
    drawn = [line(f"M{_X} 16V{height - _ROW + 16}", "axis")] if len(shown) > 1 else []
    for n, mark in enumerate(shown):
        y = n * _ROW + 16
        drawn += [
            dot(_X, y, f"{mark.kind}{' coming' if mark.coming else ''}", r=9),
            text(_X, y + 4, SIGNS.get(mark.kind, "•"), kind="sign"),
            text(_X + 20, y - 1, mark.day, most=WIDE - _X - 20, kind="name"),
            text(_X + 20, y + 13, mark.says, most=WIDE - _X - 20, kind="soft"),
        ]
    if hidden := len(marks) - len(shown) + earlier:
        drawn.append(text(0, height + 14, more.format(n=hidden), kind="soft"))
        height += 20
    return picture("timeline", title, words, height, drawn)
