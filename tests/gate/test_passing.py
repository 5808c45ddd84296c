"""What a gate passes on to a portal of its own process: all that came, no more and no less."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from licet.gate.passing import PEER, SOCKET, Passing

Heard = list[bytes]


class Portal:
    """Answers with what it is told to, and keeps what it heard."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
        self.after = b""  # what comes later
        self.connections = 0
        self.dies = False  # hears, and closes without a word
        self.open: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lower, body = head.lower(), b""
                if b"transfer-encoding: chunked" in lower:
                    while size := int(await reader.readline(), 16):
                        body += await reader.readexactly(size)
                        await reader.readline()
                    await reader.readline()
                elif b"content-length: " in lower:
                    body = await reader.readexactly(int(lower.split(b"content-length: ")[1].split(b"\r\n")[0]))
                self.heard.append(head + body)
                if self.dies:
                    break
                writer.write(self.answer)
                await writer.drain()
                if self.after:
                    await asyncio.sleep(0.01)
                    writer.write(self.after)
                if b"connection: close" in self.answer:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            self.open.discard(writer)
            writer.close()


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[tuple[Portal, Passing]]:
    made, path = Portal(), tmp_path / SOCKET
    here = Path.cwd()
    os.chdir(tmp_path)  # the test's folder may have too long a name for a socket
    server = await asyncio.start_unix_server(made.serve, SOCKET)
    os.chdir(here)
    passing = Passing(path)
    yield made, passing
    passing.tidy(every=True)
    server.close()
    for writer in made.open:
        writer.close()
    await asyncio.sleep(0)


async def ask(
    passing: Passing, method: str = "GET", path: bytes = b"/", query: bytes = b"", *parts: bytes, peer: str = "192.0.2.7",
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:  # fmt: skip
    bodies = list(parts) or [b""]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": bodies.pop(0), "more_body": bool(bodies)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": path.decode(), "raw_path": path, "query_string": query,
        "headers": [(b"host", b"models.example.org"), *headers], "client": (peer, 1),
    }  # fmt: skip
    await passing(scope, receive, send)
    return sent[0]["status"], sent[0]["headers"], b"".join(m["body"] for m in sent[1:])


async def test_a_request_comes_to_the_portal_as_it_came(portal: tuple[Portal, Passing]) -> None:
    made, passing = portal
    headers = ((b"cookie", b"a=1"), (b"accept-encoding", b"gzip"), (b"connection", b"x-mine"), (b"x-mine", b"1"))
    told = await ask(passing, "GET", b"/licenses/a%20b/", b"x=1&y=%2F", headers=headers)
    assert (told[0], told[2]) == (200, b"ok")
    lines = made.heard[0].split(b"\r\n")
    assert lines[0] == b"GET /licenses/a%20b/?x=1&y=%2F HTTP/1.1"
    assert lines[1:6] == [
        b"host: models.example.org", b"cookie: a=1", b"accept-encoding: gzip", PEER + b": 192.0.2.7",
        b"content-length: 0",
    ]  # fmt: skip


async def test_nobody_says_from_which_address_he_calls(portal: tuple[Portal, Passing]) -> None:
    made, passing = portal
    await ask(passing, headers=((PEER, b"127.0.0.1"), (b"x-forwarded-for", b"10.0.0.1")))
    assert made.heard[0].count(PEER) == 1
    assert PEER + b": 192.0.2.7\r\n" in made.heard[0]
    assert b"x-forwarded-for: 10.0.0.1\r\n" in made.heard[0]  # that one is believed of trusted proxies alone


