"""`advanced_modelling`: what can be told from the caller's columns, and how far is the telling to be trusted?"""

from __future__ import annotations

from typing import Literal

import numpy as np

from licet.demo.classification import classification
from licet.demo.clustering import clustering
from licet.demo.folds import Rows
from licet.demo.folds import folds as dealt
from licet.demo.regression import regression
from licet.demo.scale import SMALLEST_SPREAD, spread
from licet.demo.table import Array, Cell, Data, Table, answer, kind, numbers, read, text
from licet.errors import Refused

Task = Literal["regression", "classification", "clustering"]

# Chosen so that the worst accepted input ends well within a feature's 30 seconds on one core.
MOST_ROWS: dict[Task, int] = {"regression": 5000, "classification": 2000, "clustering": 1000}
FEWEST_ROWS: dict[Task, int] = {"regression": 5, "classification": 6, "clustering": 3}
MOST_CLASSES = 10
FEWEST_OF_A_CLASS = 3
MOST_CLUSTERS = 10


def advanced_modelling(
    data: Data,
    target: str | list[Cell] | None = None,
    task: Literal["auto", "regression", "classification", "clustering"] = "auto",
    columns: list[str] | None = None,
    folds: int = 5,
    clusters: int = 8,
    seed: int = 0,
) -> dict[str, object]:
    """A model of the caller's data with scores that only held-out rows give, a baseline beside it, and its cautions.

    `target` is the name of a column or a list of one value a row. Without it the rows are grouped (k-means, 2 to
    `clusters` groups); a target of numbers is regressed (ridge), one of labels or of two values classified (logistic).
    Scaling and the choice of the penalty happen inside each of `folds` folds. The same `seed` gives the same answer.
    Refused: missing values, labels among the columns, too few or too many rows.
    """
    if not 2 <= folds <= 10:
        raise Refused(f"{folds} folds cannot be made", where="folds", mend="2 to 10")
    if not 2 <= clusters <= MOST_CLUSTERS:
        raise Refused(f"at most {clusters} clusters cannot be tried", where="clusters", mend=f"2 to {MOST_CLUSTERS}")
    if not 0 <= seed < 2**63:
        raise Refused("the seed is out of range", where="seed", mend="0 or a positive whole number below 2^63")
    table = read(data, columns)
    goal = _target(table, target)
    chosen, notes = _task(task, goal)
    rows = len(next(iter(table.values())))
    if not FEWEST_ROWS[chosen] <= rows <= MOST_ROWS[chosen]:
        low, high = FEWEST_ROWS[chosen], MOST_ROWS[chosen]
        raise Refused(f"{chosen} does not work on {rows} rows", where="data", mend=f"send {low} to {high}")
    x = np.column_stack([_complete(name, cells) for name, cells in table.items()])
    notes += _cautions(x, list(table), chosen)
    dice = np.random.default_rng(seed)
    made: dict[str, object]
    if goal is None:
        if not any(spread(column) > SMALLEST_SPREAD for column in x.T):
            raise Refused("all rows are equal", where="data", mend="send rows that differ")
        folds = min(folds, rows)
        made = clustering(x, list(table), clusters, folds, dice)
    elif chosen == "regression":
        made, folds = _regression(x, goal, list(table), folds, dice)
    else:
        made, folds = _classification(x, goal, list(table), folds, dice)
    if not made["better_than_baseline"]:
        notes.append("not shown to be better than the baseline: do not rely on this model")
    return answer(task=chosen, rows=rows, columns=list(table), folds=folds, seed=seed, **made, notes=notes)


def _target(table: Table, target: str | list[Cell] | None) -> list[Cell] | None:
    """The target's values; a target that is a column is taken out of the table."""
    if target is None:
        return None
    rows = len(next(iter(table.values())))
    if isinstance(target, str):
        if target not in table:
            raise Refused(
                f"there is no column `{target}`", where="target", mend="known: " + ", ".join(list(table)[:10])
            )
        target = table.pop(target)
    if not table:
        raise Refused("nothing is left to tell the target from", where="data", mend="send at least one more column")
    if len(target) != rows:
        raise Refused(f"{len(target)} targets for {rows} rows", where="target", mend="send one for each row")
    return target


