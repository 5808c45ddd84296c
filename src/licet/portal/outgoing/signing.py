"""How does a receiver know that it was us? Standard Webhooks, `v1`: an HMAC over id, moment and body.

    webhook-id: msg_…   webhook-timestamp: 1795000000   webhook-signature: v1,<base64> v1,<base64>

A secret is derived, never stored: HMAC-SHA256 of the endpoint's id and a number, under a key that lies in the data folder.
While a rotation overlaps there are two signatures, and a receiver that knows either secret accepts.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from hashlib import sha256

from licet.access.key import Secret

PREFIX = "whsec_"


def secret(master: bytes, endpoint: str, n: int) -> Secret:
    """The n-th signing secret of an endpoint, as receivers write it down: `whsec_` and base64."""
    derived = hmac.new(master, f"webhook {endpoint} {n}".encode(), sha256).digest()
    return Secret(PREFIX + base64.b64encode(derived).decode())


def headers(message: str, at_s: int, body: bytes, secrets: Iterable[Secret]) -> dict[str, str]:
    """What goes with a body: its id, the moment of this attempt, one signature a secret."""
    signed = b".".join((message.encode(), str(at_s).encode(), body))
    signatures = []
    for one in secrets:
        key = base64.b64decode(one.reveal().removeprefix(PREFIX))
        signatures.append("v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode())
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
        "user-agent": "licet",
    }
