"""Tiers as a ladder: how much of what is served each may call, for how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from licet.portal.pages.drawings.pen import WIDE, box, picture, text

MOST = 12
_STEP = 40


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier: how many of the features it may call (`depends` are counted apart), and its price in words."""

    name: str
    price: str
    yes: int
    depends: int


def ladder(rungs: Sequence[Rung], features: int, *, title: str, words: str, of: str, more: str) -> str:
    """A bar for each tier. `of` is like "{yes} of {all}", `more` like "and {n} more"; "" for no tiers or no features."""
    if not rungs or not features:
        return ""
    drawn: list[str] = []
    for n, rung in enumerate(rungs[:MOST]):
        y = n * _STEP
        drawn += [
            text(0, y + 13, rung.name, most=WIDE * 0.42, kind="name"),
            text(WIDE, y + 13, rung.price, most=WIDE * 0.55, end=True, kind="soft"),
            box(0, y + 20, WIDE - 62, 8, "track"),
        ]
        if rung.yes:
            drawn.append(box(0, y + 20, (WIDE - 62) * rung.yes / features, 8, "yes"))
        if rung.depends:
            start = (WIDE - 62) * rung.yes / features
            drawn.append(box(start, y + 20, (WIDE - 62) * rung.depends / features, 8, "depends"))
        drawn.append(text(WIDE, y + 28, of.format(yes=rung.yes, all=features), end=True))
    height = len(rungs[:MOST]) * _STEP - 8
    if len(rungs) > MOST:
        drawn.append(text(0, height + 18, more.format(n=len(rungs) - MOST), kind="soft"))
        height += 24
    return picture("ladder", title, words, height, drawn)
