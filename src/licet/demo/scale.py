"""How are numbers centred and brought to one scale, without overflow, underflow or a constant column's 0 / 0?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from licet.demo.table import Array

# A spread below this counts as none for models: a slope per unit of it would overflow.
SMALLEST_SPREAD = 1e-100
# A held-out value may lie absurdly far from all that was fitted; beyond this many spreads it counts as just as far.
FARTHEST = 1e6


def mean(x: Array) -> float:
    """The mean, within the least and the greatest value even after rounding."""
    return float(np.clip(x.mean(), x.min(), x.max()))


def deviations(x: Array) -> Array:
    """Each value less the mean. Centred twice: beside a large offset the mean itself is rounded."""
    once = x - mean(x)
    return once - once.mean() if x.min() < x.max() else np.zeros_like(x)


def _squares(x: Array) -> tuple[float, float]:
    """The sum of squared deviations as (unit, sum in squares of it); a power of two as unit costs no bit."""
    away = deviations(x)
    farthest = float(np.abs(away).max())
    if farthest == 0.0:
        return 0.0, 0.0
    unit = math.ldexp(1.0, max(math.frexp(farthest)[1], -1073))
    return unit, float(np.sum((away / unit) ** 2))


def spread(x: Array) -> float:
    """The root mean square deviation (population). Exactly 0.0 for a constant column, and only then."""
    unit, total = _squares(x)
    return unit * math.sqrt(total / len(x)) or unit


def sample_variance(x: Array) -> float | None:
    """The variance with n - 1; None for a single value. Beside 1e-162 it underflows to 0, never above."""
    unit, total = _squares(x)
    return unit * unit * (total / (len(x) - 1)) if len(x) > 1 else None


@dataclass(frozen=True, slots=True)
class Scaler:
    """The centre and scale of each column of the rows it was fitted on, and of no other row."""

    centre: Array
    scale: Array  # 0.0 where the column is constant

    @classmethod
    def fit(cls, x: Array) -> Self:
        found = np.array([spread(column) for column in x.T])
        return cls(np.array([mean(column) for column in x.T]), np.where(found > SMALLEST_SPREAD, found, 0.0))

    def apply(self, x: Array) -> Array:
        """The columns in units of their scale; a constant one is 0, so that it says nothing."""
        safe = np.where(self.scale > 0, self.scale, 1.0)
        return np.where(self.scale > 0, np.clip((x - self.centre) / safe, -FARTHEST, FARTHEST), 0.0)
