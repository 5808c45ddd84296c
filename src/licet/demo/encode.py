"""How do labels become numbers, and by which key are they read back?"""

from __future__ import annotations

from licet.demo.table import MAX_COLUMNS
from licet.errors import Refused


def encoded(
    name: str, texts: list[str | None], how: str, order: list[str] | None
) -> tuple[dict[str, list[object]], dict[str, object]]:
    """The columns that stand for a column of labels, and the key to them. A missing label stays None in each.

    One-hot makes a column `name=label` for each label; ordinal numbers the labels from 0, in the caller's order or
    else by alphabet, which the key says aloud: a model takes such numbers for sizes.
    """
    found = sorted({label for label in texts if label is not None})
    if order is not None:
        if strangers := [label for label in found if label not in order]:
            raise Refused(
                f"`order` for `{name}` lacks `{strangers[0]}`", where=f"order.{name}", mend="name every label"
            )
        if len(set(order)) != len(order):
            raise Refused(f"`order` for `{name}` names a label twice", where=f"order.{name}", mend="name each once")
        found = order
    if how == "none":
        return {name: list(texts)}, {"done": "none"}
    if how == "ordinal":
        number = {label: i for i, label in enumerate(found)}
        key: dict[str, object] = {"done": "ordinal", "key": number}
        if order is None:
            key["note"] = "numbered by alphabet: give `order` if the labels have one of their own"
        return {name: [None if label is None else number[label] for label in texts]}, key
    if len(found) > MAX_COLUMNS:
        raise Refused(
            f"`{name}` has {len(found)} labels, too many for a column each",
            where=f"data.{name}",
            mend='use `"encoding": "ordinal"`, or join rare labels',
        )
    made = {f"{name}={label}": [None if t is None else int(t == label) for t in texts] for label in found}
    return {column: list(values) for column, values in made.items()}, {"done": "one-hot", "key": list(made)}