def _task(asked: str, goal: list[Cell] | None) -> tuple[Task, list[str]]:
    if goal is None:
        if asked not in ("auto", "clustering"):
            raise Refused(f"{asked} needs a target", where="target", mend="name the column, or send one value a row")
        return "clustering", []
    if asked == "clustering":
        raise Refused("clustering takes no target", where="target", mend="leave `target` out")
    if None in goal:
        row = goal.index(None)
        raise Refused("a target is missing", where=f"target[{row}]", mend="leave rows without a target out")
    labels = kind("target", goal) == "labels"
    if asked == "regression" and labels:
        raise Refused("regression needs a target of numbers", where="target", mend='use `"task": "classification"`')
    if asked == "auto" and not labels and len(set(goal)) == 2:
        return "classification", [
            'the target has two values and is taken for two classes; `"task": "regression"` if not'
        ]
    return "regression" if asked == "regression" or (asked == "auto" and not labels) else "classification", []


def _complete(name: str, cells: list[Cell]) -> Array:
    if kind(name, cells) == "labels":
        raise Refused(
            f"column `{name}` holds labels", where=f"data.{name}", mend="encode it by data_preprocessing first"
        )
    if None in cells:
        row = cells.index(None)
        raise Refused(
            f"column `{name}` has a missing value",
            where=f"data.{name}[{row}]",
            mend="fill it by data_preprocessing first",
        )
    return numbers(name, cells)


def _regression(
    x: Array, goal: list[Cell], names: list[str], count: int, dice: np.random.Generator
) -> tuple[dict[str, object], int]:
    y = numbers("target", goal)
    if spread(y) <= SMALLEST_SPREAD:
        raise Refused(
            "all targets are equal: there is nothing to tell", where="target", mend="send targets that differ"
        )
    count = min(count, len(y))
    return regression(x, y, names, dealt(np.zeros(len(y), dtype=np.intp), count, dice), dice), count


def _classification(
    x: Array, goal: list[Cell], names: list[str], count: int, dice: np.random.Generator
) -> tuple[dict[str, object], int]:
    if kind("target", goal) == "labels":
        classes, y = np.unique([text(cell) for cell in goal], return_inverse=True)
    else:
        values, y = np.unique(numbers("target", goal), return_inverse=True)
        classes = np.array([str(int(v)) if v.is_integer() else repr(float(v)) for v in values])
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise Refused(f"{len(classes)} classes cannot be told apart", where="target", mend=f"send 2 to {MOST_CLASSES}")
    sizes = np.bincount(y)
    if sizes.min() < FEWEST_OF_A_CLASS:
        raise Refused(
            f"class `{classes[sizes.argmin()]}` has {sizes.min()} rows",
            where="target",
            mend=f"send at least {FEWEST_OF_A_CLASS} of each class, or join rare ones",
        )
    count = min(count, int(sizes.min()))
    labels: Rows = y.astype(np.intp)
    return classification(x, labels, [str(c) for c in classes], names, dealt(labels, count, dice), dice), count


def _cautions(x: Array, names: list[str], task: Task) -> list[str]:
    rows, width = x.shape
    notes = []
    if rows < 30:
        notes.append(f"only {rows} rows: every score here would move much with a few rows more or less")
    if task != "clustering" and rows < 10 * width:
        notes.append(f"{rows} rows for {width} columns, fewer than 10 a column: weights are not to be interpreted")
    for column, name in zip(x.T, names, strict=True):
        if spread(column) <= SMALLEST_SPREAD:
            notes.append(f"`{name}` does not vary and says nothing")
    return notes
