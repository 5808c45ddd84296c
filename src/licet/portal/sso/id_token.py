"""Is this ID token the server's word, meant for us, and about this very sign-in? Checked whole, whoever handed it over.

Only signatures that the server alone can make count: a secret that both sides know (HS256) or none at all is refused,
whatever the token says of itself.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import jwt

from licet.errors import LicetError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY_S, OLDEST_S = 60, 15 * 60

Keys = Callable[[str | None], list[dict[str, Any]]]


class NotBelieved(LicetError):
    """A sign-in that does not count. `why` is one word, for the record; the message is for whoever signs in."""

    def __init__(self, why: str, message: str, mend: str = "begin the sign-in anew") -> None:
        super().__init__(message, mend=mend)
        self.why = why


def read(token: object, keys: Keys, *, issuer: str, client_id: str, nonce: str, now_s: int) -> dict[str, Any]:
    """The claims. NotBelieved for whatever is not as it should be."""
    if not isinstance(token, str):
        raise NotBelieved("missing", "the sign-in server sent no ID token")
    told = _signed(token, keys)
    audience = told.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    if told.get("iss") != issuer:
        raise NotBelieved("issuer", "the ID token is from another server")
    if client_id not in audiences:
        raise NotBelieved("audience", "the ID token is for another program")
    if told.get("azp", client_id if len(audiences) == 1 else None) != client_id:
        raise NotBelieved("audience", "the ID token was given to another program")
    if not hmac.compare_digest(str(told.get("nonce", "")).encode(), nonce.encode()):
        raise NotBelieved("nonce", "the ID token is of another sign-in")
    _in_time(told, now_s)
    subject = told.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise NotBelieved("subject", "the ID token says of nobody who it is")
    return told


def _signed(token: str, keys: Keys) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise NotBelieved("form", "the ID token cannot be read") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS or not isinstance(kid, str | None):
        raise NotBelieved("algorithm", "the ID token is not signed as it must be")
    unchecked = ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")  # by PyJWT: done here, below, by our own clock
    checks: Any = dict.fromkeys([f"verify_{name}" for name in unchecked], False)
    for one in keys(kid):
        try:
            key = jwt.PyJWK(one, algorithm).key
            told: dict[str, Any] = jwt.decode(token, key, algorithms=[algorithm], options=checks)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue  # a key of another kind, or another's
        return told
    raise NotBelieved("signature", "the ID token is not signed by its server")


def _in_time(told: dict[str, Any], now_s: int) -> None:
    expires, made, begins = (_moment(told.get(name)) for name in ("exp", "iat", "nbf"))
    if expires <= now_s - LEEWAY_S or made < now_s - OLDEST_S:
        raise NotBelieved("expired", "the ID token has expired")
    if max(made, begins) > now_s + LEEWAY_S:
        raise NotBelieved("expired", "the ID token is from a time to come", mend="compare both servers' clocks")


def _moment(value: object) -> float:
    """What says no moment was never, and has long expired."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0
