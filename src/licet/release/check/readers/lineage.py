"""What was this made from, and under which license is it? adapter_config.json, config.json and a merge's recipe say so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from licet.release.check.meaning import meaning
from licet.release.check.statement import Mention, Statement, folder_of

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
    base = _json(text).get(_CONFIGS[name])
    if isinstance(base, str) and _HUB_NAME.fullmatch(base):
        line = _line(text, _CONFIGS[name])
        yield Mention(path, line, folder, base, "adapter" if name.startswith("adapter") else "")


def read_config(path: str, text: str) -> Iterator[Statement]:
    """The license that a model's config.json names for its weights."""
    written = _json(text).get("license") if path.lower().endswith(".json") else None
    if isinstance(written, str) and (said := meaning(written)):
        yield Statement(path, _line(text, '"license"'), "metadata", folder_of(path), "weights", written, said)


def _json(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _line(text: str, word: str) -> int:
    return text.count("\n", 0, text.find(word)) + 1
