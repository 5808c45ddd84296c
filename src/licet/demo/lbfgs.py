"""Where is a smooth convex function least? Limited-memory BFGS, so that the demo needs no SciPy."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from licet.demo.table import Array

MEMORY = 8


def least(loss: Callable[[Array], tuple[float, Array]], start: Array, steps: int = 200, close: float = 1e-6) -> Array:
    """The point at which no slope of `loss` (value and gradient) exceeds `close`, or the last after `steps` steps."""
    at = start
    value, slope = loss(at)
    past: deque[tuple[Array, Array]] = deque(maxlen=MEMORY)
    for _ in range(steps):
        if np.abs(slope).max() < close:
            break
        way = _downhill(slope, past)
        fall = float(slope @ way)
        length = 1.0 if past else min(1.0, 1.0 / float(np.abs(slope).sum()))
        for _ in range(40):
            there = at + length * way
            value_there, slope_there = loss(there)
            if value_there <= value + 1e-4 * length * fall:
                break
            length /= 2
        else:
            break  # no step lowers it any more: as near as floats allow
        moved, turned = there - at, slope_there - slope
        if moved @ turned > 1e-12 * (turned @ turned):
            past.append((moved, turned))
        at, value, slope = there, value_there, slope_there
    return at


def _downhill(slope: Array, past: deque[tuple[Array, Array]]) -> Array:
    """The quasi-Newton direction by the two-loop recursion."""
    way = -slope
    weights = []
    for moved, turned in reversed(past):
        weight = (moved @ way) / (moved @ turned)
        weights.append(weight)
        way = way - weight * turned
    if past:
        moved, turned = past[-1]
        way = way * ((moved @ turned) / (turned @ turned))
    for (moved, turned), weight in zip(past, reversed(weights), strict=True):
        way = way + moved * (weight - (turned @ way) / (moved @ turned))
    return way
