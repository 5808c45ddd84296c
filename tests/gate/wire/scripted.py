"""A server that answers as it is told, fault by fault, and remembers every byte that it was sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Script = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    """One request, as it came."""

    target: str
    headers: dict[str, str]
    body: bytes
    head: bytes
    gone: asyncio.Event = field(default_factory=asyncio.Event)  # the other side closed

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Scripted:
    """Listens on a free port of loopback. `then` is what it does with a request."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.then: Script = echo
        self.held: list[asyncio.StreamReader] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> Scripted:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 26)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while not writer.transport.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                asked = _parsed(head)
                asked.body = await _body(reader, asked.headers)
                self.asked.append(asked)
                watching = asyncio.create_task(_watch(reader, asked))
                try:
                    await self.then(asked, writer)
                    await writer.drain()
                finally:
                    watching.cancel()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()


async def _watch(reader: asyncio.StreamReader, asked: Asked) -> None:
    while not reader.at_eof() and reader.exception() is None:
        await asyncio.sleep(0.01)
    asked.gone.set()


def _parsed(head: bytes) -> Asked:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
    return Asked(first.split(" ")[1], headers, b"", head)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding") != "chunked":
        return b""
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body


# --- what it can be told to do


async def echo(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(whole(200, asked.body, "application/json"))


def whole(status: int, body: bytes, kind: str = "application/json", *headers: str) -> bytes:
    told = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(body)}", *headers]
    return "\r\n".join(told).encode() + b"\r\n\r\n" + body


def says(status: int, told: Any, *headers: str) -> Script:
    """Answers with this JSON."""

    async def then(asked: Asked, writer: asyncio.StreamWriter) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        writer.write(whole(status, body, "application/json", *headers))

    return then


def raw(*parts: bytes, close: bool = True) -> Script:
    """Writes these bytes and closes."""

    async def then(asked: Asked, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0)
        if close:
            writer.close()

    return then


STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(told: Any) -> bytes:
    return b"data: " + (told if isinstance(told, bytes) else json.dumps(told).encode()) + b"\n\n"


def delta(text: str, **more: Any) -> dict[str, Any]:
    """A chunk of a chat's stream."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **more}


def stop(**more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **more}


def usage(tokens_in: int, tokens_out: int) -> dict[str, int]:
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}


def counted(tokens_in: int, tokens_out: int) -> dict[str, Any]:
    """The chunk that tells the usage alone."""
    told = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}
    return {**told, "usage": usage(tokens_in, tokens_out)}


def chat(text: str, tokens_in: int = 7, tokens_out: int = 3) -> dict[str, Any]:
    """A whole answer of a chat."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    told = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return {**told, "usage": usage(tokens_in, tokens_out)}


def streams(*events: Any, end: bool = True, done: bool = True) -> Script:
    """A stream of these events, `[DONE]` at its end, and the end of the message."""

    async def then(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM)
        for one in (*events, *([b"[DONE]"] if done else [])):
            writer.write(chunk(event(one)))
            await writer.drain()
            await asyncio.sleep(0)
        if end:
            writer.write(b"0\r\n\r\n")
        else:
            writer.close()

    return then
