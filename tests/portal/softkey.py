"""A software authenticator for tests: ES256, no attestation, verifies its user. It speaks WebAuthn's JSON."""

from __future__ import annotations

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from struct import pack
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class SoftKey:
    def __init__(self, origin: str) -> None:
        self._origin, self._count = origin, 0
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = os.urandom(32)

    def create(self, options: dict[str, Any]) -> str:
        """The credential for a `navigator.credentials.create` with these options, as the form sends it."""
        told = options["publicKey"]
        self._rp, self._person = told["rp"]["id"], told["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self._key.public_key())))
        data = self._head(0x45) + b"\0" * 16 + pack(">H", 32) + self._id + public
        made = {
            "clientDataJSON": text(self._client("webauthn.create", told["challenge"])),
            "attestationObject": text(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal"],
        }
        return self._credential(made, {"credProps": {"rk": True}})

    def get(self, options: dict[str, Any]) -> str:
        """The assertion for a `navigator.credentials.get`."""
        told = options["publicKey"]
        self._count += 1
        data, client = self._head(0x05), self._client("webauthn.get", told["challenge"])
        signed = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        made = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(signed),
            "userHandle": self._person,
        }
        return self._credential(made, {})

    def _head(self, flags: int) -> bytes:
        return hashlib.sha256(self._rp.encode()).digest() + bytes([flags]) + pack(">I", self._count)

    def _client(self, what: str, challenge: str) -> bytes:
        told = {"type": what, "challenge": challenge, "origin": self._origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _credential(self, response: dict[str, Any], extensions: dict[str, Any]) -> str:
        return json.dumps(
            {
                "id": text(self._id),
                "rawId": text(self._id),
                "type": "public-key",
                "authenticatorAttachment": "platform",
                "clientExtensionResults": extensions,
                "response": response,
            }
        )
