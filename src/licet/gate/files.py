"""Which files of a release go out, and which version are they? A manifest, and its 40 hexadecimal digits.

A file goes out with its component: one that some feature sends (`download = "weights"`). What speaks of the whole release
(README, license texts, the document itself, the terms) goes out to everybody, for it has to be read before anything is
agreed to. Nothing else does: no closed component, no hidden file, no link, nothing of the data folder.

Clients trust a version's name for ever, so it is made from all that it names: any change of content gives another.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

from licet.errors import LicetError
from licet.gate.files_digest import Digests, Stamp, opened, stamp_of
from licet.gate.files_listing import Listing, listing
from licet.gate.files_store import Object, Stores
from licet.gate.hub_card import CARD, NOTICE, papers
from licet.release.bundle_owner import Owners, goes_out, is_paper
from licet.release.check.walk import NEVER
from licet.release.release import Component, Release

log = logging.getLogger("licet.gate")

LOOK_S = 1.0  # how long a look at the folder holds, and twenty times as long as it took
SHORT = 7  # digits of a commit that are enough to name it
STORE_LOOK_S = 30.0  # where a store is looked at too: listing it is paid for
_TEXT = ("license", "licence", "copying", "notice")  # texts that are read before a component may be had


@dataclass(frozen=True, slots=True)
class File:
    """One file by its path. `component` is empty for what everybody may read; `body` is set where it lies in no folder."""

    path: str
    size: int
    sha256: str
    component: str = ""
    stamp: Stamp | None = None
    body: bytes | None = None
    lies: Object | None = None  # where it lies in an object store


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version of a release's files. `changed_s`: when the youngest of them was written."""

    release: Release
    commit: str
    files: Mapping[str, File]
    folders: frozenset[str]
    changed_s: int
    listing: Listing

    @property
    def components(self) -> tuple[str, ...]:
        """The components that have files here, in the document's order."""
        named = {f.component for f in self.files.values()}
        return tuple(c.name for c in self.release.components if c.name in named)

    def knows(self, revision: str) -> bool:
        """Is it `main`, the version as written, with or without a `v`, or the commit, whole or its first digits?"""
        named = revision in ("main", "HEAD", *self.tags)
        return named or (len(revision) >= SHORT and self.commit.startswith(revision))

    @property
    def tags(self) -> tuple[str, ...]:
        """The names of this version beside its commit."""
        return self.release.version, f"v{self.release.version.removeprefix('v')}"


def sent(release: Release, now_s: int) -> tuple[Component, ...]:
    """The components whose files go out at all: some feature sends them, and they are not closed."""
    named = {f.download for f in release.features}
    return tuple(c for c in release.components if c.name in named and c.path and goes_out(c, now_s))


