"""Which files lie in the release's folder, whose are they, and what do they hold? The one reader of a build.

Every file is read once, as a stream: its digest is what the rest of a build goes by, and what is written later must have
the same one.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from licet.errors import LicetError
from licet.release.bundle_owner import Owners
from licet.release.check.walk import NEVER
from licet.release.release import Component

DATA: Final = ".licet"
DATABASE: Final = "portal.sqlite3"
NOWHERE: Final = "nowhere"  # where a broken link leads
LEAVE_OUT: Final = "let this user read it, or take it out of the folder"
CHUNK: Final = 1 << 20
_BARE: Final = 4 << 20  # up to this size white space is looked past
_SPACE: Final = b" \t\r\n\v\f"


@dataclass(frozen=True, slots=True)
class Print:
    """What a content is known by. `bare` is the digest without white space, "" for nothing but white space or too long."""

    size: int
    sha256: str
    bare: str

    @property
    def empty(self) -> bool:
        return self.size <= _BARE and not self.bare


@dataclass(frozen=True, slots=True)
class Entry:
    """One file. `link`: where a symbolic link ends up, as an absolute path; "" for no link. `print` is None for what is
    no file, a link to nothing or to a folder.
    """

    path: str
    owner: Component | None
    print: Print | None
    executable: bool = False
    link: str = ""


def look(folder: Path, owners: Owners, closed: frozenset[str], leave: Path) -> Iterator[Entry]:
    """Every file of the release in the order of its path, links told but never followed into folders.

    `closed` names the components that stay in: in those nothing is passed over, elsewhere version control and caches
    are. `leave` is a folder that is not entered (where the bundle is written). LicetError for what cannot be read.
    """
    root = folder.resolve()
    for path, entry in sorted(_walk(root, "", owners, closed, leave.resolve())):
        owner = owners.of(path)
        try:
            if entry.is_symlink():
                yield _link(path, owner, Path(entry.path))
            elif stat.S_ISREG((told := entry.stat(follow_symlinks=False)).st_mode):
                with opened(Path(entry.path)) as file:
                    yield Entry(path, owner, fingerprint(file), bool(told.st_mode & stat.S_IXUSR))
            else:
                yield Entry(path, owner, None)
        except OSError as wrong:
            raise LicetError(f"cannot read it ({wrong.strerror})", where=str(folder / path), mend=LEAVE_OUT) from None


def _walk(
    root: Path, path: str, owners: Owners, closed: frozenset[str], leave: Path
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    try:
        with os.scandir(root / path) as listed:
            entries = list(listed)
        if path and DATABASE in {e.name for e in entries} and not ((of := owners.of(path[:-1])) and of.name in closed):
            return  # Licet's data folder under another name
    except OSError as wrong:
        raise LicetError(f"cannot read it ({wrong.strerror})", where=str(root / path), mend=LEAVE_OUT) from None
    for entry in entries:
        here = path + entry.name
        owner = owners.of(here)
        passed_over = entry.name in NEVER and not (owner and owner.name in closed)
        if passed_over or entry.name == DATA:
            continue
        if not entry.is_dir(follow_symlinks=False):
            yield here, entry
        elif Path(entry.path) != leave:
            yield from _walk(root, here + "/", owners, closed, leave)


def _link(path: str, owner: Component | None, link: Path) -> Entry:
    try:
        target = link.resolve(strict=True)
        if not target.is_file():
            return Entry(path, owner, None, link=str(target))
        with target.open("rb") as file:
            return Entry(path, owner, fingerprint(file), bool(target.stat().st_mode & stat.S_IXUSR), str(target))
    except (OSError, RuntimeError):  # to nothing, or round in a circle
        return Entry(path, owner, None, link=NOWHERE)


def opened(file: Path) -> BinaryIO:
    """The file itself: should somebody have put a link in its place, it is not followed."""
    return os.fdopen(os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb")


class Ink:
    """Takes the print of a content piece by piece."""

    def __init__(self) -> None:
        self.size, self._inked = 0, False
        self._whole, self._bare = hashlib.sha256(), hashlib.sha256()

    def update(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._whole.update(chunk)
        if self.size <= _BARE:
            inked = chunk.translate(None, _SPACE)
            self._inked = self._inked or bool(inked)
            self._bare.update(inked)

    def print(self) -> Print:
        bare = self._bare.hexdigest() if self._inked and self.size <= _BARE else ""
        return Print(self.size, self._whole.hexdigest(), bare)


def fingerprint(file: BinaryIO) -> Print:
    """What the rest of a stream is known by."""
    ink = Ink()
    while chunk := file.read(CHUNK):
        ink.update(chunk)
    return ink.print()
