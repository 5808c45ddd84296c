"""What happens on one connection to another server? One exchange after the other, never two at once.

The parser is httptools (llhttp), strict. Whatever the other side says out of turn ends the connection: an answer that
nobody asked for must never be given to the next caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Literal, cast

import httptools

HIGH_BYTES = 1 << 16  # read but not taken: above it the socket is left alone
MOST_HEADERS, MOST_HEADER_BYTES = 200, 1 << 16

Take = Callable[[bytes], bool]
Kind = Literal["unreachable", "full", "late", "cut", "unreadable", "too_large"]


class Fault(Exception):
    """No answer, or no more of it. `unreachable`, `full`: nothing was sent. `late`: its time is over. `cut`: closed too
    early. `unreadable`: not HTTP. `too_large`: more than the caller takes. The words are for the log."""

    def __init__(self, kind: Kind, words: str) -> None:
        super().__init__(words)
        self.kind = kind


class Connection(asyncio.Protocol):
    """One socket. `begin` an exchange, wait for its `head`, take its parts; `ended` says that all of it is there."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self.lost = False
        self.since = 0.0
        self.spent = True  # its exchange cannot be followed by another
        self.given_back = True
        self.ended = True
        self._writable: asyncio.Event | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._fault: Fault | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._until = self._alarm_at = 0.0
        self._take: Take | None = None
        self._patience_s = 0.0
        self._reset(None)

    def _reset(self, most_bytes: int | None) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.silent = True  # not one byte has come
        self._headed = self._framed = False
        self._header_bytes = 0
        self._parts: list[bytes] = []
        self._size = 0
        self._most = most_bytes  # None: taken in parts
        self._paused = False

    @property
    def reusable(self) -> bool:
        return self.ended and not (self.spent or self.lost)

    @property
    def whole(self) -> bool:
        """The answer has ended, and all of it was taken."""
        return self.ended and not self._parts

    # --- the exchange

    def begin(self, request: bytes, most_bytes: int | None) -> None:
        """Send a request, or its head. With `most_bytes` the answer is kept whole, and `head` waits for all of it."""
        assert self.ended and self._transport is not None
        self.ended = self.given_back = self.spent = False
        self._reset(most_bytes)
        if self.lost:
            self._fault = self._fault or Fault("cut", "the connection was closed")
            return
        self._fault = None
        self._transport.write(request)

    async def head(self, timeout_s: float, sending: asyncio.Future[None] | None = None) -> None:
        """Wait for the answer's head (or for all of it). What breaks `sending` the body ends the wait."""
        if sending is not None:
            sending.add_done_callback(self._sent)
        while not (self.ended if self._most is not None else self._headed) and self._fault is None:
            await self._wait(timeout_s)
        if self._fault is not None:
            raise self._fault

    def _sent(self, sending: asyncio.Future[None]) -> None:
        error = None if sending.cancelled() else sending.exception()
        if error is not None and not self.ended:
            self.spent = True
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_exception(error)

    async def send(self, body: AsyncIterator[bytes], length: int | None) -> None:
        """Send a body as it comes, no faster than the other side reads."""
        assert self._transport is not None
        left = length
        async for part in body:
            if not part:
                continue
            if left is not None:
                left -= len(part)
                if left < 0:
                    raise Fault("cut", "the body is longer than was said")
            if self._writable is not None:
                await self._writable.wait()
            if self.lost:
                return
            self._transport.write(part if length is not None else b"%x\r\n%b\r\n" % (len(part), part))
        if left:
            raise Fault("cut", "the body is shorter than was said")
        if length is None and not self.lost:
            self._transport.write(b"0\r\n\r\n")

    def taken(self) -> bytes:
        """All that has come and was not taken; empty where there is nothing now."""
        parts = self._parts
        if not parts:
            return b""
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        parts.clear()
        self._size = 0
        if self._paused:
            self._paused = False
            if self._transport is not None and not self.lost:
                self._transport.resume_reading()
        return data

    async def part(self, timeout_s: float) -> bytes:
        """Wait for more; empty at the end."""
        while not self._parts:
            if self.ended:
                return b""
            if self._fault is not None:
                raise self._fault
            await self._wait(timeout_s)
        return self.taken()

    async def pour(self, take: Take, timeout_s: float) -> None:
        """Hand over each part the moment it comes, until `take` says no or the answer has ended. What it raises is
        raised here. `timeout_s` bounds the wait for each.

        Nobody is woken up for a part: to be told of each by a future costs as much as everything else done to it.
        """
        self._take, self._patience_s = take, timeout_s
        try:
            while self._take is not None:
                if self._parts:
                    if not take(self.taken()):
                        return
                elif self.ended:
                    return
                elif self._fault is not None:
                    raise self._fault
                else:
                    await self._wait(timeout_s)
        finally:
            self._take = None

    def _pour(self) -> None:
        if self._take is None or self._waiter is None or self._waiter.done():
            return  # who waits for it is on the way already
        try:
            more = self._take(self.taken())
        except Exception as error:
            self._take = None
            self._waiter.set_exception(error)
            return
        if more:
            self._until = self._loop.time() + self._patience_s
        else:
            self._take = None
            self._wake()

    async def _wait(self, timeout_s: float) -> None:
        self._waiter = self._loop.create_future()
        self._until = self._loop.time() + timeout_s
        if self._alarm is None or self._alarm_at > self._until:
            self._ring(self._until)
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _look(self) -> None:
        """One alarm for many waits: it is set anew when it rings too early, not whenever something comes."""
        self._alarm = None
        if self.lost or self.given_back:
            return
        if self._waiter is not None and self._loop.time() >= self._until:
            self._fail(Fault("late", "it took too long"))
        else:
            self._ring(max(self._until, self._loop.time() + 0.05))

    def _ring(self, at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = self._loop.call_at(at, self._look), at

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, fault: Fault) -> None:
        self.spent = True
        if not self.ended and self._fault is None:
            self._fault = fault
            self._wake()
        self.close()

    def close(self) -> None:
        """At once: what is still to be sent is wanted by nobody."""
        self.spent = True
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by name

    def data_received(self, data: bytes) -> None:
        self.silent = False
        if self.ended:  # nobody asked
            self._fail(Fault("unreadable", "an answer that nobody asked for"))
            return
        try:
            self._parser.feed_data(data)
        except Fault as fault:
            self._fail(fault)
        except httptools.HttpParserUpgrade:
            self._fail(Fault("unreadable", "it switches to another protocol"))
        except httptools.HttpParserError as error:
            cause = error.__context__  # what a callback raised comes wrapped
            self._fail(cause if isinstance(cause, Fault) else Fault("unreadable", f"not HTTP: {error}"))
        if self._take is not None and self._parts:
            self._pour()
        if self._size > HIGH_BYTES and self._most is None and not (self._paused or self.lost):
            assert self._transport is not None
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        return False  # the transport closes, and `connection_lost` says what it means

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._writable is not None:
            self._writable.set()
        if not self.ended:
            if self._headed and not self._framed and exc is None and self._fault is None:
                self.ended = self.spent = True  # an answer without a length ends with its connection
            elif self._fault is None:
                self._fault = Fault("cut", "the connection was closed" + (f": {exc}" if exc else ""))
        self._wake()

    def pause_writing(self) -> None:
        self._writable = self._writable or asyncio.Event()
        self._writable.clear()

    def resume_writing(self) -> None:
        if self._writable is not None:
            self._writable.set()

    # --- httptools

    def on_message_begin(self) -> None:
        if self.ended:
            raise Fault("unreadable", "two answers to one question")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if len(self.headers) >= MOST_HEADERS or self._header_bytes > MOST_HEADER_BYTES:
            raise Fault("unreadable", "its head is too large")
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status < 200:  # 100, 103: the answer is still to come
            if self.status == 101:
                raise Fault("unreadable", "it switches to another protocol")
            return
        names = [name for name, _ in self.headers]
        self._framed = b"content-length" in names or b"transfer-encoding" in names or self.status in (204, 304)
        self._headed = True
        if self._most is None:
            self._wake()

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._most is not None and self._size > self._most:
            raise Fault("too_large", f"its answer is larger than {self._most:,} bytes")
        self._parts.append(body)
        if self._most is None and self._take is None:
            self._wake()

    def on_message_complete(self) -> None:
        if self.status < 200:
            self.status, self._header_bytes = 0, 0
            self.headers = []
            return
        self.ended = True
        if not self._parser.should_keep_alive():
            self.spent = True
        self._wake()
