"""How do a file's bytes reach the client? Read by the mebibyte, and no faster than the client takes them.

What is in the page cache is read at once; what is not is read beside the loop, so that a slow disk keeps nobody waiting.
A client that has left ends the reading.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from licet.gate.door import Receive
from licet.gate.files_range import Span

CHUNK = 1 << 20
_AT_ONCE = getattr(os, "RWF_NOWAIT", 0)


async def send_span(fd: int, span: Span, receive: Receive, send: Any) -> bool:
    """Send the bytes as the body of a response that has begun. False: the client left, or the file is shorter than it
    was; then the connection ends early, and no client takes what came for the whole."""
    left = asyncio.ensure_future(_leaving(receive))
    try:
        at = span.start
        while at < span.stop:
            chunk = await _read(fd, min(CHUNK, span.stop - at), at)
            if not chunk or left.done():
                return False
            at += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": at < span.stop})
        return True
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
