"""How do a file's bytes reach the client? Read by the mebibyte, and no faster than the client takes them.

What is in the page cache is read at once; what is not is read beside the loop, so that a slow disk keeps nobody waiting.
A client that has left ends the reading.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from licet.gate.door import Headers, Receive
from licet.gate.files import File
from licet.gate.files_range import span
from licet.gate.problem import Reply

CHUNK = 1 << 20
_AT_ONCE = getattr(os, "RWF_NOWAIT", 0)


async def sent_file(
    file: File, fd: int, start: list[tuple[bytes, bytes]], headers: Headers, receive: Receive, send: Any
) -> Reply | int:
    """The answer to a GET: the reply where it is short, or its status, once the bytes have been sent. `start` are its
    headers, `fd` the open file."""
    asked = _range(headers, file.sha256)
    part = span(asked, file.size)
    if part is None:
        return 416, [*start, (b"content-range", b"bytes */%d" % file.size), (b"content-length", b"0")], b""
    status = 206 if part.asked else 200
    if part.asked:
        start = [*start, (b"content-range", b"bytes %d-%d/%d" % (part.start, part.stop - 1, file.size))]
    start = [*start, (b"content-length", b"%d" % (part.stop - part.start))]
    if file.body is not None or part.start == part.stop:
        return status, start, (file.body or b"")[part.start : part.stop]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await _send(fd, part.start, part.stop, receive, send)
    return status


def _range(headers: Headers, sha256: str) -> bytes | None:
    """The range that is asked for; none where it was asked of another content (`If-Range`)."""
    condition = headers.get(b"if-range")
    if condition is not None and condition.strip().strip(b'"') != sha256.encode():
        return None
    return headers.get(b"range")


async def _send(fd: int, at: int, stop: int, receive: Receive, send: Any) -> None:
    """Where the client leaves, or the file is shorter than it was, less is sent than was promised: the connection ends,
    and no client takes what came for the whole."""
    left = asyncio.ensure_future(_leaving(receive))
    try:
        while at < stop:
            chunk = await _read(fd, min(CHUNK, stop - at), at)
            if not chunk or left.done():
                return
            at += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": at < stop})
    finally:
        left.cancel()


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
