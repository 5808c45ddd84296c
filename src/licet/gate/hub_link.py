"""Which link did this server sign, and does it still hold? For the bytes of one file, from anywhere, for five minutes.

A link says which content of which path, until when, and for which call it was made; all of it is signed, with a key that
signs nothing else. Whoever has it may fetch those bytes and nothing more, so no key of a caller's travels to the other
address.
"""

from __future__ import annotations

import hmac
import re
from typing import NamedTuple
from urllib.parse import quote

CDN = "/cdn/"
LASTS_S = 300
_PATH = re.compile(r"/cdn/([^/]+/[^/]+)/([0-9a-f]{64})/(.+)")
_QUERY = re.compile(rb"until=(\d{1,12})&call=([\w.]{1,80})&sign=([0-9a-f]{64})")


class Link(NamedTuple):
    """What a link is for."""

    repository: str
    sha256: str
    path: str
    until_s: int
    call_id: str


class Links:
    """Signs and reads links. `url_key` is the server's secret; a key of its own is made from it."""

    def __init__(self, url_key: bytes) -> None:
        self._key = hmac.digest(url_key, b"licet: links to files", "sha256")

    def made(self, link: Link) -> str:
        """Path and query of a link."""
        path = f"{CDN}{link.repository}/{link.sha256}/{quote(link.path)}"
        return f"{path}?until={link.until_s}&call={link.call_id}&sign={self._sign(link)}"

    def read(self, path: str, query: bytes, now_s: int) -> Link | None:
        """What a link is for; None where it was not signed here, or holds no longer."""
        found, told = _PATH.fullmatch(path), _QUERY.fullmatch(query)
        if found is None or told is None:
            return None
        repository, sha256, at = found.groups()
        until, call_id, sign = told.groups()
        link = Link(repository, sha256, at, int(until), call_id.decode())
        good = hmac.compare_digest(self._sign(link).encode(), sign)
        return link if good and now_s < link.until_s else None

    def _sign(self, link: Link) -> str:
        return hmac.digest(self._key, "\0".join(map(str, link)).encode("utf-8", "surrogateescape"), "sha256").hex()
