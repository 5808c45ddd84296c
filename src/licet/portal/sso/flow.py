"""Off to the sign-in server and back: OpenID Connect's code flow, with PKCE, a state and a nonce of this session's own.

Each sign-in's state works once, in the session that began it, at the connection that it began with. Our own, not
allauth's: its client takes the nonce, the signature and the issuer on trust, and asks any address (ADR 9).
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest

from licet.portal import clock, sealed
from licet.portal.config import current
from licet.portal.sso import discovery, fetch, id_token
from licet.portal.sso.discovery import Server
from licet.portal.sso.id_token import NotBelieved
from licet.portal.sso.models import Connection

STATES, MOST, LASTS_S = "sign_on_states", 5, 15 * 60


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who the server says came. `next` is where he was going. What is in `claims` was signed, or told over TLS."""

    subject: str
    claims: dict[str, Any]
    next: str

    @property
    def email(self) -> str:
        told = self.claims.get("email")
        return told if isinstance(told, str) else ""

    @property
    def email_verified(self) -> bool:
        return self.claims.get("email_verified") is True

    def groups(self, claim: str) -> frozenset[str]:
        told = self.claims.get(claim)
        several = told if isinstance(told, list) else [told]
        return frozenset(one for one in several if isinstance(one, str))


def callback(connection: Connection) -> str:
    """Where the server sends people back to. One address a connection: no server can answer in another's place."""
    return f"{current().url}/accounts/sso/{connection.pk}/callback"


def begin(request: HttpRequest, connection: Connection, next_path: str) -> str:
    """The address at the sign-in server. Unreachable where it does not answer."""
    server = discovery.read(connection.issuer)
    state, nonce, verifier = (_word() for _ in range(3))
    kept = dict(list(request.session.get(STATES, {}).items())[-(MOST - 1) :])
    told = {"connection": connection.pk, "nonce": nonce, "verifier": verifier, "next": next_path}
    request.session[STATES] = {**kept, state: {**told, "at_s": clock.now_s()}}
    question = {
        "response_type": "code", "client_id": connection.client_id, "redirect_uri": callback(connection),
        "scope": "openid email profile", "state": state, "nonce": nonce, "code_challenge_method": "S256",
        "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
    }  # fmt: skip
    return f"{server.authorize}{'&' if '?' in server.authorize else '?'}{urlencode(question)}"


def finish(request: HttpRequest, connection: Connection) -> Arrival:
    """Who came back. NotBelieved or Unreachable say why nobody did."""
    kept = dict(request.session.get(STATES, {}))
    told = kept.pop(request.GET.get("state", ""), None)
    request.session[STATES] = kept
    if told is None or told["connection"] != connection.pk or told["at_s"] + LASTS_S <= clock.now_s():
        raise NotBelieved("state", "this sign-in was not begun here, is over, or took too long")
    if request.GET.get("iss", connection.issuer) != connection.issuer:
        raise NotBelieved("issuer", "another server answered")
    if "error" in request.GET or not request.GET.get("code"):
        raise NotBelieved("declined", "the sign-in server let nobody in", mend="ask whoever runs it")
    server = discovery.read(connection.issuer)
    answer = _exchanged(server, connection, request.GET["code"], told["verifier"])
    claims = id_token.read(
        answer.get("id_token"), lambda kid: discovery.keys(server, kid), issuer=connection.issuer,
        client_id=connection.client_id, nonce=told["nonce"], now_s=clock.now_s(),
    )  # fmt: skip
    return Arrival(claims["sub"], _more(server, connection, answer, claims), told["next"])


def _exchanged(server: Server, connection: Connection, code: str, verifier: str) -> dict[str, Any]:
    secret = sealed.opened(bytes(connection.secret), connection.pk).reveal()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback(connection),
            "code_verifier": verifier, "client_id": connection.client_id}  # fmt: skip
    if not server.basic:
        return fetch.post(server.exchange, {**form, "client_secret": secret})
    pair = f"{quote(connection.client_id, safe='')}:{quote(secret, safe='')}"  # RFC 6749, 2.3.1
    return fetch.post(server.exchange, form, f"Basic {b64encode(pair.encode()).decode()}")


def _more(server: Server, connection: Connection, answer: dict[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
    """Some servers keep address and groups out of the token. What the token says stands; it must be the same person."""
    bearer = answer.get("access_token")
    whole = "email" in claims and (connection.groups_claim in claims or not connection.groups.exists())
    if whole or not server.userinfo or not isinstance(bearer, str):
        return claims
    told = fetch.get(server.userinfo, bearer)
    if told.get("sub") != claims["sub"]:
        raise NotBelieved("subject", "the sign-in server speaks of two people at once")
    return {**told, **claims}


def _word() -> str:
    return urlsafe_b64encode(clock.dice(32)).rstrip(b"=").decode()
