"""What does a sign-in server say of itself? Its addresses and its keys, read from where its issuer says, kept a while."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache

from licet.portal.sso import fetch
from licet.portal.sso.fetch import Unreachable

KEPT_S, AGAIN_S = 600, 60
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Server:
    """`basic`: the client's name and secret go into a header, else into the form. `userinfo` may be empty."""

    issuer: str
    authorize: str
    exchange: str  # where a code becomes what it stands for
    keys: str
    userinfo: str
    basic: bool


def spelt_issuer(text: str) -> str:
    """The issuer as its owner wrote it: it is compared letter by letter, so nothing is mended."""
    issuer = text.strip().removesuffix(WELL_KNOWN)
    parts = fetch.spelt(issuer)
    if parts.query or len(issuer) > 300:
        raise Unreachable("an issuer has no question mark and at most 300 letters")
    return issuer


def read(issuer: str, *, fresh: bool = False) -> Server:
    """Unreachable where it does not answer, or answers for another issuer."""
    key = _key("server", issuer)
    found = None if fresh else cache.get(key)
    if found is None:
        found = _server(issuer, fetch.get(issuer.rstrip("/") + WELL_KNOWN))
        cache.set(key, found, KEPT_S)
    assert isinstance(found, Server)
    return found


def keys(server: Server, kid: str | None) -> list[dict[str, Any]]:
    """Its signing keys with this id. One that is not known is looked for again, once a minute: keys are rolled."""
    key = _key("keys", server.keys)
    kept = cache.get(key)
    if kept is None or (not _with(kept, kid) and cache.add(_key("again", server.keys), 1, AGAIN_S)):
        told = fetch.get(server.keys).get("keys")
        kept = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
        cache.set(key, kept, KEPT_S)
    return _with(kept, kid)


def _with(kept: list[dict[str, Any]], kid: str | None) -> list[dict[str, Any]]:
    signing = [one for one in kept if one.get("use", "sig") == "sig"]
    return [one for one in signing if one.get("kid") == kid] if kid is not None else signing


def _server(issuer: str, told: dict[str, Any]) -> Server:
    if told.get("issuer") != issuer:
        raise Unreachable(
            f"the server calls itself `{str(told.get('issuer'))[:300]}`", mend="write the issuer exactly as it does"
        )
    addresses = {name: told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    for name, address in {**addresses, "userinfo_endpoint": told.get("userinfo_endpoint", "")}.items():
        if not isinstance(address, str) or (not address and name in addresses):
            raise Unreachable(f"the server does not say its `{name}`")
        if address:
            fetch.spelt(address)
    ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]  # the standard's default
    return Server(
        issuer, str(addresses["authorization_endpoint"]), str(addresses["token_endpoint"]), str(addresses["jwks_uri"]),
        str(told.get("userinfo_endpoint") or ""), "client_secret_post" not in ways,
    )  # fmt: skip


def _key(what: str, name: str) -> str:
    return f"sso:{what}:{sha256(name.encode()).hexdigest()}"
