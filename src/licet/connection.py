"""How does one connection behave? Uvicorn's protocol, bounded where a stranger could hold it up, and one write an answer.

Uvicorn waits for ever for the head of a request, and keeps all of one without end: a few hundred such strangers would be
all the connections there are. And it sends the head of an answer apart from its body: two system calls and two packets,
of which one wakes up a client that cannot go on without the other. Here they leave together.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle, Transport
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S, HEAD_BYTES = 30, 1 << 16  # in which the head of a request is there, whole
COPIED_BYTES = 1 << 14  # of a body: a larger one is dearer to copy behind its head than to send for itself


class OneWrite:
    """A transport that keeps the head of an answer until its body comes, or until the turn of the loop is over."""

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        self._transport, self._soon = transport, loop.call_soon
        self._write = transport.write
        self.is_closing = transport.is_closing
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        head = self._head
        if not head:
            if data.startswith(b"HTTP/1.1 "):  # part of a body that looks like it is kept for no longer either
                self._head = data
                self._soon(self._over)
            else:
                self._write(data)
            return
        self._head = b""
        if len(data) > COPIED_BYTES:
            self._write(head)
            self._write(data)
        else:
            self._write(head + data)

    def close(self) -> None:
        self._over()
        self._transport.close()

    def _over(self) -> None:
        head, self._head = self._head, b""
        if head and not self.is_closing():
            self._write(head)


class Connection(HttpToolsProtocol):
    """A connection that leaves who sends no whole head of a request in `HEAD_S` seconds, or more than `HEAD_BYTES`."""

    _awaited = True  # a head, or the rest of one
    _late: TimerHandle | None = None  # only for a head that did not come in one piece: most do, and cost no alarm
    _head = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(cast("Transport", OneWrite(transport, self.loop)))
        self._late = self.loop.call_later(HEAD_S, self._leave)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._awaited = True

    def on_headers_complete(self) -> None:
        self._awaited = False
        if self._late is not None:
            self._there()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # Empty lines after an answer begin no message, and uvicorn waits on because of them.
        if self._awaited or self.cycle is None or self.cycle.response_complete:
            self._late = self._late or self.loop.call_later(HEAD_S, self._leave)
            self._head += len(data) if self._awaited else 0
            if self._head > HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too long.")

    def connection_lost(self, exc: Exception | None) -> None:
        self._there()
        super().connection_lost(exc)

    def _there(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        self._head = 0

    def _leave(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
