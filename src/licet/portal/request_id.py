"""Which request was it? An id in every answer of the portal, in its problems and in the lines it logs.

The gate's ids are `call_…` and have a verdict that `licet why` tells; a page has none, so its id says `page_…`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any

from licet.portal import clock

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_id: ContextVar[str] = ContextVar("licet_page_id", default="")


def current() -> str:
    """The id of the request that is being answered; "" outside of one, as in a command."""
    return _id.get()


class Numbered:
    """The outermost layer: gives the id, and says it in `X-Request-Id`."""

    def __init__(self, inner: Callable[[Any, Any, Any], Awaitable[None]]) -> None:
        self.inner = inner

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        name = clock.new_id("page")
        before = _id.set(name)

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"x-request-id", name.encode())]}
            await send(message)

        try:
            await self.inner(scope, receive, say)
        finally:
            _id.reset(before)


class InEveryLine(logging.Filter):
    """Puts the id before what is logged while a request is answered; once, however many handlers there are."""

    def filter(self, record: logging.LogRecord) -> bool:
        name = current()
        if name and not hasattr(record, "page_id"):
            record.page_id = name
            record.msg = f"{name} {record.msg}"
        return True
