"""What does one column say of itself: place, spread, shape, histogram?"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from licet.demo.scale import deviations, mean, sample_variance, spread
from licet.demo.table import Array, Cell, text

MAX_BINS = 200


def of_numbers(x: Array, bins: int | None = None) -> dict[str, object]:
    """The statistics of a column of numbers, NaN where one is missing.

    Variance and standard deviation are the sample's (n - 1), quartiles interpolate linearly, skewness and kurtosis are
    the bias-corrected ones (a normal distribution has 0 and 0). What too few or too equal values leave undefined is
    None. The order of the values never matters, not even in the last bit.
    """
    here = np.sort(x[~np.isnan(x)])
    n = len(here)
    out: dict[str, object] = {"count": n, "missing": len(x) - n}
    if n == 0:
        return out
    q1, median, q3 = (float(q) for q in np.quantile(here, [0.25, 0.5, 0.75]))
    std = None if n < 2 else spread(here) * math.sqrt(n / (n - 1))
    low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    return out | {
        "mean": mean(here),
        "median": median,
        "std": std,
        "variance": sample_variance(here),
        "standard_error": None if std is None else std / math.sqrt(n),
        "min": here[0],
        "max": here[-1],
        "quartiles": {"q1": q1, "q2": median, "q3": q3, "iqr": q3 - q1},
        "skewness": skewness(here),
        "kurtosis": kurtosis(here),
        "distinct": len(np.unique(here)),
        "outliers": {"low": low, "high": high, "count": int(((here < low) | (here > high)).sum())},
        "histogram": histogram(here, bins),
    }


def of_labels(cells: list[Cell]) -> dict[str, object]:
    """How many labels, how many different ones, and the ten most frequent."""
    counted = Counter(text(cell) for cell in cells if cell is not None)
    top = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:10]
    return {
        "count": counted.total(),
        "missing": len(cells) - counted.total(),
        "distinct": len(counted),
        "most_frequent": [{"label": label, "count": count} for label, count in top],
    }


def _standard(x: Array) -> Array | None:
    scale = spread(x)
    return deviations(x) / scale if scale > 0 else None


def skewness(x: Array) -> float | None:
    """The adjusted Fisher-Pearson coefficient G1; None below 3 values or without spread."""
    n, z = len(x), _standard(x)
    if n < 3 or z is None:
        return None
    return float(np.mean(z**3) * np.sqrt(n * (n - 1)) / (n - 2))


def kurtosis(x: Array) -> float | None:
    """The bias-corrected excess kurtosis G2; None below 4 values or without spread."""
    n, z = len(x), _standard(x)
    if n < 4 or z is None:
        return None
    return float((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (np.mean(z**4) - 3) + 6))


def histogram(x: Array, bins: int | None = None) -> dict[str, object]:
    """Edges and counts over sorted values; a bin holds its left edge, the last one both.

    Without `bins` the number follows Freedman and Diaconis, at least Sturges' and at most 50.
    """
    low, high = float(x[0]), float(x[-1])
    if low == high:
        return {"edges": [low, high], "counts": [len(x)]}
    if bins is None:
        q1, q3 = np.quantile(x, [0.25, 0.75])
        width = 2 * float(q3 - q1) / len(x) ** (1 / 3)
        sturges = math.ceil(math.log2(len(x))) + 1
        # A spike with one far value would ask for billions of bins: compare as floats before any rounding.
        wished = (high - low) / width if width > (high - low) / 50 else 50.0 if width > 0 else float(sturges)
        bins = min(max(sturges, math.ceil(wished)), 50)
    edges = np.linspace(low, high, bins + 1)
    while bins > 1 and not (np.diff(edges) > 0).all():  # neighbours among the floats: no room for that many bins
        bins //= 2
        edges = np.linspace(low, high, bins + 1)
    below = np.searchsorted(x, edges[1:-1], side="left")
    return {"edges": edges, "counts": np.diff(np.concatenate([[0], below, [len(x)]]))}
