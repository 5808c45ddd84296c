"""Who opens a connection and says nothing whole does not keep it: the connections are few, and they are everybody's."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from licet import connection, server


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(0.05)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(hello, http=connection.Connection, lifespan="off", log_config=None)
    config.load()
    made = await asyncio.get_running_loop().create_server(
        lambda: connection.Connection(config, ServerState(), {}), "127.0.0.1", 0
    )
    async with made:
        reader, writer = await asyncio.open_connection(*made.sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()


async def dripped(writer: asyncio.StreamWriter, piece: bytes) -> None:
    """A piece now and then, until the other side has left."""
    while not writer.is_closing():
        writer.write(piece)
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\n"], ids=["nothing", "half a head"])
async def test_who_sends_no_whole_head_is_left(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.1)
    async with connected() as (reader, writer):
        writer.write(begun)
        assert await reader.read() == b""


async def test_who_drips_a_head_is_left_also_on_a_connection_that_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.2)
    async with connected() as (reader, writer):
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.1)  # all of them together last longer than a head may
        writer.write(b"GET / HTTP/1.1\r\nX: ")
        drip = asyncio.create_task(dripped(writer, b"x"))
        assert await reader.read() == b""
        drip.cancel()


async def test_who_drips_empty_lines_after_an_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.2)
    async with connected() as (reader, writer), asyncio.timeout(60):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")
        drip = asyncio.create_task(dripped(writer, b"\r\n"))
        assert await reader.read() == b""
        drip.cancel()


async def test_a_head_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 3_600)
    async with connected() as (reader, writer), asyncio.timeout(60):
        writer.write(b"GET / HTTP/1.1\r\nX: ")
        drip = asyncio.create_task(dripped(writer, b"x" * (connection.HEAD_BYTES // 4)))
        try:
            said = await reader.read()
            assert said == b"" or said.startswith(b"HTTP/1.1 400")
        except ConnectionError:
            pass  # it was left while more of it was under way
        drip.cancel()


async def test_a_head_and_a_large_body_in_one_go_are_taken() -> None:
    async with connected() as (reader, writer):
        body = b"x" * 4 * connection.HEAD_BYTES
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")


def looked_at(loaded: list[int]) -> bool:
    """Does a full collection go through it?"""
    return any(one is loaded for one in gc.get_objects())


async def test_what_is_loaded_when_it_serves_is_never_gone_through_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full collection of all that the portal loads would keep every call waiting."""
    monkeypatch.setattr(server, "FREEZE_S", 0.05)
    config = uvicorn.Config(hello, lifespan="off", log_config=None)
    config.load()
    with_the_server, ready = [1], list[bool]()
    one = server._Server(config, lambda: ready.append(looked_at(with_the_server)))
    one.lifespan = config.lifespan_class(config)
    sock = server.listen("127.0.0.1", 0)
    assert looked_at(with_the_server)
    try:
        await one.startup([sock])
        with_the_first_page = [3]
        assert ready == [False]
        assert looked_at(with_the_first_page)
        async with asyncio.timeout(10):
            while looked_at(with_the_first_page):
                await asyncio.sleep(0.01)
        await one.shutdown([sock])
    finally:
        gc.unfreeze()
