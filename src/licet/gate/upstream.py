"""How does a call reach another server, and its answer come back? HTTP/1.1 on asyncio's transports, parsed by httptools.

Everything is framed here anew: what the caller's connection said about lengths, chunks or keeping alive never reaches
the other side, so the two cannot disagree about where a message ends. Bytes are asked for uncompressed, redirects are
not followed, and what nobody reads is not read from the socket either. Why not a client library: ADR 0007.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from licet.gate.upstream_wire import Connection, Fault, Take

if TYPE_CHECKING:
    from ssl import SSLContext

CONNECT_S = 5.0
IDLE_S = 4.0  # many servers close after five: a connection older than this is not trusted with a call
MOST_IDLE, MOST_OPEN = 64, 4096

Header = tuple[bytes, bytes]
Headers = list[Header]
Body = bytes | AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: status, headers (names in lower case), body."""

    status: int
    headers: Headers
    body: bytes


class Flow:
    """An answer of which the head has arrived. Read it to its end or `close` it; both are safe twice."""

    __slots__ = ("_connection", "_timeout_s", "_upstream", "headers", "status")

    def __init__(self, upstream: Upstream, connection: Connection, timeout_s: float) -> None:
        self._upstream, self._connection, self._timeout_s = upstream, connection, timeout_s
        self.status, self.headers = connection.status, connection.headers

    @property
    def whole(self) -> bool:
        """Has all of it been read?"""
        return self._connection.whole

    async def read(self) -> bytes:
        """What has come since, at once and as much as there is; empty at the end. `Fault` where it was cut."""
        connection = self._connection
        part = connection.taken() or await connection.part(self._timeout_s)
        if not part:
            self._upstream.give_back(connection)
        return part

    async def pour(self, take: Take) -> bool:
        """Hand over each part the moment it comes, for as long as `take` says yes. True: that was all; `Fault` where it
        was cut."""
        connection = self._connection
        await connection.pour(take, self._timeout_s)
        if not connection.whole:
            return False
        self._upstream.give_back(connection)
        return True

    def close(self) -> None:
        """Nobody wants the rest: the other side sees its connection closed, and may stop working."""
        self._upstream.give_back(self._connection)


