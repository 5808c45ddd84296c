"""How does a sheet look on disk? One form for all, so that a change shows as the lines that changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def value_text(value: Any) -> str:
    """A TOML value: JSON's strings are TOML's, and large numbers are grouped for the eye."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:_}" if value >= 10_000 else str(value)
    if isinstance(value, list):
        return "[" + ", ".join(value_text(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def sheet_text(sheet: Mapping[str, Any]) -> str:
    """The whole file. Empty values are left out: what stands in a sheet was read."""
    lines = [f"# What the text of {sheet['name']} says, clause by clause. Facts about a text, not legal advice."]
    lines += [
        f"{k} = {value_text(v)}" for k, v in sheet.items() if k not in ("limits", "clauses") and v not in ("", [])
    ]
    for limit in sheet.get("limits", []):
        lines += ["", "[[limits]]", *(f"{k} = {value_text(v)}" for k, v in limit.items())]
    for kind, reading in sheet["clauses"].items():
        lines += ["", f"[clauses.{kind}]"]
        lines += [f"{k} = {value_text(v)}" for k, v in reading.items() if v not in ("", [])]
    return "\n".join(lines) + "\n"
