"""Is a bundle whole? SHA256SUMS, in the form that `sha256sum --check` reads."""

from __future__ import annotations

import os
from collections.abc import Mapping

NAME = "SHA256SUMS"


def checksums(digests: Mapping[str, str]) -> bytes:
    """One line a file, sorted by path. A name with a line break or backslash is escaped as coreutils do it."""
    return b"".join(_line(path, digests[path]) for path in sorted(digests))


def _line(path: str, digest: str) -> bytes:
    name = os.fsencode(path)
    plain = name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return (b"\\" if plain != name else b"") + digest.encode() + b"  " + plain + b"\n"
