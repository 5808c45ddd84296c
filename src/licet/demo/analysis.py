"""`basic_analysis`: what do the caller's numbers say of themselves, and of each other?"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from licet.demo import summary
from licet.demo.scale import deviations, spread
from licet.demo.table import Array, Data, answer, kind, numbers, read
from licet.errors import Refused

FEWEST_PAIRS = 3


def basic_analysis(data: Data, columns: list[str] | None = None, bins: int | None = None) -> dict[str, object]:
    """Summary statistics of a list of numbers or of a table; for a table also how its columns go together.

    `data` is a list of numbers, a list of rows, or a dict of columns; null stands for a missing value. A list answers
    with its statistics at the top level (`mean`, `median`, `std` ...), a table with `columns` and `correlations`.
    Refused: no numbers, ragged rows, values that are not finite.
    """
    if bins is not None and not 1 <= bins <= summary.MAX_BINS:
        raise Refused(
            f"{bins} bins cannot be drawn",
            where="bins",
            mend=f"1 to {summary.MAX_BINS}, or none for a choice by the data",
        )
    table = read(data, columns)
    kinds = {name: kind(name, cells) for name, cells in table.items()}
    if set(kinds.values()) == {"empty"}:
        raise Refused("every value is missing", where="data", mend="send at least one number")
    arrays = {name: numbers(name, cells) for name, cells in table.items() if kinds[name] != "labels"}
    if not isinstance(data, dict) and not isinstance(data[0], list):
        (only,) = arrays.values()
        return answer(**summary.of_numbers(only, bins), notes=_notes(arrays))
    return answer(
        rows=len(next(iter(table.values()))),
        columns={
            name: {"kind": kinds[name]}
            | (summary.of_labels(cells) if kinds[name] == "labels" else summary.of_numbers(arrays[name], bins))
            for name, cells in table.items()
        },
        correlations=correlations(arrays) if len(arrays) > 1 else {},
        notes=_notes(arrays),
    )


def correlations(arrays: dict[str, Array]) -> dict[str, object]:
    """Pearson's and Spearman's coefficient of each pair, over the rows in which neither is missing; None: undefined."""
    pearson: dict[str, dict[str, float | None]] = {name: {} for name in arrays}
    spearman: dict[str, dict[str, float | None]] = {name: {} for name in arrays}
    for name, x in arrays.items():
        here = x[~np.isnan(x)]
        pearson[name][name] = spearman[name][name] = 1.0 if len(here) >= FEWEST_PAIRS and spread(here) > 0 else None
    for a, b in combinations(arrays, 2):
        both = ~(np.isnan(arrays[a]) | np.isnan(arrays[b]))
        x, y = arrays[a][both], arrays[b][both]
        pearson[a][b] = pearson[b][a] = correlation(x, y)
        spearman[a][b] = spearman[b][a] = correlation(ranks(x), ranks(y))
    return {"pearson": pearson, "spearman": spearman}


def correlation(x: Array, y: Array) -> float | None:
    """Pearson's coefficient; None below 3 pairs or where one side does not vary."""
    if len(x) < FEWEST_PAIRS or spread(x) == 0 or spread(y) == 0:
        return None
    return float(np.clip(np.mean(deviations(x) / spread(x) * (deviations(y) / spread(y))), -1.0, 1.0))


def ranks(x: Array) -> Array:
    """The rank of each value from 1; equal values share the mean of theirs."""
    _, which, counts = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[which], dtype=np.float64)


def _notes(arrays: dict[str, Array]) -> list[str]:
    notes = []
    for name, x in arrays.items():
        n = int((~np.isnan(x)).sum())
        if n == 0:
            notes.append(f"`{name}` has no values at all")
        elif n < 4:
            notes.append(f"`{name}` has {n} value{'s' if n > 1 else ''}: spread and shape are undefined or mean little")
        elif n < 30:
            notes.append(f"`{name}` has {n} values: skewness and kurtosis vary much from sample to sample of this size")
        if 0 < n < len(x):
            notes.append(
                f"`{name}`: {len(x) - n} of {len(x)} are missing and left out; fair only if they miss by chance"
            )
    return notes