@pytest.mark.parametrize(
    ("headers", "framing"),
    [
        (((b"content-length", b"6"),), b"content-length: 6\r\n\r\nabcdef"),
        (((b"transfer-encoding", b"chunked"),), b"transfer-encoding: chunked\r\n\r\nabcdef"),
        (((b"transfer-encoding", b"chunked"), (b"content-length", b"2")), b"transfer-encoding: chunked\r\n\r\nabcdef"),
    ],
)
async def test_a_body_is_framed_anew_and_cannot_be_two_requests(
    portal: tuple[Portal, Passing], headers: tuple[tuple[bytes, bytes], ...], framing: bytes
) -> None:
    made, passing = portal
    assert (await ask(passing, "POST", b"/accounts/login/", b"", b"abc", b"", b"def", headers=headers))[2] == b"ok"
    assert made.heard[0].endswith(framing)
    assert made.heard[0].lower().count(b"content-length") + made.heard[0].count(b"transfer-encoding") == 1


async def test_an_answer_comes_back_as_it_is_but_for_what_one_connection_said(portal: tuple[Portal, Passing]) -> None:
    made, passing = portal
    made.answer = (
        b"HTTP/1.1 302 Found\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ndate: now\r\nserver: x\r\nkeep-alive: timeout=5\r\n"
        b"location: /my/\r\ncontent-length: 3\r\n\r\nyes"
    )
    status, headers, body = await ask(passing)
    assert (status, body) == (302, b"yes")
    assert headers == [
        (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"location", b"/my/"), (b"content-length", b"3")
    ]  # fmt: skip


async def test_a_head_has_the_length_and_no_body(portal: tuple[Portal, Passing]) -> None:
    _, passing = portal
    status, headers, body = await ask(passing, "HEAD")
    assert (status, body, dict(headers)[b"content-length"]) == (200, b"", b"2")
    assert (await ask(passing))[2] == b"ok"


async def test_a_connection_is_used_again_for_what_may_be_asked_twice(portal: tuple[Portal, Passing]) -> None:
    made, passing = portal
    for _ in range(3):
        await ask(passing)
    assert made.connections == 1
    await ask(passing, "POST", b"/", b"", b"abc", headers=((b"content-length", b"3"),))
    assert made.connections == 2  # a form that was sent is never sent a second time behind its sender's back


@pytest.mark.parametrize("form", [b"abc", b""])
async def test_a_form_whose_answer_never_came_is_not_sent_again(portal: tuple[Portal, Passing], form: bytes) -> None:
    made, passing = portal
    await ask(passing)  # a connection lies ready
    made.dies = True
    status, _, body = await ask(passing, "POST", b"/", b"", form, headers=((b"content-length", b"%d" % len(form)),))
    assert (status, b"pages are not there" in body) == (503, True)
    assert len([h for h in made.heard if h.startswith(b"POST")]) == 1


async def test_a_page_on_a_connection_that_had_died_is_asked_for_once_more(portal: tuple[Portal, Passing]) -> None:
    made, passing = portal
    await ask(passing)
    made.dies = True
    asked = asyncio.create_task(ask(passing))
    while len(made.heard) < 2:
        await asyncio.sleep(0)
    made.dies = False
    assert (await asked)[2] == b"ok"
    assert len(made.heard) == 3


async def test_an_answer_that_breaks_off_is_not_taken_for_whole(portal: tuple[Portal, Passing]) -> None:
    made, passing = portal
    made.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\nhalf"
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "raw_path": b"/", "query_string": b"", "headers": [], "client": None}
    await passing(scope, receive, send)
    assert sent[-1].get("more_body") is True


async def test_without_a_portal_the_answer_says_so(tmp_path: Path) -> None:
    status, headers, body = await ask(Passing(tmp_path / SOCKET))
    assert (status, dict(headers)[b"retry-after"]) == (503, b"5")
    assert b"licet serve --portal" in body


async def test_a_client_that_leaves_in_the_middle_of_its_form_ends_it(portal: tuple[Portal, Passing]) -> None:
    made, passing = portal
    messages = [{"type": "http.request", "body": b"ab", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        raise AssertionError("nobody is there")

    scope = {
        "type": "http", "method": "POST", "raw_path": b"/", "query_string": b"", "client": None,
        "headers": [(b"content-length", b"5")],
    }  # fmt: skip
    await passing(scope, receive, send)
    assert not [h for h in made.heard if h.startswith(b"POST")]
