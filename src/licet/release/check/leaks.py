"""Does something that is kept lie among what goes out: by a link, as a copy, or inside an archive?

Contents are compared, not names alone. Files of equal size are hashed; archives of any name are opened, two deep, and
read as a stream. What cannot be looked into is said, never passed over.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final
from zipfile import is_zipfile

from licet.release.check.archives import BROKEN, HEAD, inside, is_archive
from licet.release.check.kinds import ARCHIVES, is_license
from licet.release.check.statement import File, Place

SMALLEST: Final = 24  # bytes; what is shorter (an empty `__init__.py`) is nobody's secret
_CHUNK: Final = 1 << 20


def leaks(root: Path, files: Sequence[File], is_kept: Callable[[str], bool]) -> Iterator[tuple[str, Place]]:
    """Pairs of a rule (`leak` or `unreadable`) and a place: which file goes out, and what kept thing is in it."""
    kept = [f for f in files if is_kept(f.path)]
    out = [f for f in files if not is_kept(f.path)]
    for file in out:
        if file.link and file.link != ".." and (is_kept(file.link) or _holds(kept, file.link)):
            yield "leak", Place(file.path, 0, f"is a link to `{file.link}`, which is kept")
    known = _Kept(root, [f for f in kept if not f.link and f.size >= SMALLEST and not is_license(f.path)])
    if not known.by_size:
        return
    for file in out:
        if file.link:
            continue
        if file.size in known.by_size and (same := known.same_file(root / file.path, file.size)):
            yield "leak", Place(file.path, 0, f"is a copy of `{same}`, which is kept")
        try:
            with (root / file.path).open("rb") as stream:
                head = stream.read(HEAD)
                stream.seek(0)
                if is_archive(head) or file.path.lower().endswith(ARCHIVES) or _carries_zip(head, stream):
                    for inner, same in inside(stream, file.path, known):
                        yield "leak", Place(file.path, 0, f"holds `{inner}`: that is `{same}`, which is kept")
        except BROKEN as wrong:
            yield "unreadable", Place(file.path, 0, f"cannot be looked into ({type(wrong).__name__})")


def _carries_zip(head: bytes, stream: IO[bytes]) -> bool:
    """Is it a program with an archive behind it (`.pyz`, a self-extracting `.exe`)?"""
    return head.startswith((b"#!", b"MZ")) and is_zipfile(stream)


def _holds(kept: Sequence[File], folder: str) -> bool:
    return any(f.path.startswith(folder + "/") for f in kept)


class _Kept:
    """The kept files, by size first: a hash is worked out only where a size is met again."""

    def __init__(self, root: Path, files: Sequence[File]) -> None:
        self.root = root
        self.by_size: dict[int, list[str]] = defaultdict(list)
        self.hashes: dict[str, str] = {}
        for file in files:
            self.by_size[file.size].append(file.path)
        self.sizes = frozenset(self.by_size)
        self.paths = tuple(file.path for file in files)

    def same_file(self, path: Path, size: int) -> str:
        with path.open("rb") as stream:
            return self.same(stream, size)

    def same(self, stream: IO[bytes], size: int) -> str:
        """The kept file with these contents, "" for none."""
        if size not in self.by_size:
            return ""
        told = digest(stream)
        return next((path for path in self.by_size[size] if self.digest(path) == told), "")

    def digest(self, path: str) -> str:
        if path not in self.hashes:
            with (self.root / path).open("rb") as stream:
                self.hashes[path] = digest(stream)
        return self.hashes[path]

    def named(self, member: str) -> str:
        """The kept file that a member of an archive is by its path: the same folders at the end of it."""
        return next((p for p in self.paths if "/" in p and (member == p or member.endswith("/" + p))), "")


def digest(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        found.update(chunk)
    return found.hexdigest()
