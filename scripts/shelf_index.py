"""Write `shelf/index.json` from the sheets: the one file read at run time. `--check` says whether it is fresh."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

SHELF = Path(__file__).parents[1] / "src/licet/licenses/shelf"
READING = ("value", "section", "pin", "items", "note")


def folded(name: str) -> str:
    """`CC BY-NC 4.0` and `cc_by-nc-4.0` are one name, and so are `Llama 3.1` and `llama3.1`."""
    return "".join(name.casefold().replace("_", " ").replace("-", " ").split())


def row(reading: dict[str, Any]) -> list[Any]:
    """A reading as a list without the empty tail."""
    fields = [reading.get(name, [] if name == "items" else "") for name in READING]
    while fields and not fields[-1]:
        fields.pop()
    return fields


def index(shelf: Path) -> str:
    sheets = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(shelf.glob("*.toml"))]
    ids = {folded(s["id"]): {s["id"]} for s in sheets}
    names: dict[str, set[str]] = {}
    for sheet in sheets:
        for name in (sheet["name"], *sheet.get("names", ()), *sheet.get("hub", ())):
            names.setdefault(folded(name), set()).add(sheet["id"])
    rows = {s["id"]: s | {"clauses": {k: row(r) for k, r in s["clauses"].items()}} for s in sheets}
    # An id is always itself; another sheet that borrows it as a nickname does not get it.
    whole = {"names": {n: sorted(i) for n, i in sorted((names | ids).items())}, "sheets": rows}
    lines = ",\n".join(f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in rows.items())
    return f'{{"names":{json.dumps(whole["names"], separators=(",", ":"))},\n"sheets":{{\n{lines}\n}}}}\n'


if __name__ == "__main__":
    target = SHELF / "index.json"
    fresh = index(SHELF)
    if "--check" in sys.argv:
        sys.exit(0 if target.read_text(encoding="utf-8") == fresh else "shelf/index.json is stale: run this script")
    target.write_text(fresh, encoding="utf-8")
