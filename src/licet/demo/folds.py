"""How is a score made honest: which rows are held out, what is it compared with, and how sure is the difference?"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from licet.demo.table import Array

Rows = NDArray[np.intp]


def folds(groups: Rows, count: int, dice: np.random.Generator) -> list[Rows]:
    """`count` disjoint sets of rows that make up all, each with its share of every group (one group: plain folds).

    Rows are dealt out like cards, group by group without starting over, so that sizes differ by one at most.
    """
    shuffled = dice.permutation(len(groups))
    dealt = shuffled[np.argsort(groups[shuffled], kind="stable")]
    return [np.sort(dealt[start::count]) for start in range(count)]


def splits(held_out: list[Rows], rows: int) -> Iterator[tuple[Rows, Rows]]:
    """(rows to fit on, rows to score on) for each fold."""
    for test in held_out:
        yield np.setdiff1d(np.arange(rows), test), test


def improvement(baseline: Array, model: Array) -> dict[str, float]:
    """By which share of the baseline's loss the model loses less, row by row on held-out rows, with a 95 % interval.

    The interval takes the rows for independent, which they are not quite: the fits share most of their rows, and no
    unbiased estimate of that exists. Where there is nothing to learn a penalised fit loses to the baseline, so on pure
    noise `low > 0` is claimed less often than the 1 in 40 it promises; the tests count.
    """
    gain = (baseline - model) / float(baseline.mean())
    middle, error = float(gain.mean()), float(gain.std(ddof=1)) / math.sqrt(len(gain))
    wide = student(len(gain) - 1) * error
    return {"share": middle, "low": middle - wide, "high": middle + wide}


def student(freedom: int) -> float:
    """The 97.5 % point of Student's t, by its expansion around the normal's; good to 0.5 % from 4 degrees on."""
    z = 1.959964
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
