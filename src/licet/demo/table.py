"""What did the caller send: which columns, which of them numbers, and does it make sense at all?

Every feature takes its data in one of three shapes and reads it here, so that all three refuse the same nonsense in
the same words. Inside the demo a table is a dict of equally long columns; a missing cell is None.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from licet.errors import LicetError, Refused

Cell = float | str | bool | None
Data = list[Cell] | list[list[Cell]] | dict[str, list[Cell]]
Table = dict[str, list[Cell]]
Array = NDArray[np.float64]
Kind = Literal["numbers", "labels", "empty"]

MAX_CELLS = 200_000
MAX_COLUMNS = 50
# Squares, and quotients of two such numbers, stay finite: no answer of the demo can overflow.
LARGEST = 1e100


def read(data: Data, names: list[str] | None = None) -> Table:
    """The table that `data` is: a bare list is one column `value`, a list of lists is rows, a dict is columns.

    `names` names the columns of a list of rows. Refused: no data, ragged data, too much data, names that do not fit.
    """
    if isinstance(data, dict):
        if names is not None:
            raise Refused("`columns` names columns that `data` names already", mend="leave `columns` out")
        table = dict(data)
    elif data and isinstance(data[0], list):
        table = _from_rows(data, names)
    else:
        table = {names[0] if names and len(names) == 1 else "value": _flat(data)}
        if names is not None and len(names) != 1:
            raise Refused(f"`columns` has {len(names)} names for one column", mend="give one name, or none")
    _check_shape(table)
    return table


def _flat(data: list[Cell] | list[list[Cell]]) -> list[Cell]:
    cells: list[Cell] = []
    for row, cell in enumerate(data):
        if isinstance(cell, list):
            raise Refused(
                "a list of numbers has a list among them", where=f"data[{row}]", mend="send numbers only, or rows only"
            )
        if isinstance(cell, str | bool):
            raise Refused(
                f"{cell!r} is not a number",
                where=f"data[{row}]",
                mend='send numbers; labels stand in a table with named columns: {"data": {"colour": ["red", "blue"]}}',
            )
        cells.append(cell)
    return cells


def _from_rows(data: list[Cell] | list[list[Cell]], names: list[str] | None) -> Table:
    first = data[0]
    width = len(first) if isinstance(first, list) else 0
    if names is not None and (len(names) != width or len(set(names)) != width):
        raise Refused(f"`columns` has to name {width} columns, each once", where="columns", mend="one name a column")
    columns: list[list[Cell]] = [[] for _ in range(width)]
    for number, row in enumerate(data):
        if not isinstance(row, list) or len(row) != width:
            raise Refused(
                f"this row does not have {width} cells as the first one has",
                where=f"data[{number}]",
                mend="give every row the same number of cells; null stands for a missing one",
            )
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
    return dict(zip(names or [f"column_{i + 1}" for i in range(width)], columns, strict=True))


def _check_shape(table: Table) -> None:
    lengths = {name: len(cells) for name, cells in table.items()}
    if not any(lengths.values()):
        raise Refused("there is no data", where="data", mend="send at least one number")
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"`{name}` {length}" for name, length in list(lengths.items())[:5])
        raise Refused(f"the columns differ in length: {told}", where="data", mend="null stands for a missing cell")
    if len(table) > MAX_COLUMNS:
        raise Refused(f"{len(table)} columns are too many", where="data", mend=f"send at most {MAX_COLUMNS}")
    if sum(lengths.values()) > MAX_CELLS:
        raise Refused(f"{sum(lengths.values())} cells are too many", where="data", mend=f"send at most {MAX_CELLS}")
    if "" in table:
        raise Refused("a column has no name", where="data", mend="give every column a name")


def kind(name: str, cells: list[Cell]) -> Kind:
    """Whether a column holds numbers, labels (texts or true/false) or nothing. Refused: both in one column."""
    labels = next((i for i, cell in enumerate(cells) if isinstance(cell, str | bool)), None)
    number = next((i for i, cell in enumerate(cells) if cell is not None and not isinstance(cell, str | bool)), None)
    if labels is not None and number is not None:
        raise Refused(
            f"column `{name}` mixes numbers (row {number}) and labels (row {labels})",
            where=f"data.{name}",
            mend="make the column all numbers or all labels",
        )
    return "numbers" if number is not None else "labels" if labels is not None else "empty"


def numbers(name: str, cells: list[Cell]) -> Array:
    """A column of numbers as floats, NaN where a cell is missing. Refused: what is no finite number up to 1e100."""
    out = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        if cell is None:
            continue
        # Compared before it is converted: a JSON integer may have more digits than a float can hold.
        if isinstance(cell, str | bool) or not -LARGEST <= cell <= LARGEST:
            shown = repr(cell) if isinstance(cell, str | bool) else "this value"
            raise Refused(
                f"{shown} in column `{name}` is not a number between -1e100 and 1e100",
                where=f"data.{name}[{row}]",
                mend="send null for a missing number, or another unit for a huge one",
            )
        out[row] = float(cell) + 0.0  # -0.0 becomes 0.0: the order of equal values shall not show
    return out


def text(cell: Cell) -> str:
    """A label as text, the way JSON spells it."""
    return {True: "true", False: "false"}[cell] if isinstance(cell, bool) else str(cell)


def plain(value: object, where: str = "answer") -> object:
    """The value in JSON's own types. A number that is not finite is a defect of ours, never an answer."""
    if isinstance(value, dict):
        return {str(key): plain(inner, f"{where}.{key}") for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner, f"{where}[{i}]") for i, inner in enumerate(value)]
    if isinstance(value, np.ndarray):
        return plain(value.tolist(), where)
    if isinstance(value, np.generic):
        return plain(value.item(), where)
    if isinstance(value, float) and not math.isfinite(value):
        raise LicetError("a result is not a finite number", where=where, mend="please report the input: a defect")
    return value


def answer(**parts: object) -> dict[str, object]:
    """A feature's answer: its parts as JSON can carry them."""
    return {key: plain(part, key) for key, part in parts.items()}
