"""How does a sheet look on disk? One form for all, so that a change shows as the lines that changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

TABLES = ("limits", "goes_under", "no_further")


def value_text(value: Any) -> str:
    """A TOML value: JSON's strings are TOML's, and large numbers are grouped for the eye."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:_}" if value >= 10_000 else str(value)
    if isinstance(value, list):
        return "[" + ", ".join(value_text(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def pairs(table: Mapping[str, Any]) -> list[str]:
    """`key = value` lines. Empty values are left out: what stands in a sheet was read."""
    return [f"{key} = {value_text(value)}" for key, value in table.items() if value not in ("", [])]


def sheet_text(sheet: Mapping[str, Any]) -> str:
    """The whole file: what the license is, what was checked by hand, and the clauses one by one."""
    lines = [f"# What the text of {sheet['name']} says, clause by clause. Facts about a text, not legal advice."]
    lines += pairs({k: v for k, v in sheet.items() if k not in (*TABLES, "clauses")})
    for name in TABLES:
        told = sheet.get(name, [])
        for table in told if isinstance(told, list) else [told]:
            lines += ["", f"[[{name}]]" if isinstance(told, list) else f"[{name}]", *pairs(table)]
    for kind, reading in sheet["clauses"].items():
        lines += ["", f"[clauses.{kind}]", *pairs(reading)]
    return "\n".join(lines) + "\n"
