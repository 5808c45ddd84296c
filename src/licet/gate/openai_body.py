"""How does a request reach the upstream with its own model's name, and otherwise as it came? By its bytes, where they allow.

Nearly every request is passed on as it came, but for one name and perhaps a number at its end: to write all of it anew
would cost more than everything else that is done to it. `told` is what these very bytes mean, read strictly: no key
stands twice, so what is found once is what was read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_MODEL = re.compile(rb'("model"[ \t\n\r]*:[ \t\n\r]*)"(?:[^"\\]|\\.)*"')


def rewritten(raw: bytes, told: Mapping[str, Any], changed: Mapping[str, Any]) -> bytes:
    """The object `told` with what is `changed`, as JSON. `raw` is its text; empty where there is none that fits it."""
    if raw and (spliced := _spliced(raw, told, changed)):
        return spliced
    return _dumps({**told, **changed}).encode()


def _spliced(raw: bytes, told: Mapping[str, Any], changed: Mapping[str, Any]) -> bytes:
    """Empty where it takes more than another model's name and keys at the end."""
    more = {}
    for name, value in changed.items():
        if name not in told:
            more[name] = value
        elif type(told[name]) is type(value) and told[name] == value:
            continue
        elif name != "model" or not (raw := _named(raw, value)):
            return b""
    if more:
        raw = raw.rstrip()[:-1] + b"," + _dumps(more).encode()[1:]
    return raw


def _named(raw: bytes, model: str) -> bytes:
    """With this model's name. A key may be spelled with escapes, and a value may look like a key: then empty."""
    if b"\\u" in raw or raw.count(b'"model"') != 1:
        return b""
    name = _dumps(model).encode()
    return _MODEL.sub(lambda found: found[1] + name, raw, count=1)
