"""A real OpenID Connect server on loopback: discovery, keys, code flow with PKCE, signed tokens. It can be told to lie."""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

Claims = dict[str, Any]


@dataclass
class Idp:
    """`person` is who is signed in there (None: its page asks by a form). `twist` changes what a token says, `sign` how
    it is signed. `asked` lists the paths that were asked for."""

    client_id: str = "licet"
    secret: str = "a secret between servers: %/+"
    person: Claims | None = None
    people: dict[str, Claims] = field(default_factory=dict)
    issuer: str = ""
    twist: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[Idp, Claims], str] | None = None
    discovery: Callable[[Claims], Claims] = lambda told: told
    slim: bool = False  # tokens without address and groups: those only at userinfo
    userinfo_sub: str | None = None
    forget_codes: bool = True
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    bearers: dict[str, Claims] = field(default_factory=dict)
    rsa: Any = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    ec: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def keys(self) -> list[Claims]:
        return [
            {
                **json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.rsa.public_key())),
                "kid": "r",
                "use": "sig",
                "alg": "RS256",
            },
            {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.ec.public_key())), "kid": "e", "use": "sig"},
        ]

    def signed(self, claims: Claims) -> str:
        if self.sign is not None:
            return self.sign(self, claims)
        return jwt.encode(claims, self.rsa, "RS256", {"kid": "r"})

    def token(self, told: dict[str, Any]) -> Claims:
        now, person = int(time.time()), told["person"]
        more = {} if self.slim else {k: v for k, v in person.items() if k != "sub"}
        claims = {"iss": self.issuer, "aud": self.client_id, "sub": person["sub"], "iat": now, "exp": now + 300,
                  "nonce": told["nonce"], **more}  # fmt: skip
        bearer = secrets.token_urlsafe()
        self.bearers[bearer] = person
        return {"access_token": bearer, "token_type": "Bearer", "id_token": self.signed(self.twist(claims))}


class _Answers(BaseHTTPRequestHandler):
    idp: Idp

    def log_message(self, *_: Any) -> None:
        pass

    def _json(self, told: Any, status: int = 200) -> None:
        self._send(json.dumps(told).encode(), "application/json", status)

    def _send(self, raw: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def do_GET(self) -> None:
        idp, parts = self.idp, urlsplit(self.path)
        idp.asked.append(parts.path)
        asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
        match parts.path:
            case "/.well-known/openid-configuration":
                self._json(idp.discovery({
                    "issuer": idp.issuer, "authorization_endpoint": f"{idp.issuer}/authorize",
                    "token_endpoint": f"{idp.issuer}/token", "jwks_uri": f"{idp.issuer}/keys",
                    "userinfo_endpoint": f"{idp.issuer}/userinfo",
                }))  # fmt: skip
            case "/keys":
                self._json({"keys": idp.keys()})
            case "/authorize":
                person = idp.people.get(asked.pop("as", "")) or idp.person
                if person is None:
                    return self._form(asked)
                code = secrets.token_urlsafe()
                idp.codes[code] = {**asked, "person": person}
                self.send_response(302)
                self.send_header(
                    "Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
                )
                self.end_headers()
            case "/userinfo":
                person = idp.bearers.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
                if person is None:
                    return self._json({}, 401)
                self._json({**person, "sub": idp.userinfo_sub or person["sub"]})
            case _:
                self._json({}, 404)
        return None

    def _form(self, asked: dict[str, str]) -> None:
        hidden = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in asked.items())
        people = "".join(f'<button name="as" value="{escape(who)}">{escape(who)}</button>' for who in self.idp.people)
        self._send(f"<!DOCTYPE html><title>idp</title><form>{hidden}{people}</form>".encode(), "text/html")

    def do_POST(self) -> None:
        idp = self.idp
        idp.asked.append(self.path)
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        basic = b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        name, _, secret = (unquote(one) for one in basic.partition(":"))
        told = idp.codes.pop(form.get("code", ""), None) if idp.forget_codes else idp.codes.get(form.get("code", ""))
        given = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if (name, secret) != (idp.client_id, idp.secret):
            return self._json({"error": "invalid_client"}, 401)
        if told is None or told["code_challenge"] != given or told["redirect_uri"] != form["redirect_uri"]:
            return self._json({"error": "invalid_grant"}, 400)
        return self._json(idp.token(told))


@contextmanager
def serving() -> Iterator[Idp]:
    """The server, on a free port of loopback."""
    idp = Idp()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"idp": idp}))
    idp.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield idp
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
