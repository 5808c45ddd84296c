"""How well can a label be told from numbers? Multinomial logistic regression, its penalty chosen inside each fold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from licet.demo.analysis import ranks
from licet.demo.folds import Rows, folds, improvement, splits
from licet.demo.lbfgs import least
from licet.demo.scale import Scaler
from licet.demo.table import Array

PENALTIES = (10.0, 1.0, 0.1, 0.01, 0.001)  # from stiff to loose: each fit starts where the stiffer one ended
INNER_FOLDS = 3
ON_INTERCEPT = 1e-4  # just enough that a class which an inner fold lacks keeps a finite log probability


@dataclass(frozen=True, slots=True)
class Logistic:
    """One softmax regression: weights of (1, columns ...) for each class."""

    scaler: Scaler
    weights: Array  # (1 + columns, classes)

    def log_probability(self, x: Array) -> Array:
        """(rows, classes)"""
        return log_softmax(_with_one(self.scaler.apply(x)) @ self.weights)


def log_softmax(z: Array) -> Array:
    """The logarithms of shares that sum to 1, row by row."""
    z = z - z.max(axis=1, keepdims=True)
    return np.asarray(z - np.log(np.exp(z).sum(axis=1, keepdims=True)), dtype=np.float64)


def _with_one(x: Array) -> Array:
    return np.hstack([np.ones((len(x), 1)), x])


def path(x: Array, y: Rows, classes: int, until: float) -> list[Logistic]:
    """The fits of this training set for each penalty down to `until`."""
    scaler = Scaler.fit(x)
    inputs, hits = _with_one(scaler.apply(x)), np.eye(classes)[y]
    shape = (inputs.shape[1], classes)
    weights, fits = np.zeros(inputs.shape[1] * classes), []
    for penalty in (p for p in PENALTIES if p >= until):
        stiff = np.full(shape, penalty)
        stiff[0] = ON_INTERCEPT

        def loss(flat: Array, stiff: Array = stiff) -> tuple[float, Array]:
            w = flat.reshape(shape)
            logs = log_softmax(inputs @ w)
            value = -float((logs * hits).sum()) / len(y) + 0.5 * float((stiff * w * w).sum())
            return value, (inputs.T @ (np.exp(logs) - hits) / len(y) + stiff * w).ravel()

        weights = least(loss, weights)
        fits.append(Logistic(scaler, weights.reshape(shape)))
    return fits


def chosen_penalty(x: Array, y: Rows, classes: int, dice: np.random.Generator) -> float:
    """The penalty with the least log loss on held-out rows of this training set; of equals the greatest."""
    loss = np.zeros(len(PENALTIES))
    for train, test in splits(folds(y, INNER_FOLDS, dice), len(y)):
        for i, fit in enumerate(path(x[train], y[train], classes, PENALTIES[-1])):
            loss[i] -= fit.log_probability(x[test])[np.arange(len(test)), y[test]].sum()
    return PENALTIES[int(loss.argmin())]


def classification(
    x: Array, y: Rows, classes: list[str], names: list[str], held_out: list[Rows], dice: np.random.Generator
) -> dict[str, object]:
    """Scores on rows that no part of the fit has seen, beside the shares of the classes as baseline; then the model.

    `y` holds the number of each row's class in `classes`.
    """
    k, n = len(classes), len(y)
    logs, base = np.zeros((n, k)), np.zeros((n, k))
    each: list[dict[str, object]] = []
    for train, test in splits(held_out, n):
        penalty = chosen_penalty(x[train], y[train], k, dice)
        logs[test] = path(x[train], y[train], k, penalty)[-1].log_probability(x[test])
        shares = (np.bincount(y[train], minlength=k) + 1) / (len(train) + k)  # + 1: none is impossible
        base[test] = np.log(shares)
        hit = (logs[test].argmax(axis=1) == y[test]).mean()
        each.append({"rows": len(test), "penalty": penalty, "accuracy": hit})
    row = np.arange(n)
    gain = improvement(-base[row, y], -logs[row, y])
    final = path(x, y, k, chosen := chosen_penalty(x, y, k, dice))[-1]
    told = logs.argmax(axis=1)
    confusion = np.zeros((k, k), dtype=np.intp)
    np.add.at(confusion, (y, told), 1)
    weights = {label: dict(zip(names, final.weights[1:, i], strict=True)) for i, label in enumerate(classes)}
    return {
        "model": {"kind": "logistic regression", "penalty": chosen, "classes": classes, "weights_per_spread": weights},
        "scores": scores(logs, y),
        "baseline": {"kind": "the shares of the classes in the training rows"} | scores(base, y),
        "improvement": gain,
        "better_than_baseline": gain["low"] > 0,
        "per_fold": each,
        "confusion": {"rows": "true class", "columns": "predicted class", "counts": confusion},
        "predictions": [classes[i] for i in told],
    }


def scores(logs: Array, y: Rows) -> dict[str, float | None]:
    """Log loss, accuracy, accuracy per class averaged, and for two classes the area under the ROC curve."""
    told, k = logs.argmax(axis=1), logs.shape[1]
    recalls = [float((told[y == c] == c).mean()) for c in range(k)]
    out: dict[str, float | None] = {
        "log_loss": -float(logs[np.arange(len(y)), y].mean()),
        "accuracy": float((told == y).mean()),
        "balanced_accuracy": float(np.mean(recalls)),
    }
    if k == 2:
        positive = int((y == 1).sum())
        above = ranks(logs[:, 1] - logs[:, 0])[y == 1].sum() - positive * (positive + 1) / 2
        out["auc"] = float(above / (positive * (len(y) - positive)))
    return out
