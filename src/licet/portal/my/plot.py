"""How do a month of counts become a small picture? Bars as numbers; a template writes them as SVG, beside the same
table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 140


@dataclass(frozen=True, slots=True)
class Bar:
    day_s: int
    count: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars in a box of `WIDTH` by `HEIGHT`, the highest as high as the box. `most` is 0 where nothing was counted."""

    bars: tuple[Bar, ...]
    most: int
    total: int
    width: int = WIDTH
    height: int = HEIGHT


def plot(counts: Sequence[tuple[int, int]]) -> Plot:
    """The picture of (day, count) pairs. A day with any count at all is seen: at least two units high."""
    most = max((count for _, count in counts), default=0)
    step = WIDTH // max(1, len(counts))
    bars = []
    for n, (day_s, count) in enumerate(counts):
        height = max(2, count * HEIGHT // most) if count else 0
        bars.append(Bar(day_s, count, n * step + 1, HEIGHT - height, step - 2, height))
    return Plot(tuple(bars), most, sum(count for _, count in counts))
