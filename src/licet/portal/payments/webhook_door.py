"""Is a webhook too large? Asked before Django reads it: a body of any size would be written to disk first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

LARGEST = 512 * 1024  # Stripe's largest events are a fraction of it
PATH = "/payments/webhook/"

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Message, Receive, Send], Awaitable[None]]


class Bounded:
    """The portal, with webhooks that are too large answered 413 at once; one that hides its length is cut off there."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"")
        if length.isdigit() and int(length) > LARGEST:
            await send({"type": "http.response.start", "status": 413, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": f"Larger than {LARGEST} bytes".encode()})
            return
        read = 0

        async def bounded() -> Message:
            nonlocal read
            if read > LARGEST:
                await asyncio.Event().wait()  # Django waits for the wire's end meanwhile; that ends with the answer
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > LARGEST:  # more than any event: what comes after is not read, and the view says no
                    message["more_body"] = False
            return message

        await self.app(scope, bounded, send)