class Manifests:
    """The manifests of the releases in one folder. `data` is the data folder: never entered, and where digests are kept.
    `key_of` tells the value of a variable: those of an object store."""

    def __init__(
        self, folder: Path, data: Path | None, url: str, key_of: Callable[[str], str | None] = lambda name: None
    ) -> None:
        self.folder, self._url = folder, url
        self._data = data.resolve() if data else None
        kept = data if data and data.is_dir() else None
        self._digests = Digests(folder, kept / "files.json" if kept else None)
        self.stores = Stores(key_of, kept / "objects.json" if kept else None)
        self._kept: dict[str, tuple[tuple[object, ...], float, Manifest]] = {}
        self._worded: dict[str, tuple[tuple[object, ...], Mapping[str, bytes]]] = {}
        self._making: dict[str, asyncio.Task[Manifest]] = {}
        self._lock = asyncio.Lock()

    async def of(self, release: Release, document: bytes, now_s: int) -> Manifest:
        """The manifest now. A look at the folder holds a second; many who ask at once cause one. LicetError and OSError
        where a file cannot be read."""
        key = (release.sha256, tuple((c.name, c.license_at(now_s)) for c in sent(release, now_s)))
        kept = self._kept.get(release.name)
        if kept is not None and kept[0] == key and time.monotonic() < kept[1]:
            return kept[2]
        task = self._making.get(release.name)
        if task is None:
            task = self._making[release.name] = asyncio.create_task(self._make(release, document, now_s, key))
            task.add_done_callback(lambda _: self._making.pop(release.name, None))
        return await asyncio.shield(task)

    async def _make(self, release: Release, document: bytes, now_s: int, key: tuple[object, ...]) -> Manifest:
        begun = time.monotonic()
        before = self._kept.get(release.name)
        least_s = STORE_LOOK_S if any(c.store for c in sent(release, now_s)) else LOOK_S
        try:
            async with self._lock:
                made = await asyncio.to_thread(self.made, release, document, now_s)
        except LicetError as wrong:
            if before is None or before[0] != key:
                raise
            # What was known a moment ago is still sent by its digest or not at all.
            log.error("the files of %s cannot be looked at: %s", release.name, wrong)
            made = before[2]
        ended = time.monotonic()
        if before is None or before[2].commit != made.commit:
            log.info("%s: version %s, %d files", release.name, made.commit, len(made.files))
        self._kept[release.name] = (key, ended + max(least_s, 20 * (ended - begun)), made)
        return made

    def opened(self, file: File) -> int | None:
        """A descriptor of the very file that was hashed (-1 where it lies in no folder); None where another stands in its
        place: then the next who ask have it looked for anew."""
        if file.body is not None:
            return -1
        try:
            fd = opened(self.folder / file.path)
        except OSError:
            self.forget()
            return None
        if stamp_of(os.fstat(fd)) != file.stamp:
            os.close(fd)
            self.forget()
            return None
        return fd

    def forget(self) -> None:
        """Look anew at the next question; what is known stays, for where that look fails."""
        self._kept = {name: (key, 0.0, made) for name, (key, _, made) in self._kept.items()}

    def made(self, release: Release, document: bytes, now_s: int) -> Manifest:
        """The manifest, worked out from the folder. Reads whatever is new."""
        files: dict[str, File] = {}
        changed_s = 0
        for path, owner, stamp in self._found(release, now_s):
            try:
                stamp, digest = self._digests.of(path, stamp)
            except FileNotFoundError:
                continue  # gone since it was listed
            files[path] = File(path, stamp.size, digest, owner, stamp)
            changed_s = max(changed_s, stamp.mtime_ns // 1_000_000_000)
        self._digests.keep(set(files))
        for path, owner, lies in self._stored(release, now_s):
            files[path] = File(path, lies.size, self.stores.digest(lies), owner, lies=lies)
            changed_s = max(changed_s, lies.changed_s)
        self.stores.keep({f.lies.place for f in files.values() if f.lies is not None})
        for path, body in self._written(release, document, now_s, files).items():
            files[path] = File(path, len(body), sha256(body).hexdigest(), "", None, body)
        files = dict(sorted(files.items()))
        commit, before = _commit(release, files, now_s), self._kept.get(release.name)
        if before is not None and before[2].commit == commit:  # the same names, so the same lists
            return replace(before[2], release=release, files=files, changed_s=changed_s)
        folders = _folders(files)
        return Manifest(release, commit, files, folders, changed_s, listing(files, folders))

    def _written(self, release: Release, document: bytes, now_s: int, files: Mapping[str, File]) -> Mapping[str, bytes]:
        """What is made from the document in force: itself, the card, the notice and the terms. Worded once."""
        own = {name: files[name] for name in (CARD, NOTICE) if name in files}
        texts = [p for p, f in files.items() if not f.component and p not in own]
        out = sent(release, now_s)
        licenses = tuple((c.name, c.license_at(now_s)) for c in out)
        key = (release.sha256, licenses, tuple(texts), tuple(f.sha256 for f in own.values()))
        kept = self._worded.get(release.name)
        if kept is None or kept[0] != key:
            words = {name: (self.folder / name).read_text(encoding="utf-8", errors="replace") for name in own}
            made = {"licet.toml": document, **papers(release, out, now_s, self._url, words, texts)}
            kept = self._worded[release.name] = (key, made)
        return kept[1]

    def _found(self, release: Release, now_s: int) -> Iterator[tuple[str, str, Stamp]]:
        owners, out = Owners(release.components), {c.name for c in sent(release, now_s)}
        closed = {c.name for c in release.components if not goes_out(c, now_s)}
        for path, stamp in self._walk(""):
            owner = owners.of(path)
            if path == "licet.toml" or (owner is not None and (owner.name in closed or owner.store)):
                continue
            if is_paper(path):
                yield path, "", stamp
            elif owner is not None and owner.name in out:
                yield path, "" if _is_text(path) else owner.name, stamp

    def _stored(self, release: Release, now_s: int) -> Iterator[tuple[str, str, Object]]:
        """What lies in a store, under the paths that it has here. Hidden, odd and misleading keys are none."""
        owners = Owners(release.components)
        for part in sent(release, now_s):
            for lies in self.stores.listed(part.store) if part.store else ():
                path = str(PurePosixPath(part.path) / lies.key)
                if _fit(lies.key) and owners.of(path) is part and not is_paper(path):
                    yield path, "" if _is_text(path) else part.name, lies

    def _walk(self, path: str) -> Iterator[tuple[str, Stamp]]:
        """Regular files; no link is told or followed, so nothing outside the folder is ever reached."""
        try:
            with os.scandir(self.folder / path) as listed:
                entries = sorted(listed, key=lambda e: e.name)
        except FileNotFoundError:
            return
        for entry in entries:
            if entry.name.startswith(".") or entry.name in NEVER or not entry.name.isprintable():
                continue
            here = path + entry.name
            if entry.is_dir(follow_symlinks=False):
                inside = Path(entry.path)
                if here != "dist" and inside.resolve() != self._data and not (inside / "licet.toml").exists():
                    yield from self._walk(here + "/")
            else:
                try:
                    told = Path(entry.path).lstat()
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(told.st_mode):
                    yield here, stamp_of(told)


def _is_text(path: str) -> bool:
    return path.rpartition("/")[2].partition(".")[0].lower().startswith(_TEXT)


def _fit(key: str) -> bool:
    """Can the key stand in a path as it is? A store has no folders, so anything may be written there."""
    parts = key.split("/")
    return key.isprintable() and "\\" not in key and not any(p == "" or p.startswith(".") or p in NEVER for p in parts)


def _commit(release: Release, files: Mapping[str, File], now_s: int) -> str:
    told = {
        "release": [release.name, release.version],
        "licenses": {c.name: c.license_at(now_s) for c in sent(release, now_s)},
        "files": [[f.path, f.size, f.sha256, f.component] for f in files.values()],
    }
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:40]


def _folders(files: Mapping[str, File]) -> frozenset[str]:
    found: set[str] = set()
    for path in files:
        while path := path.rpartition("/")[0]:
            found.add(path)
    return frozenset(found)
