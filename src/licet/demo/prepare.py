"""`data_preprocessing`: missing values, outliers, scale and labels, and an account of what was done to each column.

The order is fixed and matters. Outliers are looked for among the values that are there, before gaps are filled: a
filled-in mean is no evidence. Scales are measured last, on what is handed back.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from licet.demo.encode import encoded
from licet.demo.scale import deviations, mean, spread
from licet.demo.table import Array, Cell, Data, Table, answer, kind, numbers, read, text
from licet.errors import Refused

Missing = Literal["mean", "median", "mode", "drop", "keep"]
Scaling = Literal["standard", "minmax", "robust", "none"]
Outliers = Literal["keep", "clip", "drop", "mark"]
Report = dict[str, dict[str, object]]

MAX_CELLS_OUT = 400_000
# Below this share of the farthest deviation, a spread is an accident of rounding and no unit to divide by.
NO_SPREAD = 1e-12


def data_preprocessing(
    data: Data,
    columns: list[str] | None = None,
    missing: Missing = "median",
    outliers: Outliers = "keep",
    outlier_rule: Literal["iqr", "zscore"] = "iqr",
    outlier_limit: float | None = None,
    scaling: Scaling = "standard",
    encoding: Literal["one-hot", "ordinal", "none"] = "one-hot",
    order: dict[str, list[str]] | None = None,
) -> dict[str, object]:
    """The caller's table made ready for a model: `data` by column, and `report`, what was done to each column and why.

    `missing` fills gaps (labels always take the most frequent), drops rows or keeps null. `outliers` beyond
    `outlier_limit` (1.5 IQR outside the quartiles, or 3 standard deviations) are clipped, dropped with their row, or
    marked in a column of their own. `order` gives the order of labels for `ordinal`. `rows.kept` are the numbers of
    the rows handed back, from 0. Refused: a column that mixes numbers and labels, an order that does not fit, no row
    left.
    """
    limit = outlier_limit if outlier_limit is not None else (1.5 if outlier_rule == "iqr" else 3.0)
    if not 0 < limit <= 1000:
        raise Refused(f"an outlier limit of {limit} says nothing", where="outlier_limit", mend="above 0, at most 1000")
    table = read(data, columns)
    kinds = {name: kind(name, cells) for name, cells in table.items()}
    report: Report = {name: {"kind": kinds[name]} for name in table}
    for name in [name for name in table if kinds[name] == "empty"]:
        report[name]["left_out"] = "every value is missing"
    arrays = {name: numbers(name, cells) for name, cells in table.items() if kinds[name] == "numbers"}
    labels: Table = {name: cells for name, cells in table.items() if kinds[name] == "labels"}
    if not arrays and not labels:
        raise Refused("every value is missing", where="data", mend="send at least one value")
    rows = len(next(iter(table.values())))
    kept = np.ones(rows, dtype=bool)

    marks: dict[str, Array] = {}
    for name, x in arrays.items():
        outside, report[name]["outliers"] = _outliers(x, outliers, outlier_rule, limit)
        if outliers == "drop":
            kept &= ~outside
        elif outliers == "mark":
            marks[name] = outside.astype(np.float64)
    if missing == "drop":
        for x in arrays.values():
            kept &= ~np.isnan(x)
        for cells in labels.values():
            kept &= np.array([cell is not None for cell in cells])
    if not kept.any():
        raise Refused("no row is left", where="data", mend='choose `missing` other than "drop", or keep outliers')

    ready: dict[str, list[object]] = {}
    for name in table:
        if name in arrays:
            filled, report[name]["missing"] = _filled(arrays[name][kept], missing)
            scaled, report[name]["scaling"] = _scaled(filled, scaling)
            _put(ready, name, [None if np.isnan(value) else float(value) for value in scaled])
            if name in marks:
                _put(ready, f"{name}_outlier", [int(mark) for mark in marks[name][kept]])
        elif name in labels:
            here = [cell for cell, keep in zip(labels[name], kept, strict=True) if keep]
            texts, report[name]["missing"] = _filled_labels(here, missing)
            made, report[name]["encoding"] = encoded(name, texts, encoding, (order or {}).get(name))
            for column, values in made.items():
                _put(ready, column, values)
    if strangers := sorted(set(order or {}) - set(labels)):
        raise Refused(
            f"`order` names `{strangers[0]}`, no column of labels", where="order", mend="name a column of labels"
        )
    if len(ready) * int(kept.sum()) > MAX_CELLS_OUT:
        raise Refused(
            "the answer would be too large", where="encoding", mend='use `"encoding": "ordinal"` or fewer rows'
        )
    where = {"given": rows, "returned": int(kept.sum()), "kept": np.flatnonzero(kept), "dropped": np.flatnonzero(~kept)}
    return answer(
        columns=list(ready), data=ready, rows=where, report=report, notes=_notes(report, rows, int(kept.sum()))
    )


def _put(ready: dict[str, list[object]], name: str, values: list[object] | list[float | None] | list[int]) -> None:
    if name in ready:
        raise Refused(f"two columns would be called `{name}`", where="data", mend="rename the one you sent")
    ready[name] = list(values)


def _outliers(x: Array, what: Outliers, rule: str, limit: float) -> tuple[np.ndarray, dict[str, object]]:
    """Which cells lie outside the fences; `clip` moves them to the fence, in place. Missing cells never do."""
    none = np.zeros(len(x), dtype=bool)
    if what == "keep":
        return none, {"done": "keep"}
    here = x[~np.isnan(x)]
    if rule == "iqr":
        q1, q3 = (float(q) for q in np.quantile(here, [0.25, 0.75]))
        low, high = q1 - limit * (q3 - q1), q3 + limit * (q3 - q1)
    else:
        low, high = mean(here) - limit * spread(here), mean(here) + limit * spread(here)
    said: dict[str, object] = {"done": what, "rule": rule, "limit": limit}
    if low >= high:
        return none, said | {"count": 0, "note": "half of the values are equal: no fence can be drawn"}
    with np.errstate(invalid="ignore"):
        outside = (x < low) | (x > high)
    if what == "clip":
        np.clip(x, low, high, out=x)
    return outside, said | {"low": low, "high": high, "count": int(outside.sum()), "rows": np.flatnonzero(outside)}


def _filled(x: Array, how: Missing) -> tuple[Array, dict[str, object]]:
    gaps = np.isnan(x)
    said: dict[str, object] = {"count": int(gaps.sum()), "done": how}
    if not gaps.any() or how in ("drop", "keep"):
        return x, said
    here = np.sort(x[~gaps])
    if not len(here):
        raise Refused(
            "a column has only missing values left", where="data", mend="keep outliers, or leave the column out"
        )
    if how == "mode":
        values, counts = np.unique(here, return_counts=True)
        value = float(values[counts.argmax()])  # of equally frequent ones the least
    else:
        value = mean(here) if how == "mean" else float(np.median(here))
    return np.where(gaps, value, x), said | {"value": value}


def _filled_labels(cells: list[Cell], how: Missing) -> tuple[list[str | None], dict[str, object]]:
    texts = [None if cell is None else text(cell) for cell in cells]
    here = sorted(label for label in texts if label is not None)
    said: dict[str, object] = {"count": len(texts) - len(here), "done": how}
    if len(here) == len(texts) or how in ("drop", "keep"):
        return texts, said
    if not here:
        raise Refused(
            "a column has only missing values left", where="data", mend="keep outliers, or leave the column out"
        )
    values, counts = np.unique(here, return_counts=True)
    value = str(values[counts.argmax()])
    return [value if label is None else label for label in texts], said | {"done": "mode", "value": value}


def _scaled(x: Array, how: Scaling) -> tuple[Array, dict[str, object]]:
    """The column on its new scale; one without spread becomes 0 throughout, since no unit can be had from it."""
    here = x[~np.isnan(x)]
    if how == "none" or not len(here):
        return x, {"done": "none"}
    if how == "standard":
        centre, scale, away = mean(here), spread(here), deviations(here)
    elif how == "minmax":
        centre, scale = float(here.min()), float(here.max() - here.min())
        away = here - centre
    else:
        q1, centre, q3 = (float(q) for q in np.quantile(here, [0.25, 0.5, 0.75]))
        scale, away = q3 - q1, here - centre
    out = x.copy()
    said: dict[str, object] = {"done": how, "centre": centre, "scale": scale}
    if scale <= NO_SPREAD * float(np.abs(away).max()):
        out[~np.isnan(x)] = away if away.any() else 0.0
        return out, said | {"note": "no spread to divide by: centred only"}
    out[~np.isnan(x)] = away / scale
    return out, said


def _notes(report: Report, given: int, returned: int) -> list[str]:
    notes = [f"`{name}` is left out: {said['left_out']}" for name, said in report.items() if "left_out" in said]
    if returned < given:
        notes.append(f"{given - returned} of {given} rows are dropped: what they had in common is lost to any model")
    notes.append("centre, scale and fences come from all rows: for an honest test score, prepare inside each fold")
    return notes
