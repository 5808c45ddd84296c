"""No stranger fills the disk or holds a connection: what a request brings is bounded in size and in time, on every path."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from licet.portal import bodies
from licet.portal.bodies import LARGEST, WEBHOOK_LARGEST, Bounded

WEBHOOK = "/payments/webhook/stripe"
PIECE = b"x" * 65_536


class Reads:
    """An application that reads its whole body, as Django does, and says how much it got."""

    def __init__(self) -> None:
        self.got = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.got += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def ask(
    path: str, pieces: int, *, length: int | None = None, pause_s: float = 0.0
) -> tuple[int, bytes, int, int]:
    """Status, body, how many pieces were taken off the wire, how many bytes the application saw."""
    sent: list[Any] = []
    taken = 0
    app = Reads()

    async def receive() -> dict[str, Any]:
        nonlocal taken
        await asyncio.sleep(pause_s)
        taken += 1
        return {"type": "http.request", "body": PIECE, "more_body": taken < pieces}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-length", str(length).encode())] if length is not None else []
    await Bounded(app)({"type": "http", "path": path, "headers": headers}, receive, send)
    return sent[0]["status"], sent[1]["body"], taken, app.got


@pytest.mark.parametrize(
    ("path", "most"), [("/accounts/login/", LARGEST), ("/v1/cap", LARGEST), ("/nowhere", LARGEST), (WEBHOOK, WEBHOOK_LARGEST)]
)  # fmt: skip
async def test_a_body_of_any_size_is_refused_also_where_it_hides_its_length(path: str, most: int) -> None:
    assert (await ask(path, most // len(PIECE)))[0] == 200
    assert (await ask(path, 1, length=most + 1))[::2] == (413, 0)
    assert (await ask(path, 1, length=int("9" * 40)))[::2] == (413, 0)
    status, _, taken, got = await ask(path, 10_000)
    assert (status, taken) == (413, most // len(PIECE) + 1)
    assert got <= most


async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.03)
    for pause_s in (60.0, 0.01):  # it never begins; it never ends
        status, said, _, _ = await ask("/accounts/login/", 10, pause_s=pause_s)
        assert (status, said) == (408, b"The body did not arrive within 0.03 seconds.\n")


async def test_a_program_is_told_in_the_words_of_the_gate() -> None:
    status, said, _, _ = await ask("/v1/cap", 1, length=LARGEST + 1)
    told = json.loads(said)
    assert (told["status"], told["code"], told["error"]["code"]) == (status, "too_large", "too_large")


async def test_a_kind_that_nothing_has_is_refused_before_django_stumbles_over_it() -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"multipart/form-data; boundary=" + b"x" * 10_000)]
    await Bounded(Reads())({"type": "http", "path": "/", "headers": headers}, receive, send)
    assert sent[0]["status"] == 415


async def test_who_waits_for_the_client_to_leave_waits_as_long_as_he_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.02)
    left = asyncio.Event()
    messages = [{"type": "http.request", "body": b"{}", "more_body": False}]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        asyncio.get_running_loop().call_later(0.06, left.set)
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.start", "status": 200, "headers": []})

    await Bounded(slow)({"type": "http", "path": "/", "headers": []}, receive, send)
    assert [m["status"] for m in sent] == [200]
