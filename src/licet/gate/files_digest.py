"""What does a file hold, without reading it anew each time? SHA-256 by place, kept while the file is the same one.

The same one: device, inode, size, times of content and of inode. What is known is kept beside the data folder's other
files, so that a restart reads nothing again.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from licet.errors import LicetError

CHUNK = 1 << 20
ATTEMPTS = 3


class Stamp(NamedTuple):
    """Which file, in which state."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


def stamp_of(told: os.stat_result) -> Stamp:
    """The stamp of what `stat` told."""
    return Stamp(told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)


def opened(path: Path) -> int:
    """A descriptor of the file itself; a link in its place is not followed, and a pipe is not waited for."""
    flags = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return os.open(path, flags)


class Digests:
    """The digests of a folder's files; `kept` is where they are remembered (None: only in memory)."""

    def __init__(self, folder: Path, kept: Path | None) -> None:
        self._folder, self._kept = folder, kept
        self._known: dict[str, tuple[Stamp, str]] = _read(kept) if kept else {}
        self._moved = False

    def of(self, path: str, stamp: Stamp) -> tuple[Stamp, str]:
        """SHA-256 of the file, with the stamp it has it by. OSError where it cannot be read, LicetError where it never
        holds still."""
        known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known
        for _ in range(ATTEMPTS):
            found = self._hashed(path)
            if found is not None:
                self._known[path], self._moved = found, True
                return found
        raise LicetError("it changes while it is read", where=str(self._folder / path), mend="write it elsewhere first")

    def _hashed(self, path: str) -> tuple[Stamp, str] | None:
        fd = opened(self._folder / path)
        with os.fdopen(fd, "rb", buffering=0) as file:
            before, ink = stamp_of(os.fstat(fd)), sha256()
            buffer = memoryview(bytearray(CHUNK))
            while n := file.readinto(buffer):
                ink.update(buffer[:n])
            return (before, ink.hexdigest()) if stamp_of(os.fstat(fd)) == before else None

    def keep(self, paths: set[str]) -> None:
        """Remember what is known of these; what is not among them is forgotten. A disk that is full costs a reading
        anew, nothing else."""
        if not self._moved and self._known.keys() <= paths:
            return
        self._known = {path: known for path, known in self._known.items() if path in paths}
        self._moved = False
        if self._kept is not None:
            told = json.dumps({path: [*stamp, digest] for path, (stamp, digest) in self._known.items()})
            beside = self._kept.with_name(f"{self._kept.name}.{os.getpid()}")
            with suppress(OSError):
                beside.write_text(told, encoding="utf-8")
                beside.replace(self._kept)


def _read(kept: Path) -> dict[str, tuple[Stamp, str]]:
    """What was remembered; nothing where it is damaged, for it can be worked out again."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        told = json.loads(kept.read_text(encoding="utf-8"))
        return {path: (Stamp(*map(int, row[:5])), str(row[5])) for path, row in told.items() if len(row) == 6}
    return {}
