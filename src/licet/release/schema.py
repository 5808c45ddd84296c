"""What can an editor know of `licet.toml`? The JSON Schema (draft 2020-12): names, types, words on every key.

A data file, so that editors and other programs need no Licet. The reader (`document.py`) stays the judge: a test holds
that whatever it accepts validates, and that what is wrong in structure fails both.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("licet.schema.json")


def text() -> str:
    """The schema as it is shipped, ready to be written to a file."""
    return FILE.read_text(encoding="utf-8")


@cache
def schema() -> dict[str, Any]:
    """The schema as values. Shared: treat it as read-only."""
    loaded: dict[str, Any] = json.loads(text())
    return loaded
