"""How do a file's bytes reach the client? Read by the mebibyte, and no faster than the client takes them.

What is in the page cache is read at once; what is not is read beside the loop, so that a slow disk keeps nobody waiting.
A client that has left ends the reading.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator
from typing import Any

from licet.errors import LicetError
from licet.gate.door import Headers, Receive
from licet.gate.files import File
from licet.gate.files_range import Span, span
from licet.gate.files_store import Stores
from licet.gate.problem import Reply

log = logging.getLogger("licet.gate")
Start = list[tuple[bytes, bytes]]

CHUNK = 1 << 20
_AT_ONCE = getattr(os, "RWF_NOWAIT", 0)


async def sent_file(file: File, fd: int, start: Start, headers: Headers, receive: Receive, send: Any) -> Reply | int:
    """The answer to a GET: the reply where it is short, or its status, once the bytes have been sent. `start` are its
    headers, `fd` the open file."""
    status, start, part = _head(file, start, headers)
    if part is None or part.start == part.stop:
        return status, start, b""
    if file.body is not None:
        return status, start, file.body[part.start : part.stop]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await _send(_of_file(fd, part), receive, send)
    return status


async def sent_object(
    file: File, stores: Stores, start: Start, headers: Headers, receive: Receive, send: Any
) -> Reply | int:
    """The same for what lies in a store. LicetError where it gives not even the first byte."""
    assert file.lies is not None
    status, start, part = _head(file, start, headers)
    if part is None or part.start == part.stop:
        return status, start, b""
    parts = stores.parts(file.lies, part.start, part.stop)
    first = await anext(parts)
    await send({"type": "http.response.start", "status": status, "headers": start})
    try:
        await _send(_and_then(first, parts, part.stop - part.start), receive, send)
    except LicetError as wrong:  # the connection ends early, and the client asks for the rest
        log.error("%s", wrong)
    finally:
        await parts.aclose()
    return status


def _head(file: File, start: Start, headers: Headers) -> tuple[int, Start, Span | None]:
    """Status, headers and the part that is asked for; None: it lies outside."""
    part = span(_range(headers, file.sha256), file.size)
    if part is None:
        return 416, [*start, (b"content-range", b"bytes */%d" % file.size), (b"content-length", b"0")], None
    if part.asked:
        start = [*start, (b"content-range", b"bytes %d-%d/%d" % (part.start, part.stop - 1, file.size))]
    return 206 if part.asked else 200, [*start, (b"content-length", b"%d" % (part.stop - part.start))], part


def _range(headers: Headers, sha256: str) -> bytes | None:
    """The range that is asked for; none where it was asked of another content (`If-Range`)."""
    condition = headers.get(b"if-range")
    if condition is not None and condition.strip().strip(b'"') != sha256.encode():
        return None
    return headers.get(b"range")


type _Parts = AsyncGenerator[tuple[bytes | bytearray, bool]]  # and does more follow?


async def _of_file(fd: int, part: Span) -> _Parts:
    at = part.start
    while at < part.stop:
        chunk = await _read(fd, min(CHUNK, part.stop - at), at)
        if not chunk:
            return
        at += len(chunk)
        yield chunk, at < part.stop


async def _and_then(first: bytes, parts: AsyncGenerator[bytes], left: int) -> _Parts:
    left -= len(first)
    yield first, left > 0
    async for chunk in parts:
        left -= len(chunk)
        yield chunk, left > 0


async def _send(parts: _Parts, receive: Receive, send: Any) -> None:
    """Where the client leaves, or the file is shorter than it was, less is sent than was promised: the connection ends,
    and no client takes what came for the whole."""
    left = asyncio.ensure_future(_leaving(receive))
    try:
        async for chunk, more in parts:
            if left.done():
                return
            await send({"type": "http.response.body", "body": chunk, "more_body": more})
    finally:
        left.cancel()
        await parts.aclose()


async def _read(fd: int, length: int, at: int) -> bytes | bytearray:
    if _AT_ONCE:
        buffer = bytearray(length)
        try:
            n = os.preadv(fd, [buffer], at, _AT_ONCE)
        except OSError:  # it is on the disk only, or this file system cannot say
            n = 0
        if n:
            del buffer[n:]
            return buffer
    return await asyncio.to_thread(os.pread, fd, length, at)


async def _leaving(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
