"""A feature that is another server: what passes in both directions, what does not, and what it costs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from gate_world import World
from scripted import Scripted, chunk, raw, whole
from wire_world import Client, call

ECHO = "/v1/features/echo"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"


async def test_a_body_goes_there_and_back_unchanged_and_is_counted(world: World, upstream: Scripted) -> None:
    key = world.rights.give("free")
    answer = await call(world.gate, ECHO, key=key, raw=b"\x00any\xff", headers={"content-type": "image/x"})
    assert (answer.status, answer.body) == (200, b"\x00any\xff")
    assert upstream.asked[0].target == "/echo"
    assert upstream.asked[0].headers["content-type"] == "image/x"
    assert world.used(key) == (1, 0)


async def test_what_is_the_callers_own_is_not_passed_on_and_nobody_can_pretend(
    world: World, upstream: Scripted
) -> None:
    key = world.rights.give("free")
    sent = {
        "cookie": "a=b", "x-forwarded-for": "9.9.9.9", "x-licet-holder": "hol_forged", "x-licet-tier": "premium",
        "connection": "x-drop, keep-alive", "x-drop": "1", "te": "trailers", "upgrade": "h2c", "host": "evil",
        "accept-encoding": "gzip", "expect": "100-continue", "x-option": "kept", "proxy-authorization": "x",
    }  # fmt: skip
    await call(world.gate, ECHO, key=key, raw=b"x", headers=sent)
    heard = upstream.asked[0]
    assert heard.headers["x-licet-holder"] == world.rights.credentials[key.digest].holder_id
    assert heard.headers["x-licet-tier"] == "free"
    assert heard.headers["x-option"] == "kept"
    assert heard.headers["accept-encoding"] == "identity"
    assert heard.headers["host"] == upstream.url.removeprefix("http://")
    assert heard.headers["authorization"] == "Bearer sk-canary-upstream"
    gone = {"cookie", "x-forwarded-for", "connection", "x-drop", "te", "upgrade", "expect", "proxy-authorization"}
    assert not gone & set(heard.headers)
    assert key.reveal().encode() not in heard.head


async def test_of_the_answer_nothing_passes_that_acts_on_a_browser_in_our_name(
    world: World, upstream: Scripted
) -> None:
    more = (
        "set-cookie: sessionid=stolen", "access-control-allow-origin: *", "x-accel-redirect: /etc", "x-kept: yes",
        "connection: keep-alive", "content-security-policy: default-src *", "location: /x",
    )  # fmt: skip
    upstream.then = raw(whole(200, b"<script>", "text/html", *more), close=False)
    answer = await call(world.gate, ECHO, key=world.rights.give("free"), raw=b"x")
    assert answer.told["x-kept"] == "yes"
    assert answer.told["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.told["x-content-type-options"] == "nosniff"
    told = set(answer.told)
    assert not {"set-cookie", "access-control-allow-origin", "x-accel-redirect", "connection", "location"} & told


@pytest.mark.parametrize("headers", [{}, {"content-length": "9"}, {"transfer-encoding": "chunked"}])
async def test_a_body_is_sent_on_while_it_comes(world: World, upstream: Scripted, headers: Any) -> None:
    key = world.rights.give("free")
    client = Client(world.gate, ECHO, key=key, headers=headers)
    client.send_body(b"abc", more=True)
    client.start()
    while not upstream.connections:  # the other side is asked although the body is not whole
        await asyncio.sleep(0.01)
    client.send_body(b"def", more=True)
    client.send_body(b"ghi")
    await client.answer()
    assert (client.status, client.body) == (200, b"abcdefghi")
    assert upstream.asked[0].headers.get("content-length") == headers.get("content-length")


async def test_an_answer_is_handed_on_while_it_comes(world: World, upstream: Scripted) -> None:
    seen = asyncio.Event()

    async def then(asked: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunk(b"first"))
        await seen.wait()
        writer.write(chunk(b"second") + b"0\r\n\r\n")

    upstream.then = then
    client = Client(world.gate, ECHO, key=world.rights.give("free"), raw=b"x").start()
    await client.until(b"first")
    seen.set()
    await client.answer()
    assert client.body == b"firstsecond"
    assert client.whole


async def test_an_answer_that_nobody_reads_is_not_read_either(world: World, upstream: Scripted) -> None:
    written = 0

    async def then(asked: Any, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(HEAD + b"content-length: 200000000\r\n\r\n")
        for _ in range(2000):
            writer.write(b"x" * 100_000)
            written += 100_000
            await writer.drain()

    upstream.then = then
    client = Client(world.gate, ECHO, key=world.rights.give("free"), raw=b"x", reads=False).start()
    before = -1
    while written != before:  # until the sockets' own buffers are full
        before = written
        await asyncio.sleep(0.3)
    assert written < 50_000_000
    client.leaves.set()
    await client.answer()


@pytest.mark.parametrize("said", [True, False])
async def test_a_body_above_the_features_size_is_413_and_costs_nothing(
    world: World, upstream: Scripted, said: bool
) -> None:
    key = world.rights.give("free")
    if said:
        answer = await call(world.gate, ECHO, key=key, raw=b"x", headers={"content-length": "200001"})
    else:
        client = Client(world.gate, ECHO, key=key)
        for _ in range(3):
            client.send_body(b"x" * 100_000, more=True)
        answer = await client.start().answer()
    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert world.used(key) == (0, 0)
    assert all(len(asked.body) <= 200_000 for asked in upstream.asked)


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_charged_nothing(
    world: World, upstream: Scripted
) -> None:
    key = world.rights.give("free")
    client = Client(world.gate, ECHO, key=key)
    client.send_body(b"abc", more=True)
    client.leaves.set()
    await client.start().answer()
    assert world.used(key) == (0, 0)
    assert upstream.asked == []  # never a whole request


async def test_an_answer_that_comes_before_the_body_is_whole_is_handed_on(world: World, upstream: Scripted) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(whole(409, b"enough", "text/plain"))
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    upstream_, _ = world.gate.upstreams.of(upstream.url)
    upstream_.port = server.sockets[0].getsockname()[1]
    client = Client(world.gate, ECHO, key=world.rights.give("free"))
    client.send_body(b"abc", more=True)
    await client.start().answer()
    assert (client.status, client.body) == (409, b"enough")
    server.close()


@pytest.mark.parametrize(
    ("script", "status"),
    [
        (raw(b""), 502),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"), 502),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello"), 502),
        (raw(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"), 502),
        (raw(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"), 502),
        (raw(b"HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n"), 502),
        (raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 418 Teapot\r\ncontent-length: 2\r\n\r\nno"), 418),
        (raw(b"HTTP/1.1 500 Oops\r\ncontent-length: 2\r\n\r\nno"), 500),
    ],
)
async def test_an_answer_that_is_none_or_says_no_costs_nothing(
    world: World, upstream: Scripted, script: Any, status: int
) -> None:
    upstream.then = script
    key = world.rights.give("free")
    answer = await call(world.gate, ECHO, key=key, raw=b"x")
    assert answer.status == status
    assert world.used(key) == (0, 0)


async def test_an_answer_that_breaks_off_is_never_ended_and_is_counted(world: World, upstream: Scripted) -> None:
    upstream.then = raw(HEAD + b"content-length: 100\r\n\r\nhello")
    key = world.rights.give("free")
    answer = await call(world.gate, ECHO, key=key, raw=b"x")
    assert (answer.status, answer.body) == (200, b"hello")
    assert not answer.whole  # the server closes the connection: nobody takes a part for the whole
    assert world.used(key) == (1, 0)


async def test_an_answer_that_nobody_asked_for_is_given_to_nobody(world: World, upstream: Scripted) -> None:
    poison = whole(200, b"good", "text/plain") + whole(200, b"poison", "text/plain")
    upstream.then = raw(poison, close=False)
    key = world.rights.give("premium")
    answers = [await call(world.gate, ECHO, key=key, raw=b"x") for _ in range(3)]
    assert {a.body for a in answers} <= {b"good"}
    assert upstream.connections == 3  # none of them was trusted again


async def test_strangers_have_their_quota_on_such_a_feature_too(world: World) -> None:
    statuses = [(await call(world.gate, ECHO, raw=b"x")).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
