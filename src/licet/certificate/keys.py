"""Whose signature is it? Public Ed25519 keys by their id (RFC 8037), as a server gives them in its JWKS (RFC 7517)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from licet.certificate.canonical import b64u, canonical, strict, unb64u
from licet.errors import LicetError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

WHERE = "/.well-known/jwks.json"


@dataclass(frozen=True, slots=True)
class Key:
    """A private key that signs. Never printed: `repr` shows its id alone."""

    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, seed: bytes) -> Key:
        """The key of 32 secret bytes."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def kid(self) -> str:
        return kid_of(self.public)

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a private key is not copied")


def kid_of(public: bytes) -> str:
    """The id of a key is the SHA-256 thumbprint of its JWK (RFC 7638): nobody can give two keys one id."""
    return b64u(sha256(canonical({"crv": "Ed25519", "kty": "OKP", "x": b64u(public)})).digest())


def jwk(public: bytes) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid_of(public), "x": b64u(public)}


@dataclass(frozen=True, slots=True)
class Keys:
    """Public keys, by their ids. A key that is not among them has signed nothing that we believe."""

    by_kid: Mapping[str, bytes]

    @classmethod
    def of(cls, *public: bytes) -> Keys:
        return cls({kid_of(one): one for one in public})

    def signed(self, kid: str, signature: bytes, message: bytes) -> bool:
        """Did the key of that id sign it? Unknown is no."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        public = self.by_kid.get(kid)
        if public is None:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def __contains__(self, kid: object) -> bool:
        return kid in self.by_kid


def read_keys(body: bytes, *, where: str = "") -> Keys:
    """The keys of a JWKS, of one JWK, or of a public key in PEM. LicetError where there is none to verify with."""
    found = Keys.of(*(_pem(body) if body.lstrip().startswith(b"-----") else _jwks(body, where)))
    if not found.by_kid:
        raise LicetError("no Ed25519 key in it", where=where, mend=f"take the server's {WHERE}")
    return found


def _jwks(body: bytes, where: str) -> Iterator[bytes]:
    try:
        told = strict(body)
    except ValueError as wrong:
        raise LicetError(f"not a set of keys ({wrong})", where=where, mend=f"take the server's {WHERE}") from None
    rows = told.get("keys") if isinstance(told, dict) and "keys" in told else [told]
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or (row.get("kty"), row.get("crv")) != ("OKP", "Ed25519"):
            continue  # a key of another kind signs something else
        if "d" in row:
            raise LicetError("this file holds a private key", where=where, mend="give away its public half only")
        try:
            public = unb64u(row["x"])
        except (KeyError, ValueError, TypeError, AttributeError):
            continue
        if len(public) == 32 and row.get("kid", kid_of(public)) == kid_of(public):
            yield public


def _pem(body: bytes) -> Iterator[bytes]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(body)
    except Exception:  # whatever cannot be read is no key: the errors of a parser are many
        return
    if isinstance(key, Ed25519PublicKey):
        yield key.public_bytes_raw()
