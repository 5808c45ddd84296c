"""Trees for the tests of check, made when a test asks for them; no license text is kept in this repository."""

from __future__ import annotations

import json
import os
import shutil
import struct
from collections.abc import Mapping
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path

from licet.errors import Finding
from licet.licenses.identify import identify
from licet.release.check import check

TEXTS = Path(__file__).parents[3].parent / "shared" / "texts"


def grow(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """A folder with these files; `-> target` makes a link."""
    for path, body in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(body, str) and body.startswith("-> "):
            file.symlink_to(body[3:])
        else:
            file.write_bytes(body.encode() if isinstance(body, str) else body)
    return root


def license_text(id: str) -> str:
    """The text of a license where one is at hand on this machine, else a file that only names it, as small ones do."""
    if (kept := TEXTS / f"{id}.txt").is_file():
        return kept.read_text(encoding="utf-8", errors="replace")
    return _installed_texts().get(id, f"SPDX-License-Identifier: {id}\n")


@cache
def _installed_texts() -> dict[str, str]:
    """The license files of installed packages, by the license that each of them is."""
    found = [Path(str(f.locate())) for d in distributions() for f in d.files or () if ".dist-info/licenses/" in str(f)]
    texts = [
        f.read_text(encoding="utf-8", errors="replace")
        for f in sorted(found)
        if f.is_file() and f.stat().st_size < 40_000
    ]
    return {id: text for text in texts if (id := identify(text, "LICENSE").id)}


def safetensors(metadata: Mapping[str, str] | None = None, size: int = 64) -> bytes:
    header = json.dumps(
        {"__metadata__": dict(metadata or {}), "w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    )
    return struct.pack("<Q", len(header)) + header.encode() + b"\7" * size


def gguf(values: Mapping[str, str]) -> bytes:
    def text(word: str) -> bytes:
        return struct.pack("<Q", len(word.encode())) + word.encode()

    pairs = b"".join(text(key) + struct.pack("<I", 8) + text(value) for key, value in values.items())
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(values)) + pairs


def package(distribution: Distribution, root: Path, most_bytes: int) -> Path:
    """The tree of an installed distribution, linked or copied; of one above `most_bytes` only files under a megabyte."""
    files = [f for f in distribution.files or () if ".." not in f.parts and not str(f).endswith(".pyc")]
    places = [(f, Path(str(f.locate()))) for f in files]
    places = [(f, p) for f, p in places if p.is_file()]
    if sum(p.stat().st_size for _, p in places) > most_bytes:
        places = [(f, p) for f, p in places if p.stat().st_size < 1 << 20]
    for f, place in places:
        target = root / str(f)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(place, target)
        except OSError:
            shutil.copyfile(place, target)
    return root


def rules(root: Path, level: str = "") -> list[str]:
    return [f.rule for f in check(root).findings if not level or f.level == level]


def found(root: Path, rule: str) -> list[Finding]:
    return [f for f in check(root).findings if f.rule == rule]
