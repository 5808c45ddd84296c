"""Is this statement what its issuer signed? Sealing and opening: a JSON file with a statement and a JWS beside it.

    {"certificate": {…}, "signature": "<header>..<signature>"}

The signature is a JWS with detached content (RFC 7515, appendix F) by EdDSA over Ed25519 (RFC 8037): the content is the
statement in its canonical form (RFC 8785). Its header has three members and no others: the algorithm, which is never
read from the file but compared; the id of the key, which must be among those that the reader trusts; and the kind of
statement, so that a receipt is never taken for a certificate.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from licet.certificate.canonical import b64u, canonical, strict, unb64u
from licet.certificate.keys import Key, Keys

Kind = Literal["certificate", "receipt", "revocations"]
Why = Literal["unreadable", "wrong_kind", "wrong_algorithm", "unknown_key", "bad_signature"]
ALGORITHM = "EdDSA"


@dataclass(frozen=True, slots=True)
class Opened:
    """A statement that its signature holds for."""

    statement: dict[str, Any]
    kid: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Not what was signed, or not by somebody we believe: why, in a code and in words."""

    code: Why
    detail: str


def signature(kind: Kind, statement: dict[str, Any], key: Key) -> str:
    """The detached JWS of a statement."""
    header = b64u(canonical({"alg": ALGORITHM, "kid": key.kid, "typ": _typ(kind)}))
    return f"{header}..{b64u(key.sign(_message(header, statement)))}"


def sealed(kind: Kind, statement: dict[str, Any], jws: str) -> bytes:
    """The file: the statement to be read by people, and its signature."""
    return (json.dumps({kind: statement, "signature": jws}, indent=2, ensure_ascii=False) + "\n").encode()


def opened(kind: Kind, body: bytes, keys: Keys) -> Opened | Broken:
    """The statement in a file, if one of these keys signed it as a statement of this kind."""
    try:
        told = strict(body)
    except ValueError as wrong:
        return Broken("unreadable", f"It is not readable as JSON ({wrong}).")
    if not isinstance(told, dict) or told.keys() != {kind, "signature"}:
        return Broken("wrong_kind", f"It is no file with a `{kind}` and its `signature`.")
    statement, jws = told[kind], told["signature"]
    if not isinstance(statement, dict) or not isinstance(jws, str):
        return Broken("unreadable", "It lacks a statement or a signature.")
    return _opened(kind, statement, jws, keys)


def _opened(kind: Kind, statement: dict[str, Any], jws: str, keys: Keys) -> Opened | Broken:
    try:
        text, content, by = jws.split(".")
        header, made = strict(unb64u(text)), unb64u(by)
    except ValueError:
        return Broken("unreadable", "Its signature is not readable as a JWS.")
    if content:
        return Broken("unreadable", "Its signature carries content of its own.")
    if not isinstance(header, dict) or header.keys() != {"alg", "kid", "typ"} or canonical(header) != unb64u(text):
        return Broken("unreadable", "The header of its signature has other members than `alg`, `kid` and `typ`.")
    if header["alg"] != ALGORITHM:
        return Broken("wrong_algorithm", f"It is not signed by {ALGORITHM}.")
    if header["typ"] != _typ(kind):
        return Broken("wrong_kind", f"It is not signed as a {kind}.")
    kid = header["kid"]
    if not isinstance(kid, str) or kid not in keys:
        return Broken("unknown_key", "It is signed by a key that is not among those given.")
    if not keys.signed(kid, made, _message(text, statement)):
        return Broken("bad_signature", "It is not what was signed: something in it was changed.")
    return Opened(statement, kid)


def _message(header: str, statement: dict[str, Any]) -> bytes:
    return f"{header}.{b64u(canonical(statement))}".encode("ascii")


def _typ(kind: Kind) -> str:
    return f"licet-{kind}+jws"
