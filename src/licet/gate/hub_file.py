"""How are a file's bytes had by whoever was let in? From here, by the proxy before us, from the store, or by a link.

Decided and counted comes first, always at this door. A link is given only to what was counted, so what leads elsewhere is
no way around it; and it is made for these bytes alone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from mimetypes import guess_type
from typing import Any
from urllib.parse import quote

from licet.errors import LicetError
from licet.gate import problem
from licet.gate.config import GateConfig
from licet.gate.door import Headers, Receive
from licet.gate.files import File, Manifest, Manifests
from licet.gate.files_send import sent_file, sent_object
from licet.gate.hub_count import Downloads
from licet.gate.hub_link import LASTS_S, Link, Links
from licet.gate.problem import Reply
from licet.gate.rights import Record
from licet.release.release import Release

# Files are other people's: shown on our address they must not run, frame or be taken for pages of ours.
_SAFE = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"cache-control", b"private, no-cache"),
    (b"accept-ranges", b"bytes"),
]
_TEXTS = {"text/markdown", "text/plain", "application/json", "text/csv"}

Start = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """One GET of one file."""

    record: Record
    release: Release
    file: File
    now_s: int
    request_id: str


class Files:
    """Sends what the manifests name."""

    def __init__(self, config: GateConfig, manifests: Manifests, downloads: Downloads, links: Links) -> None:
        self._config, self._manifests, self._downloads, self._links = config, manifests, downloads, links

    async def fetched(
        self, visit: Fetched, start: Start, receive: Receive, send: Any, headers: Headers
    ) -> Reply | int:  # fmt: skip
        """The reply to a GET; or its status, where it has been sent already."""
        file, request_id = visit.file, visit.request_id
        if file.component:  # asked before anything is opened: a stranger must not make us read, or ask a store
            no = self._downloads.refusal(visit.record, visit.release, file.component, visit.now_s, request_id)
            if no is not None:
                return no
        fd = self._opened(file)
        # What the store gives by a link of its own nobody looks at any more: so it is looked at now.
        linked = file.lies if self._config.store_links else None
        if fd is None or (linked is not None and not await self._manifests.stores.there(linked)):
            return self._changed(file, request_id)
        try:
            counted = await self._downloads.count(visit.record, visit.release, file, visit.now_s, request_id)
            if counted is not None:
                return counted
            if (elsewhere := await self._elsewhere(visit)) is not None:
                return _led_on(file, start, elsewhere)
            return await self._carried(file, fd, start, receive, send, headers)
        finally:
            if fd >= 0:
                os.close(fd)

    async def sent(
        self, file: File, start: Start, receive: Receive, send: Any, headers: Headers, request_id: str
    ) -> Reply | int:
        """The bytes of a file for whoever has a link to it."""
        fd = self._opened(file)
        if fd is None:
            return self._changed(file, request_id)
        try:
            return await self._carried(file, fd, start, receive, send, headers)
        finally:
            if fd >= 0:
                os.close(fd)

    def _opened(self, file: File) -> int | None:
        return -1 if file.lies is not None else self._manifests.opened(file)

    def _changed(self, file: File, request_id: str) -> Reply:
        self._manifests.forget()
        said = f"`{file.path}` has changed just now: ask for the version anew."
        return problem.problem(503, "unavailable", said, request_id, headers=[(b"retry-after", b"1")])

    async def _elsewhere(self, visit: Fetched) -> str | None:
        """Where the bytes are had, if not here. What is small and written here is not worth the way."""
        file = visit.file
        if file.body is not None:
            return None
        if file.lies is not None and self._config.store_links:
            return await self._manifests.stores.link(file.lies, LASTS_S)
        if not self._config.files_url:
            return None
        until_s = visit.now_s + LASTS_S
        link = Link(visit.release.repository, file.sha256, file.path, until_s, visit.request_id)
        return self._config.files_url + self._links.made(link)

    async def _carried(
        self, file: File, fd: int, start: Start, receive: Receive, send: Any, headers: Headers
    ) -> Reply | int:
        if file.lies is not None:
            try:
                return await sent_object(file, self._manifests.stores, start, headers, receive, send)
            except LicetError:
                self._manifests.forget()
                raise
        if self._config.accel and file.body is None:
            carried = self._config.accel + quote(file.path)
            return 200, [*start, (b"x-accel-redirect", carried.encode())], b""
        return await sent_file(file, fd, start, headers, receive, send)


def about(file: File, manifest: Manifest, request_id: str) -> Start:
    """What is said of a file before its bytes."""
    return [
        *_SAFE,
        (b"etag", b'"%s"' % file.sha256.encode()),
        (b"x-repo-commit", manifest.commit.encode()),
        (b"x-linked-size", b"%d" % file.size),
        (b"x-request-id", request_id.encode()),
        (b"content-type", _type(file.path)),
    ]


def _led_on(file: File, start: Start, elsewhere: str) -> Reply:
    """302. What speaks of the file itself goes by the names that clients read on the way."""
    told = [(k, v) for k, v in start if k not in (b"etag", b"content-type", b"accept-ranges", b"cache-control")]
    linked = (b"x-linked-etag", b'"%s"' % file.sha256.encode())
    more = [problem.NO_STORE, (b"referrer-policy", b"no-referrer"), (b"content-length", b"0")]
    return 302, [*told, linked, *more, (b"location", elsewhere.encode("latin-1"))], b""


def _type(path: str) -> bytes:
    """Texts as text, everything else as bytes: nothing that a browser would run."""
    kind = guess_type(path)[0] or ""
    return b"text/plain; charset=utf-8" if kind in _TEXTS else b"application/octet-stream"
