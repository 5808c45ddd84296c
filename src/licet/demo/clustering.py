"""Do the rows fall into groups? k-means, the number of groups by silhouette, held against data that have none."""

from __future__ import annotations

import numpy as np

from licet.demo.folds import Rows, folds, splits
from licet.demo.scale import Scaler
from licet.demo.table import Array

STARTS = 4
REFERENCES = 19  # to beat all of 19 by chance happens once in 20


def clustering(x: Array, names: list[str], most: int, count: int, dice: np.random.Generator) -> dict[str, object]:
    """The grouping with the best silhouette among 2 to `most` groups, how it compares and how stable it is.

    Baseline: the same search on 19 tables of the same size whose rows lie evenly in the box (along the principal axes)
    that the data fill. Even such data get a fair silhouette: only what beats them all speaks for groups.
    """
    scaler = Scaler.fit(x)
    z = scaler.apply(x)
    most = min(most, len(z) - 1, len(np.unique(z, axis=0)))
    tried = search(z, most, dice)
    best = max(tried, key=lambda k: tried[k][0])
    score, labels, centres = tried[best]
    along = np.linalg.svd(z - z.mean(axis=0), full_matrices=False)
    axes = along[0] * along[1]
    low, high = axes.min(axis=0), axes.max(axis=0)
    even = [
        max(s for s, _, _ in search(dice.uniform(low, high, axes.shape), most, dice).values())
        for _ in range(REFERENCES)
    ]
    sizes = np.bincount(labels, minlength=best)
    order = np.argsort(-sizes, kind="stable")
    groups = [
        {"size": int(sizes[g]), "centre": dict(zip(names, scaler.centre + centres[g] * scaler.scale, strict=True))}
        for g in order
    ]
    return {
        "model": {"kind": "k-means on columns of equal spread", "clusters": best, "groups": groups},
        "scores": {
            "silhouette": score,
            "by_clusters": {str(k): s for k, (s, _, _) in tried.items()},
            "stability": stability(x, labels, best, count, dice),
        },
        "baseline": {"kind": f"the best of {REFERENCES} tables without groups", "silhouette": max(even)},
        "better_than_baseline": score > max(even),
        "predictions": np.argsort(order)[labels],
    }


def search(z: Array, most: int, dice: np.random.Generator) -> dict[int, tuple[float, Rows, Array]]:
    """For each number of groups: silhouette, labels, centres."""
    apart = distances(z, z)
    found = {}
    for k in range(2, most + 1):
        labels, centres = k_means(z, k, dice)
        found[k] = (silhouette(np.sqrt(apart), labels, k), labels, centres)
    return found


def distances(a: Array, b: Array) -> Array:
    """Squared distances (rows of a, rows of b); never below 0, though rounding would have it so."""
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * a @ b.T
    return np.maximum(squared, 0.0)


def k_means(z: Array, k: int, dice: np.random.Generator) -> tuple[Rows, Array]:
    """Labels and centres of the tightest of several k-means++ starts; every group has a row."""
    best: tuple[float, Rows, Array] | None = None
    for _ in range(STARTS):
        centres = _start(z, k, dice)
        labels = distances(z, centres).argmin(axis=1)
        for _ in range(100):
            hits = np.eye(k)[labels]
            filled = hits.sum(axis=0)
            centres = np.where(filled[:, None] > 0, hits.T @ z / np.maximum(filled, 1)[:, None], centres)
            apart = distances(z, centres)
            after = apart.argmin(axis=1)
            for empty in np.flatnonzero(np.bincount(after, minlength=k) == 0):
                # A group that lost all rows takes the row that lies worst, of those whose group can spare one.
                spare = np.bincount(after, minlength=k)[after] > 1
                after[np.where(spare, apart[np.arange(len(z)), after], -1.0).argmax()] = empty
            if (after == labels).all():
                break
            labels = after
        loss = float(((z - centres[labels]) ** 2).sum())
        if best is None or loss < best[0]:
            best = (loss, labels, centres)
    assert best is not None
    return best[1], best[2]


def _start(z: Array, k: int, dice: np.random.Generator) -> Array:
    chosen = [int(dice.integers(len(z)))]
    nearest = distances(z, z[chosen]).min(axis=1)
    while len(chosen) < k:
        nearest[chosen] = 0.0
        total = float(nearest.sum())
        new = int(dice.choice(len(z), p=nearest / total)) if total > 0 else int(dice.integers(len(z)))
        chosen.append(new)
        nearest = np.minimum(nearest, distances(z, z[[new]])[:, 0])
    return z[chosen]


def silhouette(apart: Array, labels: Rows, k: int) -> float:
    """How much nearer a row is to its own group than to the next one, from -1 to 1, averaged; alone in a group: 0."""
    hits = np.eye(k)[labels]
    sizes, sums, row = hits.sum(axis=0), apart @ hits, np.arange(len(labels))
    own = sizes[labels]
    inside = sums[row, labels] / np.maximum(own - 1, 1)
    others = sums / np.maximum(sizes, 1)
    others[row, labels] = np.inf
    others[:, sizes == 0] = np.inf
    outside = others.min(axis=1)
    wider = np.maximum(inside, outside)
    fair = (own > 1) & (wider > 0)
    return float(np.where(fair, (outside - inside) / np.where(wider > 0, wider, 1.0), 0.0).mean())


def stability(x: Array, labels: Rows, k: int, count: int, dice: np.random.Generator) -> float:
    """How alike (1: the same, 0: as by chance) the grouping stays when it is made without each fold in turn."""
    alike = []
    for train, _ in splits(folds(np.zeros(len(x), dtype=np.intp), count, dice), len(x)):
        scaler = Scaler.fit(x[train])
        z = scaler.apply(x[train])
        if len(z) < k:
            continue
        _, centres = k_means(z, k, dice)
        alike.append(agreement(labels, distances(scaler.apply(x), centres).argmin(axis=1)))
    return float(np.mean(alike)) if alike else 0.0


def agreement(a: Rows, b: Rows) -> float:
    """The adjusted Rand index of two groupings of the same rows."""
    table = np.zeros((int(a.max()) + 1, int(b.max()) + 1))
    np.add.at(table, (a, b), 1)

    def pairs(counts: Array) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, left, right, all_ = (
        pairs(table),
        pairs(table.sum(axis=1)),
        pairs(table.sum(axis=0)),
        len(a) * (len(a) - 1) / 2,
    )
    chance = left * right / all_
    most = (left + right) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)
