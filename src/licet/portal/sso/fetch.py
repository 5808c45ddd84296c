"""May this server ask that address, and what does it answer? The one way out to addresses that members write down.

An organization names its sign-in server, so it names where we connect to. It must not be this machine or the network
behind it: only https, only addresses of the public internet (and of `LICET_SSO_NETWORKS`), the address that was checked
is the one connected to (a name that resolves otherwise a moment later leads nowhere), no redirects, little, and soon.
"""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import SplitResult, urlencode

from licet.errors import LicetError
from licet.portal import outward
from licet.portal.config import current

TIMEOUT_S, WHOLE_S, MOST_BYTES = 5, 10.0, 256 * 1024
_MEND = "name a server that the internet reaches by https; the operator allows others with LICET_SSO_NETWORKS"


class Unreachable(LicetError):
    """It may not be asked, or did not answer as such a server does."""


def spelt(url: str) -> SplitResult:
    """The parts of an address that could be asked at all. Nothing is resolved yet. Unreachable says what is wrong."""
    try:
        return outward.spelt(url, 2_000, _near, _MEND)
    except LicetError as wrong:
        raise Unreachable(wrong.what, mend=wrong.mend) from None


def get(url: str, bearer: str = "") -> dict[str, Any]:
    """The JSON object at an address."""
    return _asked("GET", url, None, {"Authorization": f"Bearer {bearer}"} if bearer else {})


def post(url: str, form: dict[str, str], basic: str = "") -> dict[str, Any]:
    """The JSON object that a form is answered with. `basic` is the whole value of an Authorization header."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", **({"Authorization": basic} if basic else {})}
    return _asked("POST", url, urlencode(form).encode(), headers)


def _asked(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
    parts = spelt(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    connection = outward.connection(parts.scheme, host, port, _resolved(host, port), TIMEOUT_S)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with outward.cut_after(connection, WHOLE_S):
            connection.request(method, path, body, {"Accept": "application/json", "User-Agent": "licet", **headers})
            with connection.getresponse() as answer:
                raw = answer.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise OSError("too much")
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a token that no header can hold
        raise Unreachable(f"`{host}` did not answer ({type(error).__name__})", mend="try again later") from None
    finally:
        connection.close()
    if answer.status != 200:
        raise Unreachable(f"`{host}` answered with {answer.status}", mend="see what that server says of it")
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreachable(f"`{host}` did not answer with JSON") from None
    if not isinstance(told, dict):
        raise Unreachable(f"`{host}` did not answer with a JSON object")
    return told


def _resolved(host: str, port: int) -> str:
    """The address to connect to. All that the name stands for must be allowed: who mixes them is up to something."""
    try:
        found = outward.resolved(host, port, current().sso_networks)
    except OSError:
        raise Unreachable(f"nothing is known by the name `{host}`", mend="look at how it is spelt") from None
    if found is None:
        raise Unreachable(f"`{host}` is not on the public internet", mend=_MEND)
    return found


def _near(ip: outward.Ip) -> bool:
    """This machine, and the operator allowed it: there http does."""
    return ip.is_loopback and any(ip in network for network in current().sso_networks)
