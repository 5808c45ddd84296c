"""How do static files reach a browser? Before Django, from whitenoise's index of them, without a collecting step.

A link to a file carries a stamp of its content (`licet.css?v=…`), so that a browser may keep it for a year.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

if TYPE_CHECKING:
    from whitenoise.base import WhiteNoise

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PIECE = 1 << 18


@cache
def stamp(name: str) -> str:
    """Ten digits of the file's SHA-256; "" for a file that is not there."""
    found = finders.find(name)
    return sha256(Path(found).read_bytes()).hexdigest()[:10] if isinstance(found, str) else ""


class Stamped(StaticFilesStorage):
    """`{% static 'licet/licet.css' %}` -> `/static/licet/licet.css?v=3f2a9c0b1d`."""

    def url(self, name: str | None) -> str:
        plain = super().url(name)
        mark = stamp(name or "")
        return f"{plain}?v={mark}" if mark else plain


class Static:
    """An ASGI application that answers `/static/…` and hands everything else on."""

    def __init__(self, inner: Callable[[Any, Any, Any], Awaitable[None]]) -> None:
        self.inner = inner
        self._index: WhiteNoise | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/static/"):
            await self.inner(scope, receive, send)
            return
        self._index = self._index or _indexed()
        file = self._index.files.get(scope["path"])
        if file is None or scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 404 if file is None else 405, [(b"content-type", b"text/plain; charset=utf-8")])
            return
        headers = {
            f"HTTP_{k.decode('latin-1').upper().replace('-', '_')}": v.decode("latin-1") for k, v in scope["headers"]
        }
        found = file.get_response(scope["method"], headers)
        named = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in found.headers]
        if "v" in parse_qs(scope["query_string"].decode("latin-1")):
            named = [(k, v) for k, v in named if k != b"cache-control"]
            named.append((b"cache-control", b"public, max-age=31536000, immutable"))
        named.append((b"x-content-type-options", b"nosniff"))
        await _answer(send, int(found.status), named, found.file)


async def _answer(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], file: Any = None) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    if file is not None:
        try:
            while piece := file.read(_PIECE):  # small local files: a thread would cost more than the read
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            file.close()
    await send({"type": "http.response.body", "body": b""})


def _indexed() -> WhiteNoise:
    from whitenoise.base import WhiteNoise

    index = WhiteNoise(None, max_age=3600)
    for finder in finders.get_finders():
        for name, storage in finder.list(None):
            path = storage.path(name)
            url = f"/static/{name}"
            if url not in index.files:
                index.add_file_to_dictionary(url, path)
    return index
