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


@dataclass(frozen=True, slots=True)
class Climb:
    """Use from a window's beginning until now as a line that climbs, and its limit as one that lies: in the same box.

    `line` are the corners of the first, as SVG has them; `limit_y` is the height of the second.
    """

    line: str
    limit_y: int
    used: int
    limit: int
    width: int = WIDTH
    height: int = HEIGHT


def climb(counts: Sequence[tuple[int, int]], start_s: int, end_s: int, now_s: int, limit: int) -> Climb:
    """The picture of (day, units) pairs of one window, whose days lie where they are in it."""
    used = sum(units for _, units in counts)
    top = max(used, limit, 1) * 11 // 10 + 1

    def x(at_s: int) -> int:
        return (min(max(at_s, start_s), end_s) - start_s) * WIDTH // max(1, end_s - start_s)

    corners, so_far = [(0, HEIGHT)], 0
    for day_s, units in sorted(counts):
        corners.append((x(day_s), HEIGHT - so_far * HEIGHT // top))
        so_far += units
        corners.append((x(min(day_s + 86_400, now_s)), HEIGHT - so_far * HEIGHT // top))
    corners.append((x(now_s), HEIGHT - so_far * HEIGHT // top))
    return Climb(" ".join(f"{a},{b}" for a, b in corners), HEIGHT - limit * HEIGHT // top, used, limit)
