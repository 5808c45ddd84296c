"""Does a receiver take what it is sent? One POST, to an address that may be asked, answered soon: any 2xx is yes."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult

from licet.errors import LicetError
from licet.portal import outward
from licet.portal.config import current

TIMEOUT_S, WHOLE_S = 10.0, 20.0  # of one silence, and of all of it
_MEND = "name a server that the internet reaches by https; the operator allows others with LICET_WEBHOOK_NETWORKS"


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: there was none, and `error` says why. `retry_s` is how long the receiver asks to be left alone."""

    status: int
    error: str = ""
    took_ms: int = 0
    retry_s: int = 0

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


def spelt(url: str) -> SplitResult:
    """The parts of an address that could be sent to. Nothing is resolved yet. LicetError says what is wrong."""
    return outward.spelt(url, 500, _near, _MEND)


def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Send it once. Never raises for what the other side does."""
    began = time.monotonic()

    def answer(status: int, error: str = "", retry_s: int = 0) -> Answer:
        return Answer(status, error[:200], int((time.monotonic() - began) * 1000), retry_s)

    try:
        parts = spelt(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        address = outward.resolved(host, port, current().webhook_networks)
    except LicetError as wrong:
        return answer(0, wrong.what)
    except OSError:
        return answer(0, f"nothing is known by the name `{parts.hostname}`")
    if address is None:
        return answer(0, f"`{host}` is not on the public internet")
    connection = outward.connection(parts.scheme, host, port, address, TIMEOUT_S)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with outward.cut_after(connection, WHOLE_S):
            connection.request("POST", path, body, dict(headers))
            with connection.getresponse() as told:
                told.read1(1)  # the answer's body is nobody's business
                wait_s = _wait_s(told.getheader("retry-after", "") or "")
                words = "" if 200 <= told.status < 300 else f"answered with {told.status}"
                return answer(told.status, words, wait_s)
    except (OSError, http.client.HTTPException) as error:
        return answer(0, f"did not answer ({type(error).__name__})")
    finally:
        connection.close()


def _wait_s(text: str) -> int:
    """Seconds of a `Retry-After`; 0 for none that can be read."""
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        return max(0, int(parsedate_to_datetime(text).timestamp() - time.time()))
    except (ValueError, TypeError):
        return 0


def _near(ip: outward.Ip) -> bool:
    """In a network that the operator named: there http does."""
    return not ip.is_global and any(ip in network for network in current().webhook_networks)
