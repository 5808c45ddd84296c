"""What does the front matter of a model card or README say? Only the top-level keys that we ask about; no YAML needed."""

from __future__ import annotations

import re
from typing import Final

_KEY: Final = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:[ \t]*(.*)")
_ITEM: Final = re.compile(r"[ \t]*-[ \t]+(.*)")

Values = dict[str, list[tuple[int, str]]]


def front_matter(text: str) -> tuple[Values, int]:
    """Each key's values with their lines (a list has several), and the line after the block; ({}, 0) without one."""
    rows = text.removeprefix("\ufeff").split("\n", 2000)
    if not rows or rows[0].strip() != "---":
        return {}, 0
    found: Values = {}
    key = ""
    for n, row in enumerate(rows[1:], 2):
        if row.strip() in ("---", "..."):
            return found, n
        if pair := _KEY.match(row):
            key = pair[1].casefold()
            found[key] = [(n, one) for one in _values(pair[2])]
        elif key and (item := _ITEM.match(row)):
            value = _plain(item[1])
            if value:
                found[key].append((n, value))
    return {}, 0


def _values(text: str) -> list[str]:
    text = text.strip()
    if text.startswith("["):
        return [one for part in text.strip("[]").split(",") if (one := _plain(part))]
    return [one] if (one := _plain(text)) else []


def _plain(text: str) -> str:
    text = text.strip()
    if text[:1] in "\"'" and len(text) > 1 and (end := text.find(text[0], 1)) > 0:
        return text[1:end]
    return re.sub(r"(?:^|[ \t])#.*$", "", text).strip().strip("|>").strip()
