"""Two requests for the price of one? Raw bytes at a real socket: what the gate decides about is what the server behind hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from gate_world import World
from proxies import gate_on_a_port
from scripted import Scripted, raw

from licet.access.key import Secret

INNER = b"POST /v1/features/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"


@pytest.fixture
async def port(world: World) -> AsyncIterator[int]:
    async with gate_on_a_port(world.gate) as found:
        yield found


async def sent(port: int, data: bytes) -> list[bytes]:
    """The status lines of all that came back, until the connection ends or nothing more comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    answer = b""
    try:
        async with asyncio.timeout(1):
            while part := await reader.read(1 << 16):
                answer += part
    except (TimeoutError, ConnectionError):
        pass
    writer.close()
    return [line for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def head(key: Secret, *more: bytes, path: bytes = b"/v1/features/echo") -> bytes:
    lines = [b"POST %s HTTP/1.1" % path, b"host: x", b"authorization: Bearer " + key.reveal().encode(), *more]
    return b"\r\n".join(lines) + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        ([b"content-length: 6", b"transfer-encoding: chunked"], b"0\r\n\r\n" + INNER),
        ([b"transfer-encoding: chunked", b"content-length: 0"], b"3\r\nabc\r\n0\r\n\r\n" + INNER),
        ([b"content-length: 3", b"content-length: 60"], b"abc" + INNER),
        ([b"content-length: 3, 60"], b"abc" + INNER),
        ([b"content-length: +3"], b"abc" + INNER),
        ([b"content-length: 0x3"], b"abc" + INNER),
        ([b"transfer-encoding: xchunked"], b"0\r\n\r\n" + INNER),
        ([b"transfer-encoding: chunked, identity"], b"0\r\n\r\n" + INNER),
        ([b"transfer-encoding : chunked"], b"0\r\n\r\n" + INNER),
        ([b"transfer-encoding:\x0bchunked"], b"0\r\n\r\n" + INNER),
        ([b"transfer-encoding: chunked"], b"0;x=\n\r\n\r\n" + INNER),
        ([b"transfer-encoding: chunked"], b"-3\r\nabc\r\n0\r\n\r\n" + INNER),
        ([b"transfer-encoding: chunked"], b"3\nabc\n0\n\n" + INNER),
        ([b"content-length: 3", b"x: y\r\n z"], b"abc" + INNER),
        ([b"content-length: 3\nx: y"], b"abc" + INNER),
    ],
)
async def test_no_framing_makes_the_server_behind_hear_more_than_was_decided(
    world: World, upstream: Scripted, port: int, framing: list[bytes], body: bytes
) -> None:
    """Whoever reads it, nobody's second request goes through on the key of the first: it has no key, so it is a
    stranger's, is decided as one, and is counted as one."""
    key = world.rights.give("free")
    statuses = await sent(port, head(key, *framing) + body)
    for asked in upstream.asked:
        assert b"INNER" not in asked.body
        assert b"POST /v1/features" not in asked.body or asked.headers.get("content-length") == str(len(asked.body))
        assert asked.head.count(b"POST ") == 1
        assert not ("content-length" in asked.headers and "transfer-encoding" in asked.headers)
        assert asked.target == "/echo"
    # As many requests went on as were decided: each that was answered well, and no other.
    assert len(upstream.asked) == sum(line.startswith(b"HTTP/1.1 200") for line in statuses)
    of_key = [a for a in upstream.asked if a.headers["x-licet-holder"].startswith("hol_")]
    assert len(of_key) == world.used(key)[0] <= 1


@pytest.mark.parametrize(
    "path",
    [b"/v1/features/premium_only%2f..%2fecho", b"/v1/features/../features/echo", b"/v1/features/echo/../chat",
     b"/v1/features/echo%00", b"http://other/v1/features/nope", b"//v1/features/echo", b"/V1/features/echo",
     b"/v1/features/echo;x", b"/v1/features/%65cho/"],
)  # fmt: skip
async def test_a_path_that_is_written_otherwise_is_no_way_around(
    world: World, upstream: Scripted, port: int, path: bytes
) -> None:
    key = world.rights.give("free")
    statuses = await sent(port, head(key, b"content-length: 0", b"connection: close", path=path))
    assert statuses
    assert not statuses[0].startswith(b"HTTP/1.1 200")
    assert upstream.asked == []


@pytest.mark.parametrize("host", [b"x/v1/features/mean?", b"x#", b"evil\x7f", b""])
async def test_the_host_header_chooses_nothing(world: World, upstream: Scripted, port: int, host: bytes) -> None:
    key = world.rights.give("free")
    request = head(key, b"content-length: 2", b"connection: close").replace(b"host: x", b"host: " + host) + b"{}"
    await sent(port, request)
    assert all(asked.target == "/echo" for asked in upstream.asked)


async def test_what_a_connection_names_is_of_that_connection_in_both_directions(
    world: World, upstream: Scripted, port: int
) -> None:
    upstream.then = raw(
        b"HTTP/1.1 200 OK\r\nconnection: close, X-Secret\r\nx-secret: of the hop\r\nx-open: of the answer\r\n"
        b"keep-alive: timeout=5\r\ncontent-length: 2\r\n\r\nok"
    )
    key = world.rights.give("free")
    told = head(
        key, b"connection: X-Mine, close", b"x-mine: hop", b"te: trailers", b"x-theirs: end", b"content-length: 2"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(told + b"hi")
    answer = await reader.read()
    writer.close()
    assert b"x-open: of the answer" in answer
    assert b"x-secret" not in answer.lower()
    assert b"keep-alive: timeout" not in answer
    (asked,) = upstream.asked
    assert asked.headers["x-theirs"] == "end"
    assert "x-mine" not in asked.headers and "te" not in asked.headers


async def test_a_head_without_end_is_no_memory_without_end(world: World, upstream: Scripted, port: int) -> None:
    key = world.rights.give("free")
    statuses = await sent(port, head(key, *(b"x-%d: %s" % (n, b"y" * 8000) for n in range(40)), b"content-length: 0"))
    assert not statuses or statuses[0].startswith((b"HTTP/1.1 4", b"HTTP/1.1 200"))
    assert world.used(key)[1] == 0
