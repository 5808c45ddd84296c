"""Is what a request brings too large, or too slow? Asked before Django reads it: Django writes a body of any size to disk.

Every path of the portal is bounded, also for strangers, and also where a body hides its length.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

LARGEST = (1 << 20) + (1 << 16)  # a certificate of `canonical.MOST_BYTES` in a form; all else is far smaller
WEBHOOK_PATH = "/payments/webhook/"
WEBHOOK_LARGEST = 512 * 1024  # Stripe's largest events are a fraction of it
PATIENCE_S = 30  # for a body to arrive
_KIND, _KIND_WORDS = 1_000, "There is no `Content-Type` as long as this one."
_PROGRAMS = ("/v1/", "/api/", "/oauth/")  # they are answered as the gate answers

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Message, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _No:
    """Why a body is not read on."""

    status: int
    code: str
    title: str
    detail: str


class Bounded:
    """The portal, with a body that is too large answered 413 as soon as that is known, and one that does not come 408."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most_bytes = WEBHOOK_LARGEST if scope["path"].startswith(WEBHOOK_PATH) else LARGEST
        headers = dict(scope["headers"])
        if len(headers.get(b"content-type", b"")) > _KIND:  # Django raises where nobody catches it
            await _say(scope["path"], send, _No(415, "unsupported_media_type", "Unknown kind of body", _KIND_WORDS))
            return
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:20]) > most_bytes:
            await _say(scope["path"], send, _too_large(most_bytes))
            return
        until = asyncio.get_running_loop().time() + PATIENCE_S
        read, whole, started = 0, False, False
        no: _No | None = None

        async def bounded() -> Message:
            nonlocal read, whole, no
            if whole:  # what is waited for now is that the client leaves
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                no = _too_slow()
                return {"type": "http.disconnect"}  # to whoever reads, the client has left; what was kept is dropped
            read += len(message.get("body", b""))
            if read > most_bytes:
                no = _too_large(most_bytes)
                return {"type": "http.disconnect"}
            whole = not message.get("more_body", False)
            return message

        async def say(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        await self.app(scope, bounded, say)
        if no is not None and not started:
            await _say(scope["path"], send, no)


def _too_large(most_bytes: int) -> _No:
    words = f"The body is larger than the {most_bytes:,} bytes that are taken here."
    return _No(413, "too_large", "Body too large", words)


def _too_slow() -> _No:
    return _No(408, "request_timeout", "Body too slow", f"The body did not arrive within {PATIENCE_S} seconds.")


async def _say(path: str, send: Send, no: _No) -> None:
    """The answer; what of the body is still under way is not waited for."""
    kind, body = b"text/plain; charset=utf-8", f"{no.detail}\n".encode()
    if path.startswith(_PROGRAMS):
        error = {"type": "invalid_request_error", "code": no.code, "message": no.detail}
        told = {"type": f"urn:licet:problem:{no.code}", "title": no.title, "status": no.status, "detail": no.detail}
        kind, body = b"application/problem+json", json.dumps({**told, "code": no.code, "error": error}).encode()
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"connection", b"close"),
               (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]  # fmt: skip
    await send({"type": "http.response.start", "status": no.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