class Upstream:
    """One address (`http://host:port`, or https by the system's certificates) and the connections that lie ready."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname, "the reader takes whole addresses only"
        self.tls = parts.scheme == "https"
        self.host, self.port = parts.hostname, parts.port or (443 if self.tls else 80)
        host = f"[{self.host}]" if ":" in self.host else self.host.encode("idna").decode()
        self.authority = (host if parts.port is None else f"{host}:{parts.port}").encode()
        self.open = 0
        self._idle: list[Connection] = []
        self._context: SSLContext | None = None

    def head(self, target: str, headers: Headers) -> bytes:
        """The start of a POST, up to but without its framing: kept by whoever sends many."""
        lines = [f"POST {target} HTTP/1.1\r\nhost: ".encode(), self.authority, b"\r\naccept-encoding: identity\r\n"]
        for name, value in headers:
            if b"\n" in value or b"\r" in value or b"\0" in value:
                raise ValueError(f"a line break in the header `{name.decode()}`")
            lines += [name, b": ", value, b"\r\n"]
        return b"".join(lines)

    async def ask(self, head: bytes, body: bytes, *, timeout_s: float, most_bytes: int) -> Answer:
        """The whole answer to a body. `Fault` where there is none."""
        request = b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body)
        connection = await self._sent(request, timeout_s, most_bytes)
        answer = Answer(connection.status, connection.headers, connection.taken())
        self.give_back(connection)
        return answer

    async def flow(self, head: bytes, body: Body, *, timeout_s: float, length: int | None = None) -> Flow:
        """The answer as soon as its head is there. `timeout_s` bounds the wait for it, and for each part after it.

        A body that is not there yet is sent as it comes: with its `length` where it is known, else in chunks.
        """
        if isinstance(body, bytes):
            request = b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body)
            return Flow(self, await self._sent(request, timeout_s, None), timeout_s)
        framing = b"transfer-encoding: chunked\r\n\r\n" if length is None else b"content-length: %d\r\n\r\n" % length
        connection = await self._connect(timeout_s)  # a body that is gone cannot be sent twice
        connection.begin(head + framing, None)
        sending = asyncio.ensure_future(connection.send(body, length))
        try:
            await connection.head(timeout_s, sending)
        except BaseException:
            self.give_back(connection)
            raise
        finally:
            if not sending.done():  # it has answered without hearing all of it
                connection.spent = True
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        return Flow(self, connection, timeout_s)

    async def _sent(self, request: bytes, timeout_s: float, most_bytes: int | None) -> Connection:
        """The request, on a connection that lies ready if there is one; once more if that one had died meanwhile.

        llama.cpp closes after each stream without saying so before: what dies before its first byte was not heard.
        """
        connection = self._ready()
        if connection is not None:
            try:
                return await self._heard(connection, request, timeout_s, most_bytes)
            except Fault as fault:
                if not (fault.kind == "cut" and connection.silent):
                    raise
        return await self._heard(await self._connect(timeout_s), request, timeout_s, most_bytes)

    async def _heard(
        self, connection: Connection, request: bytes, timeout_s: float, most_bytes: int | None
    ) -> Connection:
        try:
            connection.begin(request, most_bytes)
            await connection.head(timeout_s)
        except BaseException:  # also where the caller is cancelled: the other side should hear that nobody waits
            connection.spent = True
            self.give_back(connection)
            raise
        return connection

    # --- connections

    def _ready(self) -> Connection | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable and now - connection.since < IDLE_S:
                return connection
            self._drop(connection)
        return None

    async def _connect(self, timeout_s: float) -> Connection:
        if self.open >= MOST_OPEN:
            raise Fault("full", f"{MOST_OPEN} calls to {self.host} are open")
        self.open += 1
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(min(CONNECT_S, timeout_s)):
                connection = await self._dial(loop)
        except BaseException as error:
            self.open -= 1
            if isinstance(error, TimeoutError):
                raise Fault("unreachable", f"no connection to {self.host}:{self.port} in time") from None
            if isinstance(error, OSError):
                raise Fault("unreachable", f"{self.host}:{self.port}: {error}") from None
            raise
        return connection

    async def _dial(self, loop: asyncio.AbstractEventLoop) -> Connection:
        ssl = self._tls() if self.tls else None
        _, connection = await loop.create_connection(lambda: Connection(loop), self.host, self.port, ssl=ssl)
        return connection

    def _tls(self) -> SSLContext:
        if self._context is None:
            import ssl

            self._context = ssl.create_default_context()
        return self._context

    def give_back(self, connection: Connection) -> None:
        """Keep it for the next call if its answer is whole and both sides mean to go on; else close it."""
        if connection.given_back:
            return
        connection.given_back = True
        if connection.reusable and len(self._idle) < MOST_IDLE:
            connection.since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        self.open -= 1
        connection.close()

    def tidy(self, every: bool = False) -> None:
        """Close what has been idle for long; `every`: all that is idle, for the server stops."""
        oldest = asyncio.get_running_loop().time() - IDLE_S
        old = [c for c in self._idle if every or not c.reusable or c.since < oldest]
        self._idle = [c for c in self._idle if c not in old]
        for connection in old:
            self._drop(connection)


class Upstreams:
    """The servers behind the features, each with its connections; found by address, forgotten never (they are few)."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Upstream] = {}

    def of(self, url: str) -> tuple[Upstream, str]:
        """The server of a URL, and the target (path and query) to ask it for."""
        parts = urlsplit(url)
        key = parts.scheme, parts.netloc
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Upstream(url)
        return found, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    @property
    def open(self) -> int:
        """Connections open now, idle ones among them."""
        return sum(one.open for one in self._known.values())

    def tidy(self, every: bool = False) -> None:
        for one in self._known.values():
            one.tidy(every)
