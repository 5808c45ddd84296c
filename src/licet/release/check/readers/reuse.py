"""What does a `REUSE.toml` say of the files beside and below it?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from licet.release.check.kinds import kind_of
from licet.release.check.meaning import meaning
from licet.release.check.statement import Statement, folder_of
from licet.release.lines import lines


def read_reuse(path: str, text: str) -> Iterator[Statement]:
    """One statement for each path of each annotation; a glob speaks of the folder in front of its first star."""
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    places = lines(text)
    blocks = told.get("annotations")
    for n, block in enumerate(blocks if isinstance(blocks, list) else []):
        written = block.get("SPDX-License-Identifier")
        globs = block.get("path")
        words = [written] if isinstance(written, str) else written if isinstance(written, list) else []
        for glob in [globs] if isinstance(globs, str) else globs if isinstance(globs, list) else []:
            line = places.get(("annotations", n, "SPDX-License-Identifier"), 1)
            for word in words:
                if isinstance(word, str) and isinstance(glob, str):
                    yield _statement(path, line, glob, word)


def _statement(path: str, line: int, glob: str, word: str) -> Statement:
    fixed = re.split(r"[*?]", glob, maxsplit=1)[0]
    base = folder_of(path)
    whole = fixed != glob
    folder = "/".join(p for p in (base, fixed.rpartition("/")[0] if whole else fixed) if p)
    tail = glob.rpartition("/")[2]
    about = "" if tail in ("*", "**") else kind_of(tail.replace("*", "x"))
    return Statement(path, line, "reuse", folder, about, word, meaning(word))
