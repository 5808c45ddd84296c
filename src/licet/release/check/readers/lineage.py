"""What was this made from? adapter_config.json, config.json and the recipe of a merge say so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from licet.release.check.statement import Mention, folder_of

_CONFIGS: Final = {"adapter_config.json": "base_model_name_or_path", "config.json": "_name_or_path"}
_RECIPES: Final = ("mergekit_config.yml", "mergekit_config.yaml", "merge_config.yml", "merge.yaml", "merge.yml")
_MODEL: Final = re.compile(
    r"^[ \t-]*(?:base_model|model)[ \t]*:[ \t]*[\"']?([A-Za-z0-9][^\s\"'#]*/[^\s\"'#+]+)", re.MULTILINE
)
_HUB_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


def is_lineage(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name in _CONFIGS or name in _RECIPES


def read_lineage(path: str, text: str) -> Iterator[Mention]:
    """The models named as the base; names that are a path of somebody's machine are none."""
    name, folder = path.rpartition("/")[2].lower(), folder_of(path)
    if name in _RECIPES:
        for found in _MODEL.finditer(text):
            yield Mention(path, text.count("\n", 0, found.start(1)) + 1, folder, found[1], "merge")
        return
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError):
        return
    base = told.get(_CONFIGS[name]) if isinstance(told, dict) else None
    if isinstance(base, str) and _HUB_NAME.fullmatch(base):
        at = text.find(_CONFIGS[name])
        yield Mention(path, text.count("\n", 0, at) + 1, folder, base, "adapter" if name.startswith("adapter") else "")
