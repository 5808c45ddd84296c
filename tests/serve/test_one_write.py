"""Head and body of an answer leave together; and whatever is written, the bytes are the same in the same order."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.connection import COPIED_BYTES, OneWrite

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Wire:
    """Stands for the transport, and remembers what was written to it."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed, "written after it was closed"
        self.writes.append(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> str:
        return name


def one_write(wire: Wire) -> OneWrite:
    return OneWrite(cast("asyncio.Transport", wire), asyncio.get_running_loop())


async def test_head_and_body_leave_in_one_write() -> None:
    wire = Wire()
    one = one_write(wire)
    one.write(HEAD)
    one.write(b"hi")
    await asyncio.sleep(0)
    assert wire.writes == [HEAD + b"hi"]


async def test_a_head_whose_body_is_not_there_yet_waits_no_longer_than_the_turn() -> None:
    wire = Wire()
    one = one_write(wire)
    one.write(HEAD)
    await asyncio.sleep(0)
    assert wire.writes == [HEAD]
    one.write(b"hi")
    assert wire.writes == [HEAD, b"hi"]


async def test_a_large_body_is_not_copied() -> None:
    wire, body = Wire(), b"x" * (COPIED_BYTES + 1)
    one = one_write(wire)
    one.write(HEAD)
    one.write(body)
    assert wire.writes == [HEAD, body]
    assert wire.writes[1] is body


async def test_what_is_closed_says_first_what_it_had_to_say() -> None:
    wire = Wire()
    one = one_write(wire)
    one.write(HEAD)
    one.close()
    await asyncio.sleep(0)
    assert wire.writes == [HEAD]


async def test_a_client_that_left_in_between_is_no_error() -> None:
    wire = Wire()
    one = one_write(wire)
    one.write(HEAD)
    wire.closed = True
    await asyncio.sleep(0)
    assert wire.writes == []


async def test_everything_else_is_the_transports_own() -> None:
    assert one_write(Wire()).get_extra_info("peername") == "peername"


STEPS = st.lists(st.sampled_from([HEAD, b"HTTP/1.1 100 Continue\r\n\r\n", b"", b"hi", b"x" * (COPIED_BYTES + 1), None]))


@given(STEPS)
def test_the_bytes_are_the_same_in_the_same_order_however_turns_fall_between_them(steps: list[bytes | None]) -> None:
    async def run() -> None:
        wire = Wire()
        one = one_write(wire)
        for step in steps:
            if step is None:
                await asyncio.sleep(0)
            else:
                one.write(step)
        one.close()
        assert b"".join(wire.writes) == b"".join(step for step in steps if step is not None)

    asyncio.run(run())


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "later"])
async def test_a_client_reads_the_whole_answer(waits: bool) -> None:
    """Uvicorn's own protocol over it, through a real socket."""
    import uvicorn
    from uvicorn.server import ServerState

    from licet.connection import Connection

    async def hello(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        if waits:
            await asyncio.sleep(0.01)
        await send({"type": "http.response.body", "body": b"hi"})

    config = uvicorn.Config(hello, http=Connection, lifespan="off", log_config=None)
    config.load()
    made = await asyncio.get_running_loop().create_server(lambda: Connection(config, ServerState(), {}), "127.0.0.1", 0)
    async with made:
        reader, writer = await asyncio.open_connection(*made.sockets[0].getsockname())
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.endswith(b"\r\n\r\nhi")
