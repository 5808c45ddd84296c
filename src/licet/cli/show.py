"""How does a command print rows? As a table on a terminal, as plain columns into a pipe, as JSON where that was asked."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def rows(found: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str) -> None:
    """Print rows that share their keys. `empty` is said, in a sentence, where there are none.

    Where a table is wider than the terminal each row is a paragraph of its own: an id that is cut can be copied by nobody.
    """
    if as_json:
        print(json.dumps(list(found), indent=1, ensure_ascii=False))
    elif not found:
        print(empty)
    elif sys.stdout.isatty() and _width(found) > shutil.get_terminal_size().columns:
        _paragraphs(found)
    elif sys.stdout.isatty():
        _table(found)
    else:
        _columns(found)


def _table(found: Sequence[Mapping[str, Any]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in found[0]:
        table.add_column(name, overflow="fold")
    for row in found:
        table.add_row(*(_text(v) for v in row.values()))
    Console().print(table)


def _width(found: Sequence[Mapping[str, Any]]) -> int:
    """How wide the table would be: each column as its widest cell, and the room between them."""
    return sum(max(len(name), *(len(_text(row[name])) for row in found)) + 3 for name in found[0]) + 1


def _paragraphs(found: Sequence[Mapping[str, Any]]) -> None:
    wide = max(map(len, found[0]))
    for row in found:
        (_, head), *rest = row.items()
        print(_text(head))
        for name, value in rest:
            if text := _text(value):
                print(f"  {name:<{wide}}  {text}")


def _columns(found: Sequence[Mapping[str, Any]]) -> None:
    names = list(found[0])
    cells = [names, *([_text(row[n]) for n in names] for row in found)]
    wide = [max(len(line[i]) for line in cells) for i in range(len(names))]
    for line in cells:
        print("  ".join(cell.ljust(w) for cell, w in zip(line, wide, strict=True)).rstrip())


def _text(value: object) -> str:
    return "" if value is None else ("yes" if value else "no") if isinstance(value, bool) else str(value)
