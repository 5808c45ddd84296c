"""How well can a number be told from other numbers? Ridge regression, its penalty chosen inside each fold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from licet.demo.folds import Rows, folds, improvement, splits
from licet.demo.scale import Scaler, mean, spread
from licet.demo.table import Array

PENALTIES = np.logspace(-3, 3, 13)  # per row, for columns of spread 1
INNER_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Ridge:
    """Linear regressions of one training set, one for each penalty."""

    scaler: Scaler
    intercept: float
    slopes: Array  # (penalties, columns), per spread of a column

    @classmethod
    def fit(cls, x: Array, y: Array, penalties: Array = PENALTIES) -> Ridge:
        scaler, middle = Scaler.fit(x), mean(y)
        u, s, vt = np.linalg.svd(scaler.apply(x), full_matrices=False)
        shrunk = s / (s**2 + penalties[:, None] * len(x)) * (u.T @ (y - middle))
        return cls(scaler, middle, shrunk @ vt)

    def predict(self, x: Array) -> Array:
        """(rows, penalties)"""
        return self.intercept + self.scaler.apply(x) @ self.slopes.T


def chosen_penalty(x: Array, y: Array, dice: np.random.Generator) -> float:
    """The penalty with the least squared error on held-out rows of this training set; of equals the greatest."""
    loss = np.zeros(len(PENALTIES))
    for train, test in splits(folds(np.zeros(len(x), dtype=np.intp), min(INNER_FOLDS, len(x)), dice), len(x)):
        loss += ((Ridge.fit(x[train], y[train]).predict(x[test]) - y[test, None]) ** 2).sum(axis=0)
    return float(PENALTIES[::-1][loss[::-1].argmin()])


def regression(
    x: Array, y: Array, names: list[str], held_out: list[Rows], dice: np.random.Generator
) -> dict[str, object]:
    """Scores on rows that no part of a fit has seen, beside the mean as baseline; then the model of all rows."""
    unit, middle = spread(y), mean(y)
    goal = (y - middle) / unit  # a change of unit only: it leaks nothing, and squares of it stay finite
    guess, base = np.zeros(len(y)), np.zeros(len(y))
    each: list[dict[str, object]] = []
    for train, test in splits(held_out, len(y)):
        penalty = chosen_penalty(x[train], goal[train], dice)
        guess[test] = Ridge.fit(x[train], goal[train], np.array([penalty])).predict(x[test])[:, 0]
        base[test] = mean(goal[train])
        off, base_off = rms(guess[test] - goal[test]) * unit, rms(base[test] - goal[test]) * unit
        each.append({"rows": len(test), "penalty": penalty, "rmse": off, "baseline_rmse": base_off})
    gain = improvement((base - goal) ** 2, (guess - goal) ** 2)
    final = chosen_penalty(x, goal, dice)
    ridge = Ridge.fit(x, goal, np.array([final]))
    slopes = ridge.slopes[0] * unit
    scale = ridge.scaler.scale
    per_unit = np.where(scale > 0, slopes / np.where(scale > 0, scale, 1.0), 0.0)
    return {
        "model": {
            "kind": "ridge regression",
            "penalty": final,
            "intercept": middle + ridge.intercept * unit - float(per_unit @ ridge.scaler.centre),
            "coefficients": dict(zip(names, per_unit, strict=True)),
            "coefficients_per_spread": dict(zip(names, slopes, strict=True)),
        },
        "scores": scores(guess, goal, unit),
        "baseline": {"kind": "the mean of the training rows"} | scores(base, goal, unit),
        "improvement": gain,
        "better_than_baseline": gain["low"] > 0,
        "per_fold": each,
        "predictions": middle + guess * unit,
    }


def rms(x: Array) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(x**2)))


def scores(guess: Array, goal: Array, unit: float) -> dict[str, float]:
    """R² against the mean of all rows, and errors in the target's own unit."""
    off = guess - goal
    r2 = 1 - float(np.sum(off**2) / np.sum((goal - goal.mean()) ** 2))
    return {"r2": r2, "rmse": rms(off) * unit, "mae": float(np.abs(off).mean()) * unit}
