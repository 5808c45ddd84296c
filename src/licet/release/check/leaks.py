"""Does something that is kept lie among what goes out: by a link, as a copy, or inside an archive?

Contents are compared, not names alone. Files of equal size are hashed; archives are opened, two deep, and read as a
stream. What cannot be looked into is said, never passed over.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from licet.release.check.kinds import ARCHIVES, is_license
from licet.release.check.statement import File, Place

SMALLEST: Final = 24  # bytes; what is shorter (an empty `__init__.py`) is nobody's secret
_CHUNK: Final = 1 << 20
_DEEPEST: Final = 2
_MOST: Final = 2 << 30  # bytes unpacked of one archive
_MOST_INNER: Final = 64 << 20  # bytes of an archive inside an archive
_BROKEN: Final = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    NotImplementedError,
)


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
        if file.path.lower().endswith(ARCHIVES):
            try:
                with (root / file.path).open("rb") as stream:
                    for inner, same in _inside(stream, file.path, known, 1):
                        yield "leak", Place(file.path, 0, f"holds `{inner}`: that is `{same}`, which is kept")
            except _BROKEN as wrong:
                yield "unreadable", Place(file.path, 0, f"cannot be looked into ({type(wrong).__name__})")


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


def _inside(stream: IO[bytes], name: str, kept: _Kept, deep: int) -> Iterator[tuple[str, str]]:
    """`member, kept file` for each member of an archive that is one by contents or by path."""
    low = name.lower()
    if low.endswith((".zip", ".whl", ".egg", ".jar")):
        yield from _zip(stream, kept, deep)
    elif low.endswith(".gz") and not low.endswith(".tar.gz"):
        with gzip.open(stream) as inner:
            body = inner.read(_MOST_INNER)
        if same := kept.same(io.BytesIO(body), len(body)):
            yield name.rpartition("/")[2][:-3], same
    else:
        with tarfile.open(fileobj=stream, mode="r|*") as tar:
            yield from _tar(tar, kept, deep)


def _zip(stream: IO[bytes], kept: _Kept, deep: int) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            if same := kept.named(member.filename):
                yield member.filename, same
            elif member.file_size in kept.by_size:
                with archive.open(member) as inner:
                    if same := kept.same(inner, member.file_size):
                        yield member.filename, same
            elif member.filename.lower().endswith(ARCHIVES) and deep < _DEEPEST and member.file_size <= _MOST_INNER:
                yield from _deeper(archive.read(member), member.filename, kept, deep)


def _tar(tar: tarfile.TarFile, kept: _Kept, deep: int) -> Iterator[tuple[str, str]]:
    seen = 0
    for member in tar:
        seen += member.size
        if seen > _MOST:
            raise ValueError("too large")
        if not member.isfile() or (stream := tar.extractfile(member)) is None:
            continue
        if same := kept.named(member.name) or kept.same(stream, member.size):
            yield member.name, same
        elif member.name.lower().endswith(ARCHIVES) and deep < _DEEPEST and member.size <= _MOST_INNER:
            yield from _deeper(stream.read(), member.name, kept, deep)


def _deeper(body: bytes, name: str, kept: _Kept, deep: int) -> Iterator[tuple[str, str]]:
    for inner, same in _inside(io.BytesIO(body), name, kept, deep + 1):
        yield f"{name}/{inner}", same
