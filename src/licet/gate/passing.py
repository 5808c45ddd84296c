"""How do the portal's paths reach it, where it is a process of its own? Over a socket in the data folder, as they came.

Only this gate can open that socket, so what it says about the caller's address is believed there, and what a caller wrote
under the same name is not passed on. Bodies go both ways in parts; nothing is tried twice that might have been heard.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from licet.gate.body import Receive
from licet.gate.upstream import Upstream
from licet.gate.upstream_wire import Connection, Fault
from licet.gate.wire import Send

PEER = b"x-licet-peer"
SOCKET = "portal.sock"
PATIENCE_S = 120.0
_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade"
    b" content-length expect".split()
)
_NOT_SENT = _HOP | {PEER}
_NOT_TOLD = (_HOP - {b"content-length"}) | {b"date", b"server"}  # our own server writes these two
_AWAY = (
    b"The pages are not there at the moment. Calls of features go on.\n"
    b"(For the operator: `licet serve --portal` is not running.)\n"
)
_SHORT = 100  # of a socket's path; systems take a little more than a hundred bytes

log = logging.getLogger("licet.gate")


class Passing:
    """An ASGI application: the portal behind the socket at `path`."""

    def __init__(self, path: Path) -> None:
        self._portal = _Local(path)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """One request, passed on."""
        started = False
        try:
            flow = await self._portal.flow(
                _head(scope), _body(scope, receive), timeout_s=PATIENCE_S, length=_length(scope)
            )
            try:
                headers = [(k, v) for k, v in flow.headers if k not in _NOT_TOLD]
                started = True
                await send({"type": "http.response.start", "status": flow.status, "headers": headers})
                while scope["method"] != "HEAD" and (part := await flow.read()):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            finally:
                flow.close()
        except _Gone:
            return
        except Fault as fault:
            log.error("the portal does not answer: %s", fault)
            if not started:  # else the connection ends early, and nobody takes a part for the whole
                await _away(send)

    def tidy(self, every: bool = False) -> None:
        """Close what lies idle."""
        self._portal.tidy(every)


class _Local(Upstream):
    """A server behind a socket in the file system."""

    def __init__(self, path: Path) -> None:
        super().__init__("http://localhost")
        self._path = path

    async def _dial(self, loop: asyncio.AbstractEventLoop) -> Connection:
        _, connection = await loop.create_unix_connection(lambda: Connection(loop), short(self._path))
        return connection


class _Gone(Exception):
    """The client left before its request was whole."""


def _head(scope: Any) -> bytes:
    """The request as it came, but what one connection said about itself; HEAD asks as GET, for its answer has a length
    and no body, and nothing is read wrongly that way."""
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    raw = scope.get("raw_path") or b"/"
    target = raw.partition(b"?")[0] + (b"?" + scope["query_string"] if scope.get("query_string") else b"")
    named = {
        name.strip().lower() for k, v in scope["headers"] if k == b"connection" for name in v.split(b",")
    }  # fmt: skip
    lines = [b"%s %s HTTP/1.1\r\n" % (method.encode(), target)]
    lines += [b"%s: %s\r\n" % (k, v) for k, v in scope["headers"] if k not in _NOT_SENT and k not in named]
    peer = scope.get("client")
    if peer is not None:
        lines.append(b"%s: %s\r\n" % (PEER, peer[0].encode()))
    return b"".join(lines)


def _length(scope: Any) -> int | None:
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _body(scope: Any, receive: Receive) -> bytes | AsyncIterator[bytes]:
    """What has a body is sent once, on a connection of its own; what has none may be asked again."""
    if _length(scope) == 0 and scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return b""
    return _parts(receive)


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise _Gone
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


async def _away(send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(_AWAY)),
        (b"retry-after", b"5"), (b"cache-control", b"no-store"),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": _AWAY})


def short(path: Path) -> str:
    """The path, or a shorter name of the same place: the name of a socket must not be long."""
    whole = str(path.absolute())
    if len(os.fsencode(whole)) <= _SHORT or not Path("/proc/self/fd").is_dir():
        return whole
    folder = _opened.get(path.parent)
    if folder is None:
        folder = _opened[path.parent] = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return f"/proc/self/fd/{folder}/{path.name}"


_opened: dict[Path, int] = {}
